"""The network as mathematics: u = W v + b as matrices, the whole network as one formula, with numbers filled in.

Each formula is made of the terms of `core.text.formula`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TypeVar

import numpy as np

from tinynet_gui.core.choices.activations import Activation, ActivationNames, activations_of
from tinynet_gui.core.data.points import AS_THEY_ARE, Scaling
from tinynet_gui.core.network.forward import Layer, probe
from tinynet_gui.core.text.formula import DIGITS, Matrix, Symbol, Term, as_read, number
from tinynet_gui.core.text.numbers import subscript
from tinynet_gui.core.values import AnyArray, frozen_dataclass

MAX_ROWS = 10  # a longer matrix is elided
MAX_NEURONS = 12  # a longer sum too


T = TypeVar("T", bound=Term)


@frozen_dataclass
class Spot:
    """The highlight in a layer's W: a neuron's row, an input's column, or with both the one weight between them.

    Its row and column are never elided, so that they can be followed through all of a layer's matrices.
    """

    row: int | None = None
    column: int | None = None
    is_marked: bool = True

    def marks(self, row: int | None, column: int | None) -> bool:
        """Whether the spot has an entry; None stands for rows or columns that are elided."""
        if not self.is_marked or (self.row is None and self.column is None):
            return False
        return self.row in (None, row) and self.column in (None, column)

    def of_neurons(self) -> "Spot":
        """The spot in a column vector of the layer's neurons: bias, pre-activations or activations."""
        return Spot(self.row, is_marked=self.column is None)

    def of_inputs(self) -> "Spot":
        """The spot in the column vector of the layer's inputs."""
        return Spot(self.column, is_marked=self.row is None)


NOWHERE = Spot()
NO_SPOTS: Mapping[int, Spot] = MappingProxyType({})

ROUNDED = Symbol(" ≈ ", r"\approx ")  # the numbers as they are written do not give the result to its last digit
_EQUALS, _PLUS, _MINUS, _TIMES = Symbol(" = ", "="), Symbol(" + ", "+"), Symbol(" − ", "-"), Symbol("·", r"\cdot ")
_OPEN, _CLOSE = Symbol("(", r"\left("), Symbol(")", r"\right)")
_X, _OUTPUT = Symbol("x", "x"), Symbol("ŷ", r"\hat{y}")
_SEEN, _Y, _WITH, _OVER = Symbol("x̃", r"\tilde{x}"), Symbol("y", "y"), Symbol(", ", r",\quad "), Symbol("/", "/")
_MORE_BELOW, _MORE_ACROSS, _MORE_BOTH = Symbol("⋮", r"\vdots"), Symbol("⋯", r"\cdots"), Symbol("⋱", r"\ddots")


def _equals(found: AnyArray, shown: AnyArray, digits: int | None) -> Symbol:
    """Write = if the rounded numbers give exactly the result shown, else ≈."""
    is_same = np.array_equal(as_read(found, digits), as_read(shown, digits), equal_nan=True)
    return _EQUALS if is_same else ROUNDED


def matrix(values: AnyArray, digits: int | None = DIGITS, most: int = MAX_ROWS, spot: Spot = NOWHERE) -> Matrix:
    """Write an array of shape (rows, columns), or (rows,) as a column, and mark the spot.

    Beyond `most` rows or columns the middle is elided, but never the spot.
    """
    table = values.reshape(len(values), -1)
    down, across = _places(table.shape[0], most, spot.row), _places(table.shape[1], most, spot.column)

    def cell(row: int | None, column: int | None) -> Symbol:
        if row is None:
            symbol = _MORE_BOTH if column is None else _MORE_BELOW
        else:
            symbol = _MORE_ACROSS if column is None else number(float(table[row, column]), digits)
        return _marked(symbol) if spot.marks(row, column) else symbol

    return Matrix(tuple(tuple(cell(row, column) for column in across) for row in down))


def affine_map(
    layers: Sequence[Layer],
    activation: ActivationNames,
    index: int,
    x: float | None = None,
    *,
    digits: int | None = DIGITS,
    spot: Spot = NOWHERE,
) -> tuple[Term, ...]:
    """Write one layer's affine map: u₁ = W x + b as matrices, and at an x with all values filled in.

    Parameters
    ----------
    x
        With it, v is the layer's actual input at this x, and the result follows behind a second =, or behind ≈ where
        the numbers as they are written do not give its last digit.
    digits, spot
        See `number` and `matrix`.
    """
    layer = layers[index]
    terms: list[Term] = [_result(layers, index), _EQUALS, matrix(layer.weight, digits, spot=spot)]
    bias = matrix(layer.bias, digits, spot=spot.of_neurons())
    if x is None:
        return (*terms, _TIMES, _input(index), _PLUS, bias)
    here = probe(layers, activation, x).layers[index]
    weight, inputs, shift = (as_read(values, digits) for values in (layer.weight, here.inputs, layer.bias))
    with np.errstate(over="ignore", invalid="ignore"):
        sign = _equals(weight @ inputs + shift, here.pre_activations, digits)
    terms += [matrix(here.inputs, digits, spot=spot.of_inputs()), _PLUS, bias, sign]
    return (*terms, matrix(here.pre_activations, digits, spot=spot.of_neurons()))


def activation_map(
    layers: Sequence[Layer],
    activation: ActivationNames,
    index: int,
    x: float | None = None,
    *,
    digits: int | None = DIGITS,
    spot: Spot = NOWHERE,
) -> tuple[Term, ...]:
    """Write a hidden layer's activation: h₁ = ReLU(u₁), and at an x with all values filled in."""
    record = activations_of(activation, len(layers) - 1)[index]
    terms: list[Term] = [_input(index + 1), _EQUALS, *_call(record, [_result(layers, index)])]
    if x is None:
        return tuple(terms)
    here = probe(layers, activation, x).layers[index]
    terms += [_EQUALS, *_call(record, [matrix(here.pre_activations, digits, spot=spot.of_neurons())])]
    sign = _equals(record.function(as_read(here.pre_activations, digits)), here.activations, digits)
    return (*terms, sign, matrix(here.activations, digits, spot=spot.of_neurons()))


def whole_network(
    layers: Sequence[Layer],
    activation: ActivationNames,
    *,
    digits: int | None = DIGITS,
    most: int = MAX_NEURONS,
    spots: Mapping[int, Spot] = NO_SPOTS,
    scaling: Scaling = AS_THEY_ARE,
) -> tuple[Term, ...]:
    """Write the whole network as one formula of x, including the scales of standardised samples.

    With one hidden layer it is the sum ŷ(x) = w'₁·ReLU(w₁·x + b₁) + ... + b', whose middle is elided beyond `most`
    neurons; with several, the nested affine maps as matrices.

    Parameters
    ----------
    spots
        What is marked, by layer; for a hidden neuron in the sum, its whole summand.
    """
    x = _SEEN if scaling.has_x else _X
    terms: list[Term] = [_Y if scaling.has_y else _OUTPUT, _OPEN, _X, _CLOSE, _EQUALS]
    if scaling.has_y:
        mean = _signed(scaling.y_mean, digits, is_marked=False)
        terms += [number(scaling.y_deviation, digits), _TIMES, _OUTPUT, *mean, _WITH, _OUTPUT, _EQUALS]
    terms += _output(layers, activations_of(activation, len(layers) - 1), x, digits, most, spots)
    if scaling.has_x:
        mean = _signed(-scaling.x_mean, digits, is_marked=False)
        terms += [_WITH, x, _EQUALS, _OPEN, _X, *mean, _CLOSE, _OVER, number(scaling.x_deviation, digits)]
    return tuple(terms)


def _output(
    layers: Sequence[Layer],
    records: Sequence[Activation],
    x: Symbol,
    digits: int | None,
    most: int,
    spots: Mapping[int, Spot],
) -> tuple[Term, ...]:
    """Write the network's output as one formula of its input."""

    def nested(index: int) -> Iterator[Term]:
        spot = spots.get(index, NOWHERE)
        yield matrix(layers[index].weight, digits, most, spot)
        if index == 0:
            yield from (_TIMES, x)
        else:
            yield from _call(records[index - 1], list(nested(index - 1)))
        yield _PLUS
        yield matrix(layers[index].bias, digits, most, spot.of_neurons())

    if len(layers) > 2:
        return tuple(nested(len(layers) - 1))
    if len(layers) == 1:
        return _line(layers[0], 0, x, digits, spots.get(0, NOWHERE))
    terms: list[Term] = []
    (first, last), (inner, outer) = layers, (spots.get(0, NOWHERE), spots.get(1, NOWHERE))
    kept = inner.row if inner.row is not None else outer.column
    for place, neuron in enumerate(_places(len(first.bias), most, kept)):
        if neuron is None:
            terms += [_PLUS, _MORE_ACROSS]
            continue
        weight = float(last.weight[0, neuron])
        *sign, factor = _signed(weight, digits, outer.marks(0, neuron), leading=place == 0)
        summand: list[Symbol] = [factor, _TIMES, *_call(records[0], _line(first, neuron, x, digits, inner))]
        terms += sign
        terms += [_marked(term) for term in summand] if inner.of_neurons().marks(neuron, 0) else summand
    return (*terms, *_signed(float(last.bias[0]), digits, outer.of_neurons().marks(0, 0)))


def _places(count: int, most: int, kept: int | None = None) -> list[int | None]:
    """Return the indices to write, `kept` among them; None where some are elided."""
    if count <= most:
        return list(range(count))
    if kept is None or kept < most - 2 or kept == count - 1:
        return [*range(max(1, most - 2)), None, count - 1]
    head = max(1, most - 4)
    before = [None] if kept > head else []
    after = [None] if kept < count - 2 else []
    return [*range(head), *before, kept, *after, count - 1]


def _line(layer: Layer, neuron: int, x: Symbol, digits: int | None, spot: Spot) -> tuple[Symbol, ...]:
    """Write w·x + b of one neuron of the first layer."""
    slope = _signed(float(layer.weight[neuron, 0]), digits, spot.marks(neuron, 0), leading=True)
    shift = _signed(float(layer.bias[neuron]), digits, spot.of_neurons().marks(neuron, 0))
    return (*slope, _TIMES, x, *shift)


def _signed(value: float, digits: int | None, is_marked: bool, leading: bool = False) -> tuple[Symbol, ...]:
    """Write a number as a summand: its sign is the operator before it."""
    size = number(value if leading else abs(value), digits)
    sign = () if leading else (_MINUS if np.signbit(value) else _PLUS,)
    return (*sign, _marked(size) if is_marked else size)


def _marked(symbol: Symbol) -> Symbol:
    return replace(symbol, is_marked=True)


def _call(record: Activation, argument: Sequence[T]) -> list[Symbol | T]:
    return [*([Symbol(record.symbol, record.latex)] if record.symbol else []), _OPEN, *argument, _CLOSE]


def _result(layers: Sequence[Layer], index: int) -> Symbol:
    """Name a layer's pre-activations: u₁, u₂, ..., ŷ."""
    return _OUTPUT if index == len(layers) - 1 else _vector("u", index + 1)


def _input(index: int) -> Symbol:
    """Name a layer's input: x, h₁, h₂, ..."""
    return _X if index == 0 else _vector("h", index)


def _vector(name: str, number: int) -> Symbol:
    return Symbol(f"{name}{subscript(number)}", rf"\mathbf{{{name}}}_{{{number}}}")
