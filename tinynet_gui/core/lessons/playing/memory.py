"""Serialises a learner's progress to plain values, for strict JSON, and back."""

import json
import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from itertools import takewhile
from typing import Any

import numpy as np

from tinynet_gui.core.config import IN_FILES, changed_paths
from tinynet_gui.core.config.setting import FIRST_FORMAT
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.lessons import expression, measurements, template
from tinynet_gui.core.lessons.lesson import MAX_STEPS, CurveQuestion, Do, DoInOrder, Goal, Lesson, LessonStep
from tinynet_gui.core.lessons.playing import course
from tinynet_gui.core.lessons.playing.predictions import DrawnCurve, Skipped, curve_numbers
from tinynet_gui.core.storage.blobs import BlobReader, Memo
from tinynet_gui.core.storage.codec import Reader, Writer
from tinynet_gui.core.storage.plain_values import LARGEST_FLOAT, Plain, StorageError, as_plain_object, finite
from tinynet_gui.core.text.language import speaking

MAX_MOMENTS = 1_000_000  # bytes, of all moments
LONGEST_TEXT = 4_000_000  # characters: a file has no more


class LessonWriter(Writer):
    """Also writes answers, and numbers that are not finite, which JSON does not have, as text."""

    def __init__(self) -> None:
        super().__init__(Memo(), {})

    def plain(self, value: Any) -> Any:
        match value:
            case Skipped():
                return None
            case DrawnCurve(x=x, y=y):
                return {"x": x.tolist(), "y": y.tolist()}
            case float() if not math.isfinite(value):
                return str(value)
        return super().plain(value)


class LessonReader(Reader):
    """Also reads answers, and numbers that need not be finite."""

    longest = LONGEST_TEXT
    not_finite: Collection[str] = ("LessonProgress.known", "Outcome.value")

    def __init__(self) -> None:
        super().__init__(BlobReader(lambda _: b""), (), IN_FILES)

    def _one_of(self, kinds: tuple[Any, ...], value: Any, place: str, key: str) -> Any:
        if Skipped not in kinds:
            return super()._one_of(kinds, value, place, key)
        if value is None:
            return Skipped()
        if isinstance(value, dict):
            return self._curve(value, place, key)
        if isinstance(value, str):
            return self.read(str, value, place, key)
        return value if type(value) is int else finite(value, place)

    def _number(self, value: Any, place: str, key: str) -> float:
        if key in self.not_finite and value in ("inf", "-inf", "nan"):
            return float(value)
        return finite(value, place, self.most.get(key, LARGEST_FLOAT))

    def _curve(self, value: Any, place: str, _key: str) -> DrawnCurve:
        doc, most, points = as_plain_object(value, place), self.most.get("DrawnCurve", LARGEST_FLOAT), self.most_points
        doc.only("x", "y")
        x, y = ([finite(each, place, most) for each in doc.items(name, points)] for name in ("x", "y"))
        try:
            return DrawnCurve(x, y)
        except ValueError as error:
            raise StorageError(place, str(error)) from None

    most_points: int | None = None
    READERS: Mapping[Any, Callable[[Any, Any, str, str], Any]] = {**Reader.READERS, float: _number, DrawnCurve: _curve}


def to_plain(progress: course.LessonProgress) -> dict[str, Any]:
    writer, moments = LessonWriter(), progress.moments
    plain = writer.record(progress, "lesson", "moments", "act")
    version = max(writer.format, *(seen.config.format for seen in moments.values()), FIRST_FORMAT)
    return {"version": version, "lesson": progress.lesson.fingerprint, **plain, "moments": _moments_to_plain(moments)}


def _moments_to_plain(moments: Mapping[int, course.PageMoment]) -> dict[str, Any]:
    """Return the moments, latest page first, each as its differences from the one listed before it.

    Beyond `MAX_MOMENTS`, those of the first pages are dropped.
    """
    found: dict[str, Any] = {}
    before, nbytes = IN_FILES, 0
    for place in sorted(moments, reverse=True):
        config = moments[place].config
        changed = {path: config.get(path) for path in changed_paths(before, config)}
        plain = {path: value.to_dict() if isinstance(value, Points) else value for path, value in changed.items()}
        nbytes += len(json.dumps(plain))
        if nbytes > MAX_MOMENTS:
            break
        found[str(place)] = [plain, moments[place].step]
        before = config
    return found


def _read_moments(plain: Mapping[str, Any]) -> dict[int, course.PageMoment]:
    if len(plain) > MAX_STEPS:
        raise ValueError("there are more moments than pages")
    found: dict[int, course.PageMoment] = {}
    config = IN_FILES
    for place, (changes, step) in plain.items():
        config = config.with_changes(changes)
        found[int(place)] = course.PageMoment(config, int(step))
    return found


def from_plain(plain: Any, lesson: Lesson) -> course.LessonProgress:
    """Read a learner's progress; the beginning if the values are invalid or belong to another lesson."""
    try:
        doc, others = Plain(plain, "progress"), ("version", "lesson", "moments")
        given = {"lesson": lesson, "moments": _read_moments(plain["moments"]), "act": 0}  # `noticed` finds the next act
        progress: course.LessonProgress = LessonReader().record(course.LessonProgress, doc, *others, **given)
        measurements.with_functions(progress.known)
        return progress if plain["lesson"] == lesson.fingerprint else course.begin(lesson)
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError):
        return course.begin(lesson)


def reloaded(progress: course.LessonProgress, lesson: Lesson, measured: expression.Scope) -> course.LessonProgress:
    """Transfer the progress to another version of its lesson.

    The page shown stays if it and all before it still ask and do the same; otherwise the first that does not is entered
    again, and later progress is dropped. Changed words are filled in with current measurements, as those of the time
    when the page was read are lost.
    """
    before, now = progress.lesson.steps, lesson.steps
    same = sum(1 for _ in takewhile(lambda pair: _task(pair[0]) == _task(pair[1]), zip(before, now, strict=False)))
    scope = course.scope_of(progress, measured)

    def filled(texts: Mapping[int, str], name: str) -> dict[int, str]:
        changed = [
            place for place in texts if place < same and getattr(now[place], name) != getattr(before[place], name)
        ]
        scopes = {place: measurements.scope_with(_drawn(progress, place), scope) for place in changed}
        with speaking(lesson.language):
            return {**texts, **{place: template.fill(getattr(now[place], name), scopes[place]) for place in changed}}

    texts, revealed = filled(progress.texts, "text"), filled(progress.revealed, "reveal")
    if same > progress.reached:
        is_at_end = progress.is_at_end and len(now) == len(before)
        return replace(progress, lesson=lesson, texts=texts, revealed=revealed, is_at_end=is_at_end)
    place = min(progress.at, same, len(now) - 1)
    status: course.StepStatus = "enter" if place == same else "done"
    return course.cut_back(progress, place, status, lesson=lesson, texts=texts, revealed=revealed)


def _drawn(progress: course.LessonProgress, place: int) -> dict[str, float]:
    """Return the numbers of a step's drawn curve, beside the right one."""
    question, came = progress.lesson.steps[place].question, progress.outcomes.get(place)
    if not isinstance(question, CurveQuestion) or came is None or (curve := came.curve) is None:
        return {}
    name = "output" if question.of == "network" else "target"
    scope = {name: lambda x: float(np.interp(x, curve.x, curve.y))}
    return curve_numbers(question, progress.answers[place], scope)


def _task(step: LessonStep) -> LessonStep:
    """Return what a step asks and does: the step without its texts and appearance, to compare versions of a lesson."""
    action = step.action
    acts = tuple(replace(act, text="", point_at="") for act in step.acts)
    if isinstance(action, Do):
        [action] = acts
    elif isinstance(action, DoInOrder):
        action = DoInOrder(acts)
    elif isinstance(action, Goal):
        action = replace(action, text="", hint="")
    return replace(step, title="", text="", reveal="", show=(), action=action)
