"""Test a claim about all seeds of a setting: train many seeds and count those for which it holds."""

import math
from collections.abc import Callable
from functools import cached_property
from typing import ClassVar, Literal, cast, get_args

from tinynet_gui.core.config import MAX_WIDTH, Config
from tinynet_gui.core.experiments import base
from tinynet_gui.core.run.session import FinishedExperiment
from tinynet_gui.core.statistics import clopper_pearson
from tinynet_gui.core.training.workers import ALL_CORES, Workers
from tinynet_gui.core.values import Stop, frozen_dataclass

Quantifier = Literal["always", "mostly", "never"]
ClaimAnswer = Literal["yes", "no", "cannot tell"]


@frozen_dataclass
class SeedsThat:
    """The seeds of one setting for which something holds."""

    config: Config
    runs: tuple[base.TrainedRun, ...]
    holds: tuple[bool, ...]

    @property
    def reached(self) -> int:
        """The number of seeds for which it holds."""
        return sum(self.holds)

    @property
    def share(self) -> float:
        """The share of the trained seeds for which it holds."""
        return self.reached / len(self.runs)

    @cached_property
    def interval(self) -> tuple[float, float]:
        """The 95 % Clopper-Pearson interval for the share among all seeds, if their number was fixed in advance."""
        return clopper_pearson(self.reached, len(self.runs))


@frozen_dataclass
class Claim:
    """One hidden layer of a given width always, mostly or never ends with a training loss below a limit.

    "mostly" means for more than half of all seeds.
    """

    neurons: int
    quantifier: Quantifier
    limit: float

    def is_reached_by(self, run: base.TrainedRun) -> bool:
        return run.final_loss < self.limit  # never so if it diverged: infinite, or NaN


@frozen_dataclass
class ClaimResult:
    """A claim, and the seeds for which it holds; `wanted` is the number of seeds to train."""

    experiment: ClassVar = "claim"
    claim: Claim
    seeds: SeedsThat
    wanted: int

    @property
    def config(self) -> Config:
        """The setting with the claim's network."""
        return self.seeds.config

    @property
    def runs(self) -> tuple[base.TrainedRun, ...]:
        return self.seeds.runs

    @property
    def is_complete(self) -> bool:
        return len(self.seeds.runs) >= self.wanted

    @property
    def contradicts(self) -> tuple[bool, ...]:
        """For each run, whether it counts against the claim; "mostly" allows a minority of such."""
        return tuple(holds == (self.claim.quantifier == "never") for holds in self.seeds.holds)

    @property
    def ranked(self) -> tuple[base.TrainedRun, ...]:
        """The runs, strongest evidence against the claim first."""
        sign = 1 if self.claim.quantifier == "never" else -1
        return tuple(sorted(self.seeds.runs, key=lambda run: sign * min(math.inf, run.final_loss)))  # NaN is infinite

    @property
    def counterexample(self) -> base.TrainedRun | None:
        """The strongest run against the claim, or None."""
        return self.ranked[0] if any(self.contradicts) else None

    @property
    def verdict(self) -> ClaimAnswer:
        """Whether the claim holds.

        A single run refutes "always" or "never"; otherwise the interval bounds the share. "mostly" is decided by the
        interval: if the true share is one half, it says yes or no in at most 5 of 100 cases. There is no verdict before
        all seeds are trained, so that one cannot stop once the answer is the desired one.
        """
        if self.claim.quantifier != "mostly":
            return "no" if any(self.contradicts) else "yes"
        low, high = self.seeds.interval
        if not self.is_complete or low <= 0.5 <= high:
            return "cannot tell"
        return "yes" if low > 0.5 else "no"


def seeds_that(
    config: Config,
    seeds: int,
    holds: Callable[[base.TrainedRun], bool],
    stop: Stop,
    report: Callable[[float, SeedsThat], object],
    workers: Workers = ALL_CORES,
) -> SeedsThat | None:
    """Train a number of seeds of a setting, starting with its own, and apply `holds` to each run.

    Reports the share done and the result so far; returns that when stopped, or None if there is none.
    """
    found: SeedsThat | None = None
    for group in base.train_all(base.seeds_of(config, seeds), stop, workers=workers):
        runs = (*(found.runs if found else ()), *group)
        found = SeedsThat(config, runs, tuple(map(holds, runs)))
        report(len(runs) / seeds, found)
    return found


def check_claim(
    config: Config, runs: int, stop: Stop, report: base.Report, claim: Claim, *, workers: Workers = ALL_CORES
) -> ClaimResult | None:
    """Test a claim on several seeds of a setting, with its hidden layers replaced by the claim's."""

    def result_of(seeds: SeedsThat) -> ClaimResult:
        return ClaimResult(claim, seeds, runs)

    meant = config.replace("network.hidden", (claim.neurons,))
    found = seeds_that(
        meant, runs, claim.is_reached_by, stop, lambda share, seeds: report(share, result_of(seeds)), workers
    )
    return None if found is None else result_of(found)


def _trained_again(asked: FinishedExperiment) -> ClaimResult:
    neurons, quantifier, limit = asked.about
    base.check(quantifier in get_args(Quantifier) and not isinstance(limit, str) and 0 < limit < math.inf)
    claim = Claim(base.checked_whole(neurons, MAX_WIDTH), cast(Quantifier, quantifier), float(limit))
    meant = asked.config.replace("network.hidden", (claim.neurons,))
    runs = base.restored_runs(meant, asked.numbers)
    base.check(len(runs) <= asked.runs)
    return ClaimResult(claim, SeedsThat(meant, runs, tuple(map(claim.is_reached_by, runs))), asked.runs)


CLAIM = base.Experiment[ClaimResult](
    check_claim,
    fewest=50,
    most=1_000,
    usual=256,
    varied=("network.seed", "network.hidden"),
    columns=(*base.RUN_COLUMNS, "limit", "below the limit"),
    rows=lambda r: [
        [*base.run_cells(run), r.claim.limit, int(below)] for run, below in zip(r.runs, r.seeds.holds, strict=True)
    ],
    stored_as=base.StoredAs(lambda result: base.run_columns(result.runs), _trained_again),
)
