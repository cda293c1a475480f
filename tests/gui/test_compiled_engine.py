"""What is said of a run follows what is done to it: phase, engine, speed; fast-forward, and the end in sight."""

import dataclasses
import math
from functools import partial
from unittest.mock import Mock

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QToolButton
from pytestqt.qtbot import QtBot

from tests.gui.conftest import FollowSnapshots, child, heard, is_at, key_text, shown_snapshot, train_to
from tests.gui.shared_window import SharedWindow
from tests.not_none import not_none
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.network.refs import NeuronRef, ParameterRef
from tinynet_gui.core.run.events import LARGEST
from tinynet_gui.core.run.train import preview_end
from tinynet_gui.core.training.engines import PACES, EngineChoice, EngineName
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.training.start import points_of
from tinynet_gui.core.training.trainer import Trainer, advance
from tinynet_gui.engine.training.training_thread import TrainingThread
from tinynet_gui.ui.features.preview import KEY as PREVIEW
from tinynet_gui.ui.views.experiments.controller import EXPERIMENT
from tinynet_gui.ui.widgets.dialogs import LAST_STEP, StepDialog
from tinynet_gui.ui.widgets.fields.number_fields import NumberField
from tinynet_gui.ui.window.main_window import MainWindow

IS_PAINTED = False  # what is where, and what is said, is looked at


def _wait_beyond(window: MainWindow, qtbot: QtBot, step: int) -> None:
    qtbot.waitUntil(lambda: shown_snapshot(window).step > step)


def _wait_for_phase(window: MainWindow, qtbot: QtBot, phase: str) -> None:
    qtbot.waitUntil(lambda: window.session.state.status.phase == phase)


def test_auto_takes_pytorch_as_long_as_it_keeps_up(window: MainWindow, qtbot: QtBot) -> None:
    window.session.edit({"training.stop_step": 100_000_000})
    label = child(window, QLabel, "phaseLabel")
    for steps, engine in ((1, "PyTorch"), (100_000, "Compiled")):
        index = next(i for i, pace in enumerate(PACES) if pace.steps_per_frame == steps)
        window.session.set_pace(index)
        window.session.start()
        _wait_beyond(window, qtbot, 5 * steps)
        assert window.session.state.status.engine == engine
        window.session.pause()  # the status bar has the last word at once
        assert f"computed by {engine}" in label.toolTip()


def test_at_the_stop_step_it_goes_on_for_as_many_again(window: MainWindow, qtbot: QtBot) -> None:
    window.session.edit({"training.stop_step": 150})
    for place, action in enumerate(("actionToEnd", "actionToEnd", "actionStart", "actionStart"), 1):
        window.actions_[action].trigger()
        _wait_for_phase(window, qtbot, "finished")
        assert shown_snapshot(window).step == place * 150
        assert window.actions_["actionStart"].text() == "Start"
    assert len(window.views.loss_plot.scene.steps) > 100


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


def test_the_end_follows_a_field_to_the_last_of_many_changes(window: MainWindow, qtbot: QtBot) -> None:
    assert window.views.function_plot.layers.ghost.drawn() is None
    for rate in np.geomspace(0.0005, 0.005, 40):
        child(window, NumberField, "learningRate").setValue(float(rate))
    expected = not_none(preview_end(window.session.config, None, np.zeros(1, dtype=np.uint8)))

    def shows_the_last() -> bool:
        ghost = window.views.function_plot.layers.ghost.drawn()
        return ghost is not None and np.array_equal(ghost[1], expected.output)

    qtbot.waitUntil(shows_the_last)
    losses = not_none(window.views.loss_plot.layers.ghost.drawn())
    np.testing.assert_array_equal(losses[0], expected.steps)
    assert f"{expected.final_loss:.4g}"[:5] in window.views.loss_plot.layers.ghost.text()
    window.session.edit({"training.learning_rate": 10.0})
    qtbot.waitUntil(lambda: "diverges at step" in window.views.loss_plot.layers.ghost.text())
    window.actions_["actionStart"].trigger()  # what is to come is not shown over what is
    assert window.views.function_plot.layers.ghost.drawn() is None


def test_a_live_setting_redraws_only_the_preview(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    views, ghost = window.views, window.views.function_plot.layers.ghost
    shown = [(views[name], "show_snapshot") for name in ("diagram", "function_plot", "inspector")]
    drawn = []
    for view, method in (*shown, (views.loss_plot, "show_history"), (ghost, "show_preview")):
        drawn.append(Mock(side_effect=getattr(view, method)))
        monkeypatch.setattr(view, method, drawn[-1])

    def counts(changes: dict[str, float | Points]) -> list[int]:
        before = [each.call_count for each in drawn]
        window.session.edit(changes)
        qtbot.waitUntil(
            lambda: not_none(ghost.preview).config == shown_snapshot(window).config == window.session.config
        )
        return [each.call_count - calls for each, calls in zip(drawn, before, strict=True)]

    assert counts({"training.learning_rate": 0.003}) == [0, 0, 0, 0, 1]
    others = counts({"data.points": points_of(window.session.config.data).at(np.arange(5))})
    assert others[:3] == [1, 1, 1]
    assert others[4] == 1


@pytest.mark.parametrize("step", [0, 150, 300])
def test_the_end_in_sight_is_what_start_will_do(window: MainWindow, qtbot: QtBot, step: int) -> None:
    """Of a branch from its step on, with a run that has ended to its next stop, and else from the beginning."""
    window.session.edit({"training.stop_step": 300})
    if step:
        train_to(window, qtbot, 300)
    if step == 150:
        window.session.look_at(step)
        qtbot.waitUntil(lambda: window.session.state.past is not None)
    ghost = window.views.function_plot.layers.ghost
    window.session.edit({"training.learning_rate": 0.004})
    qtbot.waitUntil(lambda: ghost.preview is not None and ghost.preview.config == window.session.config)
    found, drawn = ghost.preview, window.views.loss_plot.layers.ghost.drawn()
    assert found is not None
    assert drawn is not None
    end = 600 if step == 300 else 300
    assert (found.start_step, found.end_step, drawn[0][0]) == (step, end, step)
    assert f"ghost: if trained from step {step} to {end}" in key_text(window)
    window.session.set_engine("compiled")
    train_to(window, qtbot, end)
    np.testing.assert_allclose(found.output, shown_snapshot(window).output, rtol=1e-5, atol=1e-5)


def test_the_preview_is_optional_and_absent_if_frozen(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Config] = []

    def ask(key: str, function: object, *arguments: Config, **_: object) -> None:
        if key == PREVIEW:  # memory is given back, too
            asked.append(arguments[0])

    monkeypatch.setattr(window.program.jobs, "submit", ask)
    switch = window.actions_["actionEndInSight"]
    switch.trigger()
    window.session.edit({"training.learning_rate": 0.002})
    assert not window.session.state.session.view.shows_preview
    assert asked == []
    switch.trigger()
    window.session.edit({"training.learning_rate": 0.003})
    assert asked == [window.session.config]
    window.actions_["actionNewSeed"].trigger()  # draws another network: no setting is being changed
    assert (len(asked), window.session.config.network.seed) == (1, 3)
    assert window.actions_["actionUndo"].text() == "&Undo new seed"
    window.session.edit({"network.seed": 4})
    assert asked[1:] == [window.session.config]
    window.session.freeze(NeuronRef(0, 1), True)
    window.session.edit({"training.learning_rate": 0.004})
    assert len(asked) == 2
    assert window.views.function_plot.layers.ghost.preview is None


def test_the_window_answers_while_a_swarm_uses_all_cores(window: MainWindow, qtbot: QtBot) -> None:
    window.views.experiments.run_wanted.emit("swarm", 10_000)
    for _ in range(5):
        window.actions_["actionStep"].trigger()
        _wait_beyond(window, qtbot, shown_snapshot(window).step)
    assert window.program.jobs.is_running(EXPERIMENT)  # which takes seconds: no step had to wait for it
    child(window, QToolButton, "experimentCancel").click()
    qtbot.waitUntil(lambda: not window.views.experiments.is_running)


@pytest.mark.parametrize("record_every", [1, 2, 3, 1_000])
@pytest.mark.parametrize("steps", [1, 2, 3, 4, 100])
def test_no_chunk_ends_where_the_loss_is_not_finite(steps: int, record_every: int) -> None:
    trainer = Trainer(Config().replace("training.learning_rate", 10.0))
    stop = np.zeros(1, dtype=np.uint8)
    for _ in range(5):
        _, states = advance(trainer, "Compiled", steps, stop, record_every)
        assert np.isfinite(trainer.loss())
        assert all(state.step <= trainer.step for state in states)
    assert (trainer.step, trainer.diverged_at) == (2, 3)


def test_what_is_recorded_on_the_way_is_the_run_itself() -> None:
    whole, parts = Trainer(Config()), Trainer(Config())
    stop = np.zeros(1, dtype=np.uint8)
    losses, states = advance(whole, "Compiled", 1_000, stop, 130)
    assert [state.step for state in states] == [1, 2, 4, 8, 16, 32, 64, 128, 130, 260, 390, 520, 650, 780, 910]
    assert len(losses) == whole.step == 1_000
    some_losses = []
    for state in states:
        some_losses.append(advance(parts, "Compiled", state.step - parts.step, stop)[0])
        for mine, expected in zip(parts.state().parameters, state.parameters, strict=True):
            np.testing.assert_array_equal(mine, expected)
    np.testing.assert_array_equal(np.concatenate(some_losses), losses[:910])


def test_a_run_that_is_over_in_a_moment_has_a_record_of_the_way(window: MainWindow, qtbot: QtBot) -> None:
    """Each dot that is drawn lies where PyTorch's own run, step by step, has it; nothing is drawn between them."""
    window.session.edit({"data.held_out": 0.3, "training.learning_rate": 0.03})
    window.session.fast_forward(2_000)
    qtbot.waitUntil(lambda: window.session.state.status.phase == "finished")
    steps, losses = window.views.loss_plot.layers.own.held_out.getData()
    assert len(steps) > 100
    trainer, truth = Trainer(window.session.config), list[float]()
    for step in steps.astype(int).tolist():
        trainer.run(step - trainer.step)
        truth.append(not_none(trainer.snapshot(0).validation_loss))
    np.testing.assert_allclose(10**losses, truth, rtol=1e-3)
    assert len(window.session.state.run.checkpoints) > 100
    view = window.views.inspector.numbers.movement_view
    qtbot.waitUntil(lambda: len(view.steps) > 100)
    steps, moved = view.steps, view.moved
    assert np.ptp(np.diff(moved[:, 0]) / np.diff(steps)) > 0  # no straight line


def _bias(window: MainWindow) -> float:
    """The output's bias as the window shows it."""
    return float(shown_snapshot(window).layers[1].bias[0])


def _bias_is(window: MainWindow, value: float) -> bool:
    return _bias(window) == value


def test_a_divergence_by_hand_is_over_when_it_is_taken_back(window: MainWindow, qtbot: QtBot) -> None:
    for steps, phase in ((0, "ready"), (3, "paused")):
        for _ in range(steps):
            window.session.take_step()
        qtbot.waitUntil(partial(is_at, window, steps))
        before = _bias(window)
        window.session.set_parameter(ParameterRef(1, "bias", (0,)), 3e38)
        _wait_for_phase(window, qtbot, "diverged")
        assert window.features["why"].banner.isVisible()
        window.session.undo()
        _wait_for_phase(window, qtbot, phase)
        assert _bias(window) == before
        assert not window.features["why"].banner.isVisible()


def test_another_rate_alone_does_not_mend_a_diverged_run(
    window: MainWindow, qtbot: QtBot, follow_snapshots: FollowSnapshots
) -> None:
    window.session.edit({"training.learning_rate": 10.0})
    window.session.fast_forward()
    _wait_for_phase(window, qtbot, "diverged")
    frames: list[Snapshot] = []
    follow_snapshots(frames.append)
    window.session.edit({"training.learning_rate": 0.001})
    qtbot.waitUntil(lambda: bool(frames))
    assert window.session.state.status.phase == "diverged"


def test_the_engine_is_named_before_and_after_fast_forward(window: MainWindow, qtbot: QtBot) -> None:
    def wait_for_engine(name: EngineName) -> None:
        qtbot.waitUntil(lambda: window.session.state.status.engine == name)

    choices: tuple[tuple[EngineChoice, EngineName], ...]
    choices = ("compiled", "Compiled"), ("pytorch", "PyTorch"), ("compiled", "Compiled")
    for choice, name in choices:
        window.session.set_engine(choice)
        wait_for_engine(name)
    window.session.freeze(NeuronRef(0, 0), True)  # the compiled loop cannot
    wait_for_engine("PyTorch")
    assert window.session.state.status.phase == "ready"
    window.session.freeze(NeuronRef(0, 0), False)
    window.session.set_engine("auto")
    window.session.fast_forward(50)
    _wait_for_phase(window, qtbot, "finished")  # which may come with the first frame already
    assert window.session.state.status.engine == "Compiled"


def test_the_speed_takes_over_from_a_fast_forward(
    window: MainWindow, qtbot: QtBot, follow_snapshots: FollowSnapshots
) -> None:
    window.session.edit({"training.stop_step": 100_000_000})
    window.session.fast_forward()
    qtbot.waitUntil(lambda: shown_snapshot(window).step > 0)
    assert window.session.state.status.is_fast_forward
    window.session.set_pace(0)
    assert not window.session.state.status.is_fast_forward
    assert window.session.state.is_running
    frames: list[Snapshot] = []
    follow_snapshots(frames.append)
    qtbot.waitUntil(lambda: len(frames) >= 3)
    assert frames[-1].step - frames[-2].step == 1


def test_numbers_beyond_float32_are_clamped_or_ignored(window: MainWindow, qtbot: QtBot) -> None:
    failures = heard(window.program.failed)
    before = _bias(window)
    assert np.isfinite(np.float32(LARGEST))
    for largest in (-LARGEST, LARGEST):
        window.session.set_parameter(ParameterRef(1, "bias", (0,)), 1.03 * largest)
        qtbot.waitUntil(partial(_bias_is, window, largest))
        window.session.undo()
        qtbot.waitUntil(partial(_bias_is, window, before))
    assert failures == []
    for value in (math.inf, -math.inf, math.nan):
        window.session.set_parameter(ParameterRef(1, "bias", (0,)), value)
        assert window.session.state.session.history.next_undo is None, value
    window.session.set_parameter(ParameterRef(0, "bias", (0,)), 0.5)
    qtbot.waitUntil(lambda: shown_snapshot(window).layers[0].bias[0] == 0.5)
    assert _bias(window) == before


def test_a_run_goes_on_beyond_step_2_31(window: MainWindow, qtbot: QtBot) -> None:
    session = window.session
    training = window.program.findChildren(TrainingThread)[0]
    far = dataclasses.replace(Trainer(session.config).state(), step=2**31 - 5)
    training.begin(dataclasses.replace(session.state.run, checkpoints=(far,)))
    qtbot.waitUntil(lambda: session.state.run.step == far.step)
    session.fast_forward(2**31 + 20)
    qtbot.waitUntil(lambda: session.state.status.phase == "finished")
    assert session.state.run.step == 2**31 + 20
    session.start()
    assert session.state.status.stop_at > 2**31 + 20
    session.take_step()
    qtbot.waitUntil(lambda: not session.state.is_running)
    window.grab()
    window.actions_["actionGoTo"].trigger()
    dialog = child(window, StepDialog)
    field = child(dialog, NumberField, "goToStep")
    assert "Train at once to step" in QAccessible.queryAccessibleInterface(field).text(QAccessible.Text.Description)
    assert (field.count, field.property("minimum"), field.property("maximum")) == (LAST_STEP, 0, LAST_STEP)
    field.lineEdit().setText("10.000")
    dialog.accept()
    assert dialog.isVisible()
    assert child(dialog, QLabel, "goToStepError").text().startswith("10.000: ten, or ten thousand?")
    field.setValue(LAST_STEP)
    wanted = heard(dialog.chosen)
    dialog.accept()
    assert (wanted, dialog.isVisible()) == ([LAST_STEP], False)


@pytest.mark.parametrize("formula", ["1.1e38*x", "3e38*step(x)", "1e-40*x"])
def test_samples_at_the_ends_of_float32_give_no_warning(window: MainWindow, shared: SharedWindow, formula: str) -> None:
    shared.get(Config.from_dict({"data": {"target": "formula", "formula": formula}}))
    window.views.function_plot.show_snapshot(not_none(window.session.state.snapshot))
    window.grab()
