"""The record of an experiment, and training of many configurations with the compiled loop."""

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, ClassVar, Generic, Protocol, TypeVar

import numpy as np

from tinynet_gui.core.choices.activations import ActivationNames
from tinynet_gui.core.config import MAX_SEED, Config, ConfigError
from tinynet_gui.core.config.setting import whole_number
from tinynet_gui.core.network.forward import Layer, active_counts, as_layers, output_curve, where_dead
from tinynet_gui.core.run.session import FinishedExperiment, Numbers
from tinynet_gui.core.run.train import TrainingResult
from tinynet_gui.core.statistics import quantiles
from tinynet_gui.core.system.background import yield_to_window
from tinynet_gui.core.text.csv_text import Cell
from tinynet_gui.core.text.shortened import written
from tinynet_gui.core.training.snapshot import held_out_loss, training_loss
from tinynet_gui.core.training.start import TrainerState, goes_side_by_side, initial_state, make_dataset, plot_grid
from tinynet_gui.core.training.workers import ALL_CORES, Workers, cores_of, threaded_map
from tinynet_gui.core.values import Array, Ints, Stop, StructuredArray, as_table, frozen_dataclass, owned

if TYPE_CHECKING:
    from tinynet_gui.core.training.compiled.kernel import KernelRun, Start


GROUP = 32  # runs between two reports: two vectors of sixteen, one for each core
GROUP_PARAMETERS = 10_000_000  # in all runs of a group, which each keep at least three copies
ONE_CORES_GROUP, SLOW_GROUP = 16, 4  # runs that a worker process trains between results, side by side or not
CURVE_POINTS = 100


@frozen_dataclass
class TrainedRun:
    """The end of one training of an experiment.

    Attributes
    ----------
    final_loss, validation_loss
        Over all training and all held-out samples; infinite if the run diverged, None without held-out ones.
    losses
        The loss curve, thinned out, float32.
    output
        The trained network's output over `plot_grid`, float32 of shape (401,).
    neurons, dead_at_start
        The width of the first hidden layer, and how many of its neurons were dead at the start.
    worst_dead_share
        The largest share of dead neurons in a hidden layer at the end.
    diverged_at
        The step at which the loss was not finite, or None.
    layers
        In the units of the data; kept only for the runs of a swarm whose curves are drawn.
    """

    config: Config
    final_loss: float
    validation_loss: float | None
    losses: Array
    output: Array
    neurons: int
    dead_at_start: int
    worst_dead_share: float
    diverged_at: int | None
    layers: tuple[Layer, ...] = ()


@frozen_dataclass
class Spread:
    """The quartiles of a set of losses; infinite ones count as the largest."""

    low: float
    median: float
    high: float


def train_all(
    configs: Sequence[Config], stop: Stop, keep_every: int | None = None, workers: Workers = ALL_CORES
) -> Iterator[list[TrainedRun]]:
    """Train configurations of the same data to their stop step; yield the ends in order, in groups.

    `stop` is checked before each slow operation. Every `keep_every`-th run keeps its network, by default none.
    `workers` is as in `core.training.workers`.
    """
    tasks: list[tuple[Sequence[Config], Sequence[bool]]] = []
    keeps = [keep_every is not None and place % keep_every == 0 for place in range(len(configs))]
    end = 0
    for _, alike in groupby(configs, lambda config: config.network.hidden):
        first, end = end, end + len(list(alike))
        size = group_size(configs[first], workers)
        places = [slice(place, min(place + size, end)) for place in range(first, end, size)]
        tasks += [(configs[some], keeps[some]) for some in places]
    carry, cores = threaded_map(workers)
    for done in carry(partial(_train, cores, stop), tasks):
        if stop[0]:
            return
        yield done


def group_size(config: Config, workers: Workers = ALL_CORES) -> int:
    """Return how many runs to train together; fewer for large networks, to bound memory."""
    fit = GROUP_PARAMETERS // config.network.parameter_count
    if not callable(workers):
        return min(GROUP, max(cores_of(workers), fit))
    is_quick = goes_side_by_side(config, len(make_dataset(config.data).x_train))
    return max(1, min(ONE_CORES_GROUP if is_quick else SLOW_GROUP, fit))


def _train(cores: int, stop: Stop, task: tuple[Sequence[Config], Sequence[bool]]) -> list[TrainedRun]:
    """Train configurations of networks of one shape; meaningless if stopped."""
    from tinynet_gui.core.training.compiled import kernel

    configs, keeps = task
    dataset, starts = make_dataset(configs[0].data), list[kernel.Start]()
    for config in configs:
        yield_to_window()
        if stop[0]:
            return []
        starts.append(kernel.Start(config, dataset, initial_state(config)))
    total, stride = configs[0].training.stop_step, stride_of(configs[0])
    runs = kernel.run_many(starts, total, stride, threads=cores, stop=stop)
    yield_to_window()
    if stop[0]:
        return []
    together = evaluation_batches(configs[0], len(configs))
    return [done for some in together for done in _trained_runs(starts[some], runs[some], keeps[some])]


def evaluation_batches(config: Config, count: int) -> list[slice]:
    """Return which networks to evaluate at once so that results do not depend on the group, to the bit.

    One by one with two or more hidden layers: between them BLAS's order of summation depends on the count.
    """
    size = count if len(config.network.hidden) < 2 else 1
    return [slice(first, first + size) for first in range(0, count, size)]


def spread(losses: Sequence[float]) -> Spread:
    low, median, high = quantiles(losses, [0.25, 0.5, 0.75]).tolist()
    return Spread(low, median, high)


def seeds_of(config: Config, runs: int) -> list[Config]:
    """Return the configuration with `runs` consecutive network seeds, starting with its own."""
    seeds = [(config.network.seed + k) % (MAX_SEED + 1) for k in range(runs)]
    return [replace(config, network=replace(config.network, seed=seed, first_weights=None)) for seed in seeds]


def stride_of(config: Config) -> int:
    """Return the number of steps between points of a loss curve."""
    return max(1, config.training.stop_step // CURVE_POINTS)


def _trained_runs(starts: "Sequence[Start]", runs: "Sequence[KernelRun]", keeps: Sequence[bool]) -> list[TrainedRun]:
    """Return the end of each run, with its network if `keeps` says so."""
    config, dataset = starts[0].config, starts[0].dataset
    activation, widths = config.network.activation, config.network.hidden
    before, after = stacked_layers([start.state for start in starts]), stacked_layers([run.state for run in runs])
    losses, held_out = training_loss(config, dataset, after), held_out_loss(config, dataset, after)
    outputs = output_curve(dataset.scaling.in_units_of_data(after), activation, plot_grid(config.data))
    dead_before, dead_after = (_dead_counts(activation, layers, dataset.x_train[:, 0]) for layers in (before, after))
    diverged = [run.diverged_at is not None for run in runs]
    return [
        TrainedRun(
            config=start.config,
            final_loss=np.inf if diverged[k] else float(losses[k]),
            validation_loss=None if held_out is None else np.inf if diverged[k] else float(held_out[k]),
            losses=run.losses,
            output=owned(outputs[k]),
            neurons=widths[0] if widths else 0,
            dead_at_start=int(dead_before[0][k]) if widths else 0,
            worst_dead_share=max((float(dead[k]) / n for dead, n in zip(dead_after, widths, strict=True)), default=0),
            diverged_at=run.diverged_at,
            layers=dataset.scaling.in_units_of_data(as_layers(run.state.parameters)) if keeps[k] else (),
        )
        for k, (start, run) in enumerate(zip(starts, runs, strict=True))
    ]


def stacked_layers(states: Sequence[TrainerState]) -> tuple[Layer, ...]:
    """Stack the layers of networks of one shape along a new first axis."""
    return as_layers([np.stack(arrays) for arrays in zip(*(state.parameters for state in states), strict=True)])


def _dead_counts(activation: ActivationNames, layers: Sequence[Layer], x: Array) -> list[Ints]:
    masks = where_dead(activation, active_counts(layers, activation, x))
    return [np.count_nonzero(mask, axis=-1) for mask in masks]


MAX_SEEDS = 100_000  # allowed in scripts


class ExperimentResult(Protocol):
    """The result of the experiment named `experiment`: its settings, and all runs that can be opened."""

    experiment: ClassVar[str]

    @property
    def config(self) -> Config: ...
    @property
    def runs(self) -> tuple[TrainedRun, ...]: ...


R = TypeVar("R", bound=ExperimentResult)
Report = Callable[[float, ExperimentResult | None], None]


@frozen_dataclass
class Number(Generic[R]):
    """A number that lessons can read: `of` takes it from a result, as None if unknown, or by argument in a mapping."""

    about: str
    of: Callable[[R], float | Mapping[float, float] | None]
    parameters: tuple[str, ...] = ()


@frozen_dataclass
class StoredAs(Generic[R]):
    """How a session stores a result, as numbers.

    `result_of` restores it; it raises ValueError, TypeError or IndexError for numbers that no such experiment has.
    """

    numbers_of: Callable[[R], Numbers]
    result_of: Callable[[FinishedExperiment], R]


@frozen_dataclass
class Experiment(Generic[R]):
    """A question that a single training cannot answer.

    Attributes
    ----------
    run
        Called with the configuration, the number of runs, `Stop`, `Report` and the user's input, if it asks for any;
        those of this program take `workers` by name, as in `map_with`. Reports the share done and the result so far, or
        None if nothing is new. When stopped, returns the result so far, or None.
    fewest, most, usual
        Limits and default for the number of runs; the user cannot choose if `fewest` equals `most`.
    varied, also_varied
        The settings in which a configuration may differ from the result's because the experiment varies them; and
        further ones for a given result and configuration.
    columns, rows
        A result as a table with one row per training.
    numbers
        By name; lessons can only run experiments that have some.
    stored_as
        None if a session stores only the text of the result.
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
        """Train the runs for a script, without a way to stop; `ConfigError` if an argument is not allowed."""
        config = start.config if isinstance(start, TrainingResult) else start
        if not isinstance(config, Config):
            raise ConfigError("config", f"{written(config)} is neither a Config nor a result of train")
        seeds = whole_number("seeds", runs, 1, MAX_SEEDS)
        result = self.run(config, seeds, np.zeros(1, dtype=np.uint8), lambda *_: None, workers=workers)
        assert result is not None
        return result

    def table(self, result: R) -> StructuredArray:
        """Return a result as a structured array of shape (trainings,), with NaN for an empty cell."""
        rows = [[math.nan if cell is None else cell for cell in row] for row in self.rows(result)]
        return as_table(dict(zip(self.columns, zip(*rows, strict=True), strict=True)))


RUN_COLUMNS = ("network seed", "training loss", "held-out loss", "worst share of dead neurons", "diverged at step")


def run_cells(run: TrainedRun) -> tuple[Cell, ...]:
    return run.config.network.seed, run.final_loss, run.validation_loss, run.worst_dead_share, run.diverged_at


NONE = -1.0  # for a missing number: all others are at least 0


def number_or_none(value: float | None) -> float:
    return NONE if value is None else value


def run_columns(runs: Sequence[TrainedRun]) -> Numbers:
    return (
        tuple(run.final_loss for run in runs),
        tuple(number_or_none(run.validation_loss) for run in runs),
        tuple(run.worst_dead_share for run in runs),
        tuple(number_or_none(run.diverged_at) for run in runs),
        tuple(float(run.dead_at_start) for run in runs),
    )


def restored_runs(config: Config, columns: Numbers) -> tuple[TrainedRun, ...]:
    """Restore the runs of consecutive seeds; ValueError if no training of this setting can have ended so."""
    holds_out = len(make_dataset(config.data).x_held_out) > 0
    neurons = config.network.hidden[0] if config.network.hidden else 0
    runs, nothing = [], owned([])
    seeds = seeds_of(config, len(columns[0]))
    for seed, loss, held_out, share, at, dead in zip(seeds, *columns, strict=True):
        diverged_at = None if at == NONE else checked_whole(at, config.training.stop_step)
        check(loss >= 0 and (diverged_at is None or math.isinf(loss)) and 0 <= share <= 1)
        check(held_out >= 0 if holds_out else held_out == NONE)
        validation = held_out if holds_out else None
        dead_at_start = checked_whole(dead, neurons)
        runs.append(TrainedRun(seed, loss, validation, nothing, nothing, neurons, dead_at_start, share, diverged_at))
    check(bool(runs))
    return tuple(runs)


def checked_whole(value: float | str, most: int) -> int:
    check(not isinstance(value, str) and 0 <= value <= most and value == int(value))
    return int(value)


def check(holds: bool) -> None:
    if not holds:
        raise ValueError("no experiment ends with such numbers")
