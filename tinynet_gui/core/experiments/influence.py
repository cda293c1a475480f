"""Leave one out: which sample shapes the curve? The network is trained without each of them in turn.

This is exact, not an approximation: all trainings begin with the same weights and run to the stop step with the same
engine.

The effect of chance is measured by training all samples in 19 other orders. With full batches only the rounding
changes, which may matter near the edge of stability. With mini-batches each batch changes; so it does when a sample is
left out, as the order of an epoch is drawn for a given number of samples. A sample without influence has no more effect
than one more order, and each of twenty orders is equally likely to move the curve the most: so such a sample moves it
further than all 19 in at most 5 of 100 cases. Of many samples, one may well do so; therefore only three times as much
counts. As simulated in 16 settings with batches of one, that happens to a given sample in 1 of 1,000 cases, and to any
of 12 to 40 samples in 2 of 100 (17 in the worst setting). Standardised samples keep the full set's mean and deviation.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from tinynet_gui.core.choices.losses import LOSSES
from tinynet_gui.core.config import Config
from tinynet_gui.core.experiments import base
from tinynet_gui.core.network.forward import Layer, as_layers, forward, output_curve, where_dead
from tinynet_gui.core.system.background import yield_to_window
from tinynet_gui.core.training.engines import engine_of_experiments
from tinynet_gui.core.training.start import GRID_POINTS, Dataset, initial_state, make_dataset, plot_grid
from tinynet_gui.core.training.workers import ALL_CORES, Workers, cores_of, threaded_map
from tinynet_gui.core.values import Array, Flags, Floats, Ints, Stop, frozen_dataclass, owned

if TYPE_CHECKING:
    from tinynet_gui.core.training.compiled.kernel import KernelRun

ORDERS = 19  # of all samples, besides their own
CHANCE_FACTOR = 3.0  # an influence below this multiple of another order's effect may be chance
ROUNDING = 1e-6  # of the largest |y| of the curve: float32 has seven digits
KEPT_PARAMETERS = 1_000_000  # in all networks kept, to draw their curves beyond the plotted range
ROUNDS = 4  # of trainings on all cores, between two results
REPORT_S = 0.1  # between two reports


@frozen_dataclass
class SampleInfluence:
    """The effect of training without one sample.

    Attributes
    ----------
    place
        Index of the sample among the training samples.
    influence
        How far the final curve moves: the root mean square of the difference over evenly spaced x from the leftmost
        training sample to the rightmost, in units of y. Infinite if one of the two trainings diverged, 0 if both did.
    loss_with, loss_without
        The mean loss over all other samples, of the networks trained with this one and without it; infinite where the
        training diverged.
    died, lived
        Hidden neurons, (layer, index), that are dead at the end only without the sample, and only with it. Each network
        is judged by the samples it was trained on.
    output
        Of the network trained without it, over `plot_grid`, float32 of shape (401,); NaN if the training diverged.
    diverged_at
        The step at which the loss was not finite, or None.
    layers
        The network trained without it; large ones are not kept.
    """

    place: int
    x: float
    y: float
    influence: float
    loss_with: float
    loss_without: float
    died: tuple[tuple[int, int], ...]
    lived: tuple[tuple[int, int], ...]
    output: Array
    diverged_at: int | None
    layers: tuple[Layer, ...] = ()


@frozen_dataclass
class InfluenceResult:
    """One setting trained without each sample in turn.

    Attributes
    ----------
    samples
        Those left out so far, in order.
    output, diverged_at, layers
        Of the network trained with all samples, as in `SampleInfluence`.
    by_order
        The furthest that another order of all samples moves the curve.
    chance
        An influence up to this may be chance: a multiple of `by_order`, or rounding.
    """

    experiment: ClassVar = "influence"
    runs: ClassVar[tuple[base.TrainedRun, ...]] = ()  # none can be opened: no setting leaves a sample out
    config: Config
    sample_count: int
    samples: tuple[SampleInfluence, ...]
    output: Array
    diverged_at: int | None
    by_order: float
    chance: float
    layers: tuple[Layer, ...] = ()

    @property
    def ranked(self) -> tuple[SampleInfluence, ...]:
        """The samples, most influential first."""
        return tuple(sorted(self.samples, key=lambda one: -one.influence))

    @property
    def most(self) -> SampleInfluence | None:
        """The most influential one, unless that may be chance."""
        first = self.ranked[:1]
        return first[0] if first and first[0].influence > self.chance else None


@frozen_dataclass
class _End:
    """The end of one training.

    Attributes
    ----------
    output, curve
        The network's output over the plotted range, and from the leftmost sample to the rightmost; NaN if it diverged.
    losses
        Its loss at each of all samples, float64; infinite if it diverged.
    dead
        For each hidden layer, which neurons are active on none of the samples it was trained on.
    """

    output: Array
    curve: Array
    losses: Floats
    dead: tuple[Flags, ...]
    layers: tuple[Layer, ...]
    diverged_at: int | None


def leave_one_out(
    config: Config, _runs: int, stop: Stop, report: base.Report, *, workers: Workers = ALL_CORES
) -> InfluenceResult | None:
    """Train with all samples, and without each in turn, which determines the number of trainings."""
    dataset = make_dataset(config.data)
    count = len(dataset.x_train)
    everything = np.arange(count)
    trained_on = [everything, *(np.random.default_rng(seed).permutation(count) for seed in range(ORDERS))]
    with_all = len(trained_on)
    if count > 1:
        trained_on += [np.delete(everything, place) for place in range(count)]
    all_samples: list[_End] = []  # trained in their own order and in others
    found: list[SampleInfluence] = []
    for group in _train_all(config, dataset, trained_on, stop, lambda share: report(share, None), workers):
        missing = with_all - len(all_samples)
        all_samples += group[:missing]
        for place, one in enumerate(group[missing:], start=len(found)):
            yield_to_window()
            found.append(_influence(dataset, place, all_samples[0], one))
        if len(all_samples) == with_all:
            share = (with_all + len(found)) / len(trained_on)
            report(share, _result(config, dataset, all_samples, found))
    return _result(config, dataset, all_samples, found) if len(all_samples) == with_all else None


def rms_difference(a: Array, b: Array) -> float:
    """Return the root mean square difference of two curves; infinite if it overflows float32."""
    with np.errstate(over="ignore", invalid="ignore"):
        squares = np.square(a.astype(np.float64) - b)
    return float(np.sqrt(squares.mean())) if np.isfinite(squares).all() else np.inf


def _train_all(
    config: Config,
    dataset: Dataset,
    trained_on: Sequence[Ints],
    stop: Stop,
    tell: Callable[[float], None],
    workers: Workers,
) -> Iterator[list[_End]]:
    """Train from the same weights on several subsets of the samples; yield the ends, in groups."""
    count, steps, size = len(dataset.x_train), config.training.stop_step, base.group_size(config, workers)
    # An epoch may be a single batch only without the left-out sample; then the two trainings would use different
    # engines.
    engines = {engine_of_experiments(config, samples) for samples in (count, max(1, count - 1))}
    if engines != {"Compiled ×16"} and not callable(workers):  # each goes alone: a first result can be shown sooner
        size = min(size, ROUNDS * cores_of(workers))
    progress = np.zeros(len(trained_on), dtype=np.int64)
    tasks = [(first, trained_on[first : first + size]) for first in range(0, len(trained_on), size)]
    carry, cores = threaded_map(workers)
    results = iter(carry(partial(_train, config, dataset, len(engines) == 1, cores, stop, progress), tasks))
    with ThreadPoolExecutor(1) as pool:
        for first, chosen in tasks:
            coming = pool.submit(next, results)
            while wait([coming], REPORT_S).not_done:
                tell(float(progress.sum()) / (steps * len(trained_on)))
            ended = coming.result()
            if stop[0]:
                return
            progress[first : first + len(chosen)] = steps  # also those that diverged, or were trained elsewhere
            yield ended


def _train(
    config: Config,
    dataset: Dataset,
    side_by_side: bool,
    cores: int,
    stop: Stop,
    progress: Ints,
    task: tuple[int, Sequence[Ints]],
) -> list[_End]:
    """Train on some subsets of the samples; the result means nothing if it was stopped."""
    from tinynet_gui.core.training.compiled import kernel

    first, chosen = task
    state, total = initial_state(config), config.training.stop_step
    samples = (replace(dataset, x_train=dataset.x_train[some], y_train=dataset.y_train[some]) for some in chosen)
    starts = [kernel.Start(config, some, state) for some in samples]
    done, stride = progress[first : first + len(chosen)], base.stride_of(config)
    runs = kernel.run_many(starts, total, stride, threads=cores, stop=stop, progress=done, side_by_side=side_by_side)
    yield_to_window()
    if stop[0]:
        return []
    together = base.evaluation_batches(config, len(chosen))
    return [end for some in together for end in _ends_of(config, dataset, chosen[some], runs[some])]


def _ends_of(config: Config, dataset: Dataset, trained_on: Sequence[Ints], runs: "Sequence[KernelRun]") -> list[_End]:
    """Return the ends of some trainings; all networks are computed at once."""
    activation, x, y = config.network.activation, dataset.x_train[:, 0], dataset.y_train[:, 0]
    diverged = np.array([run.diverged_at is not None for run in runs])
    stacked = base.stacked_layers([run.state for run in runs])
    low, high = dataset.scaling.x_of([x.min(), x.max()]).tolist()
    grids = plot_grid(config.data), np.linspace(low, high, GRID_POINTS, dtype=np.float32)
    drawn = dataset.scaling.in_units_of_data(stacked)
    outputs, curves = (output_curve(drawn, activation, grid) for grid in grids)
    at_samples = forward(stacked, activation, x)
    with np.errstate(over="ignore", invalid="ignore"):
        losses = LOSSES[config.training.loss].function((at_samples.output - y).astype(np.float64))
    outputs[diverged], curves[diverged], losses[diverged] = np.nan, np.nan, np.inf
    takes_part = np.zeros((len(runs), 1, len(x)), dtype=bool)
    for row, places in zip(takes_part[:, 0], trained_on, strict=True):
        row[places] = True
    counts = [np.count_nonzero((u > 0) & takes_part, axis=-1) for u in at_samples.pre_activations]
    dead = where_dead(activation, counts)
    layers = [dataset.scaling.in_units_of_data(as_layers(run.state.parameters)) for run in runs]
    is_kept = len(x) * config.network.parameter_count <= KEPT_PARAMETERS
    return [
        _End(
            output=owned(outputs[k]),
            curve=owned(curves[k]),
            losses=losses[k].copy(),
            dead=tuple(mask[k] for mask in dead),
            layers=layers[k] if is_kept and not diverged[k] else (),
            diverged_at=run.diverged_at,
        )
        for k, run in enumerate(runs)
    ]


def _result(
    config: Config, dataset: Dataset, all_samples: Sequence[_End], found: Sequence[SampleInfluence]
) -> InfluenceResult:
    whole, *orders = all_samples
    by_order = max(_curve_distance(whole, one) for one in orders)
    largest = float(np.abs(whole.curve).max()) if whole.diverged_at is None else 0.0
    return InfluenceResult(
        config=config,
        sample_count=len(dataset.x_train),
        samples=tuple(found),
        output=whole.output,
        diverged_at=whole.diverged_at,
        by_order=by_order,
        chance=max(CHANCE_FACTOR * by_order, ROUNDING * largest),
        layers=whole.layers,
    )


def _influence(dataset: Dataset, place: int, whole: _End, without: _End) -> SampleInfluence:
    return SampleInfluence(
        place=place,
        x=float(dataset.scaling.x_of(dataset.x_train[place, 0])),
        y=float(dataset.scaling.y_of(dataset.y_train[place, 0])),
        influence=_curve_distance(whole, without),
        loss_with=_mean_of_others(whole, place),
        loss_without=_mean_of_others(without, place),
        died=_dead_only_in(without, whole),
        lived=_dead_only_in(whole, without),
        output=without.output,
        diverged_at=without.diverged_at,
        layers=without.layers,
    )


def _mean_of_others(one: _End, place: int) -> float:
    mean = float((one.losses[:place].sum() + one.losses[place + 1 :].sum()) / (len(one.losses) - 1))
    return mean if np.isfinite(mean) else np.inf


def _curve_distance(a: _End, b: _End) -> float:
    """Return the distance of two final curves; 0 if both diverged."""
    if a.diverged_at is not None and b.diverged_at is not None:
        return 0.0
    return rms_difference(a.curve, b.curve)


def _dead_only_in(a: _End, b: _End) -> tuple[tuple[int, int], ...]:
    """Return the neurons, (layer, index), that are dead in `a` only."""
    if a.diverged_at is not None or b.diverged_at is not None:
        return ()
    masks = enumerate(zip(a.dead, b.dead, strict=True))
    return tuple((layer, int(index)) for layer, (x, y) in masks for index in np.flatnonzero(x & ~y))


def _influence_of_end(which: int) -> Callable[[InfluenceResult], float]:
    """Return a function that reads the influence of the leftmost (0) or the rightmost (-1) sample."""
    return lambda result: sorted(result.samples, key=lambda one: one.x)[which].influence if result.samples else math.nan


def _of_most_influential_inner(tell: Callable[[SampleInfluence], float]) -> Callable[[InfluenceResult], float]:
    """Return a function that reads a number of the most influential sample but the leftmost and the rightmost."""

    def read(result: InfluenceResult) -> float:
        inner = sorted(result.samples, key=lambda one: one.x)[1:-1]
        return tell(max(inner, key=lambda one: one.influence)) if inner else math.nan

    return read


INFLUENCE = base.Experiment[InfluenceResult](
    leave_one_out,
    fewest=1,
    most=1,
    usual=1,
    varied=(),
    numbers={
        "samples": base.Number("How many samples were left out in turn.", lambda r: r.sample_count),
        "most": base.Number(
            "How far the curve moves without the most influential one, in units of y.",
            lambda r: r.ranked[0].influence if r.samples else None,
        ),
        "most_x": base.Number("The x of the most influential sample.", lambda r: r.ranked[0].x if r.samples else None),
        "left": base.Number("How far it moves without the leftmost sample.", _influence_of_end(0)),
        "right": base.Number("How far it moves without the rightmost sample.", _influence_of_end(-1)),
        "inner": base.Number(
            "How far it moves without the most influential sample between these two.",
            _of_most_influential_inner(lambda one: one.influence),
        ),
        "inner_x": base.Number("The x of that sample.", _of_most_influential_inner(lambda one: one.x)),
        "chance": base.Number("How far it moves by chance alone.", lambda r: r.chance),
    },
    columns=("sample", "x", "y", "influence", "loss of the others with it", "loss of the others without it"),
    rows=lambda r: [[one.place + 1, one.x, one.y, one.influence, one.loss_with, one.loss_without] for one in r.samples],
)
