"""The texts of lessons and the expressions in them: as Python has it, and nothing else gets through."""

import math
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import assume, given, strategies as st

from tests.lessons import LESSON_FILES
from tinynet_gui.core.lessons.expression import (
    MAX_LENGTH,
    ExpressionError,
    Scope,
    parse_condition,
    parse_expression,
    unmet_text,
)
from tinynet_gui.core.lessons.lesson import Goal
from tinynet_gui.core.lessons.measured_names import RUN
from tinynet_gui.core.lessons.reading.reader import read_lesson_file
from tinynet_gui.core.lessons.template import TemplateError, errors, expressions, fill
from tinynet_gui.core.text.shortened import unbroken

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
        ("loss = 1", "“= 1” in “loss = 1” is not allowed; == is meant"),
        ("loss =< 1", "“=< 1” in “loss =< 1” is not allowed; use numbers"),
        ("loss < 1,5", "“1,5” in “loss < 1,5”: a decimal point is expected: 1.5"),
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


FILLED = {"loss": 0.056011, "step": 10_000.0, "share": 0.374, "drop": -2.5, "none": math.nan, "much": 3e20}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A loss of {loss}.", "A loss of 0.05601."),
        ("{loss:2} and {loss:6} and {step:0}", "0.06 and 0.056011 and 10,000"),
        ("{drop} {drop:1} {drop:count} {drop/2.4:percent}", "−2.5 −2.5 −2 −104 %"),
        ("{-0.0001:2} {-0*1}", "0.00 0"),
        ("{step} {-step} {step/3} {123456}", "10,000 −10,000 3333 123,456"),
        ("{step:count} steps", "10,000 steps"),
        ("{share:percent} {share/100:percent} {1:percent} {0.999:percent}", "37 % 0.4 % 100 % 99.9 %"),
        ("{10.924:percent} {1092.4:0} %", "1,092 % 1,092 %"),
        ("{none} {none:percent} {none:count} {none:3} {unknown}", "unknown unknown unknown unknown unknown"),
        ("{much:2} {much:count} {much:percent}", "3.000·10²⁰ 3.000·10²⁰ 3.000·10²⁰"),
        ("{max(loss,\n 1)}", "1"),
        ("{{loss}} is {{{loss:1}}}, and } alone", "{loss} is {0.1}, and } alone"),
        ("`{loss:3}`\n```\ntensor([{loss:3}])\n```", "`0.056`\n```\ntensor([0.056])\n```"),
    ],
)
def test_numbers_are_filled_in(text: str, expected: str) -> None:
    assert fill(text, FILLED) == unbroken(expected)


CHOICE = "Before.\n\n[if loss < 0.1] Low,\nvery.\n\n[else if loss < 0.5] Middle.\n\n[else] High.\n\n\nAfter."


@pytest.mark.parametrize(
    ("loss", "shown"), [(0.05, "Low,\nvery."), (0.3, "Middle."), (2.0, "High."), (math.nan, "High.")]
)
def test_one_paragraph_of_a_choice_is_shown(loss: float, shown: str) -> None:
    assert fill(CHOICE, {"loss": loss}) == f"Before.\n\n{shown}\n\nAfter."
    assert fill(CHOICE.replace("\n\n[", "\n["), {"loss": loss}) == fill(CHOICE, {"loss": loss})


def test_choices_are_apart_and_need_no_else() -> None:
    text = "[if 1 < 0] a\n\n[if 1 < 2] b\n\n[else] c\n\n[if 1 < 0] d"
    assert fill(text, {}) == "b"
    assert fill("[if 1 < 0] d", {}) == ""


def test_code_stays_whole_and_goes_with_its_condition() -> None:
    code = "```python\nif loss:\n\n[else] no marker\n## no heading\n```"
    assert fill(f"Before.\n\n[if loss < 1]\n{code}\n\n[else] b", FILLED) == f"Before.\n\n{code}"
    assert fill(f"[if loss > 1]\n{code}\n\n[else] b", FILLED) == "b"


@pytest.mark.parametrize(
    "text", ["see [if](x) or [else]", "a [if 1 > 2] b", "[ifs](x)", "[elsewhere](x)", "", "a\nb", "- a\n- b"]
)
def test_other_brackets_and_lines_are_markdown(text: str) -> None:
    assert fill(text, FILLED) == text


def test_expressions_are_told_with_their_lines() -> None:
    text = "{loss}\n\n\nsecond {step} and\nthird {share}\n  \n[if drop < 1] {none}\n[else] {much}"
    found = [(line, *expression.names) for line, expression in expressions(text)]
    assert found == [(0, "loss"), (3, "step"), (4, "share"), (6, "drop"), (6, "none"), (7, "much")]


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("a\n\nb {loss", 2, "“{loss” is not closed; “}” is expected, or “{{” for a brace"),
        ("a\n{}", 1, "the expression is empty"),
        ("{loss +}", 0, "does not parse"),
        ("{loss:10}", 0, "“10” is not a way to write a number; percent, count, or a number of decimals"),
        ("{loss:percents}", 0, "“percents” is not a way"),
        ("{a {loss}}", 0, "“{a ” is not closed"),
        ("[if loss] a", 0, "“loss” is only a number; a condition such as"),
        ("x\n\n[if loss < 1 a", 2, r"\[if is not closed; “\]” is expected"),
        ("[if] a", 0, "the expression is empty"),
        ("x\n[else] a", 1, r"\[else\] stands alone; a paragraph with \[if …\] is expected right before it"),
        ("[if 1 < 2] a\n\nb\n\n[else] c", 4, "stands alone"),
        ("[if 1 < 2] a\n\n[else] b\n\n[else if 1 < 2] c", 4, r"\[else if\] stands alone"),
        ("[if 1 < 2] a\n\n[else loss < 2] b", 2, r"\[else loss < 2\] is not a condition; \[else\] or \[else if …\]"),
    ],
)
def test_a_mistake_is_told_with_its_line(text: str, line: int, reason: str) -> None:
    with pytest.raises(TemplateError, match=reason) as caught:
        fill(text, FILLED)
    assert caught.value.line == line
    assert [(error.line, error.reason) for error in errors(text)][:1] == [(line, caught.value.reason)]


@given(st.text(alphabet="{}[]ifelse loss<1:\n`~3 #", max_size=80))
def test_any_text_can_be_filled_in_or_is_an_error_of_its_own(text: str) -> None:
    try:
        filled: str | int = fill(text, FILLED)
    except TemplateError as error:
        filled = error.line
    assert isinstance(filled, str) or 0 <= filled <= text.count("\n")


@given(st.lists(st.text(alphabet="ab #*-", min_size=1).filter(str.strip), min_size=1))
def test_markdown_without_braces_is_left_as_it_is(paragraphs: list[str]) -> None:
    text = "\n\n".join(paragraphs)
    assert fill(text, {}) == text


REACHED = {
    "loss": 0.8,
    "step": 10_000.0,
    "neurons": 7.0,
    "noise": 0.0,
    "within": 0.29999999,
    "one": 0.25,
    "diverged": 1.0,
}
GOAL_SCOPE: Scope = {**REACHED, "output": lambda x: 3 * x - 17}


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("loss < 0.5", "The loss is 0.8; the goal is below 0.5."),
        ("loss < 0.0000001", "The loss is 0.8; the goal is below 1·10⁻⁷."),
        ("loss < one", "The loss is 0.8; the goal is below 0.25."),
        ("loss < 1 and neurons <= 5", "The number of neurons is 7; the goal is at most 5."),
        (
            "loss < 0.5 and step == 0",
            "The loss is 0.8; the goal is below 0.5. The number of steps is 10,000; the goal is 0.",
        ),
        ("abs(output(5) - 25) < 2", "What the network gives at x = 5 is −2; the goal is between 23 and 27."),
        ("abs(output(-1) + 1) > 50", "“abs(output(−1) + 1)” is 19; the goal is above 50."),
        ("within > 0.3", "The RMS error is 0.29999999; the goal is above 0.3."),
        ("noise != 0", "The noise is 0; the goal is anything but 0."),
        ("loss < 1", ""),
        ("not loss < 1", "The goal is not loss < 1."),
        ("not diverged", "The training has diverged."),
        ("loss < 0.5 or neurons >= 8", "The goal is loss < 0.5 or neurons ≥ 8."),
        ("kinks > 2", "The number of kinks is not known; the goal is above 2."),
        (
            "barrier < 0.001",
            "The hill between the two networks is not known: train this run, and tick exactly one other one in Runs, "
            "with the same layers and samples (a hill is measured for networks of up to 1,000 weights and biases, on "
            "up to 200 samples); the goal is below 0.001.",
        ),
        (
            "barrier < 0.001 and other_loss < 0.1",
            "The hill between the two networks is not known: train this run, and tick exactly one other one in Runs, "
            "with the same layers and samples (a hill is measured for networks of up to 1,000 weights and biases, on "
            "up to 200 samples); the goal is below 0.001. The loss of the other network is not known; the goal is "
            "below 0.1.",
        ),
        (
            "abs(target(5) - 25) < 2",
            "The true value at x = 5 is not known: the true function of these samples is not known; the goal is "
            "between 23 and 27.",
        ),
        ("loss > 1.05 * border", "What the loss is compared with is not known."),
    ],
)
def test_what_is_missing_is_said_in_words(condition: str, said: str) -> None:
    assert unmet_text(parse_condition(condition), GOAL_SCOPE) == said


def test_everything_measured_has_words() -> None:
    for name, known in RUN.items():
        assert known.words, name
        assert known.words.count("{}") == len(known.parameters), name


@pytest.mark.parametrize("file", LESSON_FILES, ids=lambda file: file.stem)
def test_no_goal_of_ours_is_told_in_code(file: Path) -> None:
    scope = dict.fromkeys((name for name, known in RUN.items() if not known.parameters), float("nan"))
    for goal in (step.action for step in read_lesson_file(file).steps if isinstance(step.action, Goal)):
        said = unmet_text(goal.condition, scope)
        assert "NaN" not in said
        assert said.count(" is ") >= 2
        assert not re.search(r"[<>=≤≥](?! )|\bx\w|[a-z]_|[a-z]\(", said.replace("x = ", "x "))


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a 95 % interval", "a 95_% interval"),
        ("at *x* = 100?", "at *x*_=_100?"),
        ("is −|*w*|·*R*, the share 1/(4*R*)", "is −|^*w*|^·*R*, the share 1/^(4*R*)"),
        ("|*x*|, a letter V, and |x| again", "|^*x*|, a letter V, and |^x| again"),
        ("| x | = 3 |\n|---|---|", "| x |_=_3 |\n|---|---|"),
        ("`a = 5 %`, and\n```python\nb = 5 % |c|\n```\n5 %", "`a = 5 %`, and\n```python\nb = 5 % |c|\n```\n5_%"),
        ("a == b and c ≤ d", "a == b and c ≤ d"),
    ],
)
def test_where_a_line_is_not_broken(text: str, kept: str) -> None:
    found = unbroken(text)
    assert found.replace("\u00a0", "_").replace("\u2060", "^") == kept
    assert unbroken(found) == found
