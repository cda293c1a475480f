"""Parameters set by hand can be taken back and made again, in one order with the settings."""

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.gui.conftest import shown_bias, shown_snapshot
from tinynet_gui.core.network.refs import ParameterRef
from tinynet_gui.core.run.marks import marks
from tinynet_gui.core.training.trainer import Trainer
from tinynet_gui.ui.views.panel.scrub_label import ScrubLabel
from tinynet_gui.ui.window.main_window import MainWindow


def _wait_for_bias(window: MainWindow, qtbot: QtBot, index: int, value: float) -> None:
    qtbot.waitUntil(lambda: shown_bias(window, index) == value)


def test_undo_takes_an_edit_by_hand_back_to_the_last_bit(window: MainWindow, qtbot: QtBot) -> None:
    for _ in range(3):
        window.session.take_step()
    qtbot.waitUntil(lambda: shown_snapshot(window).step == 3)
    before = shown_bias(window, 2)
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
    qtbot.waitUntil(lambda: shown_snapshot(window).step == 4)
    trainer = Trainer(window.session.config)
    trainer.run(4)
    snapshot = shown_snapshot(window)
    for mine, expected in zip(snapshot.state.parameters, trainer.state().parameters, strict=True):
        np.testing.assert_array_equal(mine, expected)


def test_a_drag_is_undone_at_once(window: MainWindow, qtbot: QtBot) -> None:
    before = shown_bias(window, 0)
    for value in (0.25, 0.5, 0.75):
        window.session.set_parameter(ParameterRef(0, "bias", (0,)), value, gesture=1)
    _wait_for_bias(window, qtbot, 0, 0.75)
    window.session.undo()
    _wait_for_bias(window, qtbot, 0, before)
    assert not window.actions_["actionUndo"].isEnabled()


def test_a_label_that_is_dragged_is_one_step_of_undo(window: MainWindow, qtbot: QtBot) -> None:
    for name, path in (("learningRate", "training.learning_rate"), ("sampleCount", "data.sample_count")):
        field = window.findChild(QWidget, name)
        label = next(w for w in window.panel.findChildren(ScrubLabel) if w.buddy() is field)
        before = window.session.config
        at = QPoint(4, 4)
        QTest.mousePress(label, Qt.MouseButton.LeftButton, pos=at)
        for x in range(12, 90, 9):
            QTest.mouseMove(label, QPoint(x, 4))
        QTest.mouseRelease(label, Qt.MouseButton.LeftButton, pos=QPoint(90, 4))
        assert window.session.config.get(path) > before.get(path)
        window.session.undo()
        assert window.session.config == before
        assert not window.actions_["actionUndo"].isEnabled()
