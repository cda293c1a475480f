"""Background functions whose modules are not needed for the first sight: each imports them in its own thread."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from tinynet_gui.core.config import Config
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.system.background import raise_if_stopped
from tinynet_gui.core.text.files import file_trouble
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.values import Array, frozen_dataclass
from tinynet_gui.engine.jobs.jobs import Job

if TYPE_CHECKING:
    from tinynet_gui.core.data.delimited import ReadAs
    from tinynet_gui.core.data.table import Columns, Table
    from tinynet_gui.core.experiments.luck import SeedBand
    from tinynet_gui.core.failures.diagnosis import Explanation
    from tinynet_gui.core.failures.symptoms import Deaths
    from tinynet_gui.core.loops.losses import LikelyLoops, PastedLosses
    from tinynet_gui.core.loops.retracing import RetracedTraining
    from tinynet_gui.core.network_files.opened import OpenedNetwork


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


@frozen_dataclass(eq=False)
class DataRead:
    """The parsed table, and the columns most likely meant."""

    table: "Table"
    columns: "Columns"


def _follower(job: Job) -> Callable[[float], None]:
    """Return a progress callback that reports the share, yields to the window, and raises once the job is cancelled."""
    done = 0.0

    def on_progress(share: float) -> None:
        nonlocal done
        done = max(done, share)
        job.report(done, None)
        raise_if_stopped(job.stop)

    return on_progress


def read_data(name: str, text: str | None, read_as: "ReadAs | None", job: Job) -> DataRead | str | None:
    """Read data from `text` or, if that is None, from the named file; `read_as` holds the user's choices.

    Returns the data; or an error message with the position of the problem; or None if it was stopped.
    """
    from tinynet_gui.core.data.data_file import read_file, read_table
    from tinynet_gui.core.data.delimited import DataFileError, ReadAs, SheetError
    from tinynet_gui.core.data.table import suggest_columns

    on_progress, how = _follower(job), read_as or ReadAs()
    try:
        table = read_file(name, on_progress, how) if text is None else read_table(text, on_progress, how)
        return DataRead(table, suggest_columns(table))
    except SheetError as error:
        return str(error) if how.sheet else error.in_full  # the dialog lists the sheets
    except (OSError, DataFileError) as error:
        return file_trouble(error)


def read_network(name: str, text: str | None, job: Job) -> "OpenedNetwork | str | None":
    """Read a network from `text` or, if that is None, from the named file; or return an error message."""
    from tinynet_gui.core.network_files import reading
    from tinynet_gui.core.network_files.opened import NetworkFileError

    on_progress = _follower(job)
    try:
        return reading.read_network(name, on_progress) if text is None else reading.read_network_text(text, on_progress)
    except (OSError, NetworkFileError) as error:
        return file_trouble(error)


def read_training(name: str, origin: str, has_pytorch: bool, job: Job) -> "RetracedTraining | str":
    """Read a recorded training, say which rule made its steps, and take them again; or return an error message."""
    from tinynet_gui.core.config import ConfigError
    from tinynet_gui.core.data.points import PointsError
    from tinynet_gui.core.loops.explanation import explain
    from tinynet_gui.core.loops.recording import TrainingFileError, open_training
    from tinynet_gui.core.loops.retracing import retraced

    on_progress = _follower(job)
    try:
        record = open_training(name)
        on_progress(0.1)
        explanation = explain(record, None, job.stop, lambda share: on_progress(0.1 + 0.5 * share))
        return retraced(
            record, explanation, origin, job.stop, lambda share: on_progress(0.6 + 0.4 * share), has_pytorch=has_pytorch
        )
    except (OSError, TrainingFileError, PointsError, ConfigError) as error:
        return file_trouble(error)


def compare_losses(text: str, config: Config, job: Job) -> "tuple[PastedLosses, LikelyLoops] | str":
    """Read losses, and find the loops that have them from a configuration's start; or return an error message."""
    from tinynet_gui.core.loops.losses import LossesError, likely_loops, read_losses

    try:
        return (pasted := read_losses(text)), likely_loops(pasted, config, _follower(job))
    except LossesError as error:
        return str(error)
