"""Draws the neurons of a layer as boxes: each with its number, its own curve and its bias."""

from collections.abc import Iterable, Mapping, Set
from functools import lru_cache

import numpy as np
from pyqtgraph.functions import create_qpolygonf, ndarray_from_qpolygonf
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPainterPath

from tinynet_gui.core.function.summaries import dead_masks
from tinynet_gui.core.numerics.arrays import Array, Floats
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.ui.style.theme import Theme
from tinynet_gui.ui.views.diagram.layout import LayerColumn
from tinynet_gui.ui.views.diagram.pens import steep_lines, words_font
from tinynet_gui.ui.widgets.painting import draw_with

DIED, DEAD = "†: step at which it died", "†: dead"  # for the legend
ROOM_FOR_A_CURVE = 18.0
DOT_ROOM = 5.0  # of a neuron's dot, within its box
NUMBER_MARGIN = 5.0  # before a neuron's number, at its bias
FEW_NEURONS = 12  # layers up to this size have slightly thicker curves
BIAS_LENGTH, BIAS_WIDTH = 16.0, 4.0
DeathSteps = Mapping[tuple[int, int], int]  # the step of a neuron's, by layer and index


@lru_cache(maxsize=64)
def number_room(column: LayerColumn) -> float:
    """Return the width of a box's number; 0 if it does not fit, or there is only one neuron.

    Another zoom, and so another font, has another layout, with other columns.
    """
    if column.kind == "output" or column.is_strip:
        return 0.0
    metrics = QFontMetricsF(words_font(0.72))
    width = NUMBER_MARGIN + metrics.horizontalAdvance(str(len(column.y))) + 1.0
    fits = column.box[0] - width >= ROOM_FOR_A_CURVE and column.box[1] >= metrics.capHeight()
    return width if fits else 0.0


def paint_indices(painter: QPainter, column: LayerColumn, indices: Iterable[int], theme: Theme) -> None:
    """Write each neuron's number in its layer into its box."""
    room = number_room(column)
    if room:
        painter.setFont(words_font(0.72))
        painter.setPen(theme.color("muted"))
        for index in indices:
            left, top, _, height = column.rectangle(index)
            place = QRectF(left + NUMBER_MARGIN - 2, top, room - NUMBER_MARGIN + 4, height)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, str(index + 1))


def curves_of(column: LayerColumn, snapshot: Snapshot) -> Array:
    """Return the curves that a column shows, one row per neuron."""
    if column.kind == "output":
        return snapshot.output[None, ::8]
    source = snapshot.pre_activations if column.kind == "linear" else snapshot.activations
    return source[column.layer]


def paint_curves(
    painter: QPainter, column: LayerColumn, snapshot: Snapshot, theme: Theme, deaths: DeathSteps, off: Set[int]
) -> str:
    """Draw each neuron's own curve, scaled to its box, and its bias as a bar; a word for one that is dead or off.

    Returns what its marks of deaths mean, if it has any.

    Parameters
    ----------
    deaths
        The known steps at which neurons died.
    off
        The column's neurons that are switched off.
    """
    curves = curves_of(column, snapshot)
    left, height = _after_number(column), column.box[1]
    low, high = curves.min(axis=1, keepdims=True), curves.max(axis=1, keepdims=True)
    span = high - low
    flat = span <= 1e-6 * np.maximum(np.abs(high), 1e-6)
    share = (curves - low) / np.where(flat, 1.0, span)
    if flat.any():
        share[flat[:, 0]] = np.where(high == 0, 0.06, 0.5)[flat[:, 0]]  # no output: a line at the bottom
    points = curves.shape[1]
    x = left + np.arange(points) * ((column.right - 4 - left) / (points - 1))
    y = column.y[:, None] + (0.5 - share) * (height - min(7.0, 0.4 * height))
    idle = set(off)
    if column.kind in ("activation", "both"):
        idle.update(np.flatnonzero(dead_masks(snapshot)[column.layer]).tolist())
    finite = np.flatnonzero(np.isfinite(y).all(axis=1)).tolist()
    active = [row for row in finite if row not in idle]
    line_width = 1.3 if len(column.y) <= FEW_NEURONS else 1.0
    for rows, color in ((active, "ink"), ([row for row in finite if row in idle], "faint")):
        if rows:
            pen, offsets = steep_lines(painter, theme.color(color), line_width)
            draw_with(painter, pen)
            for offset in offsets:
                painter.drawPath(_polylines(x, y[rows] + offset))
    if column.kind != "activation":
        paint_biases(painter, column, snapshot, theme, off)
    if column.kind in ("linear", "output") or not idle:
        return ""
    return _paint_words(painter, column, sorted(idle), theme, deaths, off)


def _after_number(column: LayerColumn) -> float:
    """Return the x where a box's curve begins."""
    return column.left + max(number_room(column) + 1.0, 4.0)


def _paint_words(
    painter: QPainter, column: LayerColumn, idle: Iterable[int], theme: Theme, deaths: DeathSteps, off: Set[int]
) -> str:
    """Write into the boxes of neurons with no effect why that is; return what a † means, if one is written."""
    painter.setPen(theme.color("muted"))
    painter.setFont(words_font(0.78))
    metrics = QFontMetricsF(painter.font())
    left, told = _after_number(column) + 2, ""
    for row in idle:
        step = deaths.get((column.layer, row))
        words = (
            ["off", "×"] if row in off else ["dead", "†"] if step is None else [f"† {count_text(step)}", "dead", "†"]
        )
        room = column.right - DOT_ROOM - left if column.box[1] >= metrics.capHeight() else 0.0
        word = next((word for word in words if metrics.horizontalAdvance(word) <= room), words[-1])
        if "†" in word:
            told = DEAD if word == "†" and told != DIED else DIED
        at = QPointF(left, column.y[row] + metrics.capHeight() / 2)
        painter.fillRect(metrics.boundingRect(word).translated(at), theme.color("field"))  # its curve may pass there
        painter.drawText(at, word)
    return told


def paint_biases(
    painter: QPainter, column: LayerColumn, snapshot: Snapshot, theme: Theme, off: Set[int] = frozenset()
) -> None:
    """Draw each bias as a bar where the neuron's weights arrive."""
    bias = snapshot.layers[column.layer].bias
    largest = float(np.abs(bias).max())
    if not np.isfinite(largest) or largest == 0:
        return
    left, length = column.left - BIAS_WIDTH / 2, min(BIAS_LENGTH, column.box[1])
    bars: dict[str, list[QRectF]] = {}
    for index, (value, y) in enumerate(zip(bias.tolist(), column.y.tolist(), strict=True)):
        half = max(1.0, length * abs(value) / largest) / 2
        bar = QRectF(left, y - half, BIAS_WIDTH, 2 * half)
        bars.setdefault("faint" if index in off else "positive" if value >= 0 else "negative", []).append(bar)
    for color, of_color in bars.items():
        draw_with(painter, None, theme.color(color))
        painter.drawRects(of_color)


def _polylines(x: Floats, y: Floats) -> QPainterPath:
    """Return one path of many curves over the same x; y has one row per curve."""
    path, curve = QPainterPath(), create_qpolygonf(len(x))
    points = ndarray_from_qpolygonf(curve)
    points[:, 0] = x
    for row in y:
        points[:, 1] = row
        path.addPolygon(curve)
    return path
