"""Draws what flows through the network into its diagram: numbers in the boxes and on the edges, and the way."""

from collections.abc import Iterator

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPolygonF

from tinynet_gui.core.arrays import largest
from tinynet_gui.core.network.refs import LayerRef, Ref, WeightRef
from tinynet_gui.core.text.numbers import brief, briefer
from tinynet_gui.ui.style.theme import Theme, fixed_font, small_font
from tinynet_gui.ui.views.diagram.edges import one_edge
from tinynet_gui.ui.views.diagram.flow import Boxes, Flow
from tinynet_gui.ui.views.diagram.layout import Column, DiagramLayout
from tinynet_gui.ui.views.diagram.pens import flat_pen, hairline, sign_color

MOST_NUMBERS = 40  # on edges: with more of them they would lie on top of each other
ROOM_AROUND = (1.0, 2.0)  # a number in a box has, beside and above it
SHADE = 0.3  # the strongest colour of a box
GAP = 0.5  # between a number on an edge and the boxes at its ends
NEAR_START, NEAR_END = (0.2, 0.35), (0.8, 0.65)  # where on an edge its number may stand, from its beginning
ARROW, WAY_Y = 5.0, 52.0  # an arrow head's size, and where the row of them is


_CENTRED = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop


def paint_numbers(painter: QPainter, column: Column, boxes: Boxes, theme: Theme) -> None:
    """Draw a column's boxes with a number in each, shaded by its size; where it has no room, the shade alone."""
    size = np.abs(boxes.values)
    most = float(np.max(size))
    shares = size / most if np.isfinite(most) and most > 0 else np.zeros(len(size))
    painter.setFont(_number_font())
    metrics = QFontMetricsF(painter.font())
    room = column.box[0] - 2 * ROOM_AROUND[0] if metrics.ascent() + 2 * ROOM_AROUND[1] <= column.box[1] else 0.0
    for index, (value, share) in enumerate(zip(boxes.values.tolist(), shares.tolist(), strict=True)):
        box = QRectF(*column.rectangle(index))
        off = boxes.off is not None and bool(boxes.off[index])
        painter.setPen(flat_pen(theme.color("border"), 1.0))
        painter.setBrush(theme.color("field"))
        painter.drawRoundedRect(box, 4, 4)
        if not off and share > 0:
            painter.setBrush(sign_color(theme, value, SHADE * share))
            painter.drawRoundedRect(box, 4, 4)
        texts = ("off",) if off else tuple(text.removeprefix("+") for text in briefer(value))  # the shade has the sign
        text = next((text for text in texts if metrics.horizontalAdvance(text) <= room), "")
        if text:
            painter.setPen(theme.color("faint" if off or value == 0 else "ink"))
            painter.drawText(box.translated(1, 0), Qt.AlignmentFlag.AlignCenter, text)
    painter.setBrush(Qt.BrushStyle.NoBrush)


def paint_notes(painter: QPainter, layout: DiagramLayout, flow: Flow, theme: Theme) -> None:
    """Write the notes below the input and the output."""
    painter.setFont(_number_font())
    for room, note in _notes(painter, layout, flow):
        painter.fillRect(room, theme.color("card", 0.85))
        painter.setPen(theme.color("ink"))
        painter.drawText(room, _CENTRED, note)


def _notes(painter: QPainter, layout: DiagramLayout, flow: Flow) -> list[tuple[QRectF, str]]:
    """The notes, and where they stand."""
    notes = [(layout.columns[0], flow.input_note), (layout.columns[-1], flow.output_note)]
    rooms = [(QRectF(column.x - 60, column.bottom + 4, 120, 34), note) for column, note in notes if note]
    return [(painter.boundingRect(room, _CENTRED, note), note) for room, note in rooms]


def paint_way(painter: QPainter, layout: DiagramLayout, flow: Flow, theme: Theme) -> None:
    """Draw an arrow head between each two columns that have edges between them."""
    if not flow.way:
        return
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("accent"))
    for before, after in zip(layout.columns, layout.columns[1:], strict=False):
        paint_arrow(painter, (before.right + after.left) / 2, WAY_Y, flow.way == "forward")
    painter.setBrush(Qt.BrushStyle.NoBrush)


def paint_arrow(painter: QPainter, x: float, y: float, to_the_right: bool) -> None:
    """Draw an arrow head around a point, in the painter's brush."""
    way = ARROW if to_the_right else -ARROW
    corners = [QPointF(x - way, y - ARROW), QPointF(x + way, y), QPointF(x - way, y + ARROW)]
    painter.drawPolygon(QPolygonF(corners))


def paint_edge_numbers(painter: QPainter, layout: DiagramLayout, flow: Flow, ref: Ref | None, theme: Theme) -> None:
    """Write numbers onto edges: onto all of a few, of many onto those of the selected neuron, weight or layer.

    Where two would lie on each other the stronger edge has its number.
    """
    numbered = numbered_edges(flow, ref)
    if sum(values.size for values in flow.edges) > MOST_NUMBERS:  # not all of these edges are drawn
        for edge, value in numbered:
            painter.setPen(hairline(sign_color(theme, value)))
            painter.drawPath(one_edge(layout, edge))
    painter.setFont(_number_font())
    metrics = QFontMetricsF(painter.font())
    taken = [room for room, _ in _notes(painter, layout, flow)]
    for edge, value in numbered:
        text = brief(value)
        for box in _places(layout, edge, metrics.horizontalAdvance(text) + 2, metrics.height() - 1):
            if not any(box.intersects(other) for other in taken):
                taken.append(box)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme.color("card", 0.85))
                painter.drawRect(box)
                painter.setPen(sign_color(theme, value))
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
                break
    painter.setBrush(Qt.BrushStyle.NoBrush)


def numbered_edges(flow: Flow, ref: Ref | None) -> list[tuple[WeightRef, float]]:
    """Return the edges whose numbers are written and the numbers, the largest first."""
    if sum(values.size for values in flow.edges) <= MOST_NUMBERS:
        chosen = [edge for layer in range(len(flow.edges)) for edge in _edges_of(flow, LayerRef(layer))]
    else:
        chosen = [] if ref is None else _edges_of(flow, ref)
    numbered = [(edge, float(flow.edges[edge.layer][edge.output, edge.input])) for edge in chosen]
    return sorted(numbered, key=lambda pair: -abs(pair[1]))[:MOST_NUMBERS]


def _edges_of(flow: Flow, ref: Ref) -> list[WeightRef]:
    """The edges of a layer, those that lead to and from a neuron, or a single one; the largest of very many."""
    match ref:
        case WeightRef():
            return [ref]
        case LayerRef():
            places = largest(flow.edges[ref.layer].ravel(), MOST_NUMBERS)
            return [WeightRef(ref.layer, *divmod(place, flow.edges[ref.layer].shape[1])) for place in places]
    into = largest(flow.edges[ref.layer][ref.index], MOST_NUMBERS)
    edges = [WeightRef(ref.layer, ref.index, source) for source in into]
    if ref.layer + 1 < len(flow.edges):
        out = largest(flow.edges[ref.layer + 1][:, ref.index], MOST_NUMBERS)
        edges += [WeightRef(ref.layer + 1, output, ref.index) for output in out]
    return edges


def _places(layout: DiagramLayout, edge: WeightRef, width: float, height: float) -> Iterator[QRectF]:
    """Where an edge's number may stand: on its curve, by the end where the edges lie farther apart.

    Nowhere if there is too little room between the columns.
    """
    start, end = layout.departures(edge.layer), layout.arrivals(edge.layer)
    shares = NEAR_START + NEAR_END if len(end.y) < len(start.y) else NEAR_END + NEAR_START
    left, right = start.right + GAP, end.left - GAP
    if right - left < width:
        return
    for t in shares:  # the curve is that of `edge_path`
        x = start.right + (end.left - start.right) * (1.5 * t * (1 - t) + t**3)
        y = start.y[edge.input] + (end.y[edge.output] - start.y[edge.input]) * t * t * (3 - 2 * t)
        x = min(max(x, left + width / 2), right - width / 2)
        yield QRectF(x - width / 2, y - height / 2, width, height)


def _number_font() -> QFont:
    return fixed_font(small_font(0.8).pointSizeF())
