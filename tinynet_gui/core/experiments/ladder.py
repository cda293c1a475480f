"""The ladder of widths: which number of neurons fits best?

The width with the lowest median loss often wins by luck alone. So the narrower ones, from 1 neuron on, are compared
with it by the paired permutation test (`statistics.p_value`), and the first one that does not differ significantly is
named. A width as good as any other is passed over only if one of the up to 14 others beats it by chance: each does with
p ≤ 0.008 and the lower loss in at most 4 of 1,000 cases. As simulated, that happens in 2 to 3 of 100 ladders.
"""

import math
from collections.abc import Sequence
from itertools import accumulate, chain, islice, pairwise
from typing import ClassVar

import numpy as np

from tinynet_gui.core.choices.loops import TUTORIAL
from tinynet_gui.core.choices.losses import LOSSES
from tinynet_gui.core.config import Config
from tinynet_gui.core.experiments import base, swarm
from tinynet_gui.core.failures.plateau_explained import best_constant_loss
from tinynet_gui.core.function.reachable_lines import MAX_KINKS, best_line_losses
from tinynet_gui.core.run.session import FinishedExperiment, Numbers
from tinynet_gui.core.run.train import TrainingResult
from tinynet_gui.core.statistics import advantage, p_value, scores
from tinynet_gui.core.text.numbers import counted, loss_text, p_text
from tinynet_gui.core.training.start import make_dataset
from tinynet_gui.core.training.workers import ALL_CORES, Workers
from tinynet_gui.core.values import Stop, StructuredArray, frozen_dataclass

SIGNIFICANCE = 0.008
MIN_SEEDS_OF_WIDTHS = 8  # with seven, the clearest difference of two widths has p = 2/128
WIDTHS = (1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 377, 610, 1_000)


@frozen_dataclass
class WidthResult:
    """One number of neurons, over all its seeds.

    Attributes
    ----------
    at_least
        A lower bound: no line with one kink per neuron has a smaller loss.
    within_reach
        An upper bound on the least loss: that of the best run, or of the best line found with one kink less, as the
        remaining neuron makes the line's slope. Both are None where no search was made.
    """

    width: int
    runs: tuple[base.TrainedRun, ...]
    training: base.Spread
    validation: base.Spread | None
    at_least: float | None
    within_reach: float | None

    @property
    def compared(self) -> base.Spread:
        """The loss by which widths are compared: on the held-out samples or, without any, on the training samples."""
        return self.training if self.validation is None else self.validation


@frozen_dataclass
class WidthChoice:
    """The smallest width that does not differ significantly from the one with the lowest median loss.

    Attributes
    ----------
    best, smallest
        The two widths; equal if every narrower network is worse.
    p
        Of the paired permutation test of the two: how often chance alone puts equally good widths this far apart; None
        if they are the same.
    """

    best: int
    smallest: int
    p: float | None


@frozen_dataclass(repr=False)
class WidthsResult:
    """Training and validation loss by the number of neurons; no choice is made from too few seeds."""

    experiment: ClassVar = "ladder"
    config: Config
    widths: tuple[WidthResult, ...]
    choice: WidthChoice | None = None

    @property
    def runs(self) -> tuple[base.TrainedRun, ...]:
        return tuple(run for one in self.widths for run in one.runs)

    def table(self) -> StructuredArray:
        """Return a structured array of shape (trainings,), with a field for each column of the window's table."""
        return LADDER.table(self)

    def _repr_html_(self) -> str:
        from tinynet_gui.core.text.chart import Panel, as_html

        widths, spreads = [one.width for one in self.widths], [one.compared for one in self.widths]
        judged = "held-out loss" if self.widths[0].validation is not None else "loss"
        ends = [(spread.low, spread.high) for spread in spreads]
        chart = Panel("neurons", f"{judged} at the end", widths, np.ravel(ends), log="xy")
        for width, end in zip(widths, ends, strict=True):
            chart.line([width, width], end)
        chart.dots(widths, [spread.median for spread in spreads])
        medians = (f"{one.width}: {loss_text(one.compared.median)}" for one in self.widths)
        numbers = {f"median {judged}": ", ".join(medians)}
        if (choice := self.choice) is not None:
            p = "" if choice.p is None else f" ({p_text(choice.p)})"
            numbers |= {"best": counted(choice.best, "neuron"), "smallest that is no worse": f"{choice.smallest}{p}"}
        return as_html(repr(self), {**numbers, "settings": repr(self.config)}, chart)

    def __repr__(self) -> str:
        medians = ", ".join(f"{one.width}: {one.compared.median:.4g}" for one in self.widths)
        return f"WidthsResult(medians={{{medians}}}, choice={self.choice})"


def ladder(config: Config | TrainingResult = Config(), seeds: int = 8, *, workers: Workers = ALL_CORES) -> WidthsResult:
    """Train networks of one hidden layer from 1 to 1,000 neurons: how many are enough?

    Parameters
    ----------
    config
        The settings, by default the tutorial's, or those of a result of `train`; ``network.hidden`` is replaced. Each
        run is trained anew, to ``training.stop_step``.
    seeds
        How many network seeds to train of each of the 15 widths, from 1 to 100,000, counted from ``network.seed`` on.
    workers
        As in `swarm`.

    Returns
    -------
    WidthsResult
        ``widths`` has for each width its ``width``, its ``runs`` and the quartiles of their losses, ``training`` and
        (None without held-out samples) ``validation``. ``choice`` names the smallest width that cannot be told apart
        from the best one; it is None with fewer than 8 seeds. ``table()`` is a structured array of shape (15 · seeds,)
        with the fields ``neurons`` and those of `swarm`, without ``failed by``.

    Raises
    ------
    ConfigError
        If an argument is not allowed.

    Examples
    --------
    >>> import tinynet_gui.core as tiny
    >>> result = tiny.ladder(tiny.Config().replace("training.stop_step", 200), seeds=2)
    >>> [one.width for one in result.widths]
    [1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 377, 610, 1000]
    >>> result.widths[0].training.median > result.widths[-1].training.median
    True
    """
    return LADDER.result(config, seeds, workers)


def ladder_of_widths(
    config: Config, runs: int, stop: Stop, report: base.Report, *, workers: Workers = ALL_CORES
) -> WidthsResult | None:
    """Train networks of one hidden layer from 1 to 1,000 neurons, several seeds of each.

    A trained ReLU network is itself a line with at most one kink per neuron. If training found a better line than the
    search did, it becomes the best line found.
    """
    found, at_least = np.empty(0), np.empty(0)
    narrow = config.replace("network.hidden", WIDTHS[:1]).network
    is_tutorials = config.training.loop == TUTORIAL
    if is_tutorials and LOSSES[config.training.loss].is_square and narrow.activations[0].is_relu:
        lines = best_line_losses(config, MAX_KINKS, stop, lambda share: report(swarm.LINE_SHARE * share, None))
        if lines is None:
            return None
        found, at_least = lines.found.copy(), lines.at_least
    widths: list[WidthResult] = []
    tries = [seed for width in WIDTHS for seed in base.seeds_of(config.replace("network.hidden", (width,)), runs)]
    trained = chain.from_iterable(base.train_all(tries, stop, workers=workers))
    for width in WIDTHS:
        done: list[base.TrainedRun] = []
        for run in islice(trained, runs):
            done.append(run)
            share = (len(widths) + len(done) / runs) / len(WIDTHS)
            report(swarm.LINE_SHARE + (1 - swarm.LINE_SHARE) * share, None)
        if not done:
            break
        best_run = min(run.final_loss for run in done)
        found[width:] = np.minimum(found[width:], best_run)
        is_searched = width < len(found)
        bounds = (float(at_least[width]), min(float(found[width - 1]), best_run)) if is_searched else (None, None)
        widths.append(_width_result(width, done, *bounds))
        report(swarm.LINE_SHARE + (1 - swarm.LINE_SHARE) * len(widths) / len(WIDTHS), widths_result(config, widths))
    return widths_result(config, widths) if widths else None


def widths_result(config: Config, widths: Sequence[WidthResult]) -> WidthsResult:
    """Name the smallest width that does not differ significantly from the best."""
    best = min(widths, key=lambda one: one.compared.median)
    if len(best.runs) < MIN_SEEDS_OF_WIDTHS or not math.isfinite(best.compared.median):
        return WidthsResult(config, tuple(widths))
    constant = best_constant_loss(config.training, make_dataset(config.data).y_train)

    def p_of(one: WidthResult) -> float:
        seeds = slice(min(len(one.runs), len(best.runs)))  # the last width may have been stopped early
        a, b = (scores([[_compared_loss(run) for run in width.runs[seeds]]], constant) for width in (one, best))
        return p_value(a, b) if advantage(b, a) > 0 else 1.0

    alike = (one for one in widths if one is best or (math.isfinite(one.compared.median) and p_of(one) > SIGNIFICANCE))
    smallest = next(alike)
    p = None if smallest is best else p_of(smallest)
    return WidthsResult(config, tuple(widths), WidthChoice(best.width, smallest.width, p))


def _width_result(
    width: int, runs: Sequence[base.TrainedRun], at_least: float | None, within_reach: float | None
) -> WidthResult:
    validation = [run.validation_loss for run in runs if run.validation_loss is not None]
    training, held_out = base.spread([run.final_loss for run in runs]), base.spread(validation) if validation else None
    return WidthResult(width, tuple(runs), training, held_out, at_least, within_reach)


def _compared_loss(run: base.TrainedRun) -> float:
    return run.final_loss if run.validation_loss is None else run.validation_loss


def _losses(result: WidthsResult) -> dict[float, float]:
    return {one.width: one.training.median for one in result.widths}


def _held_out(result: WidthsResult) -> dict[float, float]:
    return {one.width: one.validation.median for one in result.widths if one.validation is not None}


def _best(losses: dict[float, float]) -> float:
    return min(losses, key=losses.__getitem__, default=math.nan)


def _numbers(result: WidthsResult) -> Numbers:
    counts = tuple(float(len(one.runs)) for one in result.widths)
    at_least = tuple(base.number_or_none(one.at_least) for one in result.widths)
    within_reach = tuple(base.number_or_none(one.within_reach) for one in result.widths)
    return (*base.run_columns(result.runs), counts, at_least, within_reach)


def _trained_again(asked: FinishedExperiment) -> WidthsResult:
    *columns, counts, at_least, within_reach = asked.numbers
    ends = list(accumulate((base.checked_whole(count, asked.runs) for count in counts), initial=0))
    base.check(min(counts) >= 1 and ends[-1] == len(columns[0]))
    widths: list[WidthResult] = []
    for width, place in zip(WIDTHS[: len(counts)], pairwise(ends), strict=True):
        one = asked.config.replace("network.hidden", (width,))
        runs = base.restored_runs(one, tuple(column[slice(*place)] for column in columns))
        bounds = [None if bound[len(widths)] == base.NONE else bound[len(widths)] for bound in (at_least, within_reach)]
        base.check(all(bound is None or bound >= 0 for bound in bounds))
        widths.append(_width_result(width, runs, *bounds))
    return widths_result(asked.config, widths)


LADDER = base.Experiment[WidthsResult](
    ladder_of_widths,
    fewest=1,
    most=50,
    usual=8,
    varied=("network.seed", "network.hidden"),
    numbers={
        "seeds": base.Number("How many seeds were trained of each width.", lambda r: len(r.widths[0].runs)),
        "best_width": base.Number("The number of neurons with the lowest median loss.", lambda r: _best(_losses(r))),
        "best_held_out_width": base.Number(
            "The same for the samples held out; NaN if there are none.", lambda r: _best(_held_out(r))
        ),
        "smallest": base.Number("The smallest number of neurons.", lambda r: min(_losses(r))),
        "largest": base.Number("The largest number of neurons.", lambda r: max(_losses(r))),
        "loss": base.Number("The median of the final losses of a number of neurons.", _losses, ("n",)),
        "held_out": base.Number("The median loss on the samples held out.", _held_out, ("n",)),
    },
    columns=("neurons", *base.RUN_COLUMNS),
    rows=lambda r: [[one.width, *base.run_cells(run)] for one in r.widths for run in one.runs],
    stored_as=base.StoredAs(_numbers, _trained_again),
)
