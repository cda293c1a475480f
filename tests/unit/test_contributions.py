"""The curve taken apart and one x sent through: against float64, exact sums and torch."""

import contextlib
import math
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies as st
from torch import nn

from tests.activations import ALL_AND_MIXED, for_layers, modules_of
from tests.contributions import contributions_of
from tests.unit.random_networks import layer_of, networks
from tinynet_gui.core.choices.activations import ACTIVATIONS
from tinynet_gui.core.function.neurons import evenly_chosen, largest_parts, stacked
from tinynet_gui.core.network.forward import Layer, forward, probe
from tinynet_gui.core.text.typed_numbers import MAX_INPUTS, InputError, parse_inputs

X = np.linspace(-4, 4, 41, dtype=np.float32)
ROUNDING = 2.0**-24  # of one float32 operation


@pytest.mark.parametrize("activation", ACTIVATIONS)
@given(layers=networks())
@settings(max_examples=10)
def test_contributions_and_the_bias_add_up_to_the_output(activation: str, layers: tuple[Layer, ...]) -> None:
    parts = contributions_of(layers, activation, X)
    values = forward(layers, activation, X)
    last = values.activations[-1] if values.activations else X[None, :]
    weight, bias = layers[-1].weight[0], float(layers[-1].bias[0])
    stack = stacked(parts, bias)
    assert (stack.shape, set(stack[0])) == ((len(parts) + 1, len(X)), {bias})
    for point in range(0, len(X), 8):
        products = [Fraction(float(w)) * Fraction(float(h)) for w, h in zip(weight, last[:, point], strict=True)]
        assert [Fraction(part) for part in parts[:, point]] == products  # each is exact
        exact = sum(products) + Fraction(bias)
        assert math.fsum([bias, *parts[:, point]]) == float(exact)  # and so is their sum
        size = abs(bias) + float(np.sum(np.abs(parts[:, point])))
        assert stack[-1, point] == pytest.approx(float(exact), abs=1e-15 * (len(parts) + 1) * size)
        assert abs(values.output[point] - float(exact)) <= (len(parts) + 2) * ROUNDING * size


@pytest.mark.parametrize("name", ALL_AND_MIXED)
@given(layers=networks(), x=st.floats(-10, 10, width=32))
@settings(max_examples=10)
def test_a_probe_is_torchs_forward_pass(name: str, layers: tuple[Layer, ...], x: float) -> None:
    activation = for_layers(name, len(layers) - 1)
    result, functions = probe(layers, activation, x), modules_of(activation, len(layers) - 1)
    value = torch.tensor([[x]])
    for index, here in enumerate(result.layers):
        np.testing.assert_array_equal(here.inputs, result.layers[index - 1].activations if index else [x])
        value = nn.functional.linear(value, torch.tensor(here.layer.weight), torch.tensor(here.layer.bias))
        np.testing.assert_allclose(here.pre_activations, value[0].numpy(), rtol=1e-5, atol=1e-5)
        np.testing.assert_allclose(here.edges.sum(axis=1) + here.layer.bias, here.pre_activations, rtol=1e-5, atol=1e-5)
        if index < len(layers) - 1:
            value = functions[index](value)
        np.testing.assert_allclose(here.activations, value[0].numpy(), rtol=1e-5, atol=1e-5)
    assert result.output == pytest.approx(value.item(), rel=1e-5, abs=1e-5)


def test_only_a_hidden_relu_neuron_can_be_off() -> None:
    layers = layer_of([[1], [-1], [0]], [0, 0, 0]), layer_of([[-1, -1, -1]], [0])
    hidden, output = probe(layers, "relu", 2.0).layers
    assert hidden.off.tolist() == [False, True, True]
    assert output.off.tolist() == [False]  # the output is below 0, and counts all the same
    assert not probe(layers, "leaky_relu", 2.0).layers[0].off.any()
    assert not probe(layers, "tanh", 2.0).layers[0].off.any()
    deep = layers[0], layer_of([[0, 0, 0]], [-1]), layer_of([[1]], [0])
    assert [here.off.any() for here in probe(deep, ("tanh", "relu"), 2.0).layers] == [False, True, False]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("2.3", [2.3]),
        (" 2.3,1.7 , 3.6 ", [2.3, 1.7, 3.6]),
        ("−1.5", [-1.5]),
        ("-1e-3, +2, .5", [-1e-3, 2.0, 0.5]),
        ("1000000", [1e6]),
        ("[2.3, 1.7, 3.6]", [2.3, 1.7, 3.6]),
        ("[[2.3], [1.7], [3.6]]", [2.3, 1.7, 3.6]),
        ("torch.tensor([2.3])", [2.3]),
        ("network(torch.tensor([[2.3], [1.7], [3.6]]))", [2.3, 1.7, 3.6]),
        ("network( 2.3 )", [2.3]),
        ("x = 2.3", [2.3]),
    ],
)
def test_numbers_are_read(text: str, values: list[float]) -> None:
    assert parse_inputs(text) == values


@given(values=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=10))
@settings(max_examples=50)
def test_what_is_written_is_read(values: list[float]) -> None:
    assert parse_inputs(", ".join(map(repr, values))) == values


@pytest.mark.parametrize(
    ("text", "named"),
    [
        *(("", "nothing"), ("   ", "nothing"), ("[]", "nothing"), ("abc", "“abc”"), ("2.3, x, 1", "“x”")),
        *(("[2.3, ]", "number 2 is missing"), ("2.3,", "number 2 is missing"), (",2.3", "number 1 is missing")),
        *(("2.3 1.7", "“2.3 1.7”"), ("nan", "nan"), ("inf", "inf"), ("1e300", "1e300"), ("1_000", "“1_000”")),
        ("-1000001", "−1,000,000 to 1,000,000"),
        (",".join(["1"] * (MAX_INPUTS + 1)), "1 to 100"),
    ],
)
def test_what_cannot_be_read_is_named(text: str, named: str) -> None:
    with pytest.raises(InputError, match=named):
        parse_inputs(text)


@given(text=st.text(max_size=20))
@settings(max_examples=100)
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(InputError):
        assert all(math.isfinite(value) for value in parse_inputs(text))


@given(count=st.integers(1, 300), most=st.integers(1, 120))
@settings(max_examples=50)
def test_every_kth_ends_with_the_last(count: int, most: int) -> None:
    chosen = evenly_chosen(count, most)
    assert len(chosen) <= most
    assert chosen[-1] == count - 1
    step = chosen[-1] - chosen[-2] if len(chosen) > 1 else count
    assert set(np.diff(chosen).tolist()) <= {step}
    assert step == 1 or -(-count // (step - 1)) > most  # no smaller step would do


def test_the_largest_contributions_are_those_that_reach_farthest() -> None:
    parts = np.array([[0.1, -0.2], [0.0, 3.0], [-4.0, 0.0], [np.nan, 9.0], [1.0, 1.0]])
    assert largest_parts(parts, 3).tolist() == [1, 2, 4]
    assert largest_parts(parts, 10).tolist() == [0, 1, 2, 3, 4]
    assert largest_parts(np.empty((0, 5)), 3).tolist() == []
