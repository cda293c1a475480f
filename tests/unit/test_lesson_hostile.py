"""Whatever stands in a file, it is a lesson or an error with one of its lines, however long it is."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.lessons import FRONT, WHOLE
from tinynet_gui.core.lessons.lesson import Lesson
from tinynet_gui.core.lessons.reader import LessonError, read_lesson, read_lesson_file

PIECES = [
    *("+++", "## ", "\n", "\r\n", "\r", "```lesson\n", "```", "~~~", "{loss}", "{", "}", "[if loss < 1]", "[else]"),
    *('title = "', "minutes = ", 'setting = "', "hidden=1", "goal = {", "ask", "=", '"', "'''", "[", "]", ",", "#"),
    *("9**9**9", "\x00", "\ufeff", "\t", "\u2028", "\x85", "\ud800", "1e999", "nan", "-inf", "0x", "1979-05-27", "ü"),
    *('until = "step >= 1"\n', 'do = "a"\n', "remember = {a = 'loss'}\n", "choices = [", '{text = "a", when = "', "."),
]
hostile = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5)), max_size=30).map("".join)
changed = st.tuples(
    st.integers(0, len(WHOLE)), st.integers(0, 30), st.one_of(st.sampled_from(PIECES), st.text(max_size=3))
).map(lambda cut: WHOLE[: cut[0]] + cut[2] + WHOLE[cut[0] + cut[1] :])
in_block = hostile.map(lambda text: f"{FRONT}## A\n```lesson\n{text}\n```\nb")
in_text = hostile.map(lambda text: f"{FRONT}## A\n{text}")


def outcome(text: str) -> Lesson | int:
    """Read a text: the lesson, or the line of what is wrong."""
    try:
        return read_lesson(text)
    except LessonError as error:
        return error.line


def line_count(text: str) -> int:
    return text.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1


@given(st.one_of(hostile, changed, in_block, in_text, hostile.map(FRONT.__add__)))
@example("")
@example(WHOLE + "\n```lesson\n## unclosed")
@settings(max_examples=400)
def test_any_text_is_a_lesson_or_an_error_with_one_of_its_lines(text: str) -> None:
    found = outcome(text)
    assert isinstance(found, Lesson) or 1 <= found <= line_count(text)


@given(st.one_of(st.binary(max_size=200), changed.map(lambda text: text.encode("cp1252", "replace"))))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_a_lesson_or_an_error_with_one_of_their_lines(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "lesson.md"
    path.write_bytes(content)
    try:
        found: Lesson | int = read_lesson_file(path)
    except LessonError as error:
        found = error.line
    assert isinstance(found, Lesson) or 1 <= found <= line_count(content.decode("latin-1"))


def _in_block(text: str) -> str:
    return f"{FRONT}## A\n```lesson\n{text}\n```\nb"


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
    text = LONG[kind]
    assert len(text) <= 200_000
    found = outcome(text)
    assert isinstance(found, Lesson) or 1 <= found <= line_count(text)
