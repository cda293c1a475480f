"""The samples as dots, and those that are held out as hollow diamonds."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import Signal

from tinynet_gui.core.data.points import Points
from tinynet_gui.ui.style.theme import Theme
from tinynet_gui.ui.style.zoom import px
from tinynet_gui.ui.views.function_plot.scene import FunctionLayer, Scene
from tinynet_gui.ui.widgets.plots.layer import key_entry
from tinynet_gui.ui.widgets.plots.plot_parts import nearest_spot

TRAINED_Z, HELD_OUT_Z = 6.0, 7.0
HELD_OUT_SIZE = 9.0  # px
USUAL_SIZE, SMALLEST, LARGEST = 8.0, 4.0, 22.0  # of a mark, in pixels

Influences = npt.NDArray[np.float64]


class Samples(FunctionLayer):
    """Marks the samples, each as large as its influence where that is known.

    Signals
    -------
    pointed : int or None
        The mouse is on this sample, or no longer on any; only while the marks have sizes of their own.
    """

    pointed = Signal(object)

    def __init__(self, plot: pg.PlotWidget) -> None:
        super().__init__(plot)
        self._points: Points | None = None
        self._influences: Influences | None = None
        self._trained = pg.ScatterPlotItem(symbol="o", pxMode=True)
        self.held_out = pg.ScatterPlotItem(symbol="d", pxMode=True)
        self.put(self._trained, TRAINED_Z, "card", 1, fill=("data",), visible=True)
        self.put(self.held_out, HELD_OUT_Z, "data", 1.6, fill=("card",), size=HELD_OUT_SIZE, visible=True)
        self._trained.opts["hoverable"], self._trained.opts["tip"] = True, None
        self._trained.sigHovered.connect(self._on_hovered)

    @property
    def are_sized(self) -> bool:
        """Whether the marks have sizes of their own."""
        return self._influences is not None

    def show_theme(self, theme: Theme) -> None:
        super().show_theme(theme)
        self._size()

    def key_entries(self, theme: Theme) -> Sequence[str]:
        sized = ", as large as their influence" if self.are_sized else ""
        entries = [key_entry("●", theme.data, f"samples{sized}", "span")]
        if self._scene.points.held_out.any():
            entries.append(key_entry("◇", theme.data, "held out", "span"))
        return entries

    def show_scene(self, scene: Scene) -> None:
        self._scene = scene
        if scene.points is not self._points:
            self._points = points = scene.points
            for item, chosen in ((self._trained, ~points.held_out), (self.held_out, points.held_out)):
                item.setData(points.x[chosen], points.y[chosen])
            self._size()

    def show_influences(self, influences: Influences | None) -> None:
        """Make the marks as large as these, one for each sample and NaN where it is not known; or as usual."""
        self._influences = influences
        self._size()
        self.changed.emit()

    def sizes(self) -> list[float]:
        """Return how large the marks are, as drawn."""
        return [float(size) for size in self._trained.data["size"]]

    def trained_points(self) -> tuple[Any, Any]:
        """What is drawn as the samples of the training: x and y."""
        x, y = self._trained.getData()
        return x, y

    def _size(self) -> None:
        x, _ = self._trained.getData()
        if self._influences is not None and len(self._influences) == len(x):
            self._trained.setSize(px(1) * sizes_of(self._influences))
        else:
            self._trained.setSize(np.full(len(x), px(USUAL_SIZE)))

    def _on_hovered(self, item: pg.ScatterPlotItem, points: Sequence[pg.SpotItem], event: object) -> None:
        if self.are_sized:
            spot = nearest_spot(item, points, event)
            self.pointed.emit(None if spot is None else int(spot.index()))


def sizes_of(influences: Influences) -> Influences:
    """Return the diameters of marks: the area grows as the influence does, of which the largest finite one is full."""
    finite = influences[np.isfinite(influences)]
    largest = float(finite.max()) if len(finite) else 0.0
    shares = np.minimum(influences / largest, 1.0) if largest > 0 else np.where(np.isinf(influences), 1.0, 0.0)
    sizes = np.maximum(LARGEST * np.sqrt(shares), SMALLEST)
    return np.where(np.isnan(influences), USUAL_SIZE, sizes)
