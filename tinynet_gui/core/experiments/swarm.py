"""The swarm of seeds: how often does a setting fail, and why?"""

import math
from collections import Counter
from collections.abc import Sequence
from typing import ClassVar, Literal

import numpy as np

from tinynet_gui.core.config import MAX_WIDTH, Config
from tinynet_gui.core.experiments import base
from tinynet_gui.core.failures.plateau_explained import best_constant_loss
from tinynet_gui.core.failures.symptoms import PLATEAU_LENGTH
from tinynet_gui.core.function.reachable_lines import line_within_reach
from tinynet_gui.core.network.initializations import INITIALIZATIONS
from tinynet_gui.core.run.session import FinishedExperiment, Numbers
from tinynet_gui.core.run.train import TrainingResult
from tinynet_gui.core.text.language import N_
from tinynet_gui.core.text.numbers import count_text, loss_text
from tinynet_gui.core.training.start import make_dataset
from tinynet_gui.core.training.workers import ALL_CORES, Workers
from tinynet_gui.core.values import Stop, StructuredArray, frozen_dataclass

LINE_SHARE = 0.1  # share of the progress for the search of the best line
FAILED_SHARE = 0.1  # of the way from the best constant to the best within reach remains
FAILED_WITHOUT_LINE = 0.5  # of the best constant's loss, where only the seeds show what is within reach
ROUNDING = 1e-6  # of the mean square of y: a smaller loss is never a failure, even if a constant is perfect
DEAD_SHARE = 0.5
SMALLEST_SCALE = 1e-30  # of the first weights: below it, float32 cannot tell which neurons are dead
PLATEAU_GAIN = 0.01  # improvement over the last tenth of the training
CURVES, CURVE_PARAMETERS = 100, 10_000_000  # networks at most whose curves are drawn, and parameters in all of them

Cause = Literal["", "diverged", "dead neurons", "plateau", "slow"]
CAUSES: dict[Cause, str] = {  # of so many seeds
    "": N_("not failed"),
    "diverged": N_("diverged"),
    "dead neurons": N_("with at least half of a layer's neurons dead"),
    "plateau": N_("stuck on a plateau"),
    "slow": N_("still on their way"),
}


@frozen_dataclass
class Reach:
    """The losses that a run is judged against.

    Attributes
    ----------
    constant
        The loss of the best constant: of having learned nothing.
    best
        The smallest loss that this network is known to reach.
    kinks
        Of the line that has that loss; None if it is the best seed's.
    limit
        A run with a larger loss has failed.
    """

    constant: float
    best: float
    kinks: int | None
    limit: float


@frozen_dataclass
class DeadShare:
    """First-layer neurons that are active on no sample before the first step, over all seeds.

    Attributes
    ----------
    theory
        The probability of a dead neuron, or None where there is no formula.
    by_chance
        The range of the share in 95 of 100 cases if the theory is right; None without one.
    """

    neurons: int
    dead: int
    theory: float | None
    by_chance: tuple[float, float] | None


@frozen_dataclass(repr=False)
class SwarmResult:
    """Many seeds of one setting; `causes` has for each run why it failed, or ""."""

    experiment: ClassVar = "swarm"
    config: Config
    runs: tuple[base.TrainedRun, ...]
    causes: tuple[Cause, ...]
    reach: Reach
    spread: base.Spread
    dead_at_start: DeadShare

    def table(self) -> StructuredArray:
        """Return a structured array of shape (seeds,), with a field for each column of the window's table."""
        return SWARM.table(self)

    def _repr_html_(self) -> str:
        from tinynet_gui.core.text.chart import BLUE, ORANGE, Panel, as_html

        seeds = np.array([run.config.network.seed for run in self.runs])
        losses, has_failed = np.array([run.final_loss for run in self.runs]), np.array(self.causes) != ""
        chart = Panel("network seed", "loss at the end", seeds, [*losses, self.reach.limit], log="y")
        for chosen, color in ((~has_failed, BLUE), (has_failed, ORANGE)):
            chart.dots(seeds[chosen], losses[chosen], color)
        chart.line([seeds.min(), seeds.max()], [self.reach.limit] * 2, dash="4 3")
        failed = Counter(cause for cause in self.causes if cause)
        why = ", ".join(f"{count_text(count)} {CAUSES[cause]}" for cause, count in failed.most_common())
        spread = " · ".join(map(loss_text, (self.spread.low, self.spread.median, self.spread.high)))
        numbers = {"failed": f"{count_text(failed.total())} of {count_text(len(seeds))}{why and ': '}{why}"}
        numbers |= {"quartiles of the loss": spread, "failed above": loss_text(self.reach.limit)}
        return as_html(repr(self), {**numbers, "settings": repr(self.config)}, chart)

    def __repr__(self) -> str:
        failed = Counter(filter(None, self.causes))
        return f"SwarmResult(seeds={len(self.runs)}, failed={dict(failed)}, median={self.spread.median:.4g})"


def swarm(config: Config | TrainingResult = Config(), seeds: int = 256, *, workers: Workers = ALL_CORES) -> SwarmResult:
    """Train many seeds of one setting: how many fail, and why?

    A run has failed if it diverged or covered less than nine tenths of the way from the best constant's loss to the
    best that is known to be within this network's reach.

    Parameters
    ----------
    config
        The settings, by default the tutorial's, or those of a result of `train`. Each run is trained anew, to
        ``training.stop_step``.
    seeds
        How many network seeds to train, from 1 to 100,000, counted from ``network.seed`` on.
    workers
        How many cores of this machine, −1 for all; or a function that is called as ``workers(f, items)``, such as the
        ``map`` of a process pool, of Dask's ``client.get_executor()`` or of MPI. The result is the same to the bit.

    Returns
    -------
    SwarmResult
        ``table()`` is a structured array of shape (seeds,) with the fields ``network seed``, ``training loss``,
        ``held-out loss``, ``worst share of dead neurons``, ``diverged at step`` and ``failed by``: ``diverged``,
        ``dead neurons``, ``plateau``, ``slow``, or nothing for a run that has not failed. ``spread`` has the quartiles
        of the losses, ``reach`` the losses that runs are judged by, ``dead_at_start`` the neurons that were dead before
        the first step.

    Raises
    ------
    ConfigError
        If an argument is not allowed.

    Examples
    --------
    >>> import tinynet_gui.core as tiny
    >>> table = tiny.swarm(tiny.Config().replace("network.hidden", [2]), seeds=64).table()
    >>> table["network seed"][:3], table["training loss"].shape
    (array([2, 3, 4]), (64,))
    >>> "dead neurons" in table["failed by"]
    True
    """
    return SWARM.result(config, seeds, workers)


def train_swarm(
    config: Config, runs: int, stop: Stop, report: base.Report, *, workers: Workers = ALL_CORES
) -> SwarmResult | None:
    """Train many seeds of one setting and say how many fail, and why."""
    kinks, line = line_within_reach(config, stop, lambda share: report(LINE_SHARE * share, None))
    done: list[base.TrainedRun] = []
    result = None
    curves = max(1, min(CURVES, CURVE_PARAMETERS // config.network.parameter_count))
    for group in base.train_all(base.seeds_of(config, runs), stop, -(-runs // curves), workers):
        done += group
        result = _result(config, done, reach_of(done, kinks, line))
        report(LINE_SHARE + (1 - LINE_SHARE) * len(done) / runs, result)
    return result


def reach_of(runs: Sequence[base.TrainedRun], kinks: int, line: float | None) -> Reach:
    """Return the losses that the runs of one setting are judged against.

    A run has failed if it diverged or covered less than nine tenths of the way from the best constant to the best loss
    within reach: that of a line this network can make, or of the best seed if that is better. If only the seeds show
    what is within reach, a run has also failed if its loss is more than half that of the best constant.
    """
    config = runs[0].config
    y = make_dataset(config.data).y_train
    constant = best_constant_loss(config.training, y)
    seed = min((run.final_loss for run in runs), default=np.inf)
    best = min(constant, seed if line is None else min(seed, line))
    limit = best + FAILED_SHARE * (constant - best)
    if line is None:
        limit = min(limit, FAILED_WITHOUT_LINE * constant)
    limit = max(limit, ROUNDING * float(np.mean(np.square(y, dtype=np.float64))))
    return Reach(constant, best, None if line is None or seed < line else kinks, limit)


def causes_of_failure(runs: Sequence[base.TrainedRun], reach: Reach) -> tuple[Cause, ...]:
    """Return why each run failed, or ""."""
    return tuple(_cause(run, reach.limit) for run in runs)


def _cause(run: base.TrainedRun, limit: float) -> Cause:
    if run.diverged_at is not None:
        return "diverged"
    if run.final_loss <= limit:
        return ""
    if run.worst_dead_share >= DEAD_SHARE:
        return "dead neurons"
    if len(run.losses) < PLATEAU_LENGTH:  # too short to show a trend
        return "slow"
    before = run.losses[-(len(run.losses) // 10)]
    return "plateau" if run.final_loss > (1 - PLATEAU_GAIN) * before else "slow"


def dead_share_in_theory(x_low: float, x_high: float) -> float:
    """Return the probability that a first-layer ReLU neuron is dead on inputs from [x_low, x_high].

    For PyTorch's default Linear(1, n), w and b are uniform on [−1, 1]; a common factor above 0 makes no difference.
    The pre-activation w·x + b is largest at an end of the range: m = w·x_high for w > 0 and w·x_low for w < 0. The
    neuron is dead if b ≤ −m, which has the probability (1 − m)/2, kept between 0 and 1. Averaged over w that is
    ½·(g(x_high) + g(−x_low)) with g(r) = ∫₀¹ clip((1 − w·r)/2, 0, 1) dw. For the range [−R, R] with R ≥ 1 it is
    1/(4R).
    """

    def g(r: float) -> float:
        if r >= 1:
            return 1 / (4 * r)
        if r >= -1:
            return 0.5 - r / 4
        return 1 + 1 / (4 * r)

    return 0.5 * (g(x_high) + g(-x_low))


def chance_interval(trials: int, probability: float) -> tuple[float, float]:
    """Return the central 95 % interval of a binomial share."""
    k = np.arange(trials + 1, dtype=np.float64)
    with np.errstate(divide="ignore"):
        steps = np.log((trials - k[:-1]) / k[1:]) + np.log(probability) - np.log1p(-probability)
    logs = np.append(0.0, np.cumsum(steps))
    weights = np.exp(logs - logs.max())
    below = np.cumsum(weights) / weights.sum()
    return float(np.searchsorted(below, 0.025)) / trials, float(np.searchsorted(below, 0.975)) / trials


def _result(
    config: Config, runs: Sequence[base.TrainedRun], reach: Reach, causes: tuple[Cause, ...] | None = None
) -> SwarmResult:
    causes = causes_of_failure(runs, reach) if causes is None else causes
    losses = base.spread([run.final_loss for run in runs])
    return SwarmResult(config, tuple(runs), causes, reach, losses, dead_share(config, runs))


def dead_share(config: Config, runs: Sequence[base.TrainedRun]) -> DeadShare:
    """Return how many neurons are dead before the first step, and how many theory predicts."""
    neurons, dead = sum(run.neurons for run in runs), sum(run.dead_at_start for run in runs)
    network, initialization = config.network, INITIALIZATIONS[config.network.initialization]
    is_scaled = network.weight_scale >= SMALLEST_SCALE
    if not (neurons and network.activations[0].switches_off and initialization.is_even and is_scaled):
        return DeadShare(neurons, dead, None, None)
    x = make_dataset(config.data).x_train[:, 0]
    theory = dead_share_in_theory(float(x.min()), float(x.max()))
    return DeadShare(neurons, dead, theory, chance_interval(neurons, theory))


def _share_dead(result: SwarmResult) -> float:
    dead = result.dead_at_start
    return dead.dead / dead.neurons if dead.neurons else math.nan


def _numbers(result: SwarmResult) -> Numbers:
    reach = result.reach
    causes = tuple(float(list(CAUSES).index(cause)) for cause in result.causes)
    limits = (reach.constant, reach.best, base.number_or_none(reach.kinks), reach.limit)
    return (*base.run_columns(result.runs), causes, limits)


def _trained_again(asked: FinishedExperiment) -> SwarmResult:
    *columns, causes, (constant, best, kinks, limit) = asked.numbers
    runs = base.restored_runs(asked.config, tuple(columns))
    base.check(len(causes) == len(runs) and all(0 <= loss < math.inf for loss in (constant, best, limit)))
    reach = Reach(constant, best, None if kinks == base.NONE else base.checked_whole(kinks, MAX_WIDTH), limit)
    why = tuple(list(CAUSES)[base.checked_whole(cause, len(CAUSES) - 1)] for cause in causes)
    return _result(asked.config, runs, reach, why)


SWARM = base.Experiment[SwarmResult](
    train_swarm,
    fewest=50,
    most=1_000,
    usual=256,
    numbers={
        "seeds": base.Number("How many seeds were trained.", lambda r: len(r.runs)),
        "failed": base.Number("How many of them failed.", lambda r: len(r.runs) - r.causes.count("")),
        "median": base.Number("The median of the final losses.", lambda r: r.spread.median),
        "best": base.Number("The lowest final loss.", lambda r: min(run.final_loss for run in r.runs)),
        "worst": base.Number("The highest final loss.", lambda r: max(run.final_loss for run in r.runs)),
        "diverged": base.Number("How many diverged.", lambda r: r.causes.count("diverged")),
        "plateau": base.Number("How many failed on a plateau.", lambda r: r.causes.count("plateau")),
        "dead": base.Number("How many failed because neurons are dead.", lambda r: r.causes.count("dead neurons")),
        "slow": base.Number(
            "How many failed because they are slow: their loss still falls.", lambda r: r.causes.count("slow")
        ),
        "constant": base.Number(
            "The loss of the best constant: of having learned nothing.", lambda r: r.reach.constant
        ),
        "limit": base.Number("The loss above which a run has failed.", lambda r: r.reach.limit),
        "dead_at_start": base.Number("The share of neurons that were dead before the first step.", _share_dead),
        "dead_theory": base.Number(
            "The share that theory expects to be dead before the first step.", lambda r: r.dead_at_start.theory
        ),
    },
    columns=(*base.RUN_COLUMNS, "failed by"),
    rows=lambda r: [[*base.run_cells(run), cause] for run, cause in zip(r.runs, r.causes, strict=True)],
    stored_as=base.StoredAs(_numbers, _trained_again),
)
