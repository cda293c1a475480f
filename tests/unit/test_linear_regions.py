"""Kinks and pieces, against brute force in float64 and torch's autograd."""

import numpy as np
import numpy.typing as npt
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from tests.runs import trained
from tests.unit.random_networks import layer_of, networks, random_layers
from tinynet_gui.core.config import Config
from tinynet_gui.core.function.linear_regions import LinearRegions, find_linear_regions
from tinynet_gui.core.function.summaries import kink_of
from tinynet_gui.core.network.activations import ACTIVATIONS, LEAKY_SLOPE
from tinynet_gui.core.network.forward import Layer, forward
from tinynet_gui.core.training.trainer import Trainer

Floats = npt.NDArray[np.float64]

LOW, HIGH = -3.75, 3.75
KINKED = ("relu", "leaky_relu")
LINEAR_SLOPES = {"relu": 0.0, "leaky_relu": LEAKY_SLOPE, "identity": 1.0}


def _brute_force(layers: tuple[Layer, ...], activation: str, x: Floats) -> tuple[list[Floats], Floats]:
    """Every hidden pre-activation and the output at x, in float64."""
    value, pre_activations = x[None, :], []
    for index, layer in enumerate(layers):
        value = layer.weight.astype(np.float64) @ value + layer.bias.astype(np.float64)[:, None]
        if index < len(layers) - 1:
            pre_activations.append(value)
            value = np.where(value > 0, value, LINEAR_SLOPES[activation] * value)
    return pre_activations, value[0]


@pytest.mark.parametrize("activation", LINEAR_SLOPES)
@given(layers=networks())
@settings(max_examples=25)
def test_the_pieces_are_the_function(activation: str, layers: tuple[Layer, ...]) -> None:
    pieces = find_linear_regions(layers, activation, LOW, HIGH)
    x = np.linspace(LOW, HIGH, 4_001)
    _, output = _brute_force(layers, activation, x)
    piece = np.clip(np.searchsorted(pieces.breakpoints, x) - 1, 0, len(pieces.slopes) - 1)
    np.testing.assert_allclose(pieces.slopes[piece] * x + pieces.intercepts[piece], output, rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(np.interp(x, pieces.breakpoints, pieces.values), output, rtol=1e-10, atol=1e-10)
    in_float32 = forward(layers, activation, x.astype(np.float32)).output
    np.testing.assert_allclose(np.interp(x, pieces.breakpoints, pieces.values), in_float32, atol=1e-4)


@pytest.mark.parametrize("activation", KINKED)
@given(layers=networks(min_layers=1) | networks(min_layers=6, max_layers=6))
@settings(max_examples=35)
def test_a_kink_is_where_its_neuron_changes_sign(activation: str, layers: tuple[Layer, ...]) -> None:
    """Every sign change that a dense grid sees is a kink, and every kink is a sign change."""
    pieces = find_linear_regions(layers, activation, LOW, HIGH)
    kinks = pieces.kinks
    x = np.linspace(LOW, HIGH, 4_001)
    on_grid, _ = _brute_force(layers, activation, x)
    at_kinks, _ = _brute_force(layers, activation, kinks.x)
    middles = 0.5 * (pieces.breakpoints[1:] + pieces.breakpoints[:-1])
    in_pieces, _ = _brute_force(layers, activation, middles)
    for layer, u in enumerate(on_grid):
        for index in range(len(u)):
            mine = (kinks.layer == layer) & (kinks.index == index)
            np.testing.assert_allclose(at_kinks[layer][index][mine], 0.0, atol=1e-12)
            changes = (u[index, 1:] > 0) != (u[index, :-1] > 0)
            cells = np.histogram(kinks.x[mine], bins=x)[0]
            np.testing.assert_array_equal(cells % 2 == 1, changes)  # two kinks in one cell cancel out
            place = np.searchsorted(pieces.breakpoints, kinks.x[mine])
            signs = in_pieces[layer][index] > 0
            assert np.all(signs[place] != signs[place - 1])


@pytest.mark.parametrize("activation", KINKED)
@given(layers=networks(min_layers=1))
@settings(max_examples=15)
def test_a_pieces_slope_is_autograds(activation: str, layers: tuple[Layer, ...]) -> None:
    pieces = find_linear_regions(layers, activation, LOW, HIGH)
    wide = np.diff(pieces.breakpoints) > 1e-6
    x = torch.tensor((0.5 * (pieces.breakpoints[1:] + pieces.breakpoints[:-1]))[wide, None], requires_grad=True)
    value = x
    for index, layer in enumerate(layers):
        value = nn.functional.linear(value, torch.tensor(layer.weight).double(), torch.tensor(layer.bias).double())
        if index < len(layers) - 1:
            value = getattr(nn, ACTIVATIONS[activation].torch_module)()(value)
    (slope,) = torch.autograd.grad(value.sum(), x)
    np.testing.assert_allclose(pieces.slopes[wide], slope.numpy()[:, 0], rtol=1e-10, atol=1e-10)


@given(layers=networks(min_layers=1, max_layers=2), low=st.floats(-5, 4), width=st.floats(0.01, 5))
@settings(max_examples=25)
def test_a_part_of_the_interval_has_its_part_of_the_kinks(layers: tuple[Layer, ...], low: float, width: float) -> None:
    ends = (-20, 20), (low, low + width)
    whole, part = (find_linear_regions(layers, "relu", *each).kinks for each in ends)
    inside = (whole.x > low) & (whole.x < low + width)
    np.testing.assert_allclose(part.x, whole.x[inside], rtol=1e-9, atol=1e-12)
    np.testing.assert_array_equal(part.index, whole.index[inside])
    np.testing.assert_allclose(part.bend, whole.bend[inside], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("steps", [0, 300])
def test_the_first_layers_kinks_are_those_of_the_facts(steps: int) -> None:
    trainer = trained(Config(), steps)
    snapshot = trainer.snapshot(0)
    kinks = find_linear_regions(snapshot.layers, "relu", LOW, HIGH).kinks
    expected = {index: kink_of(snapshot, 0, index) for index in range(10)}
    inside = {index: x for index, x in expected.items() if x is not None and LOW < x < HIGH}
    assert dict(zip(kinks.index.tolist(), kinks.x.tolist(), strict=True)) == inside
    first, last = snapshot.layers[0].weight[kinks.index, 0], snapshot.layers[1].weight[0, kinks.index]
    np.testing.assert_allclose(kinks.bend, np.abs(first).astype(np.float64) * last, rtol=1e-12)


def test_biases_of_zero_put_all_kinks_of_the_first_layer_at_zero() -> None:
    config = Config().replace("network.hidden", (6, 5)).replace("network.initialization", "kaiming")
    layers = Trainer(config).snapshot(0).layers
    pieces = find_linear_regions(layers, "relu", LOW, HIGH)
    assert np.all(pieces.kinks.x == 0)
    assert np.all(pieces.kinks.bend == pieces.kinks.bend[0])
    assert sorted(pieces.kinks.index[pieces.kinks.layer == 0]) == list(range(6))
    assert (pieces.breakpoints.tolist(), pieces.count) == ([LOW, 0, HIGH], 2)


def test_a_kink_that_is_not_heard() -> None:
    pieces = find_linear_regions((layer_of([[1], [1]], [-1, 1]), layer_of([[2, 0]], [0])), "relu", LOW, HIGH)
    assert pieces.kinks.x.tolist() == [-1, 1]
    assert pieces.kinks.index.tolist() == [1, 0]
    assert pieces.heard.tolist() == [False, True]
    assert (len(pieces.slopes), pieces.count) == (3, 2)
    assert pieces.slopes.tolist() == [0, 0, 2]


def test_a_dead_network_is_one_flat_piece() -> None:
    dead = layer_of([[0], [0], [0]], [-1, -1, -1])
    pieces = find_linear_regions((dead, layer_of([[1, 1, 1]], [0.5])), "relu", LOW, HIGH)
    assert (len(pieces.kinks.x), pieces.count, pieces.values.tolist()) == (0, 1, [0.5, 0.5])


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "silu", "gelu"])
def test_a_smooth_activation_has_no_kinks(activation: str) -> None:
    pieces = find_linear_regions(random_layers((4, 3), 1), activation, LOW, HIGH)
    assert (len(pieces.kinks.x), len(pieces.slopes), len(pieces.values), pieces.count) == (0, 0, 0, 0)
    assert not pieces.heard.any()
    assert find_linear_regions(random_layers((), 1), activation, LOW, HIGH).count == 1  # no activation: a line


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
@pytest.mark.parametrize("place", range(6))
def test_a_network_that_is_not_finite_has_no_pieces_and_warns_of_nothing(place: int, value: float) -> None:
    layers = random_layers((3, 3), 0)
    broken = layers[place // 2].weight if place % 2 == 0 else layers[place // 2].bias
    broken.flat[0] = value
    for activation in ACTIVATIONS:
        pieces = find_linear_regions(layers, activation, LOW, HIGH)
        assert pieces.count == len(pieces.kinks.x) == len(pieces.values) == 0


def test_huge_parameters_do_not_overflow() -> None:
    layers = random_layers((3, 3, 3, 3, 3, 3), 5, scale=1e30)
    pieces = find_linear_regions(layers, "relu", LOW, HIGH)
    assert np.isfinite(pieces.values).all()


@pytest.mark.parametrize(("low", "high"), [(1.0, 1.0), (2.0, 1.0), (0.0, np.inf), (np.nan, 1.0)])
def test_an_interval_must_be_one(low: float, high: float) -> None:
    with pytest.raises(ValueError, match="interval"):
        find_linear_regions(random_layers((2,), 0), "relu", low, high)


def test_the_result_is_read_only() -> None:
    pieces: LinearRegions = find_linear_regions(random_layers((4,), 1), "relu", LOW, HIGH)
    arrays = (*vars(pieces.kinks).values(), pieces.breakpoints, pieces.slopes, pieces.intercepts, pieces.values)
    assert not any(array.flags.writeable for array in arrays)
