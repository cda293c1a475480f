"""Looking inside, end to end: a user pins, probes, types a weight, freezes, and takes steps apart."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QLineEdit
from pytestqt.qtbot import QtBot

from tests.e2e.play import Condition, button, is_loaded, label, passed, press, run_main
from tests.not_none import not_none
from tests.places import rectangle_of
from tests.runs import assert_same_state, trained
from tinynet_gui.core.config import Config
from tinynet_gui.core.network.refs import NeuronRef, ParameterRef
from tinynet_gui.core.text.numbers import signed
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.training.trainer import Trainer
from tinynet_gui.ui.window.main_window import MainWindow


def _now(window: MainWindow) -> Snapshot:
    return not_none(window.session.state.snapshot)


def _drag(plot: pg.PlotWidget, start_x: float, end_x: float) -> Iterator[Condition]:
    """Drag what stands at an x, above the axis, to another; the scene looks at the mouse every 10 ms."""
    box, viewport = plot.getViewBox(), plot.viewport()
    y = box.viewRange()[1][0] + 1.5
    start, end = (plot.mapFromScene(box.mapViewToScene(QPointF(x, y))).toPointF() for x in (start_x, end_x))
    none, left = Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton
    acts = [(QEvent.Type.MouseMove, 0.0, none, none), (QEvent.Type.MouseButtonPress, 0.0, left, left)]
    acts += [(QEvent.Type.MouseMove, part, none, left) for part in (0.2, 0.5, 0.8, 1.0)]
    acts += [(QEvent.Type.MouseButtonRelease, 1.0, left, none)]
    for kind, part, changed, held in acts:
        at = start + (end - start) * part
        there = QPointF(viewport.mapToGlobal(at))
        QApplication.sendEvent(viewport, QMouseEvent(kind, at, there, changed, held, Qt.KeyboardModifier.NoModifier))
        yield passed(0.02)


def _begin(window: MainWindow, step: int) -> Iterator[Condition]:
    """Train to a step, and pin the fifth neuron."""
    yield lambda: is_loaded(window)
    window.session.fast_forward(step)
    yield lambda: window.session.state.status.phase == "finished"
    fifth = rectangle_of(window.views.diagram, NeuronRef(0, 4)).center()
    QTest.mouseClick(window.views.diagram, Qt.MouseButton.LeftButton, pos=fifth)
    assert label(window, "inspectorTitle") == "Neuron h₅"


def test_pin_probe_and_function(qtbot: QtBot) -> None:
    def user(window: MainWindow) -> Iterator[Condition]:
        yield from _begin(window, 200)
        table = window.views.inspector.numbers.table.text()
        layers = _now(window).layers
        for value in (layers[0].weight[4, 0], layers[0].bias[4], layers[1].weight[0, 4]):
            assert signed(float(value)) in table

        QTest.mouseClick(button(window, "probe"), Qt.MouseButton.LeftButton)
        yield from _drag(window.views.function_plot.plot, 1.0, -1.5)
        yield lambda: float(window.views.function_plot.layers.handles.probe.value()) < -1.0
        x = float(window.views.function_plot.layers.handles.probe.value())
        assert x == pytest.approx(-1.5, abs=0.2)

        QTest.keyClicks(not_none(window.findChild(QLineEdit, "functionInput")), "2.3, 1.7")
        outputs = [float(text.replace("−", "-")) for text in label(window, "functionOutput").split(", ")]
        grid = trained(Config(), 200).snapshot(0)
        assert outputs == pytest.approx(np.interp([2.3, 1.7], grid.grid, grid.output).tolist(), abs=1e-3)
        QTest.keyClick(window.views.diagram, Qt.Key.Key_Escape)
        assert window.context.selection.pinned is None

    assert run_main(user) == 0


def test_a_typed_weight_is_undone_and_frozen_ones_stay(qtbot: QtBot) -> None:
    def user(window: MainWindow) -> Iterator[Condition]:
        yield from _begin(window, 100)
        before = float(_now(window).layers[0].weight[4, 0])
        table = window.views.inspector.numbers.table
        table.setCurrentIndex(table.model().index(0, 1))
        table.edit(table.currentIndex())
        editor = not_none(table.findChild(QLineEdit, "inspectorValue"))
        editor.selectAll()
        QTest.keyClicks(editor, "0.75")
        QTest.keyClick(editor, Qt.Key.Key_Return)
        yield lambda: float(_now(window).layers[0].weight[4, 0]) == 0.75
        QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        yield lambda: float(_now(window).layers[0].weight[4, 0]) == before
        window.actions_["actionRedo"].trigger()
        yield lambda: float(_now(window).layers[0].weight[4, 0]) == 0.75
        window.actions_["actionStep"].trigger()
        yield lambda: _now(window).step == 101

        trainer = trained(Config(), 100)
        trainer.edit(ParameterRef(0, "weight", (4, 0)), 0.75)
        trainer.run(1)
        for mine, expected in zip(_now(window).state.parameters, trainer.state().parameters, strict=True):
            np.testing.assert_allclose(mine, expected, rtol=1e-5, atol=1e-6)

        _freeze(window)
        layers = _now(window).layers
        window.session.fast_forward(400)
        yield lambda: window.session.state.status.phase == "finished" and _now(window).step == 400
        after = _now(window).layers
        assert after[0].weight[4, 0] == layers[0].weight[4, 0]
        assert after[0].bias[4] == layers[0].bias[4]
        assert after[1].weight[0, 4] != layers[1].weight[0, 4]
        assert (after[0].bias != layers[0].bias).sum() > 3

    assert run_main(user) == 0


NETWORK = {"network.activation": "tanh", "network.hidden": (8, 8, 8)}
TRAINING = {"training.batch_size": 7, "training.loss": "huber"}
TRAINING |= {"training.optimizer": "adam", "training.weight_decay": 0.02}


def _is_at(window: MainWindow, reference: Trainer) -> None:
    """The network, and what the optimiser remembers, stand to the last bit where the trainer stands."""
    assert_same_state(_now(window).state, reference.state())


def _freeze(window: MainWindow) -> None:
    """Click on what freezes the pinned neuron."""
    freeze = not_none(window.findChild(QCheckBox, "inspectorFreeze"))
    QTest.mouseClick(freeze, Qt.MouseButton.LeftButton, pos=QPoint(8, freeze.height() // 2))
    assert freeze.isChecked()


def _step_is(window: MainWindow, step: int) -> Condition:
    """The run stands at a step, and the microscope shows the one after it."""

    def is_there() -> bool:
        dissection, snapshot = window.views.microscope.dissection, window.session.state.snapshot
        return dissection is not None and snapshot is not None and dissection.before.step == snapshot.step == step

    return is_there


def _take_steps(window: MainWindow, reference: Trainer, count: int) -> Iterator[Condition]:
    """Go through the moves of some steps with the keyboard, and take each of them."""
    for _ in range(count):
        window.views.microscope.setFocus()
        for _ in range(3):
            press(Qt.Key.Key_Right)
        shown = not_none(window.views.microscope.dissection)
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
        QTest.keyClick(window.views.diagram, Qt.Key.Key_M)
        yield _step_is(window, 40)
        yield from _take_steps(window, reference, 2)

        window.context.selection.pin(NeuronRef(0, 2))
        _freeze(window)
        masks = tuple(np.zeros(p.shape, dtype=bool) for p in reference.state().parameters)
        masks[0][2], masks[1][2] = True, True
        reference.set_frozen(masks)
        yield lambda: _frozen_places(window) == 2  # a weight and a bias
        yield from _take_steps(window, reference, 2)
        kept = reference.state().parameters
        window.views.microscope.set_phase(3)
        assert "Frozen by hand" in window.views.microscope.text()  # the pinned neuron's bias

        QTest.keyClick(window.views.diagram, Qt.Key.Key_S)  # an ordinary step: the microscope comes along
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
    dissection = window.views.microscope.dissection
    if dissection is None or dissection.update is None or dissection.update.frozen is None:
        return 0
    return sum(int(mask.sum()) for mask in dissection.update.frozen)
