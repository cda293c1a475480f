"""The curves of the function plot, as far as the view reaches: the true function and what networks make of it."""

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt

from tinynet_gui.core.arrays import Array
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.dataset import GRID_POINTS, plot_grid, plot_range
from tinynet_gui.core.data.formula import parse_formula
from tinynet_gui.core.function.linear_regions import LinearRegions
from tinynet_gui.core.network.forward import Layer, output_curve, without_neurons
from tinynet_gui.core.network.refs import NeuronRef
from tinynet_gui.core.run.snapshot import Snapshot
from tinynet_gui.core.timeline.preview import Preview
from tinynet_gui.ui.style.theme import Theme
from tinynet_gui.ui.widgets.plots.plot_parts import DashedCurve, line_pen

WORK, FEWEST_POINTS = 8_000_000, 49  # multiplications for a curve that is not the snapshot's, and its points at least
SWARM_Z, TARGET_Z, RUNS_Z, GHOST_Z, WITHOUT_Z, OUTPUT_Z = 2, 3, 3.5, 4, 5, 8  # the samples lie between the last two

Curve = tuple[Any, Any]  # x and y, as they are drawn


class FunctionCurves:
    """Draws the curves into a plot; beyond the range that snapshots have curves of, it computes them.

    Attributes
    ----------
    x_range
        Which x are in view; None if it is those of which snapshots have curves.
    preview
        The end of the training, drawn as a ghost, or None.
    switched_off
        Hidden neurons without which the output is drawn, too.
    swarm_sizes
        Of how many networks the outputs are drawn, and how many there are.
    """

    def __init__(self, plot: pg.PlotWidget) -> None:
        self._config = Config()
        self._target = DashedCurve(antialias=True)
        self._output = pg.PlotCurveItem(antialias=True)
        self._swarm = pg.PlotCurveItem()
        self._ghost = DashedCurve(antialias=True)
        self._without = DashedCurve(antialias=True)
        for item, z in (
            (self._swarm, SWARM_Z),
            (self._target, TARGET_Z),
            (self._ghost, GHOST_Z),
            (self._without, WITHOUT_Z),
            (self._output, OUTPUT_Z),
        ):
            item.setZValue(z)
            plot.addItem(item, ignoreBounds=True)
        for item in (self._swarm, self._ghost, self._without):
            item.setVisible(False)
        self.x_range: tuple[float, float] | None = None
        self.preview: Preview | None = None
        self.switched_off: Collection[NeuronRef] = ()
        self.swarm_sizes = (0, 0)

    def show_theme(self, theme: Theme) -> None:
        """Take on the colours of a theme."""
        self._target.setPen(line_pen(theme, "muted", 1.3, Qt.PenStyle.DashLine))
        self._output.setPen(line_pen(theme, "ink", 2.4))
        self._without.setPen(line_pen(theme, "ghost", 2, Qt.PenStyle.DotLine))
        self._swarm.setPen(line_pen(theme, "ghost", 1, alpha=0.3))
        self._ghost.setPen(line_pen(theme, "ghost", 1.8, Qt.PenStyle.DashLine))

    def show_config(self, config: Config) -> Array:
        """Draw the true function of a configuration, if it has one, and return it over `plot_grid`: empty if not."""
        self._config = config
        self._draw_target()
        return self._target_at(plot_grid(config.data))

    def show_range(self, low: float, high: float) -> bool:
        """Let the curves reach as far as the view does, and return whether it is anything else than before.

        Those of the network and of the swarm are to be drawn again then.
        """
        usual = plot_range(self._config.data)
        is_usual = np.allclose((low, high), usual, rtol=0, atol=1e-6 * (usual[1] - usual[0]))
        x_range = None if is_usual else (low, high)
        if x_range == self.x_range:
            return False
        self.x_range = x_range
        self._draw_target()
        self._draw_ghost()
        return True

    def show_network(self, snapshot: Snapshot, regions: LinearRegions | None) -> None:
        """Draw the output of a moment; from kink to kink, where they are known and that is less than the grid."""
        if regions is not None and 0 < len(regions.values) <= len(snapshot.grid) and regions.reach(self.x_range):
            self._output.setData(regions.breakpoints, regions.values)
        elif self.x_range is not None:
            self._output.setData(*self._in_view(snapshot.curve_layers, snapshot.config))
        else:
            self._output.setData(snapshot.grid, snapshot.output)
        self.show_without(snapshot, self.switched_off)

    def show_without(self, snapshot: Snapshot | None, refs: Collection[NeuronRef]) -> None:
        """Draw what the output of a moment would be without these hidden neurons, to see what they are for."""
        self.switched_off = refs
        self._without.setVisible(bool(refs) and snapshot is not None)
        if refs and snapshot is not None:
            layers = without_neurons(snapshot.curve_layers, [(ref.layer, ref.index) for ref in refs])
            self._without.setData(*self._in_view(layers, snapshot.config))

    def show_preview(self, preview: Preview | None) -> None:
        """Draw where the training would end as a ghost, or take it back."""
        self.preview = preview
        self._draw_ghost()
        self._ghost.setVisible(preview is not None)

    def show_swarm(self, x: Array, outputs: Sequence[Array], seeds: int) -> None:
        """Draw the ends of so many runs as faint curves, or none: outputs of shape (points,), of some of them."""
        self._swarm.setVisible(bool(outputs))
        self.swarm_sizes = len(outputs), seeds
        if outputs:
            y = np.stack(outputs)
            connect = np.isfinite(y).astype(np.int32)
            connect[:, -1] = 0
            self._swarm.setData(np.tile(x, len(y)), y.ravel(), connect=connect.ravel())

    def target(self) -> Curve:
        """Return what is drawn as the true function."""
        return self._target.xData, self._target.yData

    def output(self) -> Curve:
        """Return what is drawn as the network's output."""
        return self._output.xData, self._output.yData

    def ghost(self) -> Curve | None:
        """Return what is drawn as the end of the training, or None."""
        return (self._ghost.xData, self._ghost.yData) if self._ghost.isVisible() else None

    def without(self) -> Curve | None:
        """Return what is drawn as the output without the neurons that are switched off, or None."""
        return (self._without.xData, self._without.yData) if self._without.isVisible() else None

    def swarm(self) -> Curve | None:
        """Return what is drawn as the ends of many runs, one after another, or None."""
        return (self._swarm.xData, self._swarm.yData) if self._swarm.isVisible() else None

    def words_keep_clear_of(self) -> list[Curve]:
        """Return the curves on which no words may lie."""
        return [item.getData() for item in (self._target, self._output, self._ghost) if item.isVisible()]

    def _draw_target(self) -> None:
        x = self.grid()
        y = self._target_at(x)
        self._target.setVisible(len(y) > 0)
        self._target.setData(x[: len(y)], y, connect="finite")

    def _target_at(self, x: Array) -> Array:
        formula = self._config.data.true_formula
        return np.empty(0, dtype=np.float32) if formula is None else parse_formula(formula)(x)

    def _draw_ghost(self) -> None:
        if self.preview is not None and self.x_range is not None:
            self._ghost.setData(*self._in_view(self.preview.layers, self.preview.config))
        elif self.preview is not None:
            self._ghost.setData(self.preview.grid, self.preview.output)

    def _in_view(self, layers: Sequence[Layer], config: Config) -> tuple[Array, Array]:
        """A network's output over what is in view; of a large one at fewer points, for this is done for each frame."""
        weights = sum(layer.weight.size for layer in layers)
        x = self.grid(max(FEWEST_POINTS, min(GRID_POINTS, WORK // weights)))
        return x, output_curve(layers, config.network.activation, x)

    def grid(self, points: int = GRID_POINTS) -> Array:
        """Return evenly spaced x over what is in view, float32 of shape (points,)."""
        if self.x_range is None:
            return plot_grid(self._config.data, points)
        return np.linspace(*self.x_range, points, dtype=np.float32)
