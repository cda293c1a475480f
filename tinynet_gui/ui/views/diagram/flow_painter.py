"""Paint a flow through the network: numbers in boxes and on edges, and its direction."""

from collections.abc import Iterator, Set

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPolygonF

from tinynet_gui.core.network.refs import LayerRef, Ref, WeightRef
from tinynet_gui.core.step.flow import Boxes, Flow
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.numbers import briefer
from tinynet_gui.core.values import frozen_dataclass, largest
from tinynet_gui.ui.style.theme import theme
from tinynet_gui.ui.views.diagram.boxes import BIAS_WIDTH, draw_signed, number_room, one_edge, paint_indices
from tinynet_gui.ui.views.diagram.layout import DiagramLayout, LayerColumn, edge_curve
from tinynet_gui.ui.views.diagram.pens import BOX_NUMBER, RADIUS, flat_pen, numbers_font, sign_color
from tinynet_gui.ui.widgets.pictures import draw_with

MAX_NUMBERS = 40  # on edges: more would overlap
AROUND = (1.0, 0.5)  # the padding of a number in a box, across and down
SHADE = 0.3  # the largest opacity of a box's colour
ROUND = 10.0  # the radius of the input's corners
GAP = 1.5  # between a number on an edge and the dot or bias at its ends
NEAR_START, NEAR_END = (0.2, 0.35), (0.8, 0.65)  # possible places of a number on an edge, from its beginning
DESCENT = 2.5  # px below a number that may overlap its edge: digits have no descent
FAINT = 0.7  # the opacity of the box of a number on an edge
ARROW = 5.0  # an arrow head's size
PILL, PILL_LEFT = (7.0, 4.0), 2.0  # around the number in the input's node, and its least place

_CENTRED = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop


@frozen_dataclass
class Notes:
    """Texts in the input's node, instead of its x, and below the output; "" for none."""

    of_input: str = ""
    of_output: str = ""


def paint_numbers(painter: QPainter, column: LayerColumn, boxes: Boxes, switched_off: Set[int] = frozenset()) -> None:
    """Draw a column's boxes with their numbers, shaded by magnitude; only the shade if a number does not fit."""
    size = np.abs(boxes.values)
    most = float(np.max(size))
    shares = size / most if np.isfinite(most) and most > 0 else np.zeros(len(size))
    off = _off(boxes, switched_off)
    texts, has_indices = box_texts(column, boxes, switched_off)
    room = number_room(column) if has_indices else 0.0
    for index, (value, share) in enumerate(zip(boxes.values.tolist(), shares.tolist(), strict=True)):
        box = QRectF(*column.rectangle(index))
        draw_with(painter, flat_pen(theme().color("border"), 1.0), theme().color("field"))
        painter.drawRoundedRect(box, 4, 4)
        if not off[index] and share > 0:
            painter.setBrush(sign_color(value, SHADE * share))
            painter.drawRoundedRect(box, 4, 4)
        painter.setFont(_number_font())
        painter.setPen(theme().color("muted" if off[index] or value == 0 else "ink"))
        painter.drawText(box.adjusted(1 + room, 0, 1 - _dot(column), 0), Qt.AlignmentFlag.AlignCenter, texts[index])
    if has_indices:
        paint_indices(painter, column, range(len(column.y)))


def box_texts(column: LayerColumn, boxes: Boxes, switched_off: Set[int] = frozenset()) -> tuple[list[str], bool]:
    """Return the numbers in a column's boxes, "" where one does not fit; and whether the neurons' indices fit, too.

    Numbers may be rounded to two digits beside an index, and to one without it.
    """
    off, metrics = _off(boxes, switched_off), QFontMetricsF(_number_font())
    is_high = not column.is_strip and metrics.capHeight() + 2 * AROUND[1] <= column.box[1]
    room = column.box[0] - _dot(column) - 2 * AROUND[0] if is_high else 0.0
    forms = [(_("off"),) * 4 if off[place] else briefer(value) for place, value in enumerate(boxes.values.tolist())]

    def fitting(room: float, most: int) -> list[str]:
        return [next((text for text in of[:most] if metrics.horizontalAdvance(text) <= room), "") for of in forms]

    beside = number_room(column)
    texts = fitting(room - beside, 2) if beside else [""]
    return (texts, True) if all(texts) else (fitting(room, 4), False)


def _off(boxes: Boxes, switched_off: Set[int]) -> list[bool]:
    return [
        here in switched_off or (boxes.off is not None and bool(boxes.off[here])) for here in range(len(boxes.values))
    ]


def _dot(column: LayerColumn) -> float:
    return RADIUS + 1.0 if column.has_activation else 0.0


def paint_notes(painter: QPainter, layout: DiagramLayout, notes: Notes) -> None:
    for place, text in places_of(layout, notes):
        painter.setFont(_number_font())
        if text.replace("\n", " ") == notes.of_input:
            draw_with(painter, flat_pen(theme().color("accent"), 1.2), theme().color("field"))
            painter.drawRoundedRect(place, ROUND, ROUND)
        else:
            painter.fillRect(place, theme().color("card", 0.85))
        painter.setPen(theme().color("ink"))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)


def places_of(layout: DiagramLayout, notes: Notes) -> list[tuple[QRectF, str]]:
    found: list[tuple[QRectF, str]] = []
    if not (notes.of_input or notes.of_output):
        return found
    metrics = QFontMetricsF(_number_font())
    first, last = layout.columns[0], layout.columns[-1]
    if notes.of_input:  # grows to the left: its edges begin at its right end
        for words in (notes.of_input, notes.of_input.replace("= ", "=\n")):
            text = metrics.boundingRect(QRectF(0, 0, 400, 100), 0, words)
            pill = QRectF(0, 0, text.width() + 2 * PILL[0], text.height() + 2 * PILL[1])
            pill.moveCenter(QPointF(first.x, float(first.y[0])))
            pill.moveRight(max(first.right, PILL_LEFT + pill.width()))
            if pill.right() <= first.right:
                break
        found.append((pill, words))
    if notes.of_output:
        room = QRectF(last.x - 90, last.bottom + 4, 180, 60)
        room = metrics.boundingRect(room, int(_CENTRED), notes.of_output)
        room.moveLeft(min(room.left(), layout.width - 4 - room.width()))
        found.append((room, notes.of_output))
    return found


def paint_way(painter: QPainter, layout: DiagramLayout, flow: Flow) -> None:
    """Draw an arrow head between each two columns that are joined by edges."""
    if not flow.way:
        return
    draw_with(painter, None, theme().color("accent"))
    for before, after in zip(layout.columns, layout.columns[1:], strict=False):
        paint_arrow(painter, (before.right + after.left) / 2, layout.way_y, flow.way == "forward")


def paint_arrow(painter: QPainter, x: float, y: float, to_the_right: bool) -> None:
    way = ARROW if to_the_right else -ARROW
    corners = [QPointF(x - way, y - ARROW), QPointF(x + way, y), QPointF(x - way, y + ARROW)]
    painter.drawPolygon(QPolygonF(corners))


def paint_edge_numbers(painter: QPainter, layout: DiagramLayout, flow: Flow, notes: Notes, ref: Ref | None) -> None:
    """Write numbers on edges, in translucent boxes that keep both the number and the edge visible.

    A selected neuron gets its number even where the boxes are too small for theirs.
    """
    if sum(values.size for values in flow.edges) > MAX_NUMBERS:  # the edges drawn are fewer
        for edge, value in numbered_edges(flow, ref):
            painter.setBrush(Qt.BrushStyle.NoBrush)
            draw_signed(painter, one_edge(layout, edge), value, 1.0)
    painter.setFont(_number_font())
    for _column, box, text in placed_numbers(layout, flow, notes, ref):
        draw_with(painter, None, theme().color("card", FAINT))
        painter.drawRoundedRect(box, 3, 3)
        painter.setPen(theme().color("ink"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
    for box, text in numbers_of_chosen(layout, flow, ref):
        draw_with(painter, flat_pen(theme().color("ink"), 1.0), theme().color("card"))
        painter.drawRoundedRect(box, 3, 3)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def numbers_of_chosen(layout: DiagramLayout, flow: Flow, ref: Ref | None) -> list[tuple[QRectF, str]]:
    """Return numbers that do not fit their boxes, for the selected neuron or those at the selected weight's ends."""
    if ref is None or isinstance(ref, LayerRef):
        return []
    ends = (
        [(ref.layer, ref.output), (ref.layer - 1, ref.input)]
        if isinstance(ref, WeightRef)
        else [(ref.layer, ref.index)]
    )
    metrics, found = QFontMetricsF(_number_font()), []
    for column in layout.columns:
        boxes = flow.boxes.get((column.kind, column.layer))
        for layer, index in ends:
            if boxes is None or layer != column.layer or (not column.is_strip and box_texts(column, boxes)[0][index]):
                continue
            text = briefer(float(boxes.values[index]))[0]
            room = QRectF(0, 0, metrics.horizontalAdvance(text) + 6, metrics.height() + 1)
            room.moveCenter(QPointF(column.x, float(column.y[index])))
            found.append((room, text))
    return found


def placed_numbers(
    layout: DiagramLayout, flow: Flow, notes: Notes, ref: Ref | None
) -> list[tuple[WeightRef, QRectF, str]]:
    """Return the edges that get a number, with its box and its text, rounded if necessary to fit.

    All edges if there are few, else those of the selected part. Where two numbers would overlap, the selected edge
    wins, then the stronger one.
    """
    metrics = QFontMetricsF(_number_font())
    taken = [room for room, _ in (*places_of(layout, notes), *numbers_of_chosen(layout, flow, ref))]
    placed = []
    for edge, value in numbered_edges(flow, ref):
        sizes = [(text, metrics.horizontalAdvance(text), metrics.height() - 1) for text in briefer(value)]
        possible = ((text, box) for text, *size in sizes for box in places_on(layout, edge, *size))
        for text, box in possible:
            if not any(box.intersects(other) for other in taken):
                taken.append(box)
                placed.append((edge, box, text))
                break
    return placed


def all_have_room(layout: DiagramLayout, flow: Flow, notes: Notes) -> bool:
    """Whether each neuron and edge has its number without being selected."""
    numbered = [(column, flow.boxes.get((column.kind, column.layer))) for column in layout.columns]
    return (
        sum(values.size for values in flow.edges) == len(placed_numbers(layout, flow, notes, None))
        and not any(column.is_strip for column in layout.columns)
        and all(all(box_texts(column, boxes)[0]) for column, boxes in numbered if boxes is not None)
    )


def numbered_edges(flow: Flow, ref: Ref | None) -> list[tuple[WeightRef, float]]:
    """Return the numbered edges and their numbers: the selected part's first, then the largest."""
    first = [] if ref is None else _edges_of(flow, ref)
    chosen = first
    if sum(values.size for values in flow.edges) <= MAX_NUMBERS:
        chosen = [edge for layer in range(len(flow.edges)) for edge in _edges_of(flow, LayerRef(layer))]
    numbered = [(edge, float(flow.edges[edge.layer][edge.output, edge.input])) for edge in chosen]
    return sorted(numbered, key=lambda pair: (pair[0] not in first, -abs(pair[1])))[:MAX_NUMBERS]


def _edges_of(flow: Flow, ref: Ref) -> list[WeightRef]:
    """Return the edges of a part; only the largest if there are very many."""
    match ref:
        case WeightRef():
            return [ref]
        case LayerRef():
            places = largest(flow.edges[ref.layer].ravel(), MAX_NUMBERS)
            return [WeightRef(ref.layer, *divmod(place, flow.edges[ref.layer].shape[1])) for place in places]
    into = largest(flow.edges[ref.layer][ref.index], MAX_NUMBERS)
    edges = [WeightRef(ref.layer, ref.index, source) for source in into]
    if ref.layer + 1 < len(flow.edges):
        out = largest(flow.edges[ref.layer + 1][:, ref.index], MAX_NUMBERS)
        edges += [WeightRef(ref.layer + 1, output, ref.index) for output in out]
    return edges


def places_on(layout: DiagramLayout, edge: WeightRef, width: float, height: float) -> Iterator[QRectF]:
    """Yield candidate places for an edge's number: on its curve, at the end where the edges are farther apart.

    If a neuron has only this edge, the number is in that neuron's row, beside the edge: above it where it comes from
    below. Nothing if the columns are too close.
    """
    start, end = layout.departures(edge.layer), layout.arrivals(edge.layer)
    shares = NEAR_START + NEAR_END if len(end.y) < len(start.y) else NEAR_END + NEAR_START
    left = start.right + GAP + (0.0 if start.kind == "input" else RADIUS)
    right = end.left - GAP - BIAS_WIDTH / 2
    if right - left < width:
        return
    if len(start.y) == 1 or len(end.y) == 1:
        x, here, there = right - width, float(end.y[edge.output]), float(start.y[edge.input])
        if len(start.y) > 1:
            x, here, there = left, there, here
        yield QRectF(x, here - DESCENT if here > there else here + DESCENT - height, width, height)
    along, down = edge_curve(layout, edge, np.array(shares))
    for x, y in zip(along.clip(left + width / 2, right - width / 2).tolist(), down.tolist(), strict=True):
        yield QRectF(x - width / 2, y - height / 2, width, height)


def _number_font() -> QFont:
    return numbers_font(BOX_NUMBER)
