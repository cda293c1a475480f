"""What flows through the diagram: each number from a place of its own, PyTorch's or the dissection's."""

import numpy as np
import pytest
import torch

from tests.activations import ALL_AND_MIXED, for_layers, modules_of
from tests.dissections import RUNS, broken_dissection, dissection
from tests.not_none import not_none
from tests.runs import trained
from tinynet_gui.core.config import Config
from tinynet_gui.core.network.forward import Layer, probe
from tinynet_gui.core.network.refs import LayerRef, NeuronRef, ParameterRef, WeightRef
from tinynet_gui.core.step.dissection import BACKWARD, FORWARD, LOSS, UPDATE, Dissection, chain, dissect, step_flow
from tinynet_gui.core.step.flow import ColumnKind, Flow, probe_flow
from tinynet_gui.core.text.numbers import brief, briefer
from tinynet_gui.core.training.trainer import Trainer
from tinynet_gui.ui.views.diagram.flow_painter import numbered_edges
from tinynet_gui.ui.views.diagram.layout import choose_edges
from tinynet_gui.ui.views.microscope.page import in_float32
from tinynet_gui.ui.views.microscope.text import numbers_text


def _flow(d: Dissection, move: int, position: int | None) -> Flow:
    return not_none(step_flow(d, move, position))


@pytest.mark.parametrize("name", RUNS)
def test_forward_each_neuron_gets_what_its_edges_carry(name: str) -> None:
    """Of a sample, and of the mean over the batch: edges and bias add up to u, which stands in the box."""
    d = dissection(name)
    for position in (None, 0, len(d.samples) - 1):
        flow = _flow(d, FORWARD, position)
        assert flow.way == "forward"
        us = [d.values.pre_activations[i] for i in range(len(d.layers) - 1)] + [d.values.output[None, :]]
        for layer, (here, u, carried) in enumerate(zip(d.layers, us, flow.edges, strict=True)):
            assert carried.shape == here.weight.shape
            expected = u.mean(axis=1, dtype=float) if position is None else u[:, position]
            np.testing.assert_allclose(carried.sum(axis=1) + here.bias, expected, rtol=1e-4, atol=1e-5)
            column: ColumnKind = "output" if layer == len(d.layers) - 1 else "linear"
            np.testing.assert_allclose(flow.boxes[column, layer].values, expected, rtol=1e-6, atol=1e-7)
        for layer, h in enumerate(d.values.activations):
            boxes = flow.boxes["activation", layer]
            expected = h.mean(axis=1) if position is None else h[:, position]
            np.testing.assert_allclose(boxes.values, expected, rtol=1e-5, atol=1e-6)
            if position is not None and d.config.network.activation == "relu":
                np.testing.assert_array_equal(not_none(boxes.off), boxes.values == 0)


@pytest.mark.parametrize("name", RUNS)
def test_the_second_move_keeps_values_and_adds_the_loss(name: str) -> None:
    d = dissection(name)
    for position in (None, 0):
        forward, loss = _flow(d, FORWARD, position), _flow(d, LOSS, position)
        assert loss.way == ""
        assert forward.output_note == ""
        assert loss.output_note != ""
        np.testing.assert_equal(list(forward.edges), list(loss.edges))
    assert _flow(d, LOSS, None).output_note == f"L = {d.loss:.4g}"


@pytest.mark.parametrize("activation", ALL_AND_MIXED)
def test_backward_the_boxes_are_autograds(activation: str) -> None:
    """∂L/∂u and ∂L/∂h of every layer and every sample, from PyTorch's own graph."""
    names = for_layers(activation, 3)
    config = Config().replace("network.hidden", (5, 4, 3)).replace("network.activation", names)
    d = dissect(config, trained(config, 15).state())
    us, hs = [], []
    value = torch.tensor(d.x[:, None])
    functions = modules_of(names, 3)
    for index, layer in enumerate(d.layers):
        weight, bias = (torch.tensor(a, requires_grad=True) for a in (layer.weight, layer.bias))
        us.append(torch.nn.functional.linear(value, weight, bias))
        if index < 3:
            hs.append(functions[index](us[-1]))
        value = hs[-1] if index < 3 else us[-1]
    loss = torch.nn.functional.mse_loss(value, torch.tensor(d.y[:, None]))
    slopes = torch.autograd.grad(loss, [*us, *hs])
    for position in (0, 11):
        flow = _flow(d, BACKWARD, position)
        assert flow.way == "backward"
        for place in range(4):
            kind: ColumnKind = "output" if place == 3 else "both"
            expected = slopes[place][position].numpy()
            np.testing.assert_allclose(flow.boxes[kind, place].values, expected, rtol=1e-4, atol=1e-7)
        for place in range(3):
            expected = slopes[4 + place][position].numpy()
            np.testing.assert_allclose(flow.boxes["activation", place].values, expected, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("name", RUNS)
def test_backward_shares_of_samples_add_up_to_the_gradient(name: str) -> None:
    d = dissection(name)
    whole, shares = _flow(d, BACKWARD, None), [_flow(d, BACKWARD, i) for i in range(len(d.samples))]
    for layer, gradient in enumerate(d.gradients):
        assert whole.edges[layer] is gradient.weight
        total = np.sum([share.edges[layer] for share in shares], axis=0)
        scale = float(np.abs(gradient.weight).max()) + 1e-6
        np.testing.assert_allclose(total, gradient.weight, rtol=1e-3, atol=1e-4 * scale)
        kind: ColumnKind = "output" if layer == len(d.layers) - 1 else "linear"
        assert whole.boxes[kind, layer].values is gradient.bias
        total = np.sum([share.boxes[kind, layer].values for share in shares], axis=0)
        np.testing.assert_allclose(total, gradient.bias, rtol=1e-3, atol=1e-4 * scale)
    for layer, here in enumerate(d.layers):
        place = here.weight.shape[0] // 2, here.weight.shape[1] - 1
        links = chain(d, layer, "weight", *place)
        np.testing.assert_allclose([share.edges[layer][place] for share in shares], links.products, rtol=1e-12)


@pytest.mark.parametrize("name", RUNS)
def test_the_update_leads_to_the_new_weights(name: str) -> None:
    d = dissection(name)
    flow, after = _flow(d, UPDATE, None), not_none(d.after)
    assert flow.way == ""
    for layer, here in enumerate(d.layers):
        kind: ColumnKind = "output" if layer == len(d.layers) - 1 else "linear"
        weight, bias = after.parameters[2 * layer : 2 * layer + 2]
        np.testing.assert_allclose(here.weight + flow.edges[layer], weight, rtol=3e-7, atol=1e-7)
        np.testing.assert_allclose(here.bias + flow.boxes[kind, layer].values, bias, rtol=3e-7, atol=1e-7)
        assert ("activation", layer) not in flow.boxes  # an activation has nothing that changes


def test_what_is_frozen_does_not_change() -> None:
    config = Config()
    trainer = trained(config, 3)
    masks = tuple(np.arange(p.size).reshape(p.shape) % 2 == 0 for p in trainer.state().parameters)
    flow = _flow(dissect(config, trainer.state(), masks), UPDATE, None)
    for layer in (0, 1):
        assert (flow.edges[layer][masks[2 * layer]] == 0).all()
        assert (flow.edges[layer][~masks[2 * layer]] != 0).any()
    assert (flow.boxes["linear", 0].values[masks[1]] == 0).all()


def test_the_probe_differs_only_where_x_is_standardised() -> None:
    layers = dissection(next(iter(RUNS))).layers
    assert "at x = 2.3: " in probe_flow(probe(layers, "relu", 2.3), 2.3).caption
    assert "at x = 5, seen as 2.3: " in probe_flow(probe(layers, "relu", 2.3), 5.0).caption


def test_the_probe_flows_like_a_sample() -> None:
    d = dissection("sgd")
    position = 4
    forward = _flow(d, FORWARD, position)
    probed = probe_flow(probe(d.layers, "relu", float(d.x[position])))
    for a, b in zip(forward.edges, probed.edges, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
    assert forward.boxes.keys() == probed.boxes.keys()
    for key, boxes in forward.boxes.items():
        np.testing.assert_allclose(boxes.values, probed.boxes[key].values, rtol=1e-5, atol=1e-6)
    assert probed.caption.startswith("w·v at x = ")


def test_a_flow_belongs_to_the_parameters_in_which_it_flows() -> None:
    config = Config()
    trainer = Trainer(config)
    flow = _flow(dissect(config, trainer.state()), FORWARD, 0)
    assert flow.fits(trainer.snapshot(1))
    trainer.run(1)
    assert not flow.fits(trainer.snapshot(1))
    assert not flow.fits(Trainer(config.replace("network.hidden", (10, 10))).snapshot(2))


@pytest.mark.parametrize("hidden", [(), (10,), (8, 8, 8), (40, 30)])
@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan"), 1e30, 3e38])
def test_a_network_that_is_not_finite_flows_and_is_written_about(hidden: tuple[int, ...], value: float) -> None:
    """With no warning; `tests.gui` draws it."""
    for optimizer in ("sgd", "adam"):
        d = broken_dissection(hidden, optimizer, value)
        for move in range(4):
            for position in (None, 0):
                flow = step_flow(d, move, position)
                assert (flow is None) == (move == UPDATE and d.update is None)
                for layer in range(len(d.layers)):
                    assert numbers_text(d, move, ParameterRef(layer, "weight", (0, 0)), position, in_float32)


def test_of_many_edges_those_are_drawn_that_show_the_most() -> None:
    config = Config().replace("network.hidden", (40, 30))
    trainer = trained(config, 5)
    flow, snapshot = _flow(dissect(config, trainer.state()), BACKWARD, None), trainer.snapshot(1)
    for drawn, values in zip(choose_edges(snapshot, flow.edges), flow.edges, strict=True):
        strengths = np.sort(np.abs(values).ravel())
        assert len(drawn.weights) < 100
        np.testing.assert_array_equal(drawn.weights, values[drawn.outputs, drawn.inputs])
        assert np.min(np.abs(drawn.weights)) >= strengths[-len(drawn.weights)]


def _flow_of(*matrices: np.ndarray) -> Flow:
    layers = tuple(Layer(m.astype(np.float32), np.zeros(len(m), np.float32)) for m in matrices)
    return Flow(layers, matrices, {}, "")


def test_few_edges_all_have_numbers_and_many_only_selected() -> None:
    random = np.random.default_rng(0)
    few = _flow_of(random.normal(size=(10, 1)), random.normal(size=(1, 10)))
    assert len(numbered_edges(few, None)) == 20
    sizes = [abs(value) for _, value in numbered_edges(few, None)]
    assert sizes == sorted(sizes, reverse=True)

    config = Config().replace("network.hidden", (8, 8, 8))
    snapshot = Trainer(config).snapshot(1)
    many = _flow_of(*(layer.weight for layer in snapshot.layers))
    assert numbered_edges(many, None) == []
    assert [edge for edge, _ in numbered_edges(many, WeightRef(1, 2, 3))] == [WeightRef(1, 2, 3)]
    of_neuron = {(e.layer, e.output, e.input) for e, _ in numbered_edges(many, NeuronRef(1, 2))}
    assert of_neuron == {(1, 2, i) for i in range(8)} | {(2, i, 2) for i in range(8)}
    assert {e.layer for e, _ in numbered_edges(many, NeuronRef(3, 0))} == {3}
    into = [abs(value) for _, value in numbered_edges(_flow_of(random.normal(size=(1, 90))), NeuronRef(0, 0))]
    assert len(into) == 40
    assert len(numbered_edges(many, LayerRef(1))) == 40


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *((0.0, "0"), (1.5, "+1.500"), (1234.5, "+1234"), (float("inf"), "+∞"), (float("nan"), "NaN")),
        *((-0.01234, "−0.012"), (0.0012345, "+0.0012"), (-0.00044, "−0.00044"), (-8.17e-5, "−8.2·10⁻⁵")),
        (-3.2e9, "−3.2·10⁹"),
    ],
)
def test_a_brief_number_is_short_and_never_a_zero_that_is_none(value: float, text: str) -> None:
    assert brief(value) == text
    assert len(text) <= 9


@pytest.mark.parametrize(
    ("value", "texts"),
    [
        (-1.23e-5, ("−1.2e−5", *("−1e−5",) * 3)),
        (9.7e-6, ("9.7e−6", *("1e−5",) * 3)),
        (31250.0, ("3.1e4", *("3e4",) * 3)),
        (-0.26, ("−0.260", "−0.26", "−0.3", "−0.3")),
        (-0.00234, ("−0.0023", "−0.0023", "−0.002", "−2e−3")),
        (-0.000234, ("−0.00023", *("−2e−4",) * 3)),
        (123.46, ("123.460", "123", "123", "123")),
        (0.0, ("0",) * 4),
    ],
)
def test_a_small_change_has_a_text_for_narrow_boxes(value: float, texts: tuple[str, ...]) -> None:
    assert briefer(value) == texts
