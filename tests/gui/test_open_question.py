"""While a lesson waits for a guess, nothing on the screen answers it; afterwards all of it is there."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from tests.by_hand import network_by_hand, train_by_hand
from tests.gui.conftest import child
from tests.not_none import not_none
from tinynet_gui.core.config import Config
from tinynet_gui.core.lessons.playing.predictions import Answer, DrawnCurve
from tinynet_gui.core.lessons.reading.reader import read_lesson
from tinynet_gui.core.training.start import make_dataset
from tinynet_gui.ui.features.training import TRAINING
from tinynet_gui.ui.window.main_window import MainWindow

HEAD = '+++\ntitle = "Ours"\nabout = "For tests."\nminutes = 1\n+++\n'
ASK = 'ask = "Will it diverge?"\nchoices = [{text = "yes", when = "diverged == 1"}, {text = "no", when = "otherwise"}]'
TRAIN = f"{ASK}\ntrain_to = 20"
CURVE = 'ask = "Draw it."\ncurve = {from = -3, to = 3, of = "target"}'
FAR = "x=100,110,120,130&y=1,2,3,5&hidden=4&lr=10"


class Teacher:
    """Plays a lesson of blocks; an empty one is a page to be read."""

    def __init__(self, window: MainWindow, qtbot: QtBot) -> None:
        self.window, self._qtbot = window, qtbot

    def begin(self, *blocks: str) -> None:
        parts = [f"```lesson\n{block}\n```\n\n" if block else "" for block in blocks]
        pages = (f"## {number}\n\nRead.\n\n{part}" for number, part in enumerate(parts))
        self.window.context.lesson_player.begin(read_lesson(f"{HEAD}\n{''.join(pages)}"))
        self.wait_for("ask", "act", "done")

    def wait_for(self, *stages: str) -> None:
        player = self.window.context.lesson_player
        self.wait(lambda: player.progress is not None and player.progress.status in stages)

    def wait(self, condition: Callable[[], bool]) -> None:
        self._qtbot.waitUntil(condition)

    def next(self) -> None:
        self.window.context.lesson_player.go_next()
        self.wait_for("ask")
        self.settle()

    def settle(self) -> None:
        """Wait until nothing is on its way any more."""
        keys, jobs = ("preview", "band", "run curves", "curves"), self.window.program.jobs
        self.wait(lambda: not any(map(jobs.is_running, keys)))

    def answer(self, given: Answer = 0) -> None:
        self.window.context.lesson_player.answer(given)
        self.wait_for("act", "done")


@pytest.fixture
def teacher(window: MainWindow, qtbot: QtBot) -> Teacher:
    return Teacher(window, qtbot)


def test_no_warning_of_what_is_to_come(teacher: Teacher) -> None:
    window, jobs = teacher.window, teacher.window.program.jobs
    teacher.begin(f'setting = "{FAR}"\n{TRAIN}')
    rests = child(window, QTimer, "scaleDelay")
    teacher.wait(lambda: not rests.isActive() and not jobs.is_running("scale"))  # by then it is known
    assert window.features["why"].banner.isHidden()
    teacher.answer()
    assert "too large" in window.features["why"].banner.text()
    assert window.features["why"].banner.isVisible()


def test_no_future_no_seeds_and_no_other_runs_are_drawn(teacher: Teacher) -> None:
    window = teacher.window
    layers, losses, session = (
        window.views.function_plot.layers,
        window.views.loss_plot.layers.runs,
        window.session,
    )
    teacher.begin('until = "step >= 0"\ndo = "Wait."', TRAIN)
    teacher.wait_for("done")
    session.set_view(shows_preview=True)
    window.views.function_plot.switches.seeds.setChecked(True)
    session.keep()
    session.edit({"network.seed": 7})
    teacher.wait(lambda: layers.ghost.preview is not None and len(layers.band.legend_entries()) > 0)
    teacher.wait(lambda: len(losses.losses) == 1)

    def drawn() -> list[bool]:
        band = layers.band.legend_entries()
        return [layers.ghost.preview is not None, bool(band), bool(losses.losses), bool(layers.runs.drawn_curves())]

    teacher.next()
    assert not any(drawn())
    session.edit({"network.seed": 8})
    teacher.settle()
    assert not any(drawn())
    window.context.lesson_player.go_back()  # what that page was about may be seen again
    teacher.wait(lambda: drawn()[1])
    window.context.lesson_player.go_next()
    assert not any(drawn())
    teacher.answer()
    session.edit({"network.seed": 9})
    teacher.wait(lambda: all(drawn()[:3]))


def test_no_earlier_experiment_is_shown(teacher: Teacher) -> None:
    window = teacher.window
    experiments, swarm = window.views.experiments, window.views.function_plot.layers.swarm
    run = 'setting = "hidden=2&stop=20"\nexperiment = {kind = "swarm", runs = 60, name = "few"}'
    teacher.begin(run, TRAIN, "")
    window.context.lesson_player.act()
    teacher.wait_for("done")
    assert swarm.legend_entries()
    experiments.run("swarm", 1_000)  # the learner's own, which would go on
    teacher.next()
    teacher.wait(lambda: not experiments.is_running)
    assert experiments.result is None
    window.context.lesson_player.go_back()
    experiments.run("swarm", 50)
    teacher.wait(lambda: not experiments.is_running)
    assert experiments.result is not None
    window.context.lesson_player.go_next()
    assert experiments.result is None
    assert not swarm.legend_entries()


def test_the_network_gives_no_output_for_what_is_typed(teacher: Teacher) -> None:
    field, output = child(teacher.window, QLineEdit, "functionInput"), child(teacher.window, QLabel, "functionOutput")
    teacher.begin(f'setting = "hidden=2&stop=20"\n{TRAIN}')
    field.setText("30")
    teacher.wait(lambda: output.text() == "waits for your guess")
    teacher.answer()
    teacher.wait(lambda: output.text().replace("−", "-").removeprefix("-").replace(".", "").isdigit())


def test_no_map_of_trainings_is_drawn(teacher: Teacher) -> None:
    window = teacher.window
    where = "lr:0.001:3/scale:0.1:10"
    block = f'setting = "hidden=2&stop=20&map={where}/end"\nshow = ["view.map"]'
    teacher.begin(f'{block}\nuntil = "step >= 0"\ndo = "Look."', f"{block}\n{TRAIN}")
    teacher.wait(lambda: window.views.map.picture is not None)
    teacher.next()
    assert window.views.map.picture is None
    assert "guess" in window.views.map.trouble
    window.session.set_view(map=f"{where}/loss")  # of which nothing is trained
    teacher.wait(lambda: window.views.map.picture is not None)
    window.session.set_view(map=f"{where}/end")
    assert window.views.map.picture is None
    teacher.answer()
    teacher.wait(lambda: window.views.map.picture is not None and not window.views.map.trouble)


def test_the_true_function_is_not_drawn_while_it_is_asked_for(teacher: Teacher) -> None:
    truth = teacher.window.views.function_plot.layers.truth
    teacher.begin(CURVE)
    assert truth.drawn() is None
    assert not truth.legend_entries()
    teacher.answer(DrawnCurve(np.linspace(-3, 3, 9), np.linspace(-3, 3, 9)))
    x, y = not_none(truth.drawn())
    np.testing.assert_allclose(y, x**2, rtol=1e-5)


def test_after_the_lesson_nothing_is_held_back(teacher: Teacher) -> None:
    teacher.begin(TRAIN)
    assert teacher.window.session.state.question_is_open
    teacher.window.context.lesson_player.leave()
    assert not teacher.window.session.state.question_is_open


def test_nothing_trains_until_the_guess_is_made(teacher: Teacher) -> None:
    window, run = teacher.window, child(teacher.window, QPushButton, "experimentRun")
    teacher.begin('until = "step >= 1"\ndo = "Wait."', TRAIN)
    window.session.edit({"training.stop_step": 100_000_000})
    window.actions_["actionStart"].trigger()
    teacher.wait_for("done")
    teacher.next()
    assert not window.session.state.is_running
    assert not any(window.actions_[name].isEnabled() for name in TRAINING)
    assert not run.isEnabled()
    assert "guess" in window.views.experiments.answer()
    teacher.answer()
    assert all(window.actions_[name].isEnabled() for name in TRAINING)
    teacher.wait(run.isEnabled)


def test_what_is_measured_is_the_step_that_was_asked_about(teacher: Teacher) -> None:
    window, player = teacher.window, teacher.window.context.lesson_player
    teacher.begin(
        'setting = "hidden=3"\nask = "What will it be?"\nnumber = {answer = "loss", low = 0, high = 99, near = 1}\n'
        'train_to = 100\nremember = {then = "step"}'
    )
    teacher.answer(5)
    window.session.fast_forward(700)
    teacher.wait(lambda: window.session.state.run.step == 700 and not window.session.state.is_running)
    player.act()
    teacher.wait_for("done")
    progress, snapshot = not_none(player.progress), not_none(window.session.state.snapshot)
    assert (progress.known["then"], snapshot.step) == (100, 100)
    data = make_dataset(Config().data)
    torch.manual_seed(2)
    losses = train_by_hand(network_by_hand([3]), torch.tensor(data.x_train), torch.tensor(data.y_train), 101)
    assert progress.outcomes[0].value == pytest.approx(losses[100], rel=1e-4)
