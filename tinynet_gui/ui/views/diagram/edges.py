"""Draws the edges of the network diagram: colour is the sign, thickness and shade the size."""

from collections.abc import Sequence, Set

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPainterPath

from tinynet_gui.core.function.summaries import dead_masks
from tinynet_gui.core.network.refs import NeuronRef, WeightRef
from tinynet_gui.core.numerics.arrays import Flags, Floats
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.ui.style.theme import Theme
from tinynet_gui.ui.views.diagram.layout import DiagramLayout, DrawnEdges, edge_ends
from tinynet_gui.ui.views.diagram.pens import flat_pen, hairline, hairline_offsets, sign_color

THINNEST, THICKEST = 0.6, 4.6
BOLD_EDGES = 16  # at most this many edges are drawn thick, those of the largest weights
HAIRLINE_SHADES = 4  # the number of opacities for the others, one path each


def paint_edges(
    painter: QPainter, layout: DiagramLayout, edges: Sequence[DrawnEdges], faint: Sequence[Flags], theme: Theme
) -> None:
    """Draw the strongest few edges as thick as they are strong, and all others as hairlines.

    `faint` marks, by the indices of `edges`, those without effect: they are grey, and dashed if there are few. Qt draws
    a hairline in 7 µs and a thick smooth curve in 100 µs: hence the limits.
    """
    strengths = [np.abs(e.weights) / e.largest if e.largest > 0 else np.zeros(len(e.weights)) for e in edges]
    ranked = np.sort(np.concatenate(strengths))
    threshold = ranked[-BOLD_EDGES] if len(ranked) > BOLD_EDGES else 0.0
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for drawn, strength, grey in zip(edges, strengths, faint, strict=True):
        x0, y0, x1, y1 = edge_ends(layout, drawn)
        bold = (strength >= threshold) & ~grey
        if grey.any():
            style = Qt.PenStyle.DashLine if grey.sum() <= BOLD_EDGES else Qt.PenStyle.SolidLine
            painter.setPen(hairline(theme.color("faint", 0.7), style))
            _draw_thin(painter, x0, y0[grey], x1, y1[grey])
        level = np.minimum((strength * HAIRLINE_SHADES).astype(int), HAIRLINE_SHADES - 1)
        for sign, chosen in (("positive", drawn.weights >= 0), ("negative", drawn.weights < 0)):
            for shade in range(HAIRLINE_SHADES):
                here = chosen & (level == shade) & ~bold & ~grey
                if here.any():
                    painter.setPen(hairline(theme.color(sign, 0.25 + 0.55 * (shade + 0.5) / HAIRLINE_SHADES)))
                    _draw_thin(painter, x0, y0[here], x1, y1[here])
        for index in np.flatnonzero(bold)[-BOLD_EDGES:]:
            share, one = float(strength[index]), slice(index, index + 1)
            color = sign_color(theme, float(drawn.weights[index]), 0.35 + 0.55 * share)
            painter.setPen(flat_pen(color, THINNEST + (THICKEST - THINNEST) * share))
            painter.drawPath(edge_path(x0, y0[one], x1, y1[one]))


def idle_ends(edges: DrawnEdges, snapshot: Snapshot, off: Set[NeuronRef], with_dead: bool = True) -> Flags:
    """Return which edges lead to or from a neuron that is dead or switched off."""
    idle = [mask.copy() if with_dead else np.zeros(len(mask), bool) for mask in dead_masks(snapshot)]
    for ref in off:
        idle[ref.layer][ref.index] = True
    to_idle = idle[edges.layer][edges.outputs] if edges.layer < len(idle) else np.zeros(len(edges.weights), bool)
    return to_idle | idle[edges.layer - 1][edges.inputs] if edges.layer > 0 else to_idle


def _draw_thin(painter: QPainter, x0: float, y0: Floats, x1: float, y1: Floats) -> None:
    """Draw edges in a hairline's pen, one logical pixel wide."""
    offsets, falls = hairline_offsets(painter), y1 > y0
    if len(offsets) == 1:
        painter.drawPath(edge_path(x0, y0, x1, y1))
        return
    for shift in (0.7 * offset for offset in offsets):
        for here, side in ((falls, -1.0), (~falls, 1.0)):
            if here.any():
                painter.drawPath(edge_path(x0 + shift, y0[here] + side * shift, x1 + shift, y1[here] + side * shift))


def edge_path(x0: float, y0: Floats, x1: float, y1: Floats) -> QPainterPath:
    """Return one path of Bézier curves, level at both ends."""
    path = QPainterPath()
    middle = (x0 + x1) / 2
    for start, end in zip(y0.tolist(), y1.tolist(), strict=True):
        path.moveTo(x0, start)
        path.cubicTo(middle, start, middle, end, x1, end)
    return path


def one_edge(layout: DiagramLayout, ref: WeightRef) -> QPainterPath:
    """Return the curve of a single edge, drawn or not."""
    start, end = layout.departures(ref.layer), layout.arrivals(ref.layer)
    return edge_path(start.right, start.y[ref.input, None], end.left, end.y[ref.output, None])
