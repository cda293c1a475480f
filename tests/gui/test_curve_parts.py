"""The curve taken apart: contributions, kinks and pieces, drawn and pointed at."""

import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QImage, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QToolButton
from pytestqt.qtbot import QtBot

from tests.contributions import contributions
from tests.gui.conftest import MakeWindow, child, key_text, place_in, trained_snapshot
from tests.not_none import not_none
from tests.places import kinks_of
from tinynet_gui.core.config import Config
from tinynet_gui.core.function.linear_regions import LinearRegions, find_linear_regions
from tinynet_gui.core.function.neurons import directions_of
from tinynet_gui.core.network.forward import Layer, forward
from tinynet_gui.core.network.refs import NeuronRef, ParameterRef
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.training.start import plot_range, points_of
from tinynet_gui.core.training.trainer import Trainer
from tinynet_gui.core.values import Floats
from tinynet_gui.ui.style.colors import DARK, LIGHT
from tinynet_gui.ui.style.theme import set_theme
from tinynet_gui.ui.views.diagram.layout import make_layout
from tinynet_gui.ui.views.diagram.network_diagram import NetworkDiagram
from tinynet_gui.ui.views.diagram.strips import digit_size
from tinynet_gui.ui.views.function_plot.function_plot import FunctionPlot
from tinynet_gui.ui.views.function_plot.handles import nearest_stop
from tinynet_gui.ui.widgets.plots.layer import LazyItem
from tinynet_gui.ui.widgets.plots.plot_parts import DashedCurve
from tinynet_gui.ui.widgets.selection import Selection
from tinynet_gui.ui.window.main_window import MainWindow

PLOT_RANGE = plot_range(Config().data)


def _show(plot: FunctionPlot, *hidden: int, steps: int = 30, activation: str = "relu") -> Snapshot:
    config = Config().replace("network.hidden", hidden).replace("network.activation", activation)
    snapshot = trained_snapshot(config, steps=steps)
    plot.show_config(config)
    plot.show_snapshot(snapshot)
    return snapshot


def _switch(plot: FunctionPlot, name: str, is_on: bool) -> None:
    child(plot, QToolButton, name).setChecked(is_on)


def _pieces(snapshot: Snapshot) -> LinearRegions:
    return find_linear_regions(snapshot.layers, snapshot.config.network.activation, *PLOT_RANGE)


def _drawn(plot: FunctionPlot) -> tuple[Floats, Floats]:
    """The x of the thin curves and their y, one row a curve."""
    lines = [[(point.x(), point.y()) for point in line.toList()] for line in plot.layers.parts.curves.lines]
    points = np.array(lines)
    return points[0, :, 0], points[:, :, 1]


def _move_mouse(plot: FunctionPlot, x: float, y: float) -> None:
    QTest.mouseMove(plot.plot.viewport(), place_in(plot.plot, x, y))


def _click(plot: FunctionPlot, x: float, y: float) -> None:
    _move_mouse(plot, x, y)
    QTest.mouseClick(plot.plot.viewport(), Qt.MouseButton.LeftButton, pos=place_in(plot.plot, x, y))


def _foot(plot: FunctionPlot) -> float:
    """The height of the lowest row of kinks, in the plot's coordinates."""
    box = plot.plot.getViewBox()
    return float(box.viewRange()[1][0] + 6 * box.viewPixelSize()[1])


def test_the_contributions_and_the_bias_add_up_to_the_output(plot: FunctionPlot) -> None:
    snapshot = _show(plot, 10, steps=500)
    _switch(plot, "curveParts", True)
    x, rows = _drawn(plot)
    assert len(rows) == 10
    pieces = _pieces(snapshot)
    assert x.tolist() == pieces.breakpoints.tolist()  # from kink to kink: no corner is cut off
    np.testing.assert_allclose(rows.sum(axis=0) + float(snapshot.layers[-1].bias[0]), pieces.values, atol=1e-5)
    shares = contributions(snapshot, snapshot.neuron_grid)
    for row, share in zip(rows, shares, strict=True):
        np.testing.assert_allclose(np.interp(snapshot.neuron_grid, x, row), share, atol=1e-5)
    theme_colors = [color.name() for color in LIGHT.neuron_colors(10)]
    assert [color.name() for color in plot.layers.parts.curves.colors] == theme_colors


@pytest.mark.parametrize(
    ("hidden", "activation"), [((10,), "relu"), ((6, 8), "leaky_relu"), ((7,), "tanh"), ((250,), "relu")]
)
def test_the_last_of_the_stacked_curves_is_the_output(
    plot: FunctionPlot, hidden: tuple[int, ...], activation: str
) -> None:
    snapshot = _show(plot, *hidden, activation=activation)
    _switch(plot, "curveParts", True)
    _switch(plot, "curveStacked", True)
    x, rows = _drawn(plot)
    assert len(rows) == min(hidden[-1], 84)  # every third of 250
    output = forward(snapshot.layers, activation, x.astype(np.float32)).output
    np.testing.assert_allclose(rows[-1], output, atol=1e-4)
    first = contributions(snapshot, x.astype(np.float32))[: plot.layers.parts.drawn[0] + 1].sum(axis=0)
    np.testing.assert_allclose(rows[0], first + float(snapshot.layers[-1].bias[0]), atol=1e-5)


def test_of_many_neurons_the_largest_contributions_are_drawn(plot: FunctionPlot) -> None:
    snapshot = _show(plot, 1_000, steps=5)
    _switch(plot, "curveParts", True)
    _x, rows = _drawn(plot)
    assert rows.shape == (100, 49)
    shares = contributions(snapshot, snapshot.neuron_grid)
    largest = np.sort(np.argsort(-np.abs(shares).max(axis=1))[:100])
    np.testing.assert_array_equal(rows, shares[largest])
    assert plot.layers.parts.curves.colors[-1] == LIGHT.neuron_colors(1_000)[largest[-1]]
    assert "100 largest of 1,000" in key_text(plot)
    _switch(plot, "curveStacked", True)
    assert "100 of 1,000 sums" in key_text(plot)
    _switch(plot, "curveParts", False)
    assert not plot.layers.parts.curves.isVisible()
    assert "1,000" not in key_text(plot)


@pytest.mark.parametrize("hidden", [(10,), (8, 8), (12, 12, 12), (600,)])
def test_every_kink_is_marked_and_every_bend_has_a_dot(plot: FunctionPlot, hidden: tuple[int, ...]) -> None:
    snapshot = _show(plot, *hidden)
    _switch(plot, "curveParts", True)
    pieces = _pieces(snapshot)
    kinks = pieces.kinks
    expected = list(zip(kinks.x.tolist(), map(NeuronRef, kinks.layer.tolist(), kinks.index.tolist()), strict=True))
    assert kinks_of(plot.layers.kinks.marks) == expected
    x, y = plot.layers.network.curve()
    assert x.tolist() == (snapshot.grid if hidden == (600,) else pieces.breakpoints).tolist()
    np.testing.assert_allclose(np.interp(snapshot.grid, x, y), snapshot.output, atol=1e-4)
    assert f"{pieces.count} pieces" in key_text(plot)
    assert "kinks" in key_text(plot)
    assert "direction" not in key_text(plot)
    one_layer = f"Here 99 % of the bend comes from {directions_of(snapshot)} directions."
    assert child(plot, QLabel, "functionKey").toolTip().endswith(one_layer) == (len(hidden) == 1)
    low, high = points_of(snapshot.config.data).x_range
    bending = pieces.bends_output & (kinks.x > low) & (kinks.x < high)
    assert len(hidden) > 1 or 0 < not_none(directions_of(snapshot)) <= bending.sum()  # no more than triangles
    if hidden != (600,):
        bends_x, bends_y = plot.layers.parts.dots.getData()
        assert bends_x.tolist() == np.unique(kinks.x[pieces.bends_output]).tolist()
        np.testing.assert_allclose(bends_y, np.interp(bends_x, pieces.breakpoints, pieces.values))
    plot.grab()


def test_a_smooth_activation_has_contributions_but_no_kinks(plot: FunctionPlot) -> None:
    snapshot = _show(plot, 9, activation="tanh")
    _switch(plot, "curveParts", True)
    _x, rows = _drawn(plot)
    np.testing.assert_array_equal(rows, contributions(snapshot, snapshot.neuron_grid))
    assert kinks_of(plot.layers.kinks.marks) == []
    assert "kink" not in key_text(plot)
    assert "piece" not in key_text(plot)


def test_kinks_that_are_out_of_date_vanish(make_window: MakeWindow, qtbot: QtBot) -> None:
    window: MainWindow = make_window(Config().replace("network.hidden", (120, 120)))
    plot = window.views.function_plot
    qtbot.waitUntil(lambda: bool(kinks_of(plot.layers.kinks.marks)))
    asked: list[Snapshot] = []
    plot.linear_regions_wanted.disconnect(window.context.regions.find)
    plot.linear_regions_wanted.connect(asked.append)
    window.session.take_step()
    qtbot.waitUntil(lambda: bool(asked) and asked[-1].step == 1)
    assert kinks_of(plot.layers.kinks.marks) == []
    assert "kinks when it stands still" in key_text(plot)
    old, new = trained_snapshot(asked[-1].config, steps=5), asked[-1]
    plot.show_linear_regions(old, _pieces(old))  # too late
    assert kinks_of(plot.layers.kinks.marks) == []
    plot.show_linear_regions(new, _pieces(new))
    assert [x for x, _ in kinks_of(plot.layers.kinks.marks)] == _pieces(new).kinks.x.tolist()


def test_a_selected_neurons_curve_and_kinks_stand_out(plot: FunctionPlot, selection: Selection) -> None:
    snapshot = _show(plot, 10)
    _switch(plot, "curveParts", True)
    before = plot.plot.grab().toImage()
    selection.hover(NeuronRef(0, 4))
    x, y = plot.layers.parts.selected.getData()
    np.testing.assert_allclose(y, contributions(snapshot, x.astype(np.float32))[4], atol=1e-6)
    pen = plot.layers.parts.selected.opts["pen"]
    assert pen.color() == LIGHT.neuron_colors(10)[4]
    assert pen.widthF() > 1
    assert "w′·h₅(x)" in key_text(plot)
    kink = next(x for x, ref in kinks_of(plot.layers.kinks.marks) if ref == NeuronRef(0, 4))
    center = place_in(plot.plot, kink, _foot(plot))
    around = [(center.x() + dx, center.y() + dy) for dx in range(-9, 10) for dy in range(-9, 10)]
    after = plot.plot.grab().toImage()
    ink = LIGHT.color("ink").name()

    def inked(image: QImage) -> int:
        return sum(image.pixelColor(QPointF(*place).toPoint()).name() == ink for place in around)

    assert inked(after) > inked(before)
    _switch(plot, "curveStacked", True)
    sums = contributions(snapshot, plot.layers.parts.selected.getData()[0].astype(np.float32))[:5].sum(axis=0)
    np.testing.assert_allclose(
        plot.layers.parts.selected.getData()[1], sums + float(snapshot.layers[-1].bias[0]), atol=1e-5
    )
    assert plot.layers.parts.band.isVisible()
    assert "up to h₅" in key_text(plot)
    selection.hover(None)
    assert not plot.layers.parts.band.isVisible()


def test_hovering_a_kink_selects_its_neuron_a_click_pins_it(plot: FunctionPlot, selection: Selection) -> None:
    _show(plot, 4, 3)
    marked = kinks_of(plot.layers.kinks.marks)
    lowest = [(x, ref) for x, ref in marked if ref.layer == 0]
    second = [(x, ref) for x, ref in marked if ref.layer == 1]
    assert lowest
    assert second
    _move_mouse(plot, lowest[0][0], _foot(plot))
    assert selection.hovered == lowest[0][1]
    row = 9.5 * plot.plot.getViewBox().viewPixelSize()[1]
    _move_mouse(plot, second[0][0], _foot(plot) + row)
    assert selection.hovered == second[0][1]
    _click(plot, lowest[0][0], _foot(plot))
    assert selection.pinned == lowest[0][1]
    QApplication.sendEvent(plot.plot.viewport(), QEvent(QEvent.Type.Leave))
    assert selection.hovered is None
    assert selection.pinned == lowest[0][1]
    _click(plot, lowest[0][0], _foot(plot))
    assert selection.pinned is None


@pytest.mark.parametrize("is_stacked", [False, True])
def test_the_mouse_over_a_curve_selects_its_neuron(plot: FunctionPlot, selection: Selection, is_stacked: bool) -> None:
    snapshot = _show(plot, 10)
    x = 2.9
    shares = contributions(snapshot, np.array([x], np.float32))[:, 0]
    largest = int(np.argmax(np.abs(shares)))
    y = shares[largest]
    if is_stacked:
        y = float(snapshot.layers[-1].bias[0]) + shares[: largest + 1].sum()
    _move_mouse(plot, x, y)
    assert selection.hovered is None  # the curves are not drawn yet
    _switch(plot, "curveParts", True)
    _switch(plot, "curveStacked", is_stacked)
    _move_mouse(plot, -2.0, 9.0)
    assert selection.hovered is None
    _move_mouse(plot, x, y)
    assert selection.hovered == NeuronRef(0, largest)
    _click(plot, x, y)
    assert selection.pinned == NeuronRef(0, largest)
    _move_mouse(plot, -2.0, 9.0)
    assert selection.hovered is None
    selection.hover(NeuronRef(0, 3))  # by keyboard, in the diagram
    _move_mouse(plot, -2.1, 9.0)
    assert selection.hovered == NeuronRef(0, 3)  # the plot lets go only of what it has selected


def test_a_neuron_that_adds_nothing_here_is_not_meant(plot: FunctionPlot, selection: Selection) -> None:
    """All that are off lie on one line at 0: the mouse there means none of them."""
    snapshot = _show(plot, 3)
    hidden = Layer(np.array([[1.0], [1.0], [-1.0]], np.float32), np.array([0.0, 1.0, 0.0], np.float32))
    layers = (hidden, Layer(np.full((1, 3), 2.0, np.float32), np.zeros(1, np.float32)))
    plot.show_snapshot(dataclasses.replace(snapshot, layers=layers))
    _switch(plot, "curveParts", True)
    _move_mouse(plot, 1.5, 0.0)  # the third is off here, the others are far above
    assert selection.hovered is None
    _move_mouse(plot, -1.5, 3.0)
    assert selection.hovered == NeuronRef(0, 2)
    _move_mouse(plot, -1.5, 0.0)
    assert selection.hovered is None


def test_a_slope_is_dragged_where_its_curve_is_drawn(plot: FunctionPlot, selection: Selection) -> None:
    snapshot = _show(plot, 10)
    selection.pin(NeuronRef(0, 5))
    handle = plot.layers.handles.slope
    assert handle.isVisible()
    here = np.array([handle.pos().x()], np.float32)
    assert handle.pos().y() == pytest.approx(contributions(snapshot, here)[5, 0], abs=1e-5)
    _switch(plot, "curveStacked", True)
    assert handle.isVisible()  # nothing is stacked yet
    _switch(plot, "curveParts", True)
    assert not handle.isVisible()
    _switch(plot, "curveStacked", False)
    assert handle.isVisible()


def test_a_diverged_network_can_be_taken_apart(plot: FunctionPlot) -> None:
    config = Config().replace("training.learning_rate", 10.0)
    snapshot = trained_snapshot(config, steps=100)
    assert snapshot.diverged_at is not None
    plot.show_config(config)
    _switch(plot, "curveParts", True)
    for stacked in (False, True):
        _switch(plot, "curveStacked", stacked)
        plot.show_snapshot(snapshot)
        plot.grab()


@pytest.mark.parametrize("hidden", [(10,), (200,), (6, 6, 6)])
def test_each_neuron_has_its_colour_in_the_diagram(hidden: tuple[int, ...], qtbot: QtBot) -> None:
    set_theme(DARK)
    diagram = NetworkDiagram(Selection())
    qtbot.addWidget(diagram)
    diagram.resize(720, 430)
    diagram.show_snapshot(trained_snapshot(Config().replace("network.hidden", hidden), steps=1))
    image = diagram.grab().toImage()
    layout = make_layout((1, *hidden, 1), diagram.width(), diagram.height(), digit_size())
    for layer, width in enumerate(hidden):
        column = [c for c in layout.columns if c.layer == layer][-1]
        colors = DARK.neuron_colors(width)
        for index in range(0, width, max(1, width // 10)):
            x = column.right + (4 if column.is_strip else 0)
            seen = image.pixelColor(round(x), round(float(column.y[index])))
            apart = (abs(getattr(seen, part)() - getattr(colors[index], part)()) for part in ("red", "green", "blue"))
            assert max(apart) < 12


def test_round_numbers() -> None:
    places = ((2.314, 0.07), (2.36, 0.1), (-0.149, 0.1), (0.04, 0.1), (2.314, 0.15), (13.0, 3.0), (87.0, 6.0))
    assert [nearest_stop(*place) for place in places] == [2.3, 2.4, -0.1, 0.0, 2.4, 15.0, 90.0]


@pytest.mark.parametrize("key", [Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier])
def test_the_probe_snaps_to_round_numbers_but_with_shift(
    plot: FunctionPlot, key: Qt.KeyboardModifier, qtbot: QtBot
) -> None:
    _show(plot, 4)
    plot.layers.handles.set_probe_shown(True)
    viewport = plot.plot.viewport()
    start, end = (place_in(plot.plot, x, 4.0).toPointF() for x in (1.0, 2.3333))
    none, left = Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton
    for kind, part, changed, held in (
        (QEvent.Type.MouseMove, 0.0, none, none),
        (QEvent.Type.MouseButtonPress, 0.0, left, left),
        *((QEvent.Type.MouseMove, part, none, left) for part in (0.3, 0.6, 1.0)),
        (QEvent.Type.MouseButtonRelease, 1.0, left, none),
    ):
        at = start + (end - start) * part
        there = QPointF(viewport.mapToGlobal(at))
        QApplication.sendEvent(viewport, QMouseEvent(kind, at, there, changed, held, key))
    x = float(plot.layers.handles.probe.value())
    assert x == pytest.approx(2.3333, abs=0.06)
    assert (x == round(x, 1)) == (key == Qt.KeyboardModifier.NoModifier)


def test_an_infinite_neuron_with_weight_0_is_shown(plot: FunctionPlot, selection: Selection) -> None:
    """Beyond the samples only: 0 · infinity is no number, and not drawn."""
    trainer = Trainer(Config())
    trainer.edit(ParameterRef(0, "weight", (2, 0)), 1.1e38)
    trainer.edit(ParameterRef(1, "weight", (0, 2)), 0.0)
    plot.show_config(trainer.config)
    plot.show_snapshot(trainer.snapshot(1))
    selection.pin(NeuronRef(0, 2))
    _, curve = plot.layers.parts.selected.getData()
    assert np.isnan(curve).any()
    assert (curve[np.isfinite(curve)] == 0).any()
    plot.grab()


def test_overlapping_curves_differ_by_more_than_colour(plot: FunctionPlot) -> None:
    """Samples are dots, seeds an area, the network a solid line; no two other lines have the same dashes."""
    for item in (item for layer in plot.layers for item in vars(layer).values() if isinstance(item, LazyItem)):
        item.setVisible(True)
    items = [item for item in plot.plot.items() if isinstance(item, DashedCurve)]
    styles = {item.opts["pen"].style() for item in items}
    assert len(styles - {Qt.PenStyle.SolidLine}) == len(items) == 5
