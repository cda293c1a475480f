"""Reloading: a lesson whose file has changed while it is played."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import takewhile

import numpy as np

from tinynet_gui.core.lessons.expression import Scope
from tinynet_gui.core.lessons.lesson import CurveQuestion, Do, DoInOrder, Goal, Lesson, LessonStep
from tinynet_gui.core.lessons.measurements import joined
from tinynet_gui.core.lessons.playing.course import LessonProgress, StepStatus, cut_back, scope_of
from tinynet_gui.core.lessons.playing.predictions import curve_numbers
from tinynet_gui.core.lessons.template import fill
from tinynet_gui.core.text.language import speaking


def reloaded(progress: LessonProgress, lesson: Lesson, measured: Scope) -> LessonProgress:
    """Return the progress in another version of its lesson.

    The page shown stays if it and all before it still ask and do the same; otherwise the first that does not is entered
    again, and what came later is forgotten. Changed words are filled in with current measurements, as those of the time
    when the page was read are gone.
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
    """Return the numbers of the curve that was drawn at a step, beside the one that came."""
    question, came = progress.lesson.steps[place].question, progress.outcomes.get(place)
    if not isinstance(question, CurveQuestion) or came is None or (curve := came.curve) is None:
        return {}
    name = "output" if question.of == "network" else "target"
    scope = {name: lambda x: float(np.interp(x, curve.x, curve.y))}
    return curve_numbers(question, progress.answers[place], scope)


def _doing(step: LessonStep) -> LessonStep:
    """Return what a step asks and does, without the words around it."""
    action = step.action
    acts = tuple(replace(act, text="", point_at="") for act in step.acts)
    if isinstance(action, Do):
        [action] = acts
    elif isinstance(action, DoInOrder):
        action = DoInOrder(acts)
    elif isinstance(action, Goal):
        action = replace(action, text="", hint="")
    return replace(step, title="", text="", reveal="", show=(), action=action)
