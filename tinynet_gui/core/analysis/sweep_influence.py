"""Leave one out: which sample shapes the curve? It is trained without each of them in turn.

Exact, with no approximation: all trainings begin with the same weights and go to the stop step by the same engine.
They go many at a time, for all but the few with all samples have the same number of them.

What is no influence of a sample is measured as well: all samples are trained a few times in another order. With all
of them in each step that changes nothing but the rounding, which near the edge of stability may grow large. With
mini-batches it changes what is in each; and to leave a sample out changes that, too, for the order of an epoch is
drawn for a number of samples. So only what is several times as large counts.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tinynet_gui.core.analysis.summaries import where_dead
from tinynet_gui.core.analysis.sweep_results import InfluenceResult, SampleInfluence
from tinynet_gui.core.analysis.sweep_runs import Report, Stop, batch_size, stride_of
from tinynet_gui.core.arrays import Array, owned
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.dataset import GRID_POINTS, Dataset, make_dataset, plot_grid
from tinynet_gui.core.network.forward import Layer, active_counts, as_layers, output_curve
from tinynet_gui.core.network.initializations import generator_for
from tinynet_gui.core.right_of_way import give_way
from tinynet_gui.core.training.compiled import kernel
from tinynet_gui.core.training.engines import engine_of_experiments
from tinynet_gui.core.training.losses import mean_loss
from tinynet_gui.core.training.state import initial_state

ORDERS = 4  # in which all samples are trained, besides their own
CHANCE_FACTOR = 3.0  # what is no more than so many times what another order does may be chance
ROUNDING = 1e-6  # of the largest |y| of the curve: float32 has seven digits
KEPT_PARAMETERS = 1_000_000  # in all networks that are kept, to draw their curves beyond the plotted range
REPORT_S = 0.1  # between two reports

Places = npt.NDArray[np.int64]  # of samples among those of the training


@dataclass(frozen=True)
class _Ended:
    """What came of one training.

    Attributes
    ----------
    output, curve, at_samples
        What the network gives over the plotted range; from the leftmost sample to the rightmost; at all samples.
        NaN if it diverged.
    dead
        For each hidden layer, which of its neurons are active on none of the samples that it was trained on.
    """

    output: Array
    curve: Array
    at_samples: Array
    dead: tuple[npt.NDArray[np.bool_], ...]
    layers: tuple[Layer, ...]
    diverged_at: int | None


def leave_one_out(config: Config, _runs: int, stop: Stop, report: Report) -> InfluenceResult | None:
    """Train with all samples, and without each in turn; how many trainings that takes is not to be chosen."""
    dataset = make_dataset(config.data)
    count = len(dataset.x_train)
    everything = np.arange(count)
    trained_on = [everything, *(np.random.default_rng(seed).permutation(count) for seed in range(ORDERS))]
    if count > 1:
        trained_on += [np.delete(everything, place) for place in range(count)]
    done: list[_Ended] = []
    for batch in _train_all(config, dataset, trained_on, stop, lambda share: report(share, None)):
        done += batch
        if len(done) > ORDERS:
            report(len(done) / len(trained_on), _result(config, dataset, done))
    return _result(config, dataset, done) if len(done) > ORDERS else None


def distance(a: Array, b: Array) -> float:
    """Return the root mean square of the difference of two curves; infinite if float32 has no such numbers."""
    with np.errstate(over="ignore", invalid="ignore"):
        squares = np.square(a.astype(np.float64) - b)
    return float(np.sqrt(squares.mean())) if np.isfinite(squares).all() else np.inf


def _train_all(
    config: Config, dataset: Dataset, trained_on: Sequence[Places], stop: Stop, tell: Callable[[float], None]
) -> Iterator[list[_Ended]]:
    """Train from the same weights on some of the samples each; yield what came of it, some at a time."""
    count, steps = len(dataset.x_train), config.training.stop_step
    state, size = initial_state(config, generator_for(config.network)), batch_size([config])
    # Where an epoch without one sample is a single batch and one with it is not, their engines would not be the same.
    alike = engine_of_experiments(config, count) == engine_of_experiments(config, max(1, count - 1))
    for first in range(0, len(trained_on), size):
        chosen = trained_on[first : first + size]
        starts = [kernel.Start(config, _some_of(dataset, places), state) for places in chosen]
        progress = np.zeros(len(starts), dtype=np.int64)
        with ThreadPoolExecutor(1) as pool:
            trained = pool.submit(
                kernel.run_many, starts, steps, stride_of(config), stop=stop, progress=progress, side_by_side=alike
            )
            while wait([trained], REPORT_S).not_done:
                tell((first + float(progress.sum()) / steps) / len(trained_on))
        give_way()
        if stop[0]:
            return
        yield [_ended(config, dataset, places, run) for places, run in zip(chosen, trained.result(), strict=True)]


def _some_of(dataset: Dataset, places: Places) -> Dataset:
    return Dataset(dataset.x_train[places], dataset.y_train[places], dataset.x_held_out, dataset.y_held_out)


def _ended(config: Config, dataset: Dataset, places: Places, run: kernel.KernelRun) -> _Ended:
    give_way()
    activation, x = config.network.activation, dataset.x_train[:, 0]
    layers = as_layers(run.state.parameters)
    grids = plot_grid(config.data), np.linspace(x.min(), x.max(), GRID_POINTS, dtype=np.float32), x
    output, curve, at_samples = (owned(output_curve(layers, activation, grid)) for grid in grids)
    if run.diverged_at is not None:
        output, curve, at_samples = (owned(np.full_like(values, np.nan)) for values in (output, curve, at_samples))
    dead = where_dead(activation, active_counts(layers, activation, x[places]))
    is_kept = len(x) * config.network.parameter_count <= KEPT_PARAMETERS and run.diverged_at is None
    return _Ended(output, curve, at_samples, dead, layers if is_kept else (), run.diverged_at)


def _result(config: Config, dataset: Dataset, done: Sequence[_Ended]) -> InfluenceResult:
    whole, orders, without = done[0], done[1 : 1 + ORDERS], done[1 + ORDERS :]
    by_order = max(_moved(whole, one) for one in orders)
    largest = float(np.abs(whole.curve).max()) if whole.diverged_at is None else 0.0
    return InfluenceResult(
        config=config,
        sample_count=len(dataset.x_train),
        samples=tuple(_influence(config, dataset, place, whole, one) for place, one in enumerate(without)),
        output=whole.output,
        diverged_at=whole.diverged_at,
        by_order=by_order,
        chance=max(CHANCE_FACTOR * by_order, ROUNDING * largest),
        layers=whole.layers,
    )


def _influence(config: Config, dataset: Dataset, place: int, whole: _Ended, without: _Ended) -> SampleInfluence:
    y = dataset.y_train[:, 0]
    loss_with, loss_without = (
        _finite_or_infinite(mean_loss(config.training.loss, np.delete(one.at_samples - y, place)))
        for one in (whole, without)
    )
    return SampleInfluence(
        place=place,
        x=float(dataset.x_train[place, 0]),
        y=float(y[place]),
        influence=_moved(whole, without),
        loss_with=loss_with,
        loss_without=loss_without,
        died=_only_in(without, whole),
        lived=_only_in(whole, without),
        output=without.output,
        diverged_at=without.diverged_at,
        layers=without.layers,
    )


def _moved(a: _Ended, b: _Ended) -> float:
    """How far the curve moves from one to the other; by nothing that could be told if both diverged."""
    if a.diverged_at is not None and b.diverged_at is not None:
        return 0.0
    return distance(a.curve, b.curve)


def _only_in(a: _Ended, b: _Ended) -> tuple[tuple[int, int], ...]:
    """Which neurons, (layer, index), are dead in one and not in the other."""
    if a.diverged_at is not None or b.diverged_at is not None:
        return ()
    masks = enumerate(zip(a.dead, b.dead, strict=True))
    return tuple((layer, int(index)) for layer, (x, y) in masks for index in np.flatnonzero(x & ~y))


def _finite_or_infinite(loss: npt.NDArray[np.float32]) -> float:
    return float(loss) if np.isfinite(loss) else np.inf
