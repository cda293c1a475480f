"""The ladder of widths: the best number of neurons, and the spread of each width."""

import math
from collections.abc import Iterator, Sequence

import numpy as np
from PySide6.QtCore import Qt

from tinynet_gui.core.experiments.base import Spread
from tinynet_gui.core.experiments.ladder import MIN_SEEDS_OF_WIDTHS, WidthResult, WidthsResult
from tinynet_gui.core.text.language import gettext as _, ngettext, pgettext
from tinynet_gui.core.text.numbers import count_text, listed, loss_text, p_text
from tinynet_gui.core.values import Floats
from tinynet_gui.ui.style.theme import px
from tinynet_gui.ui.views.experiments.drawing import Axes, Drawing, ShownExperiment, finite_logs, log_of
from tinynet_gui.ui.widgets.plots.plot_menu import Range
from tinynet_gui.ui.widgets.plots.plot_parts import line_pen

OVERFIT_FACTOR = 1.2  # the widest network's validation loss relative to the best width's
CANNOT_FACTOR = 2.0  # too few kinks: the lower bound for lines is above this multiple of the best width's loss


def explain_widths(result: WidthsResult) -> str:
    """Name the best number of neurons, and say which others overfit, diverge, cannot or did not learn the function."""
    widths = tuple(one for one in result.widths if math.isfinite(_loss(one)))
    if not widths:
        return _diverging(result.widths) + " " + _("There is no width to recommend.")
    best = min(widths, key=_loss)
    more = _("Hold some samples out to see whether they fit anything else.")
    more = more if best.validation is None else _overfitting(widths[-1], best)
    diverging = tuple(one for one in result.widths if one not in widths)
    words = _best_width(result, widths, best), more, _diverging(diverging) if diverging else ""
    return " ".join(filter(None, (*words, *_underfitting(widths, best), _confidence(result, best))))


def _best_width(result: WidthsResult, widths: Sequence[WidthResult], best: WidthResult) -> str:
    """Name the smallest width that cannot be told apart from the best, and say how sure that is."""
    # Translators: what networks fit; it fills the hole {samples} of four sentences, in one case.
    samples = pgettext("fit", "the samples") if best.validation is None else pgettext("fit", "the held-out samples")
    choice, smallest = result.choice, best
    if choice is None:
        # Translators: {neurons} is such as "10 neurons"; so it is in all sentences of this kind.
        text = _(
            "{neurons} fit {samples} best here (median loss {loss}), but with fewer than {seeds} seeds another number "
            "may do so by chance."
        )
    elif choice.smallest == choice.best:
        text = _("{neurons} fit {samples} best (median loss {loss}).")
        if best is not result.widths[0]:
            text = _("{neurons} fit {samples} best (median loss {loss}); no narrower network is as good.")
    else:
        smallest = next(one for one in widths if one.width == choice.smallest)
        text = _(
            "{neurons} are the fewest that fit {samples} as well as any, as far as can be told: median loss {loss}. "
            "{best} have the lowest, {lowest}, but that may be chance."
        )
    of_both = {"neurons": _neurons(smallest), "loss": loss_text(_loss(smallest))}
    of_both |= {"best": _neurons(best), "lowest": loss_text(_loss(best))}
    return text.format(samples=samples, seeds=MIN_SEEDS_OF_WIDTHS, **of_both)


def _confidence(result: WidthsResult, best: WidthResult) -> str:
    if result.choice is None or best is result.widths[0]:
        return ""
    p = result.choice.p
    text = _(
        "How that is judged: at most 5 of 100 ladders pass over a width that is as good as any (paired permutation "
        "test, {count} seeds)."
    )
    if p is not None:
        text = _(
            "How that is judged: at most 5 of 100 ladders pass over a width that is as good as any (paired permutation "
            "test, {count} seeds, {p})."
        )
    return text.format(count=len(best.runs), p="" if p is None else p_text(p))


def _loss(one: WidthResult) -> float:
    return one.compared.median


def _overfitting(widest: WidthResult, best: WidthResult) -> str:
    """Say that the widest networks are worse on held-out samples although they are as good on the others."""
    if _loss(widest) <= OVERFIT_FACTOR * _loss(best) or widest.training.median > best.training.median:
        return ""
    text = _(
        "With {count} it is {loss}, although the loss on the samples is {training}: they learn the samples, but not "
        "what lies between them."
    )
    if widest.runs[0].config.data.noise > 0:
        text = _("With {count} it is {loss}, although the loss on the samples is {training}: they learn the noise.")
    training = loss_text(widest.training.median)
    return text.format(count=count_text(widest.width), loss=loss_text(_loss(widest)), training=training)


def _diverging(widths: tuple[WidthResult, ...]) -> str:
    text = ngettext(
        "With {counts} neuron half of the runs or more diverge at this learning rate.",
        "With {counts} neurons half of the runs or more diverge at this learning rate.",
        max(one.width for one in widths),
    )
    return text.format(counts=listed([count_text(one.width) for one in widths]))


def _underfitting(widths: tuple[WidthResult, ...], best: WidthResult) -> Iterator[str]:
    """Tell networks with too few kinks from those that did not learn to use them."""
    too_few = [r for r in widths if r.at_least is not None and r.at_least > CANNOT_FACTOR * best.training.median]
    if too_few:
        text = _("Up to {neurons} have too few kinks: even the best line with that many is worse.")
        yield text.format(neurons=_neurons(too_few[-1]))
    for one in widths:
        if one.within_reach is not None and one not in too_few and one.training.median > 2 * one.within_reach:
            text = _(
                "{neurons} could reach {loss}, as the dotted line says, but half of the runs stay above {median}: not "
                "too few kinks, but not learned."
            )
            median = loss_text(one.training.median)
            yield text.format(neurons=_neurons(one), loss=loss_text(one.within_reach), median=median)
            break


def _neurons(one: WidthResult) -> str:
    return ngettext("{count} neuron", "{count} neurons", one.width).format(count=count_text(one.width))


def draw_widths(drawing: Drawing, result: WidthsResult) -> None:
    """Draw medians and quartiles of training and validation loss, and the best possible loss of each width."""
    widths = np.log10([one.width for one in result.widths])
    drawing.enter("—", "ink", _("on the samples: median, middle half"))
    _add_spread(drawing, widths, [one.training for one in result.widths], "ink", Qt.PenStyle.SolidLine)
    if all(one.validation is not None for one in result.widths):
        validation = [one.validation for one in result.widths if one.validation is not None]
        _add_spread(drawing, widths, validation, "data", Qt.PenStyle.DashLine)
        drawing.enter("╌", "data", _("held out"))
    possible = [(one.width, one.within_reach) for one in result.widths if one.within_reach is not None]
    if possible:
        drawing.enter("┄", "ghost", _("best line or run known"))
        pen, (reaching, fits) = line_pen("ghost", 1.6, Qt.PenStyle.DotLine), np.transpose(possible)
        drawing.add_curve(np.log10(reaching), log_of(fits), pen)
    for one, x in zip(result.widths, widths, strict=True):
        y = log_of([r.final_loss for r in one.runs])
        drawing.add_runs(np.full(len(y), x), y, one.runs, color="ink", size=px(4))
    finite = finite_logs([run.final_loss for run in result.runs])
    if len(finite):
        drawing.everything = Range(-0.1, 3.1), Range(float(finite.min()) - 0.6, float(finite.max()) + 0.3)


def _add_spread(drawing: Drawing, x: Floats, spreads: Sequence[Spread], color: str, style: Qt.PenStyle) -> None:
    quartiles = (log_of([getattr(s, name) for s in spreads]) for name in ("low", "median", "high"))
    drawing.add_spread(x, line_pen(color, 1.8, style), *quartiles)


LADDER = ShownExperiment[WidthsResult](
    _("Ladder of widths"),
    _("Which number of neurons fits best?"),
    _("The loss at the end, for each number of neurons. Click a dot to choose a run."),
    explain_widths,
    draw_widths,
    Axes((_("neurons"), _("loss")), log_x=True, log_y=True),
)
