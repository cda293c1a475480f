"""Background functions whose modules are not needed for the first sight: each imports them in its own thread."""

from typing import TYPE_CHECKING

from tinynet_gui.core.arrays import Array
from tinynet_gui.core.config import Config
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.values import frozen_dataclass
from tinynet_gui.engine.jobs.jobs import Job

if TYPE_CHECKING:
    from tinynet_gui.core.experiments.luck import SeedBand
    from tinynet_gui.core.failures.diagnosis import Explanation
    from tinynet_gui.core.failures.symptoms import Deaths


def explain(run: Run, snapshot: Snapshot, neuron: tuple[int, int] | None, job: Job) -> "Explanation | None":
    """Answer "why?" for a dead neuron or the run as a whole; None if there is nothing to explain."""
    from tinynet_gui.core.failures.answers import explanation_of

    return explanation_of(run, snapshot, neuron, job.stop)


def warn_of_scale(snapshot: Snapshot, job: Job) -> "Explanation | None":
    """Explain that the samples make the learning rate too large, or need a larger one, or should be standardised."""
    from tinynet_gui.core.failures.answers import warning_of_scale

    return warning_of_scale(snapshot, job.stop)


@frozen_dataclass(eq=False)
class RunDeaths:
    """The death of each dead neuron, (layer, index); None for one that was dead at initialisation."""

    run_id: int
    by_neuron: "Deaths"


def search_for_deaths(run: Run, snapshot: Snapshot, job: Job) -> RunDeaths:
    from tinynet_gui.core.failures.answers import find_deaths

    return RunDeaths(run.id, find_deaths(run, snapshot, job.stop))


def band(config: Config, seeds: int, x: Array, job: Job) -> "SeedBand | None":
    """Compute the band of the final curves of many seeds at x, shape (points,); None if it was stopped."""
    from tinynet_gui.core.experiments.luck import seed_band

    return seed_band(config, seeds, x, job.stop)
