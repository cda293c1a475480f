"""A file of a learner's answers: strict JSON, written and read. It may come from anybody."""

import math
from pathlib import Path
from typing import Any, get_args

from tinynet_gui.core.config.formats import format_of, values_to_write
from tinynet_gui.core.lessons.answers.answers import LONGEST_NAME, MOST_POINTS, Answers, GivenAnswer, QuestionKind
from tinynet_gui.core.lessons.lesson import LARGEST, MOST_CHOICES, MOST_STEPS
from tinynet_gui.core.lessons.playing.memory import plain_value
from tinynet_gui.core.lessons.playing.predictions import Answer, DrawnCurve, Grade, Skipped
from tinynet_gui.core.lessons.playing.times import LATEST, LONGEST_S
from tinynet_gui.core.storage.plain_values import (
    Plain,
    StorageError,
    check_version,
    finite,
    parse_json,
    read_plain_fields,
    to_json,
)
from tinynet_gui.core.text.file_trouble import file_trouble
from tinynet_gui.core.text.language import ENGLISH, N_
from tinynet_gui.core.text.plain_file import read_at_most
from tinynet_gui.core.text.shortened import on_one_line

SUFFIX = ".answers"
KIND = "answers to a lesson"
MOST_BYTES = 1_000_000  # 60 curves have half of it
LONGEST_TEXT = 2_000
_NUMBERS = {"inf": math.inf, "-inf": -math.inf}  # that JSON does not have


def write_answers(answers: Answers) -> bytes:
    """Return the content of a file."""
    questions = [_to_plain(each) for each in answers.questions]
    version = format_of(answers, *answers.questions)
    return to_json({"format": KIND, "version": version, **values_to_write(answers), "questions": questions})


def read_answers_file(path: str | Path) -> Answers:
    """Read a file, but not one that is too large.

    `ValueError` if it cannot be read or holds no answers; the message says why.
    """
    try:
        content = read_at_most(path, MOST_BYTES + 1)
    except OSError as error:
        raise ValueError(file_trouble(error)) from None
    return read_answers(content)


def read_answers(content: bytes) -> Answers:
    """Read the content of a file; ValueError says what is wrong with it."""
    if len(content) > MOST_BYTES:
        raise ValueError(f"it has more than {MOST_BYTES:,} bytes")
    try:
        doc = parse_json(content, "answers")
    except StorageError:
        raise ValueError(N_("the file is damaged or incomplete")) from None
    if doc.values.get("format") != KIND:
        raise ValueError(N_("it has no answers that this program saved"))
    check_version(doc)
    doc.only("format", "version", *Answers.__dataclass_fields__)
    questions = tuple(map(_read_given, doc.parts("questions", MOST_STEPS)))
    if sorted({each.page for each in questions}) != [each.page for each in questions]:
        raise StorageError("answers", "the questions are not in order, one to a page")
    begun, finished = (doc.whole_or_none(name, 0, LATEST) for name in ("begun", "finished"))
    saved, name = doc.whole("saved", 0, LATEST), doc.text("name", LONGEST_NAME)
    lesson, print_, program = (_line(doc, name) for name in ("lesson", "fingerprint", "program"))
    language = read_plain_fields(doc, Answers).get("language", ENGLISH)
    return Answers(lesson, print_, on_one_line(name), begun, finished, saved, questions, program, language)


def _to_plain(given: GivenAnswer) -> dict[str, Any]:
    curves = {name: plain_value(getattr(given, name)) for name in ("guess", "came", "true_curve")}
    return {**values_to_write(given), **curves}


def _read_given(doc: Plain) -> GivenAnswer:
    doc.only(*GivenAnswer.__dataclass_fields__)
    kind: QuestionKind = doc.choice("kind", get_args(QuestionKind))
    how: Grade = doc.choice("mark", get_args(Grade))
    items = doc.items("choices", MOST_CHOICES)
    choices = tuple(_line(Plain({"choice": item}, doc.place), "choice") for item in items)
    guess, came = _read_guess(doc, kind, len(choices)), _read_came(doc)
    if kind == "choice" and came is not None and came not in range(len(choices)):
        raise doc.refused("came", "none of the choices")
    if (how == "skipped") != isinstance(guess, Skipped):
        raise doc.refused("mark", "not that of this guess")
    later: dict[str, Any] = {
        name: on_one_line(v) if isinstance(v, str) else v for name, v in read_plain_fields(doc, GivenAnswer).items()
    }
    later |= {name: _line(doc, name) for name in ("title", "question", "unit", "verdict")}
    return GivenAnswer(
        page=doc.whole("page", 1, MOST_STEPS),
        kind=kind,
        choices=choices,
        guess=guess,
        came=came,
        true_curve=None if doc.part_or_none("true_curve") is None else _read_curve(doc.part("true_curve")),
        mark=how,
        seconds=None if doc.values.get("seconds") is None else doc.number("seconds", LONGEST_S),
        **later,
    )


def _read_guess(doc: Plain, kind: QuestionKind, choices: int) -> Answer | Skipped:
    if doc.values.get("guess") is None:
        return Skipped()
    if kind == "curve":
        return _read_curve(doc.part("guess"))
    return doc.whole("guess", 0, choices - 1) if kind == "choice" else doc.number("guess", LARGEST)


def _read_came(doc: Plain) -> float | None:
    value = doc.values.get("came")
    if isinstance(value, str) and value in _NUMBERS:
        return _NUMBERS[value]
    return None if value is None else doc.number("came")


def _read_curve(doc: Plain) -> DrawnCurve:
    doc.only("x", "y")
    x, y = ([finite(value, doc.place, LARGEST) for value in doc.items(name, MOST_POINTS + 1)] for name in ("x", "y"))
    try:
        return DrawnCurve(x, y)
    except ValueError as error:
        raise StorageError(doc.place, str(error)) from None


def _line(doc: Plain, name: str) -> str:
    """Read a text, on one line."""
    return on_one_line(doc.text(name, LONGEST_TEXT))
