"""An unexpected error, with its traceback to copy. The program goes on."""

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from tinynet_gui.core.text.shortened import shortened
from tinynet_gui.ui.style.theme import fixed_font
from tinynet_gui.ui.widgets.dialog import TextDialog
from tinynet_gui.ui.widgets.naming import named
from tinynet_gui.ui.window.of_window import OfWindow

MOST_LINES = 2_000
MOST_CHARACTERS = 20_000  # of one error
SIZE = 720, 420
ABOUT = (
    "Something went wrong that should not have. Your settings are kept and the program keeps running; "
    "Reset begins a new run.\nThe text below says where it happened; it helps whoever fixes it."
)


class ErrorDialog(TextDialog):
    """Shows a traceback; does not block the window. Further errors are added to it while it is open."""

    def __init__(self, traceback_text: str, parent: QWidget | None = None) -> None:
        text = named(QPlainTextEdit(shortened(traceback_text, MOST_CHARACTERS)), "errorText", "Traceback")
        text.setFont(fixed_font())
        super().__init__("errorDialog", "An unexpected error", ABOUT, text, SIZE, parent)

    def add(self, traceback_text: str) -> None:
        """Add another error below."""
        traceback_text = shortened(traceback_text, MOST_CHARACTERS)
        if traceback_text not in self._text.toPlainText() and self._text.blockCount() < MOST_LINES:
            self._text.appendPlainText(f"\n{traceback_text}")


class ErrorReports(OfWindow):
    """Shows unexpected errors in one dialog; the program goes on."""

    @Slot(str)
    def show(self, traceback_text: str) -> None:
        """Show an error, or add it to those that are shown."""
        shown = [dialog for dialog in self._window.findChildren(ErrorDialog) if dialog.isVisible()]
        if shown:
            shown[0].add(traceback_text)
        else:
            ErrorDialog(traceback_text, self._window).show()
