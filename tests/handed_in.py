"""Answers that a class hands in, made up from a seed."""

import random
from pathlib import Path

from tests.questions import CHOICES, CURVE, NUMBER, lesson_of, measured_of
from tinynet_gui.core.lessons.answers import SUFFIX, Answers, answers_of, write_answers
from tinynet_gui.core.lessons.expression import parse_expression
from tinynet_gui.core.lessons.lesson import LessonStep, NumberQuestion
from tinynet_gui.core.lessons.playing.course import LessonProgress, answer, at_time, begin, entered, go_next
from tinynet_gui.core.lessons.playing.predictions import DrawnCurve, Skipped

LOSS = NumberQuestion(NUMBER.text, parse_expression("100 * within"), "%", 0.0, 100.0, 5.0)
LESSON = lesson_of(
    LessonStep("One", "", question=CHOICES),
    LessonStep("Two", "", question=LOSS),
    LessonStep("Three", "", question=CURVE),
)


def played(*guesses: int | float | DrawnCurve | None, within: float = 0.5, seconds: float = 4.0) -> LessonProgress:
    """A learner who has given these guesses; None skips."""
    progress, now = begin(LESSON), 0.0
    for place, guess in enumerate(guesses):
        progress = at_time(entered(go_next(progress) if place else progress, measured_of(within)), now, 1_000)
        now += seconds
        given = Skipped() if guess is None else guess
        progress = at_time(answer(progress, given, measured_of(within)), now, 1_001)
    return progress


def class_of(count: int, seed: int = 0) -> list[Answers]:
    """The answers of so many learners; some skip, some leave early, every fifth has no name."""
    draw = random.Random(seed)
    found = []
    for number in range(count):
        curve = DrawnCurve([3, 4, 6], [draw.uniform(0, 10) for _ in range(3)])
        guesses = [
            draw.choice([0, 1, 2, None]),
            draw.choice([draw.uniform(0, 100), 50.0, None]),
            draw.choice([curve, None]),
        ]
        progress = played(*guesses[: draw.choice([1, 2, 3, 3])], within=draw.choice([0.05, 0.4, 0.5]))
        found.append(answers_of(progress, "" if number % 5 == 4 else f"Learner {number:02}", 2_000 + number))
    return found


def hand_in(folder: Path, *answers: Answers) -> list[Path]:
    """Write them, each to a file."""
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"{place:03}{SUFFIX}" for place in range(len(answers))]
    for file, each in zip(files, answers, strict=True):
        file.write_bytes(write_answers(each))
    return files
