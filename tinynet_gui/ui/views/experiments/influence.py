"""Leave-one-out influence: the result's text, one dot per sample, and the samples' texts in the function plot."""

from collections.abc import Iterator, Sequence

import numpy as np
import pyqtgraph as pg

from tinynet_gui.core.experiments.influence import ORDERS, InfluenceResult, SampleInfluence
from tinynet_gui.core.network.forward import output_curve
from tinynet_gui.core.text.language import gettext as _, ngettext
from tinynet_gui.core.text.numbers import count_text, listed, loss_text, neuron_symbol, plain, told_apart
from tinynet_gui.core.training.start import plot_grid, steps_per_epoch
from tinynet_gui.core.values import Array, Floats
from tinynet_gui.ui.views.experiments.drawing import Axes, Drawing, ShownExperiment, ShownSamples
from tinynet_gui.ui.widgets.plots.plot_menu import Range
from tinynet_gui.ui.widgets.plots.plot_parts import line_pen

MAX_NAMED = 4  # more samples or neurons are counted instead
MIN_DIGITS, MAX_DIGITS = 3, 9
MAX_LISTED = 200  # samples, the most influential ones
STEM_OPACITY = 0.8  # of the line below a dot
CHANCE_SEEN = 0.01  # of the height of a picture: less is drawn on the axis


def explain_influence(result: InfluenceResult) -> str:
    """Name the most influential sample and how far it moves the curve, or say why there is none."""
    if result.sample_count == 1:
        return _("With one training sample there is nothing to leave out.")
    if result.diverged_at is not None:
        return _explain_divergence(result, result.diverged_at)
    diverged = [one for one in result.samples if one.diverged_at is not None]
    words = []
    if len(diverged) > MAX_NAMED:
        text = _("Without any one of {count} samples the training diverges.")
        words.append(text.format(count=count_text(len(diverged))))
    elif diverged:
        text = _("Without the sample at {places} the training diverges.")
        words.append(text.format(places=listed(_names(result, diverged), "or")))
    finite = [one for one in result.ranked if one.diverged_at is None]
    if finite and finite[0].influence > result.chance:
        words.append(explain_sample(result, finite[0]))
        if len(finite) > 1:
            words.append(_next(result, finite[0], finite[1]))
    elif finite:
        text = _(
            "None of the {count} samples is influential: without one the curve moves by {moved} at most, no more than "
            "chance can do."
        )
        if not _is_complete(result):
            text = _(
                "None of the first {done} of {count} samples is influential: without one the curve moves by {moved} at "
                "most, no more than chance can do."
            )
        words.append(_covered(text, result, moved=plain(finite[0].influence, 3)))
    how = _(
        "How far it moves is the RMS (root mean square) of the difference from the leftmost sample to the rightmost."
    )
    return " ".join([*words, _chance(result), how])


def explain_sample(result: InfluenceResult, one: SampleInfluence) -> str:
    """Say what changes without a sample: the curve, the loss over the others, the dead neurons."""
    name = sample_name(result, one)
    if one.diverged_at is not None:
        text = _("Without the sample at {place} the training diverges at step {step}.")
        if result.diverged_at is not None:
            text = _("Without the sample at {place} the training diverges at step {step}, as with all.")
        return text.format(place=name, step=count_text(one.diverged_at))
    if result.diverged_at is not None:
        text = _("Without the sample at {place} the training does not diverge; its loss is then {loss}.")
        return text.format(place=name, loss=loss_text(one.loss_without))
    # Translators: {rank} is such as "the most influential of 20".
    text = _("Without the sample at {place} the curve moves by {moved}: {rank}.")
    moves = text.format(place=name, moved=plain(one.influence, 3), rank=_rank(result, one))
    return " ".join((moves, _loss(result, one), *_neurons(result, one)))


def _loss(result: InfluenceResult, one: SampleInfluence) -> str:
    others = result.sample_count - 1
    then, before = loss_text(one.loss_without), loss_text(one.loss_with)
    if then == before:
        then, before = told_apart(one.loss_without, one.loss_with)
    if then == before:
        text = ngettext(
            "The loss over the other one stays {then}.", "The loss over the other {count} stays {then}.", others
        )
    else:
        text = ngettext(
            "The loss over the other one is then {then} instead of {before}.",
            "The loss over the other {count} is then {then} instead of {before}.",
            others,
        )
    return text.format(count=count_text(others), then=then, before=before)


def sample_name(result: InfluenceResult, one: SampleInfluence) -> str:
    return _names(result, [one])[0]


def _names(result: InfluenceResult, samples: Sequence[SampleInfluence]) -> list[str]:
    every = np.unique([one.x for one in result.samples])
    names = []
    for one in samples:
        place = int(np.searchsorted(every, one.x))
        near = [float(every[k]) for k in (place - 1, place + 1) if 0 <= k < len(every)]
        digits = MIN_DIGITS
        while digits < MAX_DIGITS and any(plain(x, digits) == plain(one.x, digits) for x in near):
            digits += 1
        names.append(f"x = {plain(one.x, digits)}")
    return names


def _explain_divergence(result: InfluenceResult, step: int) -> str:
    finite = [one for one in result.samples if one.diverged_at is None]
    words = _("With all samples the training diverges at step {step}: there is no curve to compare with.")
    if len(finite) > MAX_NAMED:
        text = _("Without any one of {count} samples it does not diverge.").format(count=count_text(len(finite)))
    elif finite:
        text = _("Without the sample at {places} it does not diverge.")
        text = text.format(places=listed(_names(result, finite), "or"))
    elif _is_complete(result):
        text = _covered(_("So it does without any one of the {count}."), result)
    else:
        text = _covered(_("So it does without any one of the first {done} of {count}."), result)
    return f"{words.format(step=count_text(step))} {text}"


def _is_complete(result: InfluenceResult) -> bool:
    return len(result.samples) == result.sample_count


def _covered(text: str, result: InfluenceResult, **holes: object) -> str:
    """Fill in how many samples there are, and how many have been left out so far."""
    return text.format(done=count_text(len(result.samples)), count=count_text(result.sample_count), **holes)


def _rank(result: InfluenceResult, one: SampleInfluence) -> str:
    if one.influence <= result.chance:
        return _("no more than chance can do")
    finite = [other for other in result.ranked if other.diverged_at is None]
    place = next(place for place, other in enumerate(finite) if other.place == one.place)
    if place == 0 and len(finite) < len(result.samples):
        text = _("the most influential of the {count} without which it does not diverge")
        return text.format(count=count_text(len(finite)))
    text, so_far = _("number {place} of {count}"), _("number {place} of the first {done} of {count}")
    if place == 0:
        text, so_far = _("the most influential of {count}"), _("the most influential of the first {done} of {count}")
    return _covered(text if _is_complete(result) else so_far, result, place=place + 1)


def _next(result: InfluenceResult, first: SampleInfluence, second: SampleInfluence) -> str:
    text = _("The next is {place}: {moved}.")
    if first.influence - second.influence <= result.chance:
        text = _("The next, {place}, has as much influence, as far as can be told: {moved}.")
    return text.format(place=sample_name(result, second), moved=plain(second.influence, 3))


def _neurons(result: InfluenceResult, one: SampleInfluence) -> Iterator[str]:
    dead = ngettext("{names} is then dead.", "{names} are then dead.", len(one.died))
    alive = ngettext("{names} is then alive.", "{names} are then alive.", len(one.lived))
    for neurons, few, many in (
        (one.died, dead, _("{count} neurons more are then dead.")),
        (one.lived, alive, _("{count} neurons more are then alive.")),
    ):
        names = [neuron_symbol(*neuron, len(result.config.network.hidden)) for neuron in neurons]
        if neurons:
            text = many if len(neurons) > MAX_NAMED else few
            yield text.format(count=count_text(len(neurons)), names=listed(names))


def _chance(result: InfluenceResult) -> str:
    moved, chance = plain(result.by_order, 3), plain(result.chance, 3)
    if steps_per_epoch(result.config, result.sample_count) > 1:
        text = _(
            "With mini-batches another order of the same samples does not move the curve, in {tries} tries, and "
            "leaving one out changes the order too: up to {chance} may be chance. A sample without influence moves "
            "the curve further in at most 5 of 100 cases."
        )
        if result.by_order:
            text = _(
                "With mini-batches another order of the same samples moves the curve by up to {moved}, in {tries} "
                "tries, and leaving one out changes the order too: up to {chance} may be chance. A sample without "
                "influence moves the curve further in at most 5 of 100 cases."
            )
    else:
        text = _(
            "For comparison: the same samples in another order, which is rounded differently, does not move the curve."
        )
        if result.by_order:
            text = _(
                "For comparison: the same samples in another order, which is rounded differently, moves the curve by "
                "up to {moved}."
            )
    return text.format(moved=moved, chance=chance, tries=ORDERS)


def draw_influence(drawing: Drawing, result: InfluenceResult) -> None:
    """Draw how far the curve moves without each sample, over its x; diverging ones at the top."""
    x, influences = (np.array([getattr(one, name) for one in result.samples]) for name in ("x", "influence"))
    known = np.append(influences, result.chance)
    top = 1.15 * float(known[np.isfinite(known)].max(initial=0.0)) or 1.0
    heights, infinite = np.minimum(influences, top), np.isinf(influences)
    ends = np.column_stack([np.zeros(len(x)), heights]).ravel()
    pen = line_pen("data", 1, alpha=STEM_OPACITY)
    drawing.plot.addItem(pg.PlotCurveItem(np.repeat(x, 2), ends, connect="pairs", pen=pen))
    drawing.enter("●", "data", _("without this sample"))
    if infinite.any():
        drawing.enter("●", "error", _("diverges"))
    if CHANCE_SEEN * top < result.chance < np.inf:
        drawing.enter("┄", "ghost", _("below it may be chance: so are 95 of 100 samples without influence, or more"))
        drawing.add_limit(result.chance, angle=0)
    for chosen, color in ((~infinite, "data"), (infinite, "error")):
        here = np.flatnonzero(chosen)
        drawing.add_samples(x[here], heights[here], [result.samples[k].place for k in here], color=color)
    if len(x):
        margin = 0.05 * float(x.max() - x.min()) or 1.0
        drawing.everything = Range(float(x.min()) - margin, float(x.max()) + margin), Range(0.0, 1.2 * top)


def _influences(result: InfluenceResult) -> Floats:
    """Return the influence of each sample: 0 if it may be chance, NaN if not known yet."""
    influences = np.full(result.sample_count, np.nan)
    for one in result.samples:
        influences[one.place] = one.influence if one.influence > result.chance else 0.0
    return influences


def _explain_place(result: InfluenceResult, place: int) -> str:
    return "".join(explain_sample(result, one) for one in result.samples if one.place == place)


def _labels(result: InfluenceResult) -> list[tuple[str, int]]:
    labels = []
    for name, one in zip(_names(result, result.ranked[:MAX_LISTED]), result.ranked, strict=False):
        text = _("without {name} · moves by {moved}") if one.diverged_at is None else _("without {name} · diverges")
        labels.append((text.format(name=name, moved=plain(one.influence, 3)), one.place))
    return labels


def _curves(
    result: InfluenceResult, place: int, x_range: tuple[float, float] | None
) -> tuple[str, Array, Array, Array]:
    one = result.samples[place]
    name, x = sample_name(result, one), plot_grid(result.config.data)
    if x_range is None or not result.layers or not one.layers:
        return name, x, result.output, one.output
    x, activation = np.linspace(*x_range, len(x), dtype=np.float32), result.config.network.activation
    return name, x, output_curve(result.layers, activation, x), output_curve(one.layers, activation, x)


INFLUENCE = ShownExperiment[InfluenceResult](
    _("Leave one sample out"),
    _("Which sample did it? The network is trained without each of them in turn, from the same initial weights."),
    _(
        "How far the final curve moves without a sample (RMS, in units of y), over its x. Point at one to see its "
        "curve."
    ),
    explain_influence,
    draw_influence,
    Axes(("x", _("moved by"))),
    list_name=_("Samples left out, the most influential first"),
    open_hint=_("A run without one sample cannot be opened: the settings cannot describe its samples."),
    shows_time_left=True,
    samples=ShownSamples(_influences, _labels, _explain_place, _curves),
)
