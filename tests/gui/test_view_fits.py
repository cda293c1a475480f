"""What of a plot is in view: all samples of the moment, after whatever was done; what was zoomed by hand stays."""

from collections.abc import Callable
from random import Random

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.gui.conftest import is_at, train_to
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.lessons.playing.predictions import Skipped
from tinynet_gui.core.lessons.reading.reader import bundled_lessons, read_lesson_file
from tinynet_gui.core.run.session import new_session
from tinynet_gui.core.training.start import points_of
from tinynet_gui.ui.views.loss_plot.scene import SMALLEST
from tinynet_gui.ui.views.runs.controller import CURVES
from tinynet_gui.ui.widgets.plots.plot_menu import Range
from tinynet_gui.ui.window.main_window import MainWindow

IS_PAINTED = False  # which part of a plot is in view is asked, not how it looks
ACTS = 40
FAR_UP = Points([-1.0, 0.0, 30.0], [900.0, 1_000.0, 1_001.0])
SETTINGS: dict[str, tuple[object, ...]] = {
    "data.target": ("square", "sin"),
    "data.x_max": (3.0, 8.5),
    "data.noise": (0.0, 3.0),
    "data.points": (None, FAR_UP),
    "network.hidden": ((10,), (1,), (3, 3)),
    "training.learning_rate": (0.001, 0.01, 10.0),
}
ZOOM = (Range(0.5, 0.75), Range(-0.25, 0.25))


def _view(window: MainWindow) -> np.ndarray:
    return np.array(window.views.function_plot.plot.getViewBox().viewRange())


def _has_all_samples_in_view(window: MainWindow) -> bool:
    points, ((left, right), (low, high)) = points_of(window.session.config.data), _view(window)
    return bool(((points.x > left) & (points.x < right) & (points.y > low) & (points.y < high)).all())


def _has_all_losses_in_view(window: MainWindow) -> bool:
    steps, losses = window.session.state.run.losses.curve(10_000)
    drawn = np.log10(np.maximum(losses, SMALLEST)) if window.views.loss_plot.is_log else losses
    (left, right), (low, high) = window.views.loss_plot.plot.getViewBox().viewRange()
    return bool(((steps >= left) & (steps < right) & (drawn >= low) & (drawn < high)).all())


class User:
    """Holds a window and a die, and remembers whether the view is the user's."""

    def __init__(self, window: MainWindow, qtbot: QtBot, seed: int) -> None:
        self.window, self.session, self.qtbot, self.die = window, window.session, qtbot, Random(seed)
        self.has_zoomed = False
        self.acts: tuple[Callable[[], object], ...] = (self.train, self.look_back, self.set_something, self.trigger)
        self.acts += (self.set_something, self.tick, self.open, self.zoom, self.show_everything, self.switch_axis)

    def act(self) -> None:
        """Do something, and wait until all of it is seen."""
        act, before = self.die.choice(self.acts), self._run()
        print(act.__name__, act())
        self.settle()
        self.has_zoomed &= self._run() == before

    def settle(self) -> None:
        """Wait until nothing is computed any more."""
        self.qtbot.waitUntil(self._stands)
        QApplication.processEvents()
        self.qtbot.waitUntil(lambda: not self.window.program.jobs.is_running(CURVES))

    def _run(self) -> tuple[int, int]:
        return self.session.state.run.id, self.session.state.session_number

    def _stands(self) -> bool:
        state = self.session.state
        is_there = state.past is not None or not state.looks_back
        is_there = is_there and state.snapshot is not None and state.snapshot.run_id == state.run.id
        return is_there and not state.is_running

    def train(self) -> object:
        step = self.session.state.run.step + self.die.choice((1, 50, 200))
        self.session.fast_forward(step)
        return step

    def look_back(self) -> object:
        step = self.die.choice((None, 0, self.die.randint(0, self.session.state.run.step)))
        self.session.look_at(step)
        return step

    def set_something(self) -> object:
        path = self.die.choice(list(SETTINGS))
        self.session.edit({path: self.die.choice(SETTINGS[path])})
        return path

    def trigger(self) -> object:
        name = self.die.choice(("actionReset", "actionUndo", "actionRedo", "actionNewSeed"))
        self.window.actions_[name].trigger()
        return name

    def tick(self) -> object:
        run, is_shown = self.die.choice(self.session.state.session.runs), self.die.choice((True, False))
        self.session.show_run(run.id, is_shown)
        return run.id, is_shown

    def open(self) -> object:
        points = self.die.choice((None, FAR_UP))
        self.session.take_over(new_session(Config().replace("data.points", points)))
        return points

    def zoom(self) -> object:
        self.window.views.function_plot.plot.setRange(xRange=ZOOM[0], yRange=ZOOM[1], padding=0)
        self.has_zoomed = True
        return ZOOM

    def switch_axis(self) -> object:
        self.window.views.loss_plot.set_log(not self.window.views.loss_plot.is_log)
        return self.window.views.loss_plot.is_log

    def show_everything(self) -> None:
        self.window.views.function_plot.view.show_everything()
        self.has_zoomed = False


@pytest.mark.parametrize("seed", range(4))
def test_all_samples_are_in_view_unless_the_user_zoomed(window: MainWindow, qtbot: QtBot, seed: int) -> None:
    user = User(window, qtbot, seed)
    for _ in range(ACTS):
        user.act()
        if user.has_zoomed:
            assert _view(window).tolist() == [[*ZOOM[0]], [*ZOOM[1]]]
        else:
            assert _has_all_samples_in_view(window), _view(window)
        assert _has_all_losses_in_view(window)


def test_an_unticked_diverged_run_no_longer_affects_the_view(window: MainWindow, qtbot: QtBot) -> None:
    user = User(window, qtbot, 0)
    window.session.edit({"training.learning_rate": 10.0})
    window.session.fast_forward(300)
    user.settle()
    diverged = window.session.state.run.id
    window.session.keep()
    window.session.edit({"training.learning_rate": 0.01, "network.seed": 5})
    train_to(window, qtbot, 300)
    views = []
    for is_shown in (False, True, False):  # at first it is, once its curve has been computed
        window.session.show_run(diverged, is_shown)
        user.settle()
        views.append(_view(window))
        assert is_shown == (views[-1][1, 1] > 1e6)
    assert views[2] == pytest.approx(views[0])


def test_each_page_of_a_lesson_and_its_end_show_everything(window: MainWindow, qtbot: QtBot) -> None:
    user, player = User(window, qtbot, 0), window.context.lesson_player
    losses = window.views.loss_plot.plot.getViewBox()

    def finish_page() -> None:
        def is_done() -> bool:
            assert player.progress is not None
            if player.progress.status == "ask":
                player.answer(Skipped())
            elif player.progress.status == "act" and not player.is_busy:
                player.act()
            return bool(player.progress.status == "done")

        qtbot.waitUntil(is_done, timeout=20_000)

    player.begin(read_lesson_file(bundled_lessons()[0], {}))
    finish_page()
    for act in (player.go_next, player.go_back, player.leave):
        user.zoom()
        window.views.loss_plot.view.menu.range_chosen.emit(*ZOOM)
        act()
        user.settle()
        assert _has_all_samples_in_view(window), act
        assert losses.viewRange()[0][1] > 100, act


def test_what_was_zoomed_stays_until_the_run_ends(window: MainWindow, qtbot: QtBot) -> None:
    user = User(window, qtbot, 0)
    losses = window.views.loss_plot.plot.getViewBox()
    everything = losses.viewRange()
    user.zoom()
    window.views.loss_plot.view.menu.range_chosen.emit(*ZOOM)
    train_to(window, qtbot, 300)
    window.session.edit({"training.learning_rate": 0.01})  # it goes on
    train_to(window, qtbot, 400)
    for plot in (window.views.function_plot.plot, window.views.loss_plot.plot):
        assert plot.getViewBox().viewRange() == [[*ZOOM[0]], [*ZOOM[1]]]
    window.session.reset()
    qtbot.waitUntil(lambda: is_at(window, 0))
    assert _has_all_samples_in_view(window)
    assert losses.viewRange()[0] == pytest.approx(everything[0])
