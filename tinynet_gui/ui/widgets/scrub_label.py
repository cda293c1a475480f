"""A label that changes its field when dragged: every number is a slider, without its space."""

from typing import Protocol

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QLabel

PIXELS_A_STEP = 8


class Stepped(Protocol):
    """A field that can be stepped, as a spin box can."""

    def stepBy(self, steps: int) -> None:
        """Step up or down."""

    def isEnabled(self) -> bool:
        """Whether it can be changed."""


class ScrubLabel(QLabel):
    """Dragged to the right it steps its field up, to the left down; there is room for some lines of text."""

    def __init__(self, text: str, field: Stepped, lines: int = 1) -> None:
        super().__init__(text)
        self._field, self._lines = field, lines
        self._from_x: float | None = None
        self.setCursor(Qt.CursorShape.SizeHorCursor)

    def minimumSizeHint(self) -> QSize:
        """Keep the room for all lines."""
        hint = super().minimumSizeHint()
        return QSize(hint.width(), max(hint.height(), self._lines * self.fontMetrics().lineSpacing()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._from_x = event.position().x()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Step once for every few pixels."""
        if self._from_x is None:
            return
        steps = int((event.position().x() - self._from_x) / PIXELS_A_STEP)
        if steps and self._field.isEnabled():
            self._field.stepBy(steps)
            self._from_x += steps * PIXELS_A_STEP

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self._from_x = None
