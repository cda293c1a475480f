"""Building blocks for experiments: clickable dots, bands, legend, ranges, and the record of how each is shown."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtGui import QColor, QPen
from PySide6.QtWidgets import QWidget

from tinynet_gui.core.config import Config
from tinynet_gui.core.experiments.base import ExperimentResult, R, TrainedRun
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.values import Array, ArrayLike, Floats, frozen_dataclass
from tinynet_gui.ui.style.theme import px, theme
from tinynet_gui.ui.widgets.plots.layer import legend_entry
from tinynet_gui.ui.widgets.plots.plot_menu import Range
from tinynet_gui.ui.widgets.plots.plot_parts import NumberAxis, line_pen, nearest_spot

SMALLEST, LARGEST = 1e-12, 1e12  # drawn in place of a loss of 0 and an infinite one
BINS = 24
BEYOND = 2  # bins from the largest finite loss to the diverged runs


@frozen_dataclass
class Heap:
    """Positions of stacked dots over base-10 logarithms, shape (dots,), and the ends of an axis that shows them."""

    x: Floats
    heights: Floats
    low: float
    high: float


def log_of(losses: ArrayLike) -> Floats:
    return np.log10(np.clip(np.asarray(losses, dtype=np.float64), SMALLEST, LARGEST))


def finite_logs(losses: ArrayLike) -> Floats:
    logs = log_of(losses)
    return logs[logs < math.log10(LARGEST)]


def heaped(losses: ArrayLike, limit: float | None = None) -> Heap:
    """Stack losses in bins of equal width; the limit, if given, is an edge between two bins."""
    logs, known = log_of(losses), finite_logs(losses)
    edge = None if limit is None else float(log_of(limit))
    known = known if edge is None else np.append(known, edge)
    low, high = (float(known.min()), float(known.max())) if len(known) else (-1.0, 0.0)
    width = max(high - low, 0.3) / BINS
    last = BINS + BEYOND
    first_right = 0
    if edge is not None:  # it is the edge between two bins
        first_right = math.ceil((edge - low) / width)
        low, last = edge - first_right * width, last + 1
    bins = np.minimum(np.floor((logs - low) / width), last).astype(int)
    if limit is not None:  # rounding must not put one on the wrong side
        below = np.asarray(losses, dtype=np.float64) < limit
        bins = np.where(below, np.minimum(bins, first_right - 1), np.maximum(bins, first_right))
    heights = np.zeros(len(bins))
    seen: dict[int, int] = {}
    for index in np.argsort(logs, kind="stable"):
        heights[index] = seen[bins[index]] = seen.get(bins[index], 0) + 1
    return Heap(low + (bins + 0.5) * width, heights, low - width, low + (last + 2) * width)


@frozen_dataclass
class Axes:
    """The axes' names, which of them are logarithmic, and the tick labels of x."""

    names: tuple[str, str]
    log_x: bool = False
    log_y: bool = False
    bottom: type[NumberAxis] = NumberAxis


DOT_OPACITY = 0.85  # shows where many runs' dots overlap
SEED_AXES = Axes((_("loss"), _("seeds")), log_x=True)


@dataclass
class Drawing:
    """Draws a result into a plot: it collects the legend and the positions of dots, and connects their callbacks.

    `everything` has the full ranges of x and y; None for the plot's auto-range. The run or sample under the mouse is
    emitted, or None.
    """

    plot: pg.PlotWidget
    by_seconds: bool
    on_runs_clicked: Callable[..., None]
    run_pointed: SignalInstance
    sample_pointed: SignalInstance
    entries: list[str] = field(default_factory=list)
    everything: tuple[Range, Range] | None = None
    dots: list[tuple[object, tuple[float, float]]] = field(default_factory=list)  # each run or sample, and where it is

    def enter(self, mark: str, color: str | QColor, words: str) -> None:
        name = (theme().color(color) if isinstance(color, str) else color).name()
        self.entries.append(legend_entry(mark, name, words))

    def add_limit(self, at: float, angle: int) -> None:
        self.plot.addItem(pg.InfiniteLine(at, angle=angle, pen=line_pen("ghost", 1.6, Qt.PenStyle.DotLine)))

    def add_runs(self, x: Floats, y: Floats, runs: Sequence[TrainedRun], *, color: str, size: float) -> None:
        dots = self._dots(x, y, runs, theme().color(color, DOT_OPACITY), size, self.run_pointed)
        dots.opts["hoverPen"] = line_pen("ink", 1.5)
        dots.sigClicked.connect(self.on_runs_clicked)

    def add_heap(
        self, runs: Sequence[TrainedRun], stands_out: Sequence[bool], color: str, limit: float | None = None
    ) -> None:
        """Draw one dot per run, stacked over its loss, some in a colour that stands out; and the limit of the loss."""
        heap = heaped([run.final_loss for run in runs], limit)
        for chosen, of_these in ((False, "ink"), (True, color)):
            here = np.flatnonzero(np.array(stands_out) == chosen)
            if len(here):
                dots = [runs[k] for k in here.tolist()]
                self.add_runs(heap.x[here], heap.heights[here], dots, color=of_these, size=px(6))
        self.everything = Range(heap.low, heap.high), Range(0.0, 1.1 * float(heap.heights.max()))
        if limit is not None:
            self.add_limit(float(log_of(limit)), angle=90)

    def add_samples(self, x: Floats, y: Floats, places: Sequence[int], *, color: str) -> None:
        """Draw one dot per sample, which reacts to hovering."""
        self._dots(x, y, places, theme().color(color), px(8), self.sample_pointed)

    def _dots(
        self, x: Floats, y: Floats, data: Sequence[object], fill: QColor, size: float, pointed: SignalInstance
    ) -> pg.ScatterPlotItem:
        def point(*hovering: Any) -> None:
            spot = nearest_spot(*hovering)
            pointed.emit(None if spot is None else spot.data())

        dots = pg.ScatterPlotItem(x, y, size=size, data=list(data), brush=fill, pen=None, hoverable=True, tip=None)
        dots.sigHovered.connect(point)
        self.plot.addItem(dots)
        self.dots += zip(data, zip(x.tolist(), y.tolist(), strict=True), strict=True)
        return dots

    def add_curve(self, x: Floats, y: Floats, pen: QPen) -> None:
        self.plot.addItem(pg.PlotCurveItem(x, y, pen=pen, antialias=True))

    def add_spread(self, x: Floats, pen: QPen, low: Floats, median: Floats, high: Floats) -> None:
        """Draw a median, and a band between the quartiles."""
        fill = pen.color()
        fill.setAlphaF(0.12)
        edges = [pg.PlotCurveItem(x, y, pen=pg.mkPen(None)) for y in (low, high)]
        self.plot.addItem(pg.FillBetweenItem(*edges, brush=fill))
        self.add_curve(x, median, pen)


SEED_HINT = _("One dot per seed, heaped up over its final loss. Click one to choose it.")


class Control(QWidget):
    """Further input for an experiment, besides the number of runs."""

    changed = Signal()
    entered = Signal()  # Enter was pressed in the last field

    @property
    def about(self) -> object:
        """The input; None if it is invalid."""
        raise NotImplementedError

    def show_config(self, config: Config) -> None:
        raise NotImplementedError

    def show_about(self, parts: Sequence[int | float | str]) -> None:
        """Restore an earlier input if its parts are valid: they may come from a file."""


@frozen_dataclass
class ShownSamples(Generic[R]):
    """A result's data on each training sample, by its index among them.

    `influences` returns float64 of shape (samples,), NaN where not known yet; `labels` the entries of the list, with
    their indices; `explain` the description of one sample, or ""; `curves` a sample's name, x over the usual or a given
    range, and the outputs trained with all samples and without it.
    """

    influences: Callable[[R], Floats]
    labels: Callable[[R], Sequence[tuple[str, int]]]
    explain: Callable[[R, int], str]
    curves: Callable[[R, int, tuple[float, float] | None], tuple[str, Array, Array, Array]]


def best_first(result: ExperimentResult) -> Sequence[TrainedRun]:
    return sorted(result.runs, key=lambda run: run.final_loss)


@frozen_dataclass
class ShownExperiment(Generic[R]):
    """How an experiment is shown to the user; a `control` only for further input, `samples` only if it is about them.

    Attributes
    ----------
    hint
        The placeholder before there is a picture.
    explain, draw
        Write a result in words, the headline first; draw it.
    axes_by_seconds
        The axes if it can also be drawn over time.
    open_hint
        The tooltip of the button beside the list.
    curves
        The runs drawn in the function plot if they kept their networks.
    shows_time_left
        Its parts take equally long, so that the remaining time can be estimated.
    """

    label: str
    question: str
    hint: str
    explain: Callable[[R], str]
    draw: Callable[[Drawing, R], None]
    axes: Axes
    axes_by_seconds: Axes | None = None
    list_name: str = _("Runs of the experiment, the best first")
    open_hint: str = _("Make this run the current one, trained to its end. Undo brings your settings back.")
    listed: Callable[[R], Sequence[TrainedRun]] = best_first
    curves: Callable[[R], Sequence[TrainedRun]] = lambda _result: ()
    shows_time_left: bool = False
    control: Callable[[], Control] | None = None
    samples: ShownSamples[R] | None = None
