"""The teacher's notes have all that they promise, on the lessons as they are; that answers are right is played."""

import re
from pathlib import Path

import pytest

from tests.lessons import LESSON_FILES, LESSONS, notes_on
from tinynet_gui.core.lessons.bundled_lessons import notes_heading
from tinynet_gui.core.lessons.lesson import ChoiceQuestion, Goal
from tinynet_gui.core.lessons.reading.reader import read_lesson_file


def test_every_lesson_has_its_section_and_no_other_has() -> None:
    """And its line in the contents, with the address that a heading has on the web."""
    notes = (LESSONS / "teachers-notes.md").read_text(encoding="utf-8")
    headings = [f"{notes_heading(file)}{read_lesson_file(file).title}" for file in LESSON_FILES]
    assert re.findall("^## (.*)", notes, re.MULTILINE) == headings
    addresses = [re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings]
    assert re.findall(r"^- \[(.*)\]\(#(.*)\)", notes, re.MULTILINE) == [*zip(headings, addresses, strict=True)]


@pytest.mark.parametrize("file", LESSON_FILES, ids=lambda file: file.stem)
def test_a_lessons_notes_have_all_parts_each_question_and_each_goal(file: Path) -> None:
    lesson = read_lesson_file(file)
    notes = notes_on(lesson.title)
    questions = [step.question for step in lesson.steps if step.question is not None]
    goals = {step.title for step in lesson.steps if isinstance(step.action, Goal)}
    parts = ["Aim", "Minutes", "Guesses", *(["Tasks"] if goals else []), "Ask next"]
    assert [part for part in notes if part in {*parts, "Tasks"}] == parts
    assert re.fullmatch(r"About \d+(, .*)?\.", notes["Minutes"])
    assert re.search(r"\?.* \(.+\)", notes["Ask next"])
    entries = list(notes)[len(parts) :]
    assert entries[: len(questions)] == [question.text for question in questions]
    assert goals <= set(entries[len(questions) :]) <= {step.title for step in lesson.steps}
    for question in questions:
        if isinstance(question, ChoiceQuestion):
            assert notes[question.text] in [choice.text for choice in question.choices]
