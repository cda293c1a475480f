"""Something is said of all seeds of a setting: many are trained, and it is counted for which it holds."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal

from tinynet_gui.core.config import Config
from tinynet_gui.core.experiments.experiment import RUN_COLUMNS, Experiment, Report, run_cells
from tinynet_gui.core.experiments.trained_runs import Stop, TrainedRun, seeds_of, train_all
from tinynet_gui.core.statistics.paired_share import clopper_pearson

Quantifier = Literal["always", "mostly", "never"]
Answer = Literal["yes", "no", "cannot tell"]


@dataclass(frozen=True)
class SeedsThat:
    """For which seeds of one setting something holds.

    `low` and `high` are the ends of the 95 % interval of Clopper and Pearson of the share of all seeds. They are what
    they say if how many seeds there are was decided before.
    """

    config: Config
    runs: tuple[TrainedRun, ...]
    holds: tuple[bool, ...]

    @property
    def reached(self) -> int:
        """For how many it holds."""
        return sum(self.holds)

    @property
    def share(self) -> float:
        """For which share of those that were trained it holds."""
        return self.reached / len(self.runs)

    @property
    def low(self) -> float:
        """No smaller is the share of all seeds."""
        return self._interval[0]

    @property
    def high(self) -> float:
        """No larger is the share of all seeds."""
        return self._interval[1]

    @cached_property
    def _interval(self) -> tuple[float, float]:
        return clopper_pearson(self.reached, len(self.runs))


@dataclass(frozen=True)
class Claim:
    """So many neurons in one hidden layer always, mostly or never end with a training loss below a limit.

    "mostly" is: from more than half of all seeds.
    """

    neurons: int
    quantifier: Quantifier
    limit: float

    def is_reached_by(self, run: TrainedRun) -> bool:
        """Whether a run ends below the limit; one that diverged does not."""
        return run.diverged_at is None and run.final_loss < self.limit


@dataclass(frozen=True)
class ClaimResult:
    """A claim, and for which seeds its network ends below the limit; `wanted` seeds were to be trained."""

    experiment: ClassVar = "claim"
    claim: Claim
    seeds: SeedsThat
    wanted: int

    @property
    def config(self) -> Config:
        """The setting, with the claim's network."""
        return self.seeds.config

    @property
    def runs(self) -> tuple[TrainedRun, ...]:
        """Of each seed."""
        return self.seeds.runs

    @property
    def is_complete(self) -> bool:
        """Whether all seeds have been trained."""
        return len(self.seeds.runs) >= self.wanted

    @property
    def speaks_against(self) -> tuple[bool, ...]:
        """For each run whether it is one that the claim says there is none of, or with "mostly" that there are few."""
        return tuple(holds == (self.claim.quantifier == "never") for holds in self.seeds.holds)

    @property
    def ranked(self) -> tuple[TrainedRun, ...]:
        """The runs, that first which speaks most against the claim, or least for it."""
        sign = 1 if self.claim.quantifier == "never" else -1
        return tuple(sorted(self.seeds.runs, key=lambda run: sign * _comparable(run)))

    @property
    def counterexample(self) -> TrainedRun | None:
        """The run that speaks most against the claim, or None if none does."""
        return self.ranked[0] if any(self.speaks_against) else None

    @property
    def verdict(self) -> Answer:
        """Whether the claim holds.

        "always" and "never" are refuted by a single run, and without one hold as far as the interval says. "mostly" is
        told by the interval: if the true share is one half, it says yes or no in at most 5 of 100 cases; and nothing
        before all seeds are there, or whoever stops at the right moment would be told what they like.
        """
        if self.claim.quantifier != "mostly":
            return "no" if any(self.speaks_against) else "yes"
        if not self.is_complete or self.seeds.low <= 0.5 <= self.seeds.high:
            return "cannot tell"
        return "yes" if self.seeds.low > 0.5 else "no"


def _comparable(run: TrainedRun) -> float:
    """The final loss; infinite if the run diverged or its loss is no number."""
    return math.inf if run.diverged_at is not None or math.isnan(run.final_loss) else run.final_loss


def seeds_that(
    config: Config,
    seeds: int,
    holds: Callable[[TrainedRun], bool],
    stop: Stop,
    report: Callable[[float, SeedsThat], object],
) -> SeedsThat | None:
    """Train so many seeds of a setting, from its own on, and ask of each whether something holds.

    It reports the share that is done and what there is so far, and once stopped returns that, or None.
    """
    found: SeedsThat | None = None
    for batch in train_all(seeds_of(config, seeds), stop):
        runs = (*(found.runs if found else ()), *batch)
        found = SeedsThat(config, runs, tuple(map(holds, runs)))
        report(len(runs) / seeds, found)
    return found


def check_claim(config: Config, runs: int, stop: Stop, report: Report, claim: Claim) -> ClaimResult | None:
    """Test a claim about a setting, whose hidden layers give way to the claim's one, on so many seeds."""

    def result_of(seeds: SeedsThat) -> ClaimResult:
        return ClaimResult(claim, seeds, runs)

    meant = config.replace("network.hidden", (claim.neurons,))
    found = seeds_that(meant, runs, claim.is_reached_by, stop, lambda share, seeds: report(share, result_of(seeds)))
    return None if found is None else result_of(found)


CLAIM = Experiment[ClaimResult](
    check_claim,
    fewest=50,
    most=1_000,
    usual=256,
    varies=lambda _, __: ("network.seed", "network.hidden"),
    columns=(*RUN_COLUMNS, "limit", "below the limit"),
    rows=lambda r: [
        [*run_cells(run), r.claim.limit, int(below)] for run, below in zip(r.runs, r.seeds.holds, strict=True)
    ],
)
