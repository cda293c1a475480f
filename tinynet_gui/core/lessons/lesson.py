"""A lesson as a value: the content of its file, validated."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field, fields, is_dataclass
from functools import cached_property
from typing import Literal

from tinynet_gui.core.config import Config
from tinynet_gui.core.lessons.expression import Expression
from tinynet_gui.core.text.language import ENGLISH
from tinynet_gui.core.values import frozen_dataclass


def fingerprint(lesson: object) -> str:
    """Return a hash that differs between lessons and between versions of one."""
    return hashlib.sha256("\0".join(_parts(lesson)).encode()).hexdigest()


def _parts(value: object) -> Iterator[str]:
    """Yield the parts of a lesson in order, as text that is the same in each process."""
    match value:
        case Expression():
            yield value.text
        case Config():
            yield value.to_json()
        case tuple():
            yield str(len(value))
            for part in value:
                yield from _parts(part)
        case frozenset():
            yield from _parts(tuple(sorted(value)))
        case _ if is_dataclass(value):
            yield type(value).__name__
            for f in (f for f in fields(value) if f.compare):
                yield from _parts(getattr(value, f.name))
        case _:
            yield repr(value)


MAX_STEPS, MAX_CHOICES = 60, 6
MAX_ACTS = 6
LARGEST = 1e12  # number in a question
LONGEST_SENTENCE = 1_000  # characters


@frozen_dataclass
class Do:
    """The learner does something; completed as soon as `until` holds. `point_at` is an object's name, or ""."""

    text: str
    until: Expression
    point_at: str = ""


@frozen_dataclass
class DoInOrder:
    """The learner does several things; completed once all hold. The next is the first that does not."""

    acts: tuple[Do, ...]


@frozen_dataclass
class TrainTo:
    """A button trains the current run to a step."""

    step: int


@frozen_dataclass
class TrainOn(TrainTo):
    """A button continues the network of the step before on a setting's samples, without a new run."""

    setting: Config


@frozen_dataclass
class RunExperiment:
    """A button runs an experiment with the current setting; its numbers begin with `name`: ``swarm.failed``."""

    kind: str
    runs: int
    name: str


@frozen_dataclass
class Goal:
    """A goal: for the current run or, with `seeds` > 0, for a given share of that number of seeds.

    The hint is shown once a check has failed.
    """

    text: str
    condition: Expression
    seeds: int = 0
    share: float = 1.0
    hint: str = ""


LessonAction = Do | DoInOrder | TrainTo | RunExperiment | Goal


@frozen_dataclass
class Choice:
    """An option; right if it is the first whose `when` holds, or if that is None."""

    text: str
    when: Expression | None


@frozen_dataclass
class ChoiceQuestion:
    """A multiple-choice prediction."""

    text: str
    choices: tuple[Choice, ...]


@frozen_dataclass
class NumberQuestion:
    """A predicted number from `low` to `high`; right if it is off by at most `near`."""

    text: str
    answer: Expression
    unit: str
    low: float
    high: float
    near: float


@frozen_dataclass
class CurveQuestion:
    """A predicted curve for x from `low` to `high`, drawn with the mouse."""

    text: str
    low: float
    high: float
    of: Literal["network", "target"]


@frozen_dataclass
class SentenceQuestion:
    """Asks for a sentence, which is not graded."""

    text: str


Question = ChoiceQuestion | NumberQuestion | CurveQuestion | SentenceQuestion


@frozen_dataclass
class LessonStep:
    """One step: the text to read first, its action, and the text to read when it is completed.

    Attributes
    ----------
    text, reveal
        Markdown in the language of `core.lessons.template`; `reveal` is shown when the step is completed.
    setting
        The setting for a new run when the step is entered, or None.
    fixed_seeds
        Whether the setting's seeds hold even if the lesson is played with others.
    show
        The names of the views to bring to the front, among `measured_names.SHOWABLE`.
    map
        The map that its setting wants, as `core.wording.maps.map_text` writes it, or "".
    large
        The view that gets most of the room while the page is shown, among `measured_names.LARGE`, or "". This is mere
        appearance: a page that differs only in it counts as the same.
    brings
        Parts of the plots that the text mentions, among `measured_names.BRINGABLE`: shown from this page on.
    remember
        Expressions evaluated when the step is completed, and kept by these names for later steps.
    """

    title: str
    text: str
    setting: Config | None = None
    fixed_seeds: bool = False
    show: tuple[str, ...] = ()
    action: LessonAction | None = None
    question: Question | None = None
    remember: tuple[tuple[str, Expression], ...] = ()
    reveal: str = ""
    map: str = ""
    large: str = field(default="", compare=False)
    brings: tuple[str, ...] = field(default=(), compare=False)

    @property
    def acts(self) -> tuple[Do, ...]:
        """What the learner does, in order; () if a button does it, or there is nothing to do."""
        match self.action:
            case Do():
                return (self.action,)
            case DoInOrder(acts=acts):
                return acts
        return ()


@frozen_dataclass
class Lesson:
    """A lesson.

    Attributes
    ----------
    hidden
        The names of what it hides while it is played, as in `ViewState.hidden`.
    pictures
        The files of the pictures in its texts, by name.
    language
        Its code, such as ``de``: the program's own words in it are in this language, too.
    """

    title: str
    about: str
    minutes: int
    hidden: frozenset[str]
    steps: tuple[LessonStep, ...]
    pictures: Mapping[str, bytes] = field(default_factory=dict, compare=False, repr=False)
    language: str = field(default=ENGLISH, compare=False)

    @cached_property
    def fingerprint(self) -> str:
        """A hash that differs between lessons and between versions of one."""
        return fingerprint(self)


_UNIT = re.compile(r"\[([^\[\]]+)\]$|\(([^()]+)\)$|\s/\s*(\S+)$")  # at the end of a name: [°C], (°C), / °C


def axes_of(steps: Sequence[LessonStep]) -> tuple[str, str]:
    """Return the titles of x and y in the latest setting of the steps; "" if it has none."""
    setting = next((step.setting for step in reversed(steps) if step.setting is not None), None)
    points = None if setting is None else setting.data.points
    return ("", "") if points is None else (points.x_name, points.y_name)


def unit_of(name: str) -> str:
    """Return the unit in the name of an axis, such as °C; "" if there is none."""
    return next(filter(None, found.groups())) if (found := _UNIT.search(name.strip())) else ""
