"""The first two phases in numbers: forward from x to ŷ, and the loss."""

import html
import re
from collections.abc import Callable

import numpy as np

from tinynet_gui.core.choices.losses import LOSSES
from tinynet_gui.core.text.words import hidden_layer
from tinynet_gui.core.text.worked import DIGITS, Digits, Write, at_number, base, in_brackets
from tinynet_gui.ui.views.microscope.page import PhaseText


def forward(page: PhaseText, at: int) -> str:
    """Write every value of the forward pass of one sample of the batch."""
    d, write = page.d, page.write
    parts = [page.title("Input"), f"<div>x = {write(d.x[at])}</div>"]
    for layer, (u, h) in enumerate(zip(d.values.pre_activations, d.values.activations, strict=True)):
        listed = page.listed(len(u), page.parameter.neuron if page.parameter.layer == layer else None)
        rows = [(page.name(layer, i), *_activated(page, layer, u[i, at], h[i, at])) for i in listed]
        parts += [_layer_title(page, layer), page.table(("", "u", "h"), rows), page.more(len(u), "neuron")]
    y_hat, y = write(d.values.output[at]), write(d.y[at])
    parts += [page.title("Output"), f"<div>ŷ = <b>{y_hat}</b><br>y = {y} {page.muted('(the sample’s)')}</div>"]
    return "".join(parts) + _written_out(page, at)


def forward_batch(page: PhaseText) -> str:
    """Write the input and output at each sample, and the range of each neuron's u."""
    d, write, n = page.d, page.write, len(page.d.samples)
    listed = page.listed(n)
    rows = [(f"{d.samples[i] + 1}", write(d.x[i]), write(d.values.output[i]), write(d.y[i])) for i in listed]
    parts = [page.table(("sample", "x", "ŷ", "y"), rows), page.more(n, "sample")]
    for layer, u in enumerate(d.values.pre_activations):
        above = np.count_nonzero(u > 0, axis=1)
        listed = page.listed(len(u), page.parameter.neuron if page.parameter.layer == layer else None)
        ends = [(write(u[i].min()), write(u[i].max())) for i in listed]
        rows = [(page.name(layer, i), *pair, f"{above[i]:,} of {n:,}") for i, pair in zip(listed, ends, strict=True)]
        parts += [_layer_title(page, layer), page.table(("", "least u", "most u", "u &gt; 0 on"), rows)]
        parts.append(page.more(len(u), "neuron"))
    return "".join(parts) + page.note("Choose one sample above to see all of it written out.")


def loss(page: PhaseText, at: int) -> str:
    """Write one sample's loss, and its use."""
    d, write, n = page.d, page.write, len(page.d.samples)
    difference, error = page.worked(_difference(page, at), d.errors[at])
    formula, digits = LOSSES[d.config.training.loss].written.at(d.errors[at]), _loss_digits(page, at)
    numbers = _with_number(formula, write(d.errors[at], digits.operands))
    alone = page.result(d.sample_losses[at], digits)
    lines = [
        "e = ŷ − y",
        f"&nbsp;&nbsp;= {difference} = {error}",
        f"loss of the sample = {formula}",
        f"&nbsp;&nbsp;= {numbers} = <b>{alone}</b>",
    ]
    mean = f"L is the mean over the {n:,} samples of the batch." if n > 1 else "The batch is this one sample."
    return page.line("<br>".join(lines)) + page.line(f"L = <b>{write(d.loss)}</b>") + page.note(mean)


def loss_batch(page: PhaseText) -> str:
    """Write every sample's loss, and their mean."""
    d, n = page.d, len(page.d.samples)
    written = LOSSES[d.config.training.loss].written
    symbols = "loss" if written.elsewhere else written.formula
    total = d.sample_losses.astype(np.float64)
    summed = page.digits(lambda write: " + ".join(map(write, total)), total.sum())
    rows = [(f"{d.samples[i] + 1}", *_loss_row(page, i, summed.operands)) for i in page.listed(n)]
    parts = [page.line(f"e = ŷ − y {page.muted('at each sample')}"), page.table(("", "ŷ", "y", "e", symbols), rows)]
    parts.append(page.more(n, "sample", total, digits=summed.operands))
    if written.elsewhere:
        parts.append(page.note(f"loss = {html.escape(str(written))}"))
    mean, result = page.worked(lambda write: f"{write(total.sum())} / {n:,}", d.loss)
    parts.append(page.line(f"L = sum / n = {mean} = <b>{result}</b>"))
    return "".join(parts)


def _difference(page: PhaseText, at: int) -> Callable[[Write], str]:
    output, y = page.d.values.output[at], page.d.y[at]
    return lambda write: f"{write(output)} − {in_brackets(write(y))}"


def _loss_row(page: PhaseText, at: int, wanted: int) -> tuple[str, str, str, str]:
    """Return a sample's ŷ, y, e and loss, each with enough digits to follow from the ones before it."""
    d = page.d
    needed = _loss_digits(page, at, wanted).operands
    difference = page.digits(_difference(page, at), d.errors[at], wanted=needed)
    alone = _loss_digits(page, at, wanted, of=page.write(d.errors[at], difference.result))
    output, y = (page.write(value, difference.operands) for value in (d.values.output[at], d.y[at]))
    return output, y, page.result(d.errors[at], difference), page.result(d.sample_losses[at], alone)


def _loss_digits(page: PhaseText, at: int, wanted: int = DIGITS, of: str = "") -> Digits:
    """Return the digits with which a sample's loss follows from its e, or from the formula written `of` it."""
    d, function = page.d, LOSSES[page.d.config.training.loss].function
    return page.digits(
        lambda write: of or write(d.errors[at]), d.sample_losses[at], lambda text: at_number(function, text), wanted
    )


def _with_number(formula: str, error: str) -> str:
    """Return a loss's formula with the number in place of e; between bars it needs no brackets."""
    return re.sub(
        r"\|e\||(?<![a-z])e(?![a-z])", lambda found: f"|{error}|" if found[0] == "|e|" else base(error), formula
    )


def _written_out(page: PhaseText, at: int) -> str:
    """Write the chosen neuron's u as a sum with its numbers, and its h."""
    d, p = page.d, page.parameter
    layer, inputs = d.layers[p.layer], (d.x[None, :] if p.layer == 0 else d.values.activations[p.layer - 1])[:, at]
    is_output = p.layer == len(d.layers) - 1
    name = page.name(p.layer, p.neuron)
    value = d.values.output[at] if is_output else d.values.pre_activations[p.layer][p.neuron, at]
    left = f"{name if is_output else f'u of {name}'} = W·{'x' if p.layer == 0 else 'h'} + b"
    summed = page.sum_of_products(layer.weight[p.neuron], inputs, p.input, layer.bias[p.neuron])
    numbers, result = page.worked(summed, value)
    text = page.title("Written out") + page.line(f"{left} = {numbers} = <b>{result}</b>")
    if is_output or not (symbol := d.config.network.activations[p.layer].symbol):
        return text
    u, h = _activated(page, p.layer, value, d.values.activations[p.layer][p.neuron, at])
    return text + page.line(f"{name} = {symbol}({u}) = {h}")


def _activated(page: PhaseText, layer: int, u: float, h: float) -> tuple[str, str]:
    """Write a neuron's u and h, with enough digits for one to follow from the other."""
    function = page.d.config.network.activations[layer].function
    return page.worked(lambda write: write(u), h, lambda text: at_number(function, text))


def _layer_title(page: PhaseText, layer: int) -> str:
    d = page.d
    symbol = d.config.network.activations[layer].symbol
    rule = f"u = W·{'h' if layer else 'x'} + b, " + (f"h = {symbol}(u)" if symbol else "h = u")
    return page.title(f"{hidden_layer(layer, len(d.layers) - 1)} {page.muted(rule)}")
