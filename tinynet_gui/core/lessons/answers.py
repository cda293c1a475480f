"""A learner's answers to a lesson's questions, as a file to hand in."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from tinynet_gui import __version__
from tinynet_gui.core.config.setting import since
from tinynet_gui.core.lessons import lesson
from tinynet_gui.core.lessons.lesson import ChoiceQuestion, CurveQuestion, Lesson, NumberQuestion, axes_of, unit_of
from tinynet_gui.core.lessons.playing import course, memory
from tinynet_gui.core.lessons.playing.predictions import Answer, DrawnCurve, Grade, Skipped, mark
from tinynet_gui.core.storage import plain_values
from tinynet_gui.core.text.files import read_at_most
from tinynet_gui.core.text.language import ENGLISH, N_, gettext as _, ngettext
from tinynet_gui.core.text.numbers import count_text, in_full, plain
from tinynet_gui.core.text.shortened import encodable, on_one_line, written
from tinynet_gui.core.values import frozen_dataclass
from tinynet_gui.core.wording.setting_line import MAX_CHARACTERS

LONGEST_NAME = 80
MAX_POINTS = 129  # of a curve
DIGITS = 6  # of its numbers
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
QuestionKind = Literal["choice", "number", "curve", "sentence"]
KINDS: Mapping[type[lesson.Question], QuestionKind] = {
    ChoiceQuestion: "choice",
    NumberQuestion: "number",
    CurveQuestion: "curve",
    lesson.SentenceQuestion: "sentence",
}


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
        The index of a choice, a number, a curve or a sentence, unless it was skipped.
    came
        The result: the index of the right choice, the number, or how far off the curve was; None if there is none, or
        the page was not completed.
    true_curve
        The right curve, if it is known.
    of_network
        Whether the right curve is the network's, rather than the true function's.
    setting, step
        In a web page: the setting's line and the step in view when it was answered; "" if no setting leads there.
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
    guess: Answer | Skipped = Skipped()
    came: float | None = None
    true_curve: DrawnCurve | None = None
    mark: Grade = "skipped"
    verdict: str = ""
    seconds: float | None = None
    x_name: str = ""
    y_name: str = ""
    of_network: bool = False
    setting: str = since(7, "")
    step: int = since(7, 0)

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
            case str():
                return self.guess
            case DrawnCurve(x=x):
                words = _("a curve of {count} points, from x = {low} to {high}")
                return words.format(count=len(x), low=plain(x[0]), high=plain(x[-1]))
        return self.text_of(self.guess) if self.kind == "choice" else f"{in_full(self.guess)} {self.unit}".rstrip()

    def text_of(self, value: float) -> str:
        """Write a possible answer, or the result."""
        return self.choices[int(value)] if self.kind == "choice" else f"{plain(value)} {self.unit}".rstrip()

    def distance_text(self, value: float) -> str:
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
    of_page
        Whether they were given in a web page, which grades none.
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
    of_page: bool = since(7, False)


def answers_of(progress: course.LessonProgress, name: str, minute: int) -> Answers:
    """Return the answers to hand in, saved at `minute`."""
    times, lesson = progress.times, progress.lesson
    questions = tuple(_given(progress, place) for place in sorted(progress.answers))
    title, shown = on_one_line(lesson.title), on_one_line(encodable(name))[:LONGEST_NAME].strip()
    return Answers(
        title, lesson.fingerprint, shown, times.begun, times.finished, minute, questions, language=lesson.language
    )


def in_words(answers: Answers) -> str:
    """Write all that a file of answers contains as plain text, in the current language."""
    events = _("begun {time}"), _("finished {time}"), _("saved {time}")
    minutes = zip(events, (answers.begun, answers.finished, answers.saved), strict=True)
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
        words = _("The points of the true curve are included.")
        yield _("The points of the network’s curve are included.") if given.of_network else words


def minute_text(minute: int) -> str:
    return f"{EPOCH + timedelta(minutes=minute):%Y-%m-%d %H:%M}"  # fromtimestamp ends in the year 3000 on Windows


def skipped_answer(lesson: Lesson, place: int) -> GivenAnswer:
    """Return a step's question as if it had been skipped."""
    step = lesson.steps[place]
    question = step.question
    assert question is not None
    choices = [choice.text for choice in question.choices] if isinstance(question, ChoiceQuestion) else []
    kind = KINDS[type(question)]
    names = axes_of(lesson.steps[: place + 1]) if kind == "curve" else ("", "")
    unit = question.unit if isinstance(question, NumberQuestion) else unit_of(names[1])
    return GivenAnswer(
        page=place + 1,
        title=on_one_line(step.title),
        question=on_one_line(question.text),
        kind=kind,
        choices=tuple(map(on_one_line, choices)),
        unit=on_one_line(unit),
        x_name=names[0],
        y_name=names[1],
        of_network=isinstance(question, CurveQuestion) and question.of == "network",
    )


def _given(progress: course.LessonProgress, place: int) -> GivenAnswer:
    question, guess = progress.lesson.steps[place].question, progress.answers[place]
    assert question is not None
    outcome = progress.outcomes.get(place)
    value = math.nan if outcome is None else outcome.value
    return replace(
        skipped_answer(progress.lesson, place),
        guess=_thinned(guess) if isinstance(guess, DrawnCurve) else guess,
        came=None if math.isnan(value) else value,
        true_curve=None if outcome is None or outcome.curve is None else _thinned(outcome.curve),
        mark=mark(question, guess, value),
        verdict=on_one_line(progress.verdicts.get(place, "")),
        seconds=progress.times.took.get(place),
    )


def _thinned(curve: DrawnCurve) -> DrawnCurve:
    """Return a curve with only the points and digits needed to draw it."""
    every = math.ceil((len(curve.x) - 1) / (MAX_POINTS - 1))
    places = sorted({*range(0, len(curve.x), every), len(curve.x) - 1})
    return DrawnCurve(*([float(f"{values[place]:.{DIGITS}g}") for place in places] for values in (curve.x, curve.y)))


SUFFIX = ".answers"
KIND = "answers to a lesson"
MAX_BYTES = 1_000_000  # 60 curves have half of it
LONGEST_TEXT = 2_000


class _AnswersReader(memory.LessonReader):
    """Reads each text as one line."""

    least: Mapping[str, int] = {"GivenAnswer.page": 1}
    most: Mapping[str, float] = {
        "GivenAnswer.page": lesson.MAX_STEPS,
        "GivenAnswer.choices": lesson.MAX_CHOICES,
        "GivenAnswer.seconds": course.LONGEST_S,
        "DrawnCurve": lesson.LARGEST,
        **dict.fromkeys(("Answers.begun", "Answers.finished", "Answers.saved"), course.LATEST),
        "Answers.name": LONGEST_NAME,
        "GivenAnswer.setting": MAX_CHARACTERS,
        "Answers.questions": lesson.MAX_STEPS,
    }
    longest, most_points, not_finite = LONGEST_TEXT, MAX_POINTS + 1, ("GivenAnswer.came",)

    def _line(self, value: Any, place: str, key: str) -> str:
        return on_one_line(plain_values.text(value, place, int(self.most.get(key, self.longest))))

    READERS: Mapping[Any, Callable[[Any, Any, str, str], Any]] = {**memory.LessonReader.READERS, str: _line}


def write_answers(answers: Answers) -> bytes:
    writer = memory.LessonWriter()
    plain = writer.record(answers)
    return plain_values.to_json({"format": KIND, "version": writer.format, **plain})


def are_answers(text: str) -> bool:
    """Whether a pasted text looks like answers, one learner's on a line."""
    return f'"format":"{KIND}"' in text


def read_answers_file(path: str | Path) -> Answers:
    """Read a file; ValueError says why it is too large or holds no answers, OSError why it cannot be read."""
    return read_answers(read_at_most(path, MAX_BYTES + 1))


def read_answers(content: bytes) -> Answers:
    """Read the content of a file; ValueError says what is wrong with it."""
    if len(content) > MAX_BYTES:
        raise ValueError(_("it has more than {most} bytes").format(most=count_text(MAX_BYTES)))
    try:
        doc = plain_values.parse_json(content, "answers")
    except plain_values.StorageError:
        raise ValueError(N_("it is damaged or incomplete")) from None
    if doc.values.get("format") != KIND:
        raise ValueError(N_("it has no answers that this program saved"))
    plain_values.check_version(doc)
    answers: Answers = _AnswersReader().record(Answers, doc, "format", "version")
    if sorted({each.page for each in answers.questions}) != [each.page for each in answers.questions]:
        raise plain_values.StorageError("answers", "the questions are not in order, one to a page")
    for place, each in enumerate(answers.questions):
        _check(each, f"answers, questions {place + 1}")
    return answers


def _check(given: GivenAnswer, place: str) -> None:
    """Check that the guess and the result are of the question's kind."""
    guess, came, is_choice = given.guess, given.came, given.kind == "choice"
    if (given.mark == "skipped") != isinstance(guess, Skipped):
        raise plain_values.StorageError(place, f"mark {written(given.mark)} is not that of this guess")
    fitting: Any = {"curve": DrawnCurve, "sentence": str}.get(given.kind, int | float)
    if not isinstance(guess, Skipped | fitting):
        raise plain_values.StorageError(place, f"guess: no answer to a question for a {given.kind}")
    if is_choice and not isinstance(guess, Skipped):
        plain_values.whole(guess, 0, len(given.choices) - 1, f"{place}, guess")
    elif isinstance(guess, int | float):
        plain_values.finite(guess, f"{place}, guess", lesson.LARGEST)
    if came is not None and (math.isnan(came) or (is_choice and came not in range(len(given.choices)))):
        trouble = f"came {came:g} is none of the choices" if is_choice else f"came {came} is no number"
        raise plain_values.StorageError(place, trouble)
