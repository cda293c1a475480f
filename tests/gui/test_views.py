"""Diagram, its card and plots, both ways: a snapshot in, a selection out."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.gui.conftest import child, heard, recolor, seen, trained_snapshot
from tests.places import rectangle_of
from tinynet_gui.core.config import Config
from tinynet_gui.core.network.refs import LayerRef, NeuronRef, Ref, WeightRef
from tinynet_gui.core.run.loss_history import HeldOutLosses, LossHistory
from tinynet_gui.core.run.marks import Mark, MarkKind
from tinynet_gui.core.text.numbers import signed
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.wording.setting_line import read_setting
from tinynet_gui.ui.style.colors import DARK
from tinynet_gui.ui.views.diagram.layout import choose_edges, make_layout, place_card, spoken_of
from tinynet_gui.ui.views.diagram.network_diagram import NetworkDiagram
from tinynet_gui.ui.views.function_plot.function_plot import FunctionPlot
from tinynet_gui.ui.views.loss_plot.loss_plot import LossPlot
from tinynet_gui.ui.widgets.plots.layer import LegendLabel
from tinynet_gui.ui.widgets.plots.plot_menu import Range
from tinynet_gui.ui.widgets.selection import Selection

SHAPES = [(), (1,), (10,), (1_000,), (8, 8, 8), (20, 20), (4,) * 6]


def _with_a_dead_neuron(hidden: tuple[int, ...]) -> Snapshot:
    config = Config().with_changes({"network.hidden": hidden, "training.learning_rate": 0.01})
    return trained_snapshot(config, steps=200)


def _key(plot: FunctionPlot | LossPlot) -> str:
    return child(plot, LegendLabel).text()


@pytest.mark.parametrize("hidden", SHAPES)
def test_all_is_inside_and_neurons_are_hit_where_drawn(diagram: NetworkDiagram, hidden: tuple[int, ...]) -> None:
    diagram.show_snapshot(trained_snapshot(hidden, steps=1))
    layout = make_layout((1, *hidden, 1), 700, 320)
    assert [len(column.y) for column in layout.columns][-1] == 1
    for column in layout.columns:
        assert 0 <= column.left < column.right <= 700
        assert 0 <= column.top < column.bottom <= 320
    edges = [column.x for column in layout.columns]
    assert edges == sorted(set(edges))
    for layer, width in enumerate((*hidden, 1)):
        for index in {0, width // 2, width - 1}:
            center = rectangle_of(diagram, NeuronRef(layer, index)).center()
            found = diagram.ref_at(center.x(), center.y())
            assert isinstance(found, NeuronRef)
            assert found.layer == layer
            assert abs(found.index - index) <= (2 if width > 100 else 0)  # several neurons share a pixel


@pytest.mark.parametrize("hidden", [(1,), (10,), (3, 4)])
def test_every_edge_is_found_where_it_is_drawn(diagram: NetworkDiagram, hidden: tuple[int, ...]) -> None:
    snapshot = trained_snapshot(hidden)
    diagram.show_snapshot(snapshot)
    edges = choose_edges(snapshot)
    assert sum(len(drawn.weights) for drawn in edges) == sum(layer.weight.size for layer in snapshot.layers)
    start = diagram.layout_of_network.departures(0)
    for output in range(hidden[0]):
        y = diagram.layout_of_network.arrivals(0).y[output]
        x = diagram.layout_of_network.arrivals(0).left - 3
        assert diagram.ref_at(x, y) == WeightRef(0, output, 0)
    assert diagram.ref_at(start.x, start.y[0]) is None  # the input itself


def test_only_the_strongest_of_many_edges_are_drawn() -> None:
    snapshot = trained_snapshot((100, 300), steps=1)
    for drawn, layer in zip(choose_edges(snapshot), snapshot.layers, strict=True):
        strengths = np.sort(np.abs(layer.weight).ravel())
        assert drawn.total == layer.weight.size
        assert np.min(np.abs(drawn.weights)) >= strengths[-len(drawn.weights)]


def test_hovering_tells_the_snapshots_numbers(diagram: NetworkDiagram, selection: Selection) -> None:
    snapshot = trained_snapshot((10,))
    diagram.show_snapshot(snapshot)
    QTest.mouseMove(diagram, QPoint(1, 1))
    QTest.mouseMove(diagram, rectangle_of(diagram, NeuronRef(0, 2)).center())
    assert selection.hovered == NeuronRef(0, 2)
    assert diagram.card.isVisible()
    weight, bias = snapshot.layers[0].weight[2, 0], snapshot.layers[0].bias[2]
    for text in (diagram.card.text(), description := diagram.accessibleDescription()):
        assert f"h₃ = ReLU({weight:.4f}·x − {abs(bias):.4f})" in text
        assert signed(-float(bias) / float(weight)) in text
        assert f"{snapshot.active_counts[0][2]} of 20 samples" in text
    for value in (weight, bias, snapshot.layers[1].weight[0, 2]):  # the card itself is short
        assert signed(float(value)) in description
    assert signed(float(snapshot.gradients[0].weight[2, 0]), 5) in description
    selection.hover(WeightRef(1, 0, 4))  # an edge: weight and gradient
    text = diagram.card.text()
    assert "Weight from h₅ to ŷ" in text
    assert signed(float(snapshot.layers[1].weight[0, 4])) in text
    assert signed(float(snapshot.gradients[1].weight[0, 4]), 5) in text


def test_the_card_follows_the_training_and_fits_its_text(
    diagram: NetworkDiagram, selection: Selection, qtbot: QtBot
) -> None:
    diagram.show_snapshot(trained_snapshot((10,), steps=1))
    selection.hover(NeuronRef(0, 8))
    small, later = diagram.card.size(), _with_a_dead_neuron((10,))
    assert np.flatnonzero(later.active_counts[0] == 0).tolist() == [8]
    diagram.show_snapshot(later)
    qtbot.waitUntil(lambda: "dead" in diagram.card.text())
    assert f"{later.layers[0].weight[8, 0]:.4f}".replace("-", "−") in diagram.card.text()
    assert signed(float(later.layers[0].weight[8, 0])) in diagram.accessibleDescription()
    assert "0 of 20" in diagram.card.text()
    assert "dead" in diagram.accessibleDescription()
    assert diagram.card.width() * diagram.card.height() > small.width() * small.height()
    assert diagram.card.size() == diagram.card.sizeHint()


def test_the_card_drops_a_neuron_the_next_network_lacks(
    diagram: NetworkDiagram, selection: Selection, qtbot: QtBot
) -> None:
    diagram.show_snapshot(trained_snapshot((10,)))
    selection.hover(NeuronRef(0, 8))
    diagram.show_snapshot(trained_snapshot((10,)))  # the card is to be written anew in a moment
    diagram.show_snapshot(trained_snapshot((2,)))
    recolor(diagram, DARK)
    assert not diagram.card.isVisible()
    selection.hover(NeuronRef(0, 1))
    written = heard(diagram.card.described)
    diagram.show_snapshot(trained_snapshot((2,), steps=30))
    qtbot.waitUntil(lambda: bool(written))
    assert "h₂" in written[-1]


def test_the_function_plot_shows_output_and_samples(selection: Selection, qtbot: QtBot) -> None:
    plot = seen(qtbot, FunctionPlot(selection), 600, 360)
    config = Config().replace("data.held_out", 0.25)
    snapshot = trained_snapshot(config)
    plot.show_config(config)
    plot.show_snapshot(snapshot)
    x, y = plot.layers.network.curve()
    assert np.array_equal(x, snapshot.grid)
    assert np.array_equal(y, snapshot.output)
    plot.show_loss(snapshot)
    assert f"{snapshot.train_loss:.4g}"[:4] in plot.value.text()
    assert len(plot.layers.samples.trained_points()[0]) == 15
    assert len(plot.layers.samples.held_out.getData()[0]) == 5
    for way, is_off in ((1_000.0, True), (0.0, False)):  # also where the user has gone
        plot.view.show_range(None, Range(way - 2.0, way + 9.0))
        assert ("off the plot" in _key(plot)) == is_off
    config = Config().replace("training.learning_rate", 10.0)
    plot.show_config(config)
    plot.show_snapshot(trained_snapshot(config, steps=100))
    assert "off the plot" in _key(plot)


def test_a_single_sample_and_its_output_are_in_view(selection: Selection, qtbot: QtBot) -> None:
    plot = seen(qtbot, FunctionPlot(selection), 600, 360)
    plot.show_config(Config())
    heights = []
    for rate, steps in ((0.1, 0), (0.1, 1), (1.0, 1), (0.1, 100)):
        config = read_setting(f"x=2&y=4&hidden=1&lr={rate}").config
        snapshot = trained_snapshot(config, steps=steps)
        plot.show_config(config)
        plot.show_snapshot(snapshot)
        low, high = plot.plot.getViewBox().viewRange()[1]
        given = float(np.interp(2.0, snapshot.grid, snapshot.output))
        assert low < min(given, 4.0) <= max(given, 4.0) < high
        assert "off the plot" not in _key(plot)
        heights.append(high - low)
        plot.view.show_range(None, Range(20.0, 21.0))
        plot.show_snapshot(trained_snapshot(config, steps=steps + 1))
        assert plot.plot.getViewBox().viewRange()[1] == [20.0, 21.0]  # what the user has chosen stays
        plot.view.show_everything()
    assert max(heights) > 6.0  # an overshoot, too


def test_the_loss_plot_draws_the_history(qtbot: QtBot) -> None:
    plot = LossPlot()
    qtbot.addWidget(plot)
    losses, validation = np.geomspace(10, 0.1, 500).astype(np.float32), [(0, 20.0), (4, 5.0), (8, 7.0)]
    history, marks = LossHistory().with_losses(0, losses), [Mark(200, "Learning rate 0.001 → 0.01")]
    snapshot = trained_snapshot(Config(), steps=500)
    plot.show_history(history, HeldOutLosses().with_losses(validation), marks, snapshot, 10_000)
    steps, drawn = plot.scene.steps, plot.scene.losses
    assert steps[-1] == 500
    assert drawn[-1] == pytest.approx(snapshot.train_loss)
    assert drawn[:-1].min() == losses.min()
    assert plot.layers.own.training.getData()[1].min() == pytest.approx(np.log10(drawn.min()))
    assert "on held-out samples" in _key(plot)
    plot.set_log(False)
    assert plot.layers.own.training.getData()[1].min() == pytest.approx(drawn.min())
    steps, drawn = plot.layers.own.held_out.getData()
    assert (steps.tolist(), drawn.tolist()) == ([0, 4, 8], [20.0, 5.0, 7.0])
    history = LossHistory().with_losses(0, np.array([1.0, 0.5], dtype=np.float32))
    snapshot = trained_snapshot(Config().replace("training.batch_size", 5), steps=2)
    plot.show_history(history, HeldOutLosses(), [], snapshot, 10)
    assert plot.scene.losses.tolist() == [1.0, 0.5]
    assert "batch" in _key(plot)


def test_the_loss_under_the_cursor(qtbot: QtBot) -> None:
    plot = seen(qtbot, LossPlot(), 500, 300)
    qtbot.waitExposed(plot)
    history = LossHistory().with_losses(0, np.geomspace(10, 0.1, 1_000).astype(np.float32))
    plot.show_history(history, HeldOutLosses(), [Mark(700, "Learning rate 0.001 → 0.01")], None, 1_000)
    box = plot.plot.getViewBox()
    for step, expected in ((300, "step 300:"), (700, "Learning rate 0.001 → 0.01")):
        plot.plot.scene().sigMouseMoved.emit(box.mapViewToScene(QPointF(step + 0.2, 0)))
        assert expected in plot.value.text()
    plot.plot.scene().sigMouseMoved.emit(box.mapViewToScene(QPointF(-500, 0)))
    assert plot.value.text() == ""
    kinds: list[tuple[MarkKind, str]] = [("by hand", "a number was set by hand"), ("samples", "something was changed")]
    for place, (_, said) in enumerate(kinds):
        marks = [Mark(100, "", kind) for kind, _ in kinds[: place + 1]]
        plot.show_history(history, HeldOutLosses(), marks, None, 1_000)
        assert said in _key(plot)


CARD_SHAPES = [(), (1,), (2,), (10,), (60,), (1_000,), (8, 8, 8), (20, 20), (4,) * 6]
SIZES = [(360, 190), (404, 200), (670, 372), (1_200, 620)]


def _some_refs(hidden: tuple[int, ...]) -> list[Ref]:
    refs: list[Ref] = []
    for layer, width in enumerate((*hidden, 1)):
        inputs = (1, *hidden)[layer]
        refs.append(LayerRef(layer))
        refs += [NeuronRef(layer, index) for index in sorted({0, width // 2, width - 1})]
        refs += [WeightRef(layer, index, inputs - 1) for index in sorted({0, width - 1})]
    return refs


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("hidden", CARD_SHAPES)
def test_the_card_is_inside_and_covers_no_subject_or_input(hidden: tuple[int, ...], size: tuple[int, int]) -> None:
    layout = make_layout((1, *hidden, 1), *size)
    card = (150.0, 52.0)
    for ref in _some_refs(hidden):
        place = QRectF(*place_card(layout, ref, card)[:2], *card)
        assert QRectF(0, 0, *size).contains(place)
        covered = [QRectF(*box) for box in spoken_of(layout, ref) if place.intersects(QRectF(*box))]
        assert not covered, (ref, place)


@pytest.mark.parametrize("size", [*SIZES, (345, 350), (350, 318)])
@pytest.mark.parametrize("hidden", [(10,), (4, 4), (100,)])
def test_it_covers_no_neuron_if_there_is_a_place_for_that(hidden: tuple[int, ...], size: tuple[int, int]) -> None:
    layout, card = make_layout((1, *hidden, 1), *size), (194.0, 52.0)
    columns = [(c.left, c.top, c.box[0], c.bottom - c.top) for c in layout.columns]  # no card fits between two neurons
    x, y = np.meshgrid(np.arange(6.0, size[0] - 6 - card[0]), np.arange(6.0, size[1] - 6 - card[1]))

    def covers(left: Any, top: Any, boxes: Sequence[tuple[float, float, float, float]]) -> Any:
        across = [(left < x0 + wide) & (left + card[0] > x0) for x0, _, wide, _ in boxes]
        return np.any(
            [
                meets & (top < y0 + high) & (top + card[1] > y0)
                for meets, (_, y0, _, high) in zip(across, boxes, strict=True)
            ],
            axis=0,
        )

    for ref in _some_refs(hidden):
        has_place = not covers(x, y, [*columns, *spoken_of(layout, ref)]).all()
        assert not (has_place and covers(*place_card(layout, ref, card)[:2], columns)), ref


@pytest.mark.parametrize("hidden", [(10,), (8, 8, 8)])
def test_the_drawn_card_is_small_and_aside(
    diagram: NetworkDiagram, selection: Selection, hidden: tuple[int, ...]
) -> None:
    diagram.resize(670, 372)
    diagram.show_snapshot(_with_a_dead_neuron(hidden))
    for ref in _some_refs(hidden):
        selection.hover(ref)
        card = diagram.card.geometry()
        assert diagram.card.isVisible()
        assert card.width() <= 220
        assert card.width() * card.height() <= 0.08 * diagram.width() * diagram.height()
        for box in spoken_of(diagram.layout_of_network, ref):
            assert not QRectF(card).intersects(QRectF(*box).adjusted(1, 1, -1, -1)), ref


def test_the_card_avoids_formulas_and_says_dead_once(diagram: NetworkDiagram, selection: Selection) -> None:
    diagram.resize(480, 328)  # as in a window of 1280 x 800
    snapshot = _with_a_dead_neuron((10,))
    diagram.show_snapshot(snapshot)
    diagram.show_deaths(snapshot.run_id, {(0, 8): None})
    layout = diagram.layout_of_network
    for index in range(10):
        selection.hover(NeuronRef(0, index))
        card = QRectF(diagram.card.geometry())
        assert not [c.kind for c in layout.columns if card.intersects(QRectF(*layout.heading(c)))], index
        assert diagram.card.text().count("dead") == (index == 8)


def test_it_goes_when_its_neuron_is_pinned_and_comes_for_another(diagram: NetworkDiagram, selection: Selection) -> None:
    diagram.show_snapshot(trained_snapshot((10,)))
    here = rectangle_of(diagram, NeuronRef(0, 2)).center()
    QTest.mouseMove(diagram, here)
    selection.hover(NeuronRef(0, 2))
    assert diagram.card.isVisible()
    QTest.mouseClick(diagram, Qt.MouseButton.LeftButton, pos=here)
    assert not diagram.card.isVisible()
    assert "h₃" in diagram.accessibleDescription()  # who cannot see it is still told
    diagram.show_snapshot(trained_snapshot((10,), 5))
    assert not diagram.card.isVisible()
    selection.hover(NeuronRef(0, 4))
    assert diagram.card.isVisible()
    assert "h₅" in diagram.card.text()
    selection.pin(None)
    selection.hover(NeuronRef(0, 2))
    assert diagram.card.isVisible()
