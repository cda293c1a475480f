"""Paint a layer too wide for boxes: a strip with one thin line per neuron."""

from collections.abc import Set
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter

from tinynet_gui.core.step.flow import Boxes
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.values import AnyFloats, Floats, Ints
from tinynet_gui.ui.style.colors import Theme
from tinynet_gui.ui.style.theme import theme
from tinynet_gui.ui.views.diagram.boxes import BIAS_WIDTH, curves_of
from tinynet_gui.ui.views.diagram.layout import USUAL_DIGIT, DiagramLayout, DigitSize, LayerColumn
from tinynet_gui.ui.views.diagram.pens import BOX_NUMBER, flat_pen, numbers_font, words_font
from tinynet_gui.ui.widgets.pictures import draw_with

NUMBER_SIZE = 0.75  # relative to the window's font
SHADES = 128  # per sign
AROUND_NUMBER = 2.0  # the padding of a number, above and below together


def paint_strip(painter: QPainter, column: LayerColumn, snapshot: Snapshot, numbers: Boxes | None = None) -> None:
    """Draw a wide layer as a heat map: one line per neuron, x to the right, colour for its value.

    With `numbers`, each line has the single colour of its neuron's number.
    """
    rectangle = _inside(column)
    rows = max(1, round(rectangle.height()))
    values = curves_of(column, snapshot) if numbers is None else numbers.values[:, None]
    _draw_heat(painter, rectangle, _downsampled(values, rows))
    if column.kind != "activation":
        bias = snapshot.layers[column.layer].bias[:, None]
        side = QRectF(column.left - BIAS_WIDTH - 2, column.top, BIAS_WIDTH, rectangle.height())
        _draw_heat(painter, side, _downsampled(bias, rows))


def paint_frame(painter: QPainter, layout: DiagramLayout, column: LayerColumn, dead: int, off: Set[int]) -> None:
    """Draw a strip's border, the lines of neurons in `off`, the first neuron above and a text about the last below."""
    draw_with(painter, flat_pen(theme().color("border"), 1.0))
    painter.drawRect(_inside(column))
    for index in off:
        _, top, _, height = column.rectangle(index)
        painter.fillRect(QRectF(column.left, top - 1, column.box[0], height + 2), theme().color("faint"))
    painter.setPen(theme().color("muted"))
    painter.setFont(words_font(NUMBER_SIZE))
    line, last = layout.digit.line + AROUND_NUMBER, _text_below(layout, column, dead)
    for top, text in ((column.top - line - 1, "1"), (column.bottom + 1, last)):
        painter.drawText(QRectF(column.left, top, 2 * column.box[0], line), Qt.AlignmentFlag.AlignVCenter, text)


def _inside(column: LayerColumn) -> QRectF:
    return QRectF(column.left, column.top, column.box[0], column.bottom - column.top)


def digit_size() -> DigitSize:
    metrics, line = QFontMetricsF(numbers_font(BOX_NUMBER)), QFontMetricsF(words_font(NUMBER_SIZE)).ascent()
    return DigitSize(metrics.horizontalAdvance("0"), metrics.capHeight(), max(USUAL_DIGIT.line, line))


def _text_below(layout: DiagramLayout, column: LayerColumn, dead: int) -> str:
    """Return the index of a strip's last neuron, and how many of its neurons are dead."""
    last, told = count_text(len(column.y)), count_text(dead)
    if not dead:
        return last
    forms = [_("{last}, {count} dead").format(last=last, count=told), _("{count} dead").format(count=told)]
    width_of = QFontMetricsF(words_font(NUMBER_SIZE)).horizontalAdvance
    return forms[width_of(forms[0]) > layout.heading(column)[2]]


def _downsampled(values: AnyFloats, rows: int) -> AnyFloats:
    """Keep at most `rows` rows: of neurons that share a line of pixels, the one with the largest magnitude."""
    count = len(values)
    if count <= rows:
        return values
    slots = _slots(count, rows)
    peak = np.abs(values.T, order="C").max(axis=0)  # along the longer axis: many numbers at once
    kept: AnyFloats = values[slots[np.arange(rows), peak[slots].argmax(axis=1)]]
    return kept


@lru_cache(maxsize=8)
def _slots(count: int, rows: int) -> Ints:
    """Return the neurons of each line of pixels, padded by repeating its last."""
    starts = (np.arange(rows) * count) // rows
    widths = np.diff(np.append(starts, count))
    slots: Ints = starts[:, None] + np.minimum(np.arange(widths.max()), widths[:, None] - 1)
    return slots


def _draw_heat(painter: QPainter, place: QRectF, values: AnyFloats) -> None:
    largest = float(np.abs(values).max())
    if np.isfinite(largest) and largest > 0:
        shades = (values * (SHADES / largest)).astype(np.int32) + SHADES
    else:
        shades = np.full(values.shape, SHADES, np.int32)
    pixels = _palette(theme()).take(shades)
    height, width = pixels.shape
    painter.drawImage(place, QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGB32))


@lru_cache(maxsize=2)
def _palette(of: Theme) -> npt.NDArray[np.uint32]:
    """Return 2 * SHADES + 1 colours from negative through the background to positive, as 0xffRRGGBB."""
    share = np.linspace(0, 1, SHADES + 1)[:, None] ** 0.7
    middle, negative, positive = (_rgb(of.color(name)) for name in ("field", "negative", "positive"))
    down, up = middle + (negative - middle) * share, middle + (positive - middle) * share
    rgb = np.concatenate([down[:0:-1], up]).round().astype(np.uint32)
    palette: npt.NDArray[np.uint32] = (rgb << [16, 8, 0]).sum(axis=1, dtype=np.uint32) | np.uint32(0xFF000000)
    return palette


def _rgb(color: QColor) -> Floats:
    return np.array([color.red(), color.green(), color.blue()], dtype=np.float64)
