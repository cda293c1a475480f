"""The ladder of widths: the best number of neurons, and the spread of each width."""

import math
from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt

from tinynet_gui.core.experiments.base import Spread
from tinynet_gui.core.experiments.ladder import FEWEST_SEEDS_OF_WIDTHS, WidthResult, WidthsResult
from tinynet_gui.core.text.numbers import count_text, counted, listed, loss_text, p_text
from tinynet_gui.core.values import Floats
from tinynet_gui.ui.style.theme import px, theme
from tinynet_gui.ui.views.experiments.drawing import LARGEST, Axes, Drawing, ShownExperiment, log_of
from tinynet_gui.ui.widgets.plots.plot_menu import Range
from tinynet_gui.ui.widgets.plots.plot_parts import line_pen

OVERFIT_FACTOR = 1.2  # the validation loss of the widest network against the best one's
CANNOT_FACTOR = 2.0  # the lower bound for lines, relative to the best width's loss: below it, there are enough kinks


def explain_widths(result: WidthsResult) -> str:
    """Name the best number of neurons, and say which others overfit, diverge, cannot or did not learn the function."""
    widths = tuple(one for one in result.widths if math.isfinite(_loss(one)))
    if not widths:
        return f"{_diverging(result.widths)} There is no width to recommend."
    best = min(widths, key=_loss)
    words = _best_width(result, widths, best)
    words += " Hold some samples out to see whether they fit anything else." if best.validation is None else ""
    words += "" if best.validation is None else _overfitting(widths[-1], best)
    diverging = tuple(one for one in result.widths if one not in widths)
    if diverging:
        words += f" {_diverging(diverging)}"
    return words + _cannot_or_did_not(widths, best) + _confidence(result, best)


def _best_width(result: WidthsResult, widths: Sequence[WidthResult], best: WidthResult) -> str:
    """Name the smallest width that cannot be told apart from the best, and say how sure that is."""
    samples = "the samples" if best.validation is None else "the held-out samples"
    choice = result.choice
    if choice is None:
        return (
            f"{_neurons(best)} fit {samples} best here (median loss {loss_text(_loss(best))}), but with fewer than "
            f"{FEWEST_SEEDS_OF_WIDTHS} seeds another number may do so by chance."
        )
    if choice.smallest == choice.best:
        words = f"{_neurons(best)} fit {samples} best (median loss {loss_text(_loss(best))})"
        return f"{words}; no narrower network is as good." if best is not result.widths[0] else f"{words}."
    smallest = next(one for one in widths if one.width == choice.smallest)
    return (
        f"{_neurons(smallest)} are the fewest that fit {samples} as well as any, as far as can be told: median "
        f"loss {loss_text(_loss(smallest))}. {_neurons(best)} have the lowest, {loss_text(_loss(best))}, but that may "
        "be chance."
    )


def _confidence(result: WidthsResult, best: WidthResult) -> str:
    if result.choice is None or best is result.widths[0]:
        return ""
    p = "" if result.choice.p is None else f", {p_text(result.choice.p)}"
    return (
        " How that is judged: at most 5 of 100 ladders pass over a width that is as good as any (paired permutation "
        f"test, {len(best.runs)} seeds{p})."
    )


def _loss(one: WidthResult) -> float:
    return one.judged.median


def _overfitting(widest: WidthResult, best: WidthResult) -> str:
    """Say that the widest networks are worse on held-out samples although they are as good on the others."""
    if _loss(widest) <= OVERFIT_FACTOR * _loss(best) or widest.training.median > best.training.median:
        return ""
    words = (
        f" With {count_text(widest.width)} it is {loss_text(_loss(widest))}, although the loss "
        f"on the samples is {loss_text(widest.training.median)}: they learn "
    )
    has_noise = widest.runs[0].config.data.noise > 0
    return words + ("the noise." if has_noise else "the samples, but not what lies between them.")


def _diverging(widths: tuple[WidthResult, ...]) -> str:
    names = listed([count_text(one.width) for one in widths])
    return f"With {names} neuron{'' if names == '1' else 's'} half of the runs or more diverge at this learning rate."


def _cannot_or_did_not(widths: tuple[WidthResult, ...], best: WidthResult) -> str:
    """Tell networks with too few kinks from those that did not learn to use them."""
    too_few = [r for r in widths if r.at_least is not None and r.at_least > CANNOT_FACTOR * best.training.median]
    words = ""
    if too_few:
        words += f" Up to {_neurons(too_few[-1])} have too few kinks: even the best line with that many is worse."
    for one in widths:
        if one.within_reach is not None and one not in too_few and one.training.median > 2 * one.within_reach:
            words += (
                f" {_neurons(one)} could reach {loss_text(one.within_reach)}, as the dotted line says, but half of the "
                f"runs stay above {loss_text(one.training.median)}: not too few kinks, but not learned."
            )
            break
    return words


def _neurons(one: WidthResult) -> str:
    return counted(one.width, "neuron")


def draw_widths(drawing: Drawing, result: WidthsResult) -> None:
    """Draw medians and quartiles of training and validation loss, and the best possible loss of each width."""
    widths = np.log10([one.width for one in result.widths])
    drawing.enter("—", "ink", "on the samples: median, middle half")
    _add_spread(drawing, widths, [one.training for one in result.widths], "ink", Qt.PenStyle.SolidLine)
    if all(one.validation is not None for one in result.widths):
        validation = [one.validation for one in result.widths if one.validation is not None]
        _add_spread(drawing, widths, validation, "data", Qt.PenStyle.DashLine)
        drawing.enter("╌", "data", "held out")
    possible = [(one.width, one.within_reach) for one in result.widths if one.within_reach is not None]
    if possible:
        drawing.enter("┄", "ghost", "best line or run known")
        pen, (reaching, fits) = line_pen("ghost", 1.6, Qt.PenStyle.DotLine), np.transpose(possible)
        drawing.plot.addItem(pg.PlotCurveItem(np.log10(reaching), log_of(fits), pen=pen, antialias=True))
    for one, x in zip(result.widths, widths, strict=True):
        y = log_of([r.final_loss for r in one.runs])
        drawing.add_runs(np.full(len(y), x), y, one.runs, color="ink", size=px(4))
    losses = log_of([run.final_loss for run in result.runs])
    finite = losses[losses < math.log10(LARGEST)]
    if len(finite):
        drawing.everything = Range(-0.1, 3.1), Range(float(finite.min()) - 0.6, float(finite.max()) + 0.3)


def _add_spread(drawing: Drawing, x: Floats, spreads: Sequence[Spread], color: str, style: Qt.PenStyle) -> None:
    low, median, high = (log_of([getattr(s, name) for s in spreads]) for name in ("low", "median", "high"))
    drawing.add_band(x, low, high, theme().color(color))
    pen = line_pen(color, 1.8, style)
    drawing.plot.addItem(pg.PlotCurveItem(x, median, pen=pen, antialias=True))


LADDER = ShownExperiment[WidthsResult](
    "Ladder of widths",
    "Which number of neurons fits best?",
    "The loss at the end, for each number of neurons. Click a dot to choose a run.",
    explain_widths,
    draw_widths,
    Axes(("neurons", "loss"), log_x=True, log_y=True),
)
