"""How much larger than usual everything is drawn: text, lines, boxes, dots. It is the application's, like its font.

Qt takes a scale factor only at its start. So whatever is measured in pixels goes through `px` or `line_px`, fonts come
from `theme.small_font` and `theme.fixed_font`, and `widgets/zoomed.py` does the same for what widgets have been given.
A picture that is drawn through a painter with a scale needs none of this: only its fonts and pens, which follow the
zoom already, and so are taken back by `drawn_font` and `drawn_width`.
"""

from dataclasses import dataclass
from math import ceil

from PySide6.QtCore import QPointF
from PySide6.QtGui import QFont

PERCENTS = (80, 90, 100, 110, 125, 150, 175, 200, 250, 300)


@dataclass(frozen=True)
class Zoom:
    """A factor, and what is never gone below: the size of a text in points, the width of a line in pixels."""

    scale: float = 1.0
    least_points: float = 0.0
    least_line: float = 0.0


class _Application:
    zoom = Zoom()


def zoom() -> Zoom:
    """Return the zoom in force."""
    return _Application.zoom


def put_zoom_in_force(wanted: Zoom) -> None:
    """Measure by another zoom from now on; `ThemeSource.set_zoom` lets everything that is there follow."""
    _Application.zoom = wanted


def px(length: float) -> float:
    """Return a length in the window's pixels."""
    return length * zoom().scale


def whole_px(length: float) -> int:
    """Return it as what Qt's widgets and layouts take."""
    return round(px(length))


def usual_px(length: float) -> int:
    """Return a length that was measured in the window's fonts as a widget takes it that is yet to follow the zoom."""
    return ceil(length / zoom().scale)


def line_px(width: float) -> float:
    """Return the width of a line that says something."""
    return max(px(width), zoom().least_line)


def readable(font: QFont) -> QFont:
    """Return a font, larger if it is below what is never gone below."""
    if font.pointSizeF() < zoom().least_points:
        font.setPointSizeF(zoom().least_points)
    return font


def drawn_font(font: QFont) -> QFont:
    """Return a font of the window for a picture that is drawn at a zoom of 1 and then magnified."""
    drawn = QFont(font)
    drawn.setPointSizeF(font.pointSizeF() / zoom().scale)
    return drawn


def drawn_width(width: float) -> float:
    """Return the width of a line in such a picture."""
    return line_px(width) / zoom().scale


def drawn_at(point: QPointF) -> QPointF:
    """Return where a point of the window is in such a picture."""
    return point / zoom().scale
