"""Shows unexpected errors with details for a report, and saves the session for it."""

from functools import partial
from pathlib import Path

from PySide6 import QtCore, QtWidgets

from tinynet_gui.core.storage.session_file import SUFFIX
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.shortened import shortened
from tinynet_gui.engine.program import circumstances, save_for_report
from tinynet_gui.ui.style.theme import fixed_font
from tinynet_gui.ui.widgets.accessibility import named, worded
from tinynet_gui.ui.widgets.dialogs import TextDialog, ask_to_save
from tinynet_gui.ui.window.context import Context, Controller, Feature

MAX_LINES = 2_000
MAX_CHARACTERS = 20_000  # of one error
SIZE = 760, 480
SAVE = _("Save session for the report")
ABOUT = _(
    "Something went wrong that should not have. Your settings are kept and the program keeps running; "
    "Reset begins a new run.\nThe text below says where it happened, and with what; it helps whoever fixes it, and so "
    "does the session. Nothing is sent: you pass on what you copy or save here."
)


class ErrorDialog(TextDialog):
    """Shows a traceback; not modal. Further errors are appended while it is open."""

    save_wanted = QtCore.Signal()

    def __init__(self, circumstances: str, traceback_text: str, parent: QtWidgets.QWidget | None = None) -> None:
        error = shortened(traceback_text, MAX_CHARACTERS)
        text = named(QtWidgets.QPlainTextEdit(f"{circumstances}\n\n{error}"), "errorText", _("Traceback"))
        text.setFont(fixed_font())
        super().__init__("errorDialog", _("An unexpected error"), ABOUT, text, SIZE, parent)
        save = self.buttons.addButton("", QtWidgets.QDialogButtonBox.ButtonRole.ActionRole)
        tip = _("Writes all runs with their history to a file that you choose.")
        worded(save, "errorSaveSession", _("Save session for the report …"), tip)
        save.clicked.connect(self.save_wanted)

    def add(self, traceback_text: str) -> None:
        """Append another error, or the result of saving the session."""
        traceback_text = shortened(traceback_text, MAX_CHARACTERS)
        if traceback_text not in self._text.toPlainText() and self._text.blockCount() < MAX_LINES:
            self._text.appendPlainText(f"\n{traceback_text}")
            self._text.verticalScrollBar().setValue(self._text.verticalScrollBar().maximum())


class ErrorController(Controller):
    def __init__(self, context: Context) -> None:
        super().__init__(context)
        context.program.failed.connect(self._show)

    def _show(self, traceback_text: str) -> None:
        shown = [dialog for dialog in self._window.findChildren(ErrorDialog) if dialog.isVisible()]
        if shown:
            shown[0].add(traceback_text)
            return
        dialog = ErrorDialog(circumstances(self._context.program), traceback_text, self._window)
        dialog.save_wanted.connect(partial(self._on_save, dialog))
        dialog.show()

    def _on_save(self, dialog: ErrorDialog) -> None:
        kinds = _("Sessions (*{suffix})").format(suffix=SUFFIX)
        name = ask_to_save(self._window, SAVE, f"report{SUFFIX}", kinds)
        if name:
            path = Path(name if Path(name).suffix else name + SUFFIX)
            words = save_for_report(path, self._context.program)
            dialog.add(_("For the report: {words}.").format(words=words))


FEATURE = Feature("errors", ErrorController)
