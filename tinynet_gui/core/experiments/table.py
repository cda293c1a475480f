"""All experiments, by name. To add one, add its line here and in `ui.views.experiments.table`."""

from collections.abc import Collection
from typing import Any

from tinynet_gui.core.config import Config, changed_paths
from tinynet_gui.core.experiments import claim, depth, influence, ladder, swarm
from tinynet_gui.core.experiments.base import Experiment, ExperimentResult, Report
from tinynet_gui.core.run.session import FinishedExperiment, Numbers
from tinynet_gui.core.values import Stop, frozen_dataclass

EXPERIMENTS: dict[str, Experiment[Any]] = {
    "swarm": swarm.SWARM,
    "ladder": ladder.LADDER,
    "depth": depth.DEPTH,
    "influence": influence.INFLUENCE,
    "claim": claim.CLAIM,
}


@frozen_dataclass
class ExperimentRequest:
    """An experiment's name, the settings, and the number of runs, if the user may choose it.

    `about` is the user's input, if the experiment asks for any: for example, a claim.
    """

    kind: str
    config: Config
    runs: int
    about: object = None


def run_experiment(wanted: ExperimentRequest, stop: Stop, report: Report) -> ExperimentResult | None:
    """Train an experiment's runs; when stopped, return the result so far, or None."""
    about = () if wanted.about is None else (wanted.about,)
    result: ExperimentResult | None = EXPERIMENTS[wanted.kind].run(wanted.config, wanted.runs, stop, report, *about)
    return result


def measured_experiments() -> dict[str, Experiment[Any]]:
    """Return the experiments that have numbers for lessons."""
    return {name: experiment for name, experiment in EXPERIMENTS.items() if experiment.numbers}


def changed_since(result: ExperimentResult | FinishedExperiment, config: Config) -> tuple[str, ...]:
    """Return the paths of settings in which `config` differs from the result's, other than those it varies."""
    if isinstance(result, FinishedExperiment):
        return changed_besides(EXPERIMENTS[result.kind].varied, result.config, config)
    experiment = EXPERIMENTS[result.experiment]
    return changed_besides({*experiment.varied, *experiment.also_varied(result, config)}, result.config, config)


def changed_besides(varied: Collection[str], before: Config, after: Config) -> tuple[str, ...]:
    """Return the paths in which two settings differ, other than those varied; the first weights vary with the seed."""
    free = {*varied, "network.first_weights"} if "network.seed" in varied else varied
    if "network.hidden" in free:  # and so may the activation of each layer
        before = before.replace("network.hidden", after.network.hidden)
    return tuple(path for path in changed_paths(before, after) if path not in free)


def numbers_of(result: ExperimentResult) -> Numbers:
    """Return the numbers that `stored_result` needs; none for experiments about whole curves."""
    stored = EXPERIMENTS[result.experiment].stored_as
    return () if stored is None else stored.numbers_of(result)


def stored_result(asked: FinishedExperiment) -> ExperimentResult | None:
    """Return the result that an experiment's numbers describe; None if there are none, or they are invalid.

    They may come from a file: everything derived from them is recomputed.
    """
    stored = EXPERIMENTS[asked.kind].stored_as if asked.kind in EXPERIMENTS else None
    try:
        return stored.result_of(asked) if stored is not None and asked.numbers else None
    except (ValueError, TypeError, IndexError):
        return None
