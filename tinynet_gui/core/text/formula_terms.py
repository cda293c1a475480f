"""A formula: a tuple of terms, symbols and matrices, which a view can set as it likes.

`as_latex` writes the terms as LaTeX (amsmath), `as_plain` as a line of text. So what is shown is what is copied.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tinynet_gui.core.numerics.arrays import Floats
from tinynet_gui.core.values import dataclass

DIGITS = 4
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Symbol:
    """A name, a number or an operator: as text, and as LaTeX; one that is marked stands out on screen."""

    plain: str
    latex: str
    is_marked: bool = False


@dataclass(frozen=True)
class Matrix:
    """Numbers in rows and columns, all rows of one length; a column vector has rows of length 1."""

    rows: tuple[tuple[Symbol, ...], ...]
    has_brackets: bool = True


Term = Symbol | Matrix


def number(value: float, digits: int | None = DIGITS) -> Symbol:
    """Write a number with so many decimals; with None, the shortest that gives back the float32 number.

    What is too small or too large for its decimals is written with a power of ten.
    """
    if not np.isfinite(value):
        if np.isnan(value):
            return Symbol("NaN", r"\mathrm{NaN}")
        return Symbol("∞", r"\infty") if value > 0 else Symbol("−∞", r"-\infty")
    text = _written(value, digits)
    mantissa, _, exponent = text.partition("e")
    plain = mantissa.replace("-", "−")
    if not exponent:
        return Symbol(plain, mantissa)
    power = str(int(exponent))
    return Symbol(f"{plain}·10{power.translate(_SUPERSCRIPT)}", rf"{mantissa}\cdot 10^{{{power}}}")


def _written(value: float, digits: int | None) -> str:
    """Write a finite number as Python does."""
    if digits is None:
        return str(np.float32(value))
    if value != 0 and (abs(value) >= 1e6 or abs(value) < 0.5 * 10**-digits):
        return f"{value:.{max(1, digits - 1)}e}"
    return f"{value:.{digits}f}"


def as_read(values: npt.NDArray[Any], digits: int | None) -> Floats:
    """Return what a reader takes numbers for."""
    finite = np.isfinite(values)
    read = [
        float(_written(float(v), digits)) if ok else float(v) for v, ok in zip(values.flat, finite.flat, strict=True)
    ]
    return np.array(read, dtype=np.float64).reshape(values.shape)


def as_latex(terms: Sequence[Term]) -> str:
    """Write a formula as LaTeX, for a place where mathematics is set; it needs amsmath."""
    return "".join(_latex_matrix(term) if isinstance(term, Matrix) else term.latex for term in terms).strip()


def as_plain(terms: Sequence[Term]) -> str:
    """Write a formula as a line of text; a matrix as its rows in brackets, with semicolons between."""
    return "".join(_plain_matrix(term) if isinstance(term, Matrix) else term.plain for term in terms).strip()


def _latex_matrix(term: Matrix) -> str:
    rows = r" \\ ".join(" & ".join(cell.latex for cell in row) for row in term.rows)
    name = "pmatrix" if term.has_brackets else "matrix"
    return rf"\begin{{{name}}} {rows} \end{{{name}}}"


def _plain_matrix(term: Matrix) -> str:
    rows = "; ".join(", ".join(cell.plain for cell in row) for row in term.rows)
    return f"[{rows}]" if term.has_brackets else rows
