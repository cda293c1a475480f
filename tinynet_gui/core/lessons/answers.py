"""A learner's answers to a lesson's questions, as a file to hand in."""

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, get_args

from tinynet_gui import __version__
from tinynet_gui.core.config.setting import format_of, values_to_write
from tinynet_gui.core.lessons.lesson import (
    LARGEST,
    MOST_CHOICES,
    MOST_STEPS,
    ChoiceQuestion,
    CurveQuestion,
    NumberQuestion,
    axes_of,
    unit_of,
)
from tinynet_gui.core.lessons.playing.course import LATEST, LONGEST_S, LessonProgress
from tinynet_gui.core.lessons.playing.memory import plain_value
from tinynet_gui.core.lessons.playing.predictions import Answer, DrawnCurve, Grade, Skipped, mark
from tinynet_gui.core.storage.plain_values import (
    Plain,
    StorageError,
    check_version,
    finite,
    parse_json,
    to_json,
)
from tinynet_gui.core.text.files import file_trouble, read_at_most
from tinynet_gui.core.text.language import ENGLISH, N_, ngettext
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.numbers import count_text, in_full, plain
from tinynet_gui.core.text.shortened import encodable, on_one_line
from tinynet_gui.core.values import frozen_dataclass

LONGEST_NAME = 80
MOST_POINTS = 129  # of a curve
DIGITS = 6  # of its numbers
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
QuestionKind = Literal["choice", "number", "curve"]


@frozen_dataclass
class GivenAnswer:
    """One question, the guess, and the result.

    Attributes
    ----------
    page, title
        The number of its page, from 1, and its title.
    question, kind, choices, unit
        Its text and kind; the options of a choice; the unit of a number, or of a curve's y.
    guess
        The index of a choice, a number, or a curve, unless it was skipped.
    came
        The result: the index of the right choice, the number, or how far off the curve was; None if there is none, or
        the page was not completed.
    true_curve
        The right curve, if it is known.
    of_network
        Whether the right curve is the network's, rather than the true function's.
    mark
        How good the guess was.
    verdict
        The sentence that the learner read about it; "" before the page was completed.
    seconds
        How long it took to answer; None if that was not recorded.
    x_name, y_name
        The titles of a curve's axes, with units, if the lesson's own samples have any.
    """

    page: int
    title: str
    question: str
    kind: QuestionKind
    choices: tuple[str, ...]
    unit: str
    guess: Answer | Skipped
    came: float | None
    true_curve: DrawnCurve | None
    mark: Grade
    verdict: str
    seconds: float | None
    x_name: str = ""
    y_name: str = ""
    of_network: bool = False

    @property
    def asked(self) -> tuple[object, ...]:
        """The question's identity, to match answers of several learners."""
        return self.page, self.question, self.kind, self.choices, self.unit

    @property
    def true_name(self) -> str:
        return _("network’s curve") if self.of_network else _("true curve")

    @property
    def number(self) -> float:
        """The guess as a number; NaN if it is not one."""
        return float(self.guess) if isinstance(self.guess, int | float) else math.nan

    @property
    def guess_text(self) -> str:
        match self.guess:
            case Skipped():
                return _("skipped")
            case DrawnCurve(x=x):
                words = _("a curve of {count} points, from x = {low} to {high}")
                return words.format(count=len(x), low=plain(x[0]), high=plain(x[-1]))
        return self.text_of(self.guess) if self.kind == "choice" else f"{in_full(self.guess)} {self.unit}".rstrip()

    def text_of(self, value: float) -> str:
        """Write a possible answer, or the result."""
        return self.choices[int(value)] if self.kind == "choice" else f"{plain(value)} {self.unit}".rstrip()

    def away_text(self, value: float) -> str:
        """Say how far a drawn curve was off."""
        return _("{distance} away").format(distance=f"{plain(value, 3)} {self.unit}".rstrip())


@frozen_dataclass
class Answers:
    """What one learner hands in.

    Attributes
    ----------
    lesson, fingerprint
        The lesson's title and `fingerprint`.
    name
        What the learner calls themselves, or "".
    begun, finished, saved
        In minutes since 1970, UTC; None if it has not happened, or was not recorded.
    questions
        Those that were answered or skipped, in order.
    program
        The version of the program that it was played in.
    language
        The lesson's language code.
    """

    lesson: str
    fingerprint: str
    name: str
    begun: int | None
    finished: int | None
    saved: int
    questions: tuple[GivenAnswer, ...]
    program: str = __version__
    language: str = ENGLISH


def answers_of(progress: LessonProgress, name: str, minute: int) -> Answers:
    """Return the answers to hand in, saved at `minute`."""
    times, lesson = progress.times, progress.lesson
    questions = tuple(_given(progress, place) for place in sorted(progress.answers))
    shown = on_one_line(encodable(name))[:LONGEST_NAME].strip()
    return Answers(
        on_one_line(lesson.title),
        lesson.fingerprint,
        shown,
        times.begun,
        times.finished,
        minute,
        questions,
        language=lesson.language,
    )


def in_words(answers: Answers) -> str:
    """Write all that a file of answers contains as plain text, in the current language."""
    minutes = (
        (_("begun {time}"), answers.begun),
        (_("finished {time}"), answers.finished),
        (_("saved {time}"), answers.saved),
    )
    times = [words.format(time=minute_text(minute)) for words, minute in minutes if minute is not None]
    header = _("Written by tinynet {version}; the lesson's fingerprint is {fingerprint}")
    lines = [
        answers.lesson,
        _("Name: {name}").format(name=answers.name or _("(none)")),
        f"{', '.join(times)} (UTC)",
        header.format(version=answers.program, fingerprint=answers.fingerprint),
    ]
    for each in answers.questions:
        lines += ["", _("Page {number}, {title}").format(number=each.page, title=each.title), each.question]
        lines += _answer_lines(each)
    return "\n".join(lines)


def _answer_lines(given: GivenAnswer) -> Iterator[str]:
    if given.seconds is None:
        yield _("Guess: {guess}").format(guess=given.guess_text)
    else:
        seconds = round(given.seconds)
        words = ngettext("Guess: {guess} (after {count} second)", "Guess: {guess} (after {count} seconds)", seconds)
        yield words.format(guess=given.guess_text, count=count_text(seconds))
    if given.kind != "curve" and given.came is not None:
        yield _("Result: {result}").format(result=given.text_of(given.came))
    if given.choices:
        yield _("Choices: {choices}").format(choices="; ".join(given.choices))
    if given.verdict:
        yield given.verdict
    if given.x_name or given.y_name:
        yield _("Axes: {x}, {y}").format(x=given.x_name or "x", y=given.y_name or "y")
    if given.true_curve is not None:
        yield (
            _("The points of the network’s curve are included.")
            if given.of_network
            else _("The points of the true curve are included.")
        )


def minute_text(minute: int) -> str:
    return f"{EPOCH + timedelta(minutes=minute):%Y-%m-%d %H:%M}"  # fromtimestamp ends in the year 3000 on Windows


def _given(progress: LessonProgress, place: int) -> GivenAnswer:
    step = progress.lesson.steps[place]
    question, guess, outcome = step.question, progress.answers[place], progress.outcomes.get(place)
    assert question is not None
    value = math.nan if outcome is None else outcome.value
    choices = [choice.text for choice in question.choices] if isinstance(question, ChoiceQuestion) else []
    is_number, is_curve = isinstance(question, NumberQuestion), isinstance(question, CurveQuestion)
    names = axes_of(progress.lesson.steps[: place + 1]) if is_curve else ("", "")
    unit = question.unit if isinstance(question, NumberQuestion) else unit_of(names[1])
    return GivenAnswer(
        page=place + 1,
        title=on_one_line(step.title),
        question=on_one_line(question.text),
        kind="choice" if choices else "number" if is_number else "curve",
        choices=tuple(map(on_one_line, choices)),
        unit=on_one_line(unit),
        guess=_thinned(guess) if isinstance(guess, DrawnCurve) else guess,
        came=None if math.isnan(value) else value,
        true_curve=None if outcome is None or outcome.curve is None else _thinned(outcome.curve),
        mark=mark(question, guess, value),
        verdict=on_one_line(progress.verdicts.get(place, "")),
        seconds=progress.times.took.get(place),
        x_name=names[0],
        y_name=names[1],
        of_network=isinstance(question, CurveQuestion) and question.of == "network",
    )


def _thinned(curve: DrawnCurve) -> DrawnCurve:
    """Return a curve with only the points and digits needed to draw it."""
    every = math.ceil((len(curve.x) - 1) / (MOST_POINTS - 1))
    places = sorted({*range(0, len(curve.x), every), len(curve.x) - 1})
    return DrawnCurve(*([float(f"{values[place]:.{DIGITS}g}") for place in places] for values in (curve.x, curve.y)))


SUFFIX = ".answers"
KIND = "answers to a lesson"
MOST_BYTES = 1_000_000  # 60 curves have half of it
LONGEST_TEXT = 2_000
_NUMBERS = {"inf": math.inf, "-inf": -math.inf}  # that JSON does not have


def write_answers(answers: Answers) -> bytes:
    questions = [_to_plain(each) for each in answers.questions]
    version = format_of(answers, *answers.questions)
    return to_json({"format": KIND, "version": version, **values_to_write(answers), "questions": questions})


def read_answers_file(path: str | Path) -> Answers:
    """Read a file; ValueError says why it is too large, cannot be read or holds no answers."""
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
    return Answers(
        lesson, print_, on_one_line(name), begun, finished, saved, questions, program, _line(doc, "language")
    )


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
    lines = {name: _line(doc, name) for name in ("title", "question", "unit", "verdict", "x_name", "y_name")}
    return GivenAnswer(
        page=doc.whole("page", 1, MOST_STEPS),
        kind=kind,
        choices=choices,
        guess=guess,
        came=came,
        true_curve=None if doc.part_or_none("true_curve") is None else _read_curve(doc.part("true_curve")),
        mark=how,
        seconds=None if doc.values.get("seconds") is None else doc.number("seconds", LONGEST_S),
        of_network=doc.flag("of_network"),
        **lines,
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
    """Read a text, joined to one line."""
    return on_one_line(doc.text(name, LONGEST_TEXT))
