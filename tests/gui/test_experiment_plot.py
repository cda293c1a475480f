"""What of the experiments' plots is in view: the menu, a range that is typed, and everything again."""

import re

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from tests.gui.conftest import OFFSCREEN, recolor, seen, type_range
from tests.not_none import not_none
from tinynet_gui.core.config import Config
from tinynet_gui.core.experiments.base import ExperimentResult
from tinynet_gui.core.experiments.claim import Claim
from tinynet_gui.core.experiments.depth import DepthResult
from tinynet_gui.core.experiments.table import EXPERIMENTS
from tinynet_gui.core.text.numbers import loss_text
from tinynet_gui.ui.style.colors import DARK
from tinynet_gui.ui.views.experiments.experiment_plot import ExperimentPlot
from tinynet_gui.ui.views.experiments.results import explain

# What of each experiment is run, and about what; its axes; and what a range that is typed brings into view.
KINDS: dict[str, tuple[int, tuple[Claim, ...], tuple[str, str], list[list[int]]]] = {
    "swarm": (50, (), ("loss", "seeds"), [[1, 2], [1, 1_000]]),
    "ladder": (1, (), ("neurons", "loss"), [[1, 2], [0, 3]]),
    "depth": (7, (), ("step", "loss"), [[10, 100], [0, 3]]),
    "influence": (1, (), ("x", "moved by"), [[10, 100], [1, 1_000]]),
    "claim": (50, (Claim(5, "never", 8.0),), ("loss", "seeds"), [[1, 2], [1, 1_000]]),
}
TYPED = {"rangeXFrom": "10", "rangeXTo": "100", "rangeYFrom": "1", "rangeYTo": "1000"}


@pytest.fixture(scope="module")
def results() -> dict[str, ExperimentResult]:
    config, stop = Config().replace("training.stop_step", 30), np.zeros(1, dtype=np.uint8)
    return {
        kind: not_none(EXPERIMENTS[kind].run(config, runs, stop, lambda *_: None, *about))
        for kind, (runs, about, _, _) in KINDS.items()
    }


@pytest.fixture
def plot(qtbot: QtBot) -> ExperimentPlot:
    plot = seen(qtbot, ExperimentPlot(), 400, 300)
    qtbot.waitExposed(plot)
    return plot


def _in_view(plot: ExperimentPlot) -> list[list[float]]:
    QApplication.processEvents()  # a layout shows what is new in it
    (drawn,) = (child for child in plot.findChildren(pg.PlotWidget) if not child.isHidden())
    ranges: list[list[float]] = drawn.getViewBox().viewRange()
    return ranges


@OFFSCREEN
@pytest.mark.parametrize("kind", EXPERIMENTS)
def test_the_axes_have_names_and_a_right_click_offers_a_menu(
    plot: ExperimentPlot, results: dict[str, ExperimentResult], kind: str
) -> None:
    plot.show_result(results[kind])
    (drawn,) = plot.findChildren(pg.PlotWidget)
    assert tuple(drawn.getAxis(side).labelText for side in ("bottom", "left")) == KINDS[kind][2]
    assert plot.entries
    assert not any("held out" in entry for entry in plot.entries)  # a legend speaks of what is drawn alone
    QTest.mouseMove(drawn.viewport(), drawn.viewport().rect().center())
    QTest.mouseClick(drawn.viewport(), Qt.MouseButton.RightButton, pos=drawn.viewport().rect().center())
    assert plot.view is not None
    assert plot.view.menu.menu.isVisible()
    plot.view.menu.menu.hide()
    plot.show_result(None)
    assert plot.entries == []


@pytest.mark.parametrize("kind", EXPERIMENTS)
def test_a_range_is_typed_and_taken_back(plot: ExperimentPlot, results: dict[str, ExperimentResult], kind: str) -> None:
    plot.show_result(results[kind])
    usual = _in_view(plot)
    assert plot.view is not None
    dialog = type_range(plot.view.menu.ask_for_range, **TYPED)
    words = [label.text() for label in dialog.findChildren(QLabel)]
    assert set(KINDS[kind][2]) < set(words)
    assert _in_view(plot) == [pytest.approx(ends) for ends in KINDS[kind][3]]
    plot.show_result(results[kind])  # more of it has come in
    recolor(plot, DARK)
    assert _in_view(plot) == [pytest.approx(ends) for ends in KINDS[kind][3]]
    plot.view.menu.menu.actions()[0].trigger()
    assert _in_view(plot) == [pytest.approx(ends) for ends in usual]


def test_a_range_is_of_its_own_axes_only(plot: ExperimentPlot, results: dict[str, ExperimentResult]) -> None:
    plot.show_result(results["depth"])
    plot.show_by_seconds(True)
    usual = _in_view(plot)
    plot.show_by_seconds(False)
    type_range(not_none(plot.view).menu.ask_for_range, **TYPED)
    plot.show_by_seconds(True)
    assert _in_view(plot) == [pytest.approx(ends) for ends in usual]
    type_range(not_none(plot.view).menu.ask_for_range, **TYPED)
    plot.show_result(None)
    assert plot.view is None
    plot.show_result(results["depth"])
    assert _in_view(plot) == [pytest.approx(ends) for ends in usual]


def test_each_curve_has_its_own_colour_in_the_legend(
    plot: ExperimentPlot, results: dict[str, ExperimentResult]
) -> None:
    plot.show_result(results["depth"])
    (drawn,) = plot.findChildren(pg.PlotWidget)
    curves = [item for item in drawn.getPlotItem().items if isinstance(item, pg.PlotCurveItem)]
    pens = [item.opts["pen"] for item in curves if item.opts["pen"].style() != Qt.PenStyle.NoPen]
    colours = [pen.color().name() for pen in pens]
    assert len(set(colours)) == len(colours) == 3
    result = results["depth"]
    assert isinstance(result, DepthResult)
    for colour, shape, entry in zip(colours, result.shapes, plot.entries, strict=True):
        assert colour in entry
        assert entry.endswith(f"hidden {', '.join(map(str, shape.hidden))}")


def test_the_ladder_says_of_a_width_what_the_dotted_line_says(plot: ExperimentPlot) -> None:
    stop = np.zeros(1, dtype=np.uint8)
    result = not_none(EXPERIMENTS["ladder"].run(Config().replace("training.stop_step", 300), 2, stop, lambda *_: None))
    plot.show_result(result)
    (drawn,) = plot.findChildren(pg.PlotWidget)
    curves = [item for item in drawn.getPlotItem().items if isinstance(item, pg.PlotCurveItem)]
    (line,) = [item.getData() for item in curves if item.opts["pen"].style() == Qt.PenStyle.DotLine]
    reach = {round(10**x): 10**y for x, y in zip(*line, strict=True)}
    said = not_none(re.search(r" (\d+) neurons? could reach ([\d.]+), as the dotted line says", explain(result)))
    assert said[2] == loss_text(reach[int(said[1])])
    assert reach == {
        one.width: pytest.approx(one.within_reach) for one in result.widths if one.within_reach is not None
    }
