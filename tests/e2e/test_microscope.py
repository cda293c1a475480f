"""The microscope, end to end: steps that are taken apart and then taken, beside a trainer that only trains."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox
from pytestqt.qtbot import QtBot

from tests.e2e.play import Condition, button, is_loaded, press, run_main
from tests.not_none import not_none
from tests.runs import assert_same_state, trained
from tinynet_gui.core.config import Config
from tinynet_gui.core.network.refs import NeuronRef
from tinynet_gui.core.training.trainer import Trainer
from tinynet_gui.ui.window.main_window import MainWindow

NETWORK = {"network.activation": "tanh", "network.hidden": (8, 8, 8)}
TRAINING = {"training.batch_size": 7, "training.loss": "huber"}
TRAINING |= {"training.optimizer": "adam", "training.weight_decay": 0.02}


def _is_at(window: MainWindow, reference: Trainer) -> None:
    """The network, and what the optimiser remembers, stand to the last bit where the trainer stands."""
    assert_same_state(not_none(window.session.state.snapshot).state, reference.state())


def _step_is(window: MainWindow, step: int) -> Condition:
    """The run stands at a step, and the microscope shows the one after it."""

    def is_there() -> bool:
        dissection, snapshot = window.microscope.dissection, window.session.state.snapshot
        return dissection is not None and snapshot is not None and dissection.before.step == snapshot.step == step

    return is_there


def _take_steps(window: MainWindow, reference: Trainer, count: int) -> Iterator[Condition]:
    """Go through the moves of some steps with the keyboard, and take each of them."""
    for _ in range(count):
        window.microscope.setFocus()
        for _ in range(3):
            press(Qt.Key.Key_Right)
        shown = not_none(window.microscope.dissection)
        losses = reference.run(1)
        assert np.float32(shown.loss) == losses[0]
        assert_same_state(shown.after, reference.state())
        QTest.mouseClick(button(window, "microscopeTake"), Qt.MouseButton.LeftButton)
        yield _step_is(window, reference.step)
        _is_at(window, reference)


def test_the_microscopes_steps_are_ordinary_ones(qtbot: QtBot, tmp_path: Path) -> None:
    config = Config().with_changes(NETWORK | TRAINING)
    file = tmp_path / "run.json"
    file.write_text(config.to_json(), encoding="utf-8")

    def user(window: MainWindow) -> Iterator[Condition]:
        yield lambda: is_loaded(window)
        window.session.set_engine("pytorch")
        reference = trained(config, 40)
        window.session.fast_forward(40)
        yield lambda: window.session.state.status.phase == "finished"
        QTest.keyClick(window.diagram, Qt.Key.Key_M)
        yield _step_is(window, 40)
        yield from _take_steps(window, reference, 3)

        window.selection.pin(NeuronRef(0, 2))
        freeze = window.findChild(QCheckBox, "inspectorFreeze")
        assert isinstance(freeze, QCheckBox)
        QTest.mouseClick(freeze, Qt.MouseButton.LeftButton, pos=QPoint(8, freeze.height() // 2))
        masks = tuple(np.zeros(p.shape, dtype=bool) for p in reference.state().parameters)
        masks[0][2], masks[1][2] = True, True
        reference.set_frozen(masks)
        yield lambda: _frozen_places(window) == 2
        yield from _take_steps(window, reference, 3)
        kept = reference.state().parameters
        window.microscope.set_phase(3)
        assert "Frozen by hand" in window.microscope.text()  # the pinned neuron's bias

        QTest.keyClick(window.diagram, Qt.Key.Key_S)  # an ordinary step: the microscope comes along
        reference.run(1)
        yield _step_is(window, reference.step)
        _is_at(window, reference)
        window.session.fast_forward(100)
        reference.run(100 - reference.step)
        yield _step_is(window, 100)
        _is_at(window, reference)
        after = reference.state().parameters
        assert kept[0][2] == after[0][2]
        assert kept[0][3] != after[0][3]

    assert run_main(user, ("--config", str(file))) == 0


def _frozen_places(window: MainWindow) -> int:
    dissection = window.microscope.dissection
    if dissection is None or dissection.update is None or dissection.update.frozen is None:
        return 0
    return sum(int(mask.sum()) for mask in dissection.update.frozen)
