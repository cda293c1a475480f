"""What a painter draws with."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPen


def draw_with(painter: QPainter, pen: QPen | QColor | None, fill: QColor | None = None) -> None:
    """Draw outlines with a pen, and fill with a colour, from now on; None for neither."""
    painter.setPen(Qt.PenStyle.NoPen if pen is None else pen)
    painter.setBrush(Qt.BrushStyle.NoBrush if fill is None else fill)
