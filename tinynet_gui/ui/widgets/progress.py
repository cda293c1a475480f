"""A progress bar with a cancel button that appears only for what takes longer than half a second."""

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QToolButton, QWidget

APPEARS_MS = 500


class Progress(QWidget):
    """Hidden, unless something has been under way for half a second.

    Signals
    -------
    cancelled
        The button has been pressed.
    """

    cancelled = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"{name}Progress")
        self._bar = QProgressBar()
        self._bar.setObjectName(f"{name}ProgressBar")
        self._bar.setAccessibleName("Progress")
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 1_000)
        self._bar.setMaximumHeight(8)
        self._bar.setMinimumWidth(60)
        self._cancel = QToolButton()
        self._cancel.setObjectName(f"{name}Cancel")
        self._cancel.setText("Cancel")
        self._cancel.setAccessibleName("Cancel")
        self._cancel.setToolTip("Stop here; what has been done so far is kept.")
        self._cancel.setProperty("compact", True)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._bar, 1)
        layout.addWidget(self._cancel)
        self._appears = QTimer(self)
        self._appears.setSingleShot(True)
        self._appears.setInterval(APPEARS_MS)
        self._appears.timeout.connect(self._appear)
        self._cancel.clicked.connect(self.cancelled)
        self.setVisible(False)

    def begin(self) -> None:
        """Something is under way."""
        if self.isHidden() and not self._appears.isActive():
            self._bar.setValue(0)
            self._appears.start()

    def set_share(self, share: float) -> None:
        """So much of it is done, from 0 to 1."""
        self._bar.setValue(round(1_000 * share))

    def end(self) -> None:
        """It is over."""
        self._appears.stop()
        self.setVisible(False)

    @Slot()
    def _appear(self) -> None:
        self.setVisible(True)
