"""``python -m tests.whole_window LANGUAGE FOLDER``: all texts of the window in a language, from a tour through it.

The folder has a ``words.mo`` of that language, or is the program's own. Nothing else may be imported before the program
uses it: texts are made as modules are imported. Prints a JSON object: where each text that people read was found.
"""

import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tinynet_gui.core.system import machine
from tinynet_gui.core.text import language

WAIT_S = 120
NARROW, WIDE = (1024, 768), (1280, 800)
# Names that are the same in each language; PyTorch's print; and Qt's own words, of which a made-up language has none.
NAMES = """
    PyTorch NumPy Python Jupyter notebook ReLU leaky LeakyReLU GELU ELU SiLU softplus Softplus tanh Tanh sin cos SGD
    Adam AdamW RMSprop Adagrad Nesterov MSE MAE RMS Huber tinynet Xavier Kaiming Linear Sequential torch max min exp log
    abs Ctrl Alt Shift Esc Home End Del Ins Left Right Space Return Enter PgUp PgDown CSV GIF WebP APNG PNG SVG HTML
    JSON NaN English Deutsch npz csv json png svg xlsx ods ipynb answers bias True Parameter containing tensor requires
    grad Cancel Close Save Scroll Export separator
"""
PYQTGRAPHS = {"Plot Options", "Transforms", "Downsample", "Average", "Alpha", "Grid", "Points"}
LESSONS = {
    "actionTour",
    "actionOpenLesson",
    "actionReloadLesson",
    "actionTeachersNotes",
    "lessonsMenu",
}  # have their own
DOCUMENTS = {
    "lessonsMenu",
    "lessonText",
    "teachersNotesText",
    "guideText",
    "mistakesText",
    "changesText",
}  # of one language each


def widgets_texts(widget: Any) -> Iterator[str]:
    """Yield what a widget shows or says of itself."""
    from PySide6 import QtWidgets as Q

    yield from (widget.windowTitle(), widget.toolTip(), widget.statusTip(), widget.whatsThis())
    yield from (widget.accessibleName(), widget.accessibleDescription())
    for name in ("text", "title", "placeholderText", "suffix", "prefix", "specialValueText", "toPlainText"):
        read = getattr(widget, name, None)
        if callable(read) and not isinstance(widget, Q.QPlainTextEdit | Q.QAbstractItemView):
            text = read()
            yield text if isinstance(text, str) else ""
    for action in widget.actions():
        yield from (action.text(), action.toolTip())
    if isinstance(widget, Q.QComboBox):
        for place in range(widget.count()):
            yield from (widget.itemText(place), widget.itemData(place, 3) or "")  # and its tooltip
    if isinstance(widget, Q.QTabWidget):
        for place in range(widget.count()):
            yield from (widget.tabText(place), widget.tabToolTip(place))
    if isinstance(widget, Q.QAbstractItemView) and widget.model() is not None:
        yield from models_texts(widget.model())
    if isinstance(widget, Q.QGraphicsView) and widget.scene() is not None:
        for item in widget.scene().items():
            read = getattr(item, "toPlainText", None) or getattr(item, "text", None)
            yield read() if callable(read) and isinstance(read(), str) else ""
            yield item.toolTip()


def models_texts(model: Any) -> Iterator[str]:
    """Yield what the first cells of a model say in their roles for people, and its headings."""
    from PySide6.QtCore import QAbstractListModel, QModelIndex, Qt

    root = QModelIndex()
    for column in range(1 if isinstance(model, QAbstractListModel) else min(model.columnCount(root), 30)):
        for role in (0, 3, 11, 12):
            yield str(model.headerData(column, Qt.Orientation.Horizontal, role) or "")
            for row in range(min(model.rowCount(root), 60)):
                yield str(model.index(row, column).data(role) or "")


def lacking_space(widget: Any) -> int:
    """Return how many pixels the text of a label or a button is too wide or too high for it, 0 if it fits."""
    from PySide6 import QtWidgets as Q

    if isinstance(widget, Q.QLabel) and widget.text() and widget.pixmap().isNull():
        if type(widget).__name__ == "ElidedLabel":
            return 0
        if widget.wordWrap():
            return max(0, widget.heightForWidth(widget.width()) - widget.height() - 1)
        return max(0, widget.minimumSizeHint().width() - widget.width())
    if isinstance(widget, Q.QAbstractButton) and widget.text():
        return max(0, widget.minimumSizeHint().width() - widget.width())
    return 0


class Tour:
    """Goes through the window, and notes each text with the place where it was found first."""

    def __init__(self, window: Any) -> None:
        self.window, self.found, self.cut, self.unseen = window, dict[str, str](), dict[str, str](), set[str]()
        self._read = set[Any]()
        self._note_later_texts()

    def note(self, place: str, texts: Any) -> None:
        for text in texts:
            if isinstance(text, str) and text not in self.found and text.strip() and not Path(text).is_absolute():
                self.found[text] = place

    def look(self, place: str, *within: Any) -> None:
        """Note all that is there now; within the window what is hidden only once: `note` hears of its changes."""
        import shiboken6
        from PySide6 import QtGui, QtWidgets

        _wait(0.05)
        cut, are_pyqtgraphs = list[Any](), dict[Any, bool]()
        for top in within or QtWidgets.QApplication.topLevelWidgets():
            for widget in (top, *top.findChildren(QtWidgets.QWidget)):
                is_heard = not isinstance(widget, QtWidgets.QComboBox | QtWidgets.QAbstractItemView)
                if is_heard and widget in self._read and not (within or widget.isVisible()):
                    continue
                self._read.add(widget)
                if _is_of_pyqtgraph(widget, are_pyqtgraphs):
                    self.unseen.update(widgets_texts(widget))
                    continue
                if widget.objectName() in DOCUMENTS:
                    continue
                self.note(f"{place}: {type(widget).__name__} {widget.objectName()}", widgets_texts(widget))
                if widget.isVisible() and lacking_space(widget):
                    cut.append(widget)
                interface = QtGui.QAccessible.queryAccessibleInterface(widget)
                for number in range(min(interface.childCount(), 40)) if interface is not None else ():
                    part = interface.child(number)
                    if part is not None and part.object() is None:  # drawn
                        kinds = QtGui.QAccessible.Text
                        texts = (part.text(kinds.Name), part.text(kinds.Description))
                        self.note(f"{place}: drawn in {widget.objectName()}", texts)
        actions = self.window.findChildren(QtGui.QAction)
        for action in (each for each in actions if not each.objectName().startswith("lesson:")):
            self.note(f"{place}: action {action.objectName()}", (action.text(), action.toolTip()))

        if cut:
            _wait(0.5)  # numbers that change get their space a little later
        for widget in cut:
            if shiboken6.isValid(widget) and widget.isVisible() and (lacking := lacking_space(widget)):
                name = widget.objectName() or widget.text()
                self.cut.setdefault(f"{place}: {type(widget).__name__} {name}", f"{lacking}: {widget.text()}")

    def _note_later_texts(self) -> None:
        """Note what is painted, or is set and soon replaced."""
        from PySide6 import QtGui, QtWidgets

        for kind, names in (
            (QtWidgets.QLabel, ("setText",)),
            (QtWidgets.QWidget, ("setToolTip", "setAccessibleName", "setAccessibleDescription")),
            (QtGui.QPainter, ("drawText", "drawStaticText")),
        ):
            for name in names:
                setattr(kind, name, self._noting(f"{kind.__name__}.{name}", getattr(kind, name)))

    def _noting(self, place: str, method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            self.note(place, (each.text() if hasattr(each, "text") else each for each in arguments[1:]))
            return method(*arguments, **named)

        return call

    def go(self) -> None:
        """The tour."""
        from PySide6 import QtWidgets

        window = self.window
        for size in (WIDE, NARROW):
            window.resize(*size)
            self.look(f"first sight, {size[0]} pixels wide")
        window.idle.finish()
        window.views.panel.show_all(True)
        window.views.inspector.numbers.show_all(True)
        _until(lambda: "absent" not in (window.session.state.status.compiled, window.session.state.status.pytorch))
        window.session.edit({"data.held_out": 0.2, "data.noise": 0.1})
        _until(lambda: window.session.state.snapshot is not None)
        window.session.set_engine("compiled")
        window.session.fast_forward(300)
        _until(lambda: window.session.state.run_so_far.step >= 300 and not window.session.state.is_running)
        window.actions_["actionKeep"].trigger()
        for size in (NARROW, WIDE):  # with what depends on it
            window.resize(*size)
            for tabs in window.findChildren(QtWidgets.QTabWidget):
                for place in range(tabs.count()):
                    tabs.setCurrentIndex(place)
                    self.look(f"tab {tabs.objectName()} {place}, {size[0]} pixels wide")
            self.selections()
        self.menus()
        self.refusals()
        self.experiments()
        self.dialogs()
        window.session.edit({"training.learning_rate": 10.0})
        window.session.fast_forward(300)
        _until(lambda: not window.session.state.is_running and window.session.state.run_so_far.step > 0)
        for size in (WIDE, NARROW):
            window.resize(*size)
            self.look(f"diverged, {size[0]} pixels wide")

    def selections(self) -> None:
        from tinynet_gui.core.network.refs import NeuronRef, WeightRef

        selection = self.window.context.selection
        inspector = self.window.views.inspector.tabs
        for ref in (NeuronRef(0, 2), NeuronRef(1, 0), WeightRef(0, 1, 0)):
            selection.pin(ref) if isinstance(ref, NeuronRef) else None
            selection.hover(ref)
            for page in range(inspector.count()):
                inspector.setCurrentIndex(page)
                place = f"selected {ref}, {self.window.width()} pixels wide"
                self.look(place, self.window.views.inspector, self.window.views.diagram)
        selection.hover(None)
        selection.pin(None)

    def menus(self) -> None:
        from PySide6 import QtWidgets

        for menu in self.window.findChildren(QtWidgets.QMenu):
            if menu.objectName() in LESSONS:
                continue
            menu.aboutToShow.emit()
            self.look(f"menu {menu.objectName()}", menu)

    def refusals(self) -> None:
        """Type nonsense into each field."""
        from PySide6 import QtWidgets

        for field in self.window.views.panel.findChildren(QtWidgets.QLineEdit):
            for text in ("x", "-1", "99999999999999", ""):
                before = field.text()
                field.setText(text)
                field.textEdited.emit(text)
                field.editingFinished.emit()
                self.look(f"{text!r} in {field.objectName() or field.parent().objectName()}", field.parent().parent())
                field.setText(before)
                field.textEdited.emit(before)
                field.editingFinished.emit()
        self.window.actions_["actionUndo"].trigger()

    def experiments(self) -> None:
        """Choose each experiment, and run it for some seconds."""
        from PySide6 import QtWidgets

        view = self.window.views.experiments
        self.window.frame.layout.show(view)
        kinds = view.findChild(QtWidgets.QComboBox, "experimentKind")
        for place in range(kinds.count()):
            kinds.setCurrentIndex(place)
            kinds.activated.emit(place)
            self.look(f"experiment {kinds.itemData(place)}", view)

    def dialogs(self) -> None:
        """Trigger every action that opens something, look at it, and close it."""
        import shiboken6
        from PySide6 import QtGui, QtWidgets
        from PySide6.QtCore import QRegularExpression

        def note(result: Any) -> Callable[..., Any]:
            def ask(*given: Any, **_named: Any) -> Any:
                self.note("file dialog", given)
                return result

            return ask

        for name, result in (
            ("getOpenFileName", ("", "")),
            ("getSaveFileName", ("", "")),
            ("getOpenFileNames", ([], "")),
        ):
            setattr(QtWidgets.QFileDialog, name, note(result))
        for kind, name in ((QtWidgets.QFileDialog, "getExistingDirectory"), (QtWidgets.QMessageBox, "about")):
            setattr(kind, name, note(""))
        skipped = {"actionQuit", "actionFullScreen", "actionPresentation", "actionWhatsThis", "actionStart", *LESSONS}
        for action in self.window.findChildren(QtGui.QAction, QRegularExpression("^action[A-Z]")):
            if (name := action.objectName()) in skipped or action.isCheckable():
                continue
            action.setEnabled(True)
            action.trigger()
            _wait(0.1)
            for top in QtWidgets.QApplication.topLevelWidgets():
                if (
                    shiboken6.isValid(top)
                    and top is not self.window
                    and top.isVisible()
                    and not isinstance(top, QtWidgets.QMenu)
                ):
                    self.look(f"after {name}", top)
                    top.close()
            self.window.session.pause()
        self.window.context.leave_lesson()


def _is_of_pyqtgraph(widget: Any, known: dict[Any, bool]) -> bool:
    """Whether it is in a menu of pyqtgraph's, none of which can be opened."""
    from PySide6.QtWidgets import QMenu

    if widget is None:
        return False
    if widget not in known:
        is_one = isinstance(widget, QMenu) and not widget.objectName() and widget.title() in PYQTGRAPHS
        known[widget] = is_one or _is_of_pyqtgraph(widget.parent(), known)
    return known[widget]


def _wait(seconds: float) -> None:
    from PySide6.QtCore import QEventLoop, QTimer

    loop = QEventLoop()
    QTimer.singleShot(round(1_000 * seconds), loop.quit)
    loop.exec()


def _until(condition: Callable[[], bool]) -> None:
    from time import monotonic

    end = monotonic() + WAIT_S
    while not condition():
        if monotonic() > end:
            raise TimeoutError
        _wait(0.02)


def main(code: str, folder: str) -> None:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    words, path = Path(folder, "words.mo"), machine.resource_path
    vars(language).update(resource_path=lambda name: words if name == f"lessons/{code}/words.mo" else path(name))
    language.use(code)
    assert language.process_language() == code
    from PySide6.QtWidgets import QApplication

    from tinynet_gui.app.application import _localise_qt
    from tinynet_gui.ui.window.main_window import MainWindow

    application = QApplication([])
    _localise_qt(application, code)
    window = MainWindow(remember=False)
    window.show()
    tour = Tour(window)
    tour.go()
    window.close()
    seen = {text: place for text, place in tour.found.items() if text not in tour.unseen}
    print(json.dumps([seen, tour.cut], ensure_ascii=False))


def left_in_english(text: str) -> list[str]:
    """Return the words that are outside of marks, and are neither names nor code nor a source of data."""
    text = re.sub(
        r"⟦Source: ⟧.*|⟦[^⟧]*⟧|<[^>]*>|&\w+;|https?://\S+|\btarget=\S+|\*?\.\w+|\b\w+\.\w+\b|\w*_\w+|\w+\(",
        " ",
        text,
        flags=re.DOTALL,
    )
    return [word for word in re.findall(r"[^\W\d_]{3,}", text) if word not in NAMES.split() and word.isascii()]


if __name__ == "__main__":
    main(*sys.argv[1:])
