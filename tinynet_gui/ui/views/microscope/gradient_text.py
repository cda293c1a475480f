"""The third phase in numbers: the chain rule written out for one weight or bias."""

import html
from collections.abc import Callable, Sequence
from functools import partial

from tinynet_gui.core.choices.losses import LOSSES
from tinynet_gui.core.step.dissection import Chain, chain, output_by_pre_activation
from tinynet_gui.core.text.words import numbered_layer
from tinynet_gui.core.text.worked import PLAIN, Digits, Write, at_number, in_brackets
from tinynet_gui.core.values import dataclass
from tinynet_gui.ui.views.microscope.page import PhaseText


def backward(page: PhaseText, at: int) -> str:
    """Write every factor of one sample's share of the gradient, and its origin."""
    links = _chain(page)
    factors = _factors(page, links, at)
    product, share = page.worked(_product(factors), links.products[at])
    parts = [
        _chain_title(page, factors),
        page.table(("", "", ""), [(f.symbol, page.muted(f.why), f.text) for f in factors], words=2),
        page.line(f"share of this sample = {product} = <b>{share}</b>"),
        _gradient_line(page, links),
        _all_ways(page, at),
    ]
    return "".join(parts)


def backward_batch(page: PhaseText) -> str:
    """Write every sample's share of the gradient."""
    d, links = page.d, _chain(page)
    # as many digits of each share as are needed to add them up
    shares = page.digits(lambda write: " + ".join(in_brackets(write(v)) for v in links.products), links.gradient)
    rows = []
    for i in page.listed(len(d.samples)):
        product, share = page.worked(_product(_factors(page, links, i)), links.products[i], wanted=shares.operands)
        rows.append((f"{d.samples[i] + 1}", product, f"= {share}"))
    parts = [
        _chain_title(page, _factors(page, links, 0)),
        page.table(("sample", "the factors", "share"), rows, words=2),
        page.more(len(d.samples), "sample", links.products, shares.operands),
        _gradient_line(page, links, shares),
        page.note("Choose one sample above to see where each factor comes from."),
    ]
    return "".join(parts)


@dataclass(frozen=True)
class _Factor:
    """A factor of the chain at one sample: its symbol, its origin, its number, and its written form."""

    symbol: str
    why: str
    value: float
    text: str


def _chain(page: PhaseText) -> Chain:
    p = page.parameter
    return chain(page.d, p.layer, p.kind, p.neuron, p.input)


def _factors(page: PhaseText, links: Chain, at: int) -> list[_Factor]:
    """Return the chain's factors at one sample."""
    d, p, n = page.d, page.parameter, len(page.d.samples)
    name = page.name(p.layer, p.neuron)
    loss, by_output = LOSSES[d.config.training.loss], float(links.loss_by_output[at])
    error, text = page.worked(
        lambda write: write(d.errors[at]), by_output, lambda text: at_number(loss.derivative, text) / n
    )
    why = f"{html.escape(str(loss.slope_written))}, e = {error}, n = {n:,}"
    factors = [_Factor("∂L/∂ŷ", why, by_output, text)]

    def add(symbol: str, why: str, value: float) -> None:
        factors.append(_Factor(symbol, why, value, page.write(value)))

    inner = "ŷ"
    if links.output_by_activation is not None and links.activation_by_pre is not None:
        way = "weight from" if p.layer == len(d.layers) - 2 else "all ways from"
        activation = d.config.network.activations[p.layer]
        add("∂ŷ/∂h", f"{way} {name} to ŷ", float(links.output_by_activation[at]))
        slope = float(links.activation_by_pre[at])
        pre = d.values.pre_activations[p.layer][p.neuron, at]
        u, text = page.worked(lambda write: write(pre), slope, lambda text: at_number(activation.derivative, text))
        factors.append(_Factor("∂h/∂u", f"slope of {activation.label} at u = {u}", slope, text))
        inner = "u"
    source = "always" if p.kind == "bias" else page.name(p.layer - 1, p.input)
    add(f"∂{inner}/∂{p.symbol}", source, float(links.pre_by_parameter[at]))
    return factors


def _product(factors: Sequence[_Factor]) -> Callable[[Write], str]:
    return lambda write: " · ".join(in_brackets(write(f.value)) for f in factors)


def _chain_title(page: PhaseText, factors: Sequence[_Factor]) -> str:
    symbols = " · ".join(factor.symbol for factor in factors)
    return f"{page.parameter_title()}<div>∂L/∂{page.parameter.symbol} = {symbols}</div>"


def _gradient_line(page: PhaseText, links: Chain, digits: Digits = PLAIN) -> str:
    d, n = page.d, len(page.d.samples)
    text = page.line(f"gradient ∂L/∂{page.parameter.symbol} = <b>{page.result(links.gradient, digits)}</b>")
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


def _all_ways(page: PhaseText, at: int) -> str:
    """If there are hidden layers behind the neuron's, write ∂ŷ/∂h as the sum over all paths, layer by layer."""
    d, p = page.d, page.parameter
    last = len(d.layers) - 2  # hidden layer
    if p.layer >= last:
        return ""
    by_pre = [slopes[:, at] for slopes in output_by_pre_activation(d)]
    weights, slopes = d.layers[p.layer + 1].weight[:, p.neuron], by_pre[p.layer + 1]
    numbers, total = page.worked(page.sum_of_products(weights, slopes), d.output_by_activation[p.layer][p.neuron, at])
    name = page.name(p.layer, p.neuron)
    parts = [
        page.title(f"All ways from {name} to ŷ"),
        page.note(f"Each neuron of {numbered_layer(p.layer + 1)} is one: the weight to it, times ∂ŷ/∂u there."),
        page.line(f"∂ŷ/∂h = {numbers} = <b>{total}</b>"),
    ]
    for layer in range(p.layer + 1, last + 1):
        whence = "weight to ŷ" if layer == last else "likewise"
        rows = []
        for i in page.listed(len(by_pre[layer])):
            ways, slope = d.output_by_activation[layer][i, at], d.activation_slopes[layer][i, at]
            product, by_u = page.worked(partial(_pair, ways, slope), by_pre[layer][i])
            rows.append((page.name(layer, i), *product.split(" · "), by_u))
        parts.append(page.title(f"{numbered_layer(layer).capitalize()} {page.muted(f'∂ŷ/∂h: {whence}')}"))
        parts.append(page.table(("", "∂ŷ/∂h ·", "∂h/∂u", "= ∂ŷ/∂u"), rows))
        parts.append(page.more(len(by_pre[layer]), "neuron"))
    return "".join(parts)


def _pair(a: float, b: float, write: Write) -> str:
    return f"{write(a)} · {write(b)}"
