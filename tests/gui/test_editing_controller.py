"""Look inside: pin, probe, the function field, the curve taken apart, by hand, freeze."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QToolButton
from pytestqt.qtbot import QtBot

from tests.contributions import contributions
from tests.gui.conftest import MakeWindow, child, key_text, shown_snapshot
from tinynet_gui.core.config import Config
from tinynet_gui.core.network.refs import NeuronRef, WeightRef
from tinynet_gui.core.text.latex import affine_map
from tinynet_gui.ui.window.main_window import MainWindow


def _bias_is(window: MainWindow, index: int, value: float) -> bool:
    return float(shown_snapshot(window).layers[0].bias[index]) == pytest.approx(value, abs=1e-6)


def _switch_probe(window: MainWindow) -> None:
    child(window, QToolButton, "probe").click()


def test_the_network_as_the_tutorials_function(make_window: MakeWindow) -> None:
    window = make_window(Config().replace("network.hidden", (5,)))
    field, output = child(window, QLineEdit, "functionInput"), child(window, QLabel, "functionOutput")
    field.setText("2.3, 1.7, 3.6")
    assert output.text() == "0.2739, 0.2741, 0.2661"
    field.setText("2.3")
    assert output.text() == "0.2739"
    error = child(window, QLabel, "functionInputError")
    field.setText("2.3, two")
    assert "two" in error.text()
    assert not error.isHidden()
    field.setText("")
    assert error.isHidden()


def test_the_field_keeps_its_width_whatever_the_network_answers(window: MainWindow) -> None:
    field = child(window, QLineEdit, "functionInput")
    width = field.width()
    for text in ("[2.3, 1.7, 3.6]", ", ".join(["2.3"] * 60), "2.3, " + "x" * 200):
        field.setText(text)
        QApplication.processEvents()
        assert field.width() == width


def test_a_single_number_moves_the_probe(window: MainWindow) -> None:
    field = child(window, QLineEdit, "functionInput")
    _switch_probe(window)
    field.setText("[2.3]")
    assert float(window.function_plot.layers.handles.probe.value()) == 2.3
    field.setText("1.7, 3.6")
    assert float(window.function_plot.layers.handles.probe.value()) == 2.3


def test_the_wheel_over_an_edge_changes_its_weight(window: MainWindow, qtbot: QtBot) -> None:
    before = float(shown_snapshot(window).layers[1].weight[0, 3])
    window.selection.hover(WeightRef(1, 0, 3))
    position = QPointF(window.diagram.rectangle_of(WeightRef(1, 0, 3)).center())
    event = QWheelEvent(
        position,
        QPointF(window.diagram.mapToGlobal(position.toPoint())),
        QPoint(0, 0),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(window.diagram, event)
    qtbot.waitUntil(lambda: float(shown_snapshot(window).layers[1].weight[0, 3]) > before)
    assert shown_snapshot(window).step == 0


def test_a_dragged_kink_moves_the_bias_and_training_goes_on_from_there(window: MainWindow, qtbot: QtBot) -> None:
    window.selection.pin(NeuronRef(0, 2))
    weight = float(shown_snapshot(window).layers[0].weight[2, 0])
    handles = window.function_plot.layers.handles
    assert handles.kink.isVisible()
    handles.kink.setValue(1.25)
    handles.kink.sigDragged.emit(handles.kink)
    qtbot.waitUntil(lambda: _bias_is(window, 2, -1.25 * weight))
    kinks = {ref: x for x, ref in window.function_plot.layers.kinks.marks.positions()}
    assert kinks[NeuronRef(0, 2)] == pytest.approx(1.25, abs=1e-5)
    window.session.take_step()
    qtbot.waitUntil(lambda: shown_snapshot(window).step == 1)
    assert not _bias_is(window, 2, -1.25 * weight)


def test_a_dragged_slope_moves_the_weight_out(window: MainWindow, qtbot: QtBot) -> None:
    window.selection.pin(NeuronRef(0, 2))
    handles = window.function_plot.layers.handles
    assert handles.slope.isVisible()
    x, first = float(handles.slope.pos().x()), shown_snapshot(window).layers[0]
    h = max(0.0, float(first.weight[2, 0]) * x + float(first.bias[2]))
    assert h > 0
    handles.slope.setPos(x, 2.0)
    qtbot.waitUntil(lambda: float(shown_snapshot(window).layers[1].weight[0, 2]) == pytest.approx(2.0 / h, rel=1e-5))


def test_the_probe_is_drawn_into_the_diagram(window: MainWindow) -> None:
    window.selection.hover(None)
    plain = window.diagram.grab().toImage()
    _switch_probe(window)
    assert window.diagram.grab().toImage() != plain
    window.function_plot.layers.handles.probe.setValue(-2.0)
    flow = window.diagram.flow
    assert flow is not None
    assert flow.input_note == "x = −2"
    np.testing.assert_allclose(flow.edges[0], -2 * shown_snapshot(window).layers[0].weight, rtol=1e-6)
    _switch_probe(window)
    assert window.diagram.flow is None
    assert window.diagram.grab().toImage() == plain


def test_switching_a_neuron_off_shows_what_it_was_for(window: MainWindow) -> None:
    snapshot = shown_snapshot(window)
    ref = NeuronRef(0, 4)
    window.inspector.switched_off_toggled.emit(ref, True)
    without = window.function_plot.layers.without.drawn()
    assert without is not None
    share = contributions(snapshot, snapshot.grid)[4]
    np.testing.assert_allclose(without[1], snapshot.output - share, atol=1e-5)
    assert "without h₅" in key_text(window)
    window.inspector.switched_off_toggled.emit(ref, False)
    assert window.function_plot.layers.without.drawn() is None
    assert shown_snapshot(window) is snapshot  # the training was not touched


def test_the_probe_reaches_the_inspector(window: MainWindow, qtbot: QtBot) -> None:
    window.inspector.tabs.setCurrentWidget(window.inspector.mathematics)
    _switch_probe(window)
    window.function_plot.layers.handles.probe.setValue(2.25)
    expected = affine_map(shown_snapshot(window).layers, "relu", 0, 2.25)
    qtbot.waitUntil(lambda: window.inspector.mathematics.formulas()[0] == expected)
