"""The pens and the colours of signs in the network diagram."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPen

from tinynet_gui.ui.style.theme import Theme
from tinynet_gui.ui.widgets.picture_scale import draws_picture, pixel_scale


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


def hairline_offsets(painter: QPainter, width: float = 1.0) -> list[float]:
    """Return where hairlines lie beside each other that together make a line of a width, all in logical pixels.

    Qt draws a line of one pixel of the screen fifteen times faster than one of two. So where the screen's pixels are
    finer, several of them are drawn.
    """
    device = painter.device()
    ratio = pixel_scale() if draws_picture() or device is None else device.devicePixelRatioF()
    count = max(1, round(width * ratio))
    return [(place - (count - 1) / 2) / ratio for place in range(count)]


def sign_color(theme: Theme, value: float, alpha: float = 1.0) -> QColor:
    """Return the colour of a number's sign; 0 has none."""
    return theme.color("positive" if value > 0 else "negative" if value < 0 else "faint", alpha)
