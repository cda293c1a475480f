"""How far the reading of a long file has come, with a way out of it."""

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QProgressBar, QVBoxLayout, QWidget

from tinynet_gui.ui.style.zoom import whole_px
from tinynet_gui.ui.widgets.naming import named
from tinynet_gui.ui.widgets.text.elided_label import ElidedLabel

APPEARS_MS = 500  # what is over before shows nothing


class ReadingDialog(QDialog):
    """Appears when the reading has taken half a second; Cancel, Escape and closing reject it."""

    def __init__(self, title: str, origin: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("readingDialog")
        self.setWindowTitle(title)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        words = ElidedLabel()
        words.show_text(f"Reading {origin} …")
        self._bar = named(QProgressBar(), "readingProgressBar", "Progress")
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 1_000)
        self._bar.setMaximumHeight(8)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        for widget in (words, self._bar, buttons):
            layout.addWidget(widget)
        self.setFixedWidth(whole_px(340))
        self._appears = QTimer(self)
        self._appears.setSingleShot(True)
        self._appears.setInterval(APPEARS_MS)
        self._appears.timeout.connect(self.show)
        self._appears.start()

    def set_share(self, share: float) -> None:
        """So much of it is done, from 0 to 1."""
        self._bar.setValue(round(1_000 * share))

    def end(self) -> None:
        """It is over, whatever came of it."""
        self._appears.stop()
        self.hide()
        self.deleteLater()
