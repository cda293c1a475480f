"""Look inside: pin, probe, the function field, the curve taken apart, by hand, freeze."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QContextMenuEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QMenu, QTabWidget, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from tests.contributions import contributions
from tests.gui.conftest import OFFSCREEN, child, destroy, drag, is_at, key_text, place_in, shown_snapshot, turn_wheel
from tests.not_none import not_none
from tests.places import kinks_of, rectangle_of
from tinynet_gui.core.network.refs import LayerRef, NeuronRef, Ref, WeightRef
from tinynet_gui.core.wording.network_formula import affine_map
from tinynet_gui.ui.views.inspector.parameter_table import NUDGE
from tinynet_gui.ui.widgets.fields.number_fields import ScrubLabel
from tinynet_gui.ui.window.main_window import MainWindow


def _bias_is(window: MainWindow, index: int, value: float) -> bool:
    return float(shown_snapshot(window).layers[0].bias[index]) == pytest.approx(value, abs=1e-6)


def _switch_probe(window: MainWindow) -> None:
    child(window, QToolButton, "probe").click()


def test_the_network_as_the_tutorials_function(window: MainWindow, qtbot: QtBot) -> None:
    field, output = child(window, QLineEdit, "functionInput"), child(window, QLabel, "functionOutput")
    error, handles = child(window, QLabel, "functionInputError"), window.views.function_plot.layers.handles
    width = field.width()
    for text in ("[2.3, 1.7, 3.6]", ", ".join(["2.3"] * 60), "2.3, " + "x" * 200):
        field.setText(text)
        QApplication.processEvents()
        qtbot.waitUntil(lambda: field.width() == width)  # whatever the network answers, once all is laid out
    _switch_probe(window)
    window.session.edit({"network.hidden": (5,)})
    qtbot.waitUntil(lambda: len(shown_snapshot(window).layers[0].bias) == 5)
    for text, outputs, probed in (
        ("2.3, 1.7, 3.6", "0.2739, 0.2741, 0.2661", 0.0),
        ("[2.3]", "0.2739", 2.3),  # a single number moves the probe
        ("1.7, 3.6", "0.2741, 0.2661", 2.3),
    ):
        field.setText(text)
        assert output.text() == outputs
        assert not probed or float(handles.probe.value()) == probed
    field.setText("2.3, two")
    assert "two" in error.text()
    assert not error.isHidden()
    field.setText("")
    assert error.isHidden()


def test_the_wheel_over_an_edge_changes_its_weight(window: MainWindow, qtbot: QtBot) -> None:
    before = float(shown_snapshot(window).layers[1].weight[0, 3])
    window.context.selection.hover(WeightRef(1, 0, 3))
    turn_wheel(window.views.diagram, rectangle_of(window.views.diagram, WeightRef(1, 0, 3)).center(), 120)
    qtbot.waitUntil(lambda: float(shown_snapshot(window).layers[1].weight[0, 3]) > before)
    assert shown_snapshot(window).step == 0


def test_the_drift_of_what_stays_is_counted_from_the_last_change(window: MainWindow, qtbot: QtBot) -> None:
    facts, diagram, ref = child(window, QLabel, "inspectorFacts"), window.views.diagram, WeightRef(1, 0, 3)

    def wait_for(step: int, end: str) -> None:
        qtbot.waitUntil(lambda: shown_snapshot(window).step == step and facts.text().endswith(end))

    window.context.selection.pin(NeuronRef(0, 3))
    for step, since in ((20, 0), (40, 20)):
        window.session.fast_forward(step)
        wait_for(step, f" since step {since}")
        window.context.selection.hover(ref)
        turn_wheel(diagram, rectangle_of(diagram, ref).center(), 120)
        wait_for(step, f" +0.0000 since step {step}")


def _menu(window: MainWindow, ref: Ref, by_key: bool = False) -> dict[str, QAction]:
    """What a right-click on a part of the diagram, or the Menu key, offers."""
    diagram, kind = window.views.diagram, QContextMenuEvent.Reason
    for menu in diagram.findChildren(QMenu, "partMenu"):
        destroy(menu)
    place = QPoint() if by_key else rectangle_of(diagram, ref).center()
    reason = kind.Keyboard if by_key else kind.Mouse
    QApplication.sendEvent(diagram, QContextMenuEvent(reason, place, diagram.mapToGlobal(place)))
    return {action.text(): action for action in child(diagram, QMenu, "partMenu").actions() if action.text()}


@OFFSCREEN
def test_shift_and_f10_are_the_menu_key_everywhere(window: MainWindow) -> None:
    diagram = window.views.diagram
    diagram.setFocus()
    window.context.selection.pin(NeuronRef(0, 3))
    QTest.keyClick(diagram, Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)
    menu = child(diagram, QMenu, "partMenu")
    assert menu.isVisible()
    assert window.context.selection.pinned == NeuronRef(0, 3)
    menu.close()


@OFFSCREEN
def test_the_context_menu_offers_the_inspectors_actions(window: MainWindow, qtbot: QtBot) -> None:
    window.session.edit({"network.seed": 3})  # its fifth neuron is dead from the start
    qtbot.waitUntil(lambda: is_at(window, 0) and shown_snapshot(window).config == window.session.config)
    selection, neuron = window.context.selection, NeuronRef(0, 2)
    child(window, QTabWidget, "inspectorTabs").setCurrentIndex(2)  # whichever is in front
    card = ["Copy picture\tCtrl+C", "Save picture …"]
    assert [*_menu(window, neuron)] == ["Freeze", "Switch off", "Copy numbers", "Let go", *card]
    assert selection.pinned == neuron
    for is_frozen in (True, False):
        assert _menu(window, neuron)["Freeze"].isChecked() != is_frozen
        _menu(window, neuron)["Freeze"].trigger()
        assert (neuron in window.session.state.run.wanted.frozen) == is_frozen
    _menu(window, neuron, by_key=True)["Switch off"].trigger()
    assert window.session.state.session.view.switched_off == {neuron}
    assert _menu(window, neuron)["Switch off"].isChecked()
    _menu(window, neuron)["Copy numbers"].trigger()
    assert "bias" in QGuiApplication.clipboard().text()
    for ref in (WeightRef(1, 0, 3), LayerRef(0), NeuronRef(1, 0)):
        offers = ["Freeze", "Copy numbers", *([NUDGE] if isinstance(ref, WeightRef) else []), "Let go"]
        assert [*_menu(window, ref)][: len(offers)] == offers
        assert selection.pinned == ref
    why = _menu(window, NeuronRef(0, 4))["What killed it?"]
    why.trigger()
    qtbot.waitUntil(lambda: window.features["why"].banner.card.is_open)
    window.session.set_view(hidden=frozenset({"action.freeze", "view.numbers"}))
    assert [*_menu(window, neuron)] == ["Let go", *card]
    _menu(window, neuron)["Let go"].trigger()
    assert selection.pinned is None


def test_a_dragged_kink_moves_the_bias_in_one_step_of_undo(window: MainWindow, qtbot: QtBot) -> None:
    """The plot tells of the end of a drag while the button's release is on its way."""
    window.context.selection.pin(NeuronRef(0, 2))
    first, plot = shown_snapshot(window).layers[0], window.views.function_plot.plot
    weight, bias = float(first.weight[2, 0]), float(first.bias[2])
    handles = window.views.function_plot.layers.handles
    assert handles.kink.isVisible()
    for _ in range(2):
        y = float(np.mean(plot.getViewBox().viewRange()[1]))
        here, there = (place_in(plot, x, y) for x in (handles.kink.value(), handles.kink.value() + 0.5))
        drag(plot.viewport(), here, here + (there - here) / 2, there)
        qtbot.waitUntil(lambda: _bias_is(window, 2, -handles.kink.value() * weight))
    kink = handles.kink.value()
    kinks = {ref: x for x, ref in kinks_of(window.views.function_plot.layers.kinks.marks)}
    assert kinks[NeuronRef(0, 2)] == pytest.approx(kink, abs=1e-5)
    undo = window.actions_["actionUndo"]
    for _ in range(2):
        assert undo.text() == "&Undo bias of neuron 3 of layer 1"
        undo.trigger()
    qtbot.waitUntil(lambda: _bias_is(window, 2, bias))
    assert not undo.isEnabled()


def test_a_dragged_slope_moves_the_weight_out(window: MainWindow, qtbot: QtBot) -> None:
    window.context.selection.pin(NeuronRef(0, 2))
    handles = window.views.function_plot.layers.handles
    assert handles.slope.isVisible()
    x, first = float(handles.slope.pos().x()), shown_snapshot(window).layers[0]
    h = max(0.0, float(first.weight[2, 0]) * x + float(first.bias[2]))
    assert h > 0
    handles.slope.setPos(x, 2.0)
    qtbot.waitUntil(lambda: float(shown_snapshot(window).layers[1].weight[0, 2]) == pytest.approx(2.0 / h, rel=1e-5))


def test_the_probe_shows_in_the_diagram_and_the_inspector(window: MainWindow, qtbot: QtBot) -> None:
    window.context.selection.hover(None)
    plain = window.views.diagram.grab().toImage()
    _switch_probe(window)
    assert window.views.diagram.grab().toImage() != plain
    window.views.function_plot.layers.handles.probe.setValue(-2.0)
    flow = not_none(window.views.diagram.flow)
    assert flow.input_note == "x = −2"
    np.testing.assert_allclose(flow.edges[0], -2 * shown_snapshot(window).layers[0].weight, rtol=1e-6)
    window.views.inspector.tabs.setCurrentWidget(window.views.inspector.mathematics)
    expected = affine_map(shown_snapshot(window).layers, "relu", 0, -2.0)
    qtbot.waitUntil(lambda: window.views.inspector.mathematics.formulas()[0] == expected)
    _switch_probe(window)
    assert window.views.diagram.flow is None
    assert window.views.diagram.grab().toImage() == plain


def test_switching_a_neuron_off_shows_what_it_was_for(window: MainWindow) -> None:
    snapshot = shown_snapshot(window)
    ref = NeuronRef(0, 4)
    window.views.inspector.switched_off_toggled.emit(ref, True)
    without = not_none(window.views.function_plot.layers.without.drawn())
    share = contributions(snapshot, snapshot.grid)[4]
    np.testing.assert_allclose(without[1], snapshot.output - share, atol=1e-5)
    assert "without h₅" in key_text(window)
    window.views.inspector.switched_off_toggled.emit(ref, False)
    assert window.views.function_plot.layers.without.drawn() is None
    assert shown_snapshot(window) is snapshot  # the training was not touched


def test_a_label_that_is_dragged_is_one_step_of_undo(window: MainWindow, qtbot: QtBot) -> None:
    for name, path in (("learningRate", "training.learning_rate"), ("sampleCount", "data.sample_count")):
        field = child(window, QWidget, name)
        label = next(w for w in window.views.panel.findChildren(ScrubLabel) if w.buddy() is field)
        before = window.session.config
        drag(label, *(QPoint(x, 4) for x in range(4, 95, 9)))
        assert window.session.config.get(path) > before.get(path)
        window.session.undo()
        assert window.session.config == before
        assert not window.actions_["actionUndo"].isEnabled()
