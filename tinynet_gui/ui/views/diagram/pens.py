"""The pens and the colours of signs in the network diagram."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPen

from tinynet_gui.ui.style.theme import Theme


def flat_pen(color: QColor, width: float, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QPen:
    """Return a pen of a width in logical pixels, without caps."""
    pen = QPen(color, width, style)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return pen


def hairline(color: QColor, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QPen:
    """Return a pen of one pixel of the screen, whatever its scale."""
    pen = QPen(color, 1.0, style)
    pen.setCosmetic(True)
    return pen


def sign_color(theme: Theme, value: float, alpha: float = 1.0) -> QColor:
    """Return the colour of a number's sign; 0 has none."""
    return theme.color("positive" if value > 0 else "negative" if value < 0 else "faint", alpha)
