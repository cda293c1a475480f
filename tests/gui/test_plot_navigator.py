"""The plots by keys and by fingers: they pan, zoom, fit and open their menus, and take nothing from who has it."""

from collections.abc import Callable

import numpy as np
import pyqtgraph
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QContextMenuEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.conftest import OFFSCREEN, child, fingers, heard, place_in, seen, trained_snapshot
from tests.not_none import not_none
from tinynet_gui.core.config import Config
from tinynet_gui.core.experiments.table import EXPERIMENTS
from tinynet_gui.core.maps.valley import Line, Valley
from tinynet_gui.core.run.loss_history import HeldOutLosses, LossHistory
from tinynet_gui.ui.style.theme import FINGER, Zoom, zoom_application
from tinynet_gui.ui.views.experiments.experiment_plot import ExperimentPlot
from tinynet_gui.ui.views.function_plot.function_plot import FunctionPlot
from tinynet_gui.ui.views.loss_plot.loss_plot import LossPlot
from tinynet_gui.ui.views.runs.runs_view import ValleyPlot
from tinynet_gui.ui.widgets.plots.plot_menu import PAN, ZOOM
from tinynet_gui.ui.widgets.plots.plot_parts import Plot
from tinynet_gui.ui.widgets.selection import Selection
from tinynet_gui.ui.window.views import VIEWS

Key, Reason = Qt.Key, QContextMenuEvent.Reason


@pytest.fixture(autouse=True)
def _no_move_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(pyqtgraph.CONFIG_OPTIONS, "mouseRateLimit", -1)


def _function(selection: Selection | None = None) -> FunctionPlot:
    card = FunctionPlot(selection or Selection())
    card.show_config(Config())
    card.show_snapshot(trained_snapshot(Config()))
    return card


def _loss() -> LossPlot:
    card = LossPlot()
    history = LossHistory().with_losses(0, np.linspace(5.0, 0.1, 50).astype(np.float32))
    card.show_history(history, HeldOutLosses(), (), None, 50)
    return card


def _swarm() -> ExperimentPlot:
    view, stop = ExperimentPlot(), np.zeros(1, dtype=np.uint8)
    config = Config().replace("training.stop_step", 30)
    view.show_result(EXPERIMENTS["ladder"].run(config, 1, stop, lambda *_: None))
    return view


def _valley() -> ValleyPlot:
    view, flat = ValleyPlot(), Line(np.ones(2, np.float32), 1.0)
    view.show_valley(Valley(np.linspace(0, 1, 2), flat, flat, (), 0.0), ("this", "that"))
    return view


@pytest.fixture(params=[_function, _loss, _swarm, _valley])
def shown(qtbot: QtBot, request: pytest.FixtureRequest) -> Plot:
    view: QWidget = seen(qtbot, request.param(), 500, 360)
    view.activateWindow()
    qtbot.waitUntil(view.isActiveWindow)
    return child(view, Plot)


def _in_view(plot: Plot) -> np.ndarray:
    return np.array(plot.getViewBox().viewRange())


def test_each_plot_is_moved_by_keys(shown: Plot) -> None:
    usual, shortcuts = _in_view(shown), [QAction(shown.window(), shortcut=QKeySequence(key)) for key in "+-="]
    shown.window().addActions(shortcuts)  # as the speed of the training has
    width, height = usual[:, 1] - usual[:, 0]
    for key, right, up in ((Key.Key_Right, 1, 0), (Key.Key_Left, -1, 0), (Key.Key_Up, 0, 1), (Key.Key_Down, 0, -1)):
        before = _in_view(shown)
        QTest.keyClick(shown, key)
        moved = [[PAN * right * width], [PAN * up * height]]
        np.testing.assert_allclose(_in_view(shown) - before, np.broadcast_to(moved, (2, 2)), atol=1e-6 * width)
    for key, factor in ((Key.Key_Plus, ZOOM), (Key.Key_Minus, 1.0), (Key.Key_Equal, ZOOM)):
        QTest.keyClick(shown, key)
        np.testing.assert_allclose(np.ptp(_in_view(shown), axis=1), [factor * width, factor * height])
        np.testing.assert_allclose(_in_view(shown).mean(axis=1), usual.mean(axis=1), atol=1e-6 * width)
    QTest.keyClick(shown, Key.Key_Home)
    np.testing.assert_allclose(_in_view(shown), usual)
    for _ in range(200):
        QTest.keyClick(shown, Key.Key_Plus)
    assert (np.ptp(_in_view(shown), axis=1) > 0).all()
    QTest.keyClick(shown, Key.Key_Right, Qt.KeyboardModifier.ControlModifier)  # another's
    assert shown.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert shown.accessibleName()


@OFFSCREEN
@pytest.mark.parametrize("reason", [Reason.Keyboard, Reason.Other])
def test_menu_key_and_long_press_open_the_context_menu(shown: Plot, reason: QContextMenuEvent.Reason) -> None:
    widget = shown if reason == Reason.Keyboard else shown.viewport()
    place = widget.rect().center()
    menu = child(shown, QMenu, "plotMenu")
    assert not menu.isVisible()
    QApplication.sendEvent(widget, QContextMenuEvent(Reason.Mouse, place, widget.mapToGlobal(place)))
    assert not menu.isVisible()  # the right button may begin a drag
    QApplication.sendEvent(widget, QContextMenuEvent(reason, place, widget.mapToGlobal(place)))
    assert menu.isVisible()
    assert menu.actions()[0].text() == "Show everything"
    menu.hide()


@pytest.mark.parametrize("height", [0.1, -9.0])
def test_of_a_plot_that_was_hidden_nothing_old_stays_in_sight(shown: Plot, height: float) -> None:
    """A part of it is painted before Qt's turn to paint a change, as happens when the plot is laid out anew."""
    (left, right), (low, high) = _in_view(shown)
    window, curve = shown.window(), pyqtgraph.PlotCurveItem(pen=pyqtgraph.mkPen("k", width=3))
    shown.addItem(curve, ignoreBounds=True)
    for _ in range(2):
        window.hide()
        curve.setData([left, right], [low, high])
        window.show()
        QApplication.processEvents()
    curve.setData([left, right], [low + height * (high - low)] * 2)
    shown.viewport().repaint(0, 0, 100, 50)
    for _ in range(3):
        QApplication.processEvents()
    on_screen = window.screen().grabWindow(window.winId()).toImage()
    assert on_screen == window.grab().toImage().convertToFormat(on_screen.format())


def test_two_fingers_pan_and_zoom_each_plot(shown: Plot) -> None:
    usual, viewport, box = _in_view(shown), shown.viewport(), shown.getViewBox()
    (left, right), (low, high) = usual
    one = place_in(shown, left + 0.4 * (right - left), (low + high) / 2)
    other = place_in(shown, left + 0.6 * (right - left), (low + high) / 2)
    by = QPoint(30, 0)
    fingers(viewport, (one, other), (one + by, other + by))
    np.testing.assert_allclose(_in_view(shown)[0] - usual[0], -30 / box.width() * (right - left), rtol=1e-6)
    QTest.keyClick(shown, Key.Key_Home)
    half = (other - one) / 2
    fingers(viewport, (one, other), (one - half, other + half))
    np.testing.assert_allclose(np.ptp(_in_view(shown), axis=1), np.ptp(usual, axis=1) / 2, rtol=0.02)
    np.testing.assert_allclose(_in_view(shown)[0].mean(), usual[0].mean(), atol=0.01 * (right - left))


def test_the_sheet_of_keys_says_what_the_plots_take() -> None:
    (keys,) = (record.keys for record in VIEWS if record.keys_title == "All plots")
    assert [key for key, _ in keys] == ["Arrows", "+, −", "Home", "Menu, Shift+F10"]


@pytest.fixture
def drawn(qtbot: QtBot, selection: Selection) -> FunctionPlot:
    return seen(qtbot, _function(selection), 600, 400)


def _at(card: FunctionPlot, x: float, y: float) -> QPoint:
    return place_in(card.plot, x, y)


def test_one_finger_pans_until_a_second_one_comes(drawn: FunctionPlot) -> None:
    surface, before, start = drawn.plot.viewport(), _in_view(drawn.plot), _at(drawn, 0.0, 4.0)
    fingers(surface, (start,), (start + QPoint(40, 0),), (start + QPoint(60, 0),))
    after = _in_view(drawn.plot)
    assert before[0, 0] - after[0, 0] == pytest.approx(60 * drawn.plot.getViewBox().viewPixelSize()[0], rel=0.1)
    fingers(surface, (start,), (start + QPoint(1, 1),))  # still: a tap
    np.testing.assert_array_equal(_in_view(drawn.plot), after)


def test_a_tap_reads_a_nearby_curve_and_pins_its_neuron(drawn: FunctionPlot, selection: Selection) -> None:
    drawn.switches.parts.setChecked(True)
    QApplication.processEvents()  # the key has more lines
    parts, pins = drawn.layers.parts, heard(selection.pinned_changed)
    x, y = parts.drawn_curves()[0]
    at = _at(drawn, float(x[len(x) // 2]), float(y[len(x) // 2]))
    ref = parts.curve_at(float(x[len(x) // 2]), float(y[len(x) // 2]))
    fingers(drawn.plot.viewport(), (at,))
    assert selection.hovered == selection.pinned == not_none(ref)
    assert len(pins) == 1


def test_after_a_touch_targets_near_the_finger_count(drawn: FunctionPlot) -> None:
    x, y = (float(values[0]) for values in drawn.layers.samples.trained_points())
    editor, place = drawn.layers.editor, _at(drawn, x, y) + QPoint(-15, 0)
    assert editor.menu_at(place) is None
    zoom_application(Zoom(least_target=FINGER))
    assert editor.menu_at(place) is not None


@pytest.mark.parametrize("make", [_function, _loss])
def test_after_a_pinch_one_finger_pans_a_double_tap_fits(
    make: Callable[[], FunctionPlot | LossPlot], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    plot = seen(qtbot, make(), 600, 400).plot
    surface, usual, place, by = plot.viewport(), _in_view(plot), QPoint(200, 60), QPoint(40, 0)
    for interval, goes_back in ((0, False), (60_000, True)):
        monkeypatch.setattr(QApplication, "doubleClickInterval", lambda interval=interval: interval)
        fingers(surface, (place, place + by), (place - by, place + by * 2))
        before = _in_view(plot)
        fingers(surface, (place,), (place + by,), (place + by + by,))
        moved = (before - _in_view(plot))[0] / plot.getViewBox().viewPixelSize()[0]
        np.testing.assert_allclose(moved, 80, rtol=0.1)
        fingers(surface, (place,))
        fingers(surface, (place,))
        assert np.allclose(_in_view(plot), usual) == goes_back


def test_a_tap_reads_the_loss(qtbot: QtBot) -> None:
    card = seen(qtbot, _loss(), 500, 360)
    fingers(card.plot.viewport(), (place_in(card.plot, 25.0, 0.0),))
    assert card.value.text().startswith(("step 24: ", "step 25: "))


def test_a_tap_points_at_a_dot_and_a_second_one_chooses(qtbot: QtBot) -> None:
    view = seen(qtbot, _swarm(), 500, 360)
    plot, pointed, clicked = child(view, Plot), heard(view.run_pointed), heard(view.run_clicked)
    dots = next(
        item for item in plot.getPlotItem().items if isinstance(item, pyqtgraph.ScatterPlotItem) and len(item.data)
    )
    dot = dots.points()[0].pos()
    place = place_in(plot, dot.x(), dot.y())
    fingers(plot.viewport(), (place,))
    assert not_none(pointed[-1])
    assert clicked == []
    fingers(plot.viewport(), (place,))
    assert len(clicked) == 1


def test_one_finger_edits_samples_and_two_only_zoom(drawn: FunctionPlot) -> None:
    edited = heard(drawn.layers.editor.points_edited)
    drawn.switches.edit.setChecked(True)
    surface, empty = drawn.plot.viewport(), _at(drawn, 0.0, 6.0)
    fingers(surface, (empty, empty + QPoint(80, 0)), (empty, empty + QPoint(120, 0)))
    assert edited == []
    empty = _at(drawn, 0.0, 6.0)
    fingers(surface, (empty,))
    assert [len(points) for points in edited] == [21]
    fingers(surface, (empty,), (empty + QPoint(0, 20),), (empty + QPoint(0, 30),))
    assert len(edited[-1]) == 21
    assert edited[-1].y[-1] < edited[0].y[-1]


def test_a_finger_takes_hold_of_the_probe_beside_it(drawn: FunctionPlot) -> None:
    drawn.switches.probe.setChecked(True)
    probe = drawn.layers.handles.probe
    start = _at(drawn, float(probe.value()), 4.0) + QPoint(10, 0)
    fingers(drawn.plot.viewport(), (start,), (start + QPoint(40, 0),), (start + QPoint(60, 0),))
    assert probe.value() > 1.3
