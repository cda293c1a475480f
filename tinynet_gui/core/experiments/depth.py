"""Shallow against deep: which learns faster with as many parameters?

Every shape is trained from the same seeds at every learning rate of one grid, and judged at its own best rate by a
paired permutation test (`paired_test`). A shape is called ahead only if it is ahead of each of the others with
p ≤ 0.025. Were the best two shapes alike, then at least one of them would have to beat the other by chance: that
happens in at most 2.5 % of comparisons, and with two verdicts, by steps and by time, in at most 5 %.

As simulated in the tests: with 20 seeds a factor e is seen in nearly all cases where the losses of one shape scatter by
a factor √e from seed to seed, and in 64 % where they scatter by e; with 8 seeds in 70 % and 14 %.
"""

from collections.abc import Sequence
from time import perf_counter

import numpy as np

from tinynet_gui.core.arrays import Array, owned
from tinynet_gui.core.config import MAX_WIDTH, SETTINGS, Config
from tinynet_gui.core.data.dataset import make_dataset
from tinynet_gui.core.experiments.results import (
    FEWEST_SEEDS,
    MEASUREMENTS,
    DepthResult,
    ShapeResult,
    Spread,
    TrainedRun,
    Verdict,
)
from tinynet_gui.core.experiments.trained_runs import Report, Stop, seeds_of, spread, stride_of, train_all
from tinynet_gui.core.failures.plateau import best_constant_loss
from tinynet_gui.core.statistics.paired_test import Floats, advantage, best_rate, p_value, scores
from tinynet_gui.core.statistics.quantiles import quantiles
from tinynet_gui.core.training.compiled import kernel
from tinynet_gui.core.training.state import initial_state

DEPTHS = (1, 2, 3)
MOST_PARAMETERS = 3 * MAX_WIDTH + 1  # of one hidden layer
RATE_FACTORS = (0.1, 0.1**0.5, 10**0.5, 10.0, 10 * 10**0.5, 100.0)
MAX_RATE = float(SETTINGS["training.learning_rate"].maximum or 1.0)
MEASURED_SECONDS = 0.02
SIGNIFICANCE = 0.025  # of each of the two verdicts


def shallow_against_deep(config: Config, runs: int, stop: Stop, report: Report) -> DepthResult | None:
    """Train one, two and three hidden layers of about as many parameters as the configuration's network."""
    parameters = min(config.network.parameter_count, MOST_PARAMETERS)
    configs = [config.replace("network.hidden", hidden_of_size(depth, parameters)) for depth in DEPTHS]
    seconds = _seconds_per_step(configs, stop)
    rates = learning_rates(config.training.learning_rate)
    shapes: list[ShapeResult] = []
    for place, one in enumerate(configs):
        tries = [c for rate in rates for c in seeds_of(one.replace("training.learning_rate", rate), runs)]
        done: list[TrainedRun] = []
        for batch in train_all(tries, stop):
            done += batch
            report((place + len(done) / len(tries)) / len(DEPTHS), None)
        if len(done) < len(tries):  # stopped: a part of the rates or seeds would not be a fair comparison
            break
        shapes.append(_shape(one, rates, done, seconds[place]))
        result = result_of(config, shapes)
        report(len(shapes) / len(DEPTHS), result)
    return result_of(config, shapes) if shapes else None


def learning_rates(middle: float) -> tuple[float, ...]:
    """Return the grid, in half powers of ten: the configuration's rate, two below it and four above."""
    around = {min(MAX_RATE, float(f"{middle * factor:.2g}")) for factor in RATE_FACTORS}
    return tuple(sorted(around | {middle}))


def result_of(config: Config, shapes: Sequence[ShapeResult]) -> DepthResult:
    """Compare the shapes, once they are all there."""
    constant = best_constant_loss(config.training.loss, make_dataset(config.data).y_train)
    seconds = min(s.seconds_per_step.median for s in shapes) * config.training.stop_step
    by_steps = by_time = None
    if len(shapes) == len(DEPTHS):
        finals = [scores(s.finals, constant) for s in shapes]
        by_steps = verdict(finals, finals, finals)
        # To be ahead in the same time it must be so even at its slow quartile, and the others at their fast one.
        slow, middle, fast = (
            [scores(_at_time(s, seconds, getattr(s.seconds_per_step, name)), constant) for s in shapes]
            for name in ("high", "median", "low")
        )
        by_time = verdict(slow, middle, fast)
    return DepthResult(config, tuple(shapes), constant, by_steps, by_time, seconds)


def verdict(slow: Sequence[Floats], middle: Sequence[Floats], fast: Sequence[Floats]) -> Verdict:
    """Say which shape is ahead: given the logarithms of its losses, (rates, seeds), at three speeds."""
    typical = [float(logs.mean(axis=1).min()) for logs in middle]
    best, second = (int(place) for place in np.argsort(typical, kind="stable")[:2])
    others = [k for k in range(len(middle)) if k != best]
    p = max(p_value(slow[best], fast[k]) for k in others)
    leads = all(advantage(slow[best], fast[k]) > 0 for k in others)
    enough = middle[0].shape[1] >= FEWEST_SEEDS
    return Verdict(best, second, tuple(float(np.exp(t)) for t in typical), p, leads and enough and p <= SIGNIFICANCE)


def hidden_of_size(depth: int, parameters: int) -> tuple[int, ...]:
    """Return equal hidden widths with about so many weights and biases in all."""

    def count(width: int) -> int:
        return 2 * width + (depth - 1) * (width * width + width) + width + 1

    width = min(range(1, MAX_WIDTH + 1), key=lambda w: abs(count(w) - parameters))
    return (width,) * depth


def _shape(config: Config, rates: tuple[float, ...], runs: list[TrainedRun], seconds: Spread) -> ShapeResult:
    points = -(-config.training.stop_step // stride_of(config))
    count = len(runs) // len(rates)
    losses = np.stack([_with_divergence(run.losses, points) for run in runs]).reshape(len(rates), count, points)
    finals = np.array([run.final_loss for run in runs]).reshape(len(rates), count)
    constant = best_constant_loss(config.training.loss, make_dataset(config.data).y_train)
    best = best_rate(scores(finals, constant))
    return ShapeResult(
        hidden=config.network.hidden,
        parameters=config.network.parameter_count,
        rates=rates,
        rate=rates[best],
        finals=finals,
        losses=owned(losses),
        steps=np.arange(points, dtype=np.float64) * stride_of(config),
        seconds_per_step=seconds,
        runs=tuple(runs[best * count : (best + 1) * count]),
        curves=quantiles(losses[best], [0.25, 0.5, 0.75]),
        final=spread(finals[best].tolist()),
    )


def _at_time(shape: ShapeResult, seconds: float, seconds_per_step: float) -> Floats:
    """Return the losses (rates, seeds) at the last point of the curves that is reached in so many seconds."""
    if seconds >= seconds_per_step * shape.runs[0].config.training.stop_step:
        return shape.finals
    index = int(np.sum(shape.steps * seconds_per_step <= seconds)) - 1
    return shape.losses[:, :, max(0, index)].astype(np.float64)


def _with_divergence(losses: Array, points: int) -> Array:
    """A loss curve up to the common end: infinite from where the run diverged."""
    return np.append(losses, np.full(points - len(losses), np.inf, dtype=np.float32)).astype(np.float32)


def _seconds_per_step(configs: Sequence[Config], stop: Stop) -> list[Spread]:
    """Measure the compiled loop on one run of each, in turn, so that what else the machine does falls on all.

    With a learning rate of 0: a run that diverges has few steps to measure.
    """
    configs = [config.replace("training.learning_rate", 0.0) for config in configs]
    starts = [kernel.Start(config, make_dataset(config.data), initial_state(config)) for config in configs]
    seconds: list[list[float]] = [[] for _ in configs]
    for _ in range(MEASUREMENTS):
        for start, measured in zip(starts, seconds, strict=True):
            if stop[0]:
                return [Spread(0.0, 0.0, 0.0) for _ in configs]
            per_step = _seconds(start, 10, stop)
            steps = int(np.clip(MEASURED_SECONDS / max(per_step, 1e-9), 10, 2_000))
            measured.append(_seconds(start, min(steps, start.config.training.stop_step), stop))
    return [spread(m) for m in seconds]


def _seconds(start: kernel.Start, steps: int, stop: Stop) -> float:
    started = perf_counter()
    done = kernel.run(start.config, start.dataset, start.state, steps, steps, stop=stop)
    return (perf_counter() - started) / max(1, done.state.step - start.state.step)
