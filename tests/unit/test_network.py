"""The network as plain arrays, its losses and its gradients, against torch."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise, product

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings, strategies as st
from torch import nn

from tests.activations import ALL_AND_MIXED, for_layers, modules_of
from tests.runs import config_of, tutorial
from tests.unit.random_networks import random_layers
from tinynet_gui.core.choices.activations import ACTIVATIONS
from tinynet_gui.core.choices.losses import LOSSES, mean_loss
from tinynet_gui.core.config import Config, ConfigError, NetworkConfig
from tinynet_gui.core.config.setting import MAX_DRAWN_BEFORE
from tinynet_gui.core.network.forward import Layer, as_layers, evaluate, forward, output_curve
from tinynet_gui.core.network.initializations import INITIALIZATIONS, TwisterDraws, rounding_here
from tinynet_gui.core.training.snapshot import forward_and_back, training_loss
from tinynet_gui.core.training.start import initial_parameters, make_dataset
from tinynet_gui.core.training.torch_loop import activation_module, make_network
from tinynet_gui.core.values import Array

U = np.linspace(-6, 6, 241, dtype=np.float32)


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize(("kind", "margin"), [(np.float32, 1e-6), (np.float64, 1e-8)])
def test_an_activation_and_its_derivatives_are_torchs(name: str, kind: type[np.floating], margin: float) -> None:
    activation, at = ACTIVATIONS[name], np.concatenate([U, 100 * U]).astype(kind)
    u = torch.tensor(at, requires_grad=True)
    h = activation_module(name)(u)
    h.sum().backward()
    assert u.grad is not None
    near = partial(np.testing.assert_allclose, rtol=10 * margin, atol=margin)
    near(activation.function(at), h.detach().numpy())
    near(activation.derivative(at), u.grad.numpy())
    hessian_of: Callable[..., torch.Tensor] = torch.autograd.functional.hessian  # of a sum: only its diagonal is not 0
    bend = hessian_of(lambda v: activation_module(name)(v).sum(), torch.tensor(at)).diagonal()
    near(activation.second_derivative(at), bend.numpy())
    assert activation.function(at).dtype == activation.second_derivative(at).dtype == kind


def test_a_curve_in_parts_is_the_curve() -> None:
    network = make_network(NetworkConfig(hidden=(1_000, 7)))
    layers = [Layer(m.weight.detach().numpy(), m.bias.detach().numpy()) for m in network if isinstance(m, nn.Linear)]
    x = np.linspace(-4, 4, 401, dtype=np.float32)
    np.testing.assert_allclose(output_curve(layers, "relu", x), forward(layers, "relu", x).output, atol=1e-5)


@pytest.mark.bits
@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("hidden", [(), (1,), (10,), (48,), (377,)])
def test_one_hidden_layer_gives_the_same_bits_in_a_batch(name: str, hidden: tuple[int, ...]) -> None:
    x = np.linspace(-4, 4, 401, dtype=np.float32)
    alone = [random_layers(hidden, seed) for seed in range(9)]
    together = [
        Layer(np.stack([one.weight for one in same]), np.stack([one.bias for one in same]))
        for same in zip(*alone, strict=True)
    ]
    curves = output_curve(together, name, x)
    for layers, curve in zip(alone, curves, strict=True):
        np.testing.assert_array_equal(output_curve(layers, name, x), curve)
        np.testing.assert_array_equal([evaluate(layers, name, [at])[0] for at in x[::40]], curve[::40])
    x, y = x[:20], np.ones(20, np.float32)
    losses = mean_loss("mse", output_curve(together, name, x) - y)
    assert losses.tolist() == [float(mean_loss("mse", output_curve(layers, name, x) - y)) for layers in alone]


HIDDEN = [(), (1,), (5,), (10,), (100,), (1_000,), (7, 3), (16, 64, 5), (300, 200)]


@pytest.mark.bits
@pytest.mark.parametrize("seed", [0, 1, 2, 7, 12_345, 2**31 - 1])
@pytest.mark.parametrize("name", INITIALIZATIONS)
def test_first_weights_are_drawn_as_torch_draws_them(name: str, seed: int) -> None:
    """To the bit, though torch itself draws only what is normally distributed."""
    for hidden in HIDDEN:
        config = NetworkConfig(hidden=hidden, seed=seed, initialization=name, rounding=rounding_here())
        np.testing.assert_equal([*initial_parameters(config)], [*_drawn_by_torch(config)])


def _drawn_by_torch(config: NetworkConfig, drawn_before: Sequence[int] = ()) -> list[np.ndarray]:
    """The first weights and biases as an exported script has torch draw them, after so many other numbers at a time."""
    code = "\n".join(INITIALIZATIONS[config.initialization].code) or "layer.reset_parameters()"
    linears = [nn.Linear(n, m) for n, m in pairwise(config.widths)]
    torch.manual_seed(config.seed)
    for k, count in enumerate(drawn_before):
        torch.empty(count).uniform_(-k, 5)
    for linear in linears:
        exec(code, {"nn": nn, "layer": linear})
    return [p.detach().numpy() for linear in linears for p in (linear.weight, linear.bias)]


@pytest.mark.bits
def test_the_notebooks_networks_are_drawn_one_after_the_other() -> None:
    """5 neurons, 1, 2, 1,000 and the 10 that are trained, from one generator: the tutorial from top to bottom."""
    torch.manual_seed(2)
    for number, neurons in enumerate((5, 1, 2, 1_000, 10), 1):
        theirs = nn.Sequential(nn.Linear(1, neurons), nn.ReLU(), nn.Linear(neurons, 1)).parameters()
        ours = initial_parameters(replace(Config.notebook(number).network, rounding=rounding_here()))
        for one, other in zip(ours, theirs, strict=True):
            np.testing.assert_array_equal(one, other.detach().numpy())
    assert Config.notebook() == Config(drawn_before=3_028)
    with pytest.raises(ConfigError, match=r"^number: 6 is not allowed: 1 to 5"):
        Config.notebook(6)


@pytest.mark.bits
@given(st.sampled_from(sorted(INITIALIZATIONS)), st.floats(0, 100))
@example("pytorch", 1e-42)  # below the smallest float32 that has all its digits
def test_they_are_scaled_as_torch_scales_them(name: str, scale: float) -> None:
    """The sign of a zero too: torch's own product by a Python number."""
    plain = NetworkConfig(hidden=(7, 3), seed=7, initialization=name, drawn_before=5)
    theirs = [torch.tensor(array) * scale for array in initial_parameters(plain)]
    ours = initial_parameters(replace(plain, weight_scale=scale))
    assert [array.tobytes() for array in ours] == [tensor.numpy().tobytes() for tensor in theirs]


COUNTS = [*range(34), 127, 128, 129, 623, 624, 625, 1_000, 3_028, 32_769, MAX_DRAWN_BEFORE]


@pytest.mark.parametrize("name", INITIALIZATIONS)
@pytest.mark.parametrize("count", COUNTS)
def test_how_earlier_numbers_were_drawn_does_not_matter(count: int, name: str) -> None:
    """At once, one by one, or between other bounds: each number takes one draw of the generator."""
    few = min(count, 50)
    config = replace(tutorial().network, hidden=(3, 17), seed=7, initialization=name, drawn_before=count)
    for parts in ([count], [count // 2, count - count // 2], [1] * few + [count - few]):
        np.testing.assert_equal([*initial_parameters(config)], [*_drawn_by_torch(config, parts)])


def test_what_torch_alone_draws_is_refused_elsewhere() -> None:
    with pytest.raises(NotImplementedError):
        TwisterDraws(2).normal((3,), 1.0)


@pytest.mark.parametrize("name", INITIALIZATIONS)
def test_global_random_state_is_not_touched(name: str) -> None:
    before = torch.get_rng_state()
    make_network(NetworkConfig(initialization=name, seed=5))
    assert torch.equal(before, torch.get_rng_state())


SHAPES = st.lists(st.integers(1, 12), max_size=4).map(tuple)


def _torchs(config: Config, x: np.ndarray, y: np.ndarray) -> tuple[float, list[np.ndarray]]:
    """Loss and gradients of torch's own modules, which this test puts together itself."""
    parameters = [torch.tensor(p, requires_grad=True) for p in initial_parameters(config.network)]
    functions = [nn.Identity(), *modules_of(config.network.activation, len(config.network.hidden))]
    value = torch.tensor(x[:, None])
    for function, weight, bias in zip(functions, parameters[::2], parameters[1::2], strict=True):
        value = nn.functional.linear(function(value), weight, bias)
    loss = getattr(nn, LOSSES[config.training.loss].torch_module)()(value, torch.tensor(y[:, None]))
    loss.backward()
    return loss.item(), [p.grad.numpy() for p in parameters if p.grad is not None]


def _sum_of_sizes(config: Config, x: np.ndarray, y: np.ndarray) -> float:
    """The largest sum of the sizes of the samples' shares in a gradient.

    Rounding is of the size of what is added up, and not of what remains of it: under L1 the shares of samples above
    and below the curve may cancel to a thousandth.
    """
    count, functions = len(x), [nn.Identity(), *modules_of(config.network.activation, len(config.network.hidden))]
    first = [torch.tensor(p, dtype=torch.float64) for p in initial_parameters(config.network)]
    parameters = [p.expand(count, *p.shape).clone().requires_grad_() for p in first]  # each sample has its own
    value, targets = (torch.tensor(values, dtype=torch.float64)[:, None, None] for values in (x, y))
    for function, weight, bias in zip(functions, parameters[::2], parameters[1::2], strict=True):
        value = torch.baddbmm(bias[:, None], function(value), weight.mT)
    getattr(nn, LOSSES[config.training.loss].torch_module)(reduction="sum")(value, targets).backward()
    return max(float(p.grad.abs().sum(0).max()) for p in parameters if p.grad is not None) / count


def _arrays(layers: Sequence[Layer]) -> list[Array]:
    return [array for layer in layers for array in (layer.weight, layer.bias)]


@pytest.mark.parametrize(("activation", "loss"), list(product(ALL_AND_MIXED, LOSSES)))
@given(hidden=SHAPES, seed=st.integers(0, 10_000), samples=st.integers(1, 40))
@settings(max_examples=8)
def test_numpys_are_torchs_up_to_rounding(
    activation: str, loss: str, hidden: tuple[int, ...], seed: int, samples: int
) -> None:
    names = for_layers(activation, len(hidden))
    config = config_of(network__activation=names, training__loss=loss, network__hidden=hidden, network__seed=seed)
    random = np.random.default_rng(seed)
    x, y = (random.normal(size=samples).astype(np.float32) for _ in range(2))
    ours = forward_and_back(config, initial_parameters(config.network), x, y)
    by_torch = forward_and_back(config, initial_parameters(config.network), x, y, by_torch=True)
    single, gradients = _torchs(config, x, y)
    assert by_torch.loss == single
    np.testing.assert_equal(_arrays(by_torch.gradients), [*gradients])
    assert ours.loss == pytest.approx(single, rel=2e-6, abs=1e-7)
    scale = _sum_of_sizes(config, x, y)
    # Where ŷ meets y, digits cancel in the error, by which all gradients are multiplied: what ŷ was rounded by counts.
    missed = np.abs(y).max() / max(float(np.abs(ours.errors).max()), 1e-30)
    relative = 1e-5 + 3e-7 * missed
    for mine, theirs in zip(_arrays(ours.gradients), gradients, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=relative, atol=3e-6 * scale)
    np.testing.assert_allclose(ours.output_gradients, by_torch.output_gradients, rtol=1e-4, atol=1e-6 / samples)


@pytest.mark.parametrize(("activation", "hidden"), [("relu", (10,)), ("gelu", (3, 4)), ("tanh", ()), ("relu", (400,))])
def test_the_losses_of_many_networks_at_once_are_those_of_each(activation: str, hidden: tuple[int, ...]) -> None:
    config = config_of(network__hidden=hidden, network__activation=activation)
    data = make_dataset(config.data)
    each = [initial_parameters(NetworkConfig(hidden=hidden, activation=activation, seed=seed)) for seed in range(7)]
    together = training_loss(config, data, as_layers([np.stack(a) for a in zip(*each, strict=True)]))
    assert together.shape == (7,)
    alone = [float(training_loss(config, data, as_layers(arrays))) for arrays in each]
    np.testing.assert_allclose(together, alone, rtol=1e-6)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("size", [1.0, 1e18, 1.2e19, 2e37, 3e38])
def test_a_loss_is_infinite_where_torchs_is(loss: str, size: float) -> None:
    errors = np.full(20, size, np.float32)
    theirs = getattr(nn, LOSSES[loss].torch_module)()(torch.tensor(errors), torch.zeros(20)).item()
    with np.errstate(over="ignore"):
        ours = float(mean_loss(loss, errors))
    assert ours == pytest.approx(theirs, rel=1e-6)
