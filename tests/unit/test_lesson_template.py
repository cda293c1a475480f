"""The texts of lessons: numbers filled in, paragraphs chosen, why a goal is not reached; formulas stay on a line."""

import math
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.lessons import LESSON_FILES
from tinynet_gui.core.lessons.conditions import unmet_text
from tinynet_gui.core.lessons.expression import Scope, parse_condition
from tinynet_gui.core.lessons.lesson import Goal
from tinynet_gui.core.lessons.measured_names import RUN
from tinynet_gui.core.lessons.reader import read_lesson_file
from tinynet_gui.core.lessons.template import TemplateError, expressions, fill
from tinynet_gui.core.text.unbroken import unbroken

SCOPE = {"loss": 0.056011, "step": 10_000.0, "share": 0.374, "drop": -2.5, "none": math.nan, "much": 3e20}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A loss of {loss}.", "A loss of 0.05601."),
        ("{loss:2} and {loss:6} and {step:0}", "0.06 and 0.056011 and 10000"),
        ("{drop} {drop:1} {drop:count} {drop/2.4:percent}", "−2.5 −2.5 −2 −104 %"),
        ("{-0.0001:2} {-0*1}", "0.00 0"),
        ("{step} {-step} {step/3} {123456}", "10,000 −10,000 3333 123,456"),
        ("{step:count} steps", "10,000 steps"),
        ("{share:percent} {share/100:percent} {1:percent} {0.999:percent}", "37 % 0.4 % 100 % 99.9 %"),
        ("{none} {none:percent} {none:count} {none:3} {unknown}", "NaN NaN NaN NaN NaN"),
        ("{much:2} {much:count} {much:percent}", "3.000·10²⁰ 3.000·10²⁰ 3.000·10²⁰"),
        ("{max(loss,\n 1)}", "1"),
        ("{{loss}} is {{{loss:1}}}, and } alone", "{loss} is {0.1}, and } alone"),
        ("`{loss:3}`\n```\ntensor([{loss:3}])\n```", "`0.056`\n```\ntensor([0.056])\n```"),
    ],
)
def test_numbers_are_filled_in(text: str, expected: str) -> None:
    assert fill(text, SCOPE) == unbroken(expected)


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
    assert fill(f"Before.\n\n[if loss < 1]\n{code}\n\n[else] b", SCOPE) == f"Before.\n\n{code}"
    assert fill(f"[if loss > 1]\n{code}\n\n[else] b", SCOPE) == "b"


@pytest.mark.parametrize(
    "text", ["see [if](x) or [else]", "a [if 1 > 2] b", "[ifs](x)", "[elsewhere](x)", "", "a\nb", "- a\n- b"]
)
def test_other_brackets_and_lines_are_markdown(text: str) -> None:
    assert fill(text, SCOPE) == text


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
        ("{loss:10}", 0, "“10” is no way to write a number; percent, count, or a number of decimals"),
        ("{loss:percents}", 0, "“percents” is no way"),
        ("{a {loss}}", 0, "“{a ” is not closed"),
        ("[if loss] a", 0, "“loss” is only a number; a condition such as"),
        ("x\n\n[if loss < 1 a", 2, r"\[if is not closed; “\]” is expected"),
        ("[if] a", 0, "the expression is empty"),
        ("x\n[else] a", 1, r"\[else\] stands alone; a paragraph with \[if …\] is expected right before it"),
        ("[if 1 < 2] a\n\nb\n\n[else] c", 4, "stands alone"),
        ("[if 1 < 2] a\n\n[else] b\n\n[else if 1 < 2] c", 4, r"\[else if\] stands alone"),
        ("[if 1 < 2] a\n\n[else loss < 2] b", 2, r"\[else loss < 2\] is no condition; \[else\] or \[else if …\]"),
    ],
)
def test_a_mistake_is_told_with_its_line(text: str, line: int, reason: str) -> None:
    for use in (lambda: list(expressions(text)), lambda: fill(text, SCOPE)):
        with pytest.raises(TemplateError, match=reason) as caught:
            use()
        assert caught.value.line == line


@given(st.text(alphabet="{}[]ifelse loss<1:\n`~3 #", max_size=80))
def test_any_text_can_be_filled_in_or_is_an_error_of_its_own(text: str) -> None:
    try:
        filled: str | int = fill(text, SCOPE)
    except TemplateError as error:
        filled = error.line
    assert isinstance(filled, str) or 0 <= filled <= text.count("\n")


@given(st.lists(st.text(alphabet="ab #*-", min_size=1).filter(str.strip), min_size=1))
def test_markdown_without_braces_is_left_as_it_is(paragraphs: list[str]) -> None:
    text = "\n\n".join(paragraphs)
    assert fill(text, {}) == text


NUMBERS = {"loss": 0.8, "step": 10_000.0, "neurons": 7.0, "noise": 0.0, "within": 0.29999999, "one": 0.25}
GOAL_SCOPE: Scope = {**NUMBERS, "output": lambda x: 3 * x - 17}


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
        ("within > 0.3", "The distance from the truth is 0.29999999; the goal is above 0.3."),
        ("noise != 0", "The noise is 0; the goal is anything but 0."),
        ("loss < 1", ""),
        ("not loss < 1", "The goal is not loss < 1."),
        ("loss < 0.5 or neurons >= 8", "The goal is loss < 0.5 or neurons ≥ 8."),
        ("kinks > 2", "The number of kinks is NaN; the goal is above 2."),
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
