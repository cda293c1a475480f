"""Losses and gradients that numpy computes, and those of many networks at once, against torch's autograd."""

from itertools import product

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from tests.runs import config_of
from tinynet_gui.core.config import Config, NetworkConfig
from tinynet_gui.core.data.dataset import make_dataset
from tinynet_gui.core.network.activations import ACTIVATIONS
from tinynet_gui.core.network.forward import as_layers
from tinynet_gui.core.network.initial_parameters import initial_parameters
from tinynet_gui.core.training.losses import LOSSES, mean_loss
from tinynet_gui.core.training.passes import forward_and_back, network_loss

SHAPES = st.lists(st.integers(1, 12), max_size=4).map(tuple)


def _torchs(config: Config, x: np.ndarray, y: np.ndarray, kind: torch.dtype) -> tuple[float, list[np.ndarray]]:
    """Loss and gradients of torch's own modules, which this test puts together itself."""
    parameters = [torch.tensor(p, dtype=kind, requires_grad=True) for p in initial_parameters(config.network)]
    activation = getattr(nn, ACTIVATIONS[config.network.activation].torch_module)()
    value = torch.tensor(x[:, None], dtype=kind)
    for place, (weight, bias) in enumerate(zip(parameters[::2], parameters[1::2], strict=True)):
        value = nn.functional.linear(value if place == 0 else activation(value), weight, bias)
    loss = getattr(nn, LOSSES[config.training.loss].torch_module)()(value, torch.tensor(y[:, None], dtype=kind))
    loss.backward()
    return loss.item(), [p.grad.numpy() for p in parameters if p.grad is not None]


def _sum_of_sizes(config: Config, x: np.ndarray, y: np.ndarray) -> float:
    """The largest sum of the sizes of the samples' shares in a gradient.

    Rounding is of the size of what is added up, and not of what remains of it: under L1 the shares of samples above
    and below the curve may cancel to a thousandth.
    """
    shares = [_torchs(config, x[i : i + 1], y[i : i + 1], torch.float64)[1] for i in range(len(x))]
    return max(float(sum(np.abs(g) for g in gradient).max()) for gradient in zip(*shares, strict=True)) / len(x)


@pytest.mark.parametrize(("activation", "loss"), list(product(ACTIVATIONS, LOSSES)))
@given(hidden=SHAPES, seed=st.integers(0, 10_000), samples=st.integers(1, 40))
@settings(max_examples=8, deadline=None)
def test_numpys_are_torchs_up_to_rounding(
    activation: str, loss: str, hidden: tuple[int, ...], seed: int, samples: int
) -> None:
    config = config_of(network__activation=activation, training__loss=loss, network__hidden=hidden, network__seed=seed)
    random = np.random.default_rng(seed)
    x, y = (random.normal(size=samples).astype(np.float32) for _ in range(2))
    ours = forward_and_back(config, initial_parameters(config.network), x, y)
    by_torch = forward_and_back(config, initial_parameters(config.network), x, y, by_torch=True)
    single, gradients = _torchs(config, x, y, torch.float32)
    assert by_torch.loss == single
    np.testing.assert_equal([*by_torch.gradients], [*gradients])
    assert ours.loss == pytest.approx(single, rel=2e-6, abs=1e-7)
    scale = _sum_of_sizes(config, x, y)
    for mine, theirs in zip(ours.gradients, gradients, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-5, atol=3e-6 * scale)
    np.testing.assert_allclose(ours.output_gradients, by_torch.output_gradients, rtol=1e-4, atol=1e-6 / samples)


@pytest.mark.parametrize(("activation", "hidden"), [("relu", (10,)), ("gelu", (3, 4)), ("tanh", ()), ("relu", (400,))])
def test_the_losses_of_many_networks_at_once_are_those_of_each(activation: str, hidden: tuple[int, ...]) -> None:
    data = make_dataset(Config().data)
    x, y = data.x_train[:, 0], data.y_train[:, 0]
    each = [initial_parameters(NetworkConfig(hidden=hidden, activation=activation, seed=seed)) for seed in range(7)]
    together = network_loss(as_layers([np.stack(a) for a in zip(*each, strict=True)]), activation, "mse", x, y)
    assert together.shape == (7,)
    alone = [float(network_loss(as_layers(arrays), activation, "mse", x, y)) for arrays in each]
    np.testing.assert_allclose(together, alone, rtol=1e-6)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("size", [1.0, 1e18, 1.2e19, 2e37, 3e38])
def test_a_loss_is_infinite_where_torchs_is(loss: str, size: float) -> None:
    errors = np.full(20, size, np.float32)
    theirs = getattr(nn, LOSSES[loss].torch_module)()(torch.tensor(errors), torch.zeros(20)).item()
    with np.errstate(over="ignore"):
        ours = float(mean_loss(loss, errors))
    assert ours == pytest.approx(theirs, rel=1e-6)
