"""Formulas: what they compute, and that nothing else gets through."""

import warnings

import numpy as np
import pytest
from hypothesis import given, strategies as st

from tinynet_gui.core.config.targets import TARGETS
from tinynet_gui.core.data.formula import FUNCTIONS, FormulaError, parse_formula
from tinynet_gui.core.export.data_code import formula_code

X = np.linspace(-3, 3, 61, dtype=np.float32)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sin(3*x) + 0.3*x", np.sin(3 * X) + 0.3 * X),
        ("x**2", X**2),
        ("x^2", X**2),
        ("x²", X**2),
        ("-x³", -(X**3)),
        ("2^-x", 2.0**-X),
        ("exp(-x**2)", np.exp(-(X**2))),
        ("max(x, 0) - min(x, 1)", np.maximum(X, 0) - np.minimum(X, 1)),
        ("step(x)", (X >= 0).astype(np.float32)),
        ("π·x", np.pi * X),
        ("3", np.full_like(X, 3)),
        ("  x  ", X),
        ("12e-1*x + .5e1 + 2.", 1.2 * X + 7),
    ],
)
def test_what_a_formula_computes(text: str, expected: np.ndarray) -> None:
    result = parse_formula(text)(X)
    assert result.dtype == np.float32
    np.testing.assert_allclose(result, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.bits
@pytest.mark.parametrize("name", FUNCTIONS)
def test_code_of_nested_functions_gives_the_same_bits(name: str) -> None:
    second = ", x" if FUNCTIONS[name].arity == 2 else ""
    inner = "x"
    for depth in range(1, 11):
        inner = f"{name}({inner}{second})"
        for text in (inner, f"{name}(0.7{second}) - 2*{inner}") if depth < 4 else (inner,):
            code = formula_code(text, "x")
            assert len(code) < 600
            with np.errstate(all="ignore"):
                found = eval(code, {"np": np, "x": X})
            assert found.dtype == np.float32
            np.testing.assert_array_equal(found, parse_formula(text)(X))


def test_x_squared_is_the_tutorials_to_the_last_bit() -> None:
    assert np.array_equal(parse_formula("x**2")(X), X**2)


def test_the_sawtooth_rises_from_minus_one_to_one() -> None:
    values = parse_formula("sawtooth(x)")(np.array([-0.999, 0.0, 0.5, 0.999, 1.001, 2.0], dtype=np.float32))
    np.testing.assert_allclose(values, [-0.999, 0, 0.5, 0.999, -0.999, 0], atol=1e-5)


@pytest.mark.parametrize(
    "text",
    [
        *("", "   ", "y", "x +", "sin x", "sin(x, x)", "max(x)", "sin(x=3)", "x" + "+x" * 150, "x\x00"),
        *("__import__('os')", "x.real", "x[0]", "(lambda: x)()", "[x for x in x]", "'text'", "x + '\\d'"),
        *("True", "x if x else x", "x := 3", "x @ x", "2if", "0x1for x", "12e5if 1 else 2"),
        *("1_0j", "1_000*x", "2e*x", "(" * 60 + "x" + ")" * 60 + "+" + "-" * 60 + "x", "[" + "-" * 190 + "x]"),
    ],
)
def test_what_is_not_a_formula_is_refused(text: str) -> None:
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        with pytest.raises(FormulaError):
            parse_formula(text)
    assert warned == []


@pytest.mark.parametrize(
    "text", ["9**9**9**9", "1/0", "log(-1)", "(-8)**0.5", "1e999 - 1e999", "0 % 0", "x + (-8)**0.5"]
)
def test_no_value_is_not_a_number_rather_than_an_exception(text: str) -> None:
    assert not np.isfinite(parse_formula(text)(X)).any()


@given(st.text(alphabet="x0123456789.+-*/%()^ sincoexpabqrt,²", max_size=40))
def test_any_text_is_a_formula_or_an_error_of_its_own(text: str) -> None:
    try:
        function = parse_formula(text)
    except FormulaError:
        return
    assert function(X).shape == X.shape


def test_every_target_is_a_formula_with_values() -> None:
    for name, target in TARGETS.items():
        if target.formula:
            assert np.isfinite(parse_formula(target.formula)(X)).all(), name
