"""What all that knows an experiment asks of it: one record. How it is shown is said by another, of the same name.

Nothing here and in the experiments imports torch or numba before one is run: the window lists them first.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Generic, Protocol, TypeVar

from tinynet_gui.core.config import Config
from tinynet_gui.core.experiments.trained_runs import TrainedRun
from tinynet_gui.core.text.csv_text import Cell


class ExperimentResult(Protocol):
    """What has come of an experiment.

    Attributes
    ----------
    experiment
        The name of the experiment.
    config, runs
        The settings that it is about, and all runs of it that can be opened.
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
    """A number by which a lesson can speak of a result.

    Attributes
    ----------
    about
        What it is, in a line.
    of
        The number, NaN where it is not known; with parameters, numbers by their argument.
    """

    about: str
    of: Callable[[R], float | Mapping[float, float]]
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True)
class Experiment(Generic[R]):
    """A question that one training cannot answer.

    Attributes
    ----------
    run
        Makes the runs of a configuration: of it, how many, `Stop` and `Report`, and what the user has said besides,
        where it asks for that. It reports the share that is done and the result so far, or None if there is nothing
        new, and ends early when `stop` becomes nonzero: with what there is, or None.
    fewest, most, usual
        How many runs there may be; if `fewest` is `most`, that is not to be chosen.
    varies
        The settings in which a configuration may differ from the one that a result is about, which it varies itself.
    columns, rows
        A result as a table: a line for each training.
    numbers
        By name; without any, no lesson can run it.
    """

    run: Callable[..., R | None]
    fewest: int
    most: int
    usual: int
    varies: Callable[[R, Config], Collection[str]]
    columns: Sequence[str]
    rows: Callable[[R], Iterable[Sequence[Cell]]]
    numbers: Mapping[str, Number[R]] = field(default_factory=dict)


RUN_COLUMNS = ("network seed", "training loss", "held-out loss", "worst share of dead neurons", "diverged at step")


def run_cells(run: TrainedRun) -> tuple[Cell, ...]:
    """Return a run's cells in `RUN_COLUMNS`."""
    return run.config.network.seed, run.final_loss, run.validation_loss, run.worst_dead_share, run.diverged_at
