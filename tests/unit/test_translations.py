"""Lessons and documents in other languages: all that is not read, such as blocks, names and code, is the original's."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.catalogue import read, texts
from tests.lessons import LESSONS, TRANSLATIONS
from tinynet_gui.core.lessons.lesson import ChoiceQuestion, Do, DoInOrder, Goal, Lesson, LessonStep, NumberQuestion
from tinynet_gui.core.lessons.markdown import fences
from tinynet_gui.core.lessons.reading import reader
from tinynet_gui.core.lessons.reading.reader import (
    bundled_lessons,
    lesson_name,
    read_lesson,
    read_lesson_file,
    translations,
)

DOCUMENTS = sorted(file for file in LESSONS.glob("*/*.md") if file not in TRANSLATIONS)  # such as the guide
MARKER = re.compile(r"^\[(?:else if|else|if)[^\]]*\]", re.MULTILINE)
NO_PROSE = re.compile(r"\{[^{}]*\}|`[^`]*`|\[(?:else if|else|if)[^\]]*\]")


def _without_words(lesson: Lesson) -> Lesson:
    """All of a lesson but what is read."""
    steps = []
    for step in lesson.steps:
        question, action = step.question, step.action
        if isinstance(question, ChoiceQuestion):
            question = replace(question, choices=tuple(replace(choice, text="") for choice in question.choices))
        if isinstance(question, NumberQuestion):
            question = replace(question, unit="")
        if isinstance(action, Do | Goal):
            action = replace(action, text="")
        if isinstance(action, DoInOrder):
            action = DoInOrder(tuple(replace(act, text="") for act in action.acts))
        if isinstance(action, Goal):
            action = replace(action, hint="")
        question = None if question is None else replace(question, text="")
        steps.append(replace(step, title="", text="", reveal="", question=question, action=action))
    return replace(lesson, title="", about="", steps=tuple(steps))


def _filled_in(step: LessonStep) -> list[object]:
    """What a page fills in and decides: numbers in any order, conditions in theirs; and code."""
    found: list[object] = []
    for text in (step.text, step.reveal):
        found += [Counter(re.findall(r"\{[^{}]*\}", text)), MARKER.findall(text), _code(text)]
    return found


def _code(text: str) -> list[str]:
    lines = text.split("\n")
    return [lines[number] for piece in fences(lines) for number in piece.lines]


def _words(lesson: Lesson) -> Iterator[str]:
    """All that is read, line by line, and of each line only its words."""
    lines = [lesson.title, lesson.about]
    for step in lesson.steps:
        lines.append(step.title)
        for text in (step.text, step.reveal):
            code = _code(text)
            lines += [line for line in text.split("\n") if line not in code]
        for part in (step.question, step.action, *step.acts):
            lines += [getattr(part, name, "") for name in ("text", "hint", "unit")]
            lines += [choice.text for choice in getattr(part, "choices", ())]
    words = (re.findall(r"[^\W\d_]{2,}", NO_PROSE.sub(" ", line)) for line in lines)
    yield from (" ".join(found) for found in words if found)


def _compare(original: Lesson, other: Lesson) -> None:
    assert _without_words(other) == _without_words(original)
    looks = [[(step.large, step.brings) for step in lesson.steps] for lesson in (original, other)]
    assert looks[0] == looks[1]
    for ours, theirs in zip(original.steps, other.steps, strict=True):
        assert _filled_in(theirs) == _filled_in(ours), theirs.title
    assert set(_words(original)) & set(_words(other)) == set()  # nothing is left in English


@pytest.mark.parametrize("file", TRANSLATIONS, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_a_translation_changes_only_the_words(file: Path) -> None:
    original, translated = read_lesson_file(LESSONS / file.name), read_lesson_file(file)
    assert (original.language, translated.language) == ("en", file.parent.name)
    _compare(original, translated)


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("loss:4", "loss:3"),
        ("[if loss < first_loss]", "[if loss > first_loss]"),
        ("nn.ReLU()", "nn.Tanh()"),
        ("drawn_before=20", "drawn_before=21"),
        ("minutes = 10", "minutes = 9"),
        ("near = 0.1}", "near = 0.2}"),
        ("gar nicht", "not at all"),
        ("| x | richtig | das Netz |", "| x | the truth | the network |"),
        ("Drücke einmal Schritt (Taste S).", "Press Step (the key S), once."),
    ],
)
def test_a_wrong_or_missing_translation_is_found(was: str, now: str) -> None:
    text = (LESSONS / "de" / "01-the-tutorial.md").read_text(encoding="utf-8")
    assert was in text
    with pytest.raises(AssertionError):
        _compare(read_lesson_file(bundled_lessons()[0]), read_lesson(text.replace(was, now, 1)))


def _structure(text: str) -> list[object]:
    """What a document has in any language: its headings' levels, blocks of code, links, names in code and rows."""
    blocks = re.findall(r"^ *```.*?```$", text, re.MULTILINE | re.DOTALL)
    prose = re.sub(r"^ *```.*?```$", "", text, flags=re.MULTILINE | re.DOTALL)
    levels, rows = re.findall(r"^(#+) ", prose, re.MULTILINE), re.findall(r"^\||^> |^ *- ", prose, re.MULTILINE)
    links = re.findall(r"\]\((#\d+|[^)]*)", prose)  # of the teacher's notes, a section is found by its number
    return [levels, blocks, links, Counter(re.findall("`[^`]+`", " ".join(prose.split()))), Counter(rows)]


def _labels(text: str) -> list[str]:
    """What stands in italics, in lower case: labels of the window."""
    prose = " ".join(re.sub(r"```.*?```", "", text, flags=re.DOTALL).split()).replace("**", "")
    return [name for span in re.findall(r"\*([^*]+)\*", prose) for name in span.lower().split(", ")]


@pytest.mark.parametrize("file", DOCUMENTS, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_a_translated_document_keeps_headings_links_and_code(file: Path) -> None:
    [original] = (folder / file.name for folder in (LESSONS, LESSONS.parent) if (folder / file.name).exists())
    ours, theirs = (each.read_text(encoding="utf-8") for each in (original, file))
    assert _structure(theirs) == _structure(ours)
    if original.parent != LESSONS:  # the notes have questions in italics
        words = read(file.with_name("words.po"))
        said = "\n".join(text for message in words for text in texts(message.string)).replace("&", "").lower()
        assert len(_labels(theirs)) == len(_labels(ours))
        assert [name for name in _labels(theirs) if name not in said] == []


def test_what_is_not_translated_is_in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    english, german = bundled_lessons(), bundled_lessons("de")
    translated = {file.name for file in TRANSLATIONS if file.parent.name == "de"}
    assert translated
    assert [file.name for file in german] == [file.name for file in english]
    assert (
        {file.name for file in german if file.parent.name == "de"}
        == translated
        == {file.name for file in translations()["de"]}
    )
    assert bundled_lessons("xx") == bundled_lessons("..") == english
    assert [lesson_name(german[0]), lesson_name(english[-1])] == ["de/01-the-tutorial", english[-1].stem]
    assert Path(lesson_name(Path("de/mine.md"))) == Path(
        "de/mine.md"
    )  # a lesson of the user's, in a folder of that name
    monkeypatch.setattr(reader, "translations", lambda: {"de": german[:1]})
    assert bundled_lessons("de") == [german[0], *english[1:]]
