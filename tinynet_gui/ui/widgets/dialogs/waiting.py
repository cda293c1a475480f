"""Waiting for something to be read or written."""

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QWidget

from tinynet_gui.ui.style.zoom import whole_px
from tinynet_gui.ui.widgets.dialogs.dialog import ProgressDialog
from tinynet_gui.ui.widgets.labels import ElidedLabel


class Waiting(QObject):
    """Shows one dialog of progress at a time; its methods fit `Jobs.submit`.

    Signals
    -------
    cancelled
        The user has closed the dialog: the result is no longer wanted.
    """

    cancelled = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._dialog: ProgressDialog | None = None

    def begin(self, dialog: ProgressDialog) -> None:
        """Show a dialog, in place of an earlier one."""
        self.end()
        self._dialog = dialog
        dialog.rejected.connect(self._on_rejected)

    def show_progress(self, share: float, partial: object) -> None:
        """Show the share done, from 0 to 1, and what the dialog makes of a partial result."""
        if self._dialog is not None:
            self._dialog.show_progress(share, partial)

    def end(self, _traceback_text: str = "") -> None:
        """Close the dialog: it is over, or has failed."""
        if self._dialog is not None:
            self._dialog.end()
            self._dialog = None

    @Slot()
    def _on_rejected(self) -> None:
        self.end()
        self.cancelled.emit()


class ReadingDialog(ProgressDialog):
    """Says which file is being read."""

    def __init__(self, title: str, origin: str, parent: QWidget) -> None:
        words = ElidedLabel()
        words.show_text(f"Reading {origin} …")
        super().__init__("reading", title, (words,), parent)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setFixedWidth(whole_px(340))
