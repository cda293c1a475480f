"""Questions that one training cannot answer: many runs of the compiled loop, and what they say.

Each experiment is a function of a configuration. It calls `report` with the share that is done and the result
so far, and ends early when `stop` becomes nonzero: with what there is, or None.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from time import perf_counter

import numpy as np
import numpy.typing as npt

from tinynet_gui.core.analysis.best_piecewise_linear import best_losses
from tinynet_gui.core.analysis.plateau import PLATEAU_LENGTH, best_constant_loss
from tinynet_gui.core.analysis.summaries import where_dead
from tinynet_gui.core.analysis.sweep_results import (
    Cause,
    Contestant,
    DepthResult,
    ExperimentResult,
    LadderResult,
    Rung,
    RunOutcome,
    Spread,
    SwarmResult,
)
from tinynet_gui.core.arrays import Array, owned
from tinynet_gui.core.config import MAX_SEED, Config
from tinynet_gui.core.data.dataset import make_dataset, plot_grid
from tinynet_gui.core.network.activations import ACTIVATIONS
from tinynet_gui.core.network.forward import active_counts, output_curve
from tinynet_gui.core.network.initializations import INITIALIZATIONS
from tinynet_gui.core.run.snapshot import as_layers
from tinynet_gui.core.training.compiled import kernel
from tinynet_gui.core.training.losses import LOSSES
from tinynet_gui.core.training.trainer import Trainer

Stop = npt.NDArray[np.uint8]
Report = Callable[[float, ExperimentResult], None]

BATCH = 32  # runs between two reports: two vectors of sixteen, one for each core
BATCH_PARAMETERS = 10_000_000  # in all runs of a batch, each of which is there three times or more
CURVE_POINTS = 100
LADDER_WIDTHS = (1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 377, 610, 1_000)
MOST_KINKS = 34  # beyond it no best fit is searched: it takes long and is next to nothing
DEPTHS = (1, 2, 3)
FAILED_FACTOR = 3.0  # a run fails with this many times the median loss
FAILED_SHARE = 0.5  # or with this share of the loss of the best constant
DEAD_SHARE = 0.5
PLATEAU_GAIN = 0.01  # improvement over the last tenth of the training


def swarm(config: Config, runs: int, stop: Stop, report: Report) -> SwarmResult | None:
    """Train many seeds of one setting and say how many fail, and why."""
    seeds = [(config.network.seed + k) % (MAX_SEED + 1) for k in range(runs)]
    outcomes: list[RunOutcome] = []
    for batch in train_all([config.replace("network.seed", seed) for seed in seeds], stop):
        outcomes += batch
        report(len(outcomes) / runs, _swarm_result(config, outcomes))
    return _swarm_result(config, outcomes) if outcomes else None


def ladder(config: Config, runs: int, stop: Stop, report: Report) -> LadderResult | None:
    """Train networks of one hidden layer from 1 to 1,000 neurons, several seeds of each."""
    x, y = _samples(config)
    has_kinks = LOSSES[config.training.loss].is_square and ACTIVATIONS[config.network.activation].is_relu
    best = best_losses(x, y, MOST_KINKS, stop) if has_kinks else np.empty(0)
    rungs: list[Rung] = []
    for width in LADDER_WIDTHS:
        one = config.replace("network.hidden", (width,))
        outcomes = [o for batch in train_all(_seeds_of(one, runs), stop) for o in batch]
        if not outcomes:
            break
        validation = [o.validation_loss for o in outcomes if o.validation_loss is not None]
        rungs.append(
            Rung(
                width=width,
                outcomes=tuple(outcomes),
                training=spread([o.final_loss for o in outcomes]),
                validation=spread(validation) if validation else None,
                best_fit=float(best[width]) if width < len(best) else None,
                within_reach=float(best[width - 1]) if width < len(best) else None,
            )
        )
        report(len(rungs) / len(LADDER_WIDTHS), LadderResult(tuple(rungs)))
    return LadderResult(tuple(rungs)) if rungs else None


def shallow_against_deep(config: Config, runs: int, stop: Stop, report: Report) -> DepthResult | None:
    """Train one, two and three hidden layers of about as many parameters as the configuration's network."""
    contestants: list[Contestant] = []
    for depth in DEPTHS:
        one = config.replace("network.hidden", hidden_of_size(depth, config.network.parameter_count))
        seconds = _seconds_per_step(one, stop)
        outcomes = [o for batch in train_all(_seeds_of(one, runs), stop) for o in batch]
        if not outcomes:
            break
        points = -(-config.training.stop_step // _stride(config))
        curves = np.stack([_with_divergence(o.losses, points) for o in outcomes])
        contestants.append(
            Contestant(
                hidden=one.network.hidden,
                parameters=one.network.parameter_count,
                outcomes=tuple(outcomes),
                steps=np.arange(points, dtype=np.float64) * _stride(config),
                curves=owned(np.quantile(curves, [0.25, 0.5, 0.75], axis=0, method="nearest")),
                seconds_per_step=seconds,
                final=spread([o.final_loss for o in outcomes]),
            )
        )
        report(len(contestants) / len(DEPTHS), DepthResult(tuple(contestants)))
    return DepthResult(tuple(contestants)) if contestants else None


EXPERIMENTS: dict[str, Callable[[Config, int, Stop, Report], ExperimentResult | None]] = {
    "swarm": swarm,
    "ladder": ladder,
    "depth": shallow_against_deep,
}


def train_all(configs: Sequence[Config], stop: Stop) -> Iterator[list[RunOutcome]]:
    """Train configurations of one network to their stop step, and yield what came of it, some at a time.

    It looks at `stop` before each thing that takes long: to make one large network takes a second.
    """
    size = batch_size(configs)
    for first in range(0, len(configs), size):
        trainers: list[Trainer] = []
        for config in configs[first : first + size]:
            if stop[0]:
                return
            trainers.append(Trainer(config))
        starts = [kernel.Start(t.config, t.dataset, t.state()) for t in trainers]
        total, stride = trainers[0].config.training.stop_step, _stride(trainers[0].config)
        runs = kernel.run_many(starts, total, stride, stop=stop)
        outcomes: list[RunOutcome] = []
        for trainer, run in zip(trainers, runs, strict=True):
            if stop[0]:
                return
            outcomes.append(_outcome(trainer, run))
        yield outcomes


def batch_size(configs: Sequence[Config]) -> int:
    """Return how many runs go together: fewer large networks, so that they fit into the memory."""
    largest = max((config.network.parameter_count for config in configs), default=1)
    return min(BATCH, max(os.cpu_count() or 1, BATCH_PARAMETERS // largest))


def spread(losses: Sequence[float]) -> Spread:
    """Return the quartiles, each of them one of the losses."""
    low, median, high = np.quantile(np.asarray(losses), [0.25, 0.5, 0.75], method="nearest")
    return Spread(float(low), float(median), float(high))


def causes_of_failure(outcomes: Sequence[RunOutcome]) -> tuple[Cause, ...]:
    """Say for each run of one setting why it failed, or "" if it did not.

    A run has failed if it diverged, if its loss is more than three times the median, or if it is not even
    twice as good as the best constant.
    """
    if not outcomes:
        return ()
    finite = [o.final_loss for o in outcomes if o.diverged_at is None]
    median = float(np.median(finite)) if finite else np.inf
    config = outcomes[0].config
    constant = best_constant_loss(config.training.loss, make_dataset(config.data).y_train)
    limit = min(FAILED_FACTOR * median, FAILED_SHARE * constant)
    return tuple(_cause(outcome, limit) for outcome in outcomes)


def _cause(outcome: RunOutcome, limit: float) -> Cause:
    if outcome.diverged_at is not None:
        return "diverged"
    if outcome.final_loss <= limit:
        return ""
    if outcome.worst_dead_share >= DEAD_SHARE:
        return "dead neurons"
    if len(outcome.losses) < PLATEAU_LENGTH:  # so few say nothing of where it was going
        return "slow"
    before = outcome.losses[-(len(outcome.losses) // 10)]
    return "plateau" if outcome.final_loss > (1 - PLATEAU_GAIN) * before else "slow"


def dead_share_in_theory(x_low: float, x_high: float) -> float:
    """Return the probability that a first-layer ReLU neuron is dead on inputs from [x_low, x_high].

    For PyTorch's default Linear(1, n), w and b are uniform on [−1, 1]. The pre-activation w·x + b is largest at
    an end of the range: m = w·x_high for w > 0 and w·x_low for w < 0. The neuron is dead if b ≤ −m, which has
    the probability (1 − m)/2, kept between 0 and 1. Averaged over w that is ½·(g(x_high) + g(−x_low)) with
    g(r) = ∫₀¹ clip((1 − w·r)/2, 0, 1) dw. For the range [−R, R] with R ≥ 1 it is 1/(4R).
    """

    def g(r: float) -> float:
        if r >= 1:
            return 1 / (4 * r)
        if r >= -1:
            return 0.5 - r / 4
        return 1 + 1 / (4 * r)

    return 0.5 * (g(x_high) + g(-x_low))


def hidden_of_size(depth: int, parameters: int) -> tuple[int, ...]:
    """Return equal hidden widths with about so many weights and biases in all."""

    def count(width: int) -> int:
        return 2 * width + (depth - 1) * (width * width + width) + width + 1

    width = min(range(1, 1_001), key=lambda w: abs(count(w) - parameters))
    return (width,) * depth


def _swarm_result(config: Config, outcomes: list[RunOutcome]) -> SwarmResult:
    neurons = sum(o.neurons for o in outcomes)
    switches_off = ACTIVATIONS[config.network.activation].switches_off
    has_theory = switches_off and INITIALIZATIONS[config.network.initialization].is_even and neurons > 0
    x, _ = _samples(config)
    return SwarmResult(
        outcomes=tuple(outcomes),
        causes=causes_of_failure(outcomes),
        spread=spread([o.final_loss for o in outcomes]),
        dead_at_start=sum(o.dead_at_start for o in outcomes) / max(1, neurons),
        dead_in_theory=dead_share_in_theory(float(x.min()), float(x.max())) if has_theory else None,
    )


def _outcome(trainer: Trainer, run: kernel.KernelRun) -> RunOutcome:
    config = trainer.config
    before = _dead_counts(trainer, trainer.state().parameters)
    trainer.adopt(run.state, run.diverged_at)
    after = _dead_counts(trainer, run.state.parameters)
    layers = as_layers(run.state.parameters)
    widths = config.network.hidden
    diverged = run.diverged_at is not None
    return RunOutcome(
        config=config,
        final_loss=float("inf") if diverged else trainer.loss(),
        validation_loss=float("inf") if diverged and len(trainer.dataset.x_held_out) else trainer.held_out_loss(),
        losses=run.losses,
        output=owned(output_curve(layers, config.network.activation, plot_grid(config.data))),
        neurons=widths[0] if widths else 0,
        dead_at_start=before[0] if before else 0,
        worst_dead_share=max((dead / width for dead, width in zip(after, widths, strict=True)), default=0.0),
        diverged_at=run.diverged_at,
    )


def _dead_counts(trainer: Trainer, parameters: Sequence[Array]) -> list[int]:
    """For each hidden layer, how many neurons are dead."""
    activation = trainer.config.network.activation
    counts = active_counts(as_layers(parameters), activation, trainer.dataset.x_train[:, 0])
    return [int(np.count_nonzero(mask)) for mask in where_dead(activation, counts)]


def _seeds_of(config: Config, runs: int) -> list[Config]:
    return [config.replace("network.seed", (config.network.seed + k) % (MAX_SEED + 1)) for k in range(runs)]


def _samples(config: Config) -> tuple[Array, Array]:
    dataset = make_dataset(config.data)
    return dataset.x_train[:, 0], dataset.y_train[:, 0]


def _stride(config: Config) -> int:
    return max(1, config.training.stop_step // CURVE_POINTS)


def _with_divergence(losses: Array, points: int) -> Array:
    """A loss curve up to the common end: infinite from where the run diverged."""
    return np.append(losses, np.full(points - len(losses), np.inf, dtype=np.float32)).astype(np.float32)


def _seconds_per_step(config: Config, stop: Stop) -> float:
    """Measure the compiled loop on one run, with a learning rate of 0: a run that diverges has few steps to measure."""
    config = config.replace("training.learning_rate", 0.0)
    trainer = Trainer(config)
    steps = min(config.training.stop_step, 2_000)
    state = trainer.state()
    kernel.run(config, trainer.dataset, state, 10, stop=stop)
    started = perf_counter()
    done = kernel.run(config, trainer.dataset, state, steps, steps, stop=stop)
    return (perf_counter() - started) / max(1, done.state.step - state.step)
