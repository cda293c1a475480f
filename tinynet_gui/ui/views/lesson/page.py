"""All that a page of a lesson shows."""

from dataclasses import dataclass
from typing import Literal

Stage = Literal["ask", "act", "done"]


@dataclass(frozen=True)
class Question:
    """What is asked before something is done.

    Attributes
    ----------
    text
        Plain words.
    kind
        Whether one of `choices`, a number, or a curve is the answer.
    choices
        What can be chosen, in plain words.
    unit, low, high
        Of a number; or the range of x of a curve.
    is_drawn
        Whether there is a curve that can be given as the answer.
    """

    text: str
    kind: Literal["choice", "number", "curve"]
    choices: tuple[str, ...] = ()
    unit: str = ""
    low: float = 0.0
    high: float = 0.0
    is_drawn: bool = False


@dataclass(frozen=True)
class LessonPage:
    """One step of a lesson, as it stands.

    Attributes
    ----------
    lesson, title
        Of the lesson and of the step.
    number, count
        Which step it is, from 1, and how many there are.
    text, reveal
        Markdown: what is read first, and what is read in the end.
    answer
        What has been answered: the place of a choice, or a number; None if nothing has been, or a curve.
    stage
        Whether the question is to be answered, something is to be done, or all is done.
    task
        What the learner is to do, in plain words; "" if there is nothing.
    action
        What the button says that does it, "" if there is none.
    is_running
        Whether that is under way.
    verdict
        A sentence on the answer.
    hindrance, can_open
        Why a goal has not been reached, and whether there is a run that shows it.
    can_back, can_next
        Whether there is a page before, and whether the next one can be read.
    next_label
        What comes next.
    """

    lesson: str
    title: str
    number: int
    count: int
    text: str = ""
    question: Question | None = None
    answer: int | float | None = None
    stage: Stage = "done"
    task: str = ""
    action: str = ""
    is_running: bool = False
    verdict: str = ""
    reveal: str = ""
    hindrance: str = ""
    can_open: bool = False
    can_back: bool = False
    can_next: bool = False
    next_label: str = "Next"
