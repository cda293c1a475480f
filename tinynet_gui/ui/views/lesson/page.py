"""The frozen state of a lesson's page."""

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Literal

from tinynet_gui.core.lessons import lesson
from tinynet_gui.core.lessons.playing.course import LessonProgress, Unmet
from tinynet_gui.core.lessons.playing.predictions import DrawnCurve, Grade, Skipped, mark
from tinynet_gui.core.text.language import ENGLISH, N_, gettext as _, ngettext
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.core.values import frozen_dataclass

PageStatus = Literal["ask", "act", "done"]


@frozen_dataclass
class AskedQuestion:
    """A question before an action, for one of `choices`, a number within limits, a curve over some x, or a sentence."""

    text: str
    kind: Literal["choice", "number", "curve", "sentence"]
    choices: tuple[str, ...] = ()
    unit: str = ""
    low: float = 0.0
    high: float = 0.0
    is_drawn: bool = False


@frozen_dataclass
class Ending:
    """The summary after the last page, in plain text.

    `found` has each question's text, the guess and the result; `score` is the number of right guesses in words, ""
    without questions. Without a next lesson (`following`), `about` has the closing words.
    """

    found: tuple[tuple[str, str], ...]
    score: str
    following: str = ""
    about: str = ""


@frozen_dataclass
class LessonPage:
    """A step of a lesson in its current state; or the summary (`ending`) after the last one.

    Attributes
    ----------
    lesson, title
        The titles of the lesson and of the step.
    number, count
        The step's number, from 1, and the number of steps.
    text, reveal
        Markdown: the text, and what is revealed once the step is done.
    answer
        The index of a choice, a number or a sentence; None without an answer, or for a curve.
    task, action
        The learner's task in plain text; the text of the button that runs it. Either may be "".
    is_running, is_training
        Whether the action is in progress; whether a task of training is.
    verdict
        How close the answer was, or when that will be known.
    hindrance, can_open
        Why the goal was missed, and whether a run can show that.
    strayed
        The changed settings that the page is about, or "".
    can_begin_again
        Whether the page only asks to review or restart a finished lesson.
    """

    lesson: str
    title: str
    number: int
    count: int
    text: str = ""
    question: AskedQuestion | None = None
    answer: int | float | str | None = None
    status: PageStatus = "done"
    task: str = ""
    action: str = ""
    is_running: bool = False
    is_training: bool = False
    verdict: str = ""
    reveal: str = ""
    hindrance: str = ""
    can_open: bool = False
    hint: str = ""
    strayed: str = ""
    can_back: bool = False
    can_next: bool = False
    next_label: str = ""
    pictures: Mapping[str, bytes] = field(default_factory=dict, compare=False, repr=False)
    ending: Ending | None = None
    can_begin_again: bool = False
    language: str = ENGLISH

    @property
    def place(self) -> tuple[str, int, bool, bool]:
        """The page's identity: equal for two states of the same page."""
        return self.lesson, self.number, self.ending is not None, self.can_begin_again


def news_of(page: LessonPage, before: LessonPage | None, reveal: str) -> str:
    """Return what to announce of a new page (no `before`) or of a change, with `reveal` in plain text; or ""."""
    if before is None:
        question = page.question.text if page.question is not None and page.status == "ask" else page.task
        return "\n".join(filter(None, (page.title, question)))
    if (page.verdict, page.reveal) != (before.verdict, before.reveal):
        return "\n".join(filter(None, (page.verdict, reveal)))
    if page.strayed != before.strayed:
        return page.strayed
    return page.hindrance if page.hindrance != before.hindrance else ""


FINISHED_BEFORE = (
    N_("Somebody has finished this lesson on this machine."),
    N_(
        "Was it you? *Go on* shows the guesses and what came of them. "
        "*Begin again* forgets them, and starts with the first page."
    ),
)
NOTED = N_("Noted. Once this is done, you read here how near it was.")
DONE, OPEN = "✓ ", "○ "  # before each part of a task of several


def page_of(
    progress: LessonProgress,
    *,
    is_busy: bool,
    unmet: Unmet | None,
    has_failed: bool,
    is_reopened: bool,
    hindrance: str,
    is_drawn: bool,
    following: tuple[str, str] | None,
    is_training: bool = False,
    strayed: str = "",
    farewell: str = "",
) -> LessonPage:
    """Return the page of the step shown, in the current language.

    `hindrance` is why no experiment can be run now, or ""; `following` the next lesson's title and subject; `strayed`
    the changed settings that the page is about, or ""; `farewell` the closing words if no lesson follows.
    """
    if is_reopened:
        return _finished_before(progress)
    if progress.is_at_end:
        return _end_of(progress, following, farewell)
    place, step = progress.at, progress.lesson.steps[progress.at]
    is_last = place == progress.reached
    assert not is_last or progress.status != "enter", "a page is shown when its step has been entered"
    status = progress.status if is_last and progress.status != "enter" else "done"
    is_acting = is_last and status == "act"
    task, action = _task(step, progress.act) if is_acting else ("", "")
    needs_many = isinstance(step.action, lesson.Goal) and step.action.seeds > 0  # runs, and so the compiled loop
    if is_acting and hindrance and (needs_many or isinstance(step.action, lesson.RunExperiment)):
        task, action = hindrance, ""
    given = progress.answers.get(place)
    return LessonPage(
        progress.lesson.title,
        step.title,
        place + 1,
        len(progress.lesson.steps),
        text=progress.texts.get(place, ""),
        question=_question(step, is_drawn),
        answer=None if isinstance(given, DrawnCurve | Skipped) else given,
        status=status,
        task=task,
        action=action,
        is_running=is_last and is_busy,
        is_training=is_acting and is_training,
        verdict=progress.verdicts.get(place, _(NOTED) if is_acting and not isinstance(given, Skipped | None) else ""),
        reveal=progress.revealed.get(place, ""),
        hindrance=unmet.text if is_acting and unmet is not None else "",
        can_open=is_acting and unmet is not None and unmet.counterexample is not None,
        hint=step.action.hint if is_acting and has_failed and isinstance(step.action, lesson.Goal) else "",
        strayed=strayed,
        can_back=place > 0,
        can_next=not is_last or status == "done",
        pictures=progress.lesson.pictures,
        language=progress.lesson.language,
    )


def _finished_before(progress: LessonProgress) -> LessonPage:
    count = len(progress.lesson.steps)
    return LessonPage(
        progress.lesson.title,
        _("Finished before"),
        count,
        count,
        text="\n\n".join(map(_, FINISHED_BEFORE)),
        can_next=True,
        next_label=_("Go on"),
        can_begin_again=True,
        language=progress.lesson.language,
    )


def _end_of(progress: LessonProgress, following: tuple[str, str] | None, farewell: str) -> LessonPage:
    found: list[tuple[str, str]] = []
    marks = list[Grade]()
    for place, given in sorted(progress.answers.items()):
        question, verdict = progress.lesson.steps[place].question, progress.verdicts[place]
        assert question is not None
        if isinstance(given, Skipped):
            verdict = _("Skipped. {verdict}").format(verdict=verdict).rstrip()
        found.append((question.text, verdict))
        if place in progress.outcomes:
            marks.append(mark(question, given, progress.outcomes[place].value))
    answers = progress.answers.values()
    curves, sentences = (sum(isinstance(given, kind) for given in answers) for kind in (DrawnCurve, str))
    count = len(progress.lesson.steps)
    return LessonPage(
        progress.lesson.title,
        _("What you found"),
        count,
        count,
        can_back=True,
        can_next=following is not None,
        next_label="" if following is None else _("Next lesson"),
        language=progress.lesson.language,
        ending=Ending(tuple(found), _score(marks, curves, sentences), *(following or ("", farewell))),
    )


def _score(marks: Sequence[Grade], curves: int, sentences: int) -> str:
    """Count the right guesses among those that can be right: a curve can only be close, a sentence not even that."""
    right, close, wrong, skipped = (marks.count(name) for name in ("right", "close", "wrong", "skipped"))
    scored, parts = right + close + wrong, list[str]()
    if scored:
        some = ngettext("{right} of {count} guess right", "{right} of {count} guesses right", scored)
        parts.append(some.format(right=right, count=scored))
    if close:
        parts.append(ngettext("{count} close", "{count} close", close).format(count=close))
    if skipped:
        parts.append(ngettext("{count} skipped", "{count} skipped", skipped).format(count=skipped))
    if scored and curves:
        not_counted = ngettext("the drawn curve is not counted", "{count} drawn curves are not counted", curves)
        parts.append(not_counted.format(count=curves))
    if scored and sentences:
        not_counted = ngettext("the sentence is not counted", "{count} sentences are not counted", sentences)
        parts.append(not_counted.format(count=sentences))
    return ", ".join(parts)


def _task(step: lesson.LessonStep, next_act: int) -> tuple[str, str]:
    """Return the task, with completed parts ticked, and the text of the button that runs it."""
    match step.action:
        case lesson.TrainTo(step=last):
            is_of_page_before = isinstance(step.action, lesson.TrainOn)
            task = _("The network of the page before goes on, with other samples.") if is_of_page_before else ""
            return task, _("Train to step {step}").format(step=count_text(last))
        case lesson.RunExperiment():
            return "", _("Run it")
        case lesson.Goal(text=text):
            return text, _("Check")
    if len(step.acts) < 2:
        return "".join(act.text for act in step.acts), ""
    return "\n".join(f"{DONE if k < next_act else OPEN}{act.text}" for k, act in enumerate(step.acts)), ""


def _question(step: lesson.LessonStep, is_drawn: bool) -> AskedQuestion | None:
    match step.question:
        case lesson.ChoiceQuestion(text=text, choices=choices):
            return AskedQuestion(text, "choice", choices=tuple(choice.text for choice in choices))
        case lesson.NumberQuestion(text=text, unit=unit, low=low, high=high):
            return AskedQuestion(text, "number", unit=unit, low=low, high=high)
        case lesson.CurveQuestion(text=text, low=low, high=high):
            return AskedQuestion(text, "curve", low=low, high=high, is_drawn=is_drawn)
        case lesson.SentenceQuestion(text=text):
            return AskedQuestion(text, "sentence")
    return None
