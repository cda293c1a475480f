"""The first two moves in numbers: forward from x to ŷ, and the loss."""

from html import escape

import numpy as np

from tinynet_gui.core.network.activations import ACTIVATIONS
from tinynet_gui.core.training.losses import LOSSES
from tinynet_gui.ui.views.microscope.names import neuron_name
from tinynet_gui.ui.views.microscope.page import Page


def forward(page: Page, at: int) -> str:
    """Write every value on the way of one sample of the batch."""
    d, write = page.d, page.write
    parts = [page.title("Input"), f"<div>x = {write(d.x[at])}</div>"]
    for layer, (u, h) in enumerate(zip(d.values.pre_activations, d.values.activations, strict=True)):
        listed = page.listed(len(u), page.parameter.neuron if page.parameter.layer == layer else None)
        rows = [(neuron_name(d, layer, i), write(u[i, at]), write(h[i, at])) for i in listed]
        parts += [_layer_title(page, layer), page.table(("", "u", "h"), rows), page.more(len(u), "neuron")]
    y_hat, y = write(d.values.output[at]), write(d.y[at])
    parts += [page.title("Output"), f"<div>ŷ = <b>{y_hat}</b><br>y = {y} {page.muted('(the sample’s)')}</div>"]
    return "".join(parts) + _written_out(page, at)


def forward_batch(page: Page) -> str:
    """Write what goes in and comes out at each sample, and between which values each neuron's u lies."""
    d, write, n = page.d, page.write, len(page.d.samples)
    listed = page.listed(n)
    rows = [(f"{d.samples[i] + 1}", write(d.x[i]), write(d.values.output[i]), write(d.y[i])) for i in listed]
    parts = [page.table(("sample", "x", "ŷ", "y"), rows), page.more(n, "sample")]
    for layer, u in enumerate(d.values.pre_activations):
        above = np.count_nonzero(u > 0, axis=1)
        listed = page.listed(len(u), page.parameter.neuron if page.parameter.layer == layer else None)
        ends = [(write(u[i].min()), write(u[i].max())) for i in listed]
        rows = [
            (neuron_name(d, layer, i), *pair, f"{above[i]:,} of {n:,}") for i, pair in zip(listed, ends, strict=True)
        ]
        parts += [_layer_title(page, layer), page.table(("", "least u", "most u", "u &gt; 0 on"), rows)]
        parts.append(page.more(len(u), "neuron"))
    return "".join(parts) + page.note("Choose one sample above to see all of it written out.")


def loss(page: Page, at: int) -> str:
    """Write one sample's loss, and what becomes of it."""
    d, write, n = page.d, page.write, len(page.d.samples)
    symbols, numbers = _loss_formula(page, at)
    lines = [
        "e = ŷ − y",
        f"&nbsp;&nbsp;= {write(d.values.output[at])} − {page.factor(d.y[at])} = {write(d.errors[at])}",
        f"loss of the sample = {symbols}",
        f"&nbsp;&nbsp;= {numbers} = <b>{write(d.sample_losses[at])}</b>",
    ]
    alone = f"L is the mean over the {n:,} samples of the batch." if n > 1 else "The batch is this one sample."
    return page.line("<br>".join(lines)) + page.line(f"L = <b>{write(d.loss)}</b>") + page.note(alone)


def loss_batch(page: Page) -> str:
    """Write every sample's loss, and their mean."""
    d, write, n = page.d, page.write, len(page.d.samples)
    written = LOSSES[d.config.training.loss].written
    symbols = "loss" if written.elsewhere else written.formula
    columns = (d.values.output, d.y, d.errors, d.sample_losses)
    rows = [(f"{d.samples[i] + 1}", *(write(values[i]) for values in columns)) for i in page.listed(n)]
    total = d.sample_losses.astype(np.float64)
    parts = [page.line(f"e = ŷ − y {page.muted('at each sample')}"), page.table(("", "ŷ", "y", "e", symbols), rows)]
    parts.append(page.more(n, "sample", total))
    if written.elsewhere:
        parts.append(page.note(f"loss = {escape(str(written))}"))
    parts.append(page.line(f"L = sum / n = {write(total.sum())} / {n:,} = <b>{write(d.loss)}</b>"))
    return "".join(parts)


def _loss_formula(page: Page, at: int) -> tuple[str, str]:
    """One sample's loss in symbols and with its number in."""
    error = page.d.errors[at]
    formula = LOSSES[page.d.config.training.loss].written.at(error)
    return formula, formula.replace("|e|", f"|{page.write(error)}|").replace("e", page.factor(error))


def _written_out(page: Page, at: int) -> str:
    """The chosen neuron's u as a sum with the numbers in, and its h."""
    d, write, p = page.d, page.write, page.parameter
    layer, inputs = d.layers[p.layer], (d.x[None, :] if p.layer == 0 else d.values.activations[p.layer - 1])[:, at]
    weights = layer.weight[p.neuron]
    listed = page.listed(len(weights), p.column)
    terms = [f"{page.factor(weights[i])}·{page.factor(inputs[i])}" for i in listed]
    if len(weights) > len(listed):
        left_out = np.delete(weights.astype(np.float64) * inputs, listed)
        terms.append(f"{page.factor(left_out.sum())} ({len(left_out):,} more)")
    terms.append(page.factor(layer.bias[p.neuron]))
    is_output = p.layer == len(d.layers) - 1
    name = neuron_name(d, p.layer, p.neuron)
    value = d.values.output[at] if is_output else d.values.pre_activations[p.layer][p.neuron, at]
    left = f"{name if is_output else f'u of {name}'} = W·{'x' if p.layer == 0 else 'h'} + b"
    text = page.title("Written out") + page.line(f"{left} = {' + '.join(terms)} = <b>{write(value)}</b>")
    symbol = ACTIVATIONS[d.config.network.activation].symbol
    if is_output or not symbol:
        return text
    return text + page.line(f"{name} = {symbol}({write(value)}) = {write(d.values.activations[p.layer][p.neuron, at])}")


def _layer_title(page: Page, layer: int) -> str:
    d = page.d
    symbol = ACTIVATIONS[d.config.network.activation].symbol
    rule = f"u = W·{'h' if layer else 'x'} + b, " + (f"h = {symbol}(u)" if symbol else "h = u")
    name = "Hidden layer" if len(d.layers) == 2 else f"Hidden layer {layer + 1}"
    return page.title(f"{name} {page.muted(rule)}")
