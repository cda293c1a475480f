"""The ladder of widths: which number of neurons fits best?"""

import numpy as np

from tinynet_gui.core.analysis.lines_within_reach import MOST_KINKS, lines_through
from tinynet_gui.core.analysis.sweep_results import TrainedRun, WidthResult, WidthsResult
from tinynet_gui.core.analysis.sweep_runs import Report, Stop, seeds_of, spread, train_all
from tinynet_gui.core.analysis.sweep_seeds import LINE_SHARE
from tinynet_gui.core.config import Config
from tinynet_gui.core.network.activations import ACTIVATIONS
from tinynet_gui.core.training.losses import LOSSES

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
        report(LINE_SHARE + (1 - LINE_SHARE) * len(widths) / len(WIDTHS), WidthsResult(config, tuple(widths)))
    return WidthsResult(config, tuple(widths)) if widths else None
