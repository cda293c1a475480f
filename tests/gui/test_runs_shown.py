"""Other runs in the plots: each in its colour, named in the key, on axes that fit them."""

import numpy as np
import pyqtgraph as pg
import pytest
from pytestqt.qtbot import QtBot

from tests.gui.conftest import child, heard, key_text, recolor, seen, trained_snapshot
from tests.gui.pixels import colors_in
from tinynet_gui.core.config import Config
from tinynet_gui.core.run.loss_history import HeldOutLosses, LossHistory
from tinynet_gui.core.run.train import preview_end
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.ui.style.colors import DARK, LIGHT, RUN_COLORS
from tinynet_gui.ui.views.function_plot.function_plot import FunctionPlot
from tinynet_gui.ui.views.function_plot.other_curves import RunCurve
from tinynet_gui.ui.views.loss_plot.layers import RunLosses
from tinynet_gui.ui.views.loss_plot.loss_plot import LossPlot
from tinynet_gui.ui.widgets.plots.layer import LegendLabel
from tinynet_gui.ui.widgets.plots.plot_parts import run_pen
from tinynet_gui.ui.widgets.selection import Selection

OWN = LossHistory().with_losses(0, np.linspace(8, 2, 100, dtype=np.float32))
LONGER = LossHistory().with_losses(0, np.geomspace(8, 1e-4, 300, dtype=np.float32))


def _widths(width: int) -> Config:
    return Config().replace("network.hidden", (width,))


@pytest.fixture
def plot(selection: Selection, qtbot: QtBot) -> FunctionPlot:
    plot = seen(qtbot, FunctionPlot(selection), 600, 360)
    plot.show_config(Config())
    plot.show_snapshot(trained_snapshot(Config(), 20))
    return plot


@pytest.fixture
def losses(qtbot: QtBot) -> LossPlot:
    return seen(qtbot, LossPlot(), 420, 330)


def _curve(name: str, color: int, snapshot: Snapshot, factor: float = 1.0, **when: bool) -> RunCurve:
    y = (snapshot.output * np.float32(factor)).astype(np.float32)
    return RunCurve(
        name, color, snapshot.grid, y, snapshot.step, when.get("is_at_end", False), when.get("goes_on", False)
    )


def _y_range(plot: FunctionPlot) -> tuple[float, float]:
    low, high = plot.plot.getViewBox().viewRange()[1]
    return float(low), float(high)


def test_shown_runs_are_drawn_and_named_each_in_its_colour(plot: FunctionPlot) -> None:
    snapshots = [trained_snapshot(_widths(width), 5) for width in (1, 2)]
    plot.view.show_runs([_curve("<one>", 0, snapshots[0]), _curve("two", 2, snapshots[1], is_at_end=True)])
    assert len(plot.layers.runs.drawn_curves()) == 2
    for (x, y), snapshot in zip(plot.layers.runs.drawn_curves(), snapshots, strict=True):
        np.testing.assert_array_equal(x, snapshot.grid)
        np.testing.assert_array_equal(y, snapshot.output)
    key = key_text(plot)
    assert f'<b style="color:{LIGHT.runs[0]}">—</b> &lt;one&gt;' in key
    assert f'<b style="color:{LIGHT.runs[2]}">┈</b> two (ends at 5)' in key
    assert {LIGHT.runs[0], LIGHT.runs[2]} <= colors_in(plot.plot.grab().toImage())
    recolor(plot, DARK)
    assert DARK.runs[2] in key_text(plot)
    plot.view.show_runs([])
    assert plot.layers.runs.drawn_curves() == []
    assert DARK.runs[2] not in key_text(plot)


def test_each_run_has_its_dashes_and_of_many_the_first_are_named(plot: FunctionPlot) -> None:
    snapshot = trained_snapshot(_widths(1), 5)
    plot.view.show_runs([_curve(f"run {k}", k, snapshot) for k in range(RUN_COLORS + 3)])
    assert f'<b style="color:{LIGHT.runs[7]}">–·–</b> run 7' in key_text(plot)
    assert "3 more runs" in key_text(plot)
    patterns = [tuple(run_pen(k, 2).dashPattern()) for k in range(RUN_COLORS + 1)]
    assert (patterns[0], len(set(patterns[:4])), patterns[4:8], patterns[8]) == ((), 4, patterns[:4], patterns[1])
    plot.view.show_runs([_curve("again", RUN_COLORS, snapshot)])
    assert f'<b style="color:{LIGHT.runs[0]}">╌</b> again' in key_text(plot)


def test_the_y_axis_fits_unless_the_user_has_set_it(plot: FunctionPlot) -> None:
    usual = _y_range(plot)
    snapshot = trained_snapshot(_widths(1_000), 0)
    plot.view.show_runs([_curve("as it is", 0, snapshot)])
    assert _y_range(plot) == usual
    low = [_curve("low", 0, snapshot, -300.0)]
    plot.view.show_runs(low)
    inside = low[0].y[(low[0].x >= -3) & (low[0].x <= 3)]
    fitted = _y_range(plot)
    assert fitted[0] < inside.min()
    assert fitted[1] > inside.max()
    plot.view.show_runs([_curve("low", 0, snapshot)])
    assert _y_range(plot) == fitted  # while the same runs are shown it has a rest
    plot.view.show_runs([])
    assert _y_range(plot) == pytest.approx(usual)
    plot.plot.setYRange(0, 1, padding=0)
    plot.view.show_runs(low)
    assert _y_range(plot) == (0, 1)
    plot.view.show_everything()
    assert _y_range(plot) == pytest.approx(fitted)
    plot.view.show_runs([_curve("gone", 0, snapshot, np.nan)])  # what is not finite is left out
    plot.view.fit_to_networks()
    plot.view.show_everything()
    assert _y_range(plot) == pytest.approx(usual)


def test_untrained_networks_hide_no_sample_and_fill_on_demand(
    plot: FunctionPlot,
) -> None:
    """The tutorial's three pictures: they are nearly flat."""
    usual = _y_range(plot)
    snapshots = [trained_snapshot(_widths(width), 0) for width in (1, 2, 1_000)]
    plot.show_snapshot(snapshots[0])
    beside = [_curve(str(k), k, snapshot) for k, snapshot in enumerate(snapshots[1:])]
    plot.view.show_runs(beside)
    assert _y_range(plot) == usual
    plot.view.fit_to_networks()
    fitted = low, high = _y_range(plot)
    inside = np.concatenate([s.output[(s.grid >= -3) & (s.grid <= 3)] for s in snapshots])
    assert low < inside.min() < inside.max() < high < low + 0.5 * (usual[1] - usual[0])
    assert inside.max() - inside.min() > 0.6 * (high - low)
    plot.view.show_runs(beside)
    assert _y_range(plot) == fitted
    plot.view.show_everything()
    assert _y_range(plot) == pytest.approx(usual)


@pytest.mark.parametrize("steps", [0, 5])
def test_the_users_fit_stays_during_training(plot: FunctionPlot, steps: int) -> None:
    beside, trained = trained_snapshot(_widths(2), steps), trained_snapshot(_widths(1), 5)
    plot.show_snapshot(trained_snapshot(_widths(1), steps))
    plot.view.show_runs([_curve("beside", 0, beside)])
    (fit,) = (action for action in plot.view.menu.menu.actions() if action.objectName() == "actionFitNetworks")
    fit.trigger()
    fitted = _y_range(plot)
    plot.show_snapshot(trained)
    plot.view.show_runs([_curve("beside", 0, beside)])
    assert _y_range(plot) == fitted
    plot.view.show_runs([])
    plot.view.show_runs([])
    assert _y_range(plot) == fitted


def test_their_losses_lie_over_each_other_on_axes_that_fit_them(losses: LossPlot) -> None:
    losses.show_history(OWN, HeldOutLosses(), (), None, 100)
    before = losses.plot.getViewBox().viewRange()
    losses.layers.runs.show_losses([RunLosses("longer", 1, LONGER)])
    steps, logs = losses.layers.runs.lines()[0]
    np.testing.assert_array_equal(steps, np.arange(300))
    np.testing.assert_allclose(logs, np.log10(np.geomspace(8, 1e-4, 300)), rtol=1e-5)
    (_, right), (bottom, _) = losses.plot.getViewBox().viewRange()
    assert right > 299
    assert bottom < -4
    losses.set_log(False)
    np.testing.assert_allclose(losses.layers.runs.lines()[0][1], np.geomspace(8, 1e-4, 300), rtol=1e-5)
    losses.set_log(True)
    assert f'<b style="color:{LIGHT.runs[1]}">╌</b> longer' in child(losses, LegendLabel).text()
    curves = [item for item in losses.plot.items() if isinstance(item, pg.PlotCurveItem)]
    (line,) = (item for item in curves if item.xData is not None and len(item.xData) == 300)
    changed = heard(line.sigPlotChanged)
    losses.show_history(OWN, HeldOutLosses(), (), None, 100)
    assert changed == []  # drawn anew only when they are others
    more = LONGER.with_losses(300, np.full(2, 1e-5, dtype=np.float32))
    losses.layers.runs.show_losses([RunLosses("longer", 1, more)])
    assert changed == [line]
    assert len(line.xData) == 302
    losses.layers.runs.show_losses([])
    assert losses.layers.runs.lines() == []
    np.testing.assert_allclose(losses.plot.getViewBox().viewRange(), before)


@pytest.mark.parametrize("width", [330, 420, 600])
def test_the_plot_stays_where_it_is_when_a_run_comes_to_its_end(plot: FunctionPlot, width: int) -> None:
    plot.resize(width, 360)
    snapshots = [trained_snapshot(_widths(width), steps) for width, steps in ((1, 50), (2, 0))]
    heights = []
    for when in ({"goes_on": True}, {}, {"is_at_end": True}):
        plot.view.show_runs([_curve(f"run {k}", k, s, **when) for k, s in enumerate(snapshots)])
        if "goes_on" in when:
            assert "run 0 (at this step) " in key_text(plot)
            assert "run 1 (at step 0)" in key_text(plot)
        heights.append(child(plot, LegendLabel).height())
    assert "run 0 (ends at 50)" in key_text(plot)
    assert "run 1 (untrained)" in key_text(plot)
    assert heights[0] == heights[1] == heights[2]


def test_each_run_has_a_coloured_dot_at_the_step_in_view(losses: LossPlot) -> None:
    shorter = LossHistory().with_losses(0, np.linspace(9, 1, 10, dtype=np.float32))
    moment = trained_snapshot(Config(), 20)
    losses.show_history(OWN, HeldOutLosses(), (), moment, 100)
    losses.layers.runs.show_losses([RunLosses("longer", 1, LONGER), RunLosses("shorter", 2, shorter)])
    steps, logs = losses.layers.runs.dots()
    assert list(steps) == [20, 9]  # the shorter one at its end
    np.testing.assert_allclose(logs, np.log10([np.geomspace(8, 1e-4, 300)[20], 1.0]), rtol=1e-4, atol=1e-6)
    assert {LIGHT.runs[1], LIGHT.runs[2]} <= colors_in(losses.plot.grab().toImage())
    losses.layers.runs.show_losses([])
    assert len(losses.layers.runs.dots()[0]) == 0


@pytest.mark.parametrize(("rate", "says"), [(0.001, "to 500"), (1.0, "diverges at step")])
def test_the_key_says_of_the_ghost_whether_it_diverges(plot: FunctionPlot, rate: float, says: str) -> None:
    config = Config().with_changes({"training.learning_rate": rate, "training.stop_step": 500})
    plot.layers.ghost.show_preview(preview_end(config, None, np.zeros(1, np.uint8)))
    assert f"ghost: if trained from step 0 {says}" in key_text(plot).replace("0, ", "0 ")
