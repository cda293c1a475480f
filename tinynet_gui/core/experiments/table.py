"""Questions that one training cannot answer: many runs of the compiled loop, and what they say.

Each experiment is a function of a configuration. It calls `report` with the share that is done and the result so far,
or None if there is nothing new, and ends early when `stop` becomes nonzero: with what there is, or None. That of a
claim is also given the claim.
"""

from collections.abc import Callable

from tinynet_gui.core.experiments.claim import check_claim
from tinynet_gui.core.experiments.depth import shallow_against_deep
from tinynet_gui.core.experiments.experiment_result import ExperimentResult
from tinynet_gui.core.experiments.influence import leave_one_out
from tinynet_gui.core.experiments.ladder import ladder_of_widths
from tinynet_gui.core.experiments.swarm import swarm

EXPERIMENTS: dict[str, Callable[..., ExperimentResult | None]] = {
    "swarm": swarm,
    "ladder": ladder_of_widths,
    "depth": shallow_against_deep,
    "influence": leave_one_out,
    "claim": check_claim,
}
