"""What the inspector says of a neuron and of a layer, and prints of a network: against PyTorch's own."""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from functools import reduce
from typing import ClassVar

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import linear

from tests.activations import ALL_AND_MIXED, for_layers
from tests.not_none import not_none
from tests.runs import config_of, quickly_trained
from tests.unit.random_networks import random_layers
from tinynet_gui.core.choices.optimizers import OPTIMIZERS
from tinynet_gui.core.config import Config, TrainingConfig
from tinynet_gui.core.network.refs import LayerRef, NeuronRef, WeightRef
from tinynet_gui.core.step.cost import step_cost
from tinynet_gui.core.text.typed_numbers import typed_real
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.training.start import batch_samples
from tinynet_gui.core.training.torch_loop import make_network
from tinynet_gui.core.training.trainer import Trainer
from tinynet_gui.core.values import largest
from tinynet_gui.core.wording.network_text import (
    bias_shape,
    entry_span,
    layer_lines,
    module_texts,
    step_cost_lines,
    weight_shape,
)
from tinynet_gui.core.wording.neurons import role_text

ARM = re.compile(
    r"Neuron \d+ adds nothing (left|right) of x = (\S+)\. The further (left|right) of it, the more it (lifts|lowers) "
    r"the curve: by (\S+) for each unit of x\.( It carries the (left|right) arm\.)?"
)


LINE = re.compile(
    r"Neuron \d adds a line that (rises|falls) by (\S+) for each unit of x up to x = (\S+), "
    r"and (rises|falls) by (\S+) for each unit of x beyond\."
)


def added_by(snapshot: Snapshot, index: int) -> Callable[[float], float]:
    """What a neuron of the only hidden layer adds at an x of the data: PyTorch's network less the one without it."""
    activation = {"ReLU": torch.nn.ReLU(), "leaky ReLU": torch.nn.LeakyReLU()}[
        snapshot.config.network.activations[0].label
    ]
    scaling, (first, second) = snapshot.dataset.scaling, snapshot.layers

    def at(x: float, *, is_there: bool) -> float:
        seen = torch.tensor([(x - scaling.x_mean) / scaling.x_deviation], dtype=torch.float64)
        outward = torch.tensor(second.weight, dtype=torch.float64)
        outward[0, index] *= is_there
        values = activation(linear(seen, torch.tensor(first.weight).double(), torch.tensor(first.bias).double()))
        given = linear(values, outward, torch.tensor(second.bias).double())
        return float(given) * scaling.y_deviation + scaling.y_mean

    return lambda x: at(x, is_there=True) - at(x, is_there=False)


@pytest.mark.parametrize("standardise", ["none", "xy"])
def test_what_is_said_of_an_arm_is_so(standardise: str) -> None:
    said = {"arms": 0, "carried": 0}
    for seed in range(8):
        trainer = quickly_trained(
            config_of(network__seed=seed, network__hidden=(5,), data__standardise=standardise), 400
        )
        snapshot = trainer.snapshot(0)
        adds = [added_by(snapshot, index) for index in range(5)]
        x = snapshot.dataset.scaling.x_of(snapshot.dataset.x_train)
        for index in range(5):
            match = ARM.fullmatch(role_text(snapshot, NeuronRef(0, index)))
            if match is None:
                assert "dead" in role_text(snapshot, NeuronRef(0, index))
                assert all(adds[index](float(each)) == 0 for each in x[:, 0])
                continue
            flat, kink, side, verb, size, carries, arm = match.groups()
            said["arms"] += 1
            out = 1 if side == "right" else -1
            near = 0.01 * (1 + abs(typed_real(kink)))
            assert adds[index](typed_real(kink) - out * near) == 0
            assert {flat, side} == {"left", "right"}
            far = [adds[index](typed_real(kink) + out * (1 + k)) for k in (0, 1)]
            assert (far[1] > far[0]) == (verb == "lifts")
            assert abs(far[1] - far[0]) == pytest.approx(typed_real(size), rel=6e-3)
            end = float(x.max() if out > 0 else x.min())
            slopes = [add(end + 1e-6) - add(end - 1e-6) for add in adds]
            share = slopes[index] / sum(slopes) if sum(slopes) else 0.0
            assert (carries is not None) == (0.5 <= share <= 1.5)
            said["carried"] += carries is not None
            assert arm in (None, side)
    assert said["arms"] > 15
    assert said["carried"] > 3


def test_a_leaky_neuron_has_two_slopes() -> None:
    snapshot = quickly_trained(config_of(network__activation="leaky_relu", network__hidden=(3,)), 100).snapshot(0)
    for index in range(3):
        add = added_by(snapshot, index)
        found = not_none(LINE.fullmatch(role_text(snapshot, NeuronRef(0, index))))
        kink = typed_real(found[3])
        for way, size, at in ((found[1], found[2], kink - 1), (found[4], found[5], kink + 1)):
            slope = (add(at + 0.1) - add(at - 0.1)) / 0.2
            assert (slope > 0) == (way == "rises")
            assert abs(slope) == pytest.approx(typed_real(size), rel=6e-3)


def test_what_is_in_no_arm() -> None:
    snapshot = quickly_trained(config_of(network__hidden=(3, 2), network__activation="tanh"), 10).snapshot(0)
    x, first = snapshot.dataset.x_train[:, 0], snapshot.layers[0]
    given = torch.tanh(torch.tensor(x) * float(first.weight[1, 0]) + float(first.bias[1]))
    low, high = re.findall(r"[−\d.]+(?= to| on)", role_text(snapshot, NeuronRef(0, 1)))
    assert (typed_real(low), typed_real(high)) == pytest.approx((float(given.min()), float(given.max())), rel=6e-3)
    assert role_text(snapshot, LayerRef(1)) == "2 neurons, each with 3 weights and a bias."
    assert "neuron 2 of the next layer" in role_text(snapshot, WeightRef(1, 1, 0))
    assert "answer" in role_text(snapshot, NeuronRef(2, 0))
    assert role_text(snapshot, WeightRef(0, 1, 0)).endswith("neuron 2 is, and, with its bias, where it bends.")
    straight = quickly_trained(config_of(network__activation="identity"), 0).snapshot(0)
    assert "bends" not in role_text(straight, WeightRef(0, 1, 0))  # nothing does


@pytest.mark.parametrize("hidden", [(), (1,), (10,), (8, 5)])
@pytest.mark.parametrize("activation", ["relu", "tanh", "mixed"])
def test_a_layer_is_summed_up(hidden: tuple[int, ...], activation: str) -> None:
    names = for_layers(activation, len(hidden))
    snapshot = quickly_trained(config_of(network__hidden=hidden, network__activation=names), 100).snapshot(1)
    for layer, here in enumerate(snapshot.layers):
        neurons, inputs = here.weight.shape
        shapes, largest_weight, *others = layer_lines(snapshot, layer, None)
        count = here.weight.size + here.bias.size
        assert shapes == f"weight ({neurons}, {inputs}) and bias ({neurons},): {count} parameters"
        size = not_none(re.match(r"largest weight [+−](\S+), from ", largest_weight))[1]
        assert np.float32(typed_real(size)) == np.abs(here.weight).max()
        name, expected = [*snapshot.config.network.activation_names, "none"][layer], []
        if name in ("relu", "leaky_relu", "identity"):
            counts = snapshot.active_counts[layer].tolist()
            spread = f"{min(counts)} to {max(counts)}" if min(counts) < max(counts) else f"{max(counts)}"
            expected.append(f"neurons active (u > 0) on {spread} of 20 samples")
            dead = f"dead: {counts.count(0) or 'none'} of {neurons} neuron{'s' if neurons > 1 else ''}"
            expected += [dead] if name == "relu" else []
        assert others == expected


def test_one_neuron_of_the_tutorials_ten_is_dead_in_the_end() -> None:
    assert layer_lines(quickly_trained(Config(), 2_000).snapshot(1), 0, 4)[-1] == "dead: 1 of 10 neurons"


@pytest.mark.parametrize("size", [1, 7, 8, 9, 1_000, 8_192, 100_001])
def test_the_largest_are_the_first_of_a_sort(size: int) -> None:
    values = np.random.default_rng(size).standard_normal(size).astype(np.float32)
    expected = sorted(np.argsort(-np.abs(values), kind="stable")[:8].tolist())
    assert largest(values, 8) == expected


def test_among_equals_the_first_are_taken_and_nan_is_the_last() -> None:
    assert largest(np.zeros(20, dtype=np.float32), 3) == [0, 1, 2]
    assert largest(np.zeros(20_000, dtype=np.float32), 3) == [0, 1, 2]
    assert largest(np.full(20_000, np.nan, dtype=np.float32), 3) == [0, 1, 2]
    mostly = np.full(20_000, np.nan, dtype=np.float32)
    mostly[[5_000, 5_001, 17_000]] = 1, -3, 2
    assert largest(mostly, 2) == [5_001, 17_000]
    assert largest(np.array([1, np.nan, -2, np.inf, 0.5], dtype=np.float32), 3) == [0, 2, 3]


@pytest.mark.parametrize("hidden", [(), (1,), (5,), (4, 3), (40, 50)])
@pytest.mark.parametrize("activation", ALL_AND_MIXED)
def test_it_is_what_torch_prints(hidden: tuple[int, ...], activation: str) -> None:
    names = for_layers(activation, len(hidden))
    config = config_of(network__hidden=hidden, network__activation=names)
    network = make_network(config.network)
    texts = module_texts(Trainer(config).snapshot(0).layers, names)
    assert len(texts) == len(network)
    for text, module in zip(texts, network, strict=True):
        assert text.title == str(module)
        assert list(text.parameters) == [str(parameter) for parameter in module.parameters()]
    assert [text.layer for text in texts] == [index // 2 for index in range(len(texts))]


def test_the_tutorials_first_layer() -> None:
    layers = Trainer(Config().replace("network.hidden", (5,))).snapshot(0).layers
    first, relu, last = module_texts(layers, "relu")
    assert first.parameters[0] == (
        "Parameter containing:\n"
        "tensor([[ 0.2294],\n        [-0.2380],\n        [ 0.2742],\n        [-0.0511],\n        [ 0.4272]], "
        "requires_grad=True)"
    )
    assert relu.parameters == ()
    assert "nothing to learn" in relu.shapes[0]
    assert last.parameters[1] == "Parameter containing:\ntensor([0.1854], requires_grad=True)"


def test_the_shapes_are_explained() -> None:
    layers = random_layers((5, 1, 3), 0)
    assert weight_shape(layers, 0) == (
        "weight has the shape (5, 1): a row for each of the 5 neurons of hidden layer 1, a column for the input x. "
        "Each neuron takes in a single number, so the matrix is one column, 5 high."
    )
    assert weight_shape(layers, 1).endswith("A single number comes out of 5, so the matrix is one row, 5 long.")
    assert "a column for the one neuron of hidden layer 2" in weight_shape(layers, 2)
    assert "(1, 3): a row for the output ŷ, a column for each of the 3 neurons" in weight_shape(layers, 3)
    assert "its weights are one row" in weight_shape(random_layers((5, 4), 0), 1)
    assert "single number." in weight_shape(random_layers((), 0), 0)
    assert "the 5 neurons of the hidden layer" in bias_shape(random_layers((5,), 0), 0)
    assert "one number comes out" in bias_shape(layers, 3)


@pytest.mark.parametrize("shape", [(1, 1), (5, 1), (10, 3), (3, 40), (1, 1000), (40, 25), (1,), (5,), (1000,)])
@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e5])
def test_every_entry_is_found_in_the_print(shape: tuple[int, ...], scale: float) -> None:
    tensor = torch.randn(shape, generator=torch.Generator().manual_seed(1)) * scale
    printed = str(nn.Parameter(tensor))
    last = tuple(size - 1 for size in shape)
    for index in ((0,) * len(shape), last):
        span = not_none(entry_span(printed, index))
        assert float(printed[slice(*span)]) == pytest.approx(tensor[index].item(), rel=1e-3, abs=1e-4 * scale)
    row = not_none(entry_span(printed, last[:1]))
    numbers = [float(text) for text in printed[slice(*row)].strip("[]").split(",")]
    assert numbers == pytest.approx(tensor[last[0]].reshape(-1).tolist(), rel=1e-3, abs=1e-4 * scale)


def test_in_an_abbreviated_print_nothing_is_found() -> None:
    assert entry_span(str(nn.Parameter(torch.zeros(40, 40))), (3,)) is None


def test_the_global_generator_is_not_touched() -> None:
    before = torch.get_rng_state()
    module_texts(random_layers((5,), 0), "relu")
    assert torch.equal(before, torch.get_rng_state())


class Counted(float):
    """A number that counts the operations with it."""

    done: ClassVar[Counter[str]] = Counter()

    def __add__(self, other: float) -> "Counted":
        self.done["+"] += 1
        return Counted(float(self) + float(other))

    def __sub__(self, other: float) -> "Counted":
        self.done["+"] += 1
        return Counted(float(self) - float(other))

    def __mul__(self, other: float) -> "Counted":
        self.done["×"] += 1
        return Counted(float(self) * float(other))

    def __truediv__(self, other: float) -> "Counted":
        self.done["÷"] += 1
        return Counted(float(self) / float(other))

    def root(self) -> "Counted":
        self.done["√"] += 1
        return Counted(float(self) ** 0.5)


def _total(terms: Iterable[Counted]) -> Counted:
    return reduce(lambda one, other: one + other, terms)


def _updated(training: TrainingConfig, w: Counted, g: Counted) -> Counted:
    """A parameter after the first step, all memory being 0, with as many operations as later."""
    rate, one, zero = Counted(training.learning_rate), Counted(1), Counted(0)
    match training.optimizer:
        case "momentum":
            g = g + Counted(training.momentum) * zero if not training.nesterov else g
            m = g + Counted(training.momentum) * zero if training.nesterov else g
            return w - rate * (g + Counted(training.momentum) * m if training.nesterov else m)
        case "adam":
            beta1, beta2 = (Counted(training.beta1), Counted(training.beta2))
            rest1, rest2 = (Counted(1 - float(beta)) for beta in (beta1, beta2))
            m, v = zero + rest1 * (g - zero), beta2 * zero + rest2 * g * g
            shrink = Counted(1 / (1 - float(beta2)) ** 0.5)
            rate = Counted(float(rate) / (1 - float(beta1)))
            return w - rate * (m / (v.root() * shrink + Counted(training.epsilon)))
        case "rmsprop":
            v = Counted(training.alpha) * zero + Counted(float(one) - training.alpha) * g * g
            return w - rate * (g / (v.root() + Counted(training.epsilon)))
    return w - rate * g


@pytest.mark.parametrize("hidden", [(), (1,), (10,), (4, 3), (3, 2, 5)])
@pytest.mark.parametrize(("optimizer", "nesterov"), [*((name, False) for name in OPTIMIZERS), ("momentum", True)])
@pytest.mark.parametrize("batch_size", [0, 7])
def test_a_steps_operations_are_those_of_a_step_by_hand(
    hidden: tuple[int, ...], optimizer: str, nesterov: bool, batch_size: int
) -> None:
    config = config_of(
        network__hidden=hidden,
        training__optimizer=optimizer,
        training__nesterov=nesterov,
        training__batch_size=batch_size,
        training__learning_rate=0.01,
    )
    trainer = Trainer(config)
    x, y = trainer.dataset.x_train[:, 0], trainer.dataset.y_train[:, 0]
    chosen = batch_samples(config, 0, len(x))
    arrays = [np.vectorize(Counted, otypes=[object])(array.astype(float)) for array in trainer.state().parameters]
    weights, biases = arrays[::2], arrays[1::2]
    counts = list[Counter[str]]()

    def phase_ends() -> None:
        counts.append(Counter(Counted.done))
        Counted.done.clear()

    phase_ends()
    values, slopes = [], []
    for sample in chosen:
        h, inputs, bends = [Counted(x[sample])], [], []
        for layer, (w, b) in enumerate(zip(weights, biases, strict=True)):
            inputs.append(h)
            u = [_total([b[j], *(w[j, i] * h[i] for i in range(len(h)))]) for j in range(len(b))]
            bends.append([Counted(each > 0) for each in u])
            h = [Counted(max(each, 0)) for each in u] if layer < len(hidden) else u
        values.append((inputs, float(h[0])))
        slopes.append(bends)
    phase_ends()
    deltas = []
    for (_, output), bends, sample in zip(values, slopes, chosen, strict=True):
        delta, of_layers = [Counted(2 * (output - y[sample]) / len(chosen))], list[list[Counted]]()
        for layer in reversed(range(len(weights))):
            of_layers.insert(0, delta)
            if layer:
                w = weights[layer]
                back = [_total(w[j, i] * delta[j] for j in range(len(delta))) for i in range(w.shape[1])]
                delta = [each * bend for each, bend in zip(back, bends[layer - 1], strict=True)]
        deltas.append(of_layers)
    gradients = list[list[Counted]]()
    for layer, w in enumerate(weights):
        both = [(inputs[layer], of_layers[layer]) for (inputs, _), of_layers in zip(values, deltas, strict=True)]
        rows, columns = w.shape
        gradients.append([_total(d[j] * h[i] for h, d in both) for j in range(rows) for i in range(columns)])
        gradients.append([_total(d[j] for _, d in both) for j in range(rows)])
    phase_ends()
    after = [
        np.array([_updated(config.training, w, g) for w, g in zip(array.ravel(), gradient, strict=True)])
        for array, gradient in zip(arrays, gradients, strict=True)
    ]
    phase_ends()
    trainer.run(1)
    for ours, theirs in zip(after, trainer.state().parameters, strict=True):
        np.testing.assert_allclose(ours, theirs.ravel(), rtol=1e-4, atol=1e-6)
    cost = step_cost(config, len(x))
    assert (cost.forward, cost.backward, cost.update) == tuple(counts[1:])
    assert cost.parameters == sum(array.size for array in arrays)
    lines = step_cost_lines(trainer.snapshot(1), 2e-7, "Compiled")
    for line, done in zip(lines[1:], (*counts[1:], sum(counts[1:], Counter())), strict=True):
        assert {sign: int(number.replace(",", "")) for number, sign in re.findall(r"([\d,]+) ([×+÷√])", line)} == done
    assert lines[-1].endswith("; Compiled takes 0.2 µs at best")
