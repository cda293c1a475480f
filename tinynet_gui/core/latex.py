"""The network as mathematics: u = W v + b as matrices, the whole network as one formula, with the numbers in.

A formula is a tuple of terms, symbols and matrices, which a view can set as it likes; `as_latex` writes the
same terms as LaTeX (amsmath), `as_plain` as a line of text. So what is shown is what is copied.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tinynet_gui.core.network import Layer
from tinynet_gui.core.probe import probe
from tinynet_gui.core.registries import ACTIVATIONS

DIGITS = 4
MOST_ROWS = 10  # a longer matrix is elided
MOST_NEURONS = 12  # a longer sum too
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_SUBSCRIPT = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


@dataclass(frozen=True)
class Symbol:
    """A name, a number or an operator: as text, and as LaTeX."""

    plain: str
    latex: str


@dataclass(frozen=True)
class Matrix:
    """Numbers in rows and columns, all rows of one length; a column vector has rows of length 1."""

    rows: tuple[tuple[Symbol, ...], ...]


Term = Symbol | Matrix

_EQUALS, _PLUS, _MINUS, _TIMES = Symbol(" = ", "="), Symbol(" + ", "+"), Symbol(" − ", "-"), Symbol("·", r"\cdot ")
_OPEN, _CLOSE = Symbol("(", r"\left("), Symbol(")", r"\right)")
_X, _OUTPUT = Symbol("x", "x"), Symbol("ŷ", r"\hat{y}")
_MORE_BELOW, _MORE_ACROSS, _MORE_BOTH = Symbol("⋮", r"\vdots"), Symbol("⋯", r"\cdots"), Symbol("⋱", r"\ddots")


def number(value: float, digits: int | None = DIGITS) -> Symbol:
    """Write a number with so many decimals; with None, the shortest that gives back the float32 number.

    What is too small or too large for its decimals is written with a power of ten.
    """
    if not np.isfinite(value):
        if np.isnan(value):
            return Symbol("NaN", r"\mathrm{NaN}")
        return Symbol("∞", r"\infty") if value > 0 else Symbol("−∞", r"-\infty")
    if digits is None:
        text = str(np.float32(value))
    elif value != 0 and (abs(value) >= 1e6 or abs(value) < 0.5 * 10**-digits):
        text = f"{value:.{max(1, digits - 1)}e}"
    else:
        text = f"{value:.{digits}f}"
    mantissa, _, exponent = text.partition("e")
    plain = mantissa.replace("-", "−")
    if not exponent:
        return Symbol(plain, mantissa)
    power = str(int(exponent))
    return Symbol(f"{plain}·10{power.translate(_SUPERSCRIPT)}", rf"{mantissa}\cdot 10^{{{power}}}")


def matrix(values: npt.NDArray[Any], digits: int | None = DIGITS, most: int = MOST_ROWS) -> Matrix:
    """Write an array of shape (rows, columns), or (rows,) as a column; beyond `most`, the middle is left out."""
    table = values.reshape(len(values), -1)
    down, across = _places(table.shape[0], most), _places(table.shape[1], most)

    def cell(row: int | None, column: int | None) -> Symbol:
        if row is None:
            return _MORE_BOTH if column is None else _MORE_BELOW
        return _MORE_ACROSS if column is None else number(float(table[row, column]), digits)

    return Matrix(tuple(tuple(cell(row, column) for column in across) for row in down))


def affine_map(
    layers: Sequence[Layer],
    activation: str,
    index: int,
    x: float | None = None,
    *,
    digits: int | None = DIGITS,
    most: int = MOST_ROWS,
) -> tuple[Term, ...]:
    """Write one layer's affine map: u₁ = W x + b as matrices, and at an x with all values in.

    Parameters
    ----------
    x
        With it, v is the layer's actual input at this x, and the result follows behind a second =.
    digits, most
        See `number` and `matrix`.
    """
    layer = layers[index]
    terms: list[Term] = [_result(layers, index), _EQUALS, matrix(layer.weight, digits, most)]
    bias = matrix(layer.bias, digits, most)
    if x is None:
        return (*terms, _TIMES, _input(index), _PLUS, bias)
    here = probe(layers, activation, x).layers[index]
    terms += [matrix(here.inputs, digits, most), _PLUS, bias, _EQUALS, matrix(here.pre_activations, digits, most)]
    return tuple(terms)


def activation_map(
    layers: Sequence[Layer],
    activation: str,
    index: int,
    x: float | None = None,
    *,
    digits: int | None = DIGITS,
    most: int = MOST_ROWS,
) -> tuple[Term, ...]:
    """Write what follows a hidden layer's affine map: h₁ = ReLU(u₁), and at an x with all values in."""
    terms: list[Term] = [_input(index + 1), _EQUALS, *_call(activation, [_result(layers, index)])]
    if x is None:
        return tuple(terms)
    here = probe(layers, activation, x).layers[index]
    terms += [_EQUALS, *_call(activation, [matrix(here.pre_activations, digits, most)])]
    return (*terms, _EQUALS, matrix(here.activations, digits, most))


def whole_network(
    layers: Sequence[Layer],
    activation: str,
    *,
    digits: int | None = DIGITS,
    most: int = MOST_NEURONS,
) -> tuple[Term, ...]:
    """Write the whole network as one formula of x.

    With one hidden layer it is the sum ŷ(x) = w'₁·ReLU(w₁·x + b₁) + ... + b', of which beyond `most` neurons
    the middle is left out; with several, the nested affine maps as matrices.
    """
    terms: list[Term] = [_OUTPUT, _OPEN, _X, _CLOSE, _EQUALS]
    if len(layers) > 2:
        return (*terms, *_nested(layers, activation, len(layers) - 1, digits, most))
    if len(layers) == 1:
        return (*terms, *_line(layers[0], 0, digits))
    first, last = layers
    for place, neuron in enumerate(_places(len(first.bias), most)):
        if neuron is None:
            terms += [_PLUS, _MORE_ACROSS]
            continue
        weight = float(last.weight[0, neuron])
        terms += [*_signed(weight, digits, leading=place == 0), _TIMES]
        terms += _call(activation, list(_line(first, neuron, digits)))
    return (*terms, *_signed(float(last.bias[0]), digits))


def as_latex(terms: Sequence[Term]) -> str:
    """Write a formula as LaTeX, for a place where mathematics is set; it needs amsmath."""
    return "".join(_latex_matrix(term) if isinstance(term, Matrix) else term.latex for term in terms).strip()


def as_plain(terms: Sequence[Term]) -> str:
    """Write a formula as a line of text; a matrix as its rows in brackets, with semicolons between."""
    return "".join(_plain_matrix(term) if isinstance(term, Matrix) else term.plain for term in terms).strip()


def _places(count: int, most: int) -> list[int | None]:
    """Return the indices to write; None where some are left out."""
    if count <= most:
        return list(range(count))
    return [*range(max(1, most - 2)), None, count - 1]


def _nested(layers: Sequence[Layer], activation: str, index: int, digits: int | None, most: int) -> Iterator[Term]:
    yield matrix(layers[index].weight, digits, most)
    if index == 0:
        yield from (_TIMES, _X)
    else:
        yield from _call(activation, list(_nested(layers, activation, index - 1, digits, most)))
    yield _PLUS
    yield matrix(layers[index].bias, digits, most)


def _line(layer: Layer, neuron: int, digits: int | None) -> tuple[Term, ...]:
    """Write w·x + b of one neuron of the first layer."""
    slope = _signed(float(layer.weight[neuron, 0]), digits, leading=True)
    return (*slope, _TIMES, _X, *_signed(float(layer.bias[neuron]), digits))


def _signed(value: float, digits: int | None, leading: bool = False) -> tuple[Term, ...]:
    """Write a number as a summand: its sign is the operator before it."""
    if leading:
        return (number(value, digits),)
    return (_MINUS if np.signbit(value) else _PLUS, number(abs(value), digits))


def _call(activation: str, argument: list[Term]) -> list[Term]:
    name = ACTIVATIONS[activation].symbol
    latex = {"": "", "σ": r"\sigma", "tanh": r"\tanh"}.get(name, rf"\operatorname{{{name}}}")
    return [*([Symbol(name, latex)] if name else []), _OPEN, *argument, _CLOSE]


def _result(layers: Sequence[Layer], index: int) -> Symbol:
    """Name a layer's pre-activations: u₁, u₂, ..., ŷ."""
    return _OUTPUT if index == len(layers) - 1 else _vector("u", index + 1)


def _input(index: int) -> Symbol:
    """Name what goes into a layer: x, h₁, h₂, ..."""
    return _X if index == 0 else _vector("h", index)


def _vector(name: str, number: int) -> Symbol:
    return Symbol(f"{name}{str(number).translate(_SUBSCRIPT)}", rf"\mathbf{{{name}}}_{{{number}}}")


def _latex_matrix(term: Matrix) -> str:
    rows = r" \\ ".join(" & ".join(cell.latex for cell in row) for row in term.rows)
    return rf"\begin{{pmatrix}} {rows} \end{{pmatrix}}"


def _plain_matrix(term: Matrix) -> str:
    return f"[{'; '.join(', '.join(cell.plain for cell in row) for row in term.rows)}]"
