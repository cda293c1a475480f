"""Paint neurons as boxes, each with its index, curve and bias, and the edges between them."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from functools import lru_cache
from typing import Any

import numpy as np
from pyqtgraph.functions import create_qpolygonf, ndarray_from_qpolygonf
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPainterPath, QPolygonF

from tinynet_gui.core.network.refs import NeuronRef, WeightRef
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.values import AnyFloats, Array, Flags, Floats
from tinynet_gui.ui.style.theme import drawn_width, theme
from tinynet_gui.ui.views.diagram import pens
from tinynet_gui.ui.views.diagram.layout import (
    DiagramLayout,
    DrawnEdges,
    LayerColumn,
    Rectangle,
    edge_ends,
    place_of_edges,
)
from tinynet_gui.ui.widgets.pictures import draw_with

THINNEST, THICKEST = 0.6, 4.6
BOLD_EDGES = 16  # only the edges of so many largest weights are drawn thick
FAINTEST = 0.73  # the least opacity of an edge with an effect
HAS_CORE = 0.25  # negative weights above this share of the largest have a line thick enough for dashes within it
HAIRLINE_SHADES = 4  # the other edges are grouped by opacity into so many paths
Heights = tuple[float, float]  # y where an edge begins and ends
Draw = Callable[..., Any]  # calls a paint function with its arguments, or draws its cached result


def paint_edges(
    painter: QPainter, layout: DiagramLayout, edges: Sequence[DrawnEdges], faint: Sequence[Flags], draw: Draw
) -> None:
    """Draw the strongest few edges as thick as they are strong, and all others as hairlines.

    `faint` marks, by the indices of `edges`, those without effect: grey, and dotted if there are few. The limits
    exist because Qt draws a hairline in 2 µs but a thick antialiased curve in 6 µs.
    """
    ranked = sorted(share for e in edges for share in _strengths(e, slice(-BOLD_EDGES, None)).tolist())
    threshold = ranked[-BOLD_EDGES] if len(ranked) >= BOLD_EDGES else 0.0
    for drawn, grey in zip(edges, faint, strict=True):
        place = place_of_edges(layout, drawn.layer)
        moment = draw, place, drawn, grey, threshold
        draw(painter, place, _paint_edges_of_layer, layout, turn=drawn.layer, every=2, moment=moment)


def _paint_edges_of_layer(
    painter: QPainter,
    layout: DiagramLayout,
    draw: Draw,
    place: Rectangle,
    drawn: DrawnEdges,
    grey: Flags,
    threshold: float,
) -> None:
    """Draw a layer's edges: the bold ones over its hairlines."""
    strength = _strengths(drawn)
    is_bold = ~grey & (strength >= threshold) & ((drawn.weights >= 0) | (strength >= HAS_CORE))
    moment = drawn, strength, grey, is_bold
    draw(painter, place, _paint_hairlines, layout, turn=drawn.layer, moment=moment)
    x0, y0, x1, y1 = edge_ends(layout, drawn)
    chosen = np.flatnonzero(is_bold)[-BOLD_EDGES:]
    weights, shares = drawn.weights[chosen].tolist(), strength[chosen].tolist()
    negative = list[Heights]()
    colors = [theme().color(name) for name in ("faint", "positive", "negative")]
    pen = pens.flat_pen(colors[0], 1.0)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for start, end, weight, share in zip(y0[chosen].tolist(), y1[chosen].tolist(), weights, shares, strict=True):
        (color := colors[(weight > 0) - (weight < 0)]).setAlphaF(_opacity(share))
        pen.setColor(color)
        pen.setWidthF(drawn_width(THINNEST + (THICKEST - THINNEST) * share))
        painter.setPen(pen)
        painter.drawPath(edge_path(x0, x1, [(start, end)]))
        if weight < 0:
            negative.append((start, end))
    if negative:
        offsets = pens.hairline_offsets(painter)
        painter.setPen(pens.hairline("card", 1.0, pens.DASH, len(offsets)))
        _draw_thin(painter, offsets, x0, x1, negative)


def _strengths(drawn: DrawnEdges, which: slice = slice(None)) -> AnyFloats:
    """Return the weights' magnitudes as shares of the layer's largest, ascending."""
    size: AnyFloats = np.abs(drawn.weights[which])
    return size / drawn.largest if drawn.largest > 0 else np.zeros_like(size)


def _paint_hairlines(
    painter: QPainter, layout: DiagramLayout, drawn: DrawnEdges, strength: AnyFloats, grey: Flags, is_bold: Flags
) -> None:
    """Draw a layer's edges but the bold ones, grouped by colour."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    offsets = pens.hairline_offsets(painter)
    rest = np.flatnonzero(~is_bold)
    x0, y0, x1, y1 = edge_ends(layout, drawn)
    without_effect: list[Heights] = []
    thin: defaultdict[tuple[bool, int], list[Heights]] = defaultdict(list)
    of_edges = (array[rest].tolist() for array in (y0, y1, drawn.weights, strength, grey))
    for start, end, weight, share, is_grey in zip(*of_edges, strict=True):
        if is_grey:
            without_effect.append((start, end))
        elif not math.isnan(weight):
            thin[weight < 0, min(int(HAIRLINE_SHADES * share), HAIRLINE_SHADES - 1)].append((start, end))
    if without_effect:
        dots = pens.DOTS if len(without_effect) <= BOLD_EDGES else ()
        painter.setPen(pens.hairline("faint", 0.7, dots, len(offsets)))
        _draw_thin(painter, offsets, x0, x1, without_effect)
    for (is_negative, shade), ends in sorted(thin.items()):
        color, dash = ("negative", pens.DASH) if is_negative else ("positive", ())
        painter.setPen(pens.hairline(color, _opacity((shade + 0.5) / HAIRLINE_SHADES), dash, len(offsets)))
        _draw_thin(painter, offsets, x0, x1, ends)


def draw_signed(painter: QPainter, path: QPainterPath, value: float, width: float) -> None:
    """Draw the line of a weight in the colour of its sign; a negative one is dashed, whatever its width.

    Only a hairline core is dashed: Qt draws that ten times faster than thick dashes.
    """
    painter.setPen(pens.flat_pen(pens.sign_color(value), width))
    painter.drawPath(path)
    if value < 0:
        painter.setPen(pens.hairline("card", 1.0, pens.DASH, len(pens.hairline_offsets(painter))))
        painter.drawPath(path)


def _opacity(share: float) -> float:
    """Return the opacity of an edge; even the weakest has a contrast of 3:1."""
    return FAINTEST + (1 - FAINTEST) * share


def idle_masks(snapshot: Snapshot, off: Set[NeuronRef], with_dead: bool = True) -> list[Flags]:
    idle = [mask.copy() if with_dead else np.zeros(len(mask), bool) for mask in snapshot.dead]
    for ref in off:
        idle[ref.layer][ref.index] = True
    return idle


def idle_ends(edges: DrawnEdges, idle: Sequence[Flags]) -> Flags:
    to_idle = idle[edges.layer][edges.outputs] if edges.layer < len(idle) else np.zeros(len(edges.weights), bool)
    return to_idle | idle[edges.layer - 1][edges.inputs] if edges.layer > 0 else to_idle


def _draw_thin(painter: QPainter, offsets: Sequence[float], x0: float, x1: float, ends: Sequence[Heights]) -> None:
    if len(offsets) == 1:
        painter.drawPath(edge_path(x0, x1, ends))
        return
    for shift in (0.7 * offset for offset in offsets):
        for falls, down in ((True, -shift), (False, shift)):
            here = [(start + down, end + down) for start, end in ends if (end > start) == falls]
            if here:
                painter.drawPath(edge_path(x0 + shift, x1 + shift, here))


def edge_path(x0: float, x1: float, ends: Iterable[Heights]) -> QPainterPath:
    """Return one path of Bézier curves from x0 to x1, horizontal at both ends."""
    path = QPainterPath()
    middle = (x0 + x1) / 2
    for start, end in ends:
        path.moveTo(x0, start)
        path.cubicTo(middle, start, middle, end, x1, end)
    return path


def one_edge(layout: DiagramLayout, ref: WeightRef) -> QPainterPath:
    start, end = layout.departures(ref.layer), layout.arrivals(ref.layer)
    return edge_path(start.right, end.left, [(start.y[ref.input], end.y[ref.output])])


DIED, DEAD = _("†: step at which it died"), _("†: dead")  # for the legend
ROOM_FOR_A_CURVE = 18.0
DOT_ROOM = 5.0  # of a neuron's dot, within its box
NUMBER_MARGIN = 5.0  # before a neuron's number, at its bias
FEW_NEURONS = 12  # layers up to this size have slightly thicker curves
BIAS_LENGTH, BIAS_WIDTH = 16.0, 4.0
DeathSteps = Mapping[tuple[int, int], int]  # the step of a neuron's, by layer and index


@lru_cache(maxsize=64)
def number_room(column: LayerColumn) -> float:
    """Return the width of a box's number; 0 if it does not fit, or there is only one neuron.

    Cached by column: another zoom makes a new layout, hence new columns.
    """
    if column.kind == "output" or column.is_strip:
        return 0.0
    metrics = QFontMetricsF(pens.words_font(0.72))
    width = NUMBER_MARGIN + metrics.horizontalAdvance(str(len(column.y))) + 1.0
    fits = column.box[0] - width >= ROOM_FOR_A_CURVE and column.box[1] >= metrics.capHeight()
    return width if fits else 0.0


def paint_indices(painter: QPainter, column: LayerColumn, indices: Iterable[int]) -> None:
    room = number_room(column)
    if room:
        painter.setFont(pens.words_font(0.72))
        painter.setPen(theme().color("muted"))
        for index in indices:
            left, top, _, height = column.rectangle(index)
            place = QRectF(left + NUMBER_MARGIN - 2, top, room - NUMBER_MARGIN + 4, height)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, str(index + 1))


def curves_of(column: LayerColumn, snapshot: Snapshot) -> Array:
    if column.kind == "output":
        return snapshot.output[None, ::8]
    source = snapshot.pre_activations if column.kind == "linear" else snapshot.activations
    return source[column.layer]


def paint_curves(painter: QPainter, column: LayerColumn, snapshot: Snapshot, idle: Set[int], off: Set[int]) -> None:
    """Draw each neuron's curve, scaled to its box and faint if it is in `idle`, and its bias as a bar."""
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
    finite = np.flatnonzero(np.isfinite(y).all(axis=1)).tolist()
    active = [row for row in finite if row not in idle]
    line_width = 1.3 if len(column.y) <= FEW_NEURONS else 1.0
    for rows, color in ((active, "ink"), ([row for row in finite if row in idle], "faint")):
        if rows:
            pen, offsets = pens.steep_lines(painter, color, line_width)
            draw_with(painter, pen)
            for offset in offsets:
                painter.drawPath(_polylines(x, y[rows] + offset))
    if column.kind != "activation":
        paint_biases(painter, column, snapshot, off)


def _after_number(column: LayerColumn) -> float:
    return column.left + max(number_room(column) + 1.0, 4.0)


def paint_words(painter: QPainter, column: LayerColumn, idle: Set[int], deaths: DeathSteps, off: Set[int]) -> str:
    """Write into the boxes of idle neurons why they are: off or dead; return the legend entry of †, if one is drawn."""
    painter.setPen(theme().color("muted"))
    painter.setFont(pens.words_font(0.78))
    metrics = QFontMetricsF(painter.font())
    left, told = _after_number(column) + 2, ""
    for row in sorted(idle):
        step = deaths.get((column.layer, row))
        dead = [_("dead"), "†"] if step is None else [f"† {count_text(step)}", _("dead"), "†"]
        words = [_("off"), "×"] if row in off else dead
        room = column.right - DOT_ROOM - left if column.box[1] >= metrics.capHeight() else 0.0
        word = next((word for word in words if metrics.horizontalAdvance(word) <= room), words[-1])
        if "†" in word:
            told = DEAD if word == "†" and told != DIED else DIED
        at = QPointF(left, column.y[row] + metrics.capHeight() / 2)
        painter.fillRect(metrics.boundingRect(word).translated(at), theme().color("field"))  # hides a curve behind it
        painter.drawText(at, word)
    return told


def paint_biases(painter: QPainter, column: LayerColumn, snapshot: Snapshot, off: Set[int] = frozenset()) -> None:
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
        draw_with(painter, None, theme().color(color))
        painter.drawRects(of_color)


@lru_cache(maxsize=4)
def _curve_of(count: int) -> tuple[QPolygonF, Floats]:
    curve = create_qpolygonf(count)
    return curve, ndarray_from_qpolygonf(curve)


def _polylines(x: Floats, y: Floats) -> QPainterPath:
    path, (curve, points) = QPainterPath(), _curve_of(len(x))
    points[:, 0] = x
    for row in y:
        points[:, 1] = row
        path.addPolygon(curve)
    return path


CORNER = 4.0


def paint_boxes(painter: QPainter, column: LayerColumn) -> None:
    draw_with(painter, pens.flat_pen(theme().color("border"), 1.0), theme().color("field"))
    for index in range(len(column.y)):
        painter.drawRoundedRect(QRectF(*column.rectangle(index)), CORNER, CORNER)
