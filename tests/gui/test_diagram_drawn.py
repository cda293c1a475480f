"""What is drawn into the diagram: neurons' and edges' numbers, a probe's x, what is off; nothing on something else."""

from collections import Counter
from dataclasses import replace
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import pytest
import torch
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.colors import contrast, over
from tests.dissections import dissection
from tests.gui.conftest import trained_snapshot
from tests.not_none import not_none
from tinynet_gui.core.choices.losses import LOSSES
from tinynet_gui.core.config import Config
from tinynet_gui.core.function.neurons import loss_without
from tinynet_gui.core.network.forward import probe
from tinynet_gui.core.network.refs import LayerRef, NeuronRef, WeightRef
from tinynet_gui.core.step.dissection import BACKWARD, FORWARD, UPDATE, step_flow
from tinynet_gui.core.step.flow import Flow, probe_flow
from tinynet_gui.core.text.numbers import loss_text
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.training.torch_loop import make_criterion, make_network
from tinynet_gui.core.training.trainer import Trainer
from tinynet_gui.ui.style.colors import DARK, LIGHT, Theme
from tinynet_gui.ui.style.theme import Zoom, set_theme, small_font, zoom_application
from tinynet_gui.ui.views.diagram.boxes import (
    BIAS_WIDTH,
    DEAD,
    DIED,
    FAINTEST,
    THICKEST,
    idle_ends,
    idle_masks,
    number_room,
    paint_edges,
    paint_words,
)
from tinynet_gui.ui.views.diagram.flow_painter import (
    DESCENT,
    Notes,
    all_have_room,
    box_texts,
    numbers_of_chosen,
    paint_edge_numbers,
    placed_numbers,
    places_of,
    places_on,
)
from tinynet_gui.ui.views.diagram.layout import DiagramLayout, choose_edges, make_layout
from tinynet_gui.ui.views.diagram.network_diagram import NetworkDiagram
from tinynet_gui.ui.views.diagram.painter import BELOW, LACKS_NUMBERS, legend_lines, legend_words, paint_legend
from tinynet_gui.ui.views.diagram.pens import RADIUS, sign_color
from tinynet_gui.ui.views.diagram.strips import AROUND_NUMBER, digit_size
from tinynet_gui.ui.widgets.pictures import directly

TO_PLAIN = str.maketrans("−⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "--0123456789")
SHAPES = [(), (1,), (10,), (60,), (8, 8, 8), (20, 20), (4,) * 6]
SIZES = [(286, 381), (360, 190), (404, 200), (468, 318), (672, 372), (1_200, 620)]


def _snapshot(hidden: tuple[int, ...], steps: int = 20, loss: str = "mse") -> Snapshot:
    config = Config().replace("network.hidden", hidden).replace("training.loss", loss)
    return trained_snapshot(config, steps)


@pytest.mark.parametrize("size", [(404, 200), (468, 318), (672, 372)])
def test_ten_neurons_stay_neurons_with_their_numbers(qapp: QApplication, size: tuple[int, int]) -> None:
    """404 x 200 is what a screen of 1920 x 1080 at scale 2 leaves to the diagram."""
    for column in make_layout((1, 10, 1), *size).columns[1:3]:
        assert not column.is_strip
        assert number_room(column) > 0


def test_each_neuron_has_its_number(diagram: NetworkDiagram, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[tuple[str, QRectF]] = []
    draw = QPainter.drawText

    def spy(painter: QPainter, *args: Any) -> object:
        if len(args) == 3 and isinstance(args[0], QRectF):
            written.append((str(args[2]), args[0]))
        return draw(painter, *args)

    monkeypatch.setattr(QPainter, "drawText", spy)
    for hidden in ((10,), (8, 8, 8)):
        written.clear()
        diagram.show_snapshot(_snapshot(hidden))
        diagram.grab()
        for column in diagram.layout_of_network.columns:
            if column.kind in ("input", "output"):
                continue
            for index in range(len(column.y)):
                box = QRectF(*column.rectangle(index))
                assert [text for text, place in written if box.contains(place.center())] == [str(index + 1)]
    written.clear()
    diagram.show_snapshot(_snapshot((1_000,), 0))
    diagram.grab()
    texts = [text for text, _ in written]
    assert texts.count("1") == 2
    assert texts.count("1,000") + sum(text.startswith("1,000, ") for text in texts) == 2


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("hidden", SHAPES)
def test_numbers_on_edges_lie_on_no_dot_no_bias_and_no_box(
    qapp: QApplication, hidden: tuple[int, ...], size: tuple[int, int]
) -> None:
    widths = (1, *hidden, 1)
    layout = make_layout(widths, *size)
    for layer, (inputs, outputs) in enumerate(pairwise(widths)):
        start, end = layout.departures(layer), layout.arrivals(layer)
        dot = RADIUS if start.kind != "input" else 0.0
        for edge in (WeightRef(layer, outputs - 1, 0), WeightRef(layer, 0, inputs - 1)):
            for place in places_on(layout, edge, 30.0, 11.0):
                assert place.left() >= start.right + dot
                assert place.right() <= end.left - BIAS_WIDTH / 2


def test_a_probes_x_stands_in_the_inputs_node(diagram: NetworkDiagram) -> None:
    diagram.show_snapshot(_snapshot((10,)))
    diagram.show_probe(-1.25)
    assert diagram.notes.of_input == "x = −1.25"
    for size in SIZES:
        layout = make_layout((1, 10, 1), *size)
        ((place, text),) = places_of(layout, diagram.notes)
        node = QRectF(*layout.columns[0].rectangle(0))
        assert place.contains(node.center())
        assert place.left() >= 0
        assert place.right() <= node.right()  # where its edges begin
        assert text.replace("\n", " ") == "x = −1.25"
    diagram.show_probe(None)
    assert diagram.notes == Notes()


def test_between_the_strips_of_a_wide_layer_lines_lead_across(diagram: NetworkDiagram) -> None:
    diagram.show_snapshot(_snapshot((1_000,), 0))
    image = diagram.grab().toImage()
    linear, activation = diagram.layout_of_network.columns[1:3]
    x = round((linear.right + activation.left) / 2)
    card = LIGHT.color("card").rgb()
    lines = [y for y in range(round(linear.top) + 4, round(linear.bottom) - 4) if image.pixel(x, y) != card]
    assert len(lines) > 6
    assert max(b - a for a, b in pairwise(lines)) < 40


def test_lines_keep_their_width_at_every_scale(qapp: QApplication) -> None:
    """Ink by area is the same: a thin line is one logical pixel wide."""
    snapshot = _snapshot((20,), 0)
    layout, edges = make_layout((1, 20, 1), 700, 400), choose_edges(snapshot)

    def ink(ratio: int) -> float:
        image = QImage(700 * ratio, 400 * ratio, QImage.Format.Format_ARGB32_Premultiplied)
        image.setDevicePixelRatio(ratio)
        image.fill(0)
        with QPainter(image) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            grey = [np.ones(len(e.weights), bool) for e in edges]  # hairlines all
            paint_edges(painter, layout, edges, grey, directly)
        pixels = np.frombuffer(image.constBits(), np.uint8).reshape(400 * ratio, 700 * ratio, 4)
        return float(pixels[..., 3].sum()) / ratio**2

    assert ink(2) == pytest.approx(ink(1), rel=0.25)
    assert THICKEST > 1


@pytest.mark.parametrize("size", SIZES)
def test_the_legend_is_never_cut_nor_on_the_neurons(qapp: QApplication, size: tuple[int, int]) -> None:
    layout = make_layout((1, 10, 1), *size)
    metrics = QFontMetricsF(small_font(0.86))
    words = ["thick: large weight", "bar: its bias", "†: step at which it died", "dot: its colour in the plot"]
    lines = legend_lines(layout, metrics, [*words, "each curve fills its box"])
    assert words[0] in next(filter(None, lines))  # the signs may fill the first
    for line in lines:
        assert metrics.horizontalAdvance(line) <= layout.width - 20
    wide = make_layout((1, 100, 1), *size)
    lines_of_strip = legend_lines(wide, metrics, legend_words(wide, (), None, dead="", frozen=False))
    assert all(metrics.horizontalAdvance(line) <= wide.width - 20 for line in lines_of_strip)
    assert wide.is_low or "colour: value" in lines_of_strip[-1]
    top = layout.height - 13 - (len(lines) - 1) * metrics.height() - metrics.ascent()
    assert top >= max(column.bottom for column in layout.columns)


@pytest.mark.parametrize(
    ("size", "step", "meaning"),
    [((600, 600), 134, DIED), ((600, 600), 1_336_000, ""), ((500, 230), 134, DIED), ((300, 230), 134, DEAD)],
)
def test_a_death_has_a_mark_in_every_box_and_a_meaning(
    qapp: QApplication, size: tuple[int, int], step: int, meaning: str
) -> None:
    (column,) = (c for c in make_layout((1, 12, 1), *size).columns if c.kind in ("activation", "both"))
    image = QImage(*size, QImage.Format.Format_ARGB32_Premultiplied)
    with QPainter(image) as painter:
        assert paint_words(painter, column, {3}, {(0, 3): step}, frozenset()) == meaning
        assert not paint_words(painter, column, {3}, {(0, 3): step}, {3})  # it says “off”
        unknown = paint_words(painter, column, {3}, {}, frozenset())
        assert unknown == (DEAD if meaning == DEAD else "")


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("hidden", [(10,), (8, 8, 8)])
def test_the_loss_without_a_neuron_is_torchs(hidden: tuple[int, ...], loss: str) -> None:
    config = Config().replace("network.hidden", hidden).replace("training.loss", loss)
    trainer = Trainer(config)
    trainer.run(50)
    snapshot = trainer.snapshot(1)
    assert loss_without(snapshot, []) == pytest.approx(snapshot.train_loss, rel=1e-5)
    off = [(0, 3)] if len(hidden) == 1 else [(0, 3), (1, 0), (2, 7)]
    network = make_network(config.network)
    with torch.no_grad():
        for parameter, array in zip(network.parameters(), snapshot.state.parameters, strict=True):
            parameter.copy_(torch.tensor(array))
        value = torch.tensor(snapshot.dataset.x_train)
        for place, module in enumerate(network):
            value = module(value)
            for layer, index in off:
                if place == 2 * layer + 1:  # what the activation gives
                    value[:, index] = 0
        expected = make_criterion(config.training)(value, torch.tensor(snapshot.dataset.y_train)).item()
    assert loss_without(snapshot, off) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("hidden", [(10,), (60,), (8, 8, 8)])
def test_what_is_switched_off_is_grey_and_its_loss_said(
    diagram: NetworkDiagram, hidden: tuple[int, ...], qtbot: QtBot
) -> None:
    snapshot = _snapshot(hidden, 100)
    diagram.show_snapshot(snapshot)
    plain = diagram.grab().toImage()
    refs = frozenset({NeuronRef(0, 4)})
    diagram.show_switched_off(refs)
    name = "h₅" if len(hidden) == 1 else "h₅[1]"
    assert diagram.notes.of_output == f"without {name}:\nloss {loss_text(loss_without(snapshot, [(0, 4)]))}"
    image = diagram.grab().toImage()
    for edges in choose_edges(snapshot)[:2]:
        off = edges.outputs == 4 if edges.layer == 0 else edges.inputs == 4
        assert (idle_ends(edges, idle_masks(snapshot, refs, with_dead=False)) == off).all()
    for column in diagram.layout_of_network.columns:
        if column.layer == 0:
            left, top, width, height = (round(part) for part in column.rectangle(4))
            box = (left + width // 2, top, width // 2 - 6, max(height, 1))
            assert image.copy(*box) != plain.copy(*box)
    diagram.show_probe(1.0)
    assert "without" in diagram.notes.of_output
    diagram.show_probe(None)
    diagram.show_switched_off(frozenset({NeuronRef(5, 70)}))  # of another network
    assert diagram.grab().toImage() == plain
    diagram.show_switched_off(frozenset())
    assert diagram.grab().toImage() == plain


@pytest.mark.parametrize("size", [(320, 403), (346, 376), (482, 300), (672, 372)])
@pytest.mark.parametrize("hidden", [(40,), (1_000,)])
def test_the_text_below_a_strip_keeps_clear_of_the_legend(
    qapp: QApplication, hidden: tuple[int, ...], size: tuple[int, int]
) -> None:
    layout, metrics = make_layout((1, *hidden, 1), *size, digit_size()), QFontMetricsF(small_font(0.86))
    lines = legend_lines(layout, metrics, legend_words(layout, (), None, dead="", frozen=False))
    legend = layout.height - BELOW - (len(lines) - 1) * metrics.height() - metrics.capHeight()
    for column in layout.columns:
        if column.is_strip:
            assert column.bottom + 1 + digit_size().line + AROUND_NUMBER <= legend - 5


EDGE_SIZES = [(468, 318), (480, 388), (672, 372), (1_200, 620)]
PIXELS = 3  # that a number is looked at with


def _network(hidden: tuple[int, ...], size: tuple[int, int]) -> tuple[DiagramLayout, Flow]:
    snapshot = trained_snapshot(Config().replace("network.hidden", hidden), 5)
    weights = tuple(layer.weight for layer in snapshot.layers)
    return make_layout((1, *hidden, 1), *size), Flow(snapshot.layers, weights, {}, "the weights")


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("under", [-1.0, 0.0, 1.0])
def test_they_can_be_read_on_every_colour_of_an_edge(qapp: QApplication, theme: Theme, under: float) -> None:
    set_theme(theme)
    layout, flow = _network((10,), (672, 372))
    first = np.array([[(-1) ** k * 0.1 * k] for k in range(10)], dtype=np.float32)  # with a 0
    flow = replace(flow, edges=(first, *flow.edges[1:]))
    picture = QImage(672 * PIXELS, 372 * PIXELS, QImage.Format.Format_RGB32)
    picture.setDevicePixelRatio(PIXELS)
    picture.fill(sign_color(under))  # as if the thickest of edges were under all
    with QPainter(picture) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_edge_numbers(painter, layout, flow, Notes(), None)
    numbers = placed_numbers(layout, flow, Notes(), None)
    assert sum(edge.layer == 0 for edge, _, _ in numbers) == 10
    for _, box, value in numbers:
        inner = box.adjusted(1, 1, -1, -1)  # without its round corners
        xs = range(round(inner.left() * PIXELS), round(inner.right() * PIXELS))
        ys = range(round(inner.top() * PIXELS), round(inner.bottom() * PIXELS))
        count = Counter(picture.pixel(x, y) for x in xs for y in ys)
        beneath = QColor(count.most_common(1)[0][0])
        assert contrast(beneath, theme.color("card")) >= 1.2 or under == 0  # the edge is seen through it
        assert max(contrast(QColor(pixel), beneath) for pixel in count) >= 4.5, value


@pytest.mark.parametrize("size", EDGE_SIZES)
@pytest.mark.parametrize("hidden", [(), (1,), (10,), (4, 4), (8, 8, 8), (20, 20)])
def test_they_overlap_neither_each_other_nor_a_note(
    qapp: QApplication, hidden: tuple[int, ...], size: tuple[int, int]
) -> None:
    layout, flow = _network(hidden, size)
    for ref in (None, LayerRef(0), LayerRef(len(hidden))):
        boxes = [box for _, box, _ in placed_numbers(layout, flow, Notes("x = −1.25", "ŷ = 2"), ref)]
        assert not any(one.intersects(other) for one, other in combinations(boxes, 2))


@pytest.mark.parametrize("size", EDGE_SIZES)
def test_numbers_stand_beside_the_ends_of_their_edges(qapp: QApplication, size: tuple[int, int]) -> None:
    layout, flow = _network((10,), size)
    numbers = placed_numbers(layout, flow, Notes(), None)
    assert sum(edge.layer == 0 for edge, _, _ in numbers) == 10
    for edge, box, _ in numbers:
        column, row = (layout.arrivals(0), edge.output) if edge.layer == 0 else (layout.departures(1), edge.input)
        y, middle = float(column.y[row]), float(layout.columns[0].y[0])
        assert y == pytest.approx(
            box.bottom() - DESCENT if y < middle else box.top() + DESCENT
        )  # none lies on the end of its edge
        assert abs(box.center().y() - y) < (column.y[1] - column.y[0]) / 2
    assert len({round(box.right(), 6) for edge, box, _ in numbers if edge.layer == 0}) == 1  # below each other
    assert len({round(box.left(), 6) for edge, box, _ in numbers if edge.layer == 1}) <= 1


WINDOW = Zoom()
PRESENTED = {Zoom(1.5, 13.5, 2.0): (360, 323), Zoom(1.83, 16.5, 3.0): (360, 401)}  # at 1024 x 768, at 1920 x 1080
PRESENTED_NARROW = next(iter(PRESENTED)), (345, 340)
COMPANIONS = [(WINDOW, (360, 252)), (WINDOW, (480, 302)), *PRESENTED.items(), PRESENTED_NARROW]


@pytest.mark.parametrize(("zoom", "size"), COMPANIONS)
@pytest.mark.parametrize("phase", [FORWARD, BACKWARD, UPDATE])
@pytest.mark.parametrize("position", [None, 3])
@pytest.mark.parametrize("scale", [1.0, 0.03])
def test_a_step_is_whole_beside_its_microscope(
    qapp: QApplication, zoom: Zoom, size: tuple[int, int], phase: int, position: int | None, scale: float
) -> None:
    """Each neuron and each edge has a number, rounded if need be, and the input's covers no edge and no neuron."""
    zoom_application(zoom)
    flow = not_none(step_flow(dissection("sgd", 400), phase, position))
    flow = replace(flow, edges=tuple(values * np.float32(scale) for values in flow.edges))
    layout = make_layout((1, 10, 1), *size, digit_size())
    notes = Notes(flow.input_note, flow.output_note)
    assert all_have_room(layout, flow, notes)
    for place, text in places_of(layout, notes):
        if text.replace("\n", " ") == notes.of_input:
            assert 0 <= place.left() < place.right() <= layout.columns[0].right
    for column in layout.columns:
        if (boxes := flow.boxes.get((column.kind, column.layer))) is not None:
            for text, value in zip(box_texts(column, boxes)[0], boxes.values.tolist(), strict=True):
                number = "0" if text == "off" else text.replace("·10", "e").replace("e−", "e-").translate(TO_PLAIN)
                assert float(number) == pytest.approx(value, rel=0.34)  # of one digit
    assert legend_words(layout, (), flow, dead="", frozen=False)[1] != LACKS_NUMBERS


@pytest.mark.parametrize("hidden", [(32,), (1_000,), (8, 8, 8)])
def test_in_little_room_the_chosen_neurons_numbers_come_first(qapp: QApplication, hidden: tuple[int, ...]) -> None:
    zoom_application(next(iter(PRESENTED)))
    snapshot = trained_snapshot(hidden, 5)
    flow = probe_flow(probe(snapshot.layers, "relu", 1.5))
    layout, notes = make_layout((1, *hidden, 1), 360, 323, digit_size()), Notes(flow.input_note)
    words = legend_words(layout, (), flow, dead="", frozen=False, lacks_numbers=not all_have_room(layout, flow, notes))
    assert LACKS_NUMBERS in words[:2]
    index = 5
    chosen = NeuronRef(0, index)
    columns = [c for c in layout.columns if c.layer == 0]
    texts = [text for _, text in numbers_of_chosen(layout, flow, chosen)]
    texts += [text for c in columns if not c.is_strip and (text := box_texts(c, flow.boxes[c.kind, 0])[0][index])]
    assert len(texts) == len(columns)
    first, *_ = placed_numbers(layout, flow, notes, chosen)
    assert index in (first[0].output, first[0].input)


@pytest.mark.parametrize("hidden", [(4,), (200,)])
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_negative_weight_is_dashed_thick_or_thin(qapp: QApplication, hidden: tuple[int, ...], sign: float) -> None:
    """Seen without colour: with one colour for both signs, half of the way of a negative weight is much paler."""
    set_theme(replace(LIGHT, negative=LIGHT.positive))
    layout = make_layout((1, *hidden, 1), 700, 400)
    count = hidden[0]
    weights = np.full((count, 1), sign * 0.1)
    weights[-1] = sign
    snapshot = _snapshot(hidden, 0)
    (drawn, _) = choose_edges(snapshot, (weights, np.zeros((1, count))))
    straight = replace(layout, columns=tuple(replace(c, y=np.full(len(c.y), 200.0)) for c in layout.columns))
    for kept in (slice(0, 1), slice(-1, None)):  # the weakest, and the strongest
        arrays = {name: getattr(drawn, name)[kept] for name in ("outputs", "inputs", "weights")}
        image = QImage(700, 400, QImage.Format.Format_RGB32)
        image.fill(LIGHT.color("card"))
        with QPainter(image) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            paint_edges(painter, straight, [replace(drawn, **arrays)], [np.zeros(1, bool)], directly)
        start, end = layout.departures(0).right, layout.arrivals(0).left
        rows = [
            [contrast(image.pixelColor(x, y), LIGHT.color("card")) for x in range(round(start) + 2, round(end) - 2)]
            for y in (199, 200)
        ]
        share = max(np.mean(np.array(row) - 1 < (max(row) - 1) / 2) for row in rows)
        assert share == 0 if sign > 0 else 0.3 < share < 0.7


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("name", ["positive", "negative"])
def test_the_weakest_weight_stands_out(theme: Theme, name: str) -> None:
    card = theme.color("card")
    assert contrast(over(theme.color(name, FAINTEST), card), card) >= 3


def test_the_legend_says_the_dash(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    monkeypatch.setattr(QPainter, "drawText", lambda painter, *args: written.append(args[-1]))
    image = QImage(700, 400, QImage.Format.Format_RGB32)
    with QPainter(image) as painter:
        paint_legend(painter, make_layout((1, 10, 1), 700, 400), ["thick: large weight"])
    assert written == ["positive", "negative: dashed", "thick: large weight"]
