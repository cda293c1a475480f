"""Train many configurations with the compiled loop, some at a time, and summarise the end of each."""

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from tinynet_gui.core.choices.activations import ActivationNames
from tinynet_gui.core.config import MAX_SEED, Config
from tinynet_gui.core.network.forward import Layer, active_counts, as_layers, output_curve, where_dead
from tinynet_gui.core.numerics.arrays import Array, Ints, Stop, owned
from tinynet_gui.core.numerics.quantiles import quantiles
from tinynet_gui.core.system.ui_priority import give_way
from tinynet_gui.core.training.dataset import make_dataset, plot_grid
from tinynet_gui.core.training.initial_parameters import generator_for
from tinynet_gui.core.training.passes import held_out_loss, training_loss
from tinynet_gui.core.training.side_by_side import goes_side_by_side
from tinynet_gui.core.training.state import TrainerState, initial_state
from tinynet_gui.core.training.workers import ALL_CORES, Workers, carrier_of, cores_of
from tinynet_gui.core.values import dataclass

if TYPE_CHECKING:
    from tinynet_gui.core.training.compiled.kernel import KernelRun, Start


GROUP = 32  # runs between two reports: two vectors of sixteen, one for each core
GROUP_PARAMETERS = 10_000_000  # in all runs of a group; each run keeps at least three copies
ONE_CORES_GROUP, SLOW_GROUP = 16, 4  # runs that another process trains between two results, side by side or not
CURVE_POINTS = 100


@dataclass(frozen=True)
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
        How many neurons the first hidden layer has, and how many of them were active on no training sample at the
        start.
    worst_dead_share
        The share of dead neurons at the end, in the hidden layer where it is largest.
    diverged_at
        The step at which the loss was no longer finite, or None.
    layers
        The trained network in the units of the data; kept only for the runs of a swarm whose curves are drawn.
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


@dataclass(frozen=True)
class Spread:
    """The quartiles of a set of losses; infinite ones count as the largest."""

    low: float
    median: float
    high: float


def train_all(
    configs: Sequence[Config], stop: Stop, keep_every: int | None = None, workers: Workers = ALL_CORES
) -> Iterator[list[TrainedRun]]:
    """Train configurations of the same data to their stop step; yield the ends in order, some at a time.

    `stop` is checked before each slow operation. The first of every `keep_every` runs keeps its network; by default
    none does. `workers` is as in `core.training.workers`.
    """
    tasks: list[tuple[Sequence[Config], Sequence[bool]]] = []
    keeps = [keep_every is not None and place % keep_every == 0 for place in range(len(configs))]
    end = 0
    for _, alike in groupby(configs, lambda config: config.network.hidden):
        first, end = end, end + len(list(alike))
        size = group_size(configs[first], workers)
        places = [slice(place, min(place + size, end)) for place in range(first, end, size)]
        tasks += [(configs[some], keeps[some]) for some in places]
    carry, cores = carrier_of(workers)
    for done in carry(partial(_train, cores, stop), tasks):
        if stop[0]:
            return
        yield done


def group_size(config: Config, workers: Workers = ALL_CORES) -> int:
    """Return how many runs go together: fewer for large networks, so that they fit into memory."""
    fit = GROUP_PARAMETERS // config.network.parameter_count
    if not callable(workers):
        return min(GROUP, max(cores_of(workers), fit))
    is_quick = goes_side_by_side(config, len(make_dataset(config.data).x_train))
    return max(1, min(ONE_CORES_GROUP if is_quick else SLOW_GROUP, fit))


def _train(cores: int, stop: Stop, task: tuple[Sequence[Config], Sequence[bool]]) -> list[TrainedRun]:
    """Train configurations of networks of one shape; the result means nothing if it was stopped."""
    from tinynet_gui.core.training.compiled import kernel

    configs, keeps = task
    dataset, draws, starts = make_dataset(configs[0].data), generator_for(configs[0].network), list[kernel.Start]()
    for config in configs:
        give_way()
        if stop[0]:
            return []
        starts.append(kernel.Start(config, dataset, initial_state(config, draws)))
    total, stride = configs[0].training.stop_step, stride_of(configs[0])
    runs = kernel.run_many(starts, total, stride, threads=cores, stop=stop)
    give_way()
    if stop[0]:
        return []
    together = computed_together(configs[0], len(configs))
    return [done for some in together for done in _trained_runs(starts[some], runs[some], keeps[some])]


def computed_together(config: Config, count: int) -> list[slice]:
    """Return which networks are computed at once, so that no bit depends on how many were trained together.

    Between two hidden layers BLAS sums in an order that depends on it: then each is computed alone.
    """
    size = count if len(config.network.hidden) < 2 else 1
    return [slice(first, first + size) for first in range(0, count, size)]


def spread(losses: Sequence[float]) -> Spread:
    """Return the quartiles."""
    low, median, high = quantiles(losses, [0.25, 0.5, 0.75]).tolist()
    return Spread(low, median, high)


def seeds_of(config: Config, runs: int) -> list[Config]:
    """Return the configuration with `runs` consecutive network seeds, starting with its own."""
    return [config.replace("network.seed", (config.network.seed + k) % (MAX_SEED + 1)) for k in range(runs)]


def stride_of(config: Config) -> int:
    """Return the number of steps between two points of a loss curve."""
    return max(1, config.training.stop_step // CURVE_POINTS)


def _trained_runs(starts: "Sequence[Start]", runs: "Sequence[KernelRun]", keeps: Sequence[bool]) -> list[TrainedRun]:
    """Return the end of each run, with its network where `keeps` says so; all networks are computed at once."""
    config, dataset = starts[0].config, starts[0].dataset
    activation, widths = config.network.activation, config.network.hidden
    before, after = stacked_layers([start.state for start in starts]), stacked_layers([run.state for run in runs])
    losses, held_out = training_loss(config, dataset, after), held_out_loss(config, dataset, after)
    outputs = output_curve(dataset.scaling.in_units_of_data(after), activation, plot_grid(config.data))
    dead_before, dead_after = (_dead_counts(activation, layers, dataset.x_train[:, 0]) for layers in (before, after))
    done: list[TrainedRun] = []
    for k, (start, run) in enumerate(zip(starts, runs, strict=True)):
        diverged = run.diverged_at is not None
        done.append(
            TrainedRun(
                config=start.config,
                final_loss=np.inf if diverged else float(losses[k]),
                validation_loss=None if held_out is None else np.inf if diverged else float(held_out[k]),
                losses=run.losses,
                output=owned(outputs[k]),
                neurons=widths[0] if widths else 0,
                dead_at_start=int(dead_before[0][k]) if widths else 0,
                worst_dead_share=max(
                    (float(dead[k]) / n for dead, n in zip(dead_after, widths, strict=True)), default=0
                ),
                diverged_at=run.diverged_at,
                layers=dataset.scaling.in_units_of_data(as_layers(run.state.parameters)) if keeps[k] else (),
            )
        )
    return done


def stacked_layers(states: Sequence[TrainerState]) -> tuple[Layer, ...]:
    """Stack the layers of many networks of one shape along a new first axis."""
    return as_layers([np.stack(arrays) for arrays in zip(*(state.parameters for state in states), strict=True)])


def _dead_counts(activation: ActivationNames, layers: Sequence[Layer], x: Array) -> list[Ints]:
    """Return for each hidden layer how many neurons of each network are dead."""
    masks = where_dead(activation, active_counts(layers, activation, x))
    return [np.count_nonzero(mask, axis=-1) for mask in masks]
