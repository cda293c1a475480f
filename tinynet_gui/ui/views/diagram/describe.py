"""What the window says of a neuron, a weight or a layer, in formulas and sentences, and in the hover card."""

import re
from collections.abc import Callable, Collection

from tinynet_gui.core.analysis.dying_relu import Death, DeathBetween, chance_of_the_dead
from tinynet_gui.core.analysis.summaries import NeuronSummary, layer_summary, neuron_summary
from tinynet_gui.core.analysis.without import loss_without
from tinynet_gui.core.arrays import Array, largest
from tinynet_gui.core.network.activations import ACTIVATIONS
from tinynet_gui.core.network.refs import LayerRef, NeuronRef, Ref, WeightRef
from tinynet_gui.core.run.snapshot import Snapshot
from tinynet_gui.core.text.names import input_name, neuron_name, title_of, vector_name
from tinynet_gui.core.text.numbers import MINUS, loss_text, told_apart, value_text
from tinynet_gui.ui.style.theme import Theme

LINE_LENGTH = 44
LISTED = 4  # so many weights of a wide layer are listed in the card, the largest ones
MOST_NAMES = 3  # of neurons that are switched off
LISTED_IN_SHORT = 2
DIGITS = 4  # decimals in the card; a gradient has one more


def formula_text(snapshot: Snapshot, ref: Ref, digits: int | None, limit: int) -> str:
    """Write a neuron with its numbers in: h₃ = ReLU(0.2742·x − 0.8090); of a weight, the neuron that it leads to.

    Parameters
    ----------
    digits
        Decimals, as for `value_text`.
    limit
        Of more weights than this only the largest are written.
    """
    if isinstance(ref, LayerRef):
        return _layer_formula(snapshot, ref.layer)
    if isinstance(ref, WeightRef):
        ref = NeuronRef(ref.layer, ref.output)
    layer = snapshot.layers[ref.layer]
    weights = layer.weight[ref.index]
    text = ""
    for i in largest(weights, limit):
        text += _term(float(weights[i]), f"·{input_name(snapshot, ref.layer, i)}", digits, first=not text)
    if len(weights) > limit:
        text += f" + {len(weights) - limit:,} more"
    text += _term(float(layer.bias[ref.index]), "", digits, first=False)
    symbol = ACTIVATIONS[snapshot.config.network.activation].symbol
    is_output = ref.layer == len(snapshot.layers) - 1
    name = neuron_name(snapshot, ref)
    return f"{name} = {text}" if is_output or not symbol else f"{name} = {symbol}({text})"


def fact_lines(snapshot: Snapshot, ref: Ref, digits: int | None) -> list[str]:
    """Say of a neuron where it bends and on how many samples it is active; of a layer what is in it."""
    match ref:
        case NeuronRef():
            return _neuron_lines(snapshot, ref.layer, neuron_summary(snapshot, ref.layer, ref.index), digits)
        case LayerRef():
            return _layer_lines(snapshot, ref.layer, digits)
    return []


def death_text(death: Death | DeathBetween | None) -> str:
    """Say in a line which update killed a neuron; None if it was dead from the first weights on."""
    if death is None:
        return "dead from the first weights on"
    if isinstance(death, DeathBetween):
        since = "" if death.first is None else f"between step {death.first:,} and "
        return f"died {since or 'before '}step {death.last:,}"
    when = f"died at step {death.step:,}{', set by hand' if death.is_by_hand else ''}"
    if death.culprit == "the layers before":
        return f"{when}: the layers before it moved"
    moves = [("b", death.bias_before, death.bias_after)]
    if len(death.weights_before) == 1:
        moves.insert(0, ("w", float(death.weights_before[0]), float(death.weights_after[0])))
    return f"{when}: " + ", ".join("{} {} → {}".format(name, *told_apart(a, b)) for name, a, b in moves)


def without_text(snapshot: Snapshot, off: Collection[NeuronRef]) -> str:
    """Say what the loss over the training samples is without some neurons."""
    names = [neuron_name(snapshot, ref) for ref in sorted(off, key=lambda ref: (ref.layer, ref.index))]
    who = ", ".join(names) if len(names) <= MOST_NAMES else f"{len(names)} neurons"
    loss = loss_without(snapshot, [(ref.layer, ref.index) for ref in off])
    return f"without {who}:\nloss {loss_text(loss)}"


def describe(snapshot: Snapshot, ref: Ref, theme: Theme, note: str = "") -> str:
    """Return all there is to say, as rich text, with a line more at its end."""
    parts = [f'<div style="color:{theme.ink}"><b>{title_of(snapshot, ref)}</b></div>']
    if not isinstance(ref, WeightRef):
        parts.append(f"<div>{_wrapped(formula_text(snapshot, ref, DIGITS, LISTED))}</div>")
    if not isinstance(ref, LayerRef):
        parts.append(_table(_card_rows(snapshot, ref), theme))
    lines = [_left_out(snapshot, ref), *fact_lines(snapshot, ref, DIGITS), note]
    text = "<br>".join(line.replace(">", "&gt;") for line in lines if line)
    if text:
        parts.append(f'<div style="color:{theme.muted}">{text}</div>')
    return "".join(parts)


def in_short(snapshot: Snapshot, ref: Ref, theme: Theme, note: str = "") -> str:
    """Return the card's text, as rich text: what the diagram does not show, and a line more at its end."""
    match ref:
        case WeightRef():
            ((_, weight, gradient),) = _card_rows(snapshot, ref)
            head = f"<b>{title_of(snapshot, ref)}</b>"
            facts = [f"{value_text(weight, DIGITS)}, gradient {value_text(gradient, DIGITS + 1)}"]
        case LayerRef():
            head = f"<b>{title_of(snapshot, ref)}</b><br>{formula_text(snapshot, ref, DIGITS, LISTED)}"
            facts = _layer_lines(snapshot, ref.layer, DIGITS)[-1:]
        case NeuronRef():
            head, facts = formula_text(snapshot, ref, DIGITS, LISTED_IN_SHORT), _facts_in_short(snapshot, ref)
    text = "<br>".join(line.replace(">", "&gt;") for line in (*facts, note) if line)
    return f'<div style="color:{theme.ink}">{head}</div><div style="color:{theme.muted}">{text}</div>'


def _facts_in_short(snapshot: Snapshot, ref: NeuronRef) -> list[str]:
    facts = neuron_summary(snapshot, ref.layer, ref.index)
    lines = [] if facts.kink is None else [f"kink at x = {value_text(facts.kink, DIGITS)}"]
    if facts.active_count is not None and ACTIVATIONS[snapshot.config.network.activation].slopes is not None:
        dead = ": dead" if facts.is_dead else ""
        lines.append(f"active on {facts.active_count:,} of {facts.sample_count:,} samples{dead}")
    return lines


def _layer_formula(snapshot: Snapshot, layer: int) -> str:
    source, result = vector_name(snapshot, layer - 1), vector_name(snapshot, layer)
    if layer == len(snapshot.layers) - 1:
        return f"{result} = W·{source} + b"
    symbol = ACTIVATIONS[snapshot.config.network.activation].symbol
    return f"u = W·{source} + b, {result} = {f'{symbol}(u)' if symbol else 'u'}"


def _term(value: float, what: str, digits: int | None, first: bool) -> str:
    """A number with what it is multiplied by, its digits the ones that the table writes."""
    text = value_text(value, digits)
    sign, size = (text[0], text[1:]) if text[0] in f"+{MINUS}" else ("+", text)
    if first:
        return f"{MINUS if sign == MINUS else ''}{size}{what}"
    return f" {sign} {size}{what}"


def _neuron_lines(snapshot: Snapshot, layer: int, facts: NeuronSummary, digits: int | None) -> list[str]:
    lines = []
    if facts.kink is not None:
        lines.append(f"kink at x = {MINUS}b/w = {value_text(facts.kink, digits)}")
    if facts.active_count is not None and ACTIVATIONS[snapshot.config.network.activation].slopes is not None:
        lines.append(f"active (u > 0) on {facts.active_count:,} of {facts.sample_count:,} samples")
    if facts.is_dead:
        lines.append("dead: 0 on every sample, and no gradient;")
        lines.append(chance_of_the_dead(snapshot.config, layer))
    return lines


def _layer_lines(snapshot: Snapshot, layer: int, digits: int | None) -> list[str]:
    facts = layer_summary(snapshot, layer)
    neurons, inputs = facts.shape
    lines = [
        f"weight ({neurons}, {inputs}) and bias ({neurons},): {facts.parameter_count:,} parameters",
        f"largest weight {value_text(facts.largest_weight, digits)}, from "
        f"{input_name(snapshot, layer, facts.largest_at[1])} to "
        f"{neuron_name(snapshot, NeuronRef(layer, facts.largest_at[0]))}",
    ]
    if facts.active_counts is not None and ACTIVATIONS[snapshot.config.network.activation].slopes is not None:
        fewest, most = facts.active_counts
        counts = f"{fewest:,}" if fewest == most else f"{fewest:,} to {most:,}"
        lines.append(f"neurons active (u > 0) on {counts} of {facts.sample_count:,} samples")
    if facts.dead_count is not None:
        lines.append(f"dead: {facts.dead_count or 'none'} of {neurons:,} neuron{'' if neurons == 1 else 's'}")
    return lines


def _wrapped(formula: str) -> str:
    """Break a long formula before a plus or minus, for rich text."""
    lines = [""]
    for part in re.split(r"(?= [+−] )", formula):
        if len(lines[-1]) + len(part) > LINE_LENGTH and lines[-1]:
            lines.append("&nbsp;&nbsp;")
        lines[-1] += part
    return "<br>".join(lines)


def _card_rows(snapshot: Snapshot, ref: NeuronRef | WeightRef) -> list[tuple[str, float, float]]:
    """Rows of (label, value, gradient)."""
    if isinstance(ref, WeightRef):
        at = ref.output, ref.input
        weights, gradients = snapshot.layers[ref.layer].weight, snapshot.gradients[ref.layer].weight
        return [("weight w", float(weights[at]), float(gradients[at]))]
    facts = neuron_summary(snapshot, ref.layer, ref.index)
    rows = _weight_rows(
        "weight from",
        lambda i: input_name(snapshot, ref.layer, i),
        facts.weights_in,
        facts.weights_in_gradient,
    )
    rows.append(("bias b", facts.bias, facts.bias_gradient))
    return rows + _weight_rows(
        "weight to",
        lambda i: neuron_name(snapshot, NeuronRef(ref.layer + 1, i)),
        facts.weights_out,
        facts.weights_out_gradient,
    )


def _weight_rows(
    label: str, names: Callable[[int], str], weights: Array, gradients: Array
) -> list[tuple[str, float, float]]:
    return [(f"{label} {names(i)}", float(weights[i]), float(gradients[i])) for i in largest(weights, LISTED)]


def _left_out(snapshot: Snapshot, ref: Ref) -> str:
    """Say that not all weights are in the card's table, or nothing."""
    if not isinstance(ref, NeuronRef):
        return ""
    facts = neuron_summary(snapshot, ref.layer, ref.index)
    count = max(len(facts.weights_in), len(facts.weights_out))
    return f"the {LISTED} largest of {count:,} are listed" if count > LISTED else ""


def _table(rows: list[tuple[str, float, float]], theme: Theme) -> str:
    head = f'<tr><td></td><td align="right" style="color:{theme.muted}">value</td>'
    head += f'<td align="right" style="color:{theme.muted}">&nbsp;&nbsp;gradient</td></tr>'
    body = "".join(
        f'<tr><td style="color:{theme.muted}">{label}&nbsp;&nbsp;</td>'
        f'<td align="right" style="color:{theme.positive if value >= 0 else theme.negative}">'
        f"{value_text(value, DIGITS)}</td>"
        f'<td align="right">&nbsp;&nbsp;{value_text(gradient, DIGITS + 1)}</td></tr>'
        for label, value, gradient in rows
    )
    return f"<table cellspacing='0' cellpadding='0'>{head}{body}</table>"
