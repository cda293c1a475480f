"""A window for each test, and a check that nothing of it is left behind."""

import gc
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import pyqtgraph
import PySide6
import pytest
import shiboken6
from pyqtgraph import PlotWidget
from PySide6.QtCore import QCoreApplication, QEvent, QMimeData, QObject, QPoint, QPointF, Qt, QUrl, SignalInstance
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeySequence, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QMessageBox, QSplitter, QTabWidget, QWidget
from pytestqt.qtbot import QtBot

from tests.e2e.play import is_loaded
from tests.gui.leaks import LeakCheck
from tests.gui.shared_window import SharedWindow
from tests.lessons import TRANSLATIONS
from tests.not_none import not_none
from tinynet_gui.core.config import Config
from tinynet_gui.core.run.session import Session
from tinynet_gui.core.text.language import gettext, speaking
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.training.trainer import Trainer
from tinynet_gui.engine.jobs.garbage_collection import GuiCollector, no_collection
from tinynet_gui.engine.jobs.jobs import Jobs
from tinynet_gui.engine.jobs.linear_regions_finder import LinearRegionsFinder
from tinynet_gui.engine.program import Program
from tinynet_gui.engine.session import dispatcher
from tinynet_gui.engine.session.app_state import AppState
from tinynet_gui.ui.style.colors import LIGHT, Theme
from tinynet_gui.ui.style.style_sheets import style_sheet
from tinynet_gui.ui.style.theme import Zoom, make_palette, set_theme, show_theme_in, zoom_application
from tinynet_gui.ui.views.diagram.network_diagram import NetworkDiagram
from tinynet_gui.ui.views.function_plot.function_plot import FunctionPlot
from tinynet_gui.ui.views.inspector.inspector import Inspector
from tinynet_gui.ui.views.inspector.mathematics_view import MathematicsView
from tinynet_gui.ui.views.inspector.torch_view import TorchView
from tinynet_gui.ui.views.microscope import controller as microscope
from tinynet_gui.ui.widgets.plots.layer import LegendLabel
from tinynet_gui.ui.widgets.plots.plot_menu import RangeDialog
from tinynet_gui.ui.widgets.selection import Selection
from tinynet_gui.ui.window.main_window import MainWindow

WAIT_MS = 120_000  # generous: the machine may have other work
SCREEN = QTest.createTouchDevice()
# What its platform says of menus, of lists and of grabbing.
OFFSCREEN = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
Q = TypeVar("Q", bound=QObject)
W = TypeVar("W", bound=QWidget)
MakeProgram = Callable[..., Program]
MakeWindow = Callable[..., MainWindow]
ChooseFile = Callable[[Path | str], None]
FollowSnapshots = Callable[[Callable[[Snapshot], object]], None]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the tests of a file that share the window follow each other: it is closed for any other."""
    files = {path: place for place, path in enumerate(dict.fromkeys(item.path for item in items))}
    items.sort(key=lambda item: (files[item.path], "window" in getattr(item, "fixturenames", ())))


class PatientBot(QtBot):
    """Gives up no earlier than it must: what is waited for takes as long as the machine lets it."""

    def waitUntil(self, callback: Callable[[], bool | None], *, timeout: int = WAIT_MS) -> None:
        super().waitUntil(callback, timeout=timeout)


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> QtBot:
    return PatientBot(request)


@pytest.fixture(autouse=True, scope="session")
def _no_hand_is_waited_for() -> None:
    """Nothing waits for the next change of a series: those that a test makes at once are one all the same."""
    dispatcher.RESTART_DELAY_MS = microscope.DELAY_MS = 0


@pytest.fixture(autouse=True, scope="module")
def _what_other_files_left_is_no_garbage() -> None:
    """What stays of them is not looked through at each end of a test, of which each collects what is its own."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="module")
def shared(qapp: QApplication) -> Iterator[SharedWindow]:
    """The window of all tests of a file that are content with the tutorial's."""
    shared = SharedWindow()
    yield shared
    shared.close()


@pytest.fixture(autouse=True)
def _nothing_left_behind(qapp: QApplication, shared: SharedWindow, request: pytest.FixtureRequest) -> Iterator[None]:
    if "window" not in request.fixturenames:
        shared.close()
    with pytest.MonkeyPatch.context() as patch:
        check = LeakCheck(patch)
        yield
        shared.start_over(check, is_wanted=_is_wanted_next(request))
        zoom_application(Zoom())
        set_theme(LIGHT)
        with no_collection():
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        left = check.left_behind()
    assert not left, "left behind:\n" + "\n".join(left)


def _is_wanted_next(request: pytest.FixtureRequest) -> bool:
    """Whether the next test of the file takes the shared window."""
    items = request.session.items
    following = items[items.index(request.node) + 1 :][:1]
    return any(each.path == request.path and "window" in getattr(each, "fixturenames", ()) for each in following)


class Paints(QObject):
    """Notes the size of a widget each time that it is painted."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__()
        self.sizes: list[object] = []
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(watched, QWidget) and event.type() == QEvent.Type.Paint:
            self.sizes.append(watched.size().toTuple())
        return False


def heard(signal: SignalInstance) -> list[Any]:
    """What a signal says from now on; None if it has nothing to say but that."""
    said: list[Any] = []
    signal.connect(lambda *arguments: said.extend(arguments or (None,)))
    return said


def recolor(view: QWidget, theme: Theme) -> None:
    """Change the theme of a view alone."""
    set_theme(theme)
    show_theme_in(view)


def apply_theme(view: QWidget, theme: Theme) -> None:
    """Give a view alone the colours and the style sheet that it has in a window."""
    QApplication.setPalette(make_palette(theme))
    view.setStyleSheet(style_sheet())
    recolor(view, theme)


def seen(qtbot: QtBot, view: W, width: int, height: int, theme: Theme | None = None) -> W:
    """A view alone, on the screen until the end of the test."""
    qtbot.addWidget(view, before_close_func=lambda _: view.update())  # kept for whoever has only its child
    if theme is not None:
        apply_theme(view, theme)
    view.resize(width, height)
    view.show()
    return view


def place_in(plot: PlotWidget, x: float, y: float) -> QPoint:
    """Where in a plot, in its pixels, a point of its two axes is."""
    return QPoint(plot.mapFromScene(plot.getViewBox().mapViewToScene(QPointF(x, y))))


def drag(widget: QWidget, *places: QPoint) -> None:
    """Press the mouse at the first of some places of a widget, move it over the others, and let go at the last."""
    QTest.mousePress(widget, Qt.MouseButton.LeftButton, pos=places[0])
    for place in places[1:]:
        QTest.mouseMove(widget, place)
    QTest.mouseRelease(widget, Qt.MouseButton.LeftButton, pos=places[-1])


def fingers(widget: QWidget, *moves: tuple[QPoint, ...], lifts: bool = True) -> None:
    """Put one or two fingers on a widget, move them, and lift them."""
    for place, points in enumerate(moves):
        touch = QTest.touchEvent(widget, SCREEN)
        for finger, point in enumerate(points):
            (touch.press if place == 0 else touch.move)(finger, point, widget)
        touch.commit()
    if lifts:
        touch = QTest.touchEvent(widget, SCREEN)
        for finger, point in enumerate(moves[-1]):
            touch.release(finger, point, widget)
        touch.commit()


def turn_wheel(widget: QWidget, place: QPoint, angle: int) -> None:
    """Turn the mouse's wheel over a place of a widget; a notch has 120."""
    at, none, phase = QPointF(widget.mapToGlobal(place)), Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase
    turn, button = QPoint(0, angle), Qt.MouseButton.NoButton
    QApplication.sendEvent(widget, QWheelEvent(QPointF(place), at, QPoint(), turn, button, none, phase, False))


def files(*paths: Path) -> QMimeData:
    """What is dragged when files are."""
    content = QMimeData()
    content.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return content


def drop(window: MainWindow, target: QWidget, content: QMimeData) -> bool:
    """Drag something onto a place and let go of it; return whether it was taken."""
    place, action = QPoint(20, 20), Qt.DropAction.CopyAction | Qt.DropAction.MoveAction
    button, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    entered_at: Any = QPointF(place) if PySide6.__version_info__ >= (6, 12) else place
    enter = QDragEnterEvent(entered_at, action, content, button, none)
    QApplication.sendEvent(target, enter)
    if not enter.isAccepted():
        return False
    dropped = QDropEvent(QPointF(place), action, content, button, none)
    QApplication.sendEvent(window, dropped)
    assert dropped.dropAction() == Qt.DropAction.CopyAction  # a file stays where it is
    return dropped.isAccepted()


def choose(owner: QObject, name: str, data: object) -> None:
    """Choose something in a box, by what the entry stands for."""
    box = child(owner, QComboBox, name)
    box.setCurrentIndex(box.findData(data))


def destroy(owner: QObject) -> None:
    """Let Qt destroy an object and all that it owns."""
    with no_collection():
        shiboken6.delete(owner)


@pytest.fixture
def make_window(qtbot: QtBot) -> Iterator[Callable[..., MainWindow]]:
    """Make windows that are ready to train; they are closed at the end of the test.

    One that the test has closed goes before the next: the style of the application is set anew with each window, and
    that takes seconds in all that there are.
    """
    windows: list[MainWindow] = []

    def make(config: Config | None = None, remember: bool = False) -> MainWindow:
        for closed in [window for window in windows if not window.isVisible()]:
            windows.remove(closed)
            destroy(closed)
        window = MainWindow(config, remember=remember)
        windows.append(window)
        window.show()
        qtbot.waitUntil(lambda: is_loaded(window), timeout=WAIT_MS)
        window.idle.finish()
        return window

    yield make
    for window in windows:
        window.close()
        window.deleteLater()


@pytest.fixture
def window(shared: SharedWindow, qtbot: QtBot, request: pytest.FixtureRequest) -> MainWindow:
    """The tutorial's window, ready to train; maybe that of the test before, made as new.

    A file can say that it is laid out, but not painted.
    """
    window = shared.get()
    window.setUpdatesEnabled(getattr(request.module, "IS_PAINTED", True))
    return window


@pytest.fixture
def selection(qtbot: QtBot) -> Selection:
    return Selection()


@pytest.fixture
def diagram(qtbot: QtBot, selection: Selection) -> NetworkDiagram:
    return seen(qtbot, NetworkDiagram(selection), 960, 400)


@pytest.fixture
def inspector(qtbot: QtBot, selection: Selection) -> Inspector:
    """With all numbers and its own tabs."""
    found = seen(qtbot, Inspector(selection), 300, 380, LIGHT)
    for name, page in (("torch_text", TorchView()), ("mathematics", MathematicsView())):
        found.add_tab(page)
        found.take(name, page)
    found.numbers.show_all(True)
    return found


@pytest.fixture
def plot(selection: Selection, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[FunctionPlot]:
    """A plot on screen whose questions for kinks are answered, and which leaves out no move of the mouse."""
    monkeypatch.setitem(pyqtgraph.CONFIG_OPTIONS, "mouseRateLimit", -1)
    plot = seen(qtbot, FunctionPlot(selection), 600, 360, LIGHT)
    jobs = Jobs(plot)
    finder = LinearRegionsFinder(jobs, plot)
    plot.linear_regions_wanted.connect(finder.find)
    finder.found.connect(plot.show_linear_regions)
    qtbot.waitExposed(plot)
    yield plot
    finder.stop()
    jobs.shut_down()


@pytest.fixture
def make_program(qtbot: QtBot) -> Iterator[MakeProgram]:
    """Make programs that are ready to train; they are ended with the test."""
    programs: list[Program] = []

    def make(
        config: Config | None = None, session: Session | None = None, prepare: Callable[[Program], object] = str
    ) -> Program:
        program = Program(config, session=session)
        programs.append(program)
        prepare(program)
        program.open()
        qtbot.waitUntil(lambda: program.session.state.status.compiled == "ready")
        qtbot.waitUntil(lambda: program.session.state.snapshot is not None)
        return program

    yield make
    for program in programs:
        program.shut_down()
        destroy(program)


@pytest.fixture
def follow_snapshots(window: MainWindow) -> Iterator[FollowSnapshots]:
    """Hand on every new moment that the window shows from now on, until the end of the test."""
    followers: list[Callable[[AppState, AppState], None]] = []

    def follow(receive: Callable[[Snapshot], object]) -> None:
        def on_changed(old: AppState, new: AppState) -> None:
            if new.snapshot is not None and new.snapshot is not old.snapshot:
                receive(new.snapshot)

        window.session.changed.connect(on_changed)
        followers.append(on_changed)

    yield follow
    for each in followers:
        window.session.changed.disconnect(each)


def assert_letters_differ(menu: QWidget) -> None:
    """No two entries of a menu are chosen by the same letter, in any language; composed ones only in English."""
    shown = [action.text() for action in menu.actions()]
    for language in {"en", *(file.parent.name for file in TRANSLATIONS)}:
        with speaking(language):
            texts = [said for text in shown if (said := gettext(text)) != text or language == "en"]
        letters = [letter for text in texts if (letter := QKeySequence.mnemonic(text).toString())]
        assert len(set(letters)) == len(letters), texts


def child(owner: QObject, kind: type[Q], name: str = "") -> Q:
    """Return what is called so within an object, or the one of its kind."""
    found = owner.findChild(kind, name) if name else owner.findChild(kind)
    assert isinstance(found, kind), name
    return found


def shown_snapshot(window: MainWindow) -> Snapshot:
    """The moment of the run that a window shows."""
    return not_none(window.session.state.snapshot)


def show_result(window: MainWindow, view: QWidget) -> None:
    """Bring a view to the front of the results."""
    child(window, QTabWidget, "resultTabs").setCurrentWidget(view)


def key_text(owner: QWidget) -> str:
    """What the key of the function plot says."""
    return child(owner, LegendLabel, "functionKey").text()


def places(window: MainWindow) -> dict[str, object]:
    """Where everything that is in sight stands, and how the splitters share their room."""
    QApplication.processEvents()
    shown = [w for w in window.findChildren(QWidget) if w.objectName() and w.isVisible()]
    found: dict[str, object] = {f"sizes of {w.objectName()}": w.sizes() for w in window.findChildren(QSplitter)}
    return found | {w.objectName(): (*w.mapTo(window, QPoint()).toTuple(), *w.size().toTuple()) for w in shown}


def warning(window: MainWindow, qtbot: QtBot) -> str:
    """Return what is warned of, and close it."""
    qtbot.waitUntil(lambda: window.findChild(QMessageBox, "warning") is not None)
    box = child(window, QMessageBox, "warning")
    assert box.textFormat() == Qt.TextFormat.PlainText
    text = box.text()
    box.close()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    return text


def train_to(window: MainWindow, qtbot: QtBot, step: int) -> None:
    """Train a window's run to a step at once, and wait until it stands there."""
    window.session.fast_forward(step)
    qtbot.waitUntil(lambda: is_at(window, step), timeout=WAIT_MS)


def is_at(window: MainWindow, step: int) -> bool:
    state = window.session.state
    return state.snapshot is not None and state.snapshot.step == step and not state.is_running


@cache
def trained_snapshot(config: Config | tuple[int, ...], steps: int = 20, run_id: int = 1) -> Snapshot:
    """A real snapshot, with no thread in between, of a setting or of the tutorial's with other hidden layers."""
    trainer = Trainer(config if isinstance(config, Config) else Config().replace("network.hidden", config))
    trainer.run(steps)
    return trainer.snapshot(run_id)


def type_range(ask: Callable[[], object], **texts: str) -> RangeDialog:
    """Have a range asked for, type ends of it into the dialog, by the names of the fields, and accept."""
    ask()
    dialog = QApplication.activeModalWidget() or next(
        w for w in QApplication.topLevelWidgets() if isinstance(w, RangeDialog) and w.isVisible()
    )
    assert isinstance(dialog, RangeDialog)
    for name, text in texts.items():
        child(dialog, QLineEdit, name).setText(text)
    dialog.accept()
    return dialog


@pytest.fixture
def jobs(qtbot: QtBot) -> Iterator[Jobs]:
    """What computes aside, with the collector that keeps widgets out of its threads."""
    collector = GuiCollector()
    jobs = Jobs()
    yield jobs
    jobs.shut_down()
    with no_collection():
        collector.stop()
        destroy(jobs)
        destroy(collector)
        del jobs, collector
