"""The neurons' own colours in the diagram, which curves and kinks in the function plot share."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainter

from tinynet_gui.ui.style.theme import Theme
from tinynet_gui.ui.views.diagram.layout import LayerColumn
from tinynet_gui.ui.views.diagram.pens import flat_pen

RADIUS = 3.6
RAMP_WIDTH = 4.0


def paint_neuron_colors(painter: QPainter, column: LayerColumn, theme: Theme) -> None:
    """Draw a dot where each neuron's weights leave, or a thin ramp beside a strip."""
    if column.is_strip:
        pixels = _ramp(theme, len(column.y))
        ramp = QImage(pixels.data, 1, len(pixels), 4, QImage.Format.Format_RGB32)
        painter.drawImage(QRectF(column.right + 2, column.top, RAMP_WIDTH, column.bottom - column.top), ramp)
        return
    painter.setPen(flat_pen(theme.color("card"), 1.0))
    for y, color in zip(column.y.tolist(), theme.neuron_colors(len(column.y)), strict=True):
        painter.setBrush(color)
        painter.drawEllipse(QPointF(column.right, y), RADIUS, RADIUS)


@lru_cache(maxsize=32)
def _ramp(theme: Theme, count: int) -> npt.NDArray[np.uint32]:
    """Return the neurons' colours as a picture's pixels, uint32 of shape (count,)."""
    return np.array([color.rgb() for color in theme.neuron_colors(count)], dtype=np.uint32)
