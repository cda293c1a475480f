"""Parts of a formula: from where a stroke begins and ends to text and LaTeX."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.random_networks import networks, random_layers
from tinynet_gui.core.network.activations import ACTIVATIONS
from tinynet_gui.core.network.forward import Layer
from tinynet_gui.core.text.formula_selection import (
    Block,
    Place,
    TermRange,
    around,
    between,
    everything,
    pairs,
    selected_terms,
)
from tinynet_gui.core.text.latex import (
    Matrix,
    Symbol,
    Term,
    activation_map,
    affine_map,
    as_latex,
    as_plain,
    whole_network,
)


def _numbers(rows: int, columns: int) -> Matrix:
    texts = [[f"{10 * row + column}.5" for column in range(columns)] for row in range(rows)]
    return Matrix(tuple(tuple(Symbol(text, text) for text in row) for row in texts))


MATRIX = _numbers(3, 3)
NESTED = tuple(
    Symbol(text, rf"\left{text}" if text == "(" else rf"\right{text}" if text == ")" else text) for text in "f(g(x)+1)"
)


@pytest.mark.parametrize(
    ("start", "end", "part"),
    [
        (Place(1), Place(4), TermRange(1, 4)),
        (Place(4), Place(1), TermRange(1, 4)),
        (Place(2), Place(2), TermRange(2, 2)),
        (Place(2, (0, 1)), Place(2, (2, 0)), Block(2, (0, 2), (0, 1))),
        (Place(2, (1, 1)), Place(2, (1, 1)), Block(2, (1, 1), (1, 1))),
        (Place(2, (1, 1)), Place(2), TermRange(2, 2)),  # onto the bracket: the matrix
        (Place(2, (1, 1)), Place(0), TermRange(0, 2)),
        (Place(2, (1, 1)), Place(5, (1, 1)), TermRange(2, 5)),
    ],
)
def test_a_stroke_takes_in_terms_or_entries_of_one_matrix(start: Place, end: Place, part: TermRange | Block) -> None:
    assert between(start, end) == part


@pytest.mark.parametrize(
    ("part", "plain", "latex"),
    [
        (Block(0, (1, 1), (2, 2)), "12.5", "12.5"),
        (Block(0, (1, 1), (0, 1)), "10.5, 11.5", r"\begin{matrix} 10.5 & 11.5 \end{matrix}"),
        (Block(0, (0, 1), (1, 2)), "1.5, 2.5; 11.5, 12.5", r"\begin{matrix} 1.5 & 2.5 \\ 11.5 & 12.5 \end{matrix}"),
        (
            TermRange(0, 0),
            "[0.5, 1.5, 2.5; 10.5, 11.5, 12.5; 20.5, 21.5, 22.5]",
            r"\begin{pmatrix} 0.5 & 1.5 & 2.5 \\ 10.5 & 11.5 & 12.5 \\ 20.5 & 21.5 & 22.5 \end{pmatrix}",
        ),
    ],
)
def test_numbers_are_copied_alone_and_a_matrix_with_its_brackets(
    part: TermRange | Block, plain: str, latex: str
) -> None:
    terms = selected_terms((MATRIX,), part)
    assert (as_plain(terms), as_latex(terms)) == (plain, latex)


@pytest.mark.parametrize(
    ("part", "latex"),
    [
        (TermRange(0, 8), r"f\left(g\left(x\right)+1\right)"),
        (TermRange(2, 5), r"g\left(x\right)"),
        (TermRange(0, 5), r"f(g\left(x\right)"),
        (TermRange(4, 8), r"x)+1)"),
        (TermRange(5, 6), r")+"),
        (TermRange(1, 1), "("),
    ],
)
def test_a_bracket_grows_only_with_its_other_half(part: TermRange, latex: str) -> None:
    terms = selected_terms(NESTED, part)
    assert as_latex(terms) == latex
    assert as_plain(terms) == "f(g(x)+1)"[part.first : part.last + 1]


def test_brackets_are_paired_from_the_inside_out() -> None:
    assert pairs(NESTED) == [(3, 5), (1, 8)]
    assert pairs((NESTED[5], *NESTED[3:6])) == [(1, 3)]


@pytest.mark.parametrize(
    ("place", "part"),
    [
        *((Place(at), TermRange(*ends)) for at, ends in {0: (0, 0), 1: (1, 8), 5: (3, 5), 9: (9, 9)}.items()),
        (Place(9, (2, 1)), Block(9, (2, 2), (1, 1))),
    ],
)
def test_what_belongs_together_at_a_place(place: Place, part: TermRange | Block) -> None:
    assert around((*NESTED, MATRIX), place) == part


@given(layers=networks(max_width=20), activation=st.sampled_from(list(ACTIVATIONS)), data=st.data())
@settings(max_examples=60)
def test_every_run_can_be_set_and_is_a_part_of_the_whole(
    layers: tuple[Layer, ...], activation: str, data: st.DataObject
) -> None:
    maps = [affine_map(layers, activation, 0, 1.5), affine_map(layers, activation, 0)]
    maps += [activation_map(layers, activation, index, 1.5) for index in range(len(layers) - 1)]
    terms = data.draw(st.sampled_from([whole_network(layers, activation), *maps]))
    first = data.draw(st.integers(0, len(terms) - 1))
    last = data.draw(st.integers(first, len(terms) - 1))
    part = selected_terms(terms, TermRange(first, last))
    assert as_plain(part) in as_plain(terms)
    latex, depth = as_latex(part), 0
    for token in re.findall(r"\\left\(|\\right\)", latex):
        depth += 1 if token == r"\left(" else -1
        assert depth >= 0
    assert depth == 0
    assert latex.count("{") == latex.count("}")
    assert latex.count(r"\begin{pmatrix}") == latex.count(r"\end{pmatrix}")
    assert latex.isascii()
    small, whole = (re.sub(r"\\left|\\right", "", text) for text in (latex, as_latex(terms)))
    assert small in whole


def test_everything_is_the_formula() -> None:
    layers = random_layers((3,), 0)
    formulas: list[tuple[Term, ...]] = [whole_network(layers, "relu"), activation_map(layers, "relu", 0, 1.0)]
    for terms in formulas:
        assert selected_terms(terms, everything(terms)) == terms
