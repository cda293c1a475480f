"""Parameters set by hand can be taken back and made again, in one order with the settings."""

import numpy as np
from pytestqt.qtbot import QtBot

from tests.gui.conftest import WAIT_MS
from tinynet_gui.core.network.refs import ParameterRef
from tinynet_gui.core.run.marks import marks
from tinynet_gui.core.training.trainer import Trainer
from tinynet_gui.ui.window.main_window import MainWindow


def _bias(window: MainWindow, index: int) -> float:
    snapshot = window.session.state.snapshot
    return float("nan") if snapshot is None else float(snapshot.layers[0].bias[index])


def _wait_for_bias(window: MainWindow, qtbot: QtBot, index: int, value: float) -> None:
    qtbot.waitUntil(lambda: _bias(window, index) == value, timeout=WAIT_MS)


def test_undo_takes_an_edit_by_hand_back_to_the_last_bit(window: MainWindow, qtbot: QtBot) -> None:
    for _ in range(3):
        window.session.take_step()
    qtbot.waitUntil(
        lambda: window.session.state.snapshot is not None and window.session.state.snapshot.step == 3, timeout=WAIT_MS
    )
    before = _bias(window, 2)
    window.session.set_parameter(ParameterRef(0, "bias", (2,)), 0.5)
    _wait_for_bias(window, qtbot, 2, 0.5)
    undo, redo = window.actions_["actionUndo"], window.actions_["actionRedo"]
    assert "bias of neuron 3" in undo.text()
    assert [mark.text for mark in marks(window.session.state.run)] == ["Bias of neuron 3 of layer 1 → 0.5"]
    undo.trigger()
    _wait_for_bias(window, qtbot, 2, before)
    assert redo.isEnabled()
    redo.trigger()
    _wait_for_bias(window, qtbot, 2, 0.5)
    undo.trigger()
    _wait_for_bias(window, qtbot, 2, before)
    window.session.take_step()
    qtbot.waitUntil(
        lambda: window.session.state.snapshot is not None and window.session.state.snapshot.step == 4, timeout=WAIT_MS
    )
    trainer = Trainer(window.session.config)
    trainer.run(4)
    snapshot = window.session.state.snapshot
    assert snapshot is not None
    for mine, expected in zip(snapshot.state.parameters, trainer.state().parameters, strict=True):
        np.testing.assert_array_equal(mine, expected)


def test_a_drag_is_undone_at_once(window: MainWindow, qtbot: QtBot) -> None:
    before = _bias(window, 0)
    for value in (0.25, 0.5, 0.75):
        window.session.set_parameter(ParameterRef(0, "bias", (0,)), value, gesture=1)
    _wait_for_bias(window, qtbot, 0, 0.75)
    window.session.undo()
    _wait_for_bias(window, qtbot, 0, before)
    assert not window.actions_["actionUndo"].isEnabled()


def test_settings_and_edits_by_hand_are_undone_in_order(window: MainWindow, qtbot: QtBot) -> None:
    before = _bias(window, 1)
    window.session.set_parameter(ParameterRef(0, "bias", (1,)), 0.5)
    window.session.edit({"training.learning_rate": 0.01})
    assert window.actions_["actionUndo"].text() == "&Undo learning rate"
    window.session.undo()
    assert window.session.config.training.learning_rate == 0.001
    window.session.undo()
    _wait_for_bias(window, qtbot, 1, before)
    window.session.redo()
    window.session.redo()
    _wait_for_bias(window, qtbot, 1, 0.5)
    assert window.session.config.training.learning_rate == 0.01


def test_a_new_run_has_nothing_set_by_hand_to_undo(window: MainWindow, qtbot: QtBot) -> None:
    window.session.edit({"training.learning_rate": 0.01})
    window.session.set_parameter(ParameterRef(0, "bias", (1,)), 0.5)
    window.session.reset()
    assert window.actions_["actionUndo"].text() == "&Undo learning rate"
    window.session.undo()
    assert not window.actions_["actionUndo"].isEnabled()
