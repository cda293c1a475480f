"""All experiments, by name. To add one, add its line here and in `ui.views.experiments.table`."""

from typing import Any

from tinynet_gui.core.config import Config, changed_paths
from tinynet_gui.core.experiments.claim import CLAIM
from tinynet_gui.core.experiments.depth import DEPTH
from tinynet_gui.core.experiments.experiment import Experiment, ExperimentResult
from tinynet_gui.core.experiments.influence import INFLUENCE
from tinynet_gui.core.experiments.ladder import LADDER
from tinynet_gui.core.experiments.swarm import SWARM

EXPERIMENTS: dict[str, Experiment[Any]] = {
    "swarm": SWARM,
    "ladder": LADDER,
    "depth": DEPTH,
    "influence": INFLUENCE,
    "claim": CLAIM,
}


def measured_experiments() -> dict[str, Experiment[Any]]:
    """Return those of which a lesson can speak in numbers."""
    return {name: experiment for name, experiment in EXPERIMENTS.items() if experiment.numbers}


def changed_since(result: ExperimentResult, config: Config) -> tuple[str, ...]:
    """Return the paths of the settings in which `config` is not one that the experiment was about."""
    varied = EXPERIMENTS[result.experiment].varies(result, config)
    return tuple(path for path in changed_paths(result.config, config) if path not in varied)
