"""The time line in the window: dragged, typed into, branched from."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QToolButton
from pytestqt.qtbot import QtBot

from tests.gui.conftest import child, train_to
from tinynet_gui.core.config import Config
from tinynet_gui.core.network.forward import output_curve
from tinynet_gui.core.run.replay import Replay
from tinynet_gui.core.run.session import new_session
from tinynet_gui.ui.views.panel.number_fields import NumberBox
from tinynet_gui.ui.window.main_window import MainWindow

LEFT = Qt.MouseButton.LeftButton


def _field(window: MainWindow, name: str) -> NumberBox:
    return child(window.panel, NumberBox, name)


def _label(window: MainWindow, name: str) -> str:
    return child(window.status, QLabel, name).text()


def _is_there(window: MainWindow) -> bool:
    return window.session.state.past is not None


@pytest.fixture
def trained(window: MainWindow, qtbot: QtBot) -> MainWindow:
    """A window whose run has come to step 2,000, the learning rate having been changed at 1,000."""
    train_to(window, qtbot, 1_000)
    window.session.edit({"training.learning_rate": 0.02})
    train_to(window, qtbot, 2_000)
    return window


def test_it_comes_with_the_first_step_into_its_own_place(window: MainWindow, qtbot: QtBot) -> None:
    assert not window.time_line.isVisible()
    before = window.function_plot.geometry(), window.diagram.geometry()
    window.session.take_step()
    qtbot.waitUntil(window.time_line.isVisible)
    assert (window.function_plot.geometry(), window.diagram.geometry()) == before
    window.session.reset()
    assert window.time_line.isVisible()
    window.session.take_over(new_session(Config()))
    assert not window.time_line.isVisible()


def test_a_drag_shows_each_moment_in_every_view(trained: MainWindow, qtbot: QtBot) -> None:
    session, track = trained.session, trained.time_line.track
    rate = _field(trained, "learningRate")
    assert rate.value() == 0.02
    scale, y = track.scale, track.height() // 3
    start, end = (QPoint(round(scale.x_of(step)), y) for step in (1_900, 400))
    QTest.mousePress(track, LEFT, pos=start)
    QTest.mouseMove(track, (start + end) / 2)
    QTest.mouseMove(track, end)
    QTest.mouseRelease(track, LEFT, pos=end)
    qtbot.waitUntil(lambda: _is_there(trained))
    step, snapshot = session.state.session.cursor.step, session.state.snapshot
    assert step is not None
    assert snapshot is not None
    assert snapshot.step == step == trained.time_line.value()
    assert abs(step - 400) < 20
    state = Replay(session.state.run).state_at(step)
    for ours, theirs in zip(snapshot.state.parameters, state.parameters, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    x, y_shown = trained.function_plot.layers.network.curve()
    np.testing.assert_allclose(y_shown, output_curve(snapshot.layers, "relu", x.astype(np.float32)), atol=1e-5)
    assert rate.value() == 0.001
    assert _label(trained, "stepLabel") == f"step {step} / 2,000"
    assert "past" in _label(trained, "phaseLabel")
    child(trained, QToolButton, "timeLineLatest").click()
    assert rate.value() == 0.02
    assert "past" not in _label(trained, "phaseLabel")


def test_a_change_in_the_past_begins_a_branch_which_one_undo_takes_back(trained: MainWindow, qtbot: QtBot) -> None:
    session = trained.session
    trained.time_line.setValue(500)
    qtbot.waitUntil(lambda: _is_there(trained))
    _field(trained, "weightDecay").setValue(0.01)
    assert session.state.run.parent is not None
    assert (session.state.run.parent.run_id, session.state.run.parent.step) == (1, 500)
    assert "branch begins at step 500" in trained.status.currentMessage()
    train_to(trained, qtbot, 800)
    assert trained.time_line.maximum() == 800
    assert session.state.session.run_of(1).is_shown  # where it would have gone is to be seen beside it
    trained.actions_["actionUndo"].trigger()
    assert trained.time_line.maximum() == 2_000
    assert trained.time_line.value() == 500
    qtbot.waitUntil(lambda: any(mark.kind == "death" for mark in trained.time_line.track.marks))
    assert _field(trained, "weightDecay").value() == 0


def test_a_training_pauses_by_itself_at_a_plateau_once(window: MainWindow, qtbot: QtBot) -> None:
    session = window.session
    session.set_view(pauses_at_plateau=True)
    session.edit({"training.stop_step": 1_000_000, "network.hidden": (1,)})
    session.start()
    qtbot.waitUntil(lambda: session.state.run.step > 0 and not session.state.is_running)
    there = session.state.run.step
    assert there < 1_000_000
    session.start()
    qtbot.waitUntil(lambda: session.state.run.step > there)
    assert session.state.is_running
    session.pause()
