"""What all results of experiments share: the runs in them, and of which settings they are."""

from tinynet_gui.core.config import Config, changed_paths
from tinynet_gui.core.experiments.claim_result import ClaimResult
from tinynet_gui.core.experiments.results import DepthResult, InfluenceResult, SwarmResult, TrainedRun, WidthsResult

ExperimentResult = SwarmResult | WidthsResult | DepthResult | InfluenceResult | ClaimResult

_VARIED = {
    SwarmResult: {"network.seed"},
    WidthsResult: {"network.seed", "network.hidden"},
    DepthResult: {"network.seed", "network.hidden", "training.learning_rate"},
    InfluenceResult: set[str](),
    ClaimResult: {"network.seed", "network.hidden"},
}


def runs_of(result: ExperimentResult) -> tuple[TrainedRun, ...]:
    """Return all runs of a result that can be opened."""
    if isinstance(result, SwarmResult):
        return result.runs
    if isinstance(result, ClaimResult):
        return result.seeds.runs
    if isinstance(result, InfluenceResult):  # no setting says which sample to leave out
        return ()
    parts = result.widths if isinstance(result, WidthsResult) else result.shapes
    return tuple(run for part in parts for run in part.runs)


def changed_since(result: ExperimentResult, config: Config) -> tuple[str, ...]:
    """Return the paths of the settings in which `config` is not one that the experiment was about.

    What the experiment varies itself is not among them, except that shallow against deep is about a number of
    parameters and a learning rate: there the settings are its own, or those of one of its runs.
    """
    changed = set(changed_paths(result.config, config))
    varied = _VARIED[type(result)]
    if isinstance(result, DepthResult):
        own = {(s.hidden, rate) for s in result.shapes for rate in s.rates}
        if changed & {"network.hidden", "training.learning_rate"} and (
            (config.network.hidden, config.training.learning_rate) not in own
        ):
            varied = {"network.seed"}
    return tuple(path for path in changed_paths(result.config, config) if path in changed - varied)
