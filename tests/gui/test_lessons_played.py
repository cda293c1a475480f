"""Every lesson is played to its end in the window; what it reveals is what is so."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.conftest import child
from tests.gui.lesson_learner import Act, Learner
from tests.lesson_facts import assert_says, python
from tinynet_gui.core.experiments.table import EXPERIMENTS
from tinynet_gui.core.lessons.bundled_lessons import own_lessons
from tinynet_gui.core.lessons.lesson import ChoiceQuestion, Do, Lesson, NumberQuestion
from tinynet_gui.core.lessons.predictions import judge
from tinynet_gui.core.lessons.reader import read_lesson_file
from tinynet_gui.core.network.refs import ParameterRef
from tinynet_gui.engine.jobs.computations import Experiment, experiment
from tinynet_gui.engine.jobs.jobs import Job
from tinynet_gui.ui.views.experiments import controller as experiments_controller
from tinynet_gui.ui.window.main_window import MainWindow

FILES = own_lessons()


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


def _by_hand(arms: int, kink: float = 0.5, slope: float = 2.5) -> Act:
    """Set the weights of two neurons, one for each side."""

    def act(learner: Learner) -> None:
        for neuron, side in list(enumerate((1.0, -1.0)))[:arms]:
            for ref, value in (
                (ParameterRef(0, "weight", (neuron, 0)), side),
                (ParameterRef(0, "bias", (neuron,)), -kink),
                (ParameterRef(1, "weight", (0, neuron)), slope),
            ):
                learner.set(ref, value)

    return act


def _one_step(learner: Learner) -> None:
    learner.edit(training__learning_rate=0.24)
    learner.trigger("actionReset")
    learner.train_to(1)


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
    "loss < 0.05 and parameters <= 100": _reach(0, network__hidden=(30,), training__learning_rate=0.01),
    "abs(output(5) - 25) < 2": _reach(10_000, network__hidden=(100,), data__x_max=6.0),
    "within < 0.3 and step >= 1000": _reach(10_000, training__loss="l1"),
    "layers >= 2 and neurons <= 12 and loss < 0.03": _reach(0, network__hidden=(6, 6), training__learning_rate=0.01),
    "loss < 0.01 and parameters <= 320 and samples >= 20": _reach(
        0, network__hidden=(11, 11, 11), training__learning_rate=0.1
    ),
    "loss < 0.15 and step <= 300 and neurons <= 10 and samples >= 20": _reach(300, training__learning_rate=0.03),
    "output(3) - output(0) > 3 or diverged": _by_hand(arms=1),
    "loss < 1.5 and step == 0 and neurons == 2": _by_hand(arms=2),
    "loss < 0.0000001 and step == 0 and neurons == 2": _by_hand(arms=2, kink=0.0, slope=1.0),
    "step == 1": lambda learner: learner.trigger("actionStep"),
    "loss < 0.1 and step == 1 and samples == 1": _one_step,
}


def _make_few(wanted: Experiment, job: Job) -> object:
    """Make an experiment with as few runs as it may have, which are over soon."""
    config = wanted.config.replace("training.stop_step", min(1_000, wanted.config.training.stop_step))
    return experiment(replace(wanted, config=config, runs=EXPERIMENTS[wanted.kind].fewest), job)


def _assert_true(learner: Learner, lesson: Lesson) -> None:
    """What was revealed is so, and each verdict is just: that of what was answered, and that of what is right."""
    for place, step in enumerate(lesson.steps):
        facts, progress = learner.facts[place], learner.progress
        assert_says(progress.revealed[place], step.reveal, facts)
        right: float | None = None
        match step.question:
            case ChoiceQuestion(choices=choices):
                holds = [choice.when is None or python(choice.when.text, facts) == 1.0 for choice in choices]
                right = holds.index(True)
                if progress.answers[place] != right:
                    assert choices[right].text in progress.verdicts[place]
            case NumberQuestion(answer=answer):
                right = python(answer.text, facts)
        if step.question is not None and right is not None:
            assert judge(step.question, right, facts.scope).startswith("Right")


PLAYS = [(file, (2, 2), False) for file in FILES] + [(FILES[0], (7, 7), True)]


@pytest.mark.parametrize(("file", "seeds", "skips"), PLAYS, ids=lambda value: getattr(value, "stem", ""))
def test_it_is_played_to_its_end(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, file: Path, seeds: tuple[int, int], skips: bool
) -> None:
    """On the tutorial's seeds of the network and of the data, and once on others with nothing answered."""
    monkeypatch.setattr(experiments_controller, "experiment", _make_few)
    lesson = read_lesson_file(file)
    learner = Learner(window, qtbot, ACTS, skips)
    window.lesson_menu.file_chosen.emit(str(file))
    learner.play(lesson, seeds)
    assert learner.progress.is_finished
    _assert_true(learner, lesson)
    if file is not FILES[-1]:
        following = child(window.lesson, QPushButton, "lessonNext")
        assert (following.isEnabled(), following.text()) == (True, "Next lesson")
        if skips:
            following.click()
            learner.wait(lambda: learner.progress.lesson == read_lesson_file(FILES[1]))
    window.actions_["actionLessonLeave"].trigger()
    assert window.lesson_player.progress is None


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_it_points_at_is_there(window: MainWindow, file: Path) -> None:
    for step in read_lesson_file(file).steps:
        if isinstance(step.action, Do) and step.action.point_at:
            name = step.action.point_at
            if name.startswith("action"):
                assert window.actions_[name] is not None
            else:
                assert window.findChild(QWidget, name) is not None, name
