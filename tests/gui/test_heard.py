"""What a screen reader is told, by the interfaces that it asks: all that is seen, and all that can be done."""

from collections.abc import Iterator

from PySide6.QtGui import QAccessible, Qt, QTextDocument
from PySide6.QtWidgets import QLabel, QTabWidget, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.conftest import child, train_to
from tinynet_gui.resources import resource_path
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
