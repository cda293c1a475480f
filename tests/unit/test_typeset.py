"""Formulas set in lines, with a ruler by which every character is ten wide and ten high."""

from itertools import pairwise

import pytest
from hypothesis import given, settings, strategies as st

from tests.unit.random_networks import networks, random_layers
from tinynet_gui.core.network.forward import Layer
from tinynet_gui.core.text.formula import Matrix, Submatrix, Symbol, Term, TermPlace, TermRange, everything
from tinynet_gui.core.wording.network_formula import Spot, activation_map, affine_map, whole_network
from tinynet_gui.ui.views.inspector.typeset import (
    BREAKS,
    MARGIN,
    Area,
    Piece,
    TypesetFormula,
    areas,
    marked_areas,
    place_at,
    set_formula,
)


class Tens:
    """Ten wide, ten high."""

    half = 5.0

    def width(self, text: str, is_name: bool = False) -> float:
        return 10.0 * len(text)


RULER = Tens()


def _symbols(*texts: str) -> tuple[Symbol, ...]:
    return tuple(Symbol(text, text) for text in texts)


def _matrix(*rows: tuple[str, ...]) -> Matrix:
    return Matrix(tuple(_symbols(*row) for row in rows))


def _texts(page: TypesetFormula) -> list[str]:
    return ["".join(piece.size.text or f"<{piece.size.kind}>" for piece in line.pieces) for line in page.lines]


def _pieces(page: TypesetFormula) -> list[Piece]:
    return [piece for line in page.lines for piece in line.pieces]


def _middle(area: Area) -> tuple[float, float]:
    return area.x + area.width / 2, area.y + area.height / 2


SUM = _symbols("y", " = ", "ab", " + ", "f", "(", "x", " + ", "1", ")", " − ", "c")


@pytest.mark.parametrize(
    ("width", "lines"),
    [
        (208, ["y = ab + f<open>x + 1<close> − c"]),
        (207, ["y = ab + f<open>x + 1<close>", " − c"]),
        (165, ["y = ab", " + f<open>x + 1<close> − c"]),
        (60, ["y", " = ab", " + f<open>x + 1<close>", " − c"]),  # never between brackets
    ],
)
def test_a_line_is_broken_before_an_operator_outside_brackets(width: float, lines: list[str]) -> None:
    page = set_formula(RULER, SUM, width)
    assert _texts(page) == lines


@given(layers=networks(), activation=st.sampled_from(["relu", "tanh", "identity"]), width=st.floats(50, 2_000))
@settings(max_examples=40)
def test_terms_are_set_in_order_in_lines_that_fit(layers: tuple[Layer, ...], activation: str, width: float) -> None:
    for terms in (whole_network(layers, activation), affine_map(layers, activation, 0, 1.0)):
        page = set_formula(RULER, terms, width)
        assert [piece.term for piece in _pieces(page)] == list(range(len(terms)))
        for line in page.lines:
            for piece, after in pairwise(line.pieces):
                assert piece.right == after.x
            depth = 0
            can_be_broken = False
            for place, piece in enumerate(line.pieces):
                depth += (piece.size.kind == "open") - (piece.size.kind == "close")
                can_be_broken |= bool(place) and depth == 0 and piece.size.text in BREAKS
            assert line.pieces[-1].right + MARGIN <= page.width
            assert line.pieces[-1].right + MARGIN <= width or not can_be_broken
        for line, below in pairwise(page.lines):
            assert line.axis + line.half < below.axis - below.half
        assert page.height >= page.lines[-1].axis + page.lines[-1].half


@given(layers=networks(), width=st.floats(50, 2_000), index=st.integers(0, 1))
@settings(max_examples=40)
def test_what_is_at_the_middle_of_an_area_is_what_the_area_is_of(
    layers: tuple[Layer, ...], width: float, index: int
) -> None:
    """There and back: terms and entries to rectangles, and from the rectangles to terms and entries."""
    formulas: tuple[tuple[Term, ...], ...] = (whole_network(layers, "relu"), affine_map(layers, "relu", 0, 1.0))
    terms = formulas[index]
    page = set_formula(RULER, terms, width)
    for number, term in enumerate(terms):
        (area,) = areas(page, TermRange(number, number))
        if not isinstance(term, Matrix):
            assert place_at(page, *_middle(area)) == TermPlace(number)
            continue
        for x in (area.x + 1, area.x + area.width - 1):  # on its brackets
            assert place_at(page, x, _middle(area)[1]) == TermPlace(number)
        for row, entries in enumerate(term.rows):
            for column in range(len(entries)):
                (entry,) = areas(page, Submatrix(number, (row, row), (column, column)))
                assert place_at(page, *_middle(entry)) == TermPlace(number, (row, column))


def test_a_matrix_has_its_numbers_at_the_point_under_each_other() -> None:
    page = set_formula(RULER, (_matrix(("1.5", "⋯", "−10.25"), ("−22.5", "⋯", "3.0")),), 1_000)
    first, dots, last = page.lines[0].pieces[0].size.columns
    assert [(text, offset + 10 * text.index(".")) for text, offset in first.texts] == [("1.5", 30), ("−22.5", 30)]
    assert [offset + 10 * text.index(".") for text, offset in last.texts] == [30, 30]
    assert (first.width, dots.width, last.width) == (50, 10, 60)
    assert first.left + first.width < dots.left


def test_brackets_grow_with_what_they_hold() -> None:
    tall = _matrix(("1",), ("2",), ("3",))
    terms: tuple[Term, ...] = (*_symbols("f", "(", "g", "("), tall, *_symbols(")", ")"))
    sizes = [piece.size for piece in _pieces(set_formula(RULER, terms, 500))]
    text, outer, _, inner, matrix, *_ = (size.half for size in sizes)
    assert text < matrix < inner < outer


def test_what_is_nearest_is_found_beside_the_formula_too() -> None:
    matrix = _matrix(("1", "2"), ("3", "4"))
    page = set_formula(RULER, (*_symbols("u", " = "), matrix), 1_000)
    middle = page.lines[0].axis
    assert place_at(page, -50, middle) == TermPlace(0)
    assert place_at(page, 900, -900) == TermPlace(2)  # right of the bracket
    inside = page.lines[0].pieces[2].x + 12
    assert place_at(page, inside, -900) == TermPlace(2, (0, 0))
    assert place_at(page, inside, 900) == TermPlace(2, (1, 0))
    assert place_at(page, inside + 25, 900) == TermPlace(2, (1, 1))
    assert place_at(TypesetFormula(), 0, 0) is None


def test_the_lines_of_a_selection() -> None:
    page = set_formula(RULER, SUM, 60)
    first, second = areas(page, TermRange(1, 2))
    assert (first.x + first.width, first.y) == (second.x, second.y)
    assert {area.y for area in areas(page, everything(SUM))} == {line.axis - line.half for line in page.lines}


def test_a_block_of_numbers_is_one_area_without_the_brackets() -> None:
    terms = (_matrix(("1", "2", "3"), ("4", "5", "6"), ("7", "8", "9")),)
    page = set_formula(RULER, terms, 500)
    (matrix,) = areas(page, TermRange(0, 0))
    (block,) = areas(page, Submatrix(0, (1, 2), (0, 1)))
    assert block.height == 2 * page.row
    assert matrix.x < block.x < block.x + block.width < matrix.x + matrix.width
    (right,) = areas(page, Submatrix(0, (1, 2), (2, 2)))
    assert block.x + block.width == right.x


def test_what_is_marked_has_an_area() -> None:
    layers = random_layers((3, 4), 0)
    terms = affine_map(layers, "relu", 1, 1.0, spot=Spot(row=2))
    page = set_formula(RULER, terms, 5_000)
    places = [(2, 0), (2, 1), (2, 2), (5, 0), (7, 0)]  # of the weight, of the bias, of the result
    blocks = [Submatrix(term, (2, 2), (column, column)) for term, column in places]
    assert marked_areas(page, terms) == [area for block in blocks for area in areas(page, block)]
    assert marked_areas(page, affine_map(layers, "relu", 1, 1.0)) == []
    mapped = activation_map(layers, "relu", 0, 1.0, spot=Spot(row=0))
    assert len(marked_areas(set_formula(RULER, mapped, 5_000), mapped)) == 2
