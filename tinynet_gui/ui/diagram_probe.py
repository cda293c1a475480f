"""Values on their way through the network, written into its diagram: of one x, or of a step's move."""

from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from tinynet_gui.core.probe import Probe
from tinynet_gui.ui.diagram_layout import Column, DiagramLayout
from tinynet_gui.ui.numbers import signed
from tinynet_gui.ui.theme import Theme, fixed_font, small_font

MOST_EDGES = 40  # with more of them the numbers would lie on top of each other
ALONG = 0.72  # where on an edge its number stands, from its beginning
SMALLEST_BOX = (38.0, 15.0)  # a box must be so large for a number in it
DIGITS = 3


def paint_probe(painter: QPainter, layout: DiagramLayout, probe: Probe, theme: Theme) -> None:
    """Write pre-activations and activations over the boxes, and w·v onto the edges; strips have no room for them."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    font = fixed_font(small_font(0.86).pointSizeF())
    painter.setFont(font)
    for column in layout.columns:
        if column.kind == "input":
            painter.setPen(theme.color("accent"))
            room = QRectF(column.x - 50, column.bottom + 3, 100, 14)
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, f"x = {signed(probe.x, DIGITS)}")
        elif not column.is_strip and column.box[0] >= SMALLEST_BOX[0] and column.box[1] >= SMALLEST_BOX[1]:
            _paint_column(painter, column, probe, theme)
    if sum(here.layer.weight.size for here in probe.layers) <= MOST_EDGES:
        edges = (np.ndenumerate(here.edges) for here in probe.layers)
        carried = {(layer, *place): float(v) for layer, values in enumerate(edges) for place, v in values}
        paint_edge_values(painter, layout, carried, theme)


def _paint_column(painter: QPainter, column: Column, probe: Probe, theme: Theme) -> None:
    here = probe.layers[column.layer]
    values = here.pre_activations if column.kind == "linear" else here.activations
    for index, value in enumerate(values.tolist()):
        box = QRectF(*column.rectangle(index))
        off = bool(here.off[index]) and column.kind != "linear"
        painter.setPen(theme.color("border"))
        painter.setBrush(theme.color("card", 0.9))
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(theme.color("faint" if off else "positive" if value >= 0 else "negative"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, "off" if off else signed(value, DIGITS))
    painter.setBrush(Qt.BrushStyle.NoBrush)


def paint_edge_values(
    painter: QPainter, layout: DiagramLayout, values: Mapping[tuple[int, int, int], float], theme: Theme
) -> None:
    """Write a number onto each edge, (affine layer, output, input) to value; not where there are too many."""
    if not values or len(values) > MOST_EDGES:
        return
    painter.setFont(fixed_font(small_font(0.8).pointSizeF()))
    metrics = painter.fontMetrics()
    for (layer, output, source), value in values.items():
        start, end = layout.departures(layer), layout.arrivals(layer)
        many_arrive = len(end.y) == 1
        share = 1 - ALONG if many_arrive else ALONG
        bend = share * share * (3 - 2 * share)
        x = start.right + (end.left - start.right) * share
        y = start.y[source] + (end.y[output] - start.y[source]) * bend
        text = signed(value, DIGITS)
        box = QRectF(0, 0, metrics.horizontalAdvance(text) + 6, metrics.height())
        box.moveCenter(QPointF(x, y))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("card", 0.85))
        painter.drawRect(box)
        painter.setPen(theme.color("positive" if value >= 0 else "negative"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
    painter.setBrush(Qt.BrushStyle.NoBrush)
