"""Parts of a formula: from where one is in it to what is selected, and from that to terms that can be copied.

A part is a run of whole terms, or a block of numbers inside one matrix. Its terms are written by `as_latex`
and `as_plain` as a whole formula's are, and what comes out can be set.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeGuard

from tinynet_gui.core.text.formula_terms import Matrix, Symbol, Term
from tinynet_gui.core.values import dataclass


@dataclass(frozen=True)
class TermPlace:
    """A term by its number; with a row and a column, one entry of that matrix."""

    term: int
    entry: tuple[int, int] | None = None


@dataclass(frozen=True)
class TermRange:
    """The terms from the first to the last, both among them."""

    first: int
    last: int


@dataclass(frozen=True)
class Submatrix:
    """The entries of one matrix between two corners, both among them: first and last row, first and last column."""

    term: int
    rows: tuple[int, int]
    columns: tuple[int, int]


Part = TermRange | Submatrix


def between(start: TermPlace, end: TermPlace) -> Part:
    """What a stroke from one place to another takes in: entries if it stays among those of one matrix."""
    if start.term != end.term or start.entry is None or end.entry is None:
        return TermRange(min(start.term, end.term), max(start.term, end.term))
    rows, columns = ((min(pair), max(pair)) for pair in zip(start.entry, end.entry, strict=True))
    return Submatrix(start.term, rows, columns)


def around(terms: Sequence[Term], place: TermPlace) -> Part:
    """What belongs together at a place: an entry, a term, or a pair of brackets with what is inside."""
    if place.entry is not None:
        return between(place, place)
    for pair in pairs(terms):
        if place.term in pair:
            return TermRange(*pair)
    return TermRange(place.term, place.term)


def everything(terms: Sequence[Term]) -> Part:
    """All of a formula, which is not empty."""
    return TermRange(0, len(terms) - 1)


def selected_terms(terms: Sequence[Term], part: Part) -> tuple[Term, ...]:
    r"""Return the terms of a part, so that they can stand alone.

    A bracket whose other half is not among them is no longer one that grows, as \left without \right is an
    error in LaTeX. One number is a symbol; several numbers are a matrix without brackets.
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
    """Return where the brackets are that belong together, the inner pairs before the outer ones."""
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
