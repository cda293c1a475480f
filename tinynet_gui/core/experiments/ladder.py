"""The ladder of widths: which number of neurons fits best?

The width with the lowest median loss is often that by luck alone. So the narrower ones are compared with it, from 1
neuron on, by the paired permutation test (`paired_test`), and the first that cannot be told apart from it is named. A
width that is as good as any would be passed over only if one of the up to 14 others beat it by chance: each does with
p ≤ 0.008 and the lower loss in at most 4 of 1,000 cases. As simulated, that happens in 2 to 3 of 100 ladders.
"""

import math
from collections.abc import Sequence

import numpy as np

from tinynet_gui.core.config import Config
from tinynet_gui.core.data.dataset import make_dataset
from tinynet_gui.core.experiments.results import (
    FEWEST_SEEDS_OF_WIDTHS,
    TrainedRun,
    WidthChoice,
    WidthResult,
    WidthsResult,
)
from tinynet_gui.core.experiments.swarm import LINE_SHARE
from tinynet_gui.core.experiments.trained_runs import Report, Stop, seeds_of, spread, train_all
from tinynet_gui.core.failures.plateau import best_constant_loss
from tinynet_gui.core.function.reachable_lines import MOST_KINKS, lines_through
from tinynet_gui.core.network.activations import ACTIVATIONS
from tinynet_gui.core.statistics.paired_test import advantage, p_value, scores
from tinynet_gui.core.training.losses import LOSSES

SIGNIFICANCE = 0.008
WIDTHS = (1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 377, 610, 1_000)


def ladder_of_widths(config: Config, runs: int, stop: Stop, report: Report) -> WidthsResult | None:
    """Train networks of one hidden layer from 1 to 1,000 neurons, several seeds of each.

    A trained ReLU network is itself a line with no more kinks than it has neurons. So none can be below the best line
    found: where training found a better one than the search, that is it.
    """
    found, at_least = np.empty(0), np.empty(0)
    if LOSSES[config.training.loss].is_square and ACTIVATIONS[config.network.activation].is_relu:
        lines = lines_through(config, MOST_KINKS, stop, lambda share: report(LINE_SHARE * share, None))
        if lines is None:
            return None
        found, at_least = lines.found.copy(), lines.at_least
    widths: list[WidthResult] = []
    for width in WIDTHS:
        one = config.replace("network.hidden", (width,))
        done: list[TrainedRun] = []
        for batch in train_all(seeds_of(one, runs), stop):
            done += batch
            share = (len(widths) + len(done) / runs) / len(WIDTHS)
            report(LINE_SHARE + (1 - LINE_SHARE) * share, None)
        if not done:
            break
        found[width:] = np.minimum(found[width:], min(run.final_loss for run in done))
        validation = [run.validation_loss for run in done if run.validation_loss is not None]
        is_searched = width < len(found)
        widths.append(
            WidthResult(
                width=width,
                runs=tuple(done),
                training=spread([run.final_loss for run in done]),
                validation=spread(validation) if validation else None,
                best_found=float(found[width]) if is_searched else None,
                at_least=float(at_least[width]) if is_searched else None,
                within_reach=float(found[width - 1]) if is_searched else None,
            )
        )
        report(LINE_SHARE + (1 - LINE_SHARE) * len(widths) / len(WIDTHS), result_of(config, widths))
    return result_of(config, widths) if widths else None


def result_of(config: Config, widths: Sequence[WidthResult]) -> WidthsResult:
    """Name the smallest width that cannot be told apart from the one with the lowest median loss."""
    best = min(widths, key=lambda one: one.judged.median)
    if len(best.runs) < FEWEST_SEEDS_OF_WIDTHS or not math.isfinite(best.judged.median):
        return WidthsResult(config, tuple(widths))
    constant = best_constant_loss(config.training.loss, make_dataset(config.data).y_train)

    def p_of(one: WidthResult) -> float:
        seeds = slice(min(len(one.runs), len(best.runs)))  # the last width may have been stopped
        a, b = (scores([[_judged_loss(run) for run in width.runs[seeds]]], constant) for width in (one, best))
        return p_value(a, b) if advantage(b, a) > 0 else 1.0

    alike = (one for one in widths if one is best or (math.isfinite(one.judged.median) and p_of(one) > SIGNIFICANCE))
    smallest = next(alike)
    return WidthsResult(config, tuple(widths), WidthChoice(best.width, smallest.width, p_of(smallest)))


def _judged_loss(run: TrainedRun) -> float:
    return run.final_loss if run.validation_loss is None else run.validation_loss
