"""Questions, and a moment's measurements, to test the course of a lesson with."""

from typing import Any

from tinynet_gui.core.lessons.expression import parse_expression
from tinynet_gui.core.lessons.lesson import (
    Choice,
    ChoiceQuestion,
    CurveQuestion,
    Do,
    Lesson,
    LessonStep,
    NumberQuestion,
)

CHOICES = ChoiceQuestion(
    "What will it draw?",
    (
        Choice("a parabola", parse_expression("within < 0.1")),
        Choice("a line", parse_expression("within < 1")),
        Choice("something else", None),
    ),
)
NUMBER = NumberQuestion("How many?", parse_expression("100 * sweep.failed / sweep.seeds"), "%", 0.0, 100.0, 5.0)
CURVE = CurveQuestion("Draw it.", 3.0, 6.0, "network")
DO = Do("Press Start.", parse_expression("step >= 100"), "startButton")


def lesson_of(*steps: LessonStep, title: str = "A lesson") -> Lesson:
    return Lesson(title, "About it.", 5, frozenset({"view.microscope"}), steps)


def measured_of(within: float = 0.5, step: float = 0.0) -> dict[str, Any]:
    return {"within": within, "step": step, "output": lambda x: 2 * x, "target": lambda x: x**2}
