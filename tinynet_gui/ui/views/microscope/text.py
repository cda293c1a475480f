"""The rich text of each phase of a step.

All numbers come from the dissection, and are only rounded for display.
"""

import html
import re
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from tinynet_gui.core.choices.loops import divisor, training_loop
from tinynet_gui.core.choices.losses import LOSSES
from tinynet_gui.core.network.refs import ParameterRef
from tinynet_gui.core.step.dissection import BACKWARD, FORWARD, LOSS, Chain, Dissection, chain, output_by_pre_activation
from tinynet_gui.core.text.arithmetic import DIGITS, FLOAT32_DIGITS, PLAIN, Digits, Write, at_number, base, in_brackets
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.numbers import count_text, hidden_layer
from tinynet_gui.core.values import frozen_dataclass
from tinynet_gui.ui.views.microscope.page import PhaseText, short

_SHARE_OF_ONE = _("share of this sample")
_NO_STEP = _("The loss is not a finite number, so no step can be taken.")


def backward(page: PhaseText, at: int) -> str:
    """Write every factor of a sample's share of the gradient, and its origin."""
    links = _chain(page)
    factors = _factors(page, links, at)
    product, share = page.worked(_product(factors), links.products[at])
    parts = [
        _chain_title(page, factors),
        page.table(("", "", ""), [(f.symbol, page.muted(f.why), f.text) for f in factors], words=2),
        page.line(f"{_SHARE_OF_ONE} = {product} = <b>{share}</b>"),
        _gradient_line(page, links),
        _all_paths(page, at),
    ]
    return "".join(parts)


def backward_batch(page: PhaseText) -> str:
    d, links = page.d, _chain(page)
    # enough digits of each share to add them up
    shares = page.digits(lambda write: " + ".join(in_brackets(write(v)) for v in links.products), links.gradient)
    rows = []
    for i in page.listed(len(d.samples)):
        product, share = page.worked(_product(_factors(page, links, i)), links.products[i], wanted=shares.operands)
        rows.append((f"{d.samples[i] + 1}", product, f"= {share}"))
    parts = [
        _chain_title(page, _factors(page, links, 0)),
        page.table((_("sample"), _("the factors"), _("share")), rows, words=2),
        page.more_samples(len(d.samples), links.products, shares.operands),
        _gradient_line(page, links, shares),
        page.note(_("Choose one sample above to see where each factor comes from.")),
    ]
    return "".join(parts)


@frozen_dataclass
class _Factor:
    """A factor of the chain at one sample: its symbol, origin, number, and written form."""

    symbol: str
    why: str
    value: float
    text: str


def _chain(page: PhaseText) -> Chain:
    p = page.parameter
    return chain(page.d, p.layer, p.kind, p.neuron, p.input)


def _factors(page: PhaseText, links: Chain, at: int) -> list[_Factor]:
    d, p, n = page.d, page.parameter, len(page.d.samples)
    name = page.name(p.layer, p.neuron)
    loss, by_output = LOSSES[d.config.training.loss], float(links.loss_by_output[at])
    written, loop = html.escape(str(loss.slope_written)), training_loop(d.config.training)
    if loop.broadcasts:
        why = _("mean of {formula} over every y, n = {count}").format(formula=written, count=count_text(n))
        text = page.write(by_output)
    else:
        share = divisor(d.config.training, n)
        error, text = page.worked(
            lambda write: write(d.errors[at]), by_output, lambda text: at_number(loss.derivative, text) / share
        )
        of_n = "" if loop.sums else f", n = {count_text(n)}"
        why = f"{written.replace(' / n', '') if loop.sums else written}, e = {error}{of_n}"
    factors = [_Factor("∂L/∂ŷ", why, by_output, text)]

    def add(symbol: str, why: str, value: float) -> None:
        factors.append(_Factor(symbol, why, value, page.write(value)))

    inner = "ŷ"
    if links.output_by_activation is not None and links.activation_by_pre is not None:
        way = _("weight from {neuron} to ŷ") if p.layer == len(d.layers) - 2 else _("all ways from {neuron} to ŷ")
        activation = d.config.network.activations[p.layer]
        add("∂ŷ/∂h", way.format(neuron=name), float(links.output_by_activation[at]))
        slope = float(links.activation_by_pre[at])
        pre = d.values.pre_activations[p.layer][p.neuron, at]
        u, text = page.worked(lambda write: write(pre), slope, lambda text: at_number(activation.derivative, text))
        why = _("slope of {activation} at u = {u}").format(activation=activation.label, u=u)
        factors.append(_Factor("∂h/∂u", why, slope, text))
        inner = "u"
    source = _("always") if p.kind == "bias" else page.name(p.layer - 1, p.input)
    add(f"∂{inner}/∂{p.symbol}", source, float(links.pre_by_parameter[at]))
    return factors


def _product(factors: Sequence[_Factor]) -> Callable[[Write], str]:
    return lambda write: " · ".join(in_brackets(write(f.value)) for f in factors)


def _chain_title(page: PhaseText, factors: Sequence[_Factor]) -> str:
    symbols = " · ".join(factor.symbol for factor in factors)
    return f"{page.parameter_title()}<div>∂L/∂{page.parameter.symbol} = {symbols}</div>"


def _gradient_line(page: PhaseText, links: Chain, digits: Digits = PLAIN) -> str:
    d, n = page.d, len(page.d.samples)
    text, gradient = "", _("gradient")
    if training_loop(d.config.training).sums:
        text = _("The gradient is the sum of the {count} samples’ shares, not their mean.")
    elif n > 1:
        text = _(
            "The gradient is the mean over the batch: the 1/{count} of the mean stands in ∂L/∂ŷ, so the {count} "
            "samples’ shares add up to it."
        )
    notes = [text.format(count=count_text(n))]
    if 0 < d.config.training.batch_size < d.training_samples:
        text = _("It is of this batch alone; elsewhere gradients are over all {count} samples.")
        notes.append(text.format(count=count_text(d.training_samples)))
    line = page.line(f"{gradient} ∂L/∂{page.parameter.symbol} = <b>{page.result(links.gradient, digits)}</b>")
    return line + "".join(map(page.note, filter(None, notes)))


def _all_paths(page: PhaseText, at: int) -> str:
    """Write ∂ŷ/∂h as the sum over all paths, layer by layer, if hidden layers follow the neuron's."""
    d, p = page.d, page.parameter
    last = len(d.layers) - 2  # hidden layer
    if p.layer >= last:
        return ""
    by_pre = [slopes[:, at] for slopes in output_by_pre_activation(d)]
    weights, slopes = d.layers[p.layer + 1].weight[:, p.neuron], by_pre[p.layer + 1]
    numbers, total = page.worked(page.sum_of_products(weights, slopes), d.output_by_activation[p.layer][p.neuron, at])
    name = page.name(p.layer, p.neuron)
    each = _("Each neuron of hidden layer {number} is one: the weight to it, times ∂ŷ/∂u there.")
    parts = [
        page.title(_("All ways from {neuron} to ŷ").format(neuron=name)),
        page.note(each.format(number=p.layer + 2)),
        page.line(f"∂ŷ/∂h = {numbers} = <b>{total}</b>"),
    ]
    for layer in range(p.layer + 1, last + 1):
        whence = _("weight to ŷ") if layer == last else _("likewise")
        rows = []
        for i in page.listed(len(by_pre[layer])):
            ways, slope = d.output_by_activation[layer][i, at], d.activation_slopes[layer][i, at]
            product, by_u = page.worked(partial(_pair, ways, slope), by_pre[layer][i])
            rows.append((page.name(layer, i), *product.split(" · "), by_u))
        parts.append(page.title(f"{hidden_layer(layer, last + 1)} {page.muted(f'∂ŷ/∂h: {whence}')}"))
        parts.append(page.table(("", "∂ŷ/∂h ·", "∂h/∂u", "= ∂ŷ/∂u"), rows))
        parts.append(page.more_neurons(len(by_pre[layer])))
    return "".join(parts)


def _pair(a: float, b: float, write: Write) -> str:
    return f"{write(a)} · {write(b)}"


def update(page: PhaseText) -> str:
    p, write, step = page.parameter, page.write, page.d.update
    if step is None:
        return f"{page.parameter_title()}<div>{_NO_STEP}</div>"
    frozen = step.frozen is not None and bool(step.frozen[p.array][p.index])
    old, new = step.value("w0", p.array, p.index), step.value("w", p.array, p.index)
    enough = (digits for digits in range(DIGITS, FLOAT32_DIGITS) if write(old, digits) != write(new, digits))
    apart = DIGITS if old == new else next(enough, FLOAT32_DIGITS)  # enough digits to show the change
    lines = []
    for term in step.terms[:-1] if frozen else step.terms:
        symbols = step.in_symbols(term)
        value = step.value(term.name, p.array, p.index)
        if term.name == "g":
            right, result = term.formula, write(value)
        else:
            wanted = apart if term.name == "w" else DIGITS
            right, result = page.worked(partial(step.in_numbers, term, p.array, p.index), value, wanted=wanted)
        if p.kind == "bias":  # w stands for the parameter; no other symbol contains a w
            symbols, right = symbols.replace("w", "b"), right.replace("w", "b")
        numbers = "" if symbols.endswith(right) else f" = {right}"
        lines.append(f"{page.muted(term.label)}<br>{symbols}{numbers} = <b>{result}</b>")
    if frozen:
        lines.append(_("Frozen by hand: it keeps its value, whatever Δ says."))
    rows = [(_("old value"), write(old, apart)), (_("new value"), f"<b>{write(new, apart)}</b>")]
    return page.parameter_title() + "".join(map(page.line, lines)) + page.table(("", ""), rows)


def forward(page: PhaseText, at: int) -> str:
    d, write = page.d, page.write
    parts = [page.title(_("Input")), f"<div>x = {write(d.x[at])}</div>"]
    for layer, (u, h) in enumerate(zip(d.values.pre_activations, d.values.activations, strict=True)):
        listed = page.listed(len(u), page.parameter.neuron if page.parameter.layer == layer else None)
        rows = [(page.name(layer, i), *_activated(page, layer, u[i, at], h[i, at])) for i in listed]
        parts += [_layer_title(page, layer), page.table(("", "u", "h"), rows), page.more_neurons(len(u))]
    y_hat, y = write(d.values.output[at]), write(d.y[at])
    own = page.muted(_("(the sample’s)"))
    parts += [page.title(_("Output")), f"<div>ŷ = <b>{y_hat}</b><br>y = {y} {own}</div>"]
    return "".join(parts) + _written_out(page, at)


def forward_batch(page: PhaseText) -> str:
    """Write each sample's input and output, and the range of each neuron's u."""
    d, write, n = page.d, page.write, len(page.d.samples)
    listed = page.listed(n)
    rows = [(f"{d.samples[i] + 1}", write(d.x[i]), write(d.values.output[i]), write(d.y[i])) for i in listed]
    parts = [page.table((_("sample"), "x", "ŷ", "y"), rows), page.more_samples(n)]
    for layer, u in enumerate(d.values.pre_activations):
        above = np.count_nonzero(u > 0, axis=1)
        listed = page.listed(len(u), page.parameter.neuron if page.parameter.layer == layer else None)
        ends = [(write(u[i].min()), write(u[i].max())) for i in listed]
        on = [_("{some} of {count}").format(some=count_text(some), count=count_text(n)) for some in above]
        rows = [(page.name(layer, i), *pair, on[i]) for i, pair in zip(listed, ends, strict=True)]
        head = "", _("least u"), _("most u"), _("u &gt; 0 on")
        parts += [_layer_title(page, layer), page.table(head, rows), page.more_neurons(len(u))]
    return "".join(parts) + page.note(_("Choose one sample above to see all of it written out."))


def loss(page: PhaseText, at: int) -> str:
    d, write, n = page.d, page.write, len(page.d.samples)
    difference, error = page.worked(_difference(page, at), d.errors[at])
    formula, digits = LOSSES[d.config.training.loss].written.at(d.errors[at]), _loss_digits(page, at)
    numbers = _with_number(formula, write(d.errors[at], digits.operands))
    alone = page.result(d.sample_losses[at], digits)
    loop = training_loop(d.config.training)
    if loop.broadcasts:
        each = _("loss of the sample = mean of {formula}, e = ŷ − y for the y of each of the {count} samples")
        each = each.format(formula=html.escape(formula), count=count_text(n))
        lines = [each, f"&nbsp;&nbsp;= <b>{page.write(d.sample_losses[at])}</b>"]
        return page.line("<br>".join(lines)) + page.line(f"L = <b>{page.write(d.loss)}</b>")
    lines = [
        "e = ŷ − y",
        f"&nbsp;&nbsp;= {difference} = {error}",
        _("loss of the sample = {formula}").format(formula=formula),
        f"&nbsp;&nbsp;= {numbers} = <b>{alone}</b>",
    ]
    note = _("The batch is this one sample.")
    if n > 1:
        note = _("L is the mean over the {count} samples of the batch.")
        note = _("L is the sum over the {count} samples of the batch.") if loop.sums else note
    note = note.format(count=count_text(n))
    return page.line("<br>".join(lines)) + page.line(f"L = <b>{write(d.loss)}</b>") + page.note(note)


def loss_batch(page: PhaseText) -> str:
    d, write, n = page.d, page.write, len(page.d.samples)
    written = LOSSES[d.config.training.loss].written
    symbols = _("loss") if written.elsewhere else written.formula
    total = d.sample_losses.astype(np.float64)
    summed = page.digits(lambda write: " + ".join(map(write, total)), total.sum())
    rows = [(f"{d.samples[i] + 1}", *_loss_row(page, i, summed.operands)) for i in page.listed(n)]
    if (loop := training_loop(d.config.training)).broadcasts:
        means = [(f"{d.samples[i] + 1}", write(d.values.output[i]), write(total[i])) for i in page.listed(n)]
        return page.table(("", "ŷ", _("mean loss with every y")), means) + page.line(f"L = <b>{write(d.loss)}</b>")
    each = page.muted(_("at each sample"))
    parts = [page.line(f"e = ŷ − y {each}"), page.table(("", "ŷ", "y", "e", symbols), rows)]
    parts.append(page.more_samples(n, total, digits=summed.operands))
    if written.elsewhere:
        parts.append(page.note(_("loss = {formula}").format(formula=html.escape(str(written)))))
    if loop.sums:
        parts.append(page.line(_("L = sum = {loss}").format(loss=f"<b>{write(d.loss)}</b>")))
    else:
        mean, result = page.worked(lambda write: f"{write(total.sum())} / {count_text(n)}", d.loss)
        parts.append(page.line(_("L = sum / n = {mean} = {loss}").format(mean=mean, loss=f"<b>{result}</b>")))
    return "".join(parts)


def _difference(page: PhaseText, at: int) -> Callable[[Write], str]:
    output, y = page.d.values.output[at], page.d.y[at]
    return lambda write: f"{write(output)} − {in_brackets(write(y))}"


def _loss_row(page: PhaseText, at: int, wanted: int) -> tuple[str, str, str, str]:
    """Return a sample's ŷ, y, e and loss, each with enough digits to follow from the previous ones."""
    d = page.d
    needed = _loss_digits(page, at, wanted).operands
    difference = page.digits(_difference(page, at), d.errors[at], wanted=needed)
    alone = _loss_digits(page, at, wanted, of=difference.result)
    output, y = (page.write(value, difference.operands) for value in (d.values.output[at], d.y[at]))
    return output, y, page.result(d.errors[at], difference), page.result(d.sample_losses[at], alone)


def _loss_digits(page: PhaseText, at: int, wanted: int = DIGITS, of: int | None = None) -> Digits:
    """Return the digits with which a sample's loss follows from its e, written with `of` digits if that is given."""
    d, function = page.d, LOSSES[page.d.config.training.loss].function
    return page.digits(
        lambda write: write(d.errors[at]) if of is None else page.write(d.errors[at], of),
        d.sample_losses[at],
        lambda text: at_number(function, text),
        wanted,
    )


def _with_number(formula: str, error: str) -> str:
    """Return a loss's formula with the number in place of e; between bars it needs no parentheses."""
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
    of_what = name if is_output else _("u of {neuron}").format(neuron=name)
    left = f"{of_what} = W·{'x' if p.layer == 0 else 'h'} + b"
    summed = page.sum_of_products(layer.weight[p.neuron], inputs, p.input, layer.bias[p.neuron])
    numbers, result = page.worked(summed, value)
    text = page.title(_("Written out")) + page.line(f"{left} = {numbers} = <b>{result}</b>")
    if is_output or not (symbol := d.config.network.activations[p.layer].symbol):
        return text
    u, h = _activated(page, p.layer, value, d.values.activations[p.layer][p.neuron, at])
    return text + page.line(f"{name} = {symbol}({u}) = {h}")


def _activated(page: PhaseText, layer: int, u: float, h: float) -> tuple[str, str]:
    """Format a neuron's u and h, with enough digits for one to follow from the other."""
    function = page.d.config.network.activations[layer].function
    return page.worked(lambda write: write(u), h, lambda text: at_number(function, text))


def _layer_title(page: PhaseText, layer: int) -> str:
    d = page.d
    symbol = d.config.network.activations[layer].symbol
    rule = f"u = W·{'h' if layer else 'x'} + b, " + (f"h = {symbol}(u)" if symbol else "h = u")
    return page.title(f"{hidden_layer(layer, len(d.layers) - 1)} {page.muted(rule)}")


WRITERS = {FORWARD: (forward_batch, forward), LOSS: (loss_batch, loss), BACKWARD: (backward_batch, backward)}


def numbers_text(
    dissection: Dissection,
    phase: int,
    parameter: ParameterRef,
    position: int | None,
    write: Write = short,
    hint: str = "",
) -> str:
    """Return a phase's numbers as rich text, for one sample of the batch or for the whole batch."""
    page = PhaseText(dissection, parameter, write, hint)
    with np.errstate(all="ignore"):  # a diverged network is a state, not an error
        if phase not in WRITERS:
            return update(page)
        of_batch, of_one = WRITERS[phase]
        return of_batch(page) if position is None else of_one(page, position)
