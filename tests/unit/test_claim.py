"""Claims: what is counted is so, and the verdict is wrong no oftener than it says."""

import math
from collections.abc import Sequence
from functools import cache
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, strategies as st

from tests.not_none import not_none
from tests.unit.test_experiments import Reports
from tests.unit.test_influence import trained_by_torch
from tinynet_gui.core.config import Config
from tinynet_gui.core.experiments.base import TrainedRun
from tinynet_gui.core.experiments.claim import Claim, ClaimResult, Quantifier, SeedsThat, check_claim, seeds_that
from tinynet_gui.core.experiments.table import changed_since
from tinynet_gui.core.statistics import clopper_pearson
from tinynet_gui.core.training.start import make_dataset

SHORT = Config().with_changes({"training.stop_step": 150, "training.learning_rate": 0.02, "data.sample_count": 8})
SEEDS = 12
LOSSES = st.one_of(st.floats(0, 1e6), st.just(math.inf), st.just(math.nan))


def outcome(loss: float, seed: int = 0) -> TrainedRun:
    """A run that ended with a loss; an infinite one diverged."""
    nothing = np.zeros(0, dtype=np.float32)
    at = 7 if math.isinf(loss) else None
    return TrainedRun(Config().replace("network.seed", seed), loss, None, nothing, nothing, 1, 0, 0.0, at)


def of_losses(losses: Sequence[float], claim: Claim, wanted: int | None = None) -> ClaimResult:
    runs = tuple(outcome(loss, seed) for seed, loss in enumerate(losses))
    return of_runs(runs, claim, wanted)


def of_runs(runs: tuple[TrainedRun, ...], claim: Claim, wanted: int | None = None) -> ClaimResult:
    seeds = SeedsThat(Config(), runs, tuple(map(claim.is_reached_by, runs)))
    return ClaimResult(claim, seeds, len(runs) if wanted is None else wanted)


@cache
def counted(reached: int, trials: int, quantifier: Quantifier = "mostly") -> ClaimResult:
    return of_runs((outcome(0.0),) * reached + (outcome(1.0),) * (trials - reached), Claim(5, quantifier, 0.5))


def probability(successes: int, trials: int, share: float) -> float:
    return math.comb(trials, successes) * share**successes * (1 - share) ** (trials - successes)


@pytest.fixture(scope="module")
def by_torch() -> list[float]:
    """The final loss of each seed with three neurons, from a loop as one writes it by hand; losses of float64."""
    data = make_dataset(SHORT.data)
    x, y = data.x_train[:, 0].astype(np.float64), data.y_train[:, 0].astype(np.float64)
    losses = []
    for seed in range(2, 2 + SEEDS):
        config = SHORT.with_changes({"network.seed": seed, "network.hidden": (3,)})
        network = trained_by_torch(config, x, y)
        weights = [np.asarray(p.tolist(), dtype=np.float64) for p in network.parameters()]
        hidden = np.maximum(weights[0] @ x[None, :] + weights[1][:, None], 0)
        losses.append(float(np.mean((weights[2] @ hidden + weights[3][:, None] - y) ** 2)))
    return losses


def limits(losses: Sequence[float]) -> list[float]:
    """A limit below all losses, one above all, and one in the widest gap, where rounding decides nothing."""
    logs = np.sort(np.log(losses))
    place = int(np.argmax(np.diff(logs)))
    middle = math.exp((logs[place] + logs[place + 1]) / 2)
    return [0.5 * min(losses), middle, 2 * max(losses)]


@pytest.mark.parametrize("quantifier", get_args(Quantifier))
@pytest.mark.parametrize("which", [0, 1, 2])
def test_a_claim_is_tested_on_each_seed(by_torch: list[float], quantifier: Quantifier, which: int) -> None:
    limit, reports = limits(by_torch)[which], Reports()
    below = [loss < limit for loss in by_torch]
    panel = SHORT.replace("network.hidden", (8, 8))  # it has two layers; the claim is about one
    result = not_none(check_claim(panel, SEEDS, reports.stop, reports, Claim(3, quantifier, limit)))
    assert [run.config.network.seed for run in result.seeds.runs] == list(range(2, 2 + SEEDS))
    assert {run.config.network.hidden for run in result.seeds.runs} == {(3,)}
    assert [run.final_loss for run in result.seeds.runs] == pytest.approx(by_torch, rel=1e-3)
    assert list(result.seeds.holds) == below
    assert result.seeds.reached == sum(below)
    assert result.seeds.share == pytest.approx(sum(below) / SEEDS)
    against = {"always": not all(below), "never": any(below)}
    if quantifier != "mostly":
        assert result.verdict == ("no" if against[quantifier] else "yes")
        assert (result.counterexample is not None) == against[quantifier]
    extreme = np.argmin(by_torch) if quantifier == "never" else np.argmax(by_torch)
    assert result.ranked[0].config.network.seed == 2 + int(extreme)
    assert result.runs == result.seeds.runs
    assert reports.shares[-1] == 1.0
    assert reports.results[-1] == result


def test_it_holds_or_not_of_a_whole_run() -> None:
    """Goals of lessons ask for what they like."""
    reports: list[float] = []
    stop = np.zeros(1, dtype=np.uint8)
    found = seeds_that(SHORT, 40, lambda run: run.dead_at_start == 0, stop, lambda share, _: reports.append(share))
    assert found is not None
    assert found.holds == tuple(run.dead_at_start == 0 for run in found.runs)
    assert 0 < found.reached < len(found.runs) == 40
    assert reports == [32 / 40, 1.0]


def test_once_stopped_there_is_what_has_been_trained() -> None:
    reports = Reports(stop_after=1)
    result = not_none(check_claim(SHORT, 500, reports.stop, reports, Claim(3, "mostly", 1e9)))
    assert len(result.seeds.runs) == 32
    assert not result.is_complete
    assert result.seeds.interval[0] > 0.5
    assert result.verdict == "cannot tell"
    reports.stop[0] = 1
    assert check_claim(SHORT, 500, reports.stop, reports, Claim(3, "mostly", 1.0)) is None


@pytest.mark.parametrize("trials", [1, 7, 50])
def test_the_interval_is_clopper_and_pearsons(trials: int) -> None:
    """Of which `test_setting_or_luck` proves that it holds the true share in 95 of 100 cases."""
    for reached in range(trials + 1):
        seeds = counted(reached, trials).seeds
        assert seeds.interval == clopper_pearson(reached, trials)
        assert 0 <= seeds.interval[0] <= seeds.share <= seeds.interval[1] <= 1


@pytest.mark.parametrize("trials", [50, 64, 256])
def test_one_half_is_called_mostly_in_at_most_5_of_100_cases(trials: int) -> None:
    verdicts = [counted(reached, trials).verdict for reached in range(trials + 1)]
    ways = sum(math.comb(trials, k) for k, verdict in enumerate(verdicts) if verdict != "cannot tell")
    assert ways / 2**trials <= 0.05  # exact: integers
    order = ["no", "cannot tell", "yes"]
    assert [order.index(verdict) for verdict in verdicts] == sorted(map(order.index, verdicts))


@pytest.mark.parametrize(("share", "right"), [(0.6, "yes"), (0.4, "no")])
def test_256_seeds_tell_sixty_of_100_from_half_in_most_cases(share: float, right: str) -> None:
    told = sum(probability(k, 256, share) for k in range(257) if counted(k, 256).verdict == right)
    assert told > 0.85


@given(st.lists(LOSSES, min_size=1, max_size=12), st.sampled_from(get_args(Quantifier)), st.floats(1e-6, 1e6))
def test_the_run_that_speaks_most_against_a_claim_is_the_first(
    losses: list[float], quantifier: Quantifier, limit: float
) -> None:
    result = of_losses(losses, Claim(5, quantifier, limit))
    worse = [math.inf if math.isnan(loss) else loss for loss in losses]
    extreme = min(worse) if quantifier == "never" else max(worse)
    assert worse[result.ranked[0].config.network.seed] == extreme
    assert sorted(run.config.network.seed for run in result.ranked) == list(range(len(losses)))
    against = [loss < limit for loss in worse] if quantifier == "never" else [not loss < limit for loss in worse]
    assert result.contradicts == tuple(against)
    first = result.ranked[0].config.network.seed
    assert result.counterexample == (result.ranked[0] if any(against) else None)
    assert against[first] or not any(against)
    if quantifier != "mostly":
        assert result.verdict == ("no" if any(against) else "yes")


def test_a_loss_of_just_the_limit_is_not_below_it() -> None:
    assert not Claim(5, "always", 0.5).is_reached_by(outcome(0.5))
    assert not Claim(5, "always", math.inf).is_reached_by(outcome(math.inf))
    assert not Claim(5, "always", 0.5).is_reached_by(outcome(math.nan))


def test_one_counterexample_is_enough_before_all_seeds_are_there() -> None:
    assert of_losses([0.1, 0.9], Claim(5, "always", 0.5), wanted=256).verdict == "no"
    assert of_losses([0.1, 0.2], Claim(5, "always", 0.5), wanted=256).verdict == "yes"


def test_a_claim_varies_the_seed_and_the_neurons_itself() -> None:
    result = counted(3, 5)
    same = result.config.with_changes({"network.seed": 9, "network.hidden": (7, 7)})
    assert changed_since(result, same) == ()
    assert changed_since(result, same.replace("data.noise", 0.5)) == ("data.noise",)
