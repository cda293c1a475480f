"""The third move in numbers: the chain rule written out for one weight or bias."""

from collections.abc import Sequence

from tinynet_gui.core.analysis.dissection import Chain, chain, output_by_pre_activation
from tinynet_gui.core.network.activations import ACTIVATIONS
from tinynet_gui.core.training.losses import LOSSES
from tinynet_gui.ui.views.microscope.names import neuron_name, source_name
from tinynet_gui.ui.views.microscope.page import Page


def backward(page: Page, at: int) -> str:
    """Write every factor of one sample's share of the gradient, and where it comes from."""
    links, write = _chain(page), page.write
    factors = _factors(page, links, at)
    rows = [(symbol, page.muted(why), write(value)) for symbol, why, value in factors]
    product = " · ".join(page.factor(value) for _, _, value in factors)
    parts = [
        _chain_title(page, factors),
        page.table(("", "", ""), rows, words=2),
        page.line(f"share of this sample = {product} = <b>{write(links.products[at])}</b>"),
        _gradient_line(page, links),
        _all_ways(page, at),
    ]
    return "".join(parts)


def backward_batch(page: Page) -> str:
    """Write every sample's share of the gradient."""
    d, write, links = page.d, page.write, _chain(page)
    rows = []
    for i in page.listed(len(d.samples)):
        product = " · ".join(page.factor(value) for _, _, value in _factors(page, links, i))
        rows.append((f"{d.samples[i] + 1}", product, f"= {write(links.products[i])}"))
    parts = [
        _chain_title(page, _factors(page, links, 0)),
        page.table(("sample", "the factors", "share"), rows, words=2),
        page.more(len(d.samples), "sample", links.products),
        _gradient_line(page, links),
        page.note("Choose one sample above to see where each factor comes from."),
    ]
    return "".join(parts)


def _chain(page: Page) -> Chain:
    p = page.parameter
    return chain(page.d, p.layer, p.kind, p.neuron, p.column)


def _factors(page: Page, links: Chain, at: int) -> list[tuple[str, str, float]]:
    """The chain's factors at one sample: symbol, what it is, number."""
    d, p = page.d, page.parameter
    name = neuron_name(d, p.layer, p.neuron)
    source = "always" if p.kind == "bias" else source_name(d, p.layer, p.column)
    slope = LOSSES[d.config.training.loss].slope_written
    factors = [("∂L/∂ŷ", f"{slope}, e = {page.write(d.errors[at])}, n = {len(d.samples):,}", links.loss_by_output)]
    inner = "ŷ"
    if links.output_by_activation is not None and links.activation_by_pre is not None:
        way = "weight from" if p.layer == len(d.layers) - 2 else "all ways from"
        label = ACTIVATIONS[d.config.network.activation].label
        u = page.write(d.values.pre_activations[p.layer][p.neuron, at])
        factors.append(("∂ŷ/∂h", f"{way} {name} to ŷ", links.output_by_activation))
        factors.append(("∂h/∂u", f"slope of {label} at u = {u}", links.activation_by_pre))
        inner = "u"
    factors.append((f"∂{inner}/∂{p.symbol}", source, links.pre_by_parameter))
    return [(symbol, why, float(values[at])) for symbol, why, values in factors]


def _chain_title(page: Page, factors: Sequence[tuple[str, str, float]]) -> str:
    symbols = " · ".join(symbol for symbol, _, _ in factors)
    return f"{page.parameter_title()}<div>∂L/∂{page.parameter.symbol} = {symbols}</div>"


def _gradient_line(page: Page, links: Chain) -> str:
    d, n = page.d, len(page.d.samples)
    text = page.line(f"gradient ∂L/∂{page.parameter.symbol} = <b>{page.write(links.gradient)}</b>")
    if n > 1:
        text += page.note(
            f"The gradient is the mean over the batch: the 1/{n:,} of the mean stands in ∂L/∂ŷ, "
            f"so the {n:,} samples’ shares add up to it."
        )
    if 0 < d.config.training.batch_size < d.training_samples:
        text += page.note(
            f"It is of this batch alone; elsewhere gradients are over all {d.training_samples:,} samples."
        )
    return text


def _all_ways(page: Page, at: int) -> str:
    """Where there are hidden layers behind the neuron's: ∂ŷ/∂h as the sum over all ways, layer by layer."""
    d, p, write = page.d, page.parameter, page.write
    last = len(d.layers) - 2  # hidden layer
    if p.layer >= last:
        return ""
    by_pre = [slopes[:, at] for slopes in output_by_pre_activation(d)]
    weights, slopes = d.layers[p.layer + 1].weight[:, p.neuron], by_pre[p.layer + 1]
    listed = page.listed(len(weights))
    terms = [f"{page.factor(weights[i])}·{page.factor(slopes[i])}" for i in listed]
    if len(weights) > len(listed):
        left_out = (weights * slopes)[len(listed) :]
        terms.append(f"{page.factor(left_out.sum())} ({len(left_out):,} more)")
    total = write(d.output_by_activation[p.layer][p.neuron, at])
    name = neuron_name(d, p.layer, p.neuron)
    parts = [
        page.title(f"All ways from {name} to ŷ"),
        page.note(f"Each neuron of hidden layer {p.layer + 2} is one: the weight to it, times ∂ŷ/∂u there."),
        page.line(f"∂ŷ/∂h = {' + '.join(terms)} = <b>{total}</b>"),
    ]
    for layer in range(p.layer + 1, last + 1):
        whence = "weight to ŷ" if layer == last else "likewise"
        rows = [
            (
                neuron_name(d, layer, i),
                write(d.output_by_activation[layer][i, at]),
                write(d.activation_slopes[layer][i, at]),
                write(by_pre[layer][i]),
            )
            for i in page.listed(len(by_pre[layer]))
        ]
        parts.append(page.title(f"Hidden layer {layer + 1} {page.muted(f'∂ŷ/∂h: {whence}')}"))
        parts.append(page.table(("", "∂ŷ/∂h ·", "∂h/∂u", "= ∂ŷ/∂u"), rows))
        parts.append(page.more(len(by_pre[layer]), "neuron"))
    return "".join(parts)
