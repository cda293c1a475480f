"""One window for the tests of a file, as long as *New session* makes it again what it was when it was new."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import repeat

import shiboken6
from PySide6.QtCore import SIGNAL, QDeadlineTimer, QModelIndex, QObject, QPoint, QTimer
from PySide6.QtGui import QAction, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QDialog,
    QHeaderView,
    QLabel,
    QLineEdit,
    QSplitter,
    QStatusBar,
    QTableView,
    QTabWidget,
    QTextEdit,
    QToolButton,
    QWidget,
)

from tests.e2e.play import is_loaded
from tests.gui.leaks import LeakCheck, Started, still_running
from tests.not_none import not_none
from tinynet_gui.core.config import Config
from tinynet_gui.core.run.session import ViewState, new_session
from tinynet_gui.core.training.engines import TUTORIAL_PACE
from tinynet_gui.engine.jobs.garbage_collection import GuiCollector, no_collection
from tinynet_gui.ui.views.experiments.experiment_plot import ExperimentPlot
from tinynet_gui.ui.views.experiments.results import ResultList
from tinynet_gui.ui.window.main_window import MainWindow
from tinynet_gui.ui.window.preferences import SettingsStore

WAIT_MS = 120_000  # generous: the machine may have other work
NO_NAME = ("", "hcontainer", "vcontainer", "viewport")
SCROLLERS = ("ScrollLeftButton", "ScrollRightButton")  # of a tab bar, which Qt lays out even while all its tabs fit
Look = tuple[QImage, Counter[object]]
RESULT = (ExperimentPlot, ResultList)
Read = list[tuple[type[QWidget], Callable[..., object]]]
SET: Read = [  # by the user, also where it is out of sight
    (QAbstractButton, QAbstractButton.isChecked),
    (QComboBox, QComboBox.currentText),
    (QTabWidget, QTabWidget.currentIndex),
    (QHeaderView, QHeaderView.sortIndicatorSection),
    (QHeaderView, QHeaderView.sortIndicatorOrder),
    (
        QHeaderView,
        lambda header: tuple(map(header.model().headerData, range(header.count()), repeat(header.orientation()))),
    ),
]
SAID: Read = [
    (QWidget, lambda widget: widget.geometry().getRect()),
    (QWidget, QWidget.toolTip),
    (QLabel, QLabel.text),
    (QAbstractButton, QAbstractButton.text),
    (QLineEdit, QLineEdit.text),
    (QAbstractSlider, QAbstractSlider.value),
    (QTextEdit, QTextEdit.toPlainText),
]
READ: dict[tuple[type, bool], list[Callable[..., object]]] = {}  # of these, by the kind of a widget


class SharedWindow:
    """Makes a window when one is wanted, and closes it when it cannot be made as new."""

    def __init__(self) -> None:
        self.window: MainWindow | None = None
        self._first_look: Look | None = None
        self._way_back: list[Callable[[], object]] = []
        self._started: list[Started] = []

    def get(self, config: Config | None = None) -> MainWindow:
        """Return a window as it is when the program has begun with the tutorial, or another setting."""
        if self.window is None:
            self.window = MainWindow(remember=False)
            self.window.show()
            self._wait_until_ready()
            self.window.idle.finish()
            self._way_back = _way_back(self.window)
            QTest.qWait(0)
            self._first_look = look(self.window)
        self.window.activateWindow()
        if config is not None:
            self.window.session.take_over(replace(new_session(config), pace=TUTORIAL_PACE))
            self._wait_until_ready()
        return self.window

    def start_over(self, check: LeakCheck, *, is_wanted: bool = True) -> None:
        """Make the window as new if somebody wants it, or close it; what it has started may run until then."""
        if self.window is None:
            return
        is_as_new = is_wanted and self.window.isVisible() and self._can_be_as_new(self.window)
        self._started += check.hand_over(self.window)
        if not is_as_new:
            if self.window.isVisible():
                self.window.set_scheme("system")  # it is the application's
            self.close()

    def close(self) -> None:
        """Close the window, with which all ends that it has started."""
        if self.window is not None:
            self.window.close()
            with no_collection():
                shiboken6.delete(self.window)
            self.window, self._first_look, self._way_back = None, None, []
            left, self._started = still_running(self._started), []
            assert not left, "left behind:\n" + "\n".join(left)

    def _wait_until_ready(self) -> None:
        patience = QDeadlineTimer(WAIT_MS)
        while not self._is_ready() and not patience.hasExpired():
            QTest.qWait(5)

    def _is_ready(self) -> bool:
        window = self.window
        return window is not None and is_loaded(window) and window.session.state.status.compiled == "ready"

    def _can_be_as_new(self, window: MainWindow) -> bool:
        window.setUpdatesEnabled(False)  # it is painted once it is as new
        window.frame.presentation.set_on(False)
        window.frame.arranger.restore()
        if window.frame.presentation.percent != 100:
            window.frame.presentation.set_percent(100)
        window.showNormal()
        _start_over(window)  # first: what an experiment said would be recalled from the session before
        for go_back in self._way_back:
            go_back()
        self._wait_until_ready()
        return any(self._looks_new(window, wait_ms) for wait_ms in (0, 1, 50))

    def _looks_new(self, window: MainWindow, wait_ms: int) -> bool:
        QTest.qWait(wait_ms)
        (picture, said), (first_picture, first_said) = look(window), not_none(self._first_look)
        is_new = picture == first_picture and not first_said - said and all(map(_is_out_of_sight, said - first_said))
        if is_new:
            self._first_look = picture, said  # with the parts that have been made when they were asked for
        return is_new


def _is_out_of_sight(said: object) -> bool:
    """Whether something that is said of a window is said of a hidden widget, or of an action, as in a menu."""
    match said:
        case (type(), _, is_visible, *_):
            return not is_visible
        case (str(), bool(), bool(), bool(), str()):
            return True
    return False


def _way_back(window: MainWindow) -> list[Callable[[], object]]:
    """Return what brings back what no new session does: sizes, switches and tabs."""
    buttons = [
        button for part in (window, *window.frame.layout.without_tab) for button in part.findChildren(QToolButton)
    ]
    tabs, headers = window.findChildren(QTabWidget), window.findChildren(QHeaderView)
    return [
        partial(window.resize, window.size()),
        partial(window.frame.arranger.load, SettingsStore(in_memory=True)),  # no sizes
        *(partial(_share, each, each.sizes()) for each in window.findChildren(QSplitter)),
        *(partial(each.setChecked, each.isChecked()) for each in buttons),
        *(partial(each.setCurrentWidget, each.currentWidget()) for each in tabs),
        *(partial(each.setSortIndicator, each.sortIndicatorSection(), each.sortIndicatorOrder()) for each in headers),
        partial(window.views.function_plot.plot.viewport().setToolTip, ""),
        *(partial(_begin_at, each, each.currentIndex()) for each in window.views.experiments.findChildren(QComboBox)),
    ]


def _share(splitter: QSplitter, sizes: list[int]) -> None:
    if splitter.sizes() != sizes:  # else all would be laid out once more
        splitter.setSizes(sizes)


def _begin_at(box: QComboBox, index: int) -> None:
    """Choose something in a box, and what was chosen at first, as if that had not been chosen before."""
    if box.count():
        box.setCurrentIndex(box.count() - 1)
        box.setCurrentIndex(index)


def _start_over(window: MainWindow) -> None:
    """Bring the first sight of the window back, as a user would."""
    session = window.session
    while (menu := QApplication.activePopupWidget()) is not None:
        menu.close()
    QTest.mouseMove(window, QPoint(0, window.height() - 1))
    for dialog in window.findChildren(QDialog):
        dialog.close()
        for field in dialog.findChildren(QLineEdit):
            field.clear()
    window.set_scheme("system")
    window.frame.status.clearMessage()
    for table in window.findChildren(QTableView):
        table.setCurrentIndex(QModelIndex())
    window.views.data_table.rows_of_samples.sort_by(None)
    session.resume_own()
    was = session.state.session
    if was.pace != TUTORIAL_PACE:
        session.set_pace(TUTORIAL_PACE)
    if was.engine != "auto":
        session.set_engine("auto")
    session.set_view(**vars(ViewState()))
    window.views.panel.show_all(False)
    window.actions_["actionNew"].trigger()
    window.views.panel.discard_errors()
    for field in window.views.function_plot.findChildren(QLineEdit):
        field.clear()
    window.frame.layout.remove_tab(window.views.runs)  # which stays, once there has been a second run
    window.activateWindow()
    window.setFocus()


def _goes_on(timer: QTimer) -> bool:
    is_the_windows = isinstance(timer.parent(), GuiCollector | QStatusBar)  # whose message is in the picture
    return timer.isActive() and not timer.isSingleShot() and not is_the_windows


def _told(widget: QWidget, is_visible: bool) -> list[object]:
    kind = type(widget), is_visible
    if kind not in READ:
        READ[kind] = [read for each, read in (SET + SAID if is_visible else SET) if isinstance(widget, each)]
    return [read(widget) for read in READ[kind]]


def look(window: MainWindow) -> Look:
    """Say all that can be told of a window from outside: its picture, and what each part of it says."""
    timers = window.findChildren(QTimer)
    for rest in [timer for timer in timers if timer.objectName().endswith("Rests") and timer.isActive()]:
        rest.stop()
        rest.timeout.emit()  # what is on the screen may be a draft
    window.setUpdatesEnabled(True)
    window.repaint()
    screen = not_none(window.backingStore()).paintDevice()
    assert isinstance(screen, QImage)
    picture = screen.copy()
    focus, state, views = QApplication.focusWidget(), window.session.state, window.views
    said: Counter[object] = Counter()
    results = [not_none(views.experiments.findChild(kind)) for kind in RESULT]
    dialogs = window.findChildren(QDialog)
    hidden: list[QObject | None] = [views.lesson, views.inspector.mathematics, views.map, *results, *dialogs]
    recreated = dict.fromkeys(hidden, True)

    def is_recreated(part: QObject | None) -> bool:
        if part not in recreated:
            recreated[part] = part is not None and is_recreated(part.parent())
        return recreated[part]

    for widget in window.findChildren(QWidget):
        name, is_visible = widget.objectName(), widget.isVisible()
        told = _told(widget, is_visible)
        if not told and name.removeprefix("qt_scrollarea_") in NO_NAME:
            continue  # what Qt has made for what popped up
        if is_visible or not (name in SCROLLERS or is_recreated(widget)):
            said[type(widget), name, is_visible, widget.isEnabled(), *told] += 1
    said.update(("timer", each.objectName()) for each in timers if _goes_on(each))
    said.update(
        (each.objectName(), each.isVisible(), each.isEnabled(), each.isChecked(), each.text())
        for each in window.findChildren(QAction)
        if not is_recreated(each)
    )
    said.update(("open", type(each)) for each in QApplication.topLevelWidgets() if each.isVisible())
    said["who hears of changes"] = window.session.receivers(SIGNAL("changed(PyObject,PyObject)"))
    said.update([window.styleSheet(), f"focus {focus and focus.objectName()}", state.status, state.session.view])
    return picture, said
