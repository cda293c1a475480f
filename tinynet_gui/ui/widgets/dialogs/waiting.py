"""Waiting for something to be read or written."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QWidget

from tinynet_gui.ui.style.zoom import whole_px
from tinynet_gui.ui.widgets.dialogs.dialog import ProgressDialog
from tinynet_gui.ui.widgets.labels import ElidedLabel


class Waiting(QObject):
    """Shows one dialog of progress at a time, while something under one key is done in the background.

    Parameters
    ----------
    key, submit, cancel
        The key, `Jobs.submit`, and what is called with the key when the user closes the dialog.
    """

    def __init__(self, parent: QObject, key: str, submit: Callable[..., None], cancel: Callable[[str], None]) -> None:
        super().__init__(parent)
        self._key, self._submit, self._cancel = key, submit, cancel
        self._dialog: ProgressDialog | None = None

    def begin(self, dialog: ProgressDialog) -> None:
        """Show a dialog, in place of an earlier one."""
        self.end()
        self._dialog = dialog
        dialog.rejected.connect(self._on_rejected)

    def submit(self, function: Callable[..., Any], *arguments: object, on_result: Callable[[Any], None]) -> None:
        """Run a function in the background; the dialog shows its progress, and goes away if it fails."""
        self._submit(
            self._key, function, *arguments, on_result=on_result, on_progress=self._show_progress, on_error=self.end
        )

    def _show_progress(self, share: float, partial: object) -> None:
        if self._dialog is not None:
            self._dialog.show_progress(share, partial)

    def end(self, _traceback_text: str = "") -> None:
        """Close the dialog: it is over, or has failed."""
        if self._dialog is not None:
            self._dialog.end()
            self._dialog = None

    def _on_rejected(self) -> None:
        self.end()
        self._cancel(self._key)


class ReadingDialog(ProgressDialog):
    """Says which file is being read."""

    def __init__(self, title: str, origin: str, parent: QWidget) -> None:
        words = ElidedLabel()
        words.show_text(f"Reading {origin} …")
        super().__init__("reading", title, (words,), parent)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setFixedWidth(whole_px(340))
