"""The paired permutation test: how often it is wrong, and how often it sees what is there."""

import numpy as np
import pytest

from tinynet_gui.core import statistics
from tinynet_gui.core.experiments.depth import verdict
from tinynet_gui.core.statistics import advantage, p_value, scores
from tinynet_gui.core.values import Floats

TRIALS = 150


def _losses(random: np.random.RandomState, seeds: int, spread: float, shift: float) -> Floats:
    """Logarithms of losses at six rates, of which the best two are close; what is a factor of e is 1 here."""
    at_rates = np.array([2.0, 1.0, 0.2, 0.0, 0.5, 3.0])[:, None] + shift
    own, common = random.normal(size=(6, seeds)), random.normal(size=seeds)
    logs: Floats = np.minimum(at_rates + spread * np.sqrt(0.5) * (own + common), 4.0)
    return logs


def _share_of_winners(
    monkeypatch: pytest.MonkeyPatch, seeds: int, spread: float, shifts: tuple[float, ...], winner: int | None = None
) -> float:
    """Either verdict counts; the second is of the same runs at another moment, here with noise of its own."""
    monkeypatch.setattr(statistics, "SWAPS", 1_000)
    random, won = np.random.RandomState(seeds), 0
    for _ in range(TRIALS):
        shapes = [_losses(random, seeds, spread, shift) for shift in shifts]
        later = [logs + 0.5 * spread * random.normal(size=logs.shape) for logs in shapes]
        verdicts = [verdict(logs, logs, logs) for logs in (shapes, later)]
        counted = verdicts if winner is None else verdicts[:1]
        won += any(v.is_sure and winner in (None, v.best) for v in counted)
    return won / TRIALS


@pytest.mark.parametrize("shifts", [(0, 0, 0), (0, 0, 5)])
@pytest.mark.parametrize("seeds", [2, 4, 8, 20])
def test_of_shapes_alike_at_most_one_in_twenty_has_a_winner(
    monkeypatch: pytest.MonkeyPatch, seeds: int, shifts: tuple[float, ...]
) -> None:
    share = _share_of_winners(monkeypatch, seeds, 1.0, shifts)
    assert share <= 0.05
    assert share == 0 or seeds >= 7


@pytest.mark.parametrize(("spread", "least"), [(0.5, 0.95), (1.0, 0.55)])
def test_with_twenty_seeds_a_factor_e_is_seen_in_most_cases(
    monkeypatch: pytest.MonkeyPatch, spread: float, least: float
) -> None:
    assert _share_of_winners(monkeypatch, 20, spread, (-1, 0, 0), winner=0) >= least


def test_the_p_value_is_that_of_all_swaps() -> None:
    random = np.random.RandomState(0)
    one, other = random.normal(size=(3, 8)), random.normal(size=(3, 8)) + 0.5
    counted = []
    for ways in range(2**8):
        swap = np.array([bool(ways >> k & 1) for k in range(8)])
        counted.append(advantage(np.where(swap, other, one), np.where(swap, one, other)))
    measured = advantage(one, other)
    assert p_value(one, other) == np.mean([abs(value) >= abs(measured) - 1e-12 for value in counted])
    assert p_value(other, one) == p_value(one, other)


def test_a_run_that_diverged_counts_as_one_that_learned_nothing() -> None:
    assert np.array_equal(scores([np.inf, np.nan, 9.0, 4.0], 4.0), np.log([4.0] * 4))
    assert scores([0.0], 4.0) < scores([1e-9], 4.0)
