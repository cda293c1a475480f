"""The record of an experiment. A record of the same name in ui says how it is shown.

Importing the experiments must not import torch or numba, only running one may: the window lists them first.
"""

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import field
from typing import ClassVar, Generic, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from tinynet_gui.core.config import Config, ConfigError
from tinynet_gui.core.config.setting import whole_number
from tinynet_gui.core.experiments.trained_runs import TrainedRun
from tinynet_gui.core.run.finished_experiment import FinishedExperiment, Numbers
from tinynet_gui.core.run.train import TrainingResult
from tinynet_gui.core.text.csv_text import Cell
from tinynet_gui.core.text.shortened import written
from tinynet_gui.core.training.workers import Workers
from tinynet_gui.core.values import dataclass

MOST_SEEDS = 100_000  # that a script can ask for


class ExperimentResult(Protocol):
    """The result of an experiment.

    Attributes
    ----------
    experiment
        The name of the experiment.
    config, runs
        The settings it is about, and all of its runs that can be opened.
    """

    experiment: ClassVar[str]

    @property
    def config(self) -> Config: ...
    @property
    def runs(self) -> tuple[TrainedRun, ...]: ...


R = TypeVar("R", bound=ExperimentResult)
Report = Callable[[float, ExperimentResult | None], None]


@dataclass(frozen=True)
class Number(Generic[R]):
    """A number that lessons can read from a result.

    Attributes
    ----------
    about
        What it means, in a line.
    of
        Returns the number, NaN if unknown; with parameters, numbers by their argument.
    """

    about: str
    of: Callable[[R], float | Mapping[float, float]]
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True)
class StoredAs(Generic[R]):
    """How a session keeps a result.

    Attributes
    ----------
    numbers_of
        Returns the numbers that `result_of` needs.
    result_of
        Makes the result again; raises ValueError, TypeError or IndexError if no such experiment has these numbers.
    """

    numbers_of: Callable[[R], Numbers]
    result_of: Callable[[FinishedExperiment], R]


@dataclass(frozen=True)
class Experiment(Generic[R]):
    """A question that a single training cannot answer.

    Attributes
    ----------
    run
        Trains the runs. Called with the configuration, the number of runs, `Stop`, `Report` and, if the experiment asks
        the user for something, the user's input; those of this program take `workers` by name, as in `map_with`.
        Reports the share done and the result so far, or None if nothing is new. Ends early when `stop` becomes nonzero
        and returns what there is, or None.
    fewest, most, usual
        Limits and default for the number of runs; the user cannot choose if `fewest` equals `most`.
    varied, also_varied
        The settings that the experiment varies itself: a configuration may differ in these from the result's; more of
        them for a certain result and configuration.
    columns, rows
        A result as a table with one row per training.
    numbers
        By name; lessons can only run an experiment that has some.
    stored_as
        None if a session keeps only what the experiment said.
    """

    run: Callable[..., R | None]
    fewest: int
    most: int
    usual: int
    columns: Sequence[str]
    rows: Callable[[R], Iterable[Sequence[Cell]]]
    varied: Collection[str] = ("network.seed",)
    also_varied: Callable[[R, Config], Collection[str]] = lambda _result, _config: ()
    numbers: Mapping[str, Number[R]] = field(default_factory=dict)
    stored_as: StoredAs[R] | None = None

    def result(self, start: Config | TrainingResult, runs: int, workers: Workers) -> R:
        """Train the runs for a script, in which nothing stops them; `ConfigError` if an argument is not allowed."""
        config = start.config if isinstance(start, TrainingResult) else start
        if not isinstance(config, Config):
            raise ConfigError("config", f"{written(config)} is neither a Config nor a result of train")
        seeds = whole_number("seeds", runs, 1, MOST_SEEDS)
        result = self.run(config, seeds, np.zeros(1, dtype=np.uint8), lambda *_: None, workers=workers)
        assert result is not None
        return result

    def table(self, result: R) -> npt.NDArray[np.void]:
        """Return a result as a structured array of shape (trainings,), with NaN for an empty cell."""
        rows = [tuple(math.nan if cell is None else cell for cell in row) for row in self.rows(result)]
        kinds = (np.array(column).dtype for column in zip(*rows, strict=True))
        return np.array(rows, dtype=[*zip(self.columns, kinds, strict=True)])


RUN_COLUMNS = ("network seed", "training loss", "held-out loss", "worst share of dead neurons", "diverged at step")


def run_cells(run: TrainedRun) -> tuple[Cell, ...]:
    """Return a run's cells in `RUN_COLUMNS`."""
    return run.config.network.seed, run.final_loss, run.validation_loss, run.worst_dead_share, run.diverged_at
