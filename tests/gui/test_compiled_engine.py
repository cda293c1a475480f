"""The compiled engine in the window: its choice, fast-forward, the end in sight."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QPoint, Qt, QThread
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.conftest import child, key_text, shown_snapshot, train_to
from tinynet_gui.core.config import Config
from tinynet_gui.core.network.refs import NeuronRef
from tinynet_gui.core.timeline.preview import preview_end
from tinynet_gui.core.training.pace import PACES
from tinynet_gui.core.training.trainer import Trainer
from tinynet_gui.engine.jobs.computations import Experiment, experiment
from tinynet_gui.engine.training.backends import StepCosts, take_steps
from tinynet_gui.ui.controllers.preview_controller import KEY
from tinynet_gui.ui.views.experiments.controller import EXPERIMENT
from tinynet_gui.ui.window.main_window import MainWindow

MakeWindow = Callable[..., MainWindow]


def _wait_beyond(window: MainWindow, qtbot: QtBot, step: int) -> None:
    qtbot.waitUntil(lambda: shown_snapshot(window).step > step)


def _field(window: MainWindow, name: str) -> Any:
    found = window.findChild(QWidget, name)
    assert found is not None
    return found


def test_auto_takes_pytorch_as_long_as_it_keeps_up(window: MainWindow, qtbot: QtBot) -> None:
    window.session.edit({"training.stop_step": 100_000_000})
    label = child(window, QLabel, "phaseLabel")
    for steps, engine in ((1, "PyTorch"), (100_000, "Compiled")):
        index = next(i for i, pace in enumerate(PACES) if pace.steps_per_frame == steps)
        window.session.set_pace(index)
        window.session.start()
        _wait_beyond(window, qtbot, 20 * steps)
        assert window.session.state.status.engine == engine
        window.session.pause()  # the status bar has the last word at once
        assert f"computed by {engine}" in label.toolTip()


def test_fast_forward_to_the_stop_step_and_on(window: MainWindow, qtbot: QtBot) -> None:
    window.actions_["actionToEnd"].trigger()
    qtbot.waitUntil(lambda: window.session.state.status.phase == "finished")
    assert shown_snapshot(window).step == 10_000
    assert shown_snapshot(window).train_loss == pytest.approx(0.064684, rel=1e-3)
    window.actions_["actionToEnd"].trigger()
    qtbot.waitUntil(lambda: shown_snapshot(window).step == 20_000)
    assert len(window.loss_plot.curve()[0]) > 100


def test_a_long_fast_forward_shows_progress_and_can_be_cancelled(window: MainWindow, qtbot: QtBot) -> None:
    window.session.edit({"network.hidden": (300, 300)})
    window.session.fast_forward(10_000_000)
    cancel = child(window, QToolButton, "fastForwardCancel")
    assert not cancel.isVisible()
    qtbot.waitUntil(lambda: cancel.isVisible() and window.session.state.snapshot is not None)
    qtbot.waitUntil(lambda: shown_snapshot(window).step > 0)
    QTest.mouseClick(cancel, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.session.state.is_running)
    assert not cancel.isVisible()
    assert shown_snapshot(window).step < 10_000_000


def test_the_end_follows_a_field(window: MainWindow, qtbot: QtBot) -> None:
    assert window.function_plot.layers.ghost.drawn() is None
    _field(window, "learningRate").setValue(0.002)
    qtbot.waitUntil(lambda: window.function_plot.layers.ghost.drawn() is not None)
    expected = preview_end(window.session.config, np.zeros(1, dtype=np.uint8))
    assert expected is not None
    ghost = window.function_plot.layers.ghost.drawn()
    assert ghost is not None
    np.testing.assert_array_equal(ghost[1], expected.output)
    losses = window.loss_plot.layers.ghost.drawn()
    assert losses is not None
    np.testing.assert_array_equal(losses[0], expected.steps)
    assert f"{expected.final_loss:.4g}"[:5] in window.loss_plot.layers.ghost.text()
    window.actions_["actionStart"].trigger()  # what is to come is not shown over what is
    assert window.function_plot.layers.ghost.drawn() is None


@pytest.mark.parametrize("step", [0, 150, 300])
def test_the_end_in_sight_is_what_start_will_do(window: MainWindow, qtbot: QtBot, step: int) -> None:
    """Of a branch from its step on, with a run that has ended to its next stop, and else from the beginning."""
    window.session.edit({"training.stop_step": 300})
    if step:
        train_to(window, qtbot, 300)
    if step == 150:
        window.session.look_at(step)
        qtbot.waitUntil(lambda: window.session.state.past is not None)
    ghost = window.function_plot.layers.ghost
    window.session.edit({"training.learning_rate": 0.004})
    qtbot.waitUntil(lambda: ghost.preview is not None and ghost.preview.config == window.session.config)
    found, drawn = ghost.preview, window.loss_plot.layers.ghost.drawn()
    assert found is not None
    assert drawn is not None
    end = 600 if step == 300 else 300
    assert (found.start_step, found.end_step, drawn[0][0]) == (step, end, step)
    assert f"ghost: trained from step {step} to {end}" in key_text(window)
    window.session.set_engine("compiled")
    train_to(window, qtbot, end)
    np.testing.assert_allclose(found.output, shown_snapshot(window).output, rtol=1e-5, atol=1e-5)


def test_nothing_is_foretold_of_a_network_of_which_a_part_is_frozen(window: MainWindow, qtbot: QtBot) -> None:
    train_to(window, qtbot, 20)
    window.session.freeze(NeuronRef(0, 1), True)
    window.session.edit({"training.learning_rate": 0.004})
    assert not window.program.jobs.is_running(KEY)
    assert window.function_plot.layers.ghost.preview is None


def test_of_many_changes_the_last_one_is_shown(window: MainWindow, qtbot: QtBot) -> None:
    field = _field(window, "learningRate")
    label = next(label for label in window.panel.findChildren(QLabel) if label.buddy() is field)
    start = QPoint(5, label.height() // 2)
    QTest.mousePress(label, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(label, start + QPoint(9, 0))
    QTest.mouseMove(label, start + QPoint(17, 0))
    QTest.mouseRelease(label, Qt.MouseButton.LeftButton, pos=start + QPoint(17, 0))
    assert window.session.config.training.learning_rate == pytest.approx(0.005)
    qtbot.waitUntil(lambda: window.function_plot.layers.ghost.drawn() is not None)
    for rate in np.geomspace(0.0005, 0.005, 40):
        window.session.edit({"training.learning_rate": float(rate)})
    last = preview_end(window.session.config, np.zeros(1, dtype=np.uint8))
    assert last is not None

    def shows_the_last() -> bool:
        ghost = window.function_plot.layers.ghost.drawn()
        return ghost is not None and np.array_equal(ghost[1], last.output)

    qtbot.waitUntil(shows_the_last)
    window.session.edit({"training.learning_rate": 10.0})
    qtbot.waitUntil(lambda: "diverges at step" in window.loss_plot.layers.ghost.text())


def test_the_end_in_sight_can_be_switched_off(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Config] = []
    monkeypatch.setattr(window.program.jobs, "submit", lambda key, function, config, *_, **__: asked.append(config))
    switch = window.actions_["actionEndInSight"]
    switch.trigger()
    window.session.edit({"training.learning_rate": 0.002})
    assert not window.session.state.session.view.shows_preview
    assert asked == []
    switch.trigger()
    window.session.edit({"training.learning_rate": 0.003})
    assert asked == [window.session.config]


def test_the_window_answers_while_a_swarm_uses_all_cores(window: MainWindow, qtbot: QtBot) -> None:
    window.experiments.run_wanted.emit("swarm", 10_000)
    for _ in range(5):
        window.actions_["actionStep"].trigger()
        _wait_beyond(window, qtbot, shown_snapshot(window).step)
    assert window.program.jobs.is_running(EXPERIMENT)  # which takes seconds: no step had to wait for it
    child(window, QToolButton, "experimentCancel").click()


def test_a_program_ends_with_all_its_threads(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window()
    program = window.program
    qtbot.waitUntil(lambda: program.session.state.status.compiled == "ready")
    wanted = Experiment("swarm", Config(), 1_000)
    answers: list[object] = []
    program.jobs.submit("experiment", experiment, wanted, on_result=answers.append)
    program.session.edit({"training.learning_rate": 0.003})
    threads = program.findChildren(QThread)
    assert {"experiment", "preview", "training"} <= {thread.objectName() for thread in threads if thread.isRunning()}
    program.shut_down()
    assert not any(thread.isRunning() for thread in threads)
    QCoreApplication.processEvents()
    assert answers == []


@pytest.mark.parametrize("record_every", [1, 2, 3, 1_000])
@pytest.mark.parametrize("steps", [1, 2, 3, 4, 100])
def test_no_chunk_ends_where_the_loss_is_not_finite(steps: int, record_every: int) -> None:
    trainer = Trainer(Config().replace("training.learning_rate", 10.0))
    stop = np.zeros(1, dtype=np.uint8)
    for _ in range(5):
        _, states = take_steps(trainer, "Compiled", steps, stop, StepCosts(), record_every)
        assert np.isfinite(trainer.loss())
        assert all(state.step <= trainer.step for state in states)
    assert (trainer.step, trainer.diverged_at) == (2, 3)


def test_what_is_recorded_on_the_way_is_the_run_itself() -> None:
    whole, parts = Trainer(Config()), Trainer(Config())
    stop = np.zeros(1, dtype=np.uint8)
    losses, states = take_steps(whole, "Compiled", 1_000, stop, StepCosts(), 130)
    assert [state.step for state in states] == [1, 2, 4, 8, 16, 32, 64, 128, 130, 260, 390, 520, 650, 780, 910]
    assert len(losses) == whole.step == 1_000
    some_losses = []
    for state in states:
        some_losses.append(take_steps(parts, "Compiled", state.step - parts.step, stop, StepCosts())[0])
        for mine, expected in zip(parts.state().parameters, state.parameters, strict=True):
            np.testing.assert_array_equal(mine, expected)
    np.testing.assert_array_equal(np.concatenate(some_losses), losses[:910])


def test_a_run_that_is_over_in_a_moment_has_a_record_of_the_way(window: MainWindow, qtbot: QtBot) -> None:
    """Each dot that is drawn lies where PyTorch's own run, step by step, has it; nothing is drawn between them."""
    window.session.edit({"data.held_out": 0.3, "training.learning_rate": 0.03})
    window.session.fast_forward(2_000)
    qtbot.waitUntil(lambda: window.session.state.status.phase == "finished")
    steps, losses = window.loss_plot.layers.own.held_out_points()
    assert len(steps) > 100
    trainer, truth = Trainer(window.session.config), []
    for _ in range(2_001):
        truth.append(trainer.snapshot(0).validation_loss)
        trainer.run(1)
    np.testing.assert_allclose(10**losses, np.array(truth)[steps.astype(int)], rtol=1e-3)
    assert len(window.session.state.run.checkpoints) > 100
    view = window.inspector.numbers.movement_view
    qtbot.waitUntil(lambda: len(view.lines()[0]) > 100)
    steps, moved = view.lines()
    assert np.ptp(np.diff(moved[:, 0]) / np.diff(steps)) > 0  # no straight line
