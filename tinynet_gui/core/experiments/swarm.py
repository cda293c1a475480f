"""The swarm of seeds: how often does a setting fail, and why?"""

from collections.abc import Sequence

import numpy as np

from tinynet_gui.core.config import Config
from tinynet_gui.core.data.dataset import make_dataset
from tinynet_gui.core.experiments.results import FAILED_SHARE, Cause, DeadShare, Reach, SwarmResult, TrainedRun
from tinynet_gui.core.experiments.trained_runs import Report, Stop, samples_of, seeds_of, spread, train_all
from tinynet_gui.core.failures.plateau import PLATEAU_LENGTH, best_constant_loss
from tinynet_gui.core.function.reachable_lines import line_within_reach
from tinynet_gui.core.network.activations import ACTIVATIONS
from tinynet_gui.core.network.initializations import INITIALIZATIONS

LINE_SHARE = 0.1  # of the progress
FAILED_WITHOUT_LINE = 0.5  # where only seeds tell what is within reach: of the best constant's loss
ROUNDING = 1e-6  # of the mean square of y: a loss below it is no failure, even if the best constant is perfect
DEAD_SHARE = 0.5
PLATEAU_GAIN = 0.01  # improvement over the last tenth of the training
CURVES, CURVE_PARAMETERS = 100, 10_000_000  # networks at most whose curves are drawn, and parameters in all of them


def swarm(config: Config, runs: int, stop: Stop, report: Report) -> SwarmResult | None:
    """Train many seeds of one setting and say how many fail, and why."""
    kinks, line = line_within_reach(config, stop, lambda share: report(LINE_SHARE * share, None))
    done: list[TrainedRun] = []
    curves = max(1, min(CURVES, CURVE_PARAMETERS // config.network.parameter_count))
    for batch in train_all(seeds_of(config, runs), stop, keep_every=-(-runs // curves)):
        done += batch
        report(LINE_SHARE + (1 - LINE_SHARE) * len(done) / runs, _result(config, done, kinks, line))
    return _result(config, done, kinks, line) if done else None


def reach_of(runs: Sequence[TrainedRun], kinks: int, line: float | None) -> Reach:
    """Return what the runs of one setting are measured against.

    A run has failed if it diverged or went less than nine tenths of the way from the best constant to the best loss
    within reach: that of a line this network can make, or of the best seed if that is better. Where only seeds tell
    what is within reach, a run has also failed that is not twice as good as the best constant.
    """
    config = runs[0].config
    y = make_dataset(config.data).y_train
    constant = best_constant_loss(config.training.loss, y)
    seed = min((run.final_loss for run in runs), default=np.inf)
    best = min(constant, seed if line is None else min(seed, line))
    limit = best + FAILED_SHARE * (constant - best)
    if line is None:
        limit = min(limit, FAILED_WITHOUT_LINE * constant)
    limit = max(limit, ROUNDING * float(np.mean(np.square(y, dtype=np.float64))))
    return Reach(constant, best, None if line is None or seed < line else kinks, limit)


def causes_of_failure(runs: Sequence[TrainedRun], reach: Reach) -> tuple[Cause, ...]:
    """Say for each run why it failed, or "" if it did not."""
    return tuple(_cause(run, reach.limit) for run in runs)


def _cause(run: TrainedRun, limit: float) -> Cause:
    if run.diverged_at is not None:
        return "diverged"
    if run.final_loss <= limit:
        return ""
    if run.worst_dead_share >= DEAD_SHARE:
        return "dead neurons"
    if len(run.losses) < PLATEAU_LENGTH:  # so few say nothing of where it was going
        return "slow"
    before = run.losses[-(len(run.losses) // 10)]
    return "plateau" if run.final_loss > (1 - PLATEAU_GAIN) * before else "slow"


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


def chance_interval(trials: int, probability: float) -> tuple[float, float]:
    """Return the shares between which 95 of 100 counts fall, by the binomial distribution."""
    k = np.arange(trials + 1, dtype=np.float64)
    with np.errstate(divide="ignore"):
        steps = np.log((trials - k[:-1]) / k[1:]) + np.log(probability) - np.log1p(-probability)
    logs = np.append(0.0, np.cumsum(steps))
    weights = np.exp(logs - logs.max())
    below = np.cumsum(weights) / weights.sum()
    return float(np.searchsorted(below, 0.025)) / trials, float(np.searchsorted(below, 0.975)) / trials


def _result(config: Config, runs: list[TrainedRun], kinks: int, line: float | None) -> SwarmResult:
    reach = reach_of(runs, kinks, line)
    return SwarmResult(
        config=config,
        runs=tuple(runs),
        causes=causes_of_failure(runs, reach),
        reach=reach,
        spread=spread([run.final_loss for run in runs]),
        dead_at_start=_dead_share(config, runs),
    )


def _dead_share(config: Config, runs: list[TrainedRun]) -> DeadShare:
    neurons, dead = sum(run.neurons for run in runs), sum(run.dead_at_start for run in runs)
    activation, initialization = ACTIVATIONS[config.network.activation], INITIALIZATIONS[config.network.initialization]
    if not activation.switches_off or not initialization.is_even or not neurons:
        return DeadShare(neurons, dead, None, None)
    x, _ = samples_of(config)
    theory = dead_share_in_theory(float(x.min()), float(x.max()))
    return DeadShare(neurons, dead, theory, chance_interval(neurons, theory))
