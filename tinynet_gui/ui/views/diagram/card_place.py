"""The place of the hover card: never over its subject. Pure geometry."""

import numpy as np

from tinynet_gui.core.network.refs import LayerRef, NeuronRef, Ref, WeightRef
from tinynet_gui.core.numerics.arrays import Floats
from tinynet_gui.ui.views.diagram.layout import DiagramLayout, LayerColumn, Positions, edge_curve

Rectangle = tuple[float, float, float, float]  # left, top, width, height
MARGIN = 6.0
LEGEND = 36.0  # the height of the legend's words
STEPS = 13  # places tried across, and the same number down
EDGE_POINTS = 12  # an edge counts as this many small squares
BESIDE = 2.0  # between the card and a column
NEVER, RARELY, HEADING, SELDOM = 1e6, 1e3, 30.0, 3.0  # the cost of a covered square pixel
AWAY, NEXT_SIZE = 0.15, 5e3  # of a pixel of distance, and of not taking a size before it


def place_card(layout: DiagramLayout, ref: Ref, *sizes: tuple[float, float]) -> tuple[float, float, int]:
    """Return left and top of a card about a neuron, a weight or a layer, and which of its possible sizes to take.

    It covers neither that nor the input, and no neuron and no heading if there is a place for that; else it takes the
    place that covers least and is nearest. The first size is the best one, if there is a place for it.
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
    left, top = _tried(layout.width - width, sides), _tried(layout.height - height, ends)
    x, y = (grid.ravel() for grid in np.meshgrid(left, top))
    cost = NEVER * _covered(x, y, size, about) + SELDOM * _covered(x, y, size, _edges(layout, ref))
    cost += HEADING * _covered(x, y, size, [layout.heading(column) for column in layout.columns])
    cost += SELDOM * _covered(x, y, size, [(0.0, layout.height - LEGEND, layout.width, LEGEND)])
    if isinstance(ref, LayerRef):
        cost += SELDOM * _covered(x, y, size, [_whole(c) for c in layout.columns if c.layer == ref.layer])
    cost += RARELY * _covered(x, y, size, others)
    at_x, at_y, at_width, at_height = about[0]
    cost += AWAY * np.hypot(x + width / 2 - at_x - at_width / 2, y + height / 2 - at_y - at_height / 2)
    best = int(np.argmin(cost))
    return float(cost[best]), float(x[best]), float(y[best])


def _tried(room: float, beside: list[tuple[float, float]]) -> Positions:
    """Return the places tried in one direction: even ones, and those beside the columns."""
    last = max(MARGIN, room - MARGIN)
    return np.concatenate([np.linspace(MARGIN, last, STEPS), np.ravel(beside).clip(MARGIN, last)])


def spoken_of(layout: DiagramLayout, ref: Ref) -> list[Rectangle]:
    """Return what the card must not cover: its neuron in each column, its weight or its layer's names; the input."""
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
    """Return the edges to and from it, as small squares; for a wide layer the outermost."""
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
    """Return how many square pixels of the rectangles a card at each of the places covers."""
    if not rectangles:
        return np.zeros(len(x))
    left, top, width, height = np.array(rectangles, dtype=np.float64).T
    across = np.minimum(x[:, None] + size[0], left + width) - np.maximum(x[:, None], left)
    down = np.minimum(y[:, None] + size[1], top + height) - np.maximum(y[:, None], top)
    area: Floats = (np.maximum(across, 0.0) * np.maximum(down, 0.0)).sum(axis=1)
    return area
