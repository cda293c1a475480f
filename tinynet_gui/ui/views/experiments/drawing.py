"""Tools for drawing an experiment's result: clickable dots, bands, the legend and the ranges."""

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import field

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from tinynet_gui.core.experiments.trained_runs import TrainedRun
from tinynet_gui.core.numerics.arrays import Floats
from tinynet_gui.core.values import dataclass
from tinynet_gui.ui.style.theme import Theme
from tinynet_gui.ui.style.zoom import px
from tinynet_gui.ui.views.experiments.heap import Heap
from tinynet_gui.ui.widgets.plots.plot_parts import NumberAxis, line_pen
from tinynet_gui.ui.widgets.plots.range_dialog import Range


@dataclass(frozen=True)
class Axes:
    """The names of the axes, x and y; which of them are logarithmic; and the labels of x."""

    names: tuple[str, str]
    log_x: bool = False
    log_y: bool = False
    bottom: type[NumberAxis] = NumberAxis


DOT = 0.85  # the opacity of a run's dot: where many lie over each other is seen
SEED_AXES = Axes(("loss", "seeds"), log_x=True)


@dataclasses.dataclass
class Drawing:
    """The picture of a result under construction.

    Attributes
    ----------
    by_seconds
        Draw it over time.
    on_runs_clicked, on_runs_hovered, on_samples_hovered
        Slots for the dots of runs, and of samples.
    entries
        The legend, as rich text.
    everything
        The full ranges of x and y; None to let the plot find them.
    places, runs
        The position of each sample's dot, and of each run's.
    """

    plot: pg.PlotWidget
    theme: Theme
    by_seconds: bool
    on_runs_clicked: Callable[..., None]
    on_runs_hovered: Callable[..., None]
    on_samples_hovered: Callable[..., None]
    entries: list[str] = field(default_factory=list)
    everything: tuple[Range, Range] | None = None
    places: dict[int, tuple[float, float]] = field(default_factory=dict)
    runs: list[tuple[TrainedRun, tuple[float, float]]] = field(default_factory=list)

    def enter(self, mark: str, color: str | QColor, words: str) -> None:
        """Write a line of the legend."""
        name = (self.theme.color(color) if isinstance(color, str) else color).name()
        self.entries.append(f'<b style="color:{name}">{mark}</b> {words}')

    def add_limit(self, at: float, angle: int) -> None:
        """Draw a dotted line through the whole picture."""
        self.plot.addItem(pg.InfiniteLine(at, angle=angle, pen=line_pen(self.theme, "ghost", 1.6, Qt.PenStyle.DotLine)))

    def add_runs(self, x: Floats, y: Floats, runs: Sequence[TrainedRun], *, color: str, size: float) -> None:
        """Draw one clickable dot per run."""
        dots = self._dots(x, y, runs, self.theme.color(color, DOT), size)
        dots.opts["hoverPen"] = line_pen(self.theme, "ink", 1.5)
        self.runs += zip(runs, zip(x.tolist(), y.tolist(), strict=True), strict=True)
        dots.sigClicked.connect(self.on_runs_clicked)
        dots.sigHovered.connect(self.on_runs_hovered)

    def add_heap(self, runs: Sequence[TrainedRun], heap: Heap, stands_out: Sequence[bool], color: str) -> None:
        """Draw one dot per run, heaped up; some of them in a colour that stands out."""
        for chosen, of_these in ((False, "ink"), (True, color)):
            here = np.flatnonzero(np.array(stands_out) == chosen)
            if len(here):
                dots = [runs[k] for k in here.tolist()]
                self.add_runs(heap.x[here], heap.heights[here], dots, color=of_these, size=px(6))
        self.everything = Range(heap.low, heap.high), Range(0.0, 1.1 * float(heap.heights.max()))

    def add_samples(self, x: Floats, y: Floats, places: Sequence[int], *, color: str) -> None:
        """Draw one dot per sample, which reacts to the mouse."""
        self._dots(x, y, places, self.theme.color(color), px(8)).sigHovered.connect(self.on_samples_hovered)
        self.places |= dict(zip(places, zip(x.tolist(), y.tolist(), strict=True), strict=True))

    def _dots(self, x: Floats, y: Floats, data: Sequence[object], fill: QColor, size: float) -> pg.ScatterPlotItem:
        dots = pg.ScatterPlotItem(x, y, size=size, data=list(data), brush=fill, pen=None, hoverable=True, tip=None)
        self.plot.addItem(dots)
        return dots

    def add_band(self, x: Floats, low: Floats, high: Floats, color: QColor) -> None:
        """Fill the area between two curves."""
        fill = QColor(color)
        fill.setAlphaF(0.12)
        edges = [pg.PlotCurveItem(x, y, pen=pg.mkPen(None)) for y in (low, high)]
        self.plot.addItem(pg.FillBetweenItem(*edges, brush=fill))
