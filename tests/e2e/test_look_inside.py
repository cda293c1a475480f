"""Looking inside, end to end: a user pins, probes, types a weight, takes it back and freezes."""

from collections.abc import Iterator

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QLineEdit
from pytestqt.qtbot import QtBot

from tests.e2e.play import Condition, button, is_loaded, label, passed, run_main
from tests.not_none import not_none
from tests.runs import trained
from tinynet_gui.core.config import Config
from tinynet_gui.core.network.refs import NeuronRef, ParameterRef
from tinynet_gui.core.run.snapshot import Snapshot
from tinynet_gui.core.text.numbers import signed
from tinynet_gui.ui.window.main_window import MainWindow


def _now(window: MainWindow) -> Snapshot:
    return not_none(window.session.state.snapshot)


def _pin(window: MainWindow, ref: NeuronRef) -> None:
    QTest.mouseClick(window.diagram, Qt.MouseButton.LeftButton, pos=window.diagram.rectangle_of(ref).center())


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
    _pin(window, NeuronRef(0, 4))
    assert label(window, "inspectorTitle") == "Neuron h₅"


def test_pin_probe_and_function(qtbot: QtBot) -> None:
    def user(window: MainWindow) -> Iterator[Condition]:
        yield from _begin(window, 200)
        table = window.inspector.numbers.table.text()
        layers = _now(window).layers
        for value in (layers[0].weight[4, 0], layers[0].bias[4], layers[1].weight[0, 4]):
            assert signed(float(value)) in table

        QTest.mouseClick(button(window, "probe"), Qt.MouseButton.LeftButton)
        yield from _drag(window.function_plot.plot, 1.0, -1.5)
        yield lambda: float(window.function_plot.layers.handles.probe.value()) < -1.0
        x = float(window.function_plot.layers.handles.probe.value())
        assert x == pytest.approx(-1.5, abs=0.2)

        field = window.findChild(QLineEdit, "functionInput")
        assert isinstance(field, QLineEdit)
        QTest.keyClicks(field, "2.3, 1.7")
        outputs = [float(text.replace("−", "-")) for text in label(window, "functionOutput").split(", ")]
        grid = trained(Config(), 200).snapshot(0)
        assert outputs == pytest.approx(np.interp([2.3, 1.7], grid.grid, grid.output).tolist(), abs=1e-3)
        QTest.keyClick(window.diagram, Qt.Key.Key_Escape)
        assert window.selection.pinned is None

    assert run_main(user) == 0


def test_a_weight_is_typed_taken_back_and_trained_on_and_what_is_frozen_stays(qtbot: QtBot) -> None:
    def user(window: MainWindow) -> Iterator[Condition]:
        yield from _begin(window, 100)
        before = float(_now(window).layers[0].weight[4, 0])
        table = window.inspector.numbers.table
        table.setCurrentIndex(table.model().index(0, 1))
        table.edit(table.currentIndex())
        editor = table.findChild(QLineEdit, "inspectorValue")
        assert isinstance(editor, QLineEdit)
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

        freeze = window.findChild(QCheckBox, "inspectorFreeze")
        assert isinstance(freeze, QCheckBox)
        QTest.mouseClick(freeze, Qt.MouseButton.LeftButton, pos=QPoint(8, freeze.height() // 2))
        assert freeze.isChecked()
        layers = _now(window).layers
        window.session.fast_forward(400)
        yield lambda: window.session.state.status.phase == "finished" and _now(window).step == 400
        after = _now(window).layers
        assert after[0].weight[4, 0] == layers[0].weight[4, 0]
        assert after[0].bias[4] == layers[0].bias[4]
        assert after[1].weight[0, 4] != layers[1].weight[0, 4]
        assert (after[0].bias != layers[0].bias).sum() > 3

    assert run_main(user) == 0
