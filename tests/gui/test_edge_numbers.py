"""The numbers on the diagram's edges: they can be read on any colour, overlap nothing and stand in their rows."""

from collections import Counter
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication

from tests.colors import contrast
from tests.gui.conftest import trained_snapshot
from tinynet_gui.core.config import Config
from tinynet_gui.core.network.refs import LayerRef
from tinynet_gui.core.step.flow import Flow
from tinynet_gui.ui.style.theme import DARK, LIGHT, Theme
from tinynet_gui.ui.views.diagram.flow_painter import Notes, paint_edge_numbers, placed_numbers
from tinynet_gui.ui.views.diagram.layout import DiagramLayout, make_layout
from tinynet_gui.ui.views.diagram.pens import sign_color

SIZES = [(468, 318), (480, 388), (672, 372), (1_200, 620)]
SCALE = 3  # pixels that a number is looked at with


def _network(hidden: tuple[int, ...], size: tuple[int, int]) -> tuple[DiagramLayout, Flow]:
    snapshot = trained_snapshot(Config().replace("network.hidden", hidden), 5)
    weights = tuple(layer.weight for layer in snapshot.layers)
    return make_layout((1, *hidden, 1), *size), Flow(snapshot.layers, weights, {}, "the weights")


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("under", [-1.0, 0.0, 1.0])
def test_they_can_be_read_on_every_colour_of_an_edge(qapp: QApplication, theme: Theme, under: float) -> None:
    layout, flow = _network((10,), (672, 372))
    first = np.array([[(-1) ** k * 0.1 * k] for k in range(10)], dtype=np.float32)  # with a 0
    flow = replace(flow, edges=(first, *flow.edges[1:]))
    picture = QImage(672 * SCALE, 372 * SCALE, QImage.Format.Format_RGB32)
    picture.setDevicePixelRatio(SCALE)
    picture.fill(sign_color(theme, under))  # as if the thickest of edges were under all
    with QPainter(picture) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_edge_numbers(painter, layout, flow, Notes(), None, theme)
    numbers = placed_numbers(layout, flow, Notes(), None)
    assert sum(edge.layer == 0 for edge, _, _ in numbers) == 10
    for _, box, value in numbers:
        inner = box.adjusted(1, 1, -1, -1)  # without its round corners
        xs = range(round(inner.left() * SCALE), round(inner.right() * SCALE))
        ys = range(round(inner.top() * SCALE), round(inner.bottom() * SCALE))
        count = Counter(picture.pixel(x, y) for x in xs for y in ys)
        beneath = QColor(count.most_common(1)[0][0])
        assert beneath == theme.color("card")
        assert max(contrast(QColor(pixel), beneath) for pixel in count) >= 4.5, value
        assert sign_color(theme, under).rgb() not in count


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("hidden", [(), (1,), (10,), (4, 4), (8, 8, 8), (20, 20)])
def test_they_overlap_neither_each_other_nor_a_note(
    qapp: QApplication, hidden: tuple[int, ...], size: tuple[int, int]
) -> None:
    layout, flow = _network(hidden, size)
    for ref in (None, LayerRef(0), LayerRef(len(hidden))):
        boxes = [box for _, box, _ in placed_numbers(layout, flow, Notes("x = −1.25", "ŷ = 2"), ref)]
        assert not any(one.intersects(other) for one, other in combinations(boxes, 2))


@pytest.mark.parametrize("size", SIZES)
def test_they_stand_in_the_rows_of_their_neurons(qapp: QApplication, size: tuple[int, int]) -> None:
    layout, flow = _network((10,), size)
    numbers = placed_numbers(layout, flow, Notes(), None)
    assert sum(edge.layer == 0 for edge, _, _ in numbers) == 10
    for edge, box, _ in numbers:
        column, row = (layout.arrivals(0), edge.output) if edge.layer == 0 else (layout.departures(1), edge.input)
        assert box.center().y() == pytest.approx(float(column.y[row]))
    assert len({round(box.right(), 6) for edge, box, _ in numbers if edge.layer == 0}) == 1  # below each other
    assert len({round(box.left(), 6) for edge, box, _ in numbers if edge.layer == 1}) <= 1
