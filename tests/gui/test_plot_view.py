"""What of the plots is in view: the menu, a range that is typed, curves that reach as far, words that stay readable."""

import itertools
import re
from collections.abc import Callable
from functools import partial

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPaintEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QGraphicsRectItem, QLabel, QToolButton
from pytestqt.qtbot import QtBot

from tests.gui.conftest import OFFSCREEN, child, place_in, seen, trained_snapshot, type_range
from tests.not_none import not_none
from tests.places import kinks_of
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.experiments.luck import SeedBand
from tinynet_gui.core.function.linear_regions import find_linear_regions
from tinynet_gui.core.network.forward import forward
from tinynet_gui.core.network.refs import NeuronRef
from tinynet_gui.core.run.loss_history import HeldOutLosses, LossHistory
from tinynet_gui.core.run.train import Preview, PreviewStart
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.training.start import GRID_POINTS, initial_state, make_dataset, plot_grid, plot_range
from tinynet_gui.core.values import Array
from tinynet_gui.core.wording.setting_line import read_setting
from tinynet_gui.ui.style.colors import DARK, LIGHT
from tinynet_gui.ui.style.theme import set_theme
from tinynet_gui.ui.views.function_plot import scene
from tinynet_gui.ui.views.function_plot.function_plot import FunctionPlot
from tinynet_gui.ui.views.loss_plot.loss_plot import LossPlot
from tinynet_gui.ui.widgets.plots import plot_parts
from tinynet_gui.ui.widgets.plots.layer import LegendLabel
from tinynet_gui.ui.widgets.plots.plot_menu import Range
from tinynet_gui.ui.widgets.plots.plot_parts import DashedCurve, NumberAxis, StepAxis
from tinynet_gui.ui.widgets.selection import Selection

FAR = (-40.0, 25.0)


@pytest.fixture
def losses(qtbot: QtBot) -> LossPlot:
    plot = seen(qtbot, LossPlot(), 400, 300)
    history = LossHistory().with_losses(0, np.linspace(5.0, 0.1, 50).astype(np.float32))
    plot.show_history(history, HeldOutLosses(), (), None, 50)
    return plot


def _show(plot: FunctionPlot, *hidden: int, activation: str = "relu") -> Snapshot:
    config = Config().replace("network.hidden", hidden).replace("network.activation", activation)
    snapshot = trained_snapshot(config)
    plot.show_config(config)
    plot.show_snapshot(snapshot)
    return snapshot


@pytest.mark.parametrize("hidden", [(10,), (), (6, 5), (1_000,), (300, 300)])
@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_the_curves_reach_as_far_as_the_view(plot: FunctionPlot, hidden: tuple[int, ...], activation: str) -> None:
    snapshot = _show(plot, *hidden, activation=activation)
    plot.plot.setXRange(*FAR, padding=0)
    for x, _ in (plot.layers.truth.curve(), plot.layers.network.curve()):
        assert (x[0], x[-1]) == pytest.approx(FAR)
    x, y = plot.layers.truth.curve()
    np.testing.assert_allclose(y, x**2, rtol=1e-5)
    x, y = plot.layers.network.curve()
    truth = forward(snapshot.layers, activation, np.asarray(x, np.float32)).output
    np.testing.assert_allclose(y, truth, atol=1e-4 * np.abs(truth).max())
    if hidden == (10,) and activation == "relu":  # so do the kinks
        kinks = find_linear_regions(snapshot.layers, "relu", *FAR).kinks
        usual = find_linear_regions(snapshot.layers, "relu", *plot_range(snapshot.config.data)).kinks
        assert [x for x, _ in kinks_of(plot.layers.kinks.marks)] == kinks.x.tolist()
        assert len(kinks.x) > len(usual.x)
    child(plot, QToolButton, "curveParts").click()
    assert all((x[0], x[-1]) == pytest.approx(FAR) for x, _ in plot.layers.parts.drawn_curves())
    plot.view.show_everything()
    assert plot.layers.network.curve()[0][0] == pytest.approx(plot_range(snapshot.config.data)[0])


def test_in_the_usual_view_nothing_is_computed_again(plot: FunctionPlot, monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot = _show(plot, 10, activation="tanh")
    monkeypatch.setattr(scene, "output_curve", lambda *_: pytest.fail("computed again"))
    plot.show_snapshot(snapshot)
    np.testing.assert_array_equal(plot.layers.network.curve()[1], snapshot.output)


def test_a_frame_in_quick_succession_is_as_painted_from_nothing(
    plot: FunctionPlot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What training does not change is painted again only after it has changed, and after a rest."""
    whole, paint = list[object](), pg.GraphicsView.paintEvent

    def paint_whole(view: pg.GraphicsView, event: QPaintEvent) -> None:
        whole.append(event)
        paint(view, event)

    monkeypatch.setattr(pg.GraphicsView, "paintEvent", paint_whole)
    rest = child(plot.plot, QTimer, "plotRests")
    rest.setInterval(1_000_000)
    probe = child(plot, QToolButton, "probe")
    changes: tuple[tuple[Callable[[], object], bool], ...] = (
        (partial(plot.show_config, Config()), True),
        (plot.isVisible, False),
        (plot.isVisible, False),
        (partial(set_theme, DARK), False),
        (plot.show_theme, True),
        (plot.isVisible, False),
        (probe.click, True),
        (plot.isVisible, True),  # it lies on top
        (probe.click, True),
        (plot.isVisible, False),
        (partial(plot.view.show_range, Range(-1, 2), Range(-1, 9)), True),
        (plot.isVisible, False),
        (rest.timeout.emit, True),
    )
    for step, (change, is_whole) in enumerate(changes):
        plot.show_snapshot(trained_snapshot(Config(), step))
        change()
        whole.clear()
        for _ in range(3):
            QApplication.processEvents()
        assert bool(whole) == is_whole, step
        screen = not_none(plot.backingStore()).paintDevice()
        assert isinstance(screen, QImage)
        assert screen.copy(plot.rect()) == plot.grab().toImage().convertToFormat(screen.format()), step


@OFFSCREEN
def test_a_right_click_offers_a_menu(plot: FunctionPlot) -> None:
    center = place_in(plot.plot, 0.0, 4.0)
    QTest.mouseMove(plot.plot.viewport(), center)
    QTest.mouseClick(plot.plot.viewport(), Qt.MouseButton.RightButton, pos=center)
    menu = plot.view.menu.menu
    assert menu.isVisible()
    texts = ["Show everything", "Visible range …", "Fit y to the networks", "Train on a range of x only …"]
    assert [a.text() for a in menu.actions() if a.text()] == texts
    menu.hide()


def test_a_range_is_typed_and_taken_back(plot: FunctionPlot, qtbot: QtBot) -> None:
    _show(plot, 4)
    usual = plot.plot.getViewBox().viewRange()
    type_range(plot.view.menu.ask_for_range, rangeXFrom="−12", rangeXTo="8.5", rangeYFrom="-1", rangeYTo="100")
    assert plot.plot.getViewBox().viewRange() == [[-12.0, 8.5], [-1.0, 100.0]]
    plot.view.menu.menu.actions()[0].trigger()
    assert plot.plot.getViewBox().viewRange() == [pytest.approx(ends) for ends in usual]


@pytest.mark.parametrize(
    ("texts", "reason"),
    [
        ({"rangeXFrom": "three"}, "x: “three” is not a number"),
        ({"rangeXFrom": "5", "rangeXTo": "4"}, "x: the range has to end above"),
        ({"rangeYTo": "nan"}, "y: nan is not allowed"),
        ({"rangeYTo": "1e9"}, "y: 1e9 is not allowed"),
    ],
)
def test_a_range_that_is_none_is_refused(plot: FunctionPlot, texts: dict[str, str], reason: str) -> None:
    _show(plot, 4)
    before = plot.plot.getViewBox().viewRange()
    dialog = type_range(plot.view.menu.ask_for_range, **texts)
    assert child(dialog, QLabel, "rangeError").text().startswith(reason)
    assert dialog.isVisible()
    assert plot.plot.getViewBox().viewRange() == before
    dialog.reject()


def test_the_loss_has_a_range_of_losses_and_a_logarithmic_axis(losses: LossPlot) -> None:
    usual = losses.plot.getViewBox().viewRange()
    type_range(losses.view.menu.ask_for_range, rangeXFrom="10", rangeXTo="20", rangeYFrom="0.01", rangeYTo="100")
    assert losses.plot.getViewBox().viewRange() == [[10.0, 20.0], [-2.0, 2.0]]
    losses.view.menu.everything_wanted.emit()
    assert losses.plot.getViewBox().viewRange() == [pytest.approx(ends) for ends in usual]
    losses.set_log(False)
    assert losses.plot.getViewBox().viewRange()[1][0] == 0


def test_axes_have_names(plot: FunctionPlot, losses: LossPlot) -> None:
    for view, names in ((plot.plot, ("x", "y")), (losses.plot, ("step", "loss"))):
        labels = [view.getAxis(side).label for side in ("bottom", "left")]
        assert tuple(label.toPlainText().strip() for label in labels) == names
        scene = view.viewport().rect()
        for label in labels:
            assert label.isVisible()
            assert scene.contains(view.mapFromScene(label.sceneBoundingRect()).boundingRect().adjusted(6, 6, -6, -6))


def _words(plot: FunctionPlot) -> list[pg.TextItem]:
    """The words that name what is shaded."""
    texts = [item for item in plot.plot.scene().items() if isinstance(item, pg.TextItem)]
    return [item for item in texts if item.toPlainText() == "no data here"]


def _shaded(plot: FunctionPlot) -> list[tuple[float, float]]:
    """The parts of the plot in which there is no data, as shaded."""
    items = plot.plot.getViewBox().childGroup.childItems()
    shades = [item for item in items if isinstance(item, QGraphicsRectItem) and item.isVisible()]
    return sorted((shade.rect().left(), shade.rect().right()) for shade in shades)


def test_all_is_shaded_but_the_range_that_is_trained_on(plot: FunctionPlot) -> None:
    """From the first to the last training sample, as the error within and outside is measured."""
    plot.show_config(Config())
    samples = make_dataset(Config().data).x_train
    left, right = _shaded(plot)
    pixel = plot.plot.getViewBox().viewPixelSize()[0]
    assert (left[0], right[1]) == pytest.approx((-4.5, 4.5))
    assert (left[1], right[0]) == pytest.approx((samples.min(), samples.max()), abs=6 * pixel)
    assert left[1] < samples.min() < samples.max() < right[0]


@pytest.mark.parametrize("x", [1.0, 0.0, -2008.0])
def test_no_shade_covers_samples_that_have_one_x_only(plot: FunctionPlot, x: float) -> None:
    held_out = np.array([False, False, True])
    points = Points([x, x, x + 1], [0.0, 4.0, 40.0], held_out)
    plot.show_config(Config().replace("data.points", points))
    left, right = _shaded(plot)
    assert left[1] < x < right[0]
    (low, high), (bottom, top) = plot.plot.getViewBox().viewRange()
    assert low < x - 0.2 < x + 1.2 < high
    assert (bottom < 0, top > 40) == (True, True)  # what is held out is in view too
    words = _words(plot)
    assert [word.isVisible() for word in words if word.pos().x() > x] in ([], [False])  # where one is held out
    assert any(word.isVisible() for word in words)


def test_own_points_fill_the_view(plot: FunctionPlot) -> None:
    """A true function that nobody gave would press them to the foot: x² of 1990 is four million."""
    config = read_setting("x=1990,2000,2010&y=1,4,9").config
    plot.show_config(config)
    low, high = plot.plot.getViewBox().viewRange()[1]
    assert low < 1
    assert 9 < high < 20


def test_no_curve_passes_through_the_words(plot: FunctionPlot) -> None:
    """They name what is shaded, and are no use under a line."""
    _show(plot, 10)
    child(plot, QToolButton, "curveParts").click()
    words = _words(plot)
    assert len(words) == 2
    for x_range in (FAR, (-8.0, 8.0), (-4.5, 4.5)):
        plot.plot.setXRange(*x_range, padding=0)
        curves = [plot.layers.truth.curve(), plot.layers.network.curve(), *plot.layers.parts.drawn_curves()]
        for word in words:
            box = word.mapRectToView(word.boundingRect())
            for x, y in curves if word.isVisible() else ():
                there = np.interp(np.linspace(box.left(), box.right(), 50), x, y)
                assert not ((there > box.top()) & (there < box.bottom())).any()


def test_a_ghost_that_comes_does_not_pass_through_the_words(plot: FunctionPlot) -> None:
    points = Points(np.linspace(-1, 1, 9), np.linspace(0, 10, 9), origin="made up")
    config = Config().replace("data.points", points)
    plot.show_config(config)
    words = [item for item in _words(plot) if item.isVisible()]
    assert words
    level = words[0].mapRectToView(words[0].boundingRect()).center().y()
    flat = np.full(GRID_POINTS, level, dtype=np.float32)
    plot.layers.ghost.show_preview(_preview(config, np.ones(2, dtype=np.float32), flat))
    for word in words:
        box = word.mapRectToView(word.boundingRect())
        assert not (word.isVisible() and box.top() < level < box.bottom())


def test_lines_are_as_wide_on_a_fine_screen(monkeypatch: pytest.MonkeyPatch, qapp: QApplication) -> None:
    pen = plot_parts.curve_pen(QColor("black"), 2.4)
    assert pen.isCosmetic()  # so its width is in pixels of the screen
    monkeypatch.setattr(QApplication, "devicePixelRatio", lambda self: 2.0)
    assert plot_parts.curve_pen(QColor("black"), 2.4).widthF() == pytest.approx(2 * pen.widthF())


def test_the_key_is_not_cut_and_does_not_move_the_plot(plot: FunctionPlot, selection: Selection) -> None:
    plot.resize(300, 360)
    _show(plot, 10)
    QApplication.processEvents()
    top, key = plot.plot.y(), child(plot, LegendLabel)
    assert key.heightForWidth(key.width()) <= key.height()
    selection.hover(NeuronRef(0, 9))
    QApplication.processEvents()
    assert "h₁₀(x)" in key.text()
    assert key.heightForWidth(key.width()) <= key.height()
    assert plot.plot.y() == top


def test_each_runs_first_curve_fits_unless_the_user_zoomed(plot: FunctionPlot) -> None:
    """One that would squeeze the samples into less than half of the view is not."""
    plot.show_config(Config())
    usual = plot.scene.y_range
    left = 0
    for seed in range(32):
        plot.show_snapshot(snapshot := trained_snapshot(Config().replace("network.seed", seed), 0, seed + 1))
        low, high = plot.plot.getViewBox().viewRange()[1]
        assert low < snapshot.output.min()
        assert snapshot.output.max() < high
        left += snapshot.output.min() < usual[0]
    assert left > 3  # without it
    plot.show_snapshot(trained_snapshot(Config().replace("network.weight_scale", 30.0), 0, 40))
    assert plot.plot.getViewBox().viewRange()[1] == pytest.approx(usual)
    plot.view.show_range(None, Range(0.0, 5.0))
    plot.show_snapshot(trained_snapshot(Config().replace("network.seed", 3), 0, 41))
    assert plot.plot.getViewBox().viewRange()[1] == pytest.approx((0.0, 5.0))


def test_a_swarm_and_a_band_of_seeds_are_told_apart(plot: FunctionPlot) -> None:
    x = plot_grid(Config().data)
    plot.layers.swarm.show_outputs(x, [x, x], 12)
    plot.layers.band.show_band(SeedBand(Config(), 12, 0, x, x, x, x))
    for theme in (LIGHT, DARK):
        set_theme(theme)
        [swarm], [band] = (layer.legend_entries() for layer in (plot.layers.swarm, plot.layers.band))
        colors, words = zip(*(re.findall(r"color:(#\w+).*> (.*)", entry)[0] for entry in (swarm, band)), strict=True)
        assert len(set(colors)) == 2
        assert words == ("swarm: 2 of 12 seeds", "middle 80 % of 12 seeds")


def _preview(config: Config, losses: Array, output: Array) -> Preview:
    """A training that diverges, with these losses and curve."""
    start, grid, steps = (
        PreviewStart(initial_state(config), make_dataset(config.data)),
        plot_grid(config.data),
        len(losses),
    )
    diverged_at, last = steps, float(losses[-1])
    return Preview(config, np.arange(float(steps)), losses, (), grid, output, last, diverged_at, start, start.state)


def _nearly_infinite() -> Preview:
    """A training that goes nearly to infinity. At such a curve the paint did not end."""
    grid = plot_grid(Config().data)
    up, down, far = (np.maximum(0, side) for side in (-3.2 - grid, grid - 2, grid - 2.2))
    output = (9 + 4.9e18 * up - 5.7e5 * down - 1e27 * far).astype(np.float32)
    return _preview(Config(), np.geomspace(1, 1e30, 50, dtype=np.float32), output)


def _dashes_in_pixels(plot: pg.PlotWidget) -> list[float]:
    """How high the dashed curves of a plot are, in pixels of the screen, wherever they lie."""
    plot.getViewBox().updateMatrix()  # as before a paint
    curves = [item for item in plot.scene().items() if isinstance(item, DashedCurve) and item.isVisible()]
    return [curve.sceneTransform().mapRect(curve.getPath().boundingRect()).height() for curve in curves]


@pytest.mark.parametrize("y_range", [(0.0, 10.0), (5.0, 5.0001), (-1e12, 1e12)])
def test_dashes_far_outside_the_view_end_some_time(
    plot: FunctionPlot, losses: LossPlot, y_range: tuple[float, float]
) -> None:
    """Of 10**16 pixels of them Qt may add one up after another forever."""
    _show(plot, 10)
    preview = _nearly_infinite()
    plot.layers.ghost.show_preview(preview)
    losses.set_log(False)
    losses.layers.ghost.show_preview(preview)
    for view in (plot.plot, losses.plot):
        view.setYRange(*y_range, padding=0)
        heights = _dashes_in_pixels(view)
        assert heights
        assert max(heights) < 1e10
        view.grab()
    drawn = not_none(plot.layers.ghost.drawn())
    np.testing.assert_array_equal(drawn[1], preview.output)


def test_dashes_in_view_are_where_they_belong(plot: FunctionPlot) -> None:
    _show(plot, 10)
    plot.layers.ghost.show_preview(_nearly_infinite())
    view = plot.plot.getViewBox()
    for y_range in ((0.0, 10.0), (-20.0, 1e9), (0.0, 1e12)):
        plot.plot.setYRange(*y_range, padding=0)
        low, high = view.viewRange()[1]
        for curve in plot.plot.scene().items():
            if isinstance(curve, DashedCurve) and curve.isVisible():
                x, y = curve.getData()
                points = [(point.x(), point.y()) for point in curve.getPath().toFillPolygon()][: len(x)]
                inside = (y >= low) & (y <= high)
                assert inside.any()
                np.testing.assert_allclose(np.array(points)[inside], np.column_stack([x, y])[inside])


@pytest.mark.parametrize("size", [60, 90, 140, 250, 600])
@pytest.mark.parametrize("end", [7.0, 10_100.0, 10_100_000.0])
def test_numbers_at_a_narrow_axis_do_not_run_together(qapp: QApplication, end: float, size: int) -> None:
    axis = StepAxis("bottom")
    axis.fit()
    metrics = QFontMetricsF(axis.style["tickFont"])
    for spacing, values in axis.tickValues(0.0, end, size):
        texts = axis.tickStrings(values, 1.0, spacing)
        places = [value / end * size for value in values]
        halves = [metrics.horizontalAdvance(text) / 2 for text in texts]
        ends = [(x - half, x + half) for x, half in zip(places, halves, strict=True)]
        assert all(before[1] < after[0] for before, after in itertools.pairwise(ends))


def test_large_numbers_have_the_digits_that_tell_them_apart(qapp: QApplication) -> None:
    axis = NumberAxis("left")
    assert axis.tickStrings([0.0, 1e6, 3e6], 1.0, 1e6) == ["0", "1·10⁶", "3·10⁶"]
    assert axis.tickStrings([-2e5, 1.2e5], 1.0, 2e4) == ["−2·10⁵", "1.2·10⁵"]


def test_the_name_of_y_is_beside_even_large_numbers(plot: FunctionPlot) -> None:
    x = np.linspace(0, 1, 20)
    plot.show_config(Config().replace("data.points", Points(x, 3e6 * x)))
    QApplication.processEvents()
    axis = plot.plot.getAxis("left")
    metrics = QFontMetricsF(axis.style["tickFont"])
    low, high = plot.plot.getViewBox().viewRange()[1]
    for spacing, values in axis.tickValues(low, high, axis.size().height()):
        widest = max(map(metrics.horizontalAdvance, axis.tickStrings(values, 1.0, spacing)))
        assert axis.label.pos().x() + axis.label.boundingRect().width() < axis.size().width() - widest
