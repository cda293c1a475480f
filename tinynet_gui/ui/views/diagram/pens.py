"""Fonts, pens and colours of signs in the network diagram, which is drawn at a zoom of 1 and scaled up."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPen

from tinynet_gui.ui.style.colors import Theme
from tinynet_gui.ui.style.theme import drawn_font, drawn_width, fixed_font, small_font, theme, zoom
from tinynet_gui.ui.views.diagram.layout import LayerColumn
from tinynet_gui.ui.widgets.pictures import draws_picture, pixel_scale

_FLAT = QPen(Qt.GlobalColor.black, 1.0, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap, Qt.PenJoinStyle.RoundJoin)


DASH, DOTS = (5.0, 6.0), (1.0, 3.0)  # negative weights, idle weights: line and gap, in logical pixels
BOX_NUMBER = 0.8  # the font of the numbers in boxes and on edges, relative to the window's


def words_font(factor: float) -> QFont:
    return drawn_font(small_font(factor))


def numbers_font(factor: float) -> QFont:
    return drawn_font(fixed_font(small_font(factor).pointSizeF()))


def flat_pen(color: QColor, width: float) -> QPen:
    pen = QPen(_FLAT)  # faster than passing three enumerations
    pen.setColor(color)
    pen.setWidthF(drawn_width(width))
    return pen


def hairline(color: str, alpha: float = 1.0, dash: tuple[float, ...] = (), scale: float = 1.0) -> QPen:
    """Return a pen of one device pixel in one of the theme's colours; `scale` converts the dashes to device pixels."""
    return _hairline(theme(), color, alpha, dash, scale)


@lru_cache(maxsize=64)
def _hairline(of: Theme, color: str, alpha: float, dash: tuple[float, ...], scale: float) -> QPen:
    pen = QPen(of.color(color, alpha), 1.0)
    if dash:
        pen.setDashPattern([length * scale for length in dash])
    pen.setCosmetic(True)
    return pen


def hairline_offsets(painter: QPainter, width: float = 1.0) -> list[float]:
    """Return the offsets of adjacent hairlines that together make a line of a width, all in logical pixels.

    Qt draws a line of one device pixel fifteen times faster than one of two: on high-DPI screens several are cheaper.
    """
    device = painter.device()
    ratio = pixel_scale() if draws_picture() or device is None else device.devicePixelRatioF()
    count = max(1, round(drawn_width(width) * ratio))
    return [(place - (count - 1) / 2) / ratio for place in range(count)]


def steep_lines(painter: QPainter, color: str, width: float) -> tuple[QPen, list[float]]:
    """Return a pen and vertical offsets for drawing a line that may be steep.

    Vertically offset hairlines get closer where they are steep, so that many of them make an uneven line.
    """
    if zoom().scale > 1.0 or zoom().least_line:
        return flat_pen(theme().color(color), width), [0.0]
    return hairline(color), hairline_offsets(painter, width)


def sign_color(value: float, alpha: float = 1.0) -> QColor:
    """Return the colour of a number's sign; faint for 0."""
    color = theme().color("positive" if value > 0 else "negative" if value < 0 else "faint")
    color.setAlphaF(alpha)
    return color


RADIUS = 3.6
RAMP_WIDTH = 4.0


def paint_neuron_colors(painter: QPainter, column: LayerColumn) -> None:
    """Draw a dot where each neuron's weights leave, or a thin ramp beside a strip."""
    if column.is_strip:
        pixels = _ramp(theme(), len(column.y))
        ramp = QImage(pixels.data, 1, len(pixels), 4, QImage.Format.Format_RGB32)
        painter.drawImage(QRectF(column.right + 2, column.top, RAMP_WIDTH, column.bottom - column.top), ramp)
        return
    painter.setPen(flat_pen(theme().color("card"), 1.0))
    for y, color in zip(column.y.tolist(), theme().neuron_colors(len(column.y)), strict=True):
        painter.setBrush(color)
        painter.drawEllipse(QPointF(column.right, y), RADIUS, RADIUS)


@lru_cache(maxsize=32)
def _ramp(of: Theme, count: int) -> npt.NDArray[np.uint32]:
    """Return the neurons' colours as pixels, uint32 of shape (count,)."""
    return np.array([color.rgb() for color in of.neuron_colors(count)], dtype=np.uint32)
