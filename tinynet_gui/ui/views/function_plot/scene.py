"""The frozen state of the function plot, and the base class of its layers."""

from collections.abc import Sequence
from dataclasses import field, replace
from functools import cached_property

import numpy as np

from tinynet_gui.core.config import Config
from tinynet_gui.core.data.formula import parse_formula
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.function.linear_regions import LinearRegions, find_linear_regions
from tinynet_gui.core.network.forward import Layer as NetworkLayer, output_curve
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.training.start import GRID_POINTS, plot_grid, plot_range, points_of
from tinynet_gui.core.values import Array, frozen_dataclass
from tinynet_gui.ui.widgets.plots.layer import XY, PlotLayer

SMALL = 3_000  # weights, up to which kinks are found in under a millisecond
FARTHEST_ANSWER = 100.0  # a network farther from samples that share one y does not widen the view
WORK, MIN_POINTS = 8_000_000, 49  # a computed curve's most multiplications, unless that leaves fewer points


@frozen_dataclass(eq=False)
class Scene:
    """What the plot shows: the samples, a moment of a run, and the visible range of x.

    `y_range` contains the samples and the true function; `regions` are the moment's kinks and pieces, None while
    unknown. Without `x_range` it is that of the snapshots' own curves.
    """

    config: Config = field(default_factory=Config)
    points: Points = field(default_factory=lambda: Points([0.0], [0.0]))
    y_range: tuple[float, float] = (0.0, 1.0)
    snapshot: Snapshot | None = None
    regions: LinearRegions | None = None
    x_range: tuple[float, float] | None = None

    @cached_property
    def answer(self) -> Array | None:
        """The y to fit if the samples share one y and so give no range: the network's outputs near it; else None."""
        x, y = self.points.x, self.points.y
        if self.snapshot is None or np.ptp(y) or self.config.data.true_formula is not None:
            return None
        given = np.interp(x, self.snapshot.grid, self.snapshot.output)
        return np.concatenate([y - 1, y + 1, given[np.abs(given - y) < FARTHEST_ANSWER]])

    def with_config(self, config: Config) -> "Scene":
        points = points_of(config.data)
        return replace(self, config=config, points=points, y_range=usual_y_range(config, points))

    def reaching(self, low: float, high: float) -> "Scene":
        """Return the scene with another visible range of x; the same object if that changes nothing."""
        usual = plot_range(self.config.data)
        is_usual = np.allclose((low, high), usual, rtol=0, atol=1e-6 * (usual[1] - usual[0]))
        x_range = None if is_usual else (low, high)
        return self if x_range == self.x_range else replace(self, x_range=x_range)

    def of_moment(self, snapshot: Snapshot | None, regions: LinearRegions | None = None) -> "Scene":
        """Return the scene at another moment; missing kinks are computed here only if that is fast."""
        is_small = snapshot is not None and sum(layer.weight.size for layer in snapshot.layers) <= SMALL
        if snapshot is not None and regions is None and self.x_range is not None and is_small:
            activation = snapshot.config.network.activation
            regions = find_linear_regions(snapshot.curve_layers, activation, *self.x_range)
        return replace(self, snapshot=snapshot, regions=regions)

    def grid(self, points: int = GRID_POINTS) -> Array:
        """Return evenly spaced x over the visible range, float32 of shape (points,)."""
        if self.x_range is None:
            return plot_grid(self.config.data, points)
        return np.linspace(*self.x_range, points, dtype=np.float32)

    def output_of(self, layers: Sequence[NetworkLayer], config: Config) -> tuple[Array, Array]:
        """Return a network's x and output over the visible range; at fewer points if large, as this runs each frame."""
        weights = sum(layer.weight.size for layer in layers)
        x = self.grid(max(MIN_POINTS, min(GRID_POINTS, WORK // weights)))
        return x, output_curve(layers, config.network.activation, x)


def truth_at(config: Config, x: Array) -> Array:
    formula = config.data.true_formula
    return np.empty(0, dtype=np.float32) if formula is None else parse_formula(formula)(x)


def usual_y_range(config: Config, points: Points) -> tuple[float, float]:
    """Return the default range of y: samples and true function, with room for rows of kinks at the bottom."""
    grid, (low, high) = plot_grid(config.data), config.data.x_range
    truth = truth_at(config, grid)
    y = np.concatenate([truth[(grid >= low) & (grid <= high)] if len(truth) else truth, points.y])
    return padded(config, y[np.isfinite(y)])


def padded(config: Config, y: Array) -> tuple[float, float]:
    """Return the range of some y, with room for rows of kinks at the bottom."""
    low, high = (float(np.min(y)), float(np.max(y))) if len(y) else (0.0, 1.0)
    span, rows = (high - low) or 6.0, max(1, len(config.network.hidden))
    return low - (0.1 + 0.05 * rows) * span, high + 0.24 * span


class FunctionLayer(PlotLayer):
    """A layer of the function plot: receives each scene, and redraws what has changed."""

    keeps_words_away = False
    _scene = Scene()  # until the first one is shown

    def show_scene(self, scene: Scene) -> None:
        before, self._scene = self._scene, scene
        self._follow(scene, before)

    def _follow(self, scene: Scene, before: Scene) -> None:
        """Redraw what has changed since the scene before."""
        is_same = scene.snapshot is before.snapshot and scene.regions is before.regions
        if not is_same or (scene.config is before.config and scene.x_range != before.x_range):  # else a moment follows
            self._show_moment(scene)

    def _show_moment(self, scene: Scene) -> None:
        """Redraw what depends on the moment."""

    def drawn_curves(self) -> Sequence[XY]:
        """Return the curves that labels must not cross."""
        return self.lines() if self.keeps_words_away else ()
