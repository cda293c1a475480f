"""Serialises a learner's progress to plain values, for strict JSON, and back."""

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from itertools import takewhile
from typing import Any

import numpy as np

from tinynet_gui.core.config import IN_FILES, changed_paths
from tinynet_gui.core.config.setting import FIRST_FORMAT
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.lessons.expression import Scope
from tinynet_gui.core.lessons.lesson import MOST_STEPS, CurveQuestion, Do, DoInOrder, Goal, Lesson, LessonStep
from tinynet_gui.core.lessons.measurements import joined, with_functions
from tinynet_gui.core.lessons.playing.course import (
    LessonProgress,
    PageMoment,
    StepStatus,
    Times,
    begin,
    cut_back,
    scope_of,
)
from tinynet_gui.core.lessons.playing.predictions import Answer, DrawnCurve, Outcome, Skipped, curve_numbers
from tinynet_gui.core.lessons.template import fill
from tinynet_gui.core.text.language import speaking

MOST_MOMENTS = 1_000_000  # bytes, of all moments
_TEXTS = ("verdicts", "texts", "revealed")


def to_plain(progress: LessonProgress) -> dict[str, Any]:
    moments = progress.moments
    return {
        "version": max((seen.config.format for seen in moments.values()), default=FIRST_FORMAT),
        "lesson": progress.lesson.fingerprint,
        "at": progress.at,
        "reached": progress.reached,
        "stage": progress.status,
        "answers": {str(place): plain_value(given) for place, given in progress.answers.items()},
        "known": {name: plain_value(value) for name, value in progress.known.items()},
        **{name: {str(k): text for k, text in getattr(progress, name).items()} for name in _TEXTS},
        "moments": _moments_to_plain(moments),
        "outcomes": {
            str(p): [plain_value(came.value), plain_value(came.curve)] for p, came in progress.outcomes.items()
        },
        "is_at_end": progress.is_at_end,
        "times": progress.times.to_plain(),
    }


def _moments_to_plain(moments: Mapping[int, PageMoment]) -> dict[str, Any]:
    """Return the moments from the latest page to the first, each as its differences from the one before it here.

    Beyond `MOST_MOMENTS`, those of the first pages are dropped.
    """
    found: dict[str, Any] = {}
    before, nbytes = IN_FILES, 0
    for place in sorted(moments, reverse=True):
        config = moments[place].config
        changed = {path: config.get(path) for path in changed_paths(before, config)}
        plain = {path: value.to_dict() if isinstance(value, Points) else value for path, value in changed.items()}
        nbytes += len(json.dumps(plain))
        if nbytes > MOST_MOMENTS:
            break
        found[str(place)] = [plain, moments[place].step]
        before = config
    return found


def _read_moments(plain: Mapping[str, Any]) -> dict[int, PageMoment]:
    if len(plain) > MOST_STEPS:
        raise ValueError("there are more moments than pages")
    found: dict[int, PageMoment] = {}
    config = IN_FILES
    for place, (changes, step) in plain.items():
        config = config.with_changes(changes)
        found[int(place)] = PageMoment(config, int(step))
    return found


def from_plain(plain: object, lesson: Lesson) -> LessonProgress:
    """Read a learner's progress; the beginning if the values are invalid or belong to another lesson."""
    try:
        return _read(plain, lesson)
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError):
        return begin(lesson)


def plain_value(value: Answer | Skipped | None) -> object:
    """Return an answer or a result for JSON: None if there is none, and text for a number that is not finite."""
    match value:
        case Skipped():
            return None
        case DrawnCurve(x=x, y=y):
            return {"x": x.tolist(), "y": y.tolist()}
        case float() if not math.isfinite(value):
            return str(value)
    return value


def _read_curve(plain: Any) -> DrawnCurve | None:
    return None if plain is None else DrawnCurve(plain["x"], plain["y"])


def _read_answer(plain: Any) -> Answer | Skipped:
    if plain is None:
        return Skipped()
    if isinstance(plain, dict):
        return DrawnCurve(plain["x"], plain["y"])
    if isinstance(plain, bool) or not isinstance(plain, int | float):
        raise TypeError(f"{plain} is not an answer")
    return plain


def _read(plain: Any, lesson: Lesson) -> LessonProgress:
    if plain["lesson"] != lesson.fingerprint:
        raise ValueError("this is of another lesson")
    known = {str(name): float(value) for name, value in plain["known"].items()}
    with_functions(known)
    texts = {name: {int(place): str(text) for place, text in plain[name].items()} for name in _TEXTS}
    return LessonProgress(
        lesson,
        int(plain["at"]),
        int(plain["reached"]),
        plain["stage"],
        {int(place): _read_answer(given) for place, given in plain["answers"].items()},
        known=known,
        moments=_read_moments(plain["moments"]),
        outcomes={int(p): Outcome(float(value), _read_curve(curve)) for p, (value, curve) in plain["outcomes"].items()},
        is_at_end=bool(plain["is_at_end"]),
        times=Times.from_plain(plain["times"]),
        act=0,  # `noticed` finds the next act
        **texts,
    )


def reloaded(progress: LessonProgress, lesson: Lesson, measured: Scope) -> LessonProgress:
    """Transfer the progress to another version of its lesson.

    The page shown stays if it and all before it still ask and do the same; otherwise the first that does not is entered
    again, and later progress is dropped. Changed words are filled in with current measurements, as those of the time
    when the page was read are lost.
    """
    before, now = progress.lesson.steps, lesson.steps
    same = sum(1 for _ in takewhile(lambda pair: _doing(pair[0]) == _doing(pair[1]), zip(before, now, strict=False)))
    scope = scope_of(progress, measured)

    def filled(texts: Mapping[int, str], name: str) -> dict[int, str]:
        changed = [
            place for place in texts if place < same and getattr(now[place], name) != getattr(before[place], name)
        ]
        scopes = {place: joined(_drawn(progress, place), scope) for place in changed}
        with speaking(lesson.language):
            return {**texts, **{place: fill(getattr(now[place], name), scopes[place]) for place in changed}}

    texts, revealed = filled(progress.texts, "text"), filled(progress.revealed, "reveal")
    if same > progress.reached:
        is_at_end = progress.is_at_end and len(now) == len(before)
        return replace(progress, lesson=lesson, texts=texts, revealed=revealed, is_at_end=is_at_end)
    place = min(progress.at, same, len(now) - 1)
    status: StepStatus = "enter" if place == same else "done"
    return cut_back(progress, place, status, lesson=lesson, texts=texts, revealed=revealed)


def _drawn(progress: LessonProgress, place: int) -> dict[str, float]:
    """Return the numbers of a step's drawn curve, beside the right one."""
    question, came = progress.lesson.steps[place].question, progress.outcomes.get(place)
    if not isinstance(question, CurveQuestion) or came is None or (curve := came.curve) is None:
        return {}
    name = "output" if question.of == "network" else "target"
    scope = {name: lambda x: float(np.interp(x, curve.x, curve.y))}
    return curve_numbers(question, progress.answers[place], scope)


def _doing(step: LessonStep) -> LessonStep:
    """Return what a step asks and does, without its texts."""
    action = step.action
    acts = tuple(replace(act, text="", point_at="") for act in step.acts)
    if isinstance(action, Do):
        [action] = acts
    elif isinstance(action, DoInOrder):
        action = DoInOrder(acts)
    elif isinstance(action, Goal):
        action = replace(action, text="", hint="")
    return replace(step, title="", text="", reveal="", show=(), action=action)
