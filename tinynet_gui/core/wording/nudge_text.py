"""A nudged weight in words: three losses, the slope through them, backward's gradient, and why the two differ."""

import math
from collections import Counter

from tinynet_gui.core.choices.gradient_changes import active_pulls
from tinynet_gui.core.choices.losses import LOSSES
from tinynet_gui.core.network.refs import NeuronRef, ParameterRef
from tinynet_gui.core.step.nudge import Kink, Nudge
from tinynet_gui.core.text.numbers import counted, listed, plain, signed
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.wording.neurons import neuron_name

DIGITS = range(8, 18)  # of the losses: as many as it takes to compute the slope from what is shown
NAMED = 3  # kinks, those closest to w
CHANGE = "{} of {} curvature"  # where ELU passes 0, or an error ±1 in Huber's loss: the slope has no jump there


def symbol_of(parameter: ParameterRef) -> str:
    return "b" if parameter.kind == "bias" else "w"


def gradient_of(parameter: ParameterRef, snapshot: Snapshot) -> float:
    return float(getattr(snapshot.gradients[parameter.layer], parameter.kind)[parameter.index])


def nudge_rows(nudge: Nudge, snapshot: Snapshot) -> tuple[tuple[str, str], ...]:
    """Return the numbers computed, and backward's own gradient, each with its name."""
    gradient, w = gradient_of(nudge.parameter, snapshot), symbol_of(nudge.parameter)
    slope = signed(nudge.slope, 6)

    def is_slope(digits: int) -> bool:
        below, _, above = (float(f"{loss:.{digits}g}") for loss in nudge.three)
        return signed((above - below) / (2 * nudge.epsilon), 6) == slope

    digits = next(filter(is_slope, DIGITS), DIGITS[-1])
    below, here, above = (plain(loss, digits) for loss in nudge.three)
    return (
        (f"loss at {w} − ε", below),
        (f"loss at {w}", here),
        (f"loss at {w} + ε", above),
        (f"slope (L({w} + ε) − L({w} − ε)) / 2ε", slope),
        (f"backward's gradient ∂L/∂{w}", signed(gradient, 6)),
    )


def nudge_words(nudge: Nudge, snapshot: Snapshot, *, is_frozen: bool) -> str:
    training, count = snapshot.config.training, len(snapshot.dataset.x_train)
    words = [_relation(nudge, snapshot)]
    of = f"The losses are of {'all ' if count > 1 else ''}{counted(count, 'training sample')}, in float64"
    penalties = [pull.name for pull in active_pulls(training)]
    words.append(f"{of}, without {' or '.join(penalties)}, as backward's gradient is." if penalties else f"{of}.")
    if 0 < training.batch_size < count:
        words.append("A step's own gradient is of its mini-batch.")
    if is_frozen:
        words.append("The number is frozen: no step moves it, whatever its gradient.")
    return " ".join(words)


def _relation(nudge: Nudge, snapshot: Snapshot) -> str:
    if not all(map(math.isfinite, nudge.three)):
        return "The loss is not a finite number here."
    if nudge.kinks:
        count = len(nudge.kinks)
        more = f"at least {_counted(nudge, snapshot)}" if nudge.has_more else _counted(nudge, snapshot)
        lie = "lies" if count == 1 else "lie"
        seen = f", seen at {len(nudge.offsets)} points" if nudge.has_more and not nudge.is_straight else ""
        about = f"{'about ' if seen else ''}{symbol_of(nudge.parameter)}"
        nearest = "; ".join(_kink_text(kink, snapshot, about) for kink in nudge.kinks[:NAMED])
        rest = f"; and {count - NAMED} more" if count > NAMED else ""
        return (
            f"{more[0].upper()}{more[1:]} {lie} between{seen}: {nearest}{rest}. The slope mixes both sides; "
            f"the gradient is that at {symbol_of(nudge.parameter)} alone."
        )
    bends = [*dict.fromkeys(filter(None, _bends(snapshot)[nudge.parameter.layer :]))]
    none = "No kink" + (f" or {CHANGE.format('change', listed(bends, 'or'))}" if bends else "")
    if nudge.is_straight:
        return f"{none} lies between, so the loss is a parabola there, or a line: the two are equal but for rounding."
    they = f"{none} is seen at {len(nudge.offsets)} points. Without one they" if nudge.has_more else "They"
    return f"{they} differ the less the smaller ε is: once it is small, half of it leaves a quarter of the difference."


def _bends(snapshot: Snapshot) -> list[str]:
    """Return whose curvature jumps, for each hidden layer and then the loss; "" if none does."""
    loss = LOSSES[snapshot.config.training.loss]
    of_loss = f"{loss.label}'s" if loss.written.elsewhere else ""  # of two pieces that join without a kink
    return [*(f"{each.label}'s" if each.has_bend else "" for each in snapshot.config.network.activations), of_loss]


def _counted(nudge: Nudge, snapshot: Snapshot) -> str:
    """Count the kinks and, separately, the jumps of ELU's and Huber's curvature."""
    bends = _bends(snapshot)
    counts = Counter(bends[kink.layer] for kink in nudge.kinks)
    parts = [counted(counts.pop(""), "kink")] if "" in counts else []
    return listed(parts + [CHANGE.format(counted(count, "change"), name) for name, count in counts.items()])


def _kink_text(kink: Kink, snapshot: Snapshot, about: str) -> str:
    sample = f"sample {kink.sample + 1}, at {about} {'+' if kink.at >= 0 else '−'} {plain(abs(kink.at), 3)}"
    if kink.layer == len(snapshot.layers) - 1:
        return f"the loss of {sample}"
    return f"{neuron_name(snapshot, NeuronRef(kink.layer, kink.neuron))} for {sample}"
