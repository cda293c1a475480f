"""A learner who has done all there is in a lesson."""

import math
from functools import cache

from tests.questions import CHOICES, CURVE, NUMBER, lesson_of, measured_of
from tinynet_gui.core.config import Config
from tinynet_gui.core.lessons.expression import parse_expression
from tinynet_gui.core.lessons.lesson import LessonStep, RunExperiment, TrainTo
from tinynet_gui.core.lessons.playing.course import LessonProgress, acted, answer, begin, entered, go_next
from tinynet_gui.core.lessons.playing.predictions import DrawnCurve, Skipped


@cache
def played_through() -> LessonProgress:
    """A learner who has done all there is."""
    lesson = lesson_of(
        LessonStep("One", "", question=CURVE, action=TrainTo(10)),
        LessonStep("Two", "", setting=Config(), question=NUMBER, action=RunExperiment("swarm", 64, "sweep")),
        LessonStep("Three", "", question=CHOICES, remember=(("far", parse_expression("1 / 0")),)),
    )
    progress = answer(entered(begin(lesson), measured_of()), DrawnCurve([3, 6], [0.1, 1 / 3]), measured_of())
    progress = go_next(acted(progress, measured_of()))
    progress = answer(entered(progress, measured_of()), Skipped(), measured_of())
    progress = acted(progress, measured_of(), {"sweep.failed": 3.0, "sweep.seeds": 64.0, "sweep.worst": math.inf})
    return answer(entered(go_next(progress), measured_of()), 0, measured_of())
