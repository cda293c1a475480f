"""Every lesson is played to its end in the window; what it reveals is what is so."""

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.gui.conftest import WAIT_MS
from tests.gui.lesson_learner import Act, Learner
from tests.lesson_facts import assert_says, python
from tinynet_gui.core.lessons.lesson import ChoiceQuestion, Do, Lesson, NumberQuestion
from tinynet_gui.core.lessons.reader import read_lesson_file
from tinynet_gui.ui.controllers.lessons_controller import own_lessons
from tinynet_gui.ui.window.main_window import MainWindow

FILES = own_lessons()


RIGHT = ("Right", "Very close")


def _find_a_bad_seed(learner: Learner) -> None:
    for seed in range(200):
        learner.edit(network__seed=seed)
        learner.train_to(10_000)
        if learner.progress.stage == "done":
            return


def _reach(step: int, **changes: Any) -> Act:
    def act(learner: Learner) -> None:
        if changes:
            learner.edit(**changes)
        if step:
            learner.train_to(step)

    return act


# How what is to be done by hand is done, by the condition that it is to bring about.
ACTS: dict[str, Act] = {
    "seed != 2": lambda learner: learner.trigger("actionNewSeed"),
    "neurons == 1000": _reach(0, network__hidden=(1000,)),
    "step >= 1": lambda learner: learner.trigger("actionStep"),
    "step >= 10000": _reach(10_000),
    "step >= 10000 and loss > 1": _find_a_bad_seed,
    "loss < 0.05 and neurons <= 5": _reach(
        0, network__hidden=(5,), training__learning_rate=0.01, training__stop_step=20_000
    ),
    "loss < 1 and neurons <= 5": _reach(0, network__hidden=(5,), network__activation="leaky_relu"),
    "noise == 1 and within < 0.3 and step >= 1000": _reach(10_000, data__noise=1.0, data__sample_count=1_000),
    "loss < 0.05 and parameters <= 100": _reach(
        0, network__hidden=(33,), training__optimizer="adam", training__learning_rate=0.01, training__stop_step=10_000
    ),
    "abs(output(5) - 25) < 2": _reach(
        10_000,
        data__x_min=-6.0,
        data__x_max=6.0,
        data__sample_count=100,
        network__hidden=(30,),
        training__optimizer="adam",
        training__learning_rate=0.01,
    ),
}


@pytest.fixture
def ready(window: MainWindow, qtbot: QtBot) -> MainWindow:
    qtbot.waitUntil(lambda: window.session.state.status.compiled == "ready", timeout=WAIT_MS)
    return window


def _assert_true(learner: Learner, lesson: Lesson) -> dict[int, Any]:
    """What was revealed is so, and each verdict is just; return what would have been right."""
    right: dict[int, Any] = {}
    for place, step in enumerate(lesson.steps):
        facts, progress = learner.facts[place], learner.progress
        assert_says(progress.revealed[place], step.reveal, facts)
        match step.question:
            case ChoiceQuestion(choices=choices):
                holds = [choice.when is None or python(choice.when.text, facts) == 1.0 for choice in choices]
                right[place] = holds.index(True)
                said = progress.verdicts[place]
                if progress.answers[place] != right[place]:
                    assert choices[right[place]].text in said
            case NumberQuestion(answer=answer):
                right[place] = python(answer.text, facts)
    return right


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
@pytest.mark.parametrize(("seeds", "skips"), [((2, 2), False), ((7, 7), False), ((11, 11), True)])
def test_it_is_played_to_its_end(
    ready: MainWindow, qtbot: QtBot, file: Path, seeds: tuple[int, int], skips: bool
) -> None:
    lesson = read_lesson_file(file)
    learner = Learner(ready, qtbot, ACTS, {}, skips)
    learner.play(lesson, seeds)
    right = _assert_true(learner, lesson)
    assert learner.progress.is_finished
    if seeds == (2, 2):
        again = Learner(ready, qtbot, ACTS, right)
        again.play(lesson, seeds)
        assert _assert_true(again, lesson) == right
        for place, verdict in again.progress.verdicts.items():
            assert place not in right or verdict.startswith(RIGHT), verdict
    ready.actions_["actionLessonLeave"].trigger()
    assert ready.lesson_player.progress is None


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_it_points_at_is_there(window: MainWindow, file: Path) -> None:
    for step in read_lesson_file(file).steps:
        if isinstance(step.action, Do) and step.action.point_at:
            name = step.action.point_at
            if name.startswith("action"):
                assert window.actions_[name] is not None
            else:
                assert window.findChild(QWidget, name) is not None, name
