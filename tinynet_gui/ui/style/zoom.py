"""The zoom of the whole program: text, lines, boxes, dots. It is global, like the application's font.

Qt takes a scale factor only at its start. So every length in pixels goes through `px` or `line_px`, fonts come from
`theme.small_font` and `theme.fixed_font`, and `widgets/touch.py` does the same for the sizes set on widgets. A picture
drawn through a scaled painter needs none of this: only its fonts and pens already follow the zoom, so `drawn_font`
and `drawn_width` undo that.
"""

import re
from math import ceil

from PySide6.QtCore import QPointF
from PySide6.QtGui import QFont, QGuiApplication

from tinynet_gui.core.values import frozen_dataclass

LEAST_TEXT = 11  # px: the size of the smallest text
TARGET, FINGER = 24, 44  # px: the least side of what can be used, by mouse and by touch
PERCENTS = (80, 90, 100, 110, 125, 150, 175, 200, 250, 300)


@frozen_dataclass
class Zoom:
    """A factor and minimum sizes: of text in points; of lines, controls and rows in pixels."""

    scale: float = 1.0
    least_points: float = 0.0
    least_line: float = 0.0
    least_target: float = 0.0
    least_row: float = 0.0


class _Application:
    zoom = Zoom()


def zoom() -> Zoom:
    return _Application.zoom


def put_zoom_in_force(wanted: Zoom) -> None:
    """Use another zoom from now on; `ThemeSource.set_zoom` updates everything that exists."""
    _Application.zoom = wanted


def target_px() -> int:
    return ceil(max(px(TARGET), zoom().least_target))


def is_touched() -> bool:
    """Whether a touch was seen: since then rows are as high as a finger."""
    return zoom().least_row > 0


def for_finger(words: str) -> str:
    """Return words about the mouse, reworded for a finger once a touch was seen."""
    return re.sub("(?<=ouble-)click", "tap", words) if is_touched() else words


def px(length: float) -> float:
    """Convert a length at a zoom of 1 to the window's pixels."""
    return length * zoom().scale


def reach_px(length: float) -> float:
    """Return the tolerance of hit tests, in the window's pixels: larger for a finger."""
    return max(px(length), zoom().least_target / 2)


def whole_px(length: float) -> int:
    """Like `px`, rounded to the integer that Qt's widgets and layouts take."""
    return round(px(length))


def usual_px(length: float) -> int:
    """Convert a length measured in the window's fonts for a widget that will follow the zoom."""
    return ceil(length / zoom().scale)


def line_px(width: float) -> float:
    return max(px(width), zoom().least_line)


def readable(font: QFont) -> QFont:
    points = px(LEAST_TEXT) * 72 / QGuiApplication.primaryScreen().logicalDotsPerInchY()
    font.setPointSizeF(max(font.pointSizeF(), points, zoom().least_points))
    return font


def drawn_font(font: QFont) -> QFont:
    """Return a font of the window for a picture drawn at a zoom of 1 and then magnified."""
    drawn = QFont(font)
    drawn.setPointSizeF(font.pointSizeF() / zoom().scale)
    return drawn


def drawn_width(width: float) -> float:
    """Return the width of a line in such a picture."""
    return line_px(width) / zoom().scale


def drawn_at(point: QPointF) -> QPointF:
    """Convert a point of the window to such a picture."""
    return point / zoom().scale
