"""The microscope in its window: at the run's next step, its phases in the diagram, its step an ordinary one."""

import math
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from tests.dissections import broken_dissection
from tests.e2e.play import button
from tests.gui.conftest import WAIT_MS, child, key_text, show_result, shown_snapshot, train_to, trained_snapshot
from tests.not_none import not_none
from tinynet_gui.core.network.refs import NeuronRef, ParameterRef, WeightRef
from tinynet_gui.core.run.replay import Moment
from tinynet_gui.core.step.dissection import BACKWARD, FORWARD, LOSS, UPDATE, Dissection, step_flow
from tinynet_gui.core.training.engines import FULL_SPEED, EngineChoice
from tinynet_gui.ui.views.diagram import network_diagram
from tinynet_gui.ui.views.diagram.network_diagram import NetworkDiagram
from tinynet_gui.ui.views.diagram.painter import paint_network
from tinynet_gui.ui.widgets.selection import Selection
from tinynet_gui.ui.window.main_window import MainWindow


def _dissection(window: MainWindow) -> Dissection:
    dissection: Dissection | None = window.views.microscope.dissection
    assert dissection is not None
    return dissection


def _has_taken_apart(window: MainWindow, hidden: tuple[int, ...]) -> bool:
    return window.views.microscope.dissection is not None and _dissection(window).config.network.hidden == hidden


def _freezes(window: MainWindow) -> bool:
    update = _dissection(window).update
    return update is not None and update.frozen is not None


def _wait_for_step(window: MainWindow, qtbot: QtBot, step: int) -> None:
    qtbot.waitUntil(lambda: _dissection(window).before.step == step)


def _is_dissection_due(window: MainWindow) -> bool:
    return child(window, QTimer, "dissectionDelay").isActive()


def _open(window: MainWindow, qtbot: QtBot, step: int = 0) -> None:
    """Train to a step, at which out of sight nothing is taken apart, and open the microscope there."""
    if step:
        train_to(window, qtbot, step)
    assert window.views.microscope.dissection is None
    assert not _is_dissection_due(window)
    window.actions_["actionMicroscope"].trigger()
    qtbot.waitUntil(lambda: window.views.microscope.dissection is not None)


def test_moves_are_drawn_while_the_microscope_is_visible(window: MainWindow, qtbot: QtBot) -> None:
    before = window.views.diagram.grab().toImage()
    _open(window, qtbot)
    window.views.microscope.set_sample(None)
    for phase, caption in (
        (FORWARD, "w·v, mean over the batch"),
        (LOSS, "w·v, mean over the batch, as in Forward"),
        (BACKWARD, "gradient ∂L/∂w of each weight"),
        (UPDATE, "Δw: the change of each weight"),
    ):
        window.views.microscope.set_phase(phase)
        assert not_none(window.views.diagram.flow).caption == caption
        assert window.views.diagram.grab().toImage() != before
    window.views.microscope.set_phase(BACKWARD)
    window.views.microscope.set_sample(3)
    assert not_none(window.views.diagram.flow).caption == "this sample’s share of ∂L/∂w"
    show_result(window, window.views.loss_plot)
    assert window.views.diagram.flow is None
    assert window.views.diagram.grab().toImage() == before


def test_in_a_presentation_only_the_microscope_has_numbers(window: MainWindow, qtbot: QtBot) -> None:
    _open(window, qtbot)
    window.frame.arranger.begin_presentation()
    assert window.frame.arranger.presented == "microscope"
    assert window.views.diagram.flow is not None
    window.frame.arranger.present("diagram")  # a view of the network itself
    assert window.views.diagram.flow is None
    window.frame.arranger.end_presentation()
    assert window.views.diagram.flow is not None


def _drawn_errors(window: MainWindow) -> dict[float, tuple[float, float]]:
    """By x, the ends y and ŷ of each line that is drawn in the function plot."""
    errors, found = window.views.function_plot.layers.errors, {}
    for item in (errors.over, errors.under):
        if item.isVisible():
            pairs = np.column_stack([item.xData, item.yData]).reshape(-1, 4)
            assert (pairs[:, 0] == pairs[:, 2]).all()
            assert ((pairs[:, 3] > pairs[:, 1]) == (item is errors.over)).all()
            found.update({x: (y, output) for x, y, _, output in pairs.tolist()})
    return found


@pytest.mark.parametrize("batch_size", [0, 4])
def test_errors_of_the_batch_show_in_the_function_plot(window: MainWindow, qtbot: QtBot, batch_size: int) -> None:
    window.session.edit({"training.batch_size": batch_size})
    _open(window, qtbot, step=20)
    _wait_for_step(window, qtbot, 20)
    d = _dissection(window)
    assert len(d.samples) == (batch_size or 20)
    expected = {float(x): (float(y), float(o)) for x, y, o in zip(d.x, d.y, d.values.output, strict=True)}
    assert _drawn_errors(window) == dict([next(iter(expected.items()))])  # it begins with one sample
    window.views.microscope.set_sample(None)
    assert _drawn_errors(window) == expected
    assert "e = ŷ − y" in key_text(window)
    window.views.microscope.set_sample(int(d.samples[2]))
    assert _drawn_errors(window) == {float(d.x[2]): expected[float(d.x[2])]}
    ring = window.views.function_plot.layers.errors.ring
    assert [float(values[0]) for values in ring.getData()] == [float(d.x[2]), float(d.y[2])]
    window.views.microscope.set_sample(None)
    assert not ring.isVisible()
    window.session.set_parameter(ParameterRef(0, "weight", (2, 0)), 0.75)  # another curve: other errors
    qtbot.waitUntil(lambda: _dissection(window) is not d)
    assert _drawn_errors(window) != expected
    show_result(window, window.views.loss_plot)
    assert _drawn_errors(window) == {}
    assert "e = ŷ − y" not in key_text(window)


def test_every_shape_shows_its_phases(window: MainWindow, qtbot: QtBot) -> None:
    """With all of many edges too: the pictures differ from phase to phase, and the pinned neuron has its numbers."""
    window.actions_["actionMicroscope"].trigger()
    for hidden in ((), (5,), (100,), (1_000,), (8, 8, 8), (40, 30)):
        window.session.edit({"network.hidden": hidden})
        qtbot.waitUntil(partial(_has_taken_apart, window, hidden))
        window.context.selection.hover(None)
        unpinned, pinned = [], []
        for phase in range(4):
            window.views.microscope.set_phase(phase)
            window.context.selection.pin(None)
            unpinned.append(window.views.diagram.grab().toImage())
            window.context.selection.pin(NeuronRef(0, 0))
            pinned.append(window.views.diagram.grab().toImage())
        assert all(a != b for i, a in enumerate(unpinned) for b in unpinned[i + 1 :]), hidden
        assert all(a != b for a, b in zip(unpinned, pinned, strict=True)), hidden


def test_a_move_is_painted_once(window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Standing still, and under the mouse, the kept picture is shown."""
    _open(window, qtbot)
    painted: list[object] = []

    def paint_and_count(*args: Any, **kwargs: Any) -> None:
        painted.append(args)
        paint_network(*args, **kwargs)

    monkeypatch.setattr(network_diagram, "paint_network", paint_and_count)
    window.views.diagram.redraw()
    window.views.diagram.repaint()
    assert len(painted) == 1
    window.views.diagram.repaint()
    window.context.selection.hover(NeuronRef(0, 3))
    window.views.diagram.repaint()
    assert len(painted) == 1
    window.views.microscope.set_phase(BACKWARD)
    window.views.diagram.repaint()
    assert len(painted) == 2


def test_the_probe_comes_back_when_the_microscope_goes(window: MainWindow, qtbot: QtBot) -> None:
    child(window.views.function_plot, QToolButton, "probe").click()
    window.views.function_plot.layers.handles.probe.setValue(-2.0)
    _open(window, qtbot)
    assert window.views.diagram.flow is not None
    assert "what each carries" in window.views.diagram.flow.caption
    show_result(window, window.views.loss_plot)
    assert not_none(window.views.diagram.flow).caption.startswith("w·v at x = −2")


def test_the_diagram_shows_weights_while_running_then_the_step(window: MainWindow, qtbot: QtBot) -> None:
    _open(window, qtbot)
    first = _dissection(window)
    window.session.set_pace(FULL_SPEED)
    window.session.edit({"training.stop_step": 100_000_000})
    window.session.start()
    qtbot.waitUntil(lambda: shown_snapshot(window).step > 100)
    assert window.session.state.is_running  # it is not held up
    assert not window.views.function_plot.layers.errors.is_shown
    assert window.views.diagram.flow is None
    assert button(window, "microscopeDissect").isVisible()
    window.session.pause()
    qtbot.waitUntil(lambda: _dissection(window).before.step == shown_snapshot(window).step > 100)
    assert _dissection(window) is not first
    assert not button(window, "microscopeDissect").isVisible()
    assert window.views.diagram.flow is not None
    assert window.views.function_plot.layers.errors.is_shown


def _exports_what_it_shows(window: MainWindow) -> None:
    moment = not_none(window.context.controllers.microscope.moment)
    assert (moment.rule.config, moment.state.step) == (_dissection(window).config, _dissection(window).before.step)


def test_an_edit_by_hand_and_a_setting_are_in_the_step_at_once(window: MainWindow, qtbot: QtBot) -> None:
    _open(window, qtbot, step=20)
    _wait_for_step(window, qtbot, 20)
    window.views.microscope.set_phase(UPDATE)
    late, delay = _dissection(window), child(window, QTimer, "dissectionDelay")
    usual = delay.interval()
    delay.setInterval(WAIT_MS)  # nothing is asked before the late answer has come
    window.session.set_parameter(ParameterRef(0, "weight", (2, 0)), 0.75)
    qtbot.waitUntil(lambda: shown_snapshot(window).layers[0].weight[2, 0] == np.float32(0.75))
    delay.setInterval(usual)
    moment = Moment(late.before, window.session.state.session.rule)
    window.program.dissected.emit(moment, late)  # an answer that comes after the edit is not the last one
    assert _dissection(window) is late
    qtbot.waitUntil(lambda: _dissection(window).layers[0].weight[2, 0] == np.float32(0.75))
    _exports_what_it_shows(window)
    window.session.edit({"training.learning_rate": 0.02})
    window.views.microscope.dissection_wanted.emit()
    _exports_what_it_shows(window)  # and not what has been asked for
    qtbot.waitUntil(lambda: _dissection(window).config.training.learning_rate == 0.02)
    _exports_what_it_shows(window)
    window.views.inspector.frozen_toggled.emit(WeightRef(0, 2, 0), True)
    qtbot.waitUntil(lambda: _freezes(window))
    assert _dissection(window).before.step == 20
    assert window.views.microscope.phases.index == UPDATE  # it is the same step
    window.views.inspector.frozen_toggled.emit(WeightRef(0, 2, 0), False)
    qtbot.waitUntil(lambda: not _freezes(window))
    window.views.microscope.dissection_wanted.emit()
    window.views.inspector.frozen_toggled.emit(WeightRef(0, 2, 0), True)  # while the step is being taken apart
    qtbot.waitUntil(lambda: _freezes(window))


@pytest.mark.parametrize("hidden", [(8, 8), ()])
def test_a_step_can_be_requested_while_the_network_changes(
    window: MainWindow, qtbot: QtBot, hidden: tuple[int, ...]
) -> None:
    """For a moment the network on screen has another number of layers than the settings."""
    _open(window, qtbot)
    window.session.edit({"network.hidden": hidden})
    window.views.microscope.dissection_wanted.emit()
    qtbot.waitUntil(partial(_has_taken_apart, window, hidden))
    window.session.set_parameter(ParameterRef(0, "bias", (0,)), 0.5)
    qtbot.waitUntil(lambda: _dissection(window).layers[0].bias[0] == 0.5)


def test_a_step_of_the_past_stays_until_the_run_changes(window: MainWindow, qtbot: QtBot) -> None:
    look_at, rule = window.context.controllers.microscope.look_at, window.session.state.session.rule
    look_at(Moment(trained_snapshot((10,), 7).state, rule))  # before anything has been taken apart
    window.session.changed.emit(window.session.state, window.session.state)
    assert not _is_dissection_due(window)
    qtbot.waitUntil(lambda: window.views.microscope.dissection is not None)
    window.session.start()
    qtbot.waitUntil(lambda: shown_snapshot(window).step > 30)
    look_at(Moment(trained_snapshot((10,), 8).state, rule))  # the run pauses later than where it has been seen
    _wait_for_step(window, qtbot, 8)
    assert not _is_dissection_due(window)
    assert button(window, "microscopeDissect").isVisible()
    window.session.take_step()
    _wait_for_step(window, qtbot, shown_snapshot(window).step + 1)


def test_after_the_last_move_stands_one_ordinary_step(window: MainWindow, qtbot: QtBot) -> None:
    """Whichever engine takes the steps: the network stands to the last bit where the fourth phase said."""
    engines: list[EngineChoice] = ["pytorch", "compiled", "auto"]
    for begin, engine in enumerate(engines, start=1):
        window.session.set_engine(engine)
        train_to(window, qtbot, 50 * begin)
        if begin == 1:
            _open(window, qtbot)
        _wait_for_step(window, qtbot, 50 * begin)
        for step in (50 * begin + taken for taken in (1, 2, 3)):
            window.views.microscope.setFocus()
            for _ in range(3):
                QTest.keyClick(window.views.microscope, Qt.Key.Key_Right)
            shown = _dissection(window)
            assert shown.after is not None
            button(window, "microscopeTake").click()
            _wait_for_step(window, qtbot, step)
            state = shown_snapshot(window).state
            assert state.step == shown.after.step == step, engine
            for ours, theirs in zip(shown.after.parameters, state.parameters, strict=True):
                np.testing.assert_array_equal(ours, theirs, engine)
            assert window.views.microscope.phases.index == FORWARD, engine


def test_a_network_that_is_not_finite_is_drawn(diagram: NetworkDiagram, selection: Selection) -> None:
    for hidden in ((), (10,), (100,), (8, 8, 8)):
        for value in (math.inf, math.nan, 1e30, 3e38):
            d = broken_dissection(hidden, "adam", value)
            diagram.show_snapshot(replace(trained_snapshot(d.config, steps=0), layers=d.layers))
            for phase in range(4):
                for position in (None, 0):
                    flow = step_flow(d, phase, position)
                    diagram.show_flow(flow)
                    assert diagram.flow is flow
                    selection.pin(NeuronRef(len(hidden), 0))
                    assert not diagram.grab().isNull()
