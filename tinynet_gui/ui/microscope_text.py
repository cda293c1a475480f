"""What each move of a step says: as rich text, and as one number for each edge of the diagram.

Every number is written straight from the dissection's own; only its digits on screen are limited.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tinynet_gui.core.latex import number
from tinynet_gui.core.microscope import LOSS_SLOPES, Chain, Dissection, Kind, chain
from tinynet_gui.core.registries import ACTIVATIONS, LOSSES, OPTIMIZERS
from tinynet_gui.ui.numbers import plain, subscript
from tinynet_gui.ui.selection import EdgeRef, LayerRef, NeuronRef, Ref
from tinynet_gui.ui.theme import Theme

FORWARD, LOSS, BACKWARD, UPDATE = range(4)
MOVES = ("Forward", "Loss", "Backward", "Update")
LISTED = 8  # so many neurons of a wide layer, or samples of a large batch, are listed
DIGITS = 5  # significant ones

Write = Callable[[float], str]


@dataclass(frozen=True)
class Parameter:
    """One weight, or one bias (whose `column` is 0 and means nothing)."""

    layer: int
    kind: Kind
    neuron: int
    column: int = 0

    @property
    def symbol(self) -> str:
        """How formulas call it."""
        return "w" if self.kind == "weight" else "b"

    @property
    def place(self) -> tuple[int, ...]:
        """Where it stands in its array."""
        return (self.neuron, self.column) if self.kind == "weight" else (self.neuron,)

    @property
    def array(self) -> int:
        """Which array of `TrainerState.parameters` it stands in."""
        return 2 * self.layer + (self.kind == "bias")


@dataclass(frozen=True)
class EdgeValues(Mapping[tuple[int, int, int], float]):
    """What the diagram may draw on each edge, by (affine layer, output, input).

    Forward: value times weight. Backward: the gradient, or one sample's share of it. Update: the step Δ.
    Over the whole batch, forward is its mean. The move between has nothing on its edges. A number is
    computed when it is asked for: a network of a million weights costs no more than what is drawn of it.
    """

    dissection: Dissection | None
    move: int
    position: int | None

    def __getitem__(self, key: tuple[int, int, int]) -> float:
        """Return one edge's number."""
        layer, output, source = key
        d, shapes = self.dissection, self._shapes()
        if d is None or not 0 <= layer < len(shapes):
            raise KeyError(key)
        if not (0 <= output < shapes[layer][0] and 0 <= source < shapes[layer][1]):
            raise KeyError(key)
        chosen = slice(None) if self.position is None else self.position
        if self.move == FORWARD:
            values = _inputs(d, layer)[source].astype(np.float64) * d.layers[layer].weight[output, source]
            return float(np.mean(values[chosen]))
        if self.move == UPDATE and d.update is not None:
            return d.update.value("delta", 2 * layer, (output, source))
        links = chain(d, layer, "weight", output, source)
        return links.gradient if self.position is None else float(links.products[self.position])

    def __iter__(self) -> Iterator[tuple[int, int, int]]:
        """Go through all edges."""
        for layer, (rows, columns) in enumerate(self._shapes()):
            yield from ((layer, output, source) for output in range(rows) for source in range(columns))

    def __len__(self) -> int:
        """The number of edges."""
        return sum(rows * columns for rows, columns in self._shapes())

    def _shapes(self) -> list[tuple[int, int]]:
        """Rows and columns of each layer that has numbers on its edges."""
        d = self.dissection
        if d is None or self.move == LOSS or (self.move == UPDATE and d.update is None):
            return []
        return [(len(layer.weight), layer.weight.shape[1]) for layer in d.layers]


def short(value: float) -> str:
    """Write a number with a few significant digits."""
    return plain(value, DIGITS) if value else "0"  # no −0


def in_full(value: float) -> str:
    """Write a number with all the digits that a float32 has."""
    return number(value, None).plain if value else "0"


def parameter_of(dissection: Dissection, ref: Ref | None) -> Parameter:
    """Return the weight of an edge, the bias of a neuron, a layer's first weight; else the output layer's first."""
    layers = dissection.layers
    if ref is None or ref.layer >= len(layers):
        return Parameter(len(layers) - 1, "weight", 0, 0)
    rows, columns = layers[ref.layer].weight.shape
    match ref:
        case EdgeRef() if ref.output < rows and ref.input < columns:
            return Parameter(ref.layer, "weight", ref.output, ref.input)
        case NeuronRef() if ref.index < rows:
            return Parameter(ref.layer, "bias", ref.index)
        case LayerRef():
            return Parameter(ref.layer, "weight", 0, 0)
    return Parameter(len(layers) - 1, "weight", 0, 0)


def parameter_title(dissection: Dissection, parameter: Parameter) -> str:
    """Say which weight or bias it is."""
    target = _neuron(dissection, parameter.layer, parameter.neuron)
    if parameter.kind == "bias":
        return f"Bias b of {target}"
    return f"Weight w from {_source(dissection, parameter.layer, parameter.column)} to {target}"


def sample_label(dissection: Dissection, position: int) -> str:
    """Name one sample of the batch, with its number among all training samples."""
    d = dissection
    x, y = plain(float(d.x[position]), 3), plain(float(d.y[position]), 3)
    return f"sample {d.samples[position] + 1}: x = {x}, y = {y}"


def batch_label(dissection: Dissection | None) -> str:
    """Name the whole batch, with its size."""
    n = 0 if dissection is None else len(dissection.samples)
    return "whole batch" + (f": {n:,} sample{'' if n == 1 else 's'}" if n else "")


def explanation(dissection: Dissection, move: int) -> str:
    """Say in a sentence or two what a move does."""
    training = dissection.config.training
    activation = ACTIVATIONS[dissection.config.network.activation].label
    optimizer = OPTIMIZERS[training.optimizer].label
    return (
        "The input x goes through the network. Each neuron multiplies what comes in by its weights and adds its "
        f"bias: that is u. {activation} makes h of it, and the last layer gives the output ŷ.",
        "The loss L tells how far the outputs ŷ are from the samples' y. It is the one number that the step is "
        f"to make smaller: the {LOSSES[training.loss].formula}.",
        "The gradient tells how much the loss grows when a weight grows a little. It comes back from the loss "
        "along the edges, slope times slope: the chain rule.",
        "Each weight moves a little against its gradient, so that the loss falls. "
        f"The rule is {optimizer}, with the learning rate η = {in_full(training.learning_rate)}.",
    )[move]


def numbers_text(
    dissection: Dissection, move: int, parameter: Parameter, position: int | None, theme: Theme, write: Write = short
) -> str:
    """Write a move's numbers as rich text, for one sample of the batch or for all of it."""
    page = _Page(dissection, parameter, theme, write)
    if move == FORWARD:
        return page.forward_batch() if position is None else page.forward(position)
    if move == LOSS:
        return page.loss_batch() if position is None else page.loss(position)
    if move == BACKWARD:
        return page.backward_batch() if position is None else page.backward(position)
    return page.update()


class _Page:
    """Writes the numbers of one dissection around one parameter."""

    def __init__(self, dissection: Dissection, parameter: Parameter, theme: Theme, write: Write) -> None:
        self.d, self.parameter, self.theme = dissection, parameter, theme
        self.write: Callable[[object], str] = lambda value: write(float(value))  # type: ignore[arg-type]

    def forward(self, at: int) -> str:
        d, write = self.d, self.write
        parts = [self._title("Input"), f"<div>x = {write(d.x[at])}</div>"]
        for layer, (u, h) in enumerate(zip(d.values.pre_activations, d.values.activations, strict=True)):
            rows = [(_neuron(d, layer, i), write(u[i, at]), write(h[i, at])) for i in range(len(u))[:LISTED]]
            parts += [self._layer_title(layer), self._table(("", "u", "h"), rows), self._more(len(u), "neuron")]
        y_hat, y = write(d.values.output[at]), write(d.y[at])
        parts += [self._title("Output"), f"<div>ŷ = <b>{y_hat}</b><br>y = {y} {self._muted('(the sample’s)')}</div>"]
        return "".join(parts) + self._affine(at)

    def forward_batch(self) -> str:
        d, write = self.d, self.write
        triples = list(zip(d.samples, d.x, d.values.output, d.y, strict=True))[:LISTED]
        rows = [(f"{s + 1}", write(x), write(y_hat), write(y)) for s, x, y_hat, y in triples]
        parts = [self._table(("sample", "x", "ŷ", "y"), rows), self._more(len(d.samples), "sample")]
        for layer, u in enumerate(d.values.pre_activations):
            positive = np.count_nonzero(u > 0, axis=1)
            ends = [(write(row.min()), write(row.max())) for row in u[:LISTED]]
            rows = [(_neuron(d, layer, i), *pair, f"{positive[i]:,}") for i, pair in enumerate(ends)]
            parts += [self._layer_title(layer), self._table(("", "u from", "to", "u &gt; 0"), rows)]
            parts.append(self._more(len(u), "neuron"))
        return "".join(parts) + self._note("Choose one sample to see the u and h of each neuron.")

    def loss(self, at: int) -> str:
        d, write = self.d, self.write
        symbols, numbers = self._loss_formula(at)
        lines = [
            "e = ŷ − y",
            f"&nbsp;&nbsp;= {write(d.values.output[at])} − {self._factor(d.y[at])} = {write(d.errors[at])}",
            f"loss of the sample = {symbols}",
            f"&nbsp;&nbsp;= {numbers} = <b>{write(d.sample_losses[at])}</b>",
        ]
        n = len(d.samples)
        alone = f"L is the mean over the {n:,} samples of the batch." if n > 1 else "The batch is this one sample."
        return self._line("<br>".join(lines)) + self._line(f"L = <b>{write(d.loss)}</b>") + self._note(alone)

    def loss_batch(self) -> str:
        d, write, n = self.d, self.write, len(self.d.samples)
        symbols = {"mse": "e²", "l1": "|e|", "huber": "loss"}[d.config.training.loss]
        columns = (d.values.output, d.y, d.errors, d.sample_losses)
        rows = [(f"{d.samples[i] + 1}", *(write(values[i]) for values in columns)) for i in range(n)[:LISTED]]
        total = d.sample_losses.astype(np.float64)
        parts = [self._table(("", "ŷ", "y", "e = ŷ − y", symbols), rows)]
        parts.append(self._more(n, "sample", total))
        parts.append(self._line(f"L = sum / n = {write(total.sum())} / {n:,} = <b>{write(d.loss)}</b>"))
        return "".join(parts)

    def backward(self, at: int) -> str:
        links, write = self._chain(), self.write
        factors = self._factors(links, at)
        rows = [(symbol, self._muted(why), write(value)) for symbol, why, value in factors]
        product = " · ".join(self._factor(value) for _, _, value in factors)
        parts = [
            self._chain_title(factors),
            self._table(("", "", ""), rows, words=2),
            self._line(f"share of this sample = {product} = <b>{write(links.products[at])}</b>"),
            self._gradient_line(links),
        ]
        return "".join(parts)

    def backward_batch(self) -> str:
        d, write, links = self.d, self.write, self._chain()
        rows = []
        for i in range(len(d.samples))[:LISTED]:
            product = " · ".join(self._factor(value) for _, _, value in self._factors(links, i))
            rows.append((f"{d.samples[i] + 1}", product, f"= {write(links.products[i])}"))
        parts = [
            self._chain_title(self._factors(links, 0)),
            self._table(("sample", "the factors", "share"), rows, words=2),
            self._more(len(d.samples), "sample", links.products),
            self._gradient_line(links),
        ]
        return "".join(parts)

    def update(self) -> str:
        update, p, write = self.d.update, self.parameter, self.write
        title = self._title(parameter_title(self.d, p))
        if update is None:
            return title + "<div>The loss is not a finite number, so no step can be taken.</div>"
        frozen = update.frozen is not None and bool(update.frozen[p.array][p.place])
        lines = []
        for term in update.terms[:-1] if frozen else update.terms:
            symbols = update.in_symbols(term)
            right = update.in_numbers(term, p.array, p.place, write)
            value = write(update.value(term.name, p.array, p.place))
            if p.kind == "bias":  # w stands for the parameter; no other symbol has a w in it
                symbols, right = symbols.replace("w", "b"), right.replace("w", "b")
            numbers = "" if symbols.endswith(right) else f" = {right}"
            lines.append(f"{self._muted(term.label)}<br>{symbols}{numbers} = <b>{value}</b>")
        if frozen:
            lines.append("Frozen by hand: it keeps its value, whatever Δ says.")
        old, new = update.value("w0", p.array, p.place), update.value("w", p.array, p.place)
        rows = [("old value", write(old)), ("new value", f"<b>{write(new)}</b>")]
        return title + "".join(map(self._line, lines)) + self._table(("", ""), rows)

    def _affine(self, at: int) -> str:
        """The chosen neuron's u as a sum with the numbers in."""
        d, write, p = self.d, self.write, self.parameter
        layer, inputs = d.layers[p.layer], _inputs(d, p.layer)[:, at]
        weights = layer.weight[p.neuron]
        products = weights.astype(np.float64) * inputs
        terms = [f"{self._factor(w)}·{self._factor(v)}" for w, v in zip(weights, inputs, strict=True)][:LISTED]
        if len(products) > LISTED:
            terms.append(f"{self._factor(products[LISTED:].sum())} ({len(products) - LISTED:,} more)")
        terms.append(self._factor(layer.bias[p.neuron]))
        is_output = p.layer == len(d.layers) - 1
        name = "ŷ" if is_output else f"u of {_neuron(d, p.layer, p.neuron)}"
        value = d.values.output[at] if is_output else d.values.pre_activations[p.layer][p.neuron, at]
        text = f"{name} = W·{'x' if p.layer == 0 else 'h'} + b = {' + '.join(terms)} = <b>{write(value)}</b>"
        return self._title("Written out") + f"<div>{text}</div>"

    def _loss_formula(self, at: int) -> tuple[str, str]:
        """One sample's loss in symbols and with its number in."""
        error = self.d.errors[at]
        size = f"|{self.write(error)}|"
        if self.d.config.training.loss == "mse":
            return "e²", f"{self._factor(error)}²"
        if self.d.config.training.loss == "l1":
            return "|e|", size
        if abs(error) < 1:
            return "½·e²", f"½·{self._factor(error)}²"
        return "|e| − ½", f"{size} − ½"

    def _chain(self) -> Chain:
        p = self.parameter
        return chain(self.d, p.layer, p.kind, p.neuron, p.column)

    def _factors(self, links: Chain, at: int) -> list[tuple[str, str, float]]:
        """The chain's factors at one sample: symbol, what it is, number."""
        d, p = self.d, self.parameter
        name = _neuron(d, p.layer, p.neuron)
        source = "always" if p.kind == "bias" else _source(d, p.layer, p.column)
        slope = LOSS_SLOPES[d.config.training.loss]
        factors = [("∂L/∂ŷ", f"{slope}, e = {self.write(d.errors[at])}, n = {len(d.samples):,}", links.loss_by_output)]
        inner = "ŷ"
        if links.output_by_activation is not None and links.activation_by_pre is not None:
            way = "weight from" if p.layer == len(d.layers) - 2 else "all ways from"
            label = ACTIVATIONS[d.config.network.activation].label
            u = self.write(d.values.pre_activations[p.layer][p.neuron, at])
            factors.append(("∂ŷ/∂h", f"{way} {name} to ŷ", links.output_by_activation))
            factors.append(("∂h/∂u", f"slope of {label} at u = {u}", links.activation_by_pre))
            inner = "u"
        factors.append((f"∂{inner}/∂{p.symbol}", source, links.pre_by_parameter))
        return [(symbol, why, float(values[at])) for symbol, why, values in factors]

    def _chain_title(self, factors: Sequence[tuple[str, str, float]]) -> str:
        symbols = " · ".join(symbol for symbol, _, _ in factors)
        title = self._title(parameter_title(self.d, self.parameter))
        return f"{title}<div>∂L/∂{self.parameter.symbol} = {symbols}</div>"

    def _gradient_line(self, links: Chain) -> str:
        n = len(self.d.samples)
        line = self._line(f"gradient ∂L/∂{self.parameter.symbol} = <b>{self.write(links.gradient)}</b>")
        if n == 1:
            return line
        return line + self._note(
            f"The gradient is the mean over the batch: the 1/{n:,} of the mean stands in ∂L/∂ŷ, "
            f"so the {n:,} samples’ shares add up to it."
        )

    def _factor(self, value: object) -> str:
        """A number with parentheses if it is negative."""
        text = self.write(value)
        return f"({text})" if text.startswith("−") else text

    def _layer_title(self, layer: int) -> str:
        d = self.d
        symbol = ACTIVATIONS[d.config.network.activation].symbol
        rule = f"u = W·{'h' if layer else 'x'} + b, " + (f"h = {symbol}(u)" if symbol else "h = u")
        name = "Hidden layer" if len(d.layers) == 2 else f"Hidden layer {layer + 1}"
        return self._title(f"{name} {self._muted(rule)}")

    def _title(self, text: str) -> str:
        return f'<div style="margin-top:6px; color:{self.theme.ink}"><b>{text}</b></div>'

    def _line(self, text: str) -> str:
        return f'<div style="margin-top:5px">{text}</div>'

    def _muted(self, text: str) -> str:
        return f'<span style="color:{self.theme.muted}; font-weight:400">{text}</span>'

    def _note(self, text: str) -> str:
        return f'<div style="color:{self.theme.muted}">{text}</div>'

    def _more(self, count: int, what: str, values: np.ndarray | None = None) -> str:
        """Say how many are not listed, and what they come to together."""
        if count <= LISTED:
            return ""
        together = "" if values is None else f", together {self.write(values[LISTED:].sum())}"
        return self._note(f"… {count - LISTED:,} more {what}{'' if count == LISTED + 1 else 's'}{together}")

    def _table(self, head: tuple[str, ...], rows: Sequence[tuple[str, ...]], words: int = 1) -> str:
        """A table whose first `words` columns are words and whose others are numbers."""

        def cell(column: int, text: str) -> str:
            align = "left" if column < words else "right"
            return f'<td align="{align}" style="padding-right:{8 if column < len(head) - 1 else 0}px">{text}</td>'

        lines = [[self._muted(text) for text in head]] if any(head) else []
        lines += [[self._muted(row[0]), *row[1:]] for row in rows]
        body = "".join(f"<tr>{''.join(cell(i, text) for i, text in enumerate(line))}</tr>" for line in lines)
        return f'<table cellspacing="0" cellpadding="0" style="margin-top:5px">{body}</table>'


def _inputs(d: Dissection, layer: int) -> np.ndarray:
    """What comes into a layer, a column for each sample."""
    return d.x[None, :] if layer == 0 else d.values.activations[layer - 1]


def _neuron(d: Dissection, layer: int, index: int) -> str:
    """h₃, or h₃[2] where there are several hidden layers; ŷ for the output."""
    if layer == len(d.layers) - 1:
        return "ŷ"
    name = f"h{subscript(index + 1)}"
    return name if len(d.layers) == 2 else f"{name}[{layer + 1}]"


def _source(d: Dissection, layer: int, index: int) -> str:
    return "x" if layer == 0 else _neuron(d, layer - 1, index)
