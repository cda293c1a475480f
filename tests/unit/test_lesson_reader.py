"""Lessons are read from text: whole, or not at all and with the line that is wrong, whatever stands there."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings, strategies as st

from tests.lessons import FRONT, WHOLE
from tinynet_gui.core.config import Config
from tinynet_gui.core.lessons.expression import parse_expression
from tinynet_gui.core.lessons.lesson import (
    Choice,
    ChoiceQuestion,
    CurveQuestion,
    Do,
    DoInOrder,
    Goal,
    Lesson,
    NumberQuestion,
    RunExperiment,
    TrainTo,
)
from tinynet_gui.core.lessons.reading.mistakes import MAX_MISTAKES, LessonError
from tinynet_gui.core.lessons.reading.reader import read_lesson, read_lesson_file
from tinynet_gui.core.text.shortened import unbroken

LINES = WHOLE.split("\n")


def line_of(part: str) -> int:
    return next(number for number, line in enumerate(LINES, 1) if part in line)


def test_all_that_a_lesson_says_is_there() -> None:
    lesson = read_lesson(WHOLE)
    assert (lesson.title, lesson.minutes) == ("How many neurons?", 7)
    assert lesson.about == "One, two, a thousand: what changes?"
    assert lesson.hidden == {"view.microscope", "experiment.depth", "training.learning_rate"}
    welcome, one, many, beyond, reach, now, widths = lesson.steps
    assert welcome.title == "Welcome"
    assert welcome.text == "Only a text, of {neurons} neurons.\n\n```python\n## no heading\n```"
    assert (welcome.setting, welcome.action, welcome.question, welcome.reveal) == (None, None, None, "")

    assert one.text == "What will it draw?"
    assert one.setting == Config().with_changes({"network.hidden": [1], "network.seed": 7})
    assert one.fixed_seeds
    assert (welcome.show, one.show) == ((), ("view.pytorch", "view.first_steps"))
    assert one.action == TrainTo(10_000)
    large = read_lesson(WHOLE.replace('seeds = "fixed"', 'seeds = "fixed"\nlarge = "map"'))
    assert [step.large for step in large.steps[:3]] == ["", "map", ""]
    assert (large, large.fingerprint) == (lesson, lesson.fingerprint)  # only how it looks
    within = [parse_expression(f"within < {limit}") for limit in (0.1, 0.3)]
    choices = Choice("a parabola", within[0]), Choice(unbroken("when = {"), within[1]), Choice("a line", None)
    assert one.question == ChoiceQuestion("What will it draw?", choices)
    assert one.remember == (("one", parse_expression("loss")), ("was", parse_expression("first_loss")))
    assert one.reveal == "It is {within}.\n\n[if loss > 0.5] So much.\n\n[else] So little."

    assert not many.fixed_seeds
    assert many.action == RunExperiment("swarm", 256, "many")
    answer = parse_expression("100 * many.failed / many.seeds")
    assert many.question == NumberQuestion("How many fail?", answer, "%", 0.0, 100.0, 5.0)

    assert beyond.text == ""
    assert beyond.question == CurveQuestion("Where will it go?", 3.0, 6.5, "target")
    assert beyond.action == Do("Press Start.", parse_expression("step >= 100 and many.failed >= 0"), "startButton")

    in_order = read_lesson(WHOLE.replace(UNTIL, f"until = [{STEP}, {STEP}]\n")).steps[3]
    acts = (Do("Press Step.", parse_expression("step >= 1"), "a"),) * 2
    assert (in_order.action, in_order.acts, beyond.acts) == (DoInOrder(acts), acts, (beyond.action,))

    condition = parse_expression("loss < one and neurons <= 5")
    assert reach.action == Goal("A loss below that of one neuron.", condition, 64, 0.5)
    condition = parse_expression("dead == 0 and abs(weight(1, 1, 1)) < 2")
    assert now.action == Goal("No dead neuron.", condition, 0, 1.0, "Draw again.")
    assert widths.action == RunExperiment("ladder", 4, "many")


def test_an_experiment_without_a_name_is_called_by_its_kind() -> None:
    unnamed = WHOLE.replace('"ladder", runs = 4, name = "many"', '"ladder", runs = 4')
    text = unnamed.replace("{many.best_width}: {many.loss(many.best_width)}", "{ladder.seeds}")
    assert read_lesson(text).steps[-1].action == RunExperiment("ladder", 4, "ladder")


@pytest.mark.parametrize(
    "text",
    [WHOLE.replace("\n", "\r\n"), WHOLE.replace("\n", "\r"), "\ufeff" + WHOLE, WHOLE.replace("\n+++", "\n+++ \t")],
)
def test_the_way_a_line_ends_makes_no_difference(text: str) -> None:
    assert read_lesson(text) == read_lesson(WHOLE)


UNTIL = 'until = "step >= 100 and many.failed >= 0"\ndo = "Press Start."\npoint_at = "startButton"\n'
STEP = '{do = "Press Step.", when = "step >= 1", point_at = "a"}'
# What stands in the lesson, what instead, the line that is told, as a part of it, and what is said.
MISTAKES = [
    ("+++\ntitle", "title", 1, "“+++” is expected, with title, about and minutes"),
    ("hidden = [", "hiden = [", "hidden", "“hiden” is not known here; is “hidden” meant?"),
    ("minutes = 7", "minutes = 7.5", "minutes", "“minutes” is 7.5; a whole number from 1 to 60 is expected"),
    ("minutes = 7", "minutes = true", "minutes", "“minutes” is true; a whole number"),
    ("minutes = 7", "minutes = 61", "minutes", "“minutes” is 61; a whole number from 1 to 60"),
    ("minutes = 7", "", "title =", "“minutes” is missing; a whole number from 1 to 60 is expected"),
    ("minutes = 7", "minutes = ", "minutes", "this is not TOML: Invalid value"),
    ("minutes = 7", "minutes = 7\nminutes = 8", "minutes", "“minutes” stands here a second time; once is expected"),
    ("minutes = 7", "title = '", "title =", "this is not TOML"),
    ("minutes = 7", "minutes = " + "[" * 400, "minutes", "this is not TOML"),
    ("minutes = 7", "minutes = " + "9" * 600, "minutes", "the line has 610 characters; at most 500 are expected"),
    ('"How many neurons?"', '" "', "title", "“title” is “ ”; a text of 1 to 80 characters in quotes is expected"),
    ('"How many neurons?"', "3", "title", "“title” is 3; a text of 1 to 80"),
    ('"How many neurons?"', f'"{"a" * 81}"', "title", "a text of 1 to 80 characters"),
    ('"How many neurons?"', '"\\u0000"', "title", "a text of 1 to 80 characters"),
    ('["view.microscope"', '["view.micro"', "hidden", "“view.micro” cannot be hidden; is view.microscope meant?"),
    ('["view.microscope"', "[1", "hidden", "1 stands in “hidden”; a list of names such as"),
    ('["view.microscope"', '"a" #', "hidden", "“hidden” is “a”; a list of names"),
    ("## Welcome\n", "", "Only a text", "this stands before the first step; a heading such as"),
    ("## Welcome", "##", "## Welcome", "the step is called “”; 1 to 80 characters are expected"),
    ("## Welcome", "## " + "a" * 81, "## Welcome", "1 to 80 characters are expected"),
    ("## Welcome", "## Welcome\n \n## Two", "## Welcome", "nothing stands below “Welcome”; a text is expected"),
    ("Only a text", "Only a {text", "Only a text", "is not closed; “}” is expected"),
    ("{neurons}", "{nerons}", "Only a text", "“nerons” is not known here; is “neurons” meant?"),
    ("{neurons}", "{curve_off}", "Only a text", "“curve_off” is not known here"),
    ("{neurons}", "{one}", "Only a text", "“one” is not known here; known are barrier"),
    ("{neurons}", "{weight}", "Only a text", "“weight” is given 0 value(s); weight(layer, to, from) is expected"),
    ("{neurons}", "{weight(1, 2)}", "Only a text", "“weight” is given 2 value(s); weight(layer, to, from)"),
    ("{neurons}", "{neurons(1)}", "Only a text", "“neurons” is a number and takes nothing in parentheses"),
    ("```\n\n## One", "\n\n## One", "```python", "what begins here is not closed; a line with ``` is expected"),
    ('"hidden=1&', '"hiden=1&', "setting", "“hiden=1” is not a setting; known are target, formula"),
    ('"hidden=1&', '"hidden=0&', "setting", "“setting”: hidden: 0 is not allowed"),
    ('"hidden=1&', '"seed=1&', "setting", "“setting”: seed: is in the line twice"),
    ('seeds = "fixed"', 'seeds = "some"', "seeds =", "“seeds” is “some”; one of “free”, “fixed” is expected"),
    ('setting = "hidden=1&seed=7"\n', "\n", "seeds =", "“seeds” stands alone; setting or data is expected beside it"),
    ('"view.pytorch"', '"view.torch"', "show", "“view.torch” cannot be shown; what can is view.loss, view.runs"),
    ('seeds = "fixed"', 'brings = ["kink"]', "seeds =", "“kink” cannot be shown; what can is kinks, errors, parts"),
    ('"view.pytorch", "view.first_steps"', "", "show",
     '“show” is a list of 0 values; a list of names such as ["view.microscope"] is expected'),
    ('"view.pytorch"', "1", "show", "1 stands in “show”; a list of names such as"),
    ('seeds = "fixed"', 'large = "maps"', "seeds =", "“large” is “maps”; one of “diagram”, “function_plot”"),
    ('seeds = "fixed"', "large = 3", "seeds =", "“large” is 3; one of “diagram”, "),
    ('hint = "Draw again."', 'hint = ""', "goal = {", "“hint” is “”; a text of 1 to 300 characters in quotes"),
    ("train_to = 10_000", "train_to = 0", "train_to", "“train_to” is 0; a whole number from 1 to 1,000,000"),
    ("train_to = 10_000", 'train_on = {samples = "x=1&y=2&hidden=3", to = 9}', "train_to",
     "“samples”: “hidden=3” says no samples"),
    ("train_to = 10_000", 'train_on = {samples = "x=1", to = 9}', "train_to", "“samples”: y: is missing"),
    ("train_to = 10_000", "train = 1", "train_to", "“train” is not known here; is “train_to” meant?"),
    ("train_to = 10_000", "steps = 1", "train_to", "“steps” is not known here; known are setting, data, seeds, show"),
    ("train_to = 10_000", "Train-To = 1", "train_to", "“Train-To” is not known here; is “train_to” meant?"),
    ("remember = {one", "rememer = {one", "remember = {one", "“rememer” is not known here; is “remember” meant?"),
    ("remember = {one = ", "remember = 3 # ", "remember = {one", "“remember” is 3; a table such as"),
    ("seeds = 64", "seeds = 64\nremember = {a = 'loss'}", "seeds = 64", "“remember” is not known here; known are"),
    ("train_to = 10_000", 'do = "Go"', "train_to", "“do” stands alone; until is expected beside it"),
    ("train_to = 10_000", 'point_at = "a"', "train_to", "“point_at” stands alone; until is expected"),
    ("train_to = 10_000", "train_to = 1\ngoal = {}", "remember = {one", "train_to and goal stand in one block; one of"),
    ("train_to = 10_000", "train_to = 1\ncurve = {}", "remember = {one", "choices and curve stand in one"),
    ('  {text = "a line"', '  {txt = "a line"', '"a line"', "“text” is missing; a text of 1 to 300"),
    ('"a line", ', '"a line", a = 1, ', '"a line"', "“a” is not known here; known are text, when"),
    ('"within < 0.1"', '"within"', '"a parabola"', "“when”: “within” is only a number; a condition such as"),
    ('"within < 0.1"', '"otherwise"', '"a parabola"', "“otherwise” is expected at the last choice only"),
    ('"within < 0.3"', '"wihin < 0.3"', "when = {", "“when”: “wihin” is not known here; is “within” meant?"),
    ('"within < 0.3"', '"within = 0.3"', "when = {", "“when”: “= 0.3” in “within = 0.3” is not allowed"),
    ('  {text = "when = {", when = "within < 0.3"},\n  {text = "a line", when = "otherwise"},\n', "", "choices",
     '“choices” is a list of 1 value; a list of 2 to 6 such as {text = "a line", when = "kinks < 1"} is expected'),
    ('  {text = "a line", when = "otherwise"}', "  1", "choices", "1 stands in “choices”; a list of 2 to 6 such as"),
    ("{one = ", "{one-two = ", "remember = {one", "“one-two” is not a name; one such as few"),
    ("{one = ", "{" + "a" * 41 + " = ", "remember = {one", "is not a name; one such as few"),
    ("{one = ", "{if = ", "remember = {one", "“if” is not a name; one such as few or first_try is expected"),
    ("{one = ", "{loss = ", "remember = {one", "“loss” has a meaning already; another name is expected"),
    ("{one = ", "{a.b = ", "remember = {one", "“a” is a table; a text of 1 to 300"),
    ('was = "first_loss"', 'was = "was"', "remember = {one", "“was”: “was” is known from the next step on"),
    ("What will it draw?\n\n", "{was}\n\n", "What will it draw?", "“was” is known from the next step on"),
    ("It is {within}", "It is {one}", "It is {within}", "“one” is known from the next step on"),
    ("[else] So little", "[else] {one}", "[else] So little", "“one” is known from the next step on"),
    ("[if loss > 0.5]", "[if loss]", "[if loss > 0.5]", "“loss” is only a number; a condition"),
    ("[if loss > 0.5] So", "So", "[else] So little", "[else] stands alone; a paragraph with [if …] is expected"),
    ("It was {one}", "It was {many.failed}", "It was {one}", "“many.failed” is not known here"),
    ('"swarm"', '"warm"', "experiment =", "“kind” is “warm”; one of “swarm”, “ladder”, “depth”"),
    ('"swarm"', "[1]", "experiment =", "“kind” is a list of 1 value; one of “swarm”"),
    ('"swarm"', '"swarm", runs = 49', "experiment =", "“runs” is 49; a whole number from 50 to 1,000 is expected"),
    ('name = "many"}\nask', 'name = "9"}\nask', "experiment =", "“name”: “9” is not a name"),
    ('name = "many"}\nask', 'name = "goal"}\nask', "experiment =", "“name”: “goal” has a meaning already"),
    ("low = 0,", "low = 200,", "number =", "200 to 100 is not a range; a lower number is expected first"),
    ("low = 0,", "low = nan,", "number =", "“low” is nan; a number from -1e+12 to 1e+12 is expected"),
    ("low = 0,", "low = 1" + "0" * 320 + ",", "number =", "“low” is 10000000"),
    ("near = 5", "near = -1", "number =", "“near” is -1; a number from 0"),
    (", near = 5", "", "number =", "“near” is missing; a number from 0"),
    ('"100 * many', '"100 * may', "number =", "“answer”: “may.failed” is not known here; is “many.failed” meant?"),
    ('ask = "How many fail?"\n', "\n", "experiment =", "“ask” is missing; a text of 1 to 300 characters"),
    ("~~~\n\n{many", "~~~\n\n~~~lesson\n~~~\n\n{many", "{many.failed:count}", "this is the second block of the step"),
    ("to = 6.5", "to = 1e7", "curve =", "“to” is 10000000.0; a number from -1e+06 to 1e+06 is expected"),
    ("to = 6.5", "to = 6,5", "curve =", "a decimal point is expected: 6.5"),
    ('"hidden=1&seed=7"', '"x=1,2,3&y=1,4,9"', "curve =", "the samples of this page have no true function; of = "),
    ('of = "target"}\n' + UNTIL, 'of = "network"}\n', "curve =",
     "“curve” asks for the network's curve, which is drawn already; train_to, until or goal is expected beside it"),
    ("to = 6.5", "to = 3", "curve =", "3 to 3 is not a range"),
    ("to = 6.5", "too = 3", "curve =", "“to” is missing"),
    (UNTIL, f'until = [{STEP}, {STEP}]\ndo = "a"\n', "until", "“do” stands beside a list of acts; it is"),
    (UNTIL, f"until = [{STEP}]\n", "until", "“until” is a list of 1 value; a condition, or a list of 2 to 6 such"),
    (UNTIL, f"until = [{STEP}, {{do = '1'}}]\n", "until", "“when” is missing; a text of 1 to 300 characters"),
    ('"target"', '"truth"', "curve =", "“of” is “truth”; one of “network”, “target” is expected"),
    ("curve = {from = 3", "# {from = 3", 'ask = "Where', "“ask” stands alone; choices or number or curve or "),
    ('number = {answer = "100 * many.failed / many.seeds", unit = "%", low = 0, high = 100.0, near = 5}',
     "sentence = 1", "number =", "“sentence” is 1; true is expected"),
    ('do = "Press Start."\n', "\n", "ask = \"Where", "“do” is missing; a text of 1 to 300"),
    ('"step >= 100 ', '"steps >= 100 ', "until", "“until”: “steps” is not known here; is “step” meant?"),
    ('{off = "curve_off"}', '{one = "curve_off"}', "{off =", "“one” is remembered by an earlier step"),
    ("{off}", "{curve_off}", "{goal.reached}", "“curve_off” is not known here"),
    ("and neurons <= 5", "and kinks <= 5", "condition = \"loss", "“condition”: “kinks” is not known here"),
    ("seeds = 64", "seeds = 6", "seeds = 64", "“seeds” is 6; 0 (the run in sight) or 7 to 256 is expected"),
    ("seeds = 64", "seeds = 0", "{goal.reached}", "“goal.reached” is not known here"),
    ('text = "A loss below that of one neuron."\n', "\n", "[goal]", "“text” is missing; a text of 1 to 300"),
    ("share = 0.5", "share = 50", "share", "“share” is 50; a number from 0 to 1 is expected"),
    ("goal = {", "goal = 3 # {", "goal =", "“goal” is 3; a table such as {a = 1, b = 2} is expected"),
    ("{many.best_width}", "{many.failed}", "{many.best_width}", "“many.failed” is not known here"),
]  # fmt: skip

OTHERS = {  # what is wrong besides, where it is more than one mistake
    ("minutes = 7", "title = '"): 1,
    ('  {text = "a line"', '  {txt = "a line"'): 1,
    ("to = 6.5", "too = 3"): 1,
    ("{one = ", "{a.b = "): 2,
    ('{off = "curve_off"}', '{one = "curve_off"}'): 1,
    ("seeds = 64", "seeds = 0"): 3,
}


@pytest.mark.parametrize(("part", "instead", "at", "reason"), MISTAKES)
def test_a_mistake_is_told_with_its_line_and_what_is_expected(
    part: str, instead: str, at: str | int, reason: str
) -> None:
    assert WHOLE.count(part) == 1, part
    with pytest.raises(LessonError, match=re.escape(reason)) as caught:
        read_lesson(WHOLE.replace(part, instead), views=("view.runs", "view.microscope"))
    mistake, *others = caught.value.mistakes  # and nothing that follows from it
    assert len(others) == OTHERS.get((part, instead), 0)
    assert str(caught.value).startswith(f"line {mistake.line}: {mistake.reason}")
    shift = instead.count("\n") - part.count("\n")
    line = at if isinstance(at, int) else line_of(at)
    assert mistake.line in (line, line + shift)


def test_all_mistakes_of_a_block_are_told_at_once() -> None:
    block = """setting = "hidden=0&lr=abc&foo=1&bar=2"
show = ["view.loss]
ask = "What?"
ask = "What?"
choices = [
  {text = "a", when = "los < 1 and dead2 < 3"},
  {text = "b", when = 3},
]
goal = {text = "a" condition = "loss < 1"}
train = 3,5
seeds = "odd"
"""
    with pytest.raises(LessonError) as caught:
        read_lesson(f"{FRONT}## A\n\n```lesson\n{block}```\n")
    begin = FRONT.count("\n") + 4
    told = [(line - begin, reason) for line, reason in caught.value.mistakes]
    assert [line for line, _ in told] == [0, 0, 0, 1, 3, 5, 5, 6, 8, 9, 10]
    for (_, reason), words in zip(
        told,
        (
            "“setting”: hidden: 0 is not allowed",
            "“setting”: lr: “abc” is not a number",
            "“setting”: “foo=1”, “bar=2” are not settings; known are",
            "this is not TOML: Unterminated string",
            "“ask” stands here a second time",
            "“when”: “dead2” is not known here; is “dead” meant?",
            "“when”: “los” is not known here; is “loss” meant?",
            "“when” is 3; a text",
            "this is not TOML: Unclosed inline table",
            "a decimal point is expected: 3.5",
            "“seeds” is “odd”; one of",
        ),
        strict=True,
    ):
        assert reason.startswith(words)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        *((text, r"line 1: “\+\+\+” is expected") for text in ("", "\n", "## One\nText", " +++\n")),
        ("+++\ntitle = 'a'\n## One", r"line 3: a second “\+\+\+” is expected"),
    ],
)
def test_the_front_matter_begins_and_ends(text: str, reason: str) -> None:
    with pytest.raises(LessonError, match=reason):
        read_lesson(text)


def test_a_lesson_has_steps() -> None:
    assert len(read_lesson(FRONT + "\n## A\ntext" * 60).steps) == 60
    for count in (0, 61):
        with pytest.raises(LessonError, match=rf"line 6: {count} steps .* 1 to 60 are expected"):
            read_lesson(FRONT + "\n## A\ntext" * count)


@pytest.mark.parametrize(("character", "name"), [("\x00", "U+0000"), ("\x0b", "U+000B"), ("\ud800", "U+D800")])
def test_what_is_no_text_is_told(character: str, name: str) -> None:
    with pytest.raises(LessonError, match=f"line 8: the character U\\{name[1:]} stands here; only text"):
        read_lesson(FRONT + f"## One\nText{character}")


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "lesson.md"
    for content in (WHOLE.encode(), WHOLE.encode("utf-8-sig"), WHOLE.replace("\n", "\r\n").encode()):
        path.write_bytes(content)
        assert read_lesson_file(path) == read_lesson(WHOLE)


def test_a_file_that_is_no_text_in_utf_8_is_told(tmp_path: Path) -> None:
    path = tmp_path / "lesson.md"
    path.write_bytes((FRONT.replace("\n", "\r\n") + "## One\r\n\r\nÜbermut").encode("cp1252"))
    with pytest.raises(LessonError, match="line 9: the byte 0xdc is not UTF-8; save the file as a text in UTF-8"):
        read_lesson_file(path)
    path.write_bytes(WHOLE.encode("utf-16"))
    with pytest.raises(LessonError, match="line 1: the byte 0xff is not UTF-8"):
        read_lesson_file(path)


def test_a_file_that_is_far_too_long_is_not_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "lesson.md"
    path.write_bytes(WHOLE.encode() + b"a" * (200_001 - len(WHOLE.encode())))
    with pytest.raises(LessonError, match="line 1: the file is too long for a lesson: at most 200,000 bytes"):
        read_lesson_file(path)
    with pytest.raises(LessonError, match="line 1: the text is too long"):
        read_lesson("a" * 200_001)
    with pytest.raises(FileNotFoundError):
        read_lesson_file(tmp_path / "none.md")


PIECES = [
    *("+++", "## ", "\n", "\r\n", "\r", "```lesson\n", "```", "~~~", "{loss}", "{", "}", "[if loss < 1]", "[else]"),
    *('title = "', "minutes = ", 'setting = "', "hidden=1", "goal = {", "ask", "=", '"', "'''", "[", "]", ",", "#"),
    *("9**9**9", "\x00", "\ufeff", "\t", "\u2028", "\x85", "\ud800", "1e999", "nan", "-inf", "0x", "1979-05-27", "ü"),
    *('until = "step >= 1"\n', 'do = "a"\n', "remember = {a = 'loss'}\n", "choices = [", '{text = "a", when = "', "."),
]


def _in_block(text: str) -> str:
    return f"{FRONT}## A\n```lesson\n{text}\n```\nb"


hostile = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5)), max_size=30).map("".join)
changed = st.tuples(
    st.integers(0, len(WHOLE)), st.integers(0, 30), st.one_of(st.sampled_from(PIECES), st.text(max_size=3))
).map(lambda cut: WHOLE[: cut[0]] + cut[2] + WHOLE[cut[0] + cut[1] :])
in_text = hostile.map(lambda text: f"{FRONT}## A\n{text}")


def _is_read_or_refused(text: str, read: Callable[[], Lesson]) -> None:
    """It is a lesson, or there are mistakes in some of its lines."""
    last = text.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
    try:
        read()
    except LessonError as error:
        lines = [mistake.line for mistake in error.mistakes]
        assert 1 <= len(lines) <= MAX_MISTAKES
        assert lines == sorted(lines)
        assert 1 <= lines[0] <= lines[-1] <= last


@given(st.one_of(hostile, changed, hostile.map(_in_block), in_text, hostile.map(FRONT.__add__)))
@example("")
@example(WHOLE + "\n```lesson\n## unclosed")
@settings(max_examples=400)
def test_any_text_is_a_lesson_or_an_error_with_one_of_its_lines(text: str) -> None:
    _is_read_or_refused(text, lambda: read_lesson(text))


@given(st.one_of(st.binary(max_size=200), changed.map(lambda text: text.encode("cp1252", "replace"))))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_a_lesson_or_an_error_in_a_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "lesson.md"
    path.write_bytes(content)
    _is_read_or_refused(content.decode("latin-1"), lambda: read_lesson_file(path))


LONG = {
    "nested arrays": _in_block("choices = " + "[\n" * 90_000),
    "nested tables": _in_block("goal = " + "{a = " * 80),
    "a key with many dots": _in_block("a." * 90_000 + "a = 1"),
    "keys with many dots": _in_block("\n".join(f"a{k}" + ".a" * 240 + " = 1" for k in range(380))),
    "many keys": _in_block("\n".join(f"k{k} = {k}" for k in range(14_000))),
    "many names": _in_block("[remember]\n" + "\n".join(f"name_{k} = 'loss'" for k in range(9_000)) + "\nb = 'nam'"),
    "long names": _in_block("\n".join(f"remember.{'ab' * 150}{k} = '{'ba' * 40}'" for k in range(450))),
    "many tables": _in_block("\n".join(f"[t{k}]" for k in range(20_000))),
    "many tables in a list": _in_block("[[choices]]\n" * 15_000),
    "a number of many digits": _in_block("train_to = 1" + "0" * 480),
    "an open string": _in_block('ask = """' + "\n\\\\" * 60_000),
    "many strings": _in_block("ask = 'a'#" + "\n# ''' \"" * 20_000),
    "spaces": FRONT + "## A\n" + " " * 190_000 + "{loss",
    "empty lines": FRONT + "## A\n" + "\n" * 190_000 + "a",
    "many numbers": FRONT + "## A\n" + "".join(f"{{{k}}}" for k in range(25_000)),
    "many conditions": FRONT + "## A\n" + "[if loss < 1] a\n" * 11_000,
    "many braces": FRONT + "## A\n" + "{" * 190_001,
    "many brackets": FRONT + "## A\n" + "[if " * 48_000,
    "many fences": FRONT + "## A\n" + "```\n" * 48_000,
    "backticks": FRONT + "## A\n" + "`" * 190_000,
    "headings": FRONT + "## A\na\n" * 25_000,
    "a long power": FRONT + "## A\n{" + "9**" * 90 + "9}",
    "a long sum": FRONT + "## A\n{" + "+" * 290 + "9}",
    "ends of the front matter": "+++\n" * 50_000,
    "carriage returns": FRONT + "\r" * 190_000,
}


@pytest.mark.parametrize("kind", LONG)
def test_a_text_that_is_long_in_its_own_way_is_read_or_refused(kind: str) -> None:
    assert len(LONG[kind]) <= 200_000
    _is_read_or_refused(LONG[kind], lambda: read_lesson(LONG[kind]))
