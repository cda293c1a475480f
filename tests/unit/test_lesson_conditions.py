"""Why a goal is not reached, in words and with the learner's own numbers."""

import re
from pathlib import Path

import pytest

from tests.lessons import LESSON_FILES
from tinynet_gui.core.lessons.conditions import unmet_text
from tinynet_gui.core.lessons.expression import Scope, parse_condition
from tinynet_gui.core.lessons.lesson import Goal
from tinynet_gui.core.lessons.measured_names import RUN
from tinynet_gui.core.lessons.reader import read_lesson_file

NUMBERS = {"loss": 0.8, "step": 10_000.0, "neurons": 7.0, "noise": 0.0, "within": 0.29999999, "one": 0.25}
SCOPE: Scope = {**NUMBERS, "output": lambda x: 3 * x - 17}


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("loss < 0.5", "The loss is 0.8; the goal is below 0.5."),
        ("loss < 0.0000001", "The loss is 0.8; the goal is below 1·10⁻⁷."),
        ("loss < one", "The loss is 0.8; the goal is below 0.25."),
        ("loss < 1 and neurons <= 5", "The number of neurons is 7; the goal is at most 5."),
        (
            "loss < 0.5 and step == 0",
            "The loss is 0.8; the goal is below 0.5. The number of steps is 10,000; the goal is 0.",
        ),
        ("abs(output(5) - 25) < 2", "What the network gives at x = 5 is −2; the goal is between 23 and 27."),
        ("abs(output(-1) + 1) > 50", "“abs(output(−1) + 1)” is 19; the goal is above 50."),
        ("within > 0.3", "The distance from the truth is 0.29999999; the goal is above 0.3."),
        ("noise != 0", "The noise is 0; the goal is anything but 0."),
        ("loss < 1", ""),
        ("not loss < 1", "The goal is not loss < 1."),
        ("loss < 0.5 or neurons >= 8", "The goal is loss < 0.5 or neurons ≥ 8."),
        ("kinks > 2", "The number of kinks is NaN; the goal is above 2."),
    ],
)
def test_what_is_missing_is_said_in_words(condition: str, said: str) -> None:
    assert unmet_text(parse_condition(condition), SCOPE) == said


def test_everything_measured_has_words() -> None:
    for name, known in RUN.items():
        assert known.words, name
        assert known.words.count("{}") == len(known.parameters)


@pytest.mark.parametrize("file", LESSON_FILES, ids=lambda file: file.stem)
def test_no_goal_of_ours_is_told_in_code(file: Path) -> None:
    scope = dict.fromkeys((name for name, known in RUN.items() if not known.parameters), float("nan"))
    goals = [step.action for step in read_lesson_file(file).steps if isinstance(step.action, Goal)]
    for goal in goals:
        said = unmet_text(goal.condition, scope)
        assert said.count(" is ") >= 2
        assert not re.search(r"[<>=≤≥](?! )|\bx\w|[a-z]_|[a-z]\(", said.replace("x = ", "x "))
