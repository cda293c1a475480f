"""The teacher's notes have all that they promise, on the lessons as they are; that answers are right is played."""

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.lessons import LESSON_FILES, LESSONS, TRANSLATIONS, notes_on
from tinynet_gui.core.lessons.lesson import ChoiceQuestion, Goal, NumberQuestion
from tinynet_gui.core.lessons.playing.predictions import mark
from tinynet_gui.core.lessons.reading.reader import bundled_lessons, notes_heading, read_lesson_file, without_answers

NOTES = sorted(LESSONS.glob("**/teachers-notes.md"))
PARTS = {
    "en": ["Aim", "Minutes", "Guesses", "Tasks", "Ask next"],
    "de": ["Ziel", "Minuten", "Tipps", "Aufgaben", "Weiterfragen"],
}

WRONG = {  # numbers that the notes call a wrong idea, by the lesson and how its question begins
    ("01", "Count all weights"): (10, 15, 5, 6),
    ("01", "What does the first neuron"): (0.528, 0.045),
    ("01", "Look closely"): (5,),
    ("01", "What will the loss be"): (0,),
    ("03", "What share of all neurons"): (50, 0),
    ("03", "In how many of 100 networks"): (10, 20.6, 1),
    ("04", "Imagine a network"): (0,),
    ("05", "And for the wave"): (0, 0.9),
    ("07", "By which factor"): (2,),
    ("07", "The RMS error of the dots"): (2, 0),
    ("07", "One dot says 20"): (20, 2.25),
    ("08", "How many parameters"): (62, 131),
    ("08", "How many of 256"): (0, 128),
    ("08", "How many of 100 such chains"): (59,),
    ("09", "How many neurons"): (15,),
    ("10", "At which learning rate"): (0.5,),
    ("10", "Where is the border now"): (0.5, 2),
    ("12", "What does the network say"): (0.0605,),
    ("13", "Which is the lowest"): (0.13, 0.001),
    ("14", "Which sharpness"): (20,),
    ("15", "How many directions will there be"): (100,),
    ("15", "With a weight decay"): (48,),
    ("17", "How far will the kinks move"): (0,),
}


@pytest.mark.parametrize(("number", "asked"), WRONG, ids=str)
def test_a_wrong_idea_has_no_point_unless_the_notes_say_so(number: str, asked: str) -> None:
    [file] = LESSONS.glob(f"{number}-*.md")
    lesson = read_lesson_file(file)
    [(page, question)] = [
        (page, step.question)
        for page, step in enumerate(lesson.steps, 1)
        if step.question is not None and step.question.text.startswith(asked)
    ]
    assert isinstance(question, NumberQuestion)
    notes = (LESSONS / "teachers-notes.md").read_text(encoding="utf-8").replace("\n  ", " ")
    [entry] = re.findall(rf"^(- Page {page}\. \*{re.escape(asked)}.*)", notes, re.MULTILINE)  # with its page
    came = float(notes_on(lesson.title)[question.text].removesuffix(question.unit).replace("−", "-"))
    grades = {mark(question, wrong, came) for wrong in WRONG[number, asked]} - {"wrong"}
    assert grades == {grade for grade in ("right", "close") if f"counts as {grade}" in entry}


def test_without_the_answers_the_questions_are_left() -> None:
    left = without_answers((LESSONS / "teachers-notes.md").read_text(encoding="utf-8"))
    assert "- Page 1. *Count all weights and biases of this network. How many numbers are there?*\n- Page 2." in left
    assert "**Ask next.** *In the lesson*: press *Start* again: does the loss go on falling? Is the curve" in left


@pytest.mark.parametrize("file", NOTES, ids=lambda file: file.parent.name)
def test_no_answer_is_left_without_the_answers(file: Path) -> None:
    notes = file.read_text(encoding="utf-8")
    left = without_answers(notes)
    for line in re.findall(r"^- \w+ \d.*(?:\n  .*)*", left, re.MULTILINE):
        assert line.endswith("*")
        assert "**" not in line
    _contents, *sections = left.split("\n## ")
    for section in sections:
        assert "(" not in section.rpartition("\n**")[2].replace("()", "")
    assert left.count("\n**") == notes.count("\n**")
    assert len(sections) == len(LESSON_FILES)


@pytest.mark.parametrize("file", NOTES, ids=lambda file: file.parent.name)
def test_every_lesson_has_its_section_and_no_other_has(file: Path) -> None:
    """And its line in the contents, with the address that a heading has on the web."""
    notes = file.read_text(encoding="utf-8")
    headings = [f"{notes_heading(file)}{read_lesson_file(file).title}" for file in bundled_lessons(file.parent.name)]
    assert re.findall("^## (.*)", notes, re.MULTILINE) == headings
    addresses = [re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings]
    assert re.findall(r"^- \[(.*)\]\(#(.*)\)", notes, re.MULTILINE) == [*zip(headings, addresses, strict=True)]


@pytest.mark.parametrize("file", [*LESSON_FILES, *TRANSLATIONS], ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_notes_have_all_parts_questions_and_goals(file: Path) -> None:
    lesson = read_lesson_file(file)
    notes = notes_on(lesson.title, file.parent)
    questions = [step.question for step in lesson.steps if step.question is not None]
    goals = {step.title for step in lesson.steps if isinstance(step.action, Goal)}
    words = PARTS[lesson.language]
    parts = [part for part in words if goals or part != words[3]]
    assert [part for part in notes if part in words] == parts
    assert re.fullmatch(r"(About|Etwa) \d+(, .*)?\.", notes[words[1]])
    assert re.search(r"\?.* \(.+\)", notes[words[4]])
    entries = list(notes)[len(parts) :]
    assert entries[: len(questions)] == [question.text for question in questions]
    assert goals <= set(entries[len(questions) :]) <= {step.title for step in lesson.steps}
    for question in questions:
        if isinstance(question, ChoiceQuestion):
            assert notes[question.text] in [choice.text for choice in question.choices]


def _numbers(section: str) -> Counter[str]:
    """How often each number is in it, without signs; and without the questions, which a lesson may ask otherwise."""
    said = re.sub(r"^(- \w+ \d+\. )\*[^*]+\*", r"\1", section, flags=re.MULTILINE)
    return Counter(re.findall(r"\d+", re.sub(r"(?<=\d)[,.\u202f](?=\d)", "", said)))


def test_translated_notes_have_the_numbers_of_the_original() -> None:
    numbers = [[_numbers(section) for section in file.read_text(encoding="utf-8").split("\n## ")] for file in NOTES]
    assert len(numbers) > 1
    assert all(sections == numbers[0] for sections in numbers)
