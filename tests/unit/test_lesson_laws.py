"""What lessons 13 to 16, 18 and 20, and a page of the tenth, say of networks: on other seeds, by other trainings."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from numba import njit

from tests.by_hand import train_by_hand
from tests.derivatives import derivatives_by_torch
from tests.lessons import LESSONS, lesson_step, says
from tests.not_none import not_none
from tests.runs import compiled, config_of
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.lessons.lesson import ChoiceQuestion, TrainOn, TrainTo
from tinynet_gui.core.lessons.reading.reader import read_lesson_file
from tinynet_gui.core.maps.valley import find_valley
from tinynet_gui.core.training.compiled.kernel import Start, run_many
from tinynet_gui.core.training.start import TrainerState, initial_state, make_dataset

SEEDS = range(500, 508)
Floats = npt.NDArray[Any]  # of float32 or float64


@njit(cache=True)  # type: ignore[untyped-decorator]
def _descend(x: Floats, y: Floats, rates: Floats, taken: Floats, w: Floats, b: Floats, v: Floats, c: Floats) -> None:
    """Change the parameters of a network by steps with some of the samples each."""
    for step, rate in enumerate(rates):
        samples = taken[step % len(taken)]
        factor, errors, moved = np.float32(2 / len(samples)), np.full(len(samples), c[0]), np.float32(0)
        for i, at in enumerate(samples):
            for k in range(len(w)):
                u = w[k] * x[at] + b[k]
                if not u <= 0:  # also what is not finite
                    errors[i] += v[k] * u
            errors[i] = factor * (errors[i] - y[at])
            moved += errors[i]
        c[0] -= rate * moved
        for k in range(len(w)):
            slope_w = slope_b = slope_v = np.float32(0)
            for i, at in enumerate(samples):
                u = w[k] * x[at] + b[k]
                if not u <= 0:
                    slope_w += errors[i] * v[k] * x[at]
                    slope_b += errors[i] * v[k]
                    slope_v += errors[i] * u
            w[k] -= rate * slope_w
            b[k] -= rate * slope_b
            v[k] -= rate * slope_v


@np.errstate(all="ignore")
def _train(
    configs: Sequence[Config],
    steps: int,
    rates: Floats | None = None,
    start: Sequence[Floats] | None = None,
    taken: Floats | None = None,
) -> tuple[Floats, list[Floats]]:
    """Train networks of one hidden layer of ReLU by gradient descent, or one network with each of some rates.

    They begin at their first weights, or where another training has ended. `rates` may have a second axis for the
    steps; `taken` are the samples of each step, (steps, samples).

    Returns the losses at the end, infinite where it diverged, and w, b, w' and b'; a first axis for the runs.
    """
    data = [make_dataset(config.data) for config in configs]
    x, y = (np.stack([getattr(each, name)[:, 0] for each in data]) for name in ("x_train", "y_train"))
    rate = np.array([config.training.learning_rate for config in configs]) if rates is None else rates
    rate = rate.reshape(len(rate), -1).astype(np.float32)
    if start is None:
        first = zip(*(initial_state(config).parameters for config in configs), strict=True)
        start = [np.stack(arrays).reshape(len(configs), -1) for arrays in first]
    runs = max(len(configs), len(rate))
    shaped = [(rate, steps), *((each, each.shape[1]) for each in (x, y, *start))]
    rate, x, y, *found = (np.broadcast_to(each, (runs, n)).astype(np.float32, "C") for each, n in shaped)
    for run in range(runs):
        samples = np.arange(x.shape[1])[None] if taken is None else taken
        _descend(x[run], y[run], rate[run], samples, *(each[run] for each in found))
    h = np.maximum(found[0][:, :, None] * x[:, None] + found[1][:, :, None], 0)
    loss = np.square((found[2][:, :, None] * h).sum(1) + found[3] - y).mean(1)
    return np.where(np.isfinite(loss), loss, np.inf), found


# --- 10, x from 0 to 20


@pytest.mark.parametrize(("title", "diverges"), [("x from 0 to 20", True), ("The cure", False)])
@pytest.mark.parametrize("seed", SEEDS)
def test_large_x_diverge_unless_standardised(title: str, diverges: bool, seed: int) -> None:
    step = lesson_step("10", title)
    setting, action = not_none(step.setting), step.action
    assert isinstance(action, TrainTo)
    assert (setting.network.hidden, setting.training.learning_rate) == ((), 0.01 if diverges else 0.5)
    data = make_dataset(setting.data)
    x, y = torch.arange(21.0)[:, None], 2 * torch.arange(21.0)[:, None] + 1
    assert says("10", f"Here this mean is {x.square().mean():.0f}:")
    assert says("10", f"= **{1 / x.square().mean():.4f}**")
    if not diverges:
        x = (x - x.mean()) / x.std(correction=0)
    np.testing.assert_allclose(data.x_train, x, rtol=1e-5, atol=1e-6)
    torch.manual_seed(seed)
    line = torch.nn.Linear(1, 1)
    optimizer = torch.optim.SGD(line.parameters(), lr=setting.training.learning_rate)
    losses = train_by_hand(line, x, y, action.step + 1, optimizer)
    assert np.isfinite(losses[-1]) != diverges
    assert diverges or losses[-1] < 1e-6


# --- 13, a map of failure

RATES = np.geomspace(0.02, 2, 64)


@cache
def _row(seed: int, scale: float) -> Floats:
    config = Config().with_changes({"network.seed": seed, "network.weight_scale": scale})
    return _train([config], 1_000, RATES)[0]


def _edge(seed: int, scale: float) -> float:
    return float(RATES[np.argmax(np.isinf(_row(seed, scale)))])


def _changes(losses: Floats) -> int:
    return int(np.count_nonzero(np.diff(np.isinf(losses))))


@pytest.mark.parametrize("seed", SEEDS[:4])
def test_lesson_13_is_true_of_each_seed(seed: int) -> None:
    assert not_none(lesson_step("13", "Where does it diverge?").setting).training.stop_step == 1_000
    assert says("13", "is 0.001, and the loss falls. With 10 the loss grows beyond all numbers")
    config = Config().replace("network.seed", seed)
    [start], (usual, ten) = _train([config], 0)[0], _train([config], 1_000, np.array([0.001, 10.0]))[0]
    assert (usual < 0.5 * start, ten) == (True, np.inf)
    [file] = LESSONS.glob("13-*.md")
    assert all(step.map.endswith("/end/colors:0.001:10") for step in read_lesson_file(file).steps)  # one scale
    assert says("13", "below 0.5. There it is not one clean line.")
    low = [_row(seed, scale) for scale in (0.1, 0.2, 0.3)]
    assert max(map(_changes, low)) > 1
    assert says("13", "Above it there are islands, where training does not diverge.")
    assert any(np.isfinite(row[1.05 * _edge(seed, 1.0) < RATES]).any() for row in low)
    assert _edge(seed, 3.0) < 0.9 * _edge(seed, 1.0)


def test_a_quarter_of_the_border_is_the_best_rate() -> None:
    """On 159 of 160 seeds; just below the border 2 of them diverged."""
    assert says(
        "13", "Far below the border training is slow. Just below it, it need not diverge, but learns less well."
    )
    assert says("13", "Find the border, and take a quarter of it.")
    best = []
    for seed in SEEDS:
        wanted = np.array([0.001, _edge(seed, 1.0) / 4, 0.9 * _edge(seed, 1.0)])
        best.append(np.argmin(_train([Config().replace("network.seed", seed)], 1_000, wanted)[0]))
    assert np.mean(np.equal(best, 1)) >= 0.9


def test_more_learning_rates_find_more_edges() -> None:
    """With 4,096 for 256, on 64 of 64 seeds, 2.3 to 11.8 times as many."""
    ask = lesson_step("13", "Finer").question
    assert isinstance(ask, ChoiceQuestion)
    assert ask.choices[1].text == "more, up to twelve times as many"
    config = Config().replace("network.weight_scale", 0.2)
    times = []
    for seed in SEEDS[:2]:
        rates = [np.geomspace(0.1, 3, points) for points in (64, 1_024)]
        coarse, fine = (_changes(_train([config.replace("network.seed", seed)], 200, each)[0]) for each in rates)
        times.append(fine / coarse)
    assert min(times) > 1.5
    assert max(times) < 14


# --- 14, the edge of stability


def _sharpness(configs: Sequence[Config], parameters: Sequence[Floats]) -> Floats:
    """The largest eigenvalue of the loss's Hessian by torch, in the mean over this step and the next, (runs,)."""
    found = []
    for at in (parameters, _train(configs, 1, start=parameters)[1]):
        for config, *arrays in zip(configs, *at, strict=True):
            first = initial_state(config)
            there = (array.reshape(like.shape) for array, like in zip(arrays, first.parameters, strict=True))
            state = replace(first, parameters=tuple(there))
            found.append(np.linalg.eigvalsh(derivatives_by_torch(config, make_dataset(config.data), state)[1])[-1])
    return np.asarray(np.reshape(found, (2, -1)).mean(0))


def _at_rate(rate: float) -> list[Config]:
    return [config_of(training__learning_rate=rate, network__seed=seed) for seed in SEEDS]


def test_with_a_small_rate_the_sharpness_rises() -> None:
    assert says("14", "it rises: the valley gets narrower")
    configs = _at_rate(0.001)
    start, end = (_sharpness(configs, _train(configs, steps)[1]) for steps in (0, 10_000))
    assert (end > 1.15 * start).all()
    assert end.max() < 100  # far from the limit


@pytest.mark.parametrize(("rate", "within"), [(0.1, 1.0), (0.08, 1.25), (0.12, 0.8)])
def test_with_a_large_rate_it_comes_to_two_divided_by_the_rate(rate: float, within: float) -> None:
    """But for one seed in eight; 63, 62 and 61 of 64 others were within 5 %, and of seeds 0 to 63, 64, 60 and 63."""
    assert says("14", "Not all first weights lead there, but about nine in ten.")
    assert says("14", "2/0.1 = **20**")
    assert says("14", "The limit is 2/0.08 = 25.")
    configs, limit = _at_rate(rate), 16.5 if rate == 0.12 else 2 / rate
    assert np.mean(np.abs(_sharpness(configs, _train(configs, 10_000)[1]) - limit) <= within) >= 7 / 8


def test_a_middle_rate_stays_below_a_larger_one_then_falls() -> None:
    assert says("14", "No edge here: this network has not become so sharp that its steps would meet the limit.")
    assert says("14", "the first long steps overshot, and it jumped up.")
    configs, larger = _at_rate(0.04), _at_rate(0.1)
    losses, there = _train(configs, 10_000)
    narrow = _sharpness(configs, there)
    assert np.mean(narrow < 47) >= 7 / 8
    highest = np.max([_train(larger, steps, start=there)[0] for steps in range(1, 30)], axis=0)
    after, end = _train(larger, 10_000, start=there)
    wide = _sharpness(larger, end)
    came_down = np.isfinite(after) & (narrow > 21)
    assert np.mean(came_down) >= 6 / 8
    assert (highest > 5 * losses)[came_down].all()
    assert np.mean(wide[came_down] < 0.9 * narrow[came_down]) >= 7 / 8


# --- 15, a hundred neurons become two


def _hundred(**changes: Any) -> list[Config]:
    configs = [config_of(network__hidden=(100,), network__weight_scale=0.01, **changes)]
    return [config.with_changes({"network.seed": k, "data.seed": k}) for config in configs for k in SEEDS]


def _directions(configs: Sequence[Config], parameters: list[Floats]) -> list[int]:
    """How many places and sides, the one that bends most first, carry 99 % of each curve's bend between its samples."""
    found = []
    for config, w, b, v, _ in zip(configs, *parameters, strict=True):
        x = make_dataset(config.data).x_train
        kink = -b / w
        inside, reach = (x.min() < kink) & (kink < x.max()), 0.01 * (x.max() - x.min())
        bend, groups = np.where(inside, v * w, 0.0), list[float]()
        while np.any(bend):
            strongest = np.argmax(np.abs(bend))
            group = (np.abs(kink - kink[strongest]) < reach) & (w * w[strongest] > 0)
            groups.append(abs(float(bend[group].sum())))
            bend = np.where(group, 0.0, bend)
        carried = np.cumsum(sorted(groups, reverse=True))
        found.append(int(np.searchsorted(carried, 0.99 * carried[-1])) + 1)
    return found


def test_small_weights_align_while_the_loss_is_high() -> None:
    configs = _hundred()
    early = _train(configs, 1_000)
    end = _train(configs, 9_000, start=early[1])
    assert max(_directions(configs, early[1])) <= 20
    assert (early[0] > 10 * end[0]).all()
    assert max(_directions(configs, end[1])) <= 10
    assert says("15", "With tiny weights the curve is nearly flat.")
    assert says("15", "Two directions suit a parabola: one for each arm.")
    assert np.median(_directions(configs, end[1])) <= 3
    assert end[0].max() < 0.15  # none fails


def test_from_usual_weights_they_do_not() -> None:
    assert says("15", "Many neurons bend the curve, each a little. Most kinks are about where they were.")
    configs = [config.replace("network.weight_scale", 1.0) for config in _hundred()]
    start, (_, end) = _train(configs, 0)[1], _train(configs, 10_000)
    assert min(_directions(configs, end)) > 20
    moved = [-there[1] / there[0] for there in (start, end)]
    x = make_dataset(configs[0].data).x_train
    assert np.median(np.abs(moved[1] - moved[0])[np.abs(moved[0]) < 3]) < 0.03 * np.ptp(x)


def test_small_weights_use_few_directions() -> None:
    assert says("15", "It is so only because its first weights were small.")
    few = _hundred(data__target="sin", training__learning_rate=0.01)
    many = [config.replace("network.weight_scale", 1.0) for config in few]
    found = [_directions(configs, _train(configs, steps)[1]) for configs, steps in ((few, 10_000), (many, 3_000))]
    assert max(found[0]) <= 10 < min(found[1])
    letter = _hundred(data__target="abs", training__learning_rate=0.01)
    losses, parameters = _train(letter, 3_000)
    assert losses.max() < 0.005
    assert max(_directions(letter, parameters)) <= 3


# --- 16, two runs, one valley?


def _hills(width: int, rates: tuple[float, float], seeds_apart: int) -> Floats:
    """The rise on the straight line between two trainings, as they are and matched, (pairs, 2); none ends high."""
    pairs = [
        [
            config_of(network__hidden=(width,), training__learning_rate=rate, network__seed=seed)
            for rate, seed in zip(rates, (k, k + seeds_apart), strict=True)
        ]
        for k in SEEDS
    ]
    configs = [config for pair in pairs for config in pair]
    losses, (w, b, v, c) = _train(configs, 10_000)
    assert losses.max() < 0.2
    data, hills = make_dataset(configs[0].data), []
    x, y = data.x_train[:, 0], data.y_train[:, 0]
    for one in range(0, len(configs), 2):
        way = np.linspace(0, 1, 101)[:, None]
        at = [(1 - way) * array[one] + way * array[one + 1] for array in (w, b, v, c)]
        h = np.maximum(at[0][:, :, None] * x + at[1][:, :, None], 0)
        on_line = np.square((at[2][:, :, None] * h).sum(1) + at[3] - y).mean(1)
        first, second = ((w[k][:, None], b[k], v[k][None], c[k]) for k in (one, one + 1))
        matched = find_valley(configs[one], data, first, second).matched
        hills.append((on_line.max() - max(on_line[0], on_line[-1]), matched.barrier))
    return np.array(hills)


def test_between_two_seeds_is_a_hill_and_matched_a_lower_one() -> None:
    """Of 48 pairs each, ten neurons left more than forty in 85 % of all draws; one left more than half."""
    assert says(
        "16", "One pair cannot tell: pairs differ, by a factor of ten and more. But of many pairs, those of ten"
    )
    forty, ten = (_hills(width, (0.01, 0.01), 1_000) for width in (40, 10))
    assert forty[:, 0].min() > 0.2
    for hills in (forty, ten):
        assert np.mean(hills[:, 1] < 0.5 * hills[:, 0]) >= 7 / 8
        assert hills[:, 1].min() > 0.001
    assert np.mean(ten[:, None, 1] > forty[None, :, 1]) > 0.7
    assert np.ptp(np.log10(forty[:, 1])) > 1


def test_two_rates_from_the_same_weights_share_a_valley() -> None:
    assert says("16", "It comes into the same valley, only to another place in it.")
    assert _hills(20, (0.01, 0.005), 0)[:, 0].max() < 0.001


# --- 18, it forgets


@cache
def _halves(width: int) -> tuple[list[Config], list[Config], list[list[Floats]]]:
    """The settings for the left half, and for the right one; and what networks come to: after the left, then on."""
    first, then = lesson_step("18", "The left half"), lesson_step("18", "Then the right half").action
    assert isinstance(then, TrainOn)
    assert (first.action, then.step) == (TrainTo(10_000), 20_000)
    changes = [{"network.hidden": (width,), "network.seed": seed} for seed in range(500, 532)]
    settings = not_none(first.setting), then.setting
    left, right = ([setting.with_changes(change) for change in changes] for setting in settings)
    states = [_go_on(left, map(initial_state, left), 10_000)]
    for steps in (400, 600, 1_000, 1_500, 6_500):
        states.append(_go_on(right, states[-1], steps))
    return left, right, [_stacked(state.parameters for state in each) for each in states]


def _go_on(configs: Sequence[Config], states: Iterable[TrainerState], steps: int) -> list[TrainerState]:
    """By some steps of the compiled loop."""
    starts = [Start(config, make_dataset(config.data), state) for config, state in zip(configs, states, strict=True)]
    return [run.state for run in run_many(starts, steps, steps)]


def _stacked(parameters: Iterable[Sequence[Floats]]) -> list[Floats]:
    """As `_train` returns them."""
    return [np.reshape(arrays, (len(arrays), -1)) for arrays in zip(*parameters, strict=True)]


def test_the_left_half_is_forgotten_most_by_a_hundred_neurons() -> None:
    """Of 256 seeds, 64 of them in the program, 95 % rose by half; of all their pairs 73 to 80 % are so."""
    assert says("18", "A neuron that is off at all of them has no gradient, and stays as it was.")
    assert says("18", "Mostly they forget more than that")
    assert says("18", "the hundred end higher in about three of four pairs.")
    after = []
    for width in (10, 100):
        left, right, (known, *_, end) = _halves(width)
        losses = [_train(left, 0, start=start)[0] for start in (known, end)]
        assert np.mean(losses[1] > 1.5 * losses[0]) >= 7 / 8
        after.append(losses[1])
        x = make_dataset(right[0].data).x_train[:, 0]
        is_off: Floats = np.all(known[0][:, :, None] * x + known[1][:, :, None] <= 0, axis=2)
        assert np.any(is_off, axis=1).all()
        assert all((one[is_off] == other[is_off]).all() for one, other in zip(known[:3], end[:3], strict=True))
    assert 0.65 < np.mean(after[1][:, None] > after[0]) < 0.85


def test_a_hundred_neurons_loss_leaps_recovers_and_climbs() -> None:
    """On 65 other seeds, too: to ten times as much within 400 steps, then to less than a third of that."""
    assert says("18", "the loss of a hundred on the left mostly leaps at once, falls by more than two thirds, and then")
    left, _, came_to = _halves(100)
    first, leap, *between, last = (_train(left, 0, start=start)[0] for start in came_to)
    lowest = np.min(between, axis=0)
    assert np.all((leap > 10 * first) & (lowest < leap / 3))
    assert np.mean(last > 1.2 * lowest) > 0.9


def test_two_old_dots_remind_better_than_they_teach() -> None:
    """Of 96 seeds all: the reminded came to 0.09 at most, the new ones to 0.11 at least."""
    assert says("18", "a network that is reminded of them is below 0.1 on the other eight after 10,000 steps.")
    assert says("18", "A new one, shown these two and the right half, is still above after 50,000.")
    _, right, (*_, end) = _halves(100)
    right, end = right[:8], [array[:8] for array in end]
    points = not_none(right[0].data.points)
    is_shown = ~points.held_out | np.isin(points.x, (-3, -1.5))
    shown, others = (
        [config.replace("data.points", Points(points.x, points.y, held_out)) for config in right]
        for held_out in (~is_shown, is_shown)
    )
    new = _stacked(compiled(config, 50_000).state.parameters for config in shown)
    starts = _train(shown, 10_000, start=end)[1], new
    reminded, taught = (_train(others, 0, start=start)[0] for start in starts)
    assert reminded.max() < 0.1 < taught.min()


# --- 20, a rate that changes


def _losses_on_all_dots(rate_of: Callable[[Floats], Floats], all_dots: bool = False) -> Floats:
    """After 5,000 steps with one dot each, in an order that is not the program's, or with all of them."""
    configs, order = [config_of(network__seed=seed) for seed in SEEDS], np.random.default_rng(0)
    dots = len(make_dataset(configs[0].data).x_train)
    taken = np.concatenate([order.permutation(dots) for _ in range(0, 5_000, dots)])[:, None]
    rates = np.broadcast_to(rate_of(np.arange(5_000)), (1, 5_000))
    return _train(configs, 5_000, rates, taken=None if all_dots else taken)[0]


def test_large_then_small_beats_either_with_one_dot_a_step() -> None:
    """Of 32 seeds in the program 25 and 31 came lower than with either; and 32 higher with all dots in each step."""
    assert says("20", "Of 32 networks that we tried, 25 came lower than with either.")
    assert says("20", "With the wave, 31 of them came lower than with either rate alone.")
    rates = [
        lambda _: np.array(0.03),
        lambda _: np.array(0.003),
        lambda step: np.where(step < 2_500, 0.03, 0.003),
        lambda step: 0.015 * (1 + np.cos(np.pi * step / 5_000)),
    ]
    large, small, jump, wave = map(_losses_on_all_dots, rates)
    either = np.minimum(large, small)
    assert np.sum(jump < either) >= 5
    assert np.sum(wave < either) >= 7
    assert np.median(wave) < np.median(jump) < np.median(either)
    assert says("20", "So it was with all of 32 networks.")
    whole, sunk = (_losses_on_all_dots(rate_of, all_dots=True) for rate_of in (rates[0], rates[-1]))
    assert np.all(sunk > whole)
