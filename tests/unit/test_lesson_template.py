"""The texts of lessons: numbers filled in, paragraphs chosen."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


CHOICE = "Before.\n\n[if loss < {limit}] Low,\nvery.\n\n[else if loss < 0.5] Middle.\n\n[else] High.\n\n\nAfter."
CHOICE = CHOICE.replace("{limit}", "0.1")


@pytest.mark.parametrize(
    ("loss", "shown"),
    [(0.05, "Low,\nvery."), (0.3, "Middle."), (2.0, "High."), (math.nan, "High.")],
)
def test_one_paragraph_of_a_choice_is_shown(loss: float, shown: str) -> None:
    assert fill(CHOICE, {"loss": loss}) == f"Before.\n\n{shown}\n\nAfter."
    assert fill(CHOICE.replace("\n\n[", "\n[").replace("\n \n", "\n"), {"loss": loss}) == fill(CHOICE, {"loss": loss})


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
