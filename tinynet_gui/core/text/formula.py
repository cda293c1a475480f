"""A formula as a tuple of terms: its text, LaTeX and drawing, and the selection of its parts."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple, TypeGuard
from xml.etree import ElementTree

import numpy as np

from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.shortened import written
from tinynet_gui.core.values import AnyArray, Floats, frozen_dataclass

DIGITS = 4
SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@frozen_dataclass
class Symbol:
    """A name, a number or an operator, as text and as LaTeX; a marked one is highlighted on screen."""

    plain: str
    latex: str
    is_marked: bool = False


@frozen_dataclass
class Matrix:
    """Numbers in rows and columns, all rows of one length; a column vector has rows of length 1."""

    rows: tuple[tuple[Symbol, ...], ...]
    has_brackets: bool = True


Term = Symbol | Matrix


def number(value: float, digits: int | None = DIGITS) -> Symbol:
    """Write a number with this many decimals; with None, the shortest that reads back to the float32.

    Numbers too small or too large for these decimals get a power of ten.
    """
    if not np.isfinite(value):
        if np.isnan(value):
            return Symbol("NaN", r"\mathrm{NaN}")
        return Symbol("∞", r"\infty") if value > 0 else Symbol("−∞", r"-\infty")
    mantissa, _, exponent = _written(value, digits).partition("e")
    plain = mantissa.replace("-", "−")
    if not exponent:
        return Symbol(plain, mantissa)
    power = str(int(exponent))
    return Symbol(f"{plain}·10{power.translate(SUPERSCRIPT)}", rf"{mantissa}\cdot 10^{{{power}}}")


def _written(value: float, digits: int | None) -> str:
    if digits is None:
        return str(np.float32(value))
    if value != 0 and (abs(value) >= 1e6 or abs(value) < 0.5 * 10**-digits):
        return f"{value:.{max(1, digits - 1)}e}"
    return f"{value:.{digits}f}"


def as_read(values: AnyArray, digits: int | None) -> Floats:
    """Return the numbers as a reader gets them, rounded to the written digits."""
    read = [float(_written(value, digits)) if np.isfinite(value) else value for value in map(float, values.flat)]
    return np.array(read, dtype=np.float64).reshape(values.shape)


def as_latex(terms: Sequence[Term]) -> str:
    """Write a formula as LaTeX; it needs amsmath."""
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


@frozen_dataclass
class TermPlace:
    """A term by its index; with a row and a column, one entry of that matrix."""

    term: int
    entry: tuple[int, int] | None = None


@frozen_dataclass
class TermRange:
    """The terms from the first to the last, inclusive."""

    first: int
    last: int


@frozen_dataclass
class Submatrix:
    """The entries of one matrix between two corners, inclusive: first and last row, first and last column."""

    term: int
    rows: tuple[int, int]
    columns: tuple[int, int]


Part = TermRange | Submatrix


def between(start: TermPlace, end: TermPlace) -> Part:
    """The selection of a drag from one place to another: matrix entries if it stays in one matrix."""
    if start.term != end.term or start.entry is None or end.entry is None:
        return TermRange(min(start.term, end.term), max(start.term, end.term))
    rows, columns = ((min(pair), max(pair)) for pair in zip(start.entry, end.entry, strict=True))
    return Submatrix(start.term, rows, columns)


def around(terms: Sequence[Term], place: TermPlace) -> Part:
    """The unit at a place: an entry, a term, or a pair of brackets with what is inside."""
    if place.entry is not None:
        return between(place, place)
    for pair in pairs(terms):
        if place.term in pair:
            return TermRange(*pair)
    return TermRange(place.term, place.term)


def everything(terms: Sequence[Term]) -> Part:
    """Select a whole formula, which must not be empty."""
    return TermRange(0, len(terms) - 1)


def selected_terms(terms: Sequence[Term], part: Part) -> tuple[Term, ...]:
    r"""Return the terms of a part, as a formula that is valid alone.

    A bracket without its partner becomes one of fixed size, as \left without \right is an error in LaTeX. One number is
    a symbol; several are a matrix without brackets.
    """
    if isinstance(part, Submatrix):
        matrix = terms[part.term]
        assert isinstance(matrix, Matrix)
        (top, bottom), (left, right) = part.rows, part.columns
        rows = tuple(row[left : right + 1] for row in matrix.rows[top : bottom + 1])
        return (rows[0][0],) if top == bottom and left == right else (Matrix(rows, has_brackets=False),)
    run = tuple(terms[part.first : part.last + 1])
    paired = {place for pair in pairs(run) for place in pair}
    return tuple(
        replace(term, latex=term.plain) if _is_bracket(term) and place not in paired else term
        for place, term in enumerate(run)
    )


def pairs(terms: Sequence[Term]) -> list[tuple[int, int]]:
    """Return the indices of matching brackets, inner pairs first."""
    found, opened = [], []
    for place, term in enumerate(terms):
        if not _is_bracket(term):
            continue
        if term.plain == "(":
            opened.append(place)
        elif opened:
            found.append((opened.pop(), place))
    return found


def _is_bracket(term: Term) -> TypeGuard[Symbol]:
    return isinstance(term, Symbol) and term.plain in ("(", ")")


SIZE, COLOR = 24.0, "black"  # of its font, in pixels; and of its signs


class FormulaSvg(NamedTuple):
    """A drawn formula; its box is relative to the start of its baseline, with y downwards."""

    svg: bytes
    left: float
    top: float
    width: float
    height: float


@lru_cache(maxsize=512)
def formula_svg(latex: str, is_displayed: bool) -> FormulaSvg:
    """Draw a formula as SVG, independent of size and colour; raise a ValueError if that fails."""
    from ziamath.config import config  # imported late, as few texts have formulas
    from ziamath.zmath import Latex

    config.svg2 = False  # Qt draws no symbols that are defined once
    try:
        svg = Latex(latex, size=SIZE, color=COLOR, inline=not is_displayed).svgxml()
    except Exception:  # its own kinds and whatever else an odd formula makes of it
        words = _(
            "the formula {latex} cannot be drawn; a brace or an argument may be missing, "
            "or one sign may have two ^ or two _"
        )
        raise ValueError(words.format(latex=written(latex))) from None
    left, top, width, height = (float(number) for number in svg.attrib["viewBox"].split())
    return FormulaSvg(ElementTree.tostring(svg), left, top, width, height)
