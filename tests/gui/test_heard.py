"""What a screen reader is told, by the interfaces that it asks: all that is seen, and all that can be done."""

import gc
from collections.abc import Iterator

import shiboken6
from PySide6.QtGui import QAccessible, QAccessibleActionInterface, QAccessibleInterface, Qt, QTextDocument
from PySide6.QtWidgets import QLabel, QTabWidget, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.conftest import child, destroy, shown_snapshot, train_to
from tinynet_gui.core.network.refs import NeuronRef
from tinynet_gui.core.text.numbers import signed
from tinynet_gui.resources import resource_path
from tinynet_gui.ui.widgets.drawn_parts import DrawnPart, DrawnParts
from tinynet_gui.ui.window.main_window import MainWindow

FIRST_QUESTION = "Count all weights and biases of this network. How many numbers are there?"
TEXT = QAccessible.Text


def _as_heard(text: str, form: Qt.TextFormat) -> str:
    if form == Qt.TextFormat.RichText or (form == Qt.TextFormat.AutoText and Qt.mightBeRichText(text)):
        document = QTextDocument()
        document.setHtml(text)
        text = document.toPlainText()
    return " ".join(text.split())


def _name(widget: QWidget) -> str:
    return " ".join(QAccessible.queryAccessibleInterface(widget).text(TEXT.Name).split())


def _assert_all_is_heard(window: MainWindow) -> None:
    """A label's name is what it shows; what can be used has a name."""
    for label in window.findChildren(QLabel):
        assert _name(label) == _as_heard(QLabel.text(label), label.textFormat()), label.objectName()
    for widget in window.findChildren(QWidget):
        if widget.isVisible() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.focusProxy() is None:
            assert _name(widget) or widget.objectName() == "qt_spinbox_lineedit", widget.objectName()


def _tabs(window: MainWindow) -> Iterator[tuple[QTabWidget, int]]:
    for tabs in window.findChildren(QTabWidget):
        yield from ((tabs, place) for place in range(tabs.count()))


def test_what_is_seen_is_heard_after_each_change(window: MainWindow, qtbot: QtBot) -> None:
    _assert_all_is_heard(window)
    train_to(window, qtbot, 300)
    _assert_all_is_heard(window)
    window.views["panel"].show_all(True)
    _assert_all_is_heard(window)
    for tabs, place in _tabs(window):
        tabs.setCurrentIndex(place)
        _assert_all_is_heard(window)
    window.features["lessons"].open_file(str(resource_path("lessons/01-the-tutorial.md")))
    qtbot.waitUntil(lambda: window.views["lesson"].page is not None)
    _assert_all_is_heard(window)
    assert _name(child(window, QLabel, "lessonQuestion")) == FIRST_QUESTION


def _list_of(view: QWidget) -> QAccessibleInterface:
    """The list of what a view draws."""
    return QAccessible.queryAccessibleInterface(child(view, DrawnParts))


def _press(interface: QAccessibleInterface) -> None:
    interface.actionInterface().doAction(QAccessibleActionInterface.pressAction())


def test_a_neuron_is_read_and_chosen_by_its_interface(window: MainWindow, qtbot: QtBot) -> None:
    listed = _list_of(window.views["diagram"])
    parts = [listed.child(place) for place in range(listed.childCount())]
    names = [part.text(TEXT.Name) for part in parts]
    assert names[0].startswith("Hidden layer")
    assert (names[3], names[-1]) == ("Neuron h₃", "Output ŷ")
    layers, third = shown_snapshot(window).layers, parts[3]
    for number in (layers[0].weight[2, 0], layers[0].bias[2], layers[1].weight[0, 2]):
        assert signed(float(number)) in third.text(TEXT.Description)
    assert "<" not in third.text(TEXT.Description)
    assert third.textInterface() is None
    assert listed.childAt(*third.rect().center().toTuple()) is third
    assert not third.state().selected
    _press(third)
    assert window.context.selection.pinned == NeuronRef(0, 2)
    assert third.state().selected
    assert _name(child(window, QLabel, "inspectorTitle")) == "Neuron h₃"
    gc.collect()  # what Qt has been given stays
    window.session.edit({"network.hidden": (2,)})
    qtbot.waitUntil(lambda: listed.childCount() == 5)
    assert [part.text(TEXT.Name) for part in parts[3:5]] == [
        "Output layer · Linear(2,\N{NO-BREAK SPACE}1)",
        "Output ŷ",
    ]
    assert parts[-1].text(TEXT.Name) == ""


def test_what_is_drawn_goes_with_its_view(qtbot: QtBot) -> None:
    view = QWidget()
    parts = DrawnParts(view, "list", "Some", lambda: 2, lambda place: DrawnPart(str(place), choose=lambda: None))
    listed = QAccessible.queryAccessibleInterface(parts)
    second = listed.child(1)
    assert (second.text(TEXT.Name), second.parent(), listed.indexOfChild(second)) == ("1", listed, 1)
    destroy(view)
    gc.collect()
    assert not shiboken6.isValid(listed)
    assert not shiboken6.isValid(second)
