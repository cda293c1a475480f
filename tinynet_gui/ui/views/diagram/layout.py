"""The geometry of the network diagram: no painting, no widgets.

Lengths are logical pixels. Up to two hidden layers are drawn as in the tutorial, with Linear and activation in separate
columns; more of them share a column. A layer too wide for one box per neuron becomes a strip, with one thin line per
neuron.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from math import isfinite

import numpy as np

from tinynet_gui.core.network.refs import LayerRef, NeuronRef, Ref, WeightRef
from tinynet_gui.core.step.flow import ColumnKind
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.values import AnyFloats, Floats, Ints, frozen_dataclass

Positions = Floats
Rectangle = tuple[float, float, float, float]  # left, top, width, height; of a place to draw in: right, bottom

LOW = 250.0  # below this height headings and legend have one line each, to leave space for the neurons
TOP, BOTTOM = 60.0, 52.0
SIDE = (10.0, 0.05)  # the least margin, and as a share of the width
LOW_TOP, LOW_BOTTOM = 34.0, 24.0
HEADING = (124.0, 7.0, 47.0)  # greatest width, top and bottom of the text above a column
BESIDE_HEADING = 4.0
LOW_HEADING_BOTTOM = 27.0
USUAL_BOX, MAX_BOX = 62.0, 190.0  # the width of a box with little space, and with much
FULLEST = 0.75  # boxes just as wide as their numbers may take this share of the width
DIGITS = 6  # the width of a number with its sign, in digits
AROUND_DIGITS = (7.0, 6.0, 11.0, 16.0)  # the padding of a number: in a box, beside an index, on an edge, in the input
AROUND_ROW = 4.0  # the padding of a number, above and below together
MIN_LINK, TITLE = 10.0, 1.25  # the gap from pre-activation to activation; a title's letters, in widths of a digit
BESIDE_COLUMN = 8.0  # a bias, a neuron's dot
MIN_BOX_PITCH = 13.0  # below this height for each neuron a layer becomes a strip
BELOW_STRIP = 4.0  # between its number and the legend
BOX_SHAPE = 0.75  # the greatest height of a box as a share of its width
BOX_GAP = 0.1  # between two boxes, as a share of their pitch, but at least:
MIN_BOX_GAP = 3.0
INPUT, OUTPUT = (30.0, 60.0), 46.0  # the least and the largest size of the input's node; the least height of the output
FINE_GRAINED_LAYERS = 2
EDGE_REACH = 5.0
EDGE_BUDGET = 240  # edges drawn in the whole diagram: the strongest ones


@frozen_dataclass
class DigitSize:
    """The size of a digit in the boxes, and the height of the text above and below a strip."""

    width: float = 5.8
    height: float = 8.0
    line: float = 9.0


USUAL_DIGIT = DigitSize()


@frozen_dataclass(eq=False)
class LayerColumn:
    """One column: `layer` is the affine layer it belongs to (-1: the input), `y` its neurons' centres."""

    kind: ColumnKind
    layer: int
    x: float
    y: Positions
    box: tuple[float, float]
    is_strip: bool

    @property
    def has_activation(self) -> bool:
        return self.kind in ("activation", "both")

    @property
    def left(self) -> float:
        return self.x - self.box[0] / 2

    @property
    def right(self) -> float:
        return self.x + self.box[0] / 2

    @property
    def top(self) -> float:
        return float(self.y[0]) - self.box[1] / 2

    @property
    def bottom(self) -> float:
        return float(self.y[-1]) + self.box[1] / 2

    def rectangle(self, index: int) -> tuple[float, float, float, float]:
        """Return left, top, width and height of a neuron's box."""
        width, height = self.box
        return self.left, float(self.y[index]) - height / 2, width, height


@frozen_dataclass(eq=False)
class DiagramLayout:
    columns: tuple[LayerColumn, ...]
    width: float
    height: float
    digit: DigitSize

    @property
    def is_low(self) -> bool:
        """Whether headings and legend get only one line each, for lack of height."""
        return self.height < LOW

    @property
    def way_y(self) -> float:
        return (LOW_TOP if self.is_low else TOP) - 5.5

    def heading(self, column: LayerColumn) -> tuple[float, float, float, float]:
        """Return left, top, width and height of the text above a column, clear of its neighbours' headings."""
        others = [abs(other.x - column.x) for other in self.columns if other is not column]
        width = min(HEADING[0], *others, 2 * column.x, 2 * (self.width - column.x)) - BESIDE_HEADING
        bottom = LOW_HEADING_BOTTOM if self.is_low else HEADING[2]
        return column.x - width / 2, HEADING[1], width, bottom - HEADING[1]

    def arrivals(self, layer: int) -> LayerColumn:
        """Return the column where an affine layer's weights arrive."""
        return next(c for c in self.columns if c.layer == layer)

    def departures(self, layer: int) -> LayerColumn:
        """Return the column where an affine layer's weights begin: the last of the previous layer."""
        return [c for c in self.columns if c.layer == layer - 1][-1]

    def column_at(self, x: float) -> LayerColumn:
        return min(self.columns, key=lambda column: abs(column.x - x))


@lru_cache(maxsize=64)
def place_of_column(layout: DiagramLayout, column: LayerColumn) -> Rectangle:
    """Return left, top, right and bottom of all that is drawn of it: biases, dots, links, a strip's texts."""
    text, above = column.box[0] if column.is_strip else 0.0, layout.digit.line + 4.0
    right = max(column.right + BESIDE_COLUMN + text, layout.departures(column.layer + 1).left + 1)
    return column.left - BESIDE_COLUMN, column.top - above, right, column.bottom + above


@lru_cache(maxsize=64)
def place_of_edges(layout: DiagramLayout, layer: int) -> Rectangle:
    """Return left, top, right and bottom of an affine layer's edges."""
    start, end = layout.departures(layer), layout.arrivals(layer)
    top, bottom = min(start.top, end.top), max(start.bottom, end.bottom)
    return start.right - EDGE_REACH, top - EDGE_REACH, end.left + 1, bottom + EDGE_REACH


def make_layout(widths: tuple[int, ...], width: float, height: float, digit: DigitSize = USUAL_DIGIT) -> DiagramLayout:
    """Place the columns of a network of these widths (input and output included) in an area.

    If narrow, boxes and edges get the width that their numbers need, links the rest: so showing numbers moves nothing.
    """
    hidden = len(widths) - 2
    kinds: list[tuple[ColumnKind, int]] = [("input", -1)]
    for layer in range(hidden):
        split: tuple[ColumnKind, ...] = ("linear", "activation") if hidden <= FINE_GRAINED_LAYERS else ("both",)
        kinds += [(kind, layer) for kind in split]
    kinds.append(("output", hidden))

    top, bottom = (LOW_TOP, LOW_BOTTOM) if height < LOW else (TOP, BOTTOM)
    usable = max(height - top - bottom, 40.0)
    middle = top + usable / 2
    side = max(SIDE[0], SIDE[1] * width)
    room = max(width - 2 * side, 100.0) / len(kinds)
    box_width = max(min(USUAL_BOX, 0.55 * room), min(MAX_BOX, 0.5 * room), _for_numbers(widths, digit, room))
    highest = BOX_SHAPE * box_width
    node = min(max(INPUT[0], 0.4 * box_width), INPUT[1])
    before = max(side, AROUND_DIGITS[3] + (DIGITS + 2) * digit.width - node)  # the input's number ends where it does
    last_width = min(1.25 * box_width, max(box_width, 0.58 * room))
    free = max(width - before - side - node - (len(kinds) - 2) * box_width - last_width, 0.0)
    links = sum(kind == "activation" for kind, _ in kinds)
    gap = free / (len(kinds) - 1)
    wanted = AROUND_DIGITS[2] + DIGITS * digit.width
    title = TITLE * digit.width * max(len(f"{a} → {b}") for a, b in pairwise(widths)) + BESIDE_HEADING
    least_link = max(MIN_LINK, title - box_width)
    gap = max(gap, min(wanted, (free - links * least_link) / (hidden + 1)))
    link = (free - (hidden + 1) * gap) / max(links, 1)
    columns, right = [], before - gap
    for kind, layer in kinds:
        count = 1 if kind == "input" else widths[layer + 1]
        pitch = min(usable / count, highest / (1 - BOX_GAP))
        is_strip = pitch < max(MIN_BOX_PITCH, digit.height + AROUND_ROW)
        if is_strip:
            pitch = (usable - 2 * (digit.line + BELOW_STRIP)) / count
        box = (box_width, pitch if is_strip else pitch - max(MIN_BOX_GAP, BOX_GAP * pitch))
        if kind == "input":
            box = (node, node)
        elif kind == "output":
            box = (last_width, min(max(OUTPUT, highest), usable))
        y: Positions = middle + pitch * (np.arange(count, dtype=np.float64) - (count - 1) / 2)
        left = right + (link if kind == "activation" else gap)
        columns.append(LayerColumn(kind, layer, left + box[0] / 2, y, box, is_strip))
        right = left + box[0]
    return DiagramLayout(tuple(columns), width, height, digit)


def _for_numbers(widths: tuple[int, ...], digit: DigitSize, room: float) -> float:
    """Return a box's width for a number beside the neuron's index, else for the number alone; 0 if neither fits."""
    neuron = AROUND_DIGITS[1] + len(str(max(widths))) * digit.width
    alone = AROUND_DIGITS[0] + DIGITS * digit.width
    return next((need for need in (alone + neuron, alone) if need <= FULLEST * room), 0.0)


@frozen_dataclass
class DrawnEdges:
    """The drawn edges of one affine layer: matrix indices and weights, or other values, strongest last."""

    layer: int
    outputs: Ints
    inputs: Ints
    weights: AnyFloats
    largest: float
    total: int


def choose_edges(snapshot: Snapshot, values: Sequence[AnyFloats] | None = None) -> tuple[DrawnEdges, ...]:
    """Choose the edges to draw: all of them, or the strongest if there are too many.

    `values` are per layer in the shape of its weight; by default the weights.
    """
    limit = max(40, EDGE_BUDGET // len(snapshot.layers))
    shown = [layer.weight for layer in snapshot.layers] if values is None else values
    return tuple(_strongest(index, here, limit) for index, here in enumerate(shown))


def _strongest(layer: int, weight: AnyFloats, limit: int) -> DrawnEdges:
    strength = np.abs(weight).ravel()
    largest = float(strength.max())
    if not isfinite(largest):
        strength, largest = np.nan_to_num(strength), 0.0
    rows, columns = weight.shape
    if weight.size <= limit:
        order = strength.argsort(kind="stable")
    else:
        if rows > limit:
            # At least `limit` weights reach the limit-th largest of the rows' maxima. Of a million weights it leaves a
            # few hundred to sort.
            maxima = strength if columns == 1 else strength.reshape(rows, columns).max(axis=1)
            candidates = np.flatnonzero(strength >= np.partition(maxima, -limit)[-limit])
            candidates = candidates[np.argpartition(strength[candidates], -limit)[-limit:]]
        else:
            candidates = np.argpartition(strength, -limit)[-limit:]
        order = candidates[strength[candidates].argsort(kind="stable")]
    outputs, inputs = np.divmod(order, columns)
    return DrawnEdges(layer, outputs, inputs, weight[outputs, inputs], largest, weight.size)


def edge_ends(layout: DiagramLayout, edges: DrawnEdges) -> tuple[float, Positions, float, Positions]:
    """Return x and y of the edges' starts, then x and y of their ends."""
    start, end = layout.departures(edges.layer), layout.arrivals(edges.layer)
    return start.right, start.y[edges.inputs], end.left, end.y[edges.outputs]


def edge_curve(layout: DiagramLayout, edge: WeightRef, t: Positions) -> tuple[Positions, Positions]:
    """Return x and y of an edge's Bézier curve, horizontal at both ends, at the parameters t from 0 to 1."""
    start, end = layout.departures(edge.layer), layout.arrivals(edge.layer)
    x = start.right + (end.left - start.right) * _across(t)
    return x, start.y[edge.input] + (end.y[edge.output] - start.y[edge.input]) * _down(t)


def _across(t: Positions) -> Positions:
    return 1.5 * t * (1 - t) + t**3


def _down(t: Positions) -> Positions:
    return t * t * (3 - 2 * t)


def find_at(layout: DiagramLayout, edges: tuple[DrawnEdges, ...], x: float, y: float) -> Ref | None:
    """Return the neuron or edge at a point, the layer whose heading is there, or None."""
    for column in layout.columns:
        left, top, width, height = layout.heading(column)
        if column.kind != "input" and left <= x <= left + width and top <= y <= top + height:
            return LayerRef(column.layer)
        if column.kind == "input" or not column.left - 2 <= x <= column.right + 2:
            continue
        if column.top - 2 <= y <= column.bottom + 2:
            index = int(np.argmin(np.abs(column.y - y)))
            if abs(column.y[index] - y) <= column.box[1] / 2 + 2:
                return NeuronRef(column.layer, index)
    for drawn in edges:
        x0, y0, x1, y1 = edge_ends(layout, drawn)
        if x0 < x < x1 and len(y0):
            distance = np.abs(_edge_y(x0, y0, x1, y1, x) - y)
            nearest = len(distance) - 1 - int(np.argmin(distance[::-1]))  # the strongest among equals
            if distance[nearest] <= EDGE_REACH:
                return WeightRef(drawn.layer, int(drawn.outputs[nearest]), int(drawn.inputs[nearest]))
    return None


def _edge_y(x0: float, y0: Positions, x1: float, y1: Positions, x: float) -> Positions:
    t = np.linspace(0.0, 1.0, 65)
    return y0 + (y1 - y0) * np.interp((x - x0) / (x1 - x0), _across(t), _down(t))


MARGIN = 6.0
LEGEND = 36.0  # the height of the legend's words
STEPS = 13  # evenly spaced positions tried in each direction
EDGE_POINTS = 12  # an edge counts as this many small squares
BESIDE = 2.0  # between the card and a column
NEVER, RARELY, CARD_HEADING, SELDOM = 1e6, 1e3, 30.0, 3.0  # costs per covered square pixel
AWAY, NEXT_SIZE = 0.15, 5e3  # costs per pixel of distance, and per size that is skipped


def place_card(layout: DiagramLayout, ref: Ref, *sizes: tuple[float, float]) -> tuple[float, float, int]:
    """Return left and top of a card about a part, and the index of the size to use; earlier sizes are preferred.

    The card covers neither the part nor the input, and if possible no neuron or heading; else it goes where it covers
    least and is nearest.
    """
    costs = [_best_place(layout, ref, size) for size in sizes]
    best = min(range(len(sizes)), key=lambda which: costs[which][0] + which * NEXT_SIZE)
    return *costs[best][1:], best


def _best_place(layout: DiagramLayout, ref: Ref, size: tuple[float, float]) -> tuple[float, float, float]:
    """Return the cost of the best place for a size, its left and its top."""
    width, height = size
    about = spoken_of(layout, ref)
    others = [rectangle for column in layout.columns for rectangle in _boxes(column)]
    sides = [(column.left - BESIDE - width, column.right + BESIDE) for column in layout.columns]
    ends = [(column.top - BESIDE - height, column.bottom + BESIDE) for column in layout.columns]
    left, top = _candidates(layout.width - width, sides), _candidates(layout.height - height, ends)
    x, y = (grid.ravel() for grid in np.meshgrid(left, top))
    cost = NEVER * _covered(x, y, size, about) + SELDOM * _covered(x, y, size, _edges(layout, ref))
    cost += CARD_HEADING * _covered(x, y, size, [layout.heading(column) for column in layout.columns])
    cost += SELDOM * _covered(x, y, size, [(0.0, layout.height - LEGEND, layout.width, LEGEND)])
    if isinstance(ref, LayerRef):
        cost += SELDOM * _covered(x, y, size, [_whole(c) for c in layout.columns if c.layer == ref.layer])
    cost += RARELY * _covered(x, y, size, others)
    at_x, at_y, at_width, at_height = about[0]
    cost += AWAY * np.hypot(x + width / 2 - at_x - at_width / 2, y + height / 2 - at_y - at_height / 2)
    best = int(np.argmin(cost))
    return float(cost[best]), float(x[best]), float(y[best])


def _candidates(room: float, beside: list[tuple[float, float]]) -> Positions:
    """Return candidate positions along one axis: evenly spaced ones, and those beside the columns."""
    last = max(MARGIN, room - MARGIN)
    return np.concatenate([np.linspace(MARGIN, last, STEPS), np.ravel(beside).clip(MARGIN, last)])


def spoken_of(layout: DiagramLayout, ref: Ref) -> list[Rectangle]:
    """Return what the card must not cover: its neuron in each column, its weight or its layer's headings; the input."""
    found: list[Rectangle]
    match ref:
        case NeuronRef():
            found = [column.rectangle(ref.index) for column in layout.columns if column.layer == ref.layer]
        case LayerRef():
            found = [layout.heading(column) for column in layout.columns if column.layer == ref.layer]
        case WeightRef():
            start, end = layout.departures(ref.layer), layout.arrivals(ref.layer)
            found = [start.rectangle(ref.input), end.rectangle(ref.output), *_edges(layout, ref)]
    return [*found, layout.columns[0].rectangle(0)]


def _boxes(column: LayerColumn) -> list[Rectangle]:
    return [_whole(column)] if column.is_strip else [column.rectangle(index) for index in range(len(column.y))]


def _whole(column: LayerColumn) -> Rectangle:
    return column.left, column.top, column.box[0], column.bottom - column.top


def _edges(layout: DiagramLayout, ref: Ref) -> list[Rectangle]:
    """Return the part's edges as small squares; of a wide layer only the outermost edges."""
    found: list[Rectangle] = []
    for edge in _edges_at(layout, ref):
        x, y = edge_curve(layout, edge, np.linspace(0.0, 1.0, EDGE_POINTS))
        found += [(a - 3, b - 3, 6.0, 6.0) for a, b in zip(x.tolist(), y.tolist(), strict=True)]
    return found


def _edges_at(layout: DiagramLayout, ref: Ref) -> list[WeightRef]:
    if isinstance(ref, WeightRef):
        return [ref]
    if isinstance(ref, LayerRef):
        return []
    last = len({column.layer for column in layout.columns}) - 2
    before = {0, len(layout.departures(ref.layer).y) - 1}
    edges = [WeightRef(ref.layer, ref.index, source) for source in before]
    if ref.layer < last:
        after = {0, len(layout.arrivals(ref.layer + 1).y) - 1}
        edges += [WeightRef(ref.layer + 1, target, ref.index) for target in after]
    return edges


def _covered(x: Positions, y: Positions, size: tuple[float, float], rectangles: list[Rectangle]) -> Positions:
    if not rectangles:
        return np.zeros(len(x))
    left, top, width, height = np.array(rectangles, dtype=np.float64).T
    across = np.minimum(x[:, None] + size[0], left + width) - np.maximum(x[:, None], left)
    down = np.minimum(y[:, None] + size[1], top + height) - np.maximum(y[:, None], top)
    area: Floats = (np.maximum(across, 0.0) * np.maximum(down, 0.0)).sum(axis=1)
    return area
