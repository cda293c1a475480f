"""The network as mathematics: what is written is read back and computed; parts of it become text and LaTeX."""

import re
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings, strategies as st

from tests.activations import ALL_AND_MIXED, for_layers
from tests.unit.random_networks import networks, random_layers
from tests.written import FUNCTIONS, from_latex, value_of
from tinynet_gui.core.choices.activations import ACTIVATIONS, activations_of
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.points import Scaling
from tinynet_gui.core.network.forward import Layer, forward, probe
from tinynet_gui.core.text.formula import (
    Matrix,
    Submatrix,
    Symbol,
    Term,
    TermPlace,
    TermRange,
    around,
    as_latex,
    as_plain,
    between,
    everything,
    number,
    pairs,
    selected_terms,
)
from tinynet_gui.core.training.trainer import Trainer
from tinynet_gui.core.wording.network_formula import Spot, activation_map, affine_map, matrix, whole_network


def _values(term: Any) -> npt.NDArray[np.float64]:
    assert isinstance(term, Matrix)
    return np.array([[value_of(cell.plain) for cell in row] for row in term.rows])


def _matrices(terms: tuple[Any, ...]) -> list[npt.NDArray[np.float64]]:
    return [_values(term) for term in terms if isinstance(term, Matrix)]


@given(value=st.floats(width=32, allow_nan=False, allow_infinity=False))
@settings(max_examples=200)
def test_full_precision_gives_back_the_number(value: float) -> None:
    assert np.float32(value_of(number(value, None).plain)) == pytest.approx(value, rel=1e-7, abs=0)
    latex = re.sub(r"\\cdot 10\^\{(-?\d+)\}", r"e\1", number(value, None).latex)
    assert np.float32(latex) == np.float32(value)


@pytest.mark.parametrize(
    ("value", "digits", "plain", "latex"),
    [
        (-0.23801, 4, "−0.2380", "-0.2380"),
        (0.0, 4, "0.0000", "0.0000"),
        (1.5, 2, "1.50", "1.50"),
        (1.234e-7, 4, "1.234·10⁻⁷", r"1.234\cdot 10^{-7}"),
        (-2e9, 2, "−2.0·10⁹", r"-2.0\cdot 10^{9}"),
        (0.1, None, "0.1", "0.1"),
        (float("nan"), 4, "NaN", r"\mathrm{NaN}"),
        (float("-inf"), 4, "−∞", r"-\infty"),
    ],
)
def test_numbers(value: float, digits: int | None, plain: str, latex: str) -> None:
    assert (number(value, digits).plain, number(value, digits).latex) == (plain, latex)


@pytest.mark.parametrize("name", ALL_AND_MIXED)
@given(layers=networks(), x=st.floats(-4, 4, width=32))
@settings(max_examples=8)
def test_the_matrices_on_the_page_give_the_result_on_the_page(name: str, layers: tuple[Layer, ...], x: float) -> None:
    """u = W v + b and h = a(u), recomputed from what is written in full precision."""
    activation = for_layers(name, len(layers) - 1)
    values, records = probe(layers, activation, x), activations_of(activation, len(layers) - 1)
    for index in range(len(layers)):
        weight, v, bias, u = _matrices(affine_map(layers, activation, index, x, digits=None))
        np.testing.assert_allclose(weight @ v + bias, u, rtol=1e-5, atol=1e-5)
        np.testing.assert_allclose(u[:, 0], values.layers[index].pre_activations, rtol=1e-6)
        if index < len(layers) - 1:
            u, h = _matrices(activation_map(layers, activation, index, x, digits=None))
            np.testing.assert_allclose(h, records[index].function(u.astype(np.float32)), rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@given(layers=networks(max_layers=1), scale=st.sampled_from([1.0, 1.0, 1e-9, 1e-5, 1e7]))
@settings(max_examples=20)
def test_the_formula_computes_the_network(activation: str, layers: tuple[Layer, ...], scale: float) -> None:
    """The text of the one formula, evaluated, is the network, also of small and of large numbers; so is its LaTeX."""
    layers = tuple(Layer(layer.weight * np.float32(scale), layer.bias * np.float32(scale)) for layer in layers)
    size = sum(float(np.abs(layer.weight).sum() + np.abs(layer.bias).sum()) for layer in layers)
    rounding = 1e-5 * (1 if scale == 1 else size + size**2)
    terms = whole_network(layers, activation, digits=None)
    plain = as_plain(terms).removeprefix("ŷ(x) = ")
    latex = from_latex(as_latex(terms).removeprefix(r"\hat{y}\left(x\right)="))
    for x in (-2.5, 0.0, 1.25):
        expected = forward(layers, activation, np.array([x], np.float32)).output[0]
        for text in (plain, latex):
            assert value_of(text, FUNCTIONS, x=x) == pytest.approx(expected, rel=1e-5, abs=rounding)


@pytest.mark.parametrize("scaling", [Scaling(2, 3), Scaling(-2, 3, -1, 4), Scaling(y_mean=5, y_deviation=0.5)])
@pytest.mark.parametrize("hidden", [(), (5,)])
def test_alone_it_computes_the_network_of_standardised_samples(hidden: tuple[int, ...], scaling: Scaling) -> None:
    """In text and in LaTeX, without a caption or another formula."""
    layers = random_layers(hidden, 0)
    terms = whole_network(layers, "relu", digits=None, scaling=scaling)
    latex = as_latex(terms).replace(r"\tilde{x}", "x̃").replace(r"\hat{y}", "ŷ").replace(r",\quad ", ", ")
    for text in (as_plain(terms).replace(" = ", "="), from_latex(latex)):
        written = dict(part.split("=") for part in text.split(", "))
        assert next(iter(written)) == ("y(x)" if scaling.has_y else "ŷ(x)")
        for x in (-2.5, 0.0, 1.25):
            known = {"x": x}
            for part in ("x̃", "ŷ", "ŷ(x)", "y(x)"):  # from then on x is x̃
                if part in written:
                    known[part[0]] = value_of(written[part].replace("x̃", "x"), FUNCTIONS, **known)
            expected = scaling.y_of(forward(layers, "relu", scaling.x_seen([x])).output)[0]
            assert known["y" if scaling.has_y else "ŷ"] == pytest.approx(expected, rel=1e-5, abs=1e-5)


def test_the_tutorials_network() -> None:
    layers = Trainer(Config().replace("network.hidden", (5,))).snapshot(0).layers
    assert as_plain(whole_network(layers, "relu", digits=2)) == (
        "ŷ(x) = 0.06·ReLU(0.23·x + 0.24) + 0.03·ReLU(−0.24·x − 0.11) − 0.10·ReLU(0.27·x − 0.81) "
        "+ 0.37·ReLU(−0.05·x + 0.23) + 0.03·ReLU(0.43·x − 0.89) + 0.19"
    )
    assert as_latex(affine_map(layers, "relu", 0, digits=2)) == (
        r"\mathbf{u}_{1}=\begin{pmatrix} 0.23 \\ -0.24 \\ 0.27 \\ -0.05 \\ 0.43 \end{pmatrix}\cdot x+"
        r"\begin{pmatrix} 0.24 \\ -0.11 \\ -0.81 \\ 0.23 \\ -0.89 \end{pmatrix}"
    )
    mapped = as_latex(activation_map(layers, "relu", 0))
    assert mapped == r"\mathbf{h}_{1}=\operatorname{ReLU}\left(\mathbf{u}_{1}\right)"
    assert as_plain(affine_map(layers, "relu", 1, digits=2)) == "ŷ = [0.06, 0.03, −0.10, 0.37, 0.03]·h₁ + [0.19]"


def test_several_layers_are_nested() -> None:
    text = as_plain(whole_network(random_layers((2, 1), 0), "sigmoid", digits=1))
    assert re.fullmatch(
        r"ŷ\(x\) = \[[^;,]*\]σ\(\[[^;]*, [^;]*\]σ\(\[.*; .*\]·x \+ \[.*; .*\]\) \+ \[.*\]\) \+ \[.*\]", text
    )


def test_what_is_long_is_elided() -> None:
    big = matrix(np.arange(30.0 * 20).reshape(30, 20), 0, most=4)
    assert [[cell.plain for cell in row] for row in big.rows] == [
        ["0", "1", "⋯", "19"],
        ["20", "21", "⋯", "39"],
        ["⋮", "⋮", "⋱", "⋮"],
        ["580", "581", "⋯", "599"],
    ]
    assert len(matrix(np.zeros(10)).rows) == 10
    assert len(matrix(np.zeros(11)).rows) == 10
    text = as_plain(whole_network(random_layers((1_000,), 0), "relu", most=5))
    assert (text.count("ReLU"), text.count(" + ⋯")) == (4, 1)


def _marked(terms: tuple[Term, ...]) -> list[set[tuple[int, int]]]:
    """Which entries of each matrix are marked."""
    return [
        {(i, j) for i, row in enumerate(term.rows) for j, cell in enumerate(row) if cell.is_marked}
        for term in terms
        if isinstance(term, Matrix)
    ]


def _row(row: int, columns: int = 1) -> set[tuple[int, int]]:
    return {(row, column) for column in range(columns)}


def test_a_neurons_row_and_next_column_are_marked() -> None:
    layers = random_layers((3, 4), 0)
    affine = affine_map(layers, "relu", 1, 0.5, spot=Spot(row=2))
    assert _marked(affine) == [_row(2, 3), set(), _row(2), _row(2)]  # W, v, b, u
    assert _marked(activation_map(layers, "relu", 1, 0.5, spot=Spot(row=2))) == [_row(2), _row(2)]  # u, h
    following = affine_map(layers, "relu", 2, 0.5, spot=Spot(column=2))
    assert _marked(following) == [{(0, 2)}, _row(2), set(), set()]
    nested = whole_network(layers, "relu", spots={1: Spot(row=2), 2: Spot(column=2)})
    assert _marked(nested) == [{(0, 2)}, _row(2, 3), set(), set(), _row(2), set()]
    assert as_latex(nested) == as_latex(whole_network(layers, "relu"))  # seen, not written


def test_a_weight_alone_is_marked() -> None:
    layers = random_layers((3, 4), 0)
    affine = affine_map(layers, "relu", 1, 0.5, spot=Spot(2, 1))
    assert _marked(affine) == [{(2, 1)}, set(), set(), set()]


@pytest.mark.parametrize(
    ("spots", "marked"),
    [
        ({0: Spot(row=1), 1: Spot(column=1)}, "0.03·ReLU(−0.24·x − 0.11)"),
        ({0: Spot(1, 0)}, "−0.24"),
        ({1: Spot(0, 1)}, "0.03"),
        ({1: Spot(row=0)}, "0.06|0.03|0.10|0.37|0.03|0.19"),
        ({}, ""),
    ],
)
def test_of_the_sum_a_summand_or_a_number_is_marked(spots: dict[int, Spot], marked: str) -> None:
    layers = Trainer(Config().replace("network.hidden", (5,))).snapshot(0).layers
    terms = whole_network(layers, "relu", digits=2, spots=spots)
    text = "".join(term.plain if isinstance(term, Symbol) and term.is_marked else "|" for term in terms)
    assert re.sub(r"\|+", "|", text).strip("|") == marked


@pytest.mark.parametrize("row", range(30))
def test_what_is_marked_is_never_left_out(row: int) -> None:
    values = np.arange(30.0)
    written = [cell.plain for (cell,) in matrix(values, 0, most=8, spot=Spot(row=row)).rows]
    assert str(row) in written
    assert len(written) <= 8
    assert (written[0], written[-1]) == ("0", "29")
    for text, below in pairwise(written):
        assert "⋮" in (text, below) or int(below) == int(text) + 1


def test_the_kept_row_and_column_are_the_same_in_all_matrices() -> None:
    layers = random_layers((40, 40), 0)
    terms = affine_map(layers, "relu", 1, 0.5, digits=None, spot=Spot(20, 30))
    weight, v, bias, u = (term for term in terms if isinstance(term, Matrix))
    here = probe(layers, "relu", 0.5).layers[1]
    place = [cell.is_marked for row in weight.rows for cell in row].index(True)
    row, column = divmod(place, len(weight.rows[0]))
    assert np.float32(value_of(weight.rows[row][column].plain)) == layers[1].weight[20, 30]
    assert np.float32(value_of(v.rows[column][0].plain)) == here.inputs[30]
    assert np.float32(value_of(bias.rows[row][0].plain)) == layers[1].bias[20]
    assert np.float32(value_of(u.rows[row][0].plain)) == here.pre_activations[20]


@pytest.mark.parametrize("neuron", [3, 50, 98])
def test_of_a_long_sum_the_marked_summand_stays(neuron: int) -> None:
    layers = random_layers((100,), 0)
    terms = whole_network(layers, "relu", digits=None, spots={0: Spot(row=neuron), 1: Spot(column=neuron)})
    weight = number(abs(float(layers[0].weight[neuron, 0])), None).plain
    assert weight in [term.plain.lstrip("−") for term in terms if isinstance(term, Symbol) and term.is_marked]


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
        (TermPlace(1), TermPlace(4), TermRange(1, 4)),
        (TermPlace(4), TermPlace(1), TermRange(1, 4)),
        (TermPlace(2), TermPlace(2), TermRange(2, 2)),
        (TermPlace(2, (0, 1)), TermPlace(2, (2, 0)), Submatrix(2, (0, 2), (0, 1))),
        (TermPlace(2, (1, 1)), TermPlace(2, (1, 1)), Submatrix(2, (1, 1), (1, 1))),
        (TermPlace(2, (1, 1)), TermPlace(2), TermRange(2, 2)),  # onto the bracket: the matrix
        (TermPlace(2, (1, 1)), TermPlace(0), TermRange(0, 2)),
        (TermPlace(2, (1, 1)), TermPlace(5, (1, 1)), TermRange(2, 5)),
    ],
)
def test_a_stroke_takes_in_terms_or_entries_of_one_matrix(
    start: TermPlace, end: TermPlace, part: TermRange | Submatrix
) -> None:
    assert between(start, end) == part


@pytest.mark.parametrize(
    ("part", "plain", "latex"),
    [
        (Submatrix(0, (1, 1), (2, 2)), "12.5", "12.5"),
        (Submatrix(0, (1, 1), (0, 1)), "10.5, 11.5", r"\begin{matrix} 10.5 & 11.5 \end{matrix}"),
        (Submatrix(0, (0, 1), (1, 2)), "1.5, 2.5; 11.5, 12.5", r"\begin{matrix} 1.5 & 2.5 \\ 11.5 & 12.5 \end{matrix}"),
        (
            TermRange(0, 0),
            "[0.5, 1.5, 2.5; 10.5, 11.5, 12.5; 20.5, 21.5, 22.5]",
            r"\begin{pmatrix} 0.5 & 1.5 & 2.5 \\ 10.5 & 11.5 & 12.5 \\ 20.5 & 21.5 & 22.5 \end{pmatrix}",
        ),
    ],
)
def test_numbers_are_copied_alone_and_a_matrix_with_its_brackets(
    part: TermRange | Submatrix, plain: str, latex: str
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
        *((TermPlace(at), TermRange(*ends)) for at, ends in {0: (0, 0), 1: (1, 8), 5: (3, 5), 9: (9, 9)}.items()),
        (TermPlace(9, (2, 1)), Submatrix(9, (2, 2), (1, 1))),
    ],
)
def test_what_belongs_together_at_a_place(place: TermPlace, part: TermRange | Submatrix) -> None:
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
