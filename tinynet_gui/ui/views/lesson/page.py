"""The content of a page of a lesson."""

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from tinynet_gui.core.text.language import ENGLISH
from tinynet_gui.core.values import dataclass

PageStatus = Literal["ask", "act", "done"]


@dataclass(frozen=True)
class AskedQuestion:
    """The question before an action.

    Attributes
    ----------
    text
        Plain words.
    kind
        Whether one of `choices`, a number, or a curve is the answer.
    choices
        The possible answers, in plain words.
    unit, low, high
        Of a number; or the range of x of a curve.
    is_drawn
        Whether there is a drawn curve to answer with.
    """

    text: str
    kind: Literal["choice", "number", "curve"]
    choices: tuple[str, ...] = ()
    unit: str = ""
    low: float = 0.0
    high: float = 0.0
    is_drawn: bool = False


@dataclass(frozen=True)
class Ending:
    """What the page after the last one says, in plain words.

    Attributes
    ----------
    found
        Of each question its text, and what was guessed and came.
    score
        How many guesses were right; "" if nothing was asked.
    following, about
        The title of the lesson that follows, if one does, and its subject; else what there is to say at the end.
    """

    found: tuple[tuple[str, str], ...]
    score: str
    following: str = ""
    about: str = ""


@dataclass(frozen=True)
class LessonPage:
    """One step of a lesson, in its present state.

    Attributes
    ----------
    lesson, title
        Of the lesson and of the step.
    number, count
        The step's number, from 1, and the number of steps.
    text, reveal
        Markdown: the text at the beginning, and at the end.
    answer
        The answer given: the index of a choice, or a number; None if there is none, or a curve.
    status
        Whether it waits for an answer, for an action, or is done.
    task
        The learner's task, in plain words; "" if there is none.
    action
        The text of the button that does it, "" if there is none.
    is_running, is_training
        Whether the action is in progress; whether the task is, for it is to train.
    verdict
        A sentence about the answer: how near it was, or when that will be said.
    hindrance, can_open
        Why a goal has not been reached, and whether there is a run that shows that.
    hint
        Help with a goal that was not reached.
    strayed
        What was changed that the page is about; "" if nothing.
    can_back, can_next
        Whether there is a previous page, and whether the next one is available.
    next_label
        The text of the Next button, if it does not just say so.
    pictures
        Those in its Markdown, as files, by name.
    ending
        In place of all this on the page after the last.
    can_begin_again
        Whether this only asks if a finished lesson is to be looked at, or to begin again.
    language
        The code of the lesson's language.
    """

    lesson: str
    title: str
    number: int
    count: int
    text: str = ""
    question: AskedQuestion | None = None
    answer: int | float | None = None
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
        """What tells it from other pages."""
        return self.lesson, self.number, self.ending is not None, self.can_begin_again


def news_of(page: LessonPage, before: LessonPage | None, reveal: str) -> str:
    """Return what to say of a page, of a new one if there was none before, with its reveal in plain words; or ""."""
    if before is None:
        question = page.question.text if page.question is not None and page.status == "ask" else page.task
        return "\n".join(filter(None, (page.title, question)))
    if (page.verdict, page.reveal) != (before.verdict, before.reveal):
        return "\n".join(filter(None, (page.verdict, reveal)))
    if page.strayed != before.strayed:
        return page.strayed
    return page.hindrance if page.hindrance != before.hindrance else ""
