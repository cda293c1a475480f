"""Shows unexpected errors with what helps to find their cause, and saves the session for the report."""

from pathlib import Path

from PySide6.QtCore import QObject, Slot

from tinynet_gui.core.storage.session_file import SUFFIX
from tinynet_gui.engine.error_report import circumstances, save_for_report
from tinynet_gui.ui.window.context import Context
from tinynet_gui.ui.window.dialogs.error_dialog import SAVE, ErrorDialog
from tinynet_gui.ui.window.files.file_dialogs import ask_to_save


class ErrorController(QObject):
    """Shows unexpected errors in one dialog; the program goes on."""

    def __init__(self, context: Context) -> None:
        super().__init__(context.program)
        self._program, self._window = context.program, context.window
        context.program.failed.connect(self._show)

    @Slot(str)
    def _show(self, traceback_text: str) -> None:
        """Show an error, or add it to those that are shown."""
        shown = [dialog for dialog in self._window.findChildren(ErrorDialog) if dialog.isVisible()]
        if shown:
            shown[0].add(traceback_text)
            return
        dialog = ErrorDialog(circumstances(self._program), traceback_text, self._window)
        dialog.save_wanted.connect(self._on_save)
        dialog.show()

    @Slot()
    def _on_save(self) -> None:
        name, _ = ask_to_save(self._window, SAVE, f"report{SUFFIX}", f"Sessions (*{SUFFIX})")
        dialog = self.sender()
        if name and isinstance(dialog, ErrorDialog):
            path = Path(name if Path(name).suffix else name + SUFFIX)
            dialog.add(f"For the report: {save_for_report(path, self._program)}.")
