"""Draws the edges of the network diagram: colour and dashes are the sign, thickness and shade the size."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence, Set

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPainterPath

from tinynet_gui.core.function.summaries import dead_masks
from tinynet_gui.core.network.refs import NeuronRef, WeightRef
from tinynet_gui.core.numerics.arrays import Flags
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.ui.style.theme import Theme
from tinynet_gui.ui.views.diagram.layout import DiagramLayout, DrawnEdges, edge_ends
from tinynet_gui.ui.views.diagram.pens import DASH, DOTS, flat_pen, hairline, hairline_offsets, sign_color

THINNEST, THICKEST = 0.6, 4.6
BOLD_EDGES = 16  # at most this many edges are drawn thick, those of the largest weights
FAINTEST = 0.73  # the least opacity of an edge with an effect
HAS_CORE = 0.25  # the least share of a negative weight that is thick enough for dashes within its line
HAIRLINE_SHADES = 4  # the number of opacities for the others, one path each
Heights = tuple[float, float]  # at which an edge begins and ends


def paint_edges(
    painter: QPainter, layout: DiagramLayout, edges: Sequence[DrawnEdges], faint: Sequence[Flags], theme: Theme
) -> None:
    """Draw the strongest few edges as thick as they are strong, and all others as hairlines.

    `faint` marks, by the indices of `edges`, those without effect: they are grey, and dotted if there are few. Qt draws
    a hairline in 2 µs and a thick smooth curve in 6 µs: hence the limits.
    """
    strengths = [np.abs(e.weights) / e.largest if e.largest > 0 else np.zeros(len(e.weights)) for e in edges]
    ranked = np.sort(np.concatenate(strengths))
    threshold = ranked[-BOLD_EDGES] if len(ranked) > BOLD_EDGES else 0.0
    painter.setBrush(Qt.BrushStyle.NoBrush)
    offsets = hairline_offsets(painter)
    for drawn, strength, grey in zip(edges, strengths, faint, strict=True):
        x0, y0, x1, y1 = edge_ends(layout, drawn)
        without_effect: list[Heights] = []
        bold: list[tuple[Heights, float, float]] = []
        thin: defaultdict[tuple[bool, int], list[Heights]] = defaultdict(list)
        of_edges = (array.tolist() for array in (y0, y1, drawn.weights, strength, grey))
        for start, end, weight, share, is_grey in zip(*of_edges, strict=True):
            if is_grey:
                without_effect.append((start, end))
            elif share >= threshold and (weight >= 0 or share >= HAS_CORE):
                bold.append(((start, end), weight, share))
            elif not math.isnan(weight):
                thin[weight < 0, min(int(HAIRLINE_SHADES * share), HAIRLINE_SHADES - 1)].append((start, end))
        if without_effect:
            dots = DOTS if len(without_effect) <= BOLD_EDGES else ()
            painter.setPen(hairline(theme.color("faint", 0.7), dots, len(offsets)))
            _draw_thin(painter, offsets, x0, x1, without_effect)
        for (is_negative, shade), ends in sorted(thin.items()):
            color = theme.color("negative" if is_negative else "positive", _opacity((shade + 0.5) / HAIRLINE_SHADES))
            painter.setPen(hairline(color, DASH if is_negative else (), len(offsets)))
            _draw_thin(painter, offsets, x0, x1, ends)
        for heights, weight, share in bold[-BOLD_EDGES:]:
            color = sign_color(theme, weight, _opacity(share))
            painter.setPen(flat_pen(color, THINNEST + (THICKEST - THINNEST) * share))
            painter.drawPath(edge_path(x0, x1, [heights]))
        if negative := [heights for heights, weight, _ in bold[-BOLD_EDGES:] if weight < 0]:
            painter.setPen(hairline(theme.color("card"), DASH, len(offsets)))
            _draw_thin(painter, offsets, x0, x1, negative)


def draw_signed(painter: QPainter, path: QPainterPath, value: float, width: float, theme: Theme) -> None:
    """Draw the line of a weight in the colour of its sign; a negative one is dashed, whatever its width.

    The dashes are its core: Qt draws those of a hairline in a tenth of the time.
    """
    painter.setPen(flat_pen(sign_color(theme, value), width))
    painter.drawPath(path)
    if value < 0:
        painter.setPen(hairline(theme.color("card"), DASH, len(hairline_offsets(painter))))
        painter.drawPath(path)


def _opacity(share: float) -> float:
    """Return the opacity of an edge: the weakest still stand out 3:1."""
    return FAINTEST + (1 - FAINTEST) * share


def idle_ends(edges: DrawnEdges, snapshot: Snapshot, off: Set[NeuronRef], with_dead: bool = True) -> Flags:
    """Return which edges lead to or from a neuron that is dead or switched off."""
    idle = [mask.copy() if with_dead else np.zeros(len(mask), bool) for mask in dead_masks(snapshot)]
    for ref in off:
        idle[ref.layer][ref.index] = True
    to_idle = idle[edges.layer][edges.outputs] if edges.layer < len(idle) else np.zeros(len(edges.weights), bool)
    return to_idle | idle[edges.layer - 1][edges.inputs] if edges.layer > 0 else to_idle


def _draw_thin(painter: QPainter, offsets: Sequence[float], x0: float, x1: float, ends: Sequence[Heights]) -> None:
    """Draw edges in a hairline's pen, one logical pixel wide."""
    if len(offsets) == 1:
        painter.drawPath(edge_path(x0, x1, ends))
        return
    for shift in (0.7 * offset for offset in offsets):
        for falls, down in ((True, -shift), (False, shift)):
            here = [(start + down, end + down) for start, end in ends if (end > start) == falls]
            if here:
                painter.drawPath(edge_path(x0 + shift, x1 + shift, here))


def edge_path(x0: float, x1: float, ends: Iterable[Heights]) -> QPainterPath:
    """Return one path of Bézier curves from x0 to x1, level at both ends."""
    path = QPainterPath()
    middle = (x0 + x1) / 2
    for start, end in ends:
        path.moveTo(x0, start)
        path.cubicTo(middle, start, middle, end, x1, end)
    return path


def one_edge(layout: DiagramLayout, ref: WeightRef) -> QPainterPath:
    """Return the curve of a single edge, drawn or not."""
    start, end = layout.departures(ref.layer), layout.arrivals(ref.layer)
    return edge_path(start.right, end.left, [(start.y[ref.input], end.y[ref.output])])
