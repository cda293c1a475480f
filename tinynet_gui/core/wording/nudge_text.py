"""A nudged weight in words: three losses, the slope through them, backward's gradient, and why the two differ."""

import math
from collections import Counter

from tinynet_gui.core.choices.gradient_changes import active_pulls
from tinynet_gui.core.choices.losses import LOSSES
from tinynet_gui.core.network.refs import NeuronRef, ParameterRef
from tinynet_gui.core.step.nudge import Kink, Nudge
from tinynet_gui.core.text.language import gettext as _, ngettext, pgettext
from tinynet_gui.core.text.numbers import count_text, listed, plain, signed
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.wording.neurons import neuron_name

DIGITS = range(8, 18)  # of the losses: as many as it takes to compute the slope from what is shown
NAMED = 3  # kinks, those closest to w


def gradient_of(parameter: ParameterRef, snapshot: Snapshot) -> float:
    return float(getattr(snapshot.gradients[parameter.layer], parameter.kind)[parameter.index])


def nudge_rows(nudge: Nudge, snapshot: Snapshot) -> tuple[tuple[str, str], ...]:
    """Return the numbers computed, and backward's own gradient, each with its name."""
    gradient, w = gradient_of(nudge.parameter, snapshot), nudge.parameter.symbol
    slope = signed(nudge.slope, 6)

    def is_slope(digits: int) -> bool:
        below, _, above = (float(f"{loss:.{digits}g}") for loss in nudge.three)
        return signed((above - below) / (2 * nudge.epsilon), 6) == slope

    digits = next(filter(is_slope, DIGITS), DIGITS[-1])
    below, here, above = (plain(loss, digits) for loss in nudge.three)
    at = _("loss at {place}")
    return (
        (at.format(place=f"{w} − ε"), below),
        (at.format(place=w), here),
        (at.format(place=f"{w} + ε"), above),
        (_("slope {formula}").format(formula=f"(L({w} + ε) − L({w} − ε)) / 2ε"), slope),
        (_("backward's gradient {symbol}").format(symbol=f"∂L/∂{w}"), signed(gradient, 6)),
    )


def nudge_words(nudge: Nudge, snapshot: Snapshot, *, is_frozen: bool) -> str:
    training, count = snapshot.config.training, len(snapshot.dataset.x_train)
    penalties = [pull.name for pull in active_pulls(training)]
    if penalties:
        # Translators: {penalties} is such as “weight decay or L1 penalty”.
        of = ngettext(
            "The losses are of {count} training sample, in float64, without {penalties}, as backward's gradient is.",
            "The losses are of all {count} training samples, in float64, without {penalties}, as backward's gradient "
            "is.",
            count,
        )
    else:
        of = ngettext(
            "The losses are of {count} training sample, in float64.",
            "The losses are of all {count} training samples, in float64.",
            count,
        )
    words = [_relation(nudge, snapshot), of.format(count=count_text(count), penalties=listed(penalties, "or"))]
    if 0 < training.batch_size < count:
        words.append(_("A step's own gradient is of its mini-batch."))
    if is_frozen:
        words.append(_("The number is frozen: no step moves it, whatever its gradient."))
    return " ".join(words)


def _relation(nudge: Nudge, snapshot: Snapshot) -> str:
    if not all(map(math.isfinite, nudge.three)):
        return _("The loss is not a finite number here.")
    points, bends = len(nudge.offsets), [*dict.fromkeys(filter(None, _bends(snapshot)[nudge.parameter.layer :]))]
    if nudge.kinks:
        return _with_kinks(nudge, snapshot, points)
    if nudge.is_straight:
        words = _(
            "No kink lies between, so the loss is a parabola there, or a line: the two are equal but for rounding."
        )
        if bends:
            words = _(
                "No kink or change of {names} curvature lies between, so the loss is a parabola there, or a line: the "
                "two are equal but for rounding."
            )
    elif nudge.has_more and bends:
        words = _(
            "No kink or change of {names} curvature is seen at {count} points. Without one they differ the less the "
            "smaller ε is: once it is small, half of it leaves a quarter of the difference."
        )
    elif nudge.has_more:
        words = _(
            "No kink is seen at {count} points. Without one they differ the less the smaller ε is: once it is small, "
            "half of it leaves a quarter of the difference."
        )
    else:
        words = _(
            "They differ the less the smaller ε is: once it is small, half of it leaves a quarter of the difference."
        )
    return words.format(names=listed(bends, "or"), count=points)


def _with_kinks(nudge: Nudge, snapshot: Snapshot, points: int) -> str:
    count, is_seen = len(nudge.kinks), nudge.has_more and not nudge.is_straight
    # Translators: {kinks} is such as “2 kinks and 1 change of ELU's curvature”, {nearest} a list of them.
    words = ngettext("{kinks} lies between: {nearest}.", "{kinks} lie between: {nearest}.", count)
    if is_seen:
        words = ngettext(
            "At least {kinks} lies between, seen at {count} points: {nearest}.",
            "At least {kinks} lie between, seen at {count} points: {nearest}.",
            count,
        )
    elif nudge.has_more:
        words = ngettext("At least {kinks} lies between: {nearest}.", "At least {kinks} lie between: {nearest}.", count)
    nearest = "; ".join(_kink_text(kink, snapshot, nudge.parameter.symbol, is_seen) for kink in nudge.kinks[:NAMED])
    if count > NAMED:
        nearest = _("{nearest}; and {count} more").format(nearest=nearest, count=count_text(count - NAMED))
    sides = _("The slope mixes both sides; the gradient is that at {symbol} alone.")
    text = words.format(kinks=_counted(nudge, snapshot), count=points, nearest=nearest)
    return f"{text} {sides.format(symbol=nudge.parameter.symbol)}"


def _bends(snapshot: Snapshot) -> list[str]:
    """Return whose curvature jumps, for each hidden layer and then the loss; "" if none does.

    ELU's does where it passes 0, Huber's where an error passes ±1: the slope has no jump there.
    """
    # Translators: as in “change of ELU's curvature”.
    words, loss = pgettext("curvature", "{name}'s"), LOSSES[snapshot.config.training.loss]
    of_loss = words.format(name=loss.label) if loss.written.elsewhere else ""  # of two pieces that join without a kink
    activations = snapshot.config.network.activations
    return [*(words.format(name=each.label) if each.has_bend else "" for each in activations), of_loss]


def _counted(nudge: Nudge, snapshot: Snapshot) -> str:
    """Count the kinks and, separately, the jumps of ELU's and Huber's curvature."""
    bends = _bends(snapshot)
    counts = Counter(bends[kink.layer] for kink in nudge.kinks)
    parts = []
    for name in sorted(counts, key=bool):
        words = ngettext("{count} kink", "{count} kinks", counts[name])
        if name:
            words = ngettext("{count} change of {name} curvature", "{count} changes of {name} curvature", counts[name])
        parts.append(words.format(count=count_text(counts[name]), name=name))
    return listed(parts)


def _kink_text(kink: Kink, snapshot: Snapshot, symbol: str, is_about: bool) -> str:
    at, about = _("{neuron} for sample {number}, at {place}"), _("{neuron} for sample {number}, at about {place}")
    if kink.layer == len(snapshot.layers) - 1:
        at, about = _("the loss of sample {number}, at {place}"), _("the loss of sample {number}, at about {place}")
    words, neuron = about if is_about else at, neuron_name(snapshot, NeuronRef(kink.layer, kink.neuron))
    place = f"{symbol} {'+' if kink.at >= 0 else '−'} {plain(abs(kink.at), 3)}"
    return words.format(neuron=neuron, number=kink.sample + 1, place=place)
