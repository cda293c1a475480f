"""Shallow against deep: which learns faster with the same number of parameters?

Every shape is trained from the same seeds at every learning rate of one grid, and judged at its own best rate by a
paired permutation test (`statistics.p_value`). A shape is ahead only if it beats each of the others with p ≤ 0.025. If
the best two shapes are equally good, that happens in at most 2.5 % of comparisons, and for the two verdicts, by steps
and by time, in at most 5 %.

As simulated in the tests: with 20 seeds a factor e is detected in nearly all cases if the losses of one shape scatter
by a factor √e from seed to seed, and in 64 % if they scatter by e; with 8 seeds in 70 % and 14 %.
"""

from collections.abc import Sequence
from time import perf_counter
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from tinynet_gui.core.config import MAX_WIDTH, SETTINGS, Config
from tinynet_gui.core.experiments import base
from tinynet_gui.core.failures.plateau_explained import best_constant_loss
from tinynet_gui.core.statistics import advantage, best_rate, p_value, quantiles, scores
from tinynet_gui.core.training.start import initial_state, make_dataset
from tinynet_gui.core.training.workers import ALL_CORES, Workers
from tinynet_gui.core.values import Array, Floats, Stop, frozen_dataclass, owned

if TYPE_CHECKING:
    from tinynet_gui.core.training.compiled.kernel import Start

DEPTHS = (1, 2, 3)
MAX_PARAMETERS = 3 * MAX_WIDTH + 1  # of one hidden layer
RATE_FACTORS = (0.1, 0.1**0.5, 10**0.5, 10.0, 10 * 10**0.5, 100.0)
MAX_RATE = SETTINGS["training.learning_rate"].bounds[1]
MIN_SEEDS = 7  # for a verdict: with six, one shape wins on all of them by chance in 2 of 64 cases
MEASUREMENTS = 21  # of the time of a step
MEASURED_SECONDS = 0.02
SIGNIFICANCE = 0.025  # of each of the two verdicts


@frozen_dataclass
class ShapeResult:
    """One shape of network in the comparison of shallow and deep.

    Attributes
    ----------
    rates
        Those tried.
    rate
        The one with the smallest geometric mean of the losses after the last step.
    finals
        The loss after the last step, float64 of shape (rates, seeds); infinite for runs that diverged.
    losses
        The loss curves, float32 of shape (rates, seeds, points); infinite once a run has diverged.
    steps
        Of those points, float64.
    seconds_per_step
        Quartiles of several measurements of the compiled loop on a single run.
    runs, curves, final
        At `rate`: the runs, the quartiles of their curves, shape (3, points), and of their losses after the last step.
    """

    hidden: tuple[int, ...]
    parameters: int
    rates: tuple[float, ...]
    rate: float
    finals: Floats
    losses: Array
    steps: Floats
    seconds_per_step: base.Spread
    runs: tuple[base.TrainedRun, ...]
    curves: Floats
    final: base.Spread


@frozen_dataclass
class DepthVerdict:
    """The shape that is ahead, unless that may be chance.

    Attributes
    ----------
    best, second
        Indices of the two shapes with the smallest typical losses: geometric means over the seeds.
    typical
        For each shape at its best rate: the geometric mean of the loss over the seeds.
    p
        The largest p-value of the best shape against another.
    is_sure
        Whether the best is ahead, at the module's error rate.
    """

    best: int
    second: int
    typical: tuple[float, ...]
    p: float
    is_sure: bool


@frozen_dataclass
class DepthResult:
    """Shallow against deep at about equal parameter count, from the same seeds.

    Attributes
    ----------
    by_steps, by_time
        The verdicts after the last step, and after the time the fastest shape takes for it; None until all are trained.
    constant
        The loss of the best constant output.
    """

    experiment: ClassVar = "depth"
    config: Config
    shapes: tuple[ShapeResult, ...]
    constant: float
    by_steps: DepthVerdict | None
    by_time: DepthVerdict | None
    seconds: float

    @property
    def runs(self) -> tuple[base.TrainedRun, ...]:
        """The runs of each shape at its best learning rate."""
        return tuple(run for shape in self.shapes for run in shape.runs)


def shallow_against_deep(
    config: Config, runs: int, stop: Stop, report: base.Report, *, workers: Workers = ALL_CORES
) -> DepthResult | None:
    """Train one, two and three hidden layers with about as many parameters as the configured network."""
    parameters = min(config.network.parameter_count, MAX_PARAMETERS)
    configs = [config.replace("network.hidden", hidden_of_size(depth, parameters)) for depth in DEPTHS]
    seconds = _seconds_per_step(configs, stop)
    rates = learning_rates(config.training.learning_rate)
    shapes: list[ShapeResult] = []
    for place, one in enumerate(configs):
        tries = [c for rate in rates for c in base.seeds_of(one.replace("training.learning_rate", rate), runs)]
        done: list[base.TrainedRun] = []
        for group in base.train_all(tries, stop, workers=workers):
            done += group
            report((place + len(done) / len(tries)) / len(DEPTHS), None)
        if len(done) < len(tries):  # stopped: a part of the rates or seeds would be an unfair comparison
            break
        shapes.append(_shape(one, rates, done, seconds[place]))
        result = depth_result(config, shapes)
        report(len(shapes) / len(DEPTHS), result)
    return depth_result(config, shapes) if shapes else None


def learning_rates(middle: float) -> tuple[float, ...]:
    """Return a grid in half powers of ten: the configured rate, two below it and four above."""
    around = {min(MAX_RATE, float(f"{middle * factor:.2g}")) for factor in RATE_FACTORS}
    return tuple(sorted(around | {middle}))


def depth_result(config: Config, shapes: Sequence[ShapeResult]) -> DepthResult:
    constant = best_constant_loss(config.training, make_dataset(config.data).y_train)
    seconds = min(s.seconds_per_step.median for s in shapes) * config.training.stop_step
    by_steps = by_time = None
    if len(shapes) == len(DEPTHS):
        finals = [scores(s.finals, constant) for s in shapes]
        by_steps = verdict(finals, finals, finals)
        # The best must lead even at its slow quartile, with the others at their fast one.
        slow, middle, fast = (
            [scores(_at_time(s, seconds, getattr(s.seconds_per_step, name)), constant) for s in shapes]
            for name in ("high", "median", "low")
        )
        by_time = verdict(slow, middle, fast)
    return DepthResult(config, tuple(shapes), constant, by_steps, by_time, seconds)


def geometric_mean_loss(shape: ShapeResult, constant: float) -> float:
    """Return the geometric mean of a shape's losses at its best rate; diverged runs count as the best constant."""
    return float(np.exp(scores(shape.finals, constant).mean(axis=1).min()))


def verdict(slow: Sequence[Floats], middle: Sequence[Floats], fast: Sequence[Floats]) -> DepthVerdict:
    """Return the verdict, given each shape's log losses, (rates, seeds), at three speeds."""
    typical = [float(logs.mean(axis=1).min()) for logs in middle]
    best, second = (int(place) for place in np.argsort(typical, kind="stable")[:2])
    others = [k for k in range(len(middle)) if k != best]
    p = max(p_value(slow[best], fast[k]) for k in others)
    leads = middle[0].shape[1] >= MIN_SEEDS and all(advantage(slow[best], fast[k]) > 0 for k in others)
    return DepthVerdict(best, second, tuple(float(np.exp(t)) for t in typical), p, leads and p <= SIGNIFICANCE)


def hidden_of_size(depth: int, parameters: int) -> tuple[int, ...]:
    """Return equal hidden widths with about this many weights and biases in total."""

    def count(width: int) -> int:
        return 2 * width + (depth - 1) * (width * width + width) + width + 1

    width = min(range(1, MAX_WIDTH + 1), key=lambda w: abs(count(w) - parameters))
    return (width,) * depth


def _shape(config: Config, rates: tuple[float, ...], runs: list[base.TrainedRun], seconds: base.Spread) -> ShapeResult:
    points = -(-config.training.stop_step // base.stride_of(config))
    count = len(runs) // len(rates)
    ended = [np.pad(run.losses, (0, points - len(run.losses)), constant_values=np.inf) for run in runs]  # or diverged
    losses = np.stack(ended).reshape(len(rates), count, points)
    finals = np.array([run.final_loss for run in runs]).reshape(len(rates), count)
    constant = best_constant_loss(config.training, make_dataset(config.data).y_train)
    best = best_rate(scores(finals, constant))
    return ShapeResult(
        hidden=config.network.hidden,
        parameters=config.network.parameter_count,
        rates=rates,
        rate=rates[best],
        finals=finals,
        losses=owned(losses),
        steps=np.arange(points, dtype=np.float64) * base.stride_of(config),
        seconds_per_step=seconds,
        runs=tuple(runs[best * count : (best + 1) * count]),
        curves=quantiles(losses[best], [0.25, 0.5, 0.75]),
        final=base.spread(finals[best].tolist()),
    )


def _at_time(shape: ShapeResult, seconds: float, seconds_per_step: float) -> Floats:
    """Return the losses (rates, seeds) at the last point of the curves that is reached within `seconds`."""
    if seconds >= seconds_per_step * shape.runs[0].config.training.stop_step:
        return shape.finals
    index = int(np.sum(shape.steps * seconds_per_step <= seconds)) - 1
    return shape.losses[:, :, max(0, index)].astype(np.float64)


def _seconds_per_step(configs: Sequence[Config], stop: Stop) -> list[base.Spread]:
    """Time the compiled loop on one run of each shape, in turn, so that other load affects all alike.

    The learning rate is 0: a diverging run would leave too few steps to measure.
    """
    from tinynet_gui.core.training.compiled import kernel

    configs = [config.replace("training.learning_rate", 0.0) for config in configs]
    starts = [kernel.Start(config, make_dataset(config.data), initial_state(config)) for config in configs]
    seconds: list[list[float]] = [[] for _ in configs]
    for _ in range(MEASUREMENTS):
        for start, measured in zip(starts, seconds, strict=True):
            if stop[0]:
                return [base.Spread(0.0, 0.0, 0.0) for _ in configs]
            per_step = _seconds(start, 10, stop)
            steps = int(np.clip(MEASURED_SECONDS / max(per_step, 1e-9), 10, 2_000))
            measured.append(_seconds(start, min(steps, start.config.training.stop_step), stop))
    return [base.spread(m) for m in seconds]


def _seconds(start: "Start", steps: int, stop: Stop) -> float:
    from tinynet_gui.core.training.compiled import kernel

    started = perf_counter()
    done = kernel.run(start.config, start.dataset, start.state, steps, steps, stop=stop)
    return (perf_counter() - started) / max(1, done.state.step - start.state.step)


def _also_varied(result: DepthResult, config: Config) -> tuple[str, ...]:
    """Return the paths of shape and learning rate if the comparison has tried the configured ones together."""
    tried = {(shape.hidden, rate) for shape in result.shapes for rate in shape.rates}
    tried.add((result.config.network.hidden, result.config.training.learning_rate))
    is_tried = (config.network.hidden, config.training.learning_rate) in tried
    return ("network.hidden", "training.learning_rate") if is_tried else ()


def _typical(result: DepthResult) -> dict[float, float]:
    typical = () if result.by_steps is None else result.by_steps.typical
    return {len(shape.hidden): loss for shape, loss in zip(result.shapes, typical, strict=False)}


DEPTH = base.Experiment[DepthResult](
    shallow_against_deep,
    fewest=MIN_SEEDS,
    most=100,
    usual=20,
    also_varied=_also_varied,
    numbers={
        "seeds": base.Number("How many seeds were trained of each shape.", lambda r: len(r.shapes[0].runs)),
        "sure": base.Number(
            "1 if the best shape is better than chance would explain, else 0.",
            lambda r: None if r.by_steps is None else r.by_steps.is_sure,
        ),
        "best_layers": base.Number(
            "The number of hidden layers of the best shape.",
            lambda r: None if r.by_steps is None else len(r.shapes[r.by_steps.best].hidden),
        ),
        "best_loss": base.Number(
            "The geometric mean of the losses of the best shape.",
            lambda r: None if r.by_steps is None else r.by_steps.typical[r.by_steps.best],
        ),
        "parameters": base.Number("About how many parameters each shape has.", lambda r: r.shapes[0].parameters),
        "typical": base.Number("The geometric mean of the losses of the shape with k hidden layers.", _typical, ("k",)),
        "median": base.Number(
            "The median of its losses at the end.",
            lambda r: {len(shape.hidden): shape.final.median for shape in r.shapes},
            ("k",),
        ),
        "chance": base.Number(
            "How often chance alone gives such a lead over some other shape, from 0 to 1.",
            lambda r: None if r.by_steps is None else r.by_steps.p,
        ),
    },
    columns=("hidden", "parameters", "lr", "network seed", "training loss"),
    rows=lambda r: [
        [",".join(map(str, shape.hidden)), shape.parameters, rate, run.config.network.seed, final]
        for shape in r.shapes
        for rate, finals in zip(shape.rates, shape.finals, strict=True)
        for run, final in zip(shape.runs, finals, strict=True)
    ],
)
