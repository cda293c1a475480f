"""Two runs, one valley or two: what is said is true of numbers found another way; the rest is refused."""

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from tests.not_none import not_none
from tests.runs import compiled, config_of, run_of
from tests.unit.test_valley import disguised
from tinynet_gui.core.config import Config
from tinynet_gui.core.maps.valley import Line, Valley, end_of, valley_between, why_no_line
from tinynet_gui.core.run.events import LiveSettingsChanged
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.text.numbers import loss_text
from tinynet_gui.core.training.start import initial_state
from tinynet_gui.core.values import Array, owned
from tinynet_gui.core.wording.two_runs import valley_text

NAMES = ("one", "the other")
BASE = config_of(network__hidden=(10,), training__learning_rate=0.01)


@cache
def trained(config: Config, steps: int = 3_000) -> Run:
    states = [initial_state(config), *([compiled(config, steps).state] if steps else [])]
    return run_of(config, states, engine="Compiled")


def with_network(run: Run, parameters: tuple[Array, ...]) -> Run:
    return replace(run, checkpoints=(*run.checkpoints[:-1], replace(run.checkpoints[-1], parameters=parameters)))


def between(one: Run, other: Run) -> Valley:
    return valley_between(not_none(end_of(one)), not_none(end_of(other)))


def highest(one: Run, other: Run, order: Any) -> float:
    """The highest mean square on the line, in float64, to the other's neurons in an order, both balanced."""
    x, y = (part.astype(float)[:, 0] for part in (one.dataset.x_train, one.dataset.y_train))
    ends = []
    for run, places in ((one, range(10)), (other, order)):
        w, b, out, c = (array.astype(float) for array in run.checkpoints[-1].parameters)
        w, b, out = w[list(places), 0], b[list(places)], out[0, list(places)]
        size = np.sqrt(np.abs(out) / np.hypot(w, b))
        ends.append((w * size, b * size, out / size, c))
    losses = []
    for t in np.linspace(0, 1, 101):
        w, b, out, c = ((1 - t) * p + t * q for p, q in zip(*ends, strict=True))
        losses.append(np.square(np.maximum(np.outer(x, w) + b, 0) @ out + c - y).mean())
    return float(max(losses))


def test_what_is_said_of_two_seeds_is_true() -> None:
    """Of 12 pairs some are said to be one solution, by a low hill; others two."""
    said = set()
    for seed in range(20, 44, 2):
        one, other = (trained(BASE.replace("network.seed", seed + place)) for place in (0, 1))
        found = between(one, other)
        top, y = highest(one, other, found.places[0]), one.dataset.y_train.astype(float)
        ends = found.as_they_are.ends
        rise, learned_nothing = top - max(ends), y.var()
        assert found.matched.highest == pytest.approx(top, rel=1e-3)
        assert found.constant == pytest.approx(learned_nothing, rel=1e-5)
        assert found.as_they_are.barrier > found.matched.barrier
        text = valley_text(found, NAMES, "mse")
        first = text.partition(":")[0]
        said.add(first)
        one_solution = abs(ends[0] - ends[1]) <= 0.01 * learned_nothing
        low = "One solution, but for a low hill" if one_solution else "A low hill"
        expected = "A hill" if rise > 0.01 * learned_nothing else low
        assert first == (expected if rise > 1e-4 * top else "One solution")
        assert f"the loss rises by {loss_text(found.matched.barrier)}" in text
        moved = np.count_nonzero(found.places[0] != np.arange(10))
        assert f"Matching moves {moved or 'none'} of the 10 neurons of “the other”" in text
        line = [loss_text(number) for number in (found.as_they_are.highest, found.matched.highest, *ends)]
        assert "at most {}, or {} with matched neurons; at the ends it is {} and {}.".format(*line) in text
    assert {"A hill", "One solution, but for a low hill"} <= said


def test_trained_and_untrained_networks_are_not_one_solution() -> None:
    """Between most of them there is no hill, and not with all the loss falls all the way."""
    said = set()
    for seed in range(40, 56):
        found = between(one := trained(BASE), other := trained(BASE.replace("network.seed", seed), 1))
        low, high = found.lowest.ends
        losses, (first, _, rest) = found.lowest.losses, valley_text(found, NAMES, "mse").partition(":")
        falls = bool((np.diff(losses) > -1e-4 * max(losses)).all())
        assert highest(one, other, found.places[0]) == pytest.approx(float(max(found.matched.losses)), rel=1e-3)
        assert (low < 0.1, high > 5) == (True, True)
        if max(losses) > high * 1.0001:
            assert first in ("A hill", "A low hill")
        else:
            assert first == ("Downhill all the way" if falls else "No hill")
            assert ("falls from" in rest) == falls
            assert loss_text(high) in rest.partition("\n")[0]
        said.add(first)
    assert {"Downhill all the way", "No hill"} <= said


def test_a_copy_is_one_solution_and_so_is_a_run_itself() -> None:
    run = trained(BASE)
    copy = with_network(run, disguised(run.checkpoints[-1].parameters, "relu", 5)[0])
    text = valley_text(between(run, copy), NAMES, "mse")
    assert text.startswith("One solution: “one” and “the other” are the same network, with another order or scale")
    assert "number for number" in valley_text(between(run, run), NAMES, "mse")


@pytest.mark.parametrize(
    ("end", "rises", "constant", "verdict", "words"),
    [
        (0.5, (3.0, 0.0), 1.0, "one valley", "the neurons of “the other” put in order, there is no hill"),
        (0.5, (0.0, 0.0), 1.0, "one valley", "between them there is no hill"),
        (
            0.5,
            (0.009, 0.5),
            1.0,
            "one valley",
            "a low hill: on the straight line between them the loss rises by 0.0090",
        ),
        (0.5, (3.0, 0.02), 1.0, "two", "the loss rises by 0.02000, 2 % of the best constant’s loss"),
        (0.5, (3.0, 0.02), 0.0, "two", "the loss rises by 0.02000.\n"),
        (0.5, (np.nan, 0.0), 1.0, "one valley", "put in order, there is no hill"),
        (0.5, (0.0, np.nan), 1.0, "one valley", "between them there is no hill"),
        (0.5, (np.inf, np.inf), 1.0, "two", "the loss rises by ∞."),
        (0.5, (np.nan, np.nan), 1.0, "two", "the loss rises by NaN."),
        (0.495, (3.0, 0.0), 1.0, "one valley", "One solution: on the straight line between them, the neurons of"),
        (
            0.25,
            (3.0, 0.0),
            1.0,
            "one valley",
            "Downhill all the way: on the straight line between them, the neurons of",
        ),
        (
            0.25,
            (3.0, 0.0),
            1.0,
            "one valley",
            "put in order, the loss falls from 0.5000 to 0.2500, that of “the other”.",
        ),
        (0.495, (3.0, 0.0), 0.45, "one valley", "Downhill all the way"),
        (0.495, (3.0, 0.02), 0.45, "two", "A hill: on the straight line between them, the neurons of"),
        (0.25, (-0.3, 1.0), 1.0, "one valley", "nowhere above that of “one”, 0.5000; “the other” is better."),
        (
            0.25,
            (0.009, 0.5),
            1.0,
            "one valley",
            "A low hill: on the straight line between them the loss rises by 0.0090",
        ),
    ],
)
def test_the_lower_hill_decides(
    end: float, rises: tuple[float, float], constant: float, verdict: str, words: str
) -> None:
    one, other = (Line(owned([0.5, 0.5 + rise, end]), 0.5) for rise in rises)
    found = Valley(np.linspace(0, 1, 3), one, other, (np.array([1, 0]),), constant)
    assert found.verdict == verdict
    assert words in valley_text(found, NAMES, "mse")


def test_a_straight_line_has_no_hill_a_deep_match_may() -> None:
    linear, deep = (BASE.replace("network.hidden", hidden) for hidden in ((), (4, 4)))
    texts = [
        valley_text(between(trained(config, 200), trained(config.replace("network.seed", 9), 200)), NAMES, "mse")
        for config in (linear, deep)
    ]
    assert texts[0].startswith("One solution: on the straight line between them there is no hill.")
    assert "nothing to match" in texts[0]
    assert "Matching moves" not in texts[0]
    assert "perhaps not the closest" in texts[1]


def test_the_loss_is_the_first_ones() -> None:
    one, other = trained(BASE, 200), trained(BASE.with_changes({"training.loss": "huber", "network.seed": 4}), 200)
    assert "by Huber, the loss of “the other”" in valley_text(between(other, one), NAMES[::-1], "huber")
    assert between(one, other).as_they_are.ends[0] == between(one, one).as_they_are.ends[0]
    assert between(other, one).as_they_are.ends[1] < between(one, other).as_they_are.ends[0]


def test_what_cannot_be_compared_is_refused_with_the_reason() -> None:
    run = trained(BASE, 200)
    nan = tuple(np.full_like(array, np.nan) for array in run.checkpoints[-1].parameters)
    noisy = LiveSettingsChanged(200, BASE.replace("data.noise", 0.5))
    for other, why in (
        (
            trained(BASE.replace("network.hidden", (11,)), 200),
            "“one” has 10 hidden neurons (ReLU), “the other” 11 hidden",
        ),
        (trained(BASE.replace("network.activation", "tanh"), 200), "“the other” 10 hidden neurons (tanh)"),
        (trained(BASE.replace("network.hidden", ()), 200), "“the other” no hidden neurons."),
        (trained(BASE, 0), "“the other” has not been trained"),
        (replace(run, diverged_at=200), "“the other” has diverged"),
        (with_network(run, nan), "“the other” has diverged"),
        (trained(BASE.replace("data.seed", 9), 200), "different samples"),
        (trained(BASE.replace("data.standardise", "xy"), 200), "different samples"),
        (replace(run, events=(noisy,)), "different samples"),  # they changed after its last step
    ):
        assert why in why_no_line(end_of(run), end_of(other), NAMES)
    assert "“one” has not been trained" in why_no_line(None, end_of(run), NAMES)
    assert why_no_line(end_of(run), end_of(trained(BASE.replace("network.seed", 4), 100)), NAMES) == ""
