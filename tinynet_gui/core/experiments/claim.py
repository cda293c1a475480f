"""Something is said of all seeds of a setting: many are trained, and it is counted for which it holds."""

from collections.abc import Callable

from tinynet_gui.core.config import Config
from tinynet_gui.core.experiments.claim_result import Claim, ClaimResult, SeedsThat
from tinynet_gui.core.experiments.results import TrainedRun
from tinynet_gui.core.experiments.trained_runs import Report, Stop, seeds_of, train_all


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
