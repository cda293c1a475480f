"""A layer that is a class and one line among the others is drawn, takes on themes, and stands in the key."""

import re
from collections.abc import Sequence
from pathlib import Path

import pyqtgraph as pg
import pytest
from pytestqt.qtbot import QtBot

from tests.gui.conftest import child, seen, trained_snapshot
from tinynet_gui.core.config import Config
from tinynet_gui.core.run.held_out import HeldOutLosses
from tinynet_gui.core.run.loss_history import LossHistory
from tinynet_gui.core.run.snapshot import Snapshot
from tinynet_gui.ui.style.theme import DARK, LIGHT, Theme
from tinynet_gui.ui.views.function_plot import function_plot
from tinynet_gui.ui.views.function_plot.function_plot import FunctionPlot
from tinynet_gui.ui.views.function_plot.layers import FunctionLayers
from tinynet_gui.ui.views.function_plot.scene import Curve, FunctionLayer, Scene
from tinynet_gui.ui.views.loss_plot import loss_plot
from tinynet_gui.ui.views.loss_plot.layers import LossLayers
from tinynet_gui.ui.views.loss_plot.loss_plot import LossPlot
from tinynet_gui.ui.views.loss_plot.scene import LossLayer, LossScene
from tinynet_gui.ui.widgets.plots.layer import LayerKey, key_entry
from tinynet_gui.ui.widgets.selection import Selection


class Doubled(FunctionLayer):
    """Twice what the network computes."""

    def __init__(self, plot: pg.PlotWidget) -> None:
        super().__init__(plot)
        self.item, self.is_meant = pg.PlotCurveItem(), True
        self._put(self.item, 7.9, "accent", 1, visible=True)

    def key_entries(self, theme: Theme) -> Sequence[str]:
        return [key_entry("=", theme.accent, "twice the network")] if self.is_meant else ()

    def key_line(self, theme: Theme) -> Sequence[str]:
        return ["made up"]

    def drawn_curves(self) -> Sequence[Curve]:
        return [self.item.getData()]

    def _show_moment(self, scene: Scene) -> None:
        if scene.snapshot is not None:
            self.item.setData(scene.snapshot.grid, 2 * scene.snapshot.output)


class MoreLayers(FunctionLayers):
    def __init__(self, plot: pg.PlotWidget, selection: Selection) -> None:
        super().__init__(plot, selection)
        self.doubled = Doubled(plot)


class Halved(LossLayer):
    """Half of the loss."""

    def __init__(self, plot: pg.PlotWidget) -> None:
        super().__init__(plot)
        self.item = pg.PlotCurveItem()
        self._put(self.item, 5, "accent", 1, visible=True)

    def key_entries(self, theme: Theme) -> Sequence[str]:
        return [key_entry("½", theme.accent, "half the loss")]

    def show_scene(self, scene: LossScene) -> None:
        self.item.setData(scene.steps, scene.scaled(scene.losses / 2))


class MoreLossLayers(LossLayers):
    def __init__(self, plot: pg.PlotWidget) -> None:
        super().__init__(plot)
        self.halved = Halved(plot)


def test_the_range_of_each_plot_has_one_owner() -> None:
    views = Path(function_plot.__file__).parents[1]
    moves = re.compile(r"\.(setXRange|setYRange|setRange\(xRange|enableAutoRange|autoRange|setLimits)\b")
    owners = {str(path.relative_to(views)) for path in views.rglob("*.py") if moves.search(path.read_text("utf-8"))}
    assert owners == {"function_plot/view.py", "loss_plot/view.py", "experiments/experiment_plot.py"}


def _with_one_more(
    selection: Selection, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> tuple[FunctionPlot, MoreLayers, Snapshot]:
    monkeypatch.setattr(function_plot, "FunctionLayers", MoreLayers)
    plot = seen(qtbot, FunctionPlot(selection, LIGHT), 600, 400)
    layers, snapshot = plot.layers, trained_snapshot(Config())
    assert isinstance(layers, MoreLayers)
    plot.show_config(snapshot.config)
    plot.show_snapshot(snapshot)
    return plot, layers, snapshot


def test_in_the_function_plot(selection: Selection, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    plot, layers, snapshot = _with_one_more(selection, qtbot, monkeypatch)
    x, y = layers.doubled.item.getData()
    assert (x.tolist(), y.tolist()) == (snapshot.grid.tolist(), (2 * snapshot.output).tolist())
    key = child(plot, LayerKey)
    assert key.text().index("network") < key.text().index("twice the network") < key.text().index("<br>made up")
    plot.show_theme(DARK)
    assert layers.doubled.item.opts["pen"].color() == DARK.color("accent")
    assert f'<b style="color:{DARK.accent}">=</b> twice the network' in key.text()
    layers.doubled.is_meant = False
    layers.doubled.changed.emit()
    assert "twice the network" not in key.text()


def test_no_words_lie_on_it(selection: Selection, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    plot, layers, _ = _with_one_more(selection, qtbot, monkeypatch)
    words = [item for item in plot.plot.getPlotItem().items if isinstance(item, pg.TextItem) and item.isVisible()]
    assert words
    for word in words:
        box = word.mapRectToView(word.boundingRect())
        layers.doubled.item.setData([box.left(), box.right()], [box.center().y()] * 2)
        layers.doubled.changed.emit()
        assert not word.isVisible() or not word.mapRectToView(word.boundingRect()).contains(box.center())


def test_in_the_loss_plot(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loss_plot, "LossLayers", MoreLossLayers)
    plot = seen(qtbot, LossPlot(LIGHT), 400, 300)
    layers, losses = plot.layers, trained_snapshot(Config()).output[:9] ** 2 + 1
    assert isinstance(layers, MoreLossLayers)
    plot.show_history(LossHistory().with_losses(0, losses), HeldOutLosses(), (), None, 100)
    whole, half = layers.own.curve()[1], layers.halved.item.yData
    assert 10 ** (whole - half) == pytest.approx(2, rel=1e-4)
    plot.show_theme(DARK)
    assert layers.halved.item.opts["pen"].color() == DARK.color("accent")
    assert f'<b style="color:{DARK.accent}">½</b> half the loss' in child(plot, LayerKey).text()
