"""Kinks and pieces against brute force and autograd; the best line with so many kinks against every line there is."""

import itertools
from functools import cache

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings, strategies as st
from torch import nn

from tests.not_none import not_none
from tests.runs import config_of, trained
from tests.unit.random_networks import layer_of, networks, random_layers
from tinynet_gui.core.choices.activations import ACTIVATIONS, LEAKY_SLOPE, ActivationNames
from tinynet_gui.core.config import Config
from tinynet_gui.core.experiments.base import train_all
from tinynet_gui.core.function.best_piecewise_linear import LineLosses, best_lines
from tinynet_gui.core.function.linear_regions import LinearRegions, find_linear_regions
from tinynet_gui.core.function.neurons import kink_of
from tinynet_gui.core.network.forward import Layer, forward
from tinynet_gui.core.training.start import make_dataset
from tinynet_gui.core.training.torch_loop import activation_module
from tinynet_gui.core.training.trainer import Trainer
from tinynet_gui.core.values import Floats, distinct

LOW, HIGH = -3.75, 3.75
KINKED = ("relu", "leaky_relu")
LINEAR_SLOPES = {"relu": 0.0, "leaky_relu": LEAKY_SLOPE, "identity": 1.0}


def _brute_force(layers: tuple[Layer, ...], activation: ActivationNames, x: Floats) -> tuple[list[Floats], Floats]:
    """Every hidden pre-activation and the output at x, in float64."""
    value, pre_activations = x[None, :], []
    names = (activation,) * (len(layers) - 1) if isinstance(activation, str) else activation
    for index, layer in enumerate(layers):
        value = layer.weight.astype(np.float64) @ value + layer.bias.astype(np.float64)[:, None]
        if index < len(layers) - 1:
            pre_activations.append(value)
            value = np.where(value > 0, value, LINEAR_SLOPES[names[index]] * value)
    return pre_activations, value[0]


@pytest.mark.parametrize("name", [*LINEAR_SLOPES, "mixed"])
@given(layers=networks(), kinds=st.tuples(*[st.sampled_from(list(LINEAR_SLOPES))] * 3))
@settings(max_examples=25)
def test_the_pieces_are_the_function(name: str, layers: tuple[Layer, ...], kinds: tuple[str, ...]) -> None:
    activation = name if name in LINEAR_SLOPES else kinds[: len(layers) - 1]
    pieces = find_linear_regions(layers, activation, LOW, HIGH)
    x = np.linspace(LOW, HIGH, 4_001)
    _, output = _brute_force(layers, activation, x)
    piece = np.clip(np.searchsorted(pieces.breakpoints, x) - 1, 0, len(pieces.slopes) - 1)
    np.testing.assert_allclose(pieces.slopes[piece] * x + pieces.intercepts[piece], output, rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(np.interp(x, pieces.breakpoints, pieces.values), output, rtol=1e-10, atol=1e-10)
    in_float32 = forward(layers, activation, x.astype(np.float32)).output
    np.testing.assert_allclose(np.interp(x, pieces.breakpoints, pieces.values), in_float32, atol=1e-4)


@pytest.mark.parametrize("activation", [*KINKED, ("leaky_relu", "relu", "leaky_relu", "relu", "relu", "leaky_relu")])
@given(layers=networks(min_layers=1) | networks(min_layers=6, max_layers=6))
@settings(max_examples=35)
def test_a_kink_is_where_its_neuron_changes_sign(activation: ActivationNames, layers: tuple[Layer, ...]) -> None:
    """Every sign change that a dense grid sees is a kink, and every kink is a sign change."""
    activation = activation if isinstance(activation, str) else activation[: len(layers) - 1]
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
            value = activation_module(activation)(value)
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
    assert pieces.bends_output.tolist() == [False, True]
    assert (len(pieces.slopes), pieces.count) == (3, 2)
    assert pieces.slopes.tolist() == [0, 0, 2]


def test_a_dead_network_is_one_flat_piece() -> None:
    dead = layer_of([[0], [0], [0]], [-1, -1, -1])
    pieces = find_linear_regions((dead, layer_of([[1, 1, 1]], [0.5])), "relu", LOW, HIGH)
    assert (len(pieces.kinks.x), pieces.count, pieces.values.tolist()) == (0, 1, [0.5, 0.5])


@pytest.mark.parametrize("activation", [name for name, a in ACTIVATIONS.items() if a.slopes is None])
def test_a_smooth_activation_has_no_kinks(activation: str) -> None:
    pieces = find_linear_regions(random_layers((4, 3), 1), activation, LOW, HIGH)
    assert (len(pieces.kinks.x), len(pieces.slopes), len(pieces.values), pieces.count) == (0, 0, 0, 0)
    assert not pieces.bends_output.any()
    assert find_linear_regions(random_layers((), 1), activation, LOW, HIGH).count == 1  # no activation: a line
    assert find_linear_regions(random_layers((4, 3), 1), ("relu", activation), LOW, HIGH).count == 0


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
@pytest.mark.parametrize("place", range(6))
def test_a_network_not_finite_has_no_pieces_nor_warnings(place: int, value: float) -> None:
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


def best_of_all(x: Floats, y: Floats, kinks: int) -> float:
    """Try every choice of gaps, and for each kink whether its pieces cross inside the gap or at one of its ends.

    That holds the optimum: it is least squares under crossings that either are at an end or do not hold it back.
    """
    best = np.inf
    for counts in itertools.product((0, 1, 2), repeat=len(x) - 1):
        if sum(counts) > kinks:
            continue
        gaps = np.flatnonzero(counts)
        piece = np.searchsorted(gaps, np.arange(len(x)), side="left")
        columns = np.zeros((len(x), 2 * len(gaps) + 2))
        columns[np.arange(len(x)), 2 * piece], columns[np.arange(len(x)), 2 * piece + 1] = 1, x
        single = [(k, gap) for k, gap in enumerate(gaps) if counts[gap] == 1]
        for ends in itertools.product((None, 0, 1), repeat=len(single)):
            rows = np.zeros((0, columns.shape[1]))
            for (k, gap), end in zip(single, ends, strict=True):
                if end is not None:
                    row = np.zeros(columns.shape[1])
                    row[2 * k : 2 * k + 4] = 1, x[gap + end], -1, -x[gap + end]
                    rows = np.vstack([rows, row])
            free = np.linalg.svd(np.vstack([rows, np.zeros(columns.shape[1])]))[2][len(rows) :].T
            c = free @ np.linalg.lstsq(columns @ free, y, rcond=1e-12)[0]

            def apart(k: int, at: float, c: Floats = c) -> float:
                return float(c[2 * k] - c[2 * k + 2] + (c[2 * k + 1] - c[2 * k + 3]) * at)

            if all(apart(k, x[gap]) * apart(k, x[gap + 1]) <= 1e-12 for k, gap in single):
                best = min(best, float(np.mean((columns @ c - y) ** 2)))
    return best


@pytest.mark.parametrize("seed", range(12))
def test_no_line_of_all_is_better(seed: int) -> None:
    random = np.random.RandomState(seed)
    count = random.randint(4, 8)
    x = np.sort(random.uniform(-3, 3, count))
    y = (random.normal(size=count), x**2 + 0.3 * random.normal(size=count), np.sin(2 * x))[seed % 3]
    lines = not_none(best_lines(x, y, 3))
    for kinks in range(4):
        exact = best_of_all(x, y, kinks)
        assert lines.found[kinks] == pytest.approx(exact, rel=1e-6, abs=1e-9)
        assert lines.at_least[kinks] <= exact + 1e-12


@cache
def _lines_of(target: str, noise: float) -> LineLosses:
    """Those of the tutorial's samples, with up to 8 kinks."""
    dataset = make_dataset(config_of(data__target=target, data__noise=noise).data)
    return not_none(best_lines(dataset.x_train, dataset.y_train, 8))


def test_known_answers() -> None:
    x = np.linspace(-3, 3, 40)
    bent = np.abs(x) + 2 * np.maximum(x - 1.5, 0) - 3 * np.maximum(x + 1.5, 0)
    for y, kinks in ((np.abs(x), 1), ((x > 0.1).astype(float), 2), (np.abs(x - 0.777), 1), (bent, 3)):
        lines = not_none(best_lines(x, y, kinks))
        assert lines.found[kinks] == pytest.approx(0, abs=1e-20)
        assert lines.found[kinks - 1] > 1e-3
        assert kinks < 3 or lines.at_least[1] > 1e-3
    for noise, with_two in ((0.0, 0.03981), (0.5, 0.16464)):
        lines = _lines_of("square", noise)
        assert lines.found[2] <= with_two
        assert lines.found[1:] == pytest.approx(lines.at_least[1:], rel=1e-5)  # proven: no line is better


def test_near_samples_leave_nothing_for_more_kinks() -> None:
    """Two kinks are enough, as all gaps tried say: the first piece is as steep as the second sample needs."""
    x, y = [0.0, 1.0, 3.0, 0.03125, 1.19e-7], np.random.RandomState(0).normal(size=5)
    lines = not_none(best_lines(x, y, 7))
    assert lines.found.shape == lines.at_least.shape == (8,)
    assert (lines.found[2:] < 1e-12).all()
    by_x = np.argsort(x)
    exact = [best_of_all(np.array(x)[by_x], y[by_x], kinks) for kinks in (1, 2)]
    assert lines.found[1:3] == pytest.approx(exact, rel=1e-6, abs=1e-12)


@pytest.mark.parametrize(
    ("seed", "places"),
    [
        (123, [-1.283163990, -0.940931903, -0.647294891, -0.114408591, 0.893822422, 1.242209957, 1.374298244]),
        (166, [-1.440391798, -1.213565819, -0.091995503, 0.575718503, 0.619339864, 1.963662490, 2.153277907]),
    ],
)
def test_many_kinks_among_noisy_samples_are_found(seed: int, places: list[float]) -> None:
    """A line with these kinks exists; the pieces that need not meet prove nothing here, for they fit perfectly."""
    random = np.random.RandomState(seed)
    x, y = np.sort(random.uniform(-3, 3, 12)), random.normal(size=12)
    columns = np.column_stack([np.ones_like(x), x, *(np.maximum(x - t, 0) for t in places)])
    loss = float(np.mean((columns @ np.linalg.lstsq(columns, y, rcond=None)[0] - y) ** 2))
    lines = not_none(best_lines(x, y, 7))
    assert lines.found[7] <= loss * (1 + 1e-6)
    assert lines.at_least[7] == pytest.approx(lines.found[7], rel=1e-5)  # no line is better


@given(st.lists(st.floats(-3, 3, width=16), min_size=3, max_size=15, unique=True), st.integers(0, 10**6))
@example([0.0, 1.0, 0.5, 2.0**-23], 1)
@settings(max_examples=25)
def test_more_kinks_never_fit_worse(x: list[float], seed: int) -> None:
    y = np.random.RandomState(seed).normal(size=len(x))
    lines = not_none(best_lines(x, y, len(x)))
    assert (np.diff(lines.found) <= 1e-12).all()
    assert (lines.at_least <= lines.found + 1e-12).all()
    line = np.polyval(np.polyfit(x, y, 1), x)
    assert lines.found[0] == pytest.approx(np.mean((y - line) ** 2), abs=1e-6)


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize(("target", "noise"), [("square", 0.0), ("square", 0.5), ("sin3", 0.1), ("step", 0.0)])
def test_no_trained_network_is_better(optimizer: str, target: str, noise: float) -> None:
    training = {"optimizer": optimizer, "learning_rate": 0.01, "stop_step": 5_000}
    config = Config.from_dict({"data": {"target": target, "noise": noise}, "training": training})
    lines = _lines_of(target, noise)
    for width in (1, 2, 3, 5, 8):
        configs = [config.replace("network.hidden", (width,)).replace("network.seed", seed) for seed in range(32)]
        for runs in train_all(configs, np.zeros(1, dtype=np.uint8)):
            best = min(run.final_loss for run in runs)
            assert best >= lines.found[width] * (1 - 1e-5) - 1e-11  # float32 rounds
            assert best >= lines.at_least[width] * (1 - 1e-5) - 1e-11


@pytest.mark.parametrize("x", [[1.0], [1.0, 1.0], [1.0, 2.0], [1.0, 1.0, 2.0, 3.0]])
def test_so_few_samples_need_no_kinks(x: list[float]) -> None:
    y = np.arange(len(x), dtype=float)
    lines = not_none(best_lines(x, y, 4))
    assert lines.found.shape == (5,)
    assert lines.found[-1] == pytest.approx(0.125 if x == [1.0, 1.0, 2.0, 3.0] else 0.25 if x == [1.0, 1.0] else 0)


def test_the_search_can_be_stopped_and_tells_how_far_it_is() -> None:
    x = np.linspace(-3, 3, 40)
    shares: list[float] = []
    assert best_lines(x, x**2, 30, np.ones(1, dtype=np.uint8)) is None
    assert best_lines(x, x**2, 10, report=shares.append) is not None
    assert shares == sorted(shares)
    assert shares[-1] == 1


@given(st.lists(st.lists(st.sampled_from([0.0, -0.0, 1.5, -2.0, np.inf, 3.0])), min_size=1, max_size=3))
def test_the_different_numbers_are_numpys(arrays: list[list[float]]) -> None:
    assert distinct(*arrays).tobytes() == np.unique(np.concatenate(arrays)).tobytes()
