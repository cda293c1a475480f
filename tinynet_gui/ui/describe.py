"""What the window says of a neuron or a weight, in words, formulas and numbers."""

import re
from collections.abc import Callable

import numpy as np

from tinynet_gui.core.arrays import Array
from tinynet_gui.core.facts import NeuronFacts, neuron_facts
from tinynet_gui.core.registries import ACTIVATIONS
from tinynet_gui.core.snapshot import Snapshot
from tinynet_gui.ui.numbers import MINUS, plain, signed, subscript
from tinynet_gui.ui.selection import EdgeRef, NeuronRef, Ref
from tinynet_gui.ui.theme import Theme

LINE_LENGTH = 44
LISTED = 4  # so many weights of a wide layer are listed, the largest ones


def describe(snapshot: Snapshot, ref: Ref, theme: Theme) -> str:
    """Return the card's text, as rich text."""
    if isinstance(ref, EdgeRef):
        return _describe_edge(snapshot, ref, theme)
    layer = ref.layer
    facts = neuron_facts(snapshot, layer, ref.index)
    lines = [_title(_neuron_title(snapshot, ref), theme), f"<div>{_wrapped(formula_text(snapshot, ref))}</div>"]
    rows = _weight_rows("weight from", _input_names(snapshot, layer), facts.weights_in, facts.weights_in_gradient)
    rows.append(("bias b", facts.bias, facts.bias_gradient))
    rows += _weight_rows("weight to", _output_names(snapshot, layer + 1), facts.weights_out, facts.weights_out_gradient)
    lines.append(_table(rows, theme))
    lines += _closing_lines(snapshot, facts, theme)
    return "".join(lines)


def neuron_name(snapshot: Snapshot, ref: NeuronRef) -> str:
    """h₃, or h₃ with its layer in brackets where there are several hidden layers; ŷ for the output."""
    if ref.layer == len(snapshot.layers) - 1:
        return "ŷ"
    name = f"h{subscript(ref.index + 1)}"
    return name if len(snapshot.activations) == 1 else f"{name}[{ref.layer + 1}]"


def _neuron_title(snapshot: Snapshot, ref: NeuronRef) -> str:
    if ref.layer == len(snapshot.layers) - 1:
        return "Output ŷ"
    place = "" if len(snapshot.activations) == 1 else f" of hidden layer {ref.layer + 1}"
    return f"Neuron h{subscript(ref.index + 1)}{place}"


def _describe_edge(snapshot: Snapshot, ref: EdgeRef, theme: Theme) -> str:
    weight = float(snapshot.layers[ref.layer].weight[ref.output, ref.input])
    gradient = float(snapshot.gradients[ref.layer].weight[ref.output, ref.input])
    source = _input_names(snapshot, ref.layer)(ref.input)
    target = _output_names(snapshot, ref.layer)(ref.output)
    return _title(f"Weight from {source} to {target}", theme) + _table([("weight w", weight, gradient)], theme)


def _input_names(snapshot: Snapshot, layer: int) -> Callable[[int], str]:
    """How the inputs of an affine layer are called."""
    if layer == 0:
        return lambda index: "x"
    return lambda index: neuron_name(snapshot, NeuronRef(layer - 1, index))


def _output_names(snapshot: Snapshot, layer: int) -> Callable[[int], str]:
    """How the neurons of an affine layer are called."""
    return lambda index: neuron_name(snapshot, NeuronRef(layer, index))


def formula_text(snapshot: Snapshot, ref: NeuronRef) -> str:
    """Write a neuron with its numbers in: h₃ = ReLU(0.274·x − 0.809)."""
    layer = snapshot.layers[ref.layer]
    weights, bias = layer.weight[ref.index], float(layer.bias[ref.index])
    names = _input_names(snapshot, ref.layer)
    text = "".join(_term(float(w), f"·{names(i)}", first=i == 0) for i, w in enumerate(weights[:LISTED]))
    if len(weights) > LISTED:
        text += f" + {len(weights) - LISTED:,} more"
    text += _term(bias, "", first=False)
    symbol = ACTIVATIONS[snapshot.config.network.activation].symbol
    is_output = ref.layer == len(snapshot.layers) - 1
    name = neuron_name(snapshot, ref)
    return f"{name} = {text}" if is_output or not symbol else f"{name} = {symbol}({text})"


def _wrapped(formula: str) -> str:
    """Break a long formula before a plus or minus, for rich text."""
    lines = [""]
    for part in re.split(r"(?= [+−] )", formula):
        if len(lines[-1]) + len(part) > LINE_LENGTH and lines[-1]:
            lines.append("&nbsp;&nbsp;")
        lines[-1] += part
    return "<br>".join(lines)


def _term(value: float, what: str, first: bool) -> str:
    sign = MINUS if value < 0 else "+"
    size = f"{abs(value):.3f}" if 5e-4 <= abs(value) < 1e4 or value == 0 else plain(abs(value), 3)
    if first:
        return f"{MINUS if value < 0 else ''}{size}{what}"
    return f" {sign} {size}{what}"


def _weight_rows(
    label: str, names: Callable[[int], str], weights: Array, gradients: Array
) -> list[tuple[str, float, float]]:
    """Rows of (label, weight, gradient): all of a few weights, or the largest of many."""
    chosen = range(len(weights))
    if len(weights) > LISTED:
        chosen = np.sort(np.argsort(-np.abs(weights))[:LISTED]).tolist()
    return [(f"{label} {names(i)}", float(weights[i]), float(gradients[i])) for i in chosen]


def _closing_lines(snapshot: Snapshot, facts: NeuronFacts, theme: Theme) -> list[str]:
    lines = []
    hidden = max(len(facts.weights_in), len(facts.weights_out)) > LISTED
    if hidden:
        lines.append(f"the {LISTED} largest of {max(len(facts.weights_in), len(facts.weights_out)):,} are listed")
    if facts.kink is not None:
        lines.append(f"kink at x = {MINUS}b/w = {signed(facts.kink, 3)}")
    if facts.active_count is not None and ACTIVATIONS[snapshot.config.network.activation].slopes is not None:
        lines.append(f"active (u &gt; 0) on {facts.active_count:,} of {facts.sample_count:,} samples")
    if facts.is_dead:
        lines.append("dead: 0 on every sample, so no step changes it")
    return [f'<div style="color:{theme.muted}">{"<br>".join(lines)}</div>'] if lines else []


def _title(text: str, theme: Theme) -> str:
    return f'<div style="color:{theme.ink}"><b>{text}</b></div>'


def _table(rows: list[tuple[str, float, float]], theme: Theme) -> str:
    head = f'<tr><td></td><td align="right" style="color:{theme.muted}">value</td>'
    head += f'<td align="right" style="color:{theme.muted}">&nbsp;&nbsp;gradient</td></tr>'
    body = "".join(
        f'<tr><td style="color:{theme.muted}">{label}&nbsp;&nbsp;</td>'
        f'<td align="right" style="color:{theme.positive if value >= 0 else theme.negative}">{signed(value)}</td>'
        f'<td align="right">&nbsp;&nbsp;{signed(gradient, 5)}</td></tr>'
        for label, value, gradient in rows
    )
    return f"<table cellspacing='0' cellpadding='0'>{head}{body}</table>"
