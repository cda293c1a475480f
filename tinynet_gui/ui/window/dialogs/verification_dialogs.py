"""Exported code while it is verified, and what was found then."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QLayout, QProgressBar, QVBoxLayout, QWidget

from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.ui.widgets.naming import named
from tinynet_gui.ui.widgets.text.elided_label import ElidedLabel

APPEARS_MS = 500  # what is over before shows nothing
WIDTH = 400  # of the words


class VerifyingDialog(QDialog):
    """How far the verification of a file has come; the window goes on. Cancel, Escape and closing reject it."""

    def __init__(self, name: str, steps: int, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("verifyingDialog")
        self.setWindowTitle("Export")
        self.setModal(False)
        self._steps = steps
        title = named(ElidedLabel(), "verifyingFile", "What is being verified")
        title.setProperty("role", "title")
        title.show_text(name)
        words = QLabel("The file is written. It is run now, to see whether it gives the same losses as the program.")
        words.setWordWrap(True)
        words.setFixedWidth(WIDTH)
        self._step = named(QLabel(), "verifyingStep", "How many steps have been run")
        self._bar = named(QProgressBar(), "verifyingBar", "Progress")
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 1_000)
        self._bar.setMaximumHeight(8)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        cancel = buttons.button(QDialogButtonBox.StandardButton.Cancel)
        named(cancel, "verifyingCancel", "Cancel", "Stop the verification; the file stays, marked as not verified.")
        layout = QVBoxLayout(self)
        for widget in (title, words, self._step, self._bar, buttons):
            layout.addWidget(widget)
        layout.setSizeConstraint(QLayout.SizeConstraint.SetFixedSize)
        buttons.rejected.connect(self.reject)
        self._appears = QTimer(self)
        self._appears.setSingleShot(True)
        self._appears.setInterval(APPEARS_MS)
        self._appears.timeout.connect(self.show)
        self._appears.start()
        self._step.setText("Python and PyTorch are being started …")

    def show_progress(self, share: float, step: int | None) -> None:
        """So much of it is done, from 0 to 1, and the script has come to a step, if that is another one."""
        self._bar.setValue(round(1_000 * share))
        if step is not None:
            self._step.setText(f"being verified: step {count_text(step)} of {count_text(self._steps)}")

    def end(self) -> None:
        """It is over, whatever came of it."""
        self._appears.stop()
        self.hide()
        self.deleteLater()


class ReceiptDialog(QDialog):
    """Where exported code is, and what was found when it was run: the words that stand in the file, too."""

    def __init__(self, file: str, lines: Sequence[str], is_verified: bool, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("receiptDialog")
        self.setWindowTitle("Export")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._file = file
        title = named(ElidedLabel(), "receiptFile", "The file that was written")
        title.setProperty("role", "title")
        title.show_text(Path(file).name)
        verdict = named(QLabel(lines[0]), "receiptVerdict", "Whether the code is verified")
        verdict.setProperty("role", "" if is_verified else "error")
        details = named(QLabel("\n\n".join(lines[1:])), "receiptDetails", "With what it was compared")
        details.setProperty("role", "caption")
        for label in (verdict, details):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            label.setWordWrap(True)
            label.setFixedWidth(WIDTH)
        details.setHidden(len(lines) == 1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        folder = buttons.addButton("Open folder", QDialogButtonBox.ButtonRole.ActionRole)
        named(folder, "receiptFolder", "Open folder", "Show the folder in which the file is.")
        close = buttons.button(QDialogButtonBox.StandardButton.Close)
        layout = QVBoxLayout(self)
        for widget in (title, verdict, details, buttons):
            layout.addWidget(widget)
        layout.setSizeConstraint(QLayout.SizeConstraint.SetFixedSize)
        folder.clicked.connect(self._open_folder)
        buttons.rejected.connect(self.reject)
        close.setFocus()

    @Slot()
    def _open_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(Path(self._file).resolve().parent)))
