"""A learner's progress in a lesson, as a value, and its transitions: a state machine, without a window.

A step is entered once its setting is in force; then it asks its question, if any; then it waits for its action, if any;
then it is done, and its reveal can be read. A transition that does not fit the current status changes nothing.
"""

from collections.abc import Mapping
from dataclasses import field, replace
from typing import Any, Literal, get_args

from tinynet_gui.core.config import Config
from tinynet_gui.core.lessons.expression import Scope
from tinynet_gui.core.lessons.lesson import CurveQuestion, Lesson, LessonStep, axes_of, unit_of
from tinynet_gui.core.lessons.measurements import scope_with
from tinynet_gui.core.lessons.playing import predictions
from tinynet_gui.core.lessons.template import fill
from tinynet_gui.core.text.language import speaking
from tinynet_gui.core.text.shortened import unbroken
from tinynet_gui.core.values import frozen_dataclass

LATEST = 4_000_000_000  # minute: in the year 9575
LONGEST_S = 1e9


@frozen_dataclass
class Times:
    """When a lesson was played; `ValueError` if a time is impossible.

    Attributes
    ----------
    begun, finished
        Minutes since 1970, UTC; None if it has not happened, or was not recorded.
    played
        Seconds of playing up to the last change, without the time that the lesson was left.
    asked, took
        By step: when its question was asked, in seconds of playing, and after how many it was answered or skipped.
    """

    begun: int | None = None
    finished: int | None = None
    played: float = 0.0
    asked: Mapping[int, float] = field(default_factory=dict)
    took: Mapping[int, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        seconds = self.played, *self.asked.values(), *self.took.values()
        minutes = (minute for minute in (self.begun, self.finished) if minute is not None)
        if not all(0 <= each <= LONGEST_S for each in seconds) or not all(0 <= each <= LATEST for each in minutes):
            raise ValueError("there are no such times")


StepStatus = Literal["enter", "ask", "act", "done"]


@frozen_dataclass
class PageMoment:
    """What the window shows beside a page: a setting's network after some steps."""

    config: Config
    step: int


@frozen_dataclass
class LessonProgress:
    """A learner's progress; `ValueError` if the state is unreachable.

    Attributes
    ----------
    at, reached
        The step shown, and the furthest one, from 0.
    status
        Of the step `reached`: it waits for its setting, for an answer, for its action, or for nothing.
    answers, verdicts, outcomes
        By step: the prediction; the sentence about it and its outcome, once the step is done.
    texts, revealed
        By step: the Markdown before and after its action, as filled in then.
    known
        Numbers of experiments and goals, and remembered ones; by name, as `with_functions` reads them.
    moments
        By completed step: the moment its reveal was about, if training can reproduce it.
    is_at_end
        Whether the page after the last step is shown.
    times
        As `at_time` noted them.
    act
        Which of the acts of the step `reached` comes next, when last checked.
    """

    lesson: Lesson
    at: int = 0
    reached: int = 0
    status: StepStatus = "enter"
    answers: Mapping[int, predictions.Answer | predictions.Skipped] = field(default_factory=dict)
    verdicts: Mapping[int, str] = field(default_factory=dict)
    texts: Mapping[int, str] = field(default_factory=dict)
    revealed: Mapping[int, str] = field(default_factory=dict)
    known: Mapping[str, float] = field(default_factory=dict)
    moments: Mapping[int, PageMoment] = field(default_factory=dict)
    outcomes: Mapping[int, predictions.Outcome] = field(default_factory=dict)
    is_at_end: bool = False
    times: Times = field(default_factory=Times)
    act: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.at <= self.reached < len(self.lesson.steps) or self.status not in _statuses(self.step):
            raise ValueError("there is no such place in the lesson")
        steps = range(self.reached + 1)
        asking = {place for place in steps if self.lesson.steps[place].question is not None}
        entered, answered, done = (
            {place for place in steps if place < self.reached or self.status in statuses}
            for statuses in (("ask", "act", "done"), ("act", "done"), ("done",))
        )
        kept = tuple(set(part) for part in (self.texts, self.answers, self.revealed, self.verdicts))
        if kept != (entered, answered & asking, done, done & asking):
            raise ValueError("the records of the steps do not match the progress")
        is_at_last = self.is_finished and self.at == self.reached
        if not set(self.outcomes) <= done & asking or (self.is_at_end and not is_at_last):
            raise ValueError("the lesson has not got that far")
        if not set(self.moments) <= done or any(moment.step < 0 for moment in self.moments.values()):
            raise ValueError("no step that is done was about these moments")
        for place, given in self.answers.items():
            question = self.lesson.steps[place].question
            if question is None or not predictions.is_allowed(question, given):
                raise ValueError(f"{given} is not an answer to the question of step {place + 1}")

    @property
    def step(self) -> LessonStep:
        """The furthest step."""
        return self.lesson.steps[self.reached]

    @property
    def is_finished(self) -> bool:
        return self.status == "done" and self.reached == len(self.lesson.steps) - 1

    @property
    def is_asking(self) -> bool:
        """Whether the page shown has a question that is unanswered, or about to be asked."""
        return self.at == self.reached and self.status in ("enter", "ask") and self.step.question is not None


def begin(lesson: Lesson) -> LessonProgress:
    return LessonProgress(lesson)


def scope_of(progress: LessonProgress, measured: Scope) -> Scope:
    """Return the scope of expressions: the current measurements, and the numbers known from before."""
    return scope_with(progress.known, measured)


def entered(progress: LessonProgress, measured: Scope) -> LessonProgress:
    """Enter the furthest step: its setting, if any, is in force, and `measured` belongs to the current run."""
    if progress.status != "enter":
        return progress
    with speaking(progress.lesson.language):
        text = fill(progress.step.text, scope_of(progress, measured))
    texts = {**progress.texts, progress.reached: text}
    status = _statuses(progress.step)[1]
    if status == "done":
        return _done(progress, measured, texts=texts)
    return replace(progress, status=status, texts=texts)


def answer(
    progress: LessonProgress, given: predictions.Answer | predictions.Skipped, measured: Scope
) -> LessonProgress:
    """Answer the question of the furthest step, or skip it; without an action, this completes the step.

    `ValueError` if it is no answer to that question.
    """
    if progress.status != "ask":
        return progress
    answers = {**progress.answers, progress.reached: given}
    if progress.step.action is None:
        return _done(progress, measured, answers=answers)
    return replace(progress, status="act", answers=answers)


def acted(progress: LessonProgress, measured: Scope, found: Mapping[str, float] | None = None) -> LessonProgress:
    """Mark the action of the furthest step as done; `measured` are of the current run.

    `found` are results of the action, such as the numbers of an experiment; kept for this step and all later ones.
    """
    return _done(progress, measured, found) if progress.status == "act" else progress


def noticed(progress: LessonProgress, measured: Scope) -> LessonProgress:
    """Complete the furthest step if the learner has done what it asks for; else note which act comes next."""
    if progress.status != "act" or not progress.step.acts:
        return progress
    scope = scope_of(progress, measured)
    ahead = (place for place, act in enumerate(progress.step.acts) if not act.until.holds(scope))
    if (act := next(ahead, None)) is None:
        return acted(progress, measured)
    return progress if act == progress.act else replace(progress, act=act)


def go_back(progress: LessonProgress) -> LessonProgress:
    """Show the previous step; from the end, the last one."""
    if progress.is_at_end:
        return replace(progress, is_at_end=False)
    return replace(progress, at=max(0, progress.at - 1))


def go_next(progress: LessonProgress) -> LessonProgress:
    """Show the next step, and after the last one the end.

    The furthest step must be done; then the next one waits to be entered.
    """
    if progress.at < progress.reached:
        return replace(progress, at=progress.at + 1)
    if progress.status != "done" or progress.is_finished:
        return replace(progress, is_at_end=progress.is_finished)
    return replace(progress, at=progress.at + 1, reached=progress.reached + 1, status="enter")


def cut_back(progress: LessonProgress, place: int, status: StepStatus, **changed: Any) -> LessonProgress:
    """Go back to an earlier step and status, dropping all later progress; `changed` are new field values."""
    order = get_args(StepStatus).index(status)
    entered_at, answered, done = (place if order >= least else place - 1 for least in (1, 2, 3))

    def kept(name: str, last: int) -> dict[int, Any]:
        return {at: value for at, value in changed.get(name, getattr(progress, name)).items() if at <= last}

    times = progress.times
    asked, took = ({at: seconds for at, seconds in of.items() if at <= answered} for of in (times.asked, times.took))
    of_done = {name: kept(name, done) for name in ("verdicts", "revealed", "moments", "outcomes")}
    changed |= {"texts": kept("texts", entered_at), "answers": kept("answers", answered), **of_done}
    times = replace(times, finished=None, asked=asked, took=took)
    return replace(progress, at=place, reached=place, status=status, is_at_end=False, act=0, times=times, **changed)


def at_time(progress: LessonProgress, played: float, minute: int) -> LessonProgress:
    """Stamp new events with the seconds of playing and the minute since 1970, UTC."""
    times, is_first = progress.times, progress.reached == 0 and not progress.answers
    asked = dict(times.asked)
    if progress.status == "ask":
        asked.setdefault(progress.reached, played)
    answered = [place for place in asked if place in progress.answers]
    took = {place: times.took.get(place, max(0.0, played - asked[place])) for place in answered}
    begun = minute if times.begun is None and is_first else times.begun
    finished = minute if times.finished is None and begun is not None and progress.is_finished else times.finished
    return replace(progress, times=Times(begun, finished, played, asked, took))


def _statuses(step: LessonStep) -> tuple[StepStatus, ...]:
    lacking = {"ask": step.question is None, "act": step.action is None}
    return tuple(status for status in get_args(StepStatus) if not lacking.get(status, False))


def _done(
    progress: LessonProgress, measured: Scope, found: Mapping[str, float] | None = None, **changed: Any
) -> LessonProgress:
    """Judge the prediction, store the remembered numbers, fill in the reveal, and apply `changed`."""
    place, step = progress.reached, progress.step
    known, verdicts = _with_found(progress.known, found or {}), dict(progress.verdicts)
    scope, outcomes = scope_with(known, measured), dict(progress.outcomes)
    if step.question is not None:
        given = changed.get("answers", progress.answers)[place]
        outcomes[place] = predictions.outcome(step.question, given, scope)
        if isinstance(step.question, CurveQuestion):
            scope = scope_with({**known, **predictions.curve_numbers(step.question, given, scope)}, measured)
        y_unit = unit_of(axes_of(progress.lesson.steps[: place + 1])[1])
        with speaking(progress.lesson.language):
            verdicts[place] = unbroken(predictions.judge(step.question, given, scope, y_unit))
    with speaking(progress.lesson.language):
        revealed = {**progress.revealed, place: fill(step.reveal, scope)}
    known |= {name: expression.value(scope) for name, expression in step.remember}
    changed |= {"known": known, "verdicts": verdicts, "revealed": revealed, "outcomes": outcomes}
    return replace(progress, status="done", act=0, **changed)


def _with_found(known: Mapping[str, float], found: Mapping[str, float]) -> dict[str, float]:
    """Add new results to the known numbers, replacing all of an earlier experiment of the same name."""
    replaced = tuple({f"{name.partition('.')[0]}." for name in found})
    return {**{name: value for name, value in known.items() if not name.startswith(replaced)}, **found}


@frozen_dataclass
class GoalChecked:
    """Whether a goal is reached, in words, with the settings of a run that misses it, if one does.

    Attributes
    ----------
    numbers
        ``goal.seeds``, ``goal.reached``, ``goal.share``, ``goal.low`` and ``goal.high``: the share with its 95 %
        interval by Clopper and Pearson.
    """

    is_met: bool
    text: str
    numbers: Mapping[str, float]
    counterexample: Config | None


@frozen_dataclass
class Unmet:
    """Why a goal is not reached yet, and the settings of a run that shows it, if one was trained for it."""

    text: str
    counterexample: Config | None = None
