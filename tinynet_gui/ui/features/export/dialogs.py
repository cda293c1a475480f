"""The verification of exported code, and its result."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialogButtonBox, QLabel, QLayout, QVBoxLayout, QWidget

from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.ui.widgets.dialogs.dialog import Button, Dialog, ProgressDialog
from tinynet_gui.ui.widgets.labels import ElidedLabel
from tinynet_gui.ui.widgets.layouts import filled
from tinynet_gui.ui.widgets.naming import caption, in_role, named

WRITTEN = "The file is written. It is run now, to see whether it gives the same numbers as the program."
WIDTH = 400  # of the text


class VerifyingDialog(ProgressDialog):
    """Shows the progress of verifying a file; the window stays usable."""

    def __init__(self, name: str, steps: int, parent: QWidget) -> None:
        title = in_role(named(ElidedLabel(), "verifyingFile", "The file being verified"), "title")
        title.show_text(name)
        words = QLabel(WRITTEN, wordWrap=True)
        words.setFixedWidth(WIDTH)
        self._step = named(QLabel("Python and PyTorch are being started …"), "verifyingStep", "How many steps have run")
        self._steps = steps
        super().__init__("verifying", "Export", (title, words, self._step), parent)
        self.lines.setSizeConstraint(QLayout.SizeConstraint.SetFixedSize)
        cancel = self._buttons.button(Button.Cancel)
        named(cancel, "verifyingCancel", "Cancel", "Stop the verification; the file stays, marked as not verified.")

    def show_progress(self, share: float, step: object) -> None:
        """Show the share done, from 0 to 1, and the script's step if that has changed."""
        super().show_progress(share, step)
        if isinstance(step, int):
            self._step.setText(f"being verified: step {count_text(step)} of {count_text(self._steps)}")


class ReceiptDialog(Dialog):
    """The place of exported code, and the result of running it: the same words as in the file."""

    def __init__(self, file: str, lines: Sequence[str], is_well: bool, parent: QWidget) -> None:
        super().__init__("receiptDialog", "Export", parent, deleted_when_closed=True)
        self._file = file
        title = in_role(named(ElidedLabel(), "receiptFile", "The file that was written"), "title")
        title.show_text(Path(file).name)
        verdict = named(QLabel(lines[0]), "receiptVerdict", "Whether the code is verified")
        in_role(verdict, "" if is_well else "error")
        details = named(caption("\n\n".join(lines[1:])), "receiptDetails", "With what it was compared")
        for label in (verdict, details):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            label.setWordWrap(True)
            label.setFixedWidth(WIDTH)
        details.setHidden(len(lines) == 1)
        buttons = self.make_buttons(Button.Close)
        folder = buttons.addButton("Open folder", QDialogButtonBox.ButtonRole.ActionRole)
        named(folder, "receiptFolder", "Open folder", "Show the folder in which the file is.")
        layout = filled(QVBoxLayout(self), title, verdict, details, buttons)
        layout.setSizeConstraint(QLayout.SizeConstraint.SetFixedSize)
        folder.clicked.connect(self._open_folder)
        buttons.button(Button.Close).setFocus()

    def _open_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(Path(self._file).resolve().parent)))
