"""Expressions of lessons: what Python makes of the same text, and that nothing else gets through."""

import math
import warnings
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tinynet_gui.core.lessons.expression import MAX_LENGTH, ExpressionError, parse_condition, parse_expression

KNOWN: dict[str, float | Callable[..., float]] = {"loss": 0.25, "step": 100.0, "output": lambda x: 2 * x}
SCOPE = {**KNOWN, "sweep.failed": 64.0, "sweep.seeds": 256.0}
PYTHON = {**KNOWN, "sweep": SimpleNamespace(failed=64.0, seeds=256.0), "sqrt": math.sqrt, "log10": math.log10}

numbers = st.one_of(
    st.floats(0, 10).map(repr), st.integers(0, 20).map(lambda n: f"{n}.0"), st.sampled_from(["1e-1", ".5", "7."])
)
names = st.sampled_from(["loss", "step", "sweep.failed", "sweep.seeds"])


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", " - "]), inner).map("".join),
        st.tuples(inner, st.integers(0, 3)).map(lambda pair: f"({pair[0]})**{pair[1]}"),
        st.tuples(st.sampled_from(["-", "+", "abs", "output"]), inner).map(lambda pair: f"{pair[0]}({pair[1]})"),
        inner.map(lambda text: f"round({text})*sqrt(abs({text}))"),
        st.lists(inner, min_size=2, max_size=4).flatmap(
            lambda parts: st.sampled_from(["min", "max"]).map(lambda name: f"{name}({', '.join(parts)})")
        ),
    )


arithmetic = st.recursive(st.one_of(numbers, names), _larger, max_leaves=6).filter(lambda text: len(text) <= 100)
comparisons = st.tuples(
    arithmetic, st.lists(st.tuples(st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), arithmetic), min_size=1)
).map(lambda parts: parts[0] + "".join(f" {sign} {term}" for sign, term in parts[1]))
conditions = st.recursive(
    comparisons,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" and ", " or "]), inner).map("".join), inner.map("not ({})".format)
    ),
    max_leaves=4,
).filter(lambda text: len(text) <= MAX_LENGTH)


def python(text: str) -> float:
    return float(eval(text, {}, PYTHON))


@given(arithmetic)
def test_a_number_is_what_python_computes(text: str) -> None:
    try:
        expected = python(text)
    except (ArithmeticError, ValueError):
        expected = math.nan
    assert parse_expression(text).value(SCOPE) == pytest.approx(expected, rel=1e-12, nan_ok=True)


@given(conditions)
def test_a_condition_is_what_python_says(text: str) -> None:
    try:
        expected = python(text)
    except (ArithmeticError, ValueError):
        assume(False)
    condition = parse_condition(text)
    assert condition.value(SCOPE) == expected
    assert condition.holds(SCOPE) is bool(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("100 * sweep.failed / sweep.seeds", 25),
        ("−loss × 2 · 2^3", -4),
        ("1 ≤ 2 and 3 ≥ 3 and 1 ≠ 2", 1),
        ("round(2.345, 2)", 2.35),
        ("LOSS", math.nan),
        ("0 < loss < 1", 1),
        ("min(3,\n    2)", 2),
        ("log10(1000)", 3),
    ],
)
def test_what_an_expression_gives(text: str, expected: float) -> None:
    assert parse_expression(text).value(SCOPE) == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize(
    "text",
    [
        *("9**9**9**9", "1/0", "sqrt(-1)", "log10(0)", "(-8)**0.5", "(-8)**0.5 * 0", "1e999 - 1e999"),
        *("round(1e999)", "round(1, 1e999)", "min(1, unknown)", "max(0/0, 1)", "(0/0)**0", "1**unknown"),
        *("output(unknown)", "output", "loss(3)", "unknown(3)", "broken(1)"),
    ],
)
def test_what_has_no_value_is_not_a_number(text: str) -> None:
    scope = SCOPE | {"broken": lambda layer: [][int(layer)]}
    assert math.isnan(parse_expression(text).value(scope))


@pytest.mark.parametrize("text", ["unknown < 1", "unknown >= 1", "unknown != 1", "0/0 == 0/0", "0 < 1/0 < 2"])
def test_no_comparison_holds_for_what_has_no_value(text: str) -> None:
    assert parse_condition(text).value(SCOPE) == 0
    assert parse_condition(f"not {text}").holds(SCOPE)
    assert parse_condition(f"{text} or loss < 1").holds(SCOPE)


def test_it_names_what_it_speaks_of() -> None:
    expression = parse_expression("max(loss, sweep.loss(5)) + weight(1, step, 1) > abs(-1)")
    assert expression.names == {"loss", "step"}
    assert expression.calls == {("sweep.loss", 1), ("weight", 3)}
    assert expression.is_condition


@pytest.mark.parametrize("text", ["loss", "1 + (loss < 1)", "-(loss < 1)", "output(loss)"])
def test_a_number_is_no_condition(text: str) -> None:
    with pytest.raises(ExpressionError, match="is only a number; a condition such as"):
        parse_condition(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is empty; one such as"),
        (" \n", "is empty"),
        ("loss <", "does not parse; use numbers, names"),
        ("2 loss", "“2 loss” does not parse near"),
        ("loss = 1", "“= 1” in “loss = 1” is not allowed; use numbers"),
        ("x[0]", "“\\[0]” in"),
        ("__import__('os')", "“'os'\\)” in"),
        ("1 if loss else 2", "“1 if loss else 2” is not allowed"),
        ("1 in loss", "“1 in loss” is not allowed"),
        ("loss is loss", "“loss is loss” is not allowed"),
        ("(1, 2)", "“\\(1, 2\\)” is not allowed"),
        ("min(*loss)", "“\\*loss” is not allowed"),
        ("f(**loss)", "is not allowed"),
        ("output(1)(2)", "“output\\(1\\)\\(2\\)” is not allowed"),
        ("1(2)", "“1\\(2\\)” is not allowed"),
        ("True", "“True” is not allowed"),
        ("007", "does not parse"),
        ("loss % 2", "“% 2” in"),
        ("loss // 2", "is not allowed"),
        *(
            (no, "not allowed")
            for no in ("'text'", "lambda: 1", "1_000", "2if", "0x10", "1j", "...", "~1", "ℓoss", "x\x00")
        ),
        ("abs(1, 2)", "abs takes 1 value\\(s\\); 2 are given"),
        ("min(1)", "min takes 2 to 10 value\\(s\\); 1 are given"),
        ("9" * 301, "has 301 characters; at most 300 are allowed"),
        ("-" * 60 + "1", "is nested more than 40 deep"),
        ("(" * 299, "does not parse"),
    ],
)
def test_what_is_no_expression_is_refused(text: str, reason: str) -> None:
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        with pytest.raises(ExpressionError, match=reason):
            parse_expression(text)
    assert warned == []


def test_an_attribute_is_a_name_like_any_other() -> None:
    expression = parse_expression("loss.__class__")
    assert expression.names == {"loss.__class__"}
    assert math.isnan(expression.value(SCOPE))


def test_parentheses_cost_nothing() -> None:
    assert parse_expression("(" * 100 + "loss" + ")" * 100).value(SCOPE) == 0.25


@given(st.text(alphabet="lossx0123456789.+-*/%()^<>=! andortE,²'_", max_size=60))
def test_any_text_is_an_expression_or_an_error_of_its_own(text: str) -> None:
    try:
        expression = parse_expression(text)
    except ExpressionError:
        return
    assert isinstance(expression.value(SCOPE), float)
    assert isinstance(expression.value({}), float)
