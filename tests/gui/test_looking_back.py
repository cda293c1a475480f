"""The past of a run in the real program: exact, played, branched from; and by the window's time line."""

from functools import partial
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QTimer
from PySide6.QtWidgets import QLabel, QToolButton
from pytestqt.qtbot import QtBot

import tinynet_gui.core as tiny
from tests.e2e.play import label
from tests.gui.conftest import MakeProgram, child, destroy, drag, train_to
from tests.not_none import not_none
from tests.runs import PATIENT, assert_same_state
from tinynet_gui.core.config import Config, changed_paths
from tinynet_gui.core.network.forward import output_curve
from tinynet_gui.core.network.refs import NeuronRef
from tinynet_gui.core.run.replay import Replay
from tinynet_gui.core.run.run import BranchPoint
from tinynet_gui.core.run.session import new_session
from tinynet_gui.core.text.numbers import loss_text
from tinynet_gui.core.training.engines import FULL_SPEED, PACES
from tinynet_gui.engine.program import Program
from tinynet_gui.engine.session.app_state import Playing
from tinynet_gui.engine.session.past import Player
from tinynet_gui.ui.features.training import CHOSEN, NONE_HELD_OUT
from tinynet_gui.ui.widgets.accessibility import wrapped
from tinynet_gui.ui.widgets.fields.number_fields import NumberField
from tinynet_gui.ui.window.frame.status import PHASES
from tinynet_gui.ui.window.main_window import MainWindow

IS_PAINTED = False  # what is where, and what is said, is looked at


@pytest.fixture
def program(make_program: MakeProgram, qtbot: QtBot) -> Program:
    """A program whose run has come to step 3,000, the learning rate having been changed at 1,000."""
    config = Config().replace("training.learning_rate", 0.01)
    program = make_program(config, prepare=lambda program: program.session.set_engine("compiled"))
    session = program.session
    qtbot.waitUntil(lambda: session.state.status.pytorch == "ready")
    for rate, step in ((0.01, 1_000), (0.003, 3_000)):
        session.edit({"training.learning_rate": rate})
        session.fast_forward(step)
        qtbot.waitUntil(partial(_has_come_to, program, step))
    return program


def _has_come_to(program: Program, step: int) -> bool:
    return program.session.state.run.step == step and not program.session.state.is_running


def _look(program: Program, qtbot: QtBot, step: int | None) -> None:
    program.session.look_at(step)
    qtbot.waitUntil(lambda: program.session.state.past is not None or step is None)


def test_looking_back_pauses_and_start_retraces_first(program: Program, qtbot: QtBot) -> None:
    session = program.session
    child(program, QTimer, "pastPatience").setInterval(0)  # on a slow machine the nearest moment often comes first
    session.set_pace(FULL_SPEED)
    session.start()
    session.look_at(500)
    assert not session.state.is_running
    qtbot.waitUntil(lambda: session.state.past is not None)
    seen: list[int] = []
    session.changed.connect(lambda _, new: seen.append(new.snapshot.step) if new.looks_back and new.snapshot else None)
    session.start()
    assert session.state.is_moving
    qtbot.waitUntil(lambda: not session.state.looks_back)
    assert seen == sorted(seen)
    assert len(set(seen)) > 3
    qtbot.waitUntil(lambda: session.state.run.step >= 10_000)
    assert [run.id for run in session.state.session.runs] == [1]


def test_a_change_waits_for_the_exact_moment_or_is_dropped(program: Program, qtbot: QtBot) -> None:
    session = program.session
    session.look_at(777)
    session.edit({"training.learning_rate": 0.002})
    session.reset()
    session.undo()
    qtbot.waitUntil(lambda: session.state.past is not None)
    assert (session.state.run.id, session.state.session.cursor.step) == (1, 777)
    assert session.config.training.learning_rate == 0.01
    session.look_at(888)
    assert session.state.past is None
    session.edit({"training.learning_rate": 0.002})
    session.freeze(NeuronRef(0, 1), True)
    qtbot.waitUntil(lambda: session.state.run.id > 1)
    qtbot.waitUntil(lambda: session.state.run.rule_at(888).frozen == {NeuronRef(0, 1)})
    assert session.config.training.learning_rate == 0.002
    assert session.state.run.step == 888


def test_the_nearest_moment_shows_until_the_exact_one_is_there(program: Program, qtbot: QtBot) -> None:
    session = program.session
    known = [state.step for state in session.state.run.checkpoints]
    session.look_at(777)
    child(program, QTimer, "pastPatience").timeout.emit()
    shown = not_none(session.state.snapshot)
    assert shown.step == min(known, key=lambda step: abs(step - 777))
    qtbot.waitUntil(lambda: session.state.past is not None)
    assert not_none(session.state.snapshot).step == 777
    session.compiled_changed("failed", "it is not there")
    session.look_at(888)
    qtbot.waitUntil(lambda: session.state.past is not None)
    assert session.state.session.cursor.step == min(known, key=lambda step: abs(step - 888))


def test_a_restored_moment_becomes_exact_once_an_engine_loads(program: Program, qtbot: QtBot) -> None:
    _look(program, qtbot, 777)
    again = Program(session=program.session.state.session)
    session, steps = again.session, list[int]()
    session.changed.connect(lambda _, new: steps.append(new.snapshot.step) if new.snapshot is not None else None)
    again.open()
    qtbot.waitUntil(lambda: session.state.past is not None)
    assert session.state.session.cursor.step == 777
    known = min((state.step for state in session.state.run.checkpoints), key=lambda step: abs(step - 777))
    assert set(steps) <= {known, 777}  # meanwhile the nearest
    again.shut_down()
    destroy(again)


class Script:
    """A session that notes where a player goes; each moment is there at once."""

    def __init__(self, program: Program, qtbot: QtBot) -> None:
        self.session, self.qtbot, self.now = program.session, qtbot, 0.0
        child(program, QTimer, "player").blockSignals(True)  # this one plays
        self.player = Player(program.session, program, lambda: self.now)
        child(self.player, QTimer, "player").setInterval(1_000_000)

    def steps(self, seconds: float, ticks: int) -> list[int | None]:
        found: list[int | None] = []
        for _ in range(ticks):
            self.now += seconds / ticks
            self.qtbot.waitUntil(lambda: self.session.state.past is not None or not self.session.state.looks_back)
            self.player.tick()
            found.append(self.session.state.session.cursor.step)
        return found


@pytest.mark.parametrize(
    ("playing", "first", "expected"),
    [
        (Playing(), 2_970, [2_980, 2_990, None]),
        (Playing(-1), 30, [20, 10, 0]),
        (Playing(1, (100, 120)), 105, [115, 104, 114]),
        (Playing(-1, (100, 120)), 105, [116, 106, 117]),
    ],
)
def test_the_past_is_played(
    program: Program, qtbot: QtBot, playing: Playing, first: int, expected: list[int | None]
) -> None:
    session = program.session
    session.set_pace(next(k for k, pace in enumerate(PACES) if pace.steps_per_second == 10))
    _look(program, qtbot, first)
    script = Script(program, qtbot)
    session.play(playing)
    steps = script.steps(3.0001, 30)
    found: dict[Any, None] = dict.fromkeys(steps[9::10])
    assert list(found) == expected
    is_over = playing.loop is None
    assert (session.state.playing is None) is is_over
    script.player.stop()


def test_from_an_end_it_is_played_from_the_other(program: Program, qtbot: QtBot) -> None:
    session = program.session
    session.play(Playing())
    assert session.state.session.cursor.step == 0
    session.pause()
    assert session.state.playing is None
    session.look_at(None)
    session.play(Playing(-1))
    assert session.state.session.cursor.step == 2_999


def test_runs_are_opened_kept_shown_named_and_deleted(program: Program, qtbot: QtBot) -> None:
    session = program.session
    session.edit({"network.hidden": (3,)})
    session.keep()
    assert (session.state.run.is_kept, session.state.run.is_shown, session.state.run.step) == (True, True, 0)
    session.rename(2, " three\udcff ")
    session.star(1, True)
    session.open_kept_run(1)
    assert (session.state.run.id, session.state.run.is_starred) == (1, True)
    qtbot.waitUntil(lambda: session.state.snapshot is not None)
    assert not_none(session.state.snapshot).step == 3_000
    session.delete_run(1)  # it is looked at
    assert not session.state.run.is_deleted
    session.delete_run(2)
    assert session.state.session.run_of(2).is_deleted
    session.undo()
    assert not session.state.session.run_of(2).is_deleted
    assert session.state.session.run_of(2).name == "three?"  # half a character, which no file could have
    session.undo()
    assert session.state.run.id == 2


def _field(window: MainWindow, name: str) -> NumberField:
    return child(window.views.panel, NumberField, name)


@pytest.fixture
def trained(window: MainWindow, qtbot: QtBot) -> MainWindow:
    """A window whose run has come to step 2,000, the learning rate having been changed at 1,000."""
    train_to(window, qtbot, 1_000)
    window.session.edit({"training.learning_rate": 0.02})
    train_to(window, qtbot, 2_000)
    return window


def test_it_comes_with_the_first_step_into_its_own_place(window: MainWindow, qtbot: QtBot) -> None:
    assert not window.views.time_line.steps.track.isVisible()
    before = window.views.function_plot.geometry(), window.views.diagram.geometry()
    window.session.take_step()
    qtbot.waitUntil(window.views.time_line.steps.track.isVisible)
    assert (window.views.function_plot.geometry(), window.views.diagram.geometry()) == before
    window.session.reset()
    assert window.views.time_line.steps.track.isVisible()
    window.session.take_over(new_session(Config()))
    assert not window.views.time_line.steps.track.isVisible()


def test_before_the_first_step_the_task_is_shown_there(window: MainWindow, qtbot: QtBot) -> None:
    says = child(window, QLabel, "taskText")
    assert says.text() == "A network of 10 neurons learns y = x² from 20 samples. Press Start."
    window.session.edit({"network.hidden": (5,)})
    assert "5 neurons" in says.text()
    own = window.session.state.session
    window.session.take_over(new_session(Config()), suspended=own)
    assert says.text() == "A network of 10 neurons learns y = x² from 20 samples."  # the page says what to press
    window.session.take_step()
    qtbot.waitUntil(window.views.time_line.steps.track.isVisible)
    assert not says.isVisible()
    window.session.take_over(own)
    assert says.isVisible()
    assert says.text().endswith("Press Start.")


def test_a_drag_shows_each_moment_in_every_view(trained: MainWindow, qtbot: QtBot) -> None:
    session, track = trained.session, trained.views.time_line.steps.track
    rate = _field(trained, "learningRate")
    assert rate.value() == 0.02
    scale, y = track.scale, track.height() // 3
    start, end = (QPoint(round(scale.x_of(step)), y) for step in (1_900, 400))
    drag(track, start, (start + end) / 2, end)
    qtbot.waitUntil(lambda: trained.session.state.past is not None)
    step, snapshot = session.state.session.cursor.step, session.state.snapshot
    assert step is not None
    assert snapshot is not None
    assert snapshot.step == step == trained.views.time_line.steps.value()
    assert abs(step - 400) < 20
    state = Replay(session.state.run).state_at(step)
    for ours, theirs in zip(snapshot.state.parameters, state.parameters, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    x, y_shown = trained.views.function_plot.layers.network.curve()
    np.testing.assert_allclose(y_shown, output_curve(snapshot.layers, "relu", x.astype(np.float32)), atol=1e-5)
    assert rate.value() == 0.001
    assert label(trained, "stepLabel") == f"step {step} / 2,000"
    assert "past" in label(trained, "phaseLabel")
    child(trained, QToolButton, "timeLineLatest").click()
    assert rate.value() == 0.02
    assert "past" not in label(trained, "phaseLabel")


def test_a_change_in_the_past_branches_and_one_undo_reverts(trained: MainWindow, qtbot: QtBot) -> None:
    session = trained.session
    trained.views.time_line.steps.setValue(500)
    qtbot.waitUntil(lambda: trained.session.state.past is not None)
    _field(trained, "weightDecay").setValue(0.01)
    assert session.state.run.parent is not None
    assert (session.state.run.parent.run_id, session.state.run.parent.step) == (1, 500)
    assert "branch begins at step 500" in trained.frame.status.currentMessage()
    train_to(trained, qtbot, 800)
    assert trained.views.time_line.steps.maximum() == 800
    assert session.state.session.run_of(1).is_shown  # where it would have gone is to be seen beside it
    trained.actions_["actionUndo"].trigger()
    assert trained.views.time_line.steps.maximum() == 2_000
    assert trained.views.time_line.steps.value() == 500
    qtbot.waitUntil(lambda: any(mark.kind == "death" for mark in trained.views.time_line.steps.track.marks))
    assert _field(trained, "weightDecay").value() == 0


def test_a_training_pauses_by_itself_at_a_plateau_once(window: MainWindow, qtbot: QtBot) -> None:
    session = window.session
    session.set_view(pauses_at_plateau=True)
    session.edit({"training.stop_step": 100_000_000, "network.hidden": (1,)})
    session.set_pace(FULL_SPEED)
    session.start()
    qtbot.waitUntil(lambda: session.state.run.step > 0 and not session.state.is_running)
    there = session.state.run.step
    assert there < 100_000_000
    session.start()
    qtbot.waitUntil(lambda: session.state.run.step > there)
    assert session.state.is_running
    session.pause()


def test_a_training_that_gets_no_better_shows_its_best(window: MainWindow, qtbot: QtBot) -> None:
    session, to_best = window.session, window.actions_["actionGoToBest"]
    assert (to_best.isEnabled(), to_best.toolTip()) == (False, wrapped(NONE_HELD_OUT))
    session.set_engine("compiled")
    session.begin_with({path: PATIENT.get(path) for path in changed_paths(Config(), PATIENT)})
    said = list[str]()
    window.announced.connect(lambda words, *_: said.append(words))
    for more in range(2):
        session.fast_forward()
        qtbot.waitUntil(lambda: session.state.status.phase == "no better" and session.state.past is not None)
        assert (session.state.session.cursor.step, session.state.run.step) == (58, 98)  # the second time at once
        assert said[more] == f"Not better for 40 steps: its best is step 58. {CHOSEN}"
        session.look_at(None)
    assert child(window, QLabel, "phaseLabel").text() == PHASES["no better"]
    best = tiny.train(PATIENT, 58)
    to_best.trigger()
    qtbot.waitUntil(lambda: session.state.past is not None)
    lowest = loss_text(not_none(best.held_out_loss))
    assert said[2] == f"Lowest recorded held-out loss: {lowest}, at step 58. {CHOSEN}"
    assert_same_state(not_none(session.state.snapshot).state, best.state)
    session.edit({"training.patience": 60})  # a branch begins there as anywhere
    assert session.state.run.parent == BranchPoint(2, 58)
    session.fast_forward()
    qtbot.waitUntil(lambda: session.state.status.phase == "no better")
    assert session.state.run.step == 58 + 60
