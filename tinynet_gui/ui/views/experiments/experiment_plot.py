"""The pictures of the experiments: a heap of dots, a spread for each width, curves of each shape, a dot a sample."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QVBoxLayout, QWidget

from tinynet_gui.core.experiments.claim_result import ClaimResult
from tinynet_gui.core.experiments.experiment_result import ExperimentResult
from tinynet_gui.core.experiments.results import (
    DepthResult,
    InfluenceResult,
    Spread,
    SwarmResult,
    TrainedRun,
    WidthsResult,
)
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.ui.style.theme import Theme
from tinynet_gui.ui.style.zoom import px
from tinynet_gui.ui.views.experiments.explain_claim import limit_text
from tinynet_gui.ui.views.experiments.heap import LARGEST, Heap, heaped, log_of
from tinynet_gui.ui.widgets.guard import guarded
from tinynet_gui.ui.widgets.plots.plot_menu import PlotMenu
from tinynet_gui.ui.widgets.plots.plot_parts import (
    NumberAxis,
    StepAxis,
    dress,
    line_pen,
    make_plot,
    nearest_spot,
    run_pen,
)
from tinynet_gui.ui.widgets.plots.range_dialog import Ends

FAINT = 0.35  # opacity
CHANCE_SEEN = 0.01  # of the height of a picture: what is less lies on the axis
LEAST_HEIGHT = 88  # the words beside it give way first


@guarded
class ExperimentPlot(QWidget):
    """Draws a result; a click on a dot tells which run it is, the mouse on one tells which sample.

    Attributes
    ----------
    entries
        What its dots and lines are, as rich text: a legend.

    Signals
    -------
    run_clicked : TrainedRun
    sample_pointed : int or None
        The mouse is on the dot of this sample, or on none any more.
    """

    run_clicked = Signal(object)
    sample_pointed = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._result: ExperimentResult | None = None
        self._by_seconds = False
        self._is_faint = False
        self.menu: PlotMenu | None = None  # the plot's, while there is one
        self._plot: pg.PlotWidget | None = None
        self.entries: list[str] = []
        self._axes: tuple[type, bool] | None = None  # of which kind of result, by time
        self._sample: int | None = None  # which is marked
        self._ring: pg.ScatterPlotItem | None = None
        self._everything: tuple[Ends, Ends] | None = None  # the range of x and y in which all that is drawn lies
        self._typed: tuple[Ends, Ends] | None = None
        self.setMinimumHeight(LEAST_HEIGHT)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)

    def sizeHint(self) -> QSize:
        """As high as it must be: it takes what the words leave."""
        return QSize(super().sizeHint().width(), LEAST_HEIGHT)

    def show_theme(self, theme: Theme) -> None:
        """Take on the colours of a theme."""
        self._theme = theme
        if self._plot is not None:
            dress(self._plot, theme)
        self._draw()

    def show_result(self, result: ExperimentResult | None) -> None:
        """Draw a result, or nothing."""
        self._result = result
        self._draw()

    def show_sample(self, place: int | None) -> None:
        """Mark the dot of a sample, or none."""
        self._sample = place
        self._mark_sample()

    def show_by_seconds(self, by_seconds: bool) -> None:
        """Draw a comparison of shapes over time rather than over steps."""
        self._by_seconds = by_seconds
        self._draw()

    def show_faint(self, is_faint: bool) -> None:
        """Draw it faintly, as what is not of the present setting, or as usual."""
        self._is_faint = is_faint
        self._fade()

    def is_faint(self) -> bool:
        """Whether it is drawn faintly."""
        return self._is_faint

    def _fade(self) -> None:
        if self._plot is not None:
            self._plot.getPlotItem().setOpacity(FAINT if self._is_faint else 1.0)

    def _draw(self) -> None:
        result = self._result
        axes = (type(result), self._by_seconds)
        if axes != self._axes:
            self._axes, self._typed = axes, None  # what was typed was of the others
            if self._plot is not None:
                self._layout.removeWidget(self._plot)
                self._plot.hide()
                self._plot.deleteLater()
                self._plot = self.menu = None
        self._everything, self._ring = None, None
        self.entries = []
        if result is None:
            return
        if self._plot is None:
            self._plot = self._plot_for(result)
            self._layout.addWidget(self._plot)
            self._fade()
        self._plot.clear()
        if isinstance(result, SwarmResult):
            self._draw_swarm(self._plot, result)
        elif isinstance(result, WidthsResult):
            self._draw_widths(self._plot, result)
        elif isinstance(result, InfluenceResult):
            self._draw_influence(self._plot, result)
        elif isinstance(result, ClaimResult):
            self._draw_claim(self._plot, result)
        else:
            self._draw_depth(self._plot, result)
        self._set_view()

    @Slot()
    def show_everything(self) -> None:
        """Bring the view back to all that is drawn."""
        self._typed = None
        self._set_view()

    @Slot(object, object)
    def _on_range_chosen(self, x: Ends, y: Ends) -> None:
        self._typed = x, y
        self._set_view()

    def _set_view(self) -> None:
        ends = self._typed or self._everything
        if self._plot is not None and ends is not None:
            self._plot.setRange(xRange=ends[0], yRange=ends[1], padding=0)
        elif self._plot is not None:
            self._plot.enableAutoRange()

    def _plot_for(self, result: ExperimentResult) -> pg.PlotWidget:
        if isinstance(result, SwarmResult | ClaimResult):
            return self._make_plot(NumberAxis("bottom"), ("loss", "seeds"), log_x=True, log_y=False)
        if isinstance(result, WidthsResult):
            return self._make_plot(NumberAxis("bottom"), ("neurons", "loss"), log_x=True, log_y=True)
        if isinstance(result, InfluenceResult):
            return self._make_plot(NumberAxis("bottom"), ("x", "moved by"), log_x=False, log_y=False)
        axis, name = (NumberAxis("bottom"), "milliseconds") if self._by_seconds else (StepAxis("bottom"), "step")
        return self._make_plot(axis, (name, "loss"), log_x=False, log_y=True)

    def _make_plot(self, bottom: NumberAxis, names: tuple[str, str], *, log_x: bool, log_y: bool) -> pg.PlotWidget:
        plot = make_plot(bottom, left_width=66, names=names)
        plot.setMouseEnabled(x=False, y=False)
        plot.getAxis("bottom").setLogMode(log_x, False)
        plot.getAxis("left").setLogMode(False, log_y)
        dress(plot, self._theme)
        self.menu = PlotMenu(plot, names)
        self.menu.everything_wanted.connect(self.show_everything)
        self.menu.range_chosen.connect(self._on_range_chosen)
        return plot

    def _add_runs(
        self,
        plot: pg.PlotWidget,
        x: npt.NDArray[np.float64],
        y: npt.NDArray[np.float64],
        runs: Sequence[TrainedRun],
        *,
        color: str,
        size: float,
    ) -> None:
        """Draw one dot a run, to be clicked."""
        brush, pen = self._theme.color(color, 0.75), pg.mkPen(None)
        dots = pg.ScatterPlotItem(x, y, size=size, data=list(runs), brush=brush, pen=pen, hoverable=True)
        dots.opts["hoverPen"] = line_pen(self._theme, "ink", 1.5)
        dots.opts["tip"] = None
        dots.sigClicked.connect(self._on_dots_clicked)
        plot.addItem(dots)

    def _on_dots_clicked(self, _item: object, points: Sequence[pg.SpotItem]) -> None:
        if len(points):
            self.run_clicked.emit(points[0].data())

    def _draw_swarm(self, plot: pg.PlotWidget, result: SwarmResult) -> None:
        """One dot a seed, heaped up over its final loss; those that failed in the colour of errors."""
        self.entries = [self._entry("●", "ink", "a seed, by its final loss")]
        if any(result.causes):
            self.entries.append(self._entry("●", "error", "failed"))
        failed = np.array([bool(cause) for cause in result.causes])
        self._draw_heap(plot, result.runs, heaped([run.final_loss for run in result.runs]), failed)

    def _draw_claim(self, plot: pg.PlotWidget, result: ClaimResult) -> None:
        """One dot a seed, heaped up over its final loss, and the limit; in the colour of errors what speaks against."""
        limit, against = result.claim.limit, np.array(result.speaks_against)
        words = ("below it", "not below it")
        if result.claim.quantifier != "never":
            words = words[::-1]
        self.entries = [self._entry("┄", "ghost", f"the limit, {limit_text(limit)}")]
        for chosen, color, word in ((~against, "ink", words[1]), (against, "error", words[0])):
            if chosen.any():
                self.entries.append(self._entry("●", color, f"{word}: {count_text(int(chosen.sum()))}"))
        self._draw_heap(plot, result.seeds.runs, heaped([run.final_loss for run in result.seeds.runs], limit), against)
        pen = line_pen(self._theme, "ghost", 1.6, Qt.PenStyle.DotLine)
        plot.addItem(pg.InfiniteLine(float(log_of(limit)), angle=90, pen=pen))

    def _draw_heap(
        self, plot: pg.PlotWidget, runs: Sequence[TrainedRun], heap: Heap, is_wrong: npt.NDArray[np.bool_]
    ) -> None:
        for chosen, color in ((~is_wrong, "ink"), (is_wrong, "error")):
            here = np.flatnonzero(chosen)
            if len(here):
                self._add_runs(
                    plot, heap.x[here], heap.heights[here], [runs[i] for i in here.tolist()], color=color, size=px(6)
                )
        self._everything = Ends(heap.low, heap.high), Ends(0.0, 1.1 * float(heap.heights.max()))

    def _draw_widths(self, plot: pg.PlotWidget, result: WidthsResult) -> None:
        """Medians and quartiles of training and validation loss, and the best line found with so many kinks."""
        widths = np.log10([one.width for one in result.widths])
        self.entries = [self._entry("—", "ink", "on the samples: median, and the middle half")]
        self._add_spread(plot, widths, [one.training for one in result.widths], "ink", Qt.PenStyle.SolidLine)
        if all(one.validation is not None for one in result.widths):
            validation = [one.validation for one in result.widths if one.validation is not None]
            self._add_spread(plot, widths, validation, "data", Qt.PenStyle.DashLine)
            self.entries.append(self._entry("╌", "data", "held out"))
        bound = any(one.may_be_beaten for one in result.widths)
        best = "best line found with so many kinks (the best was up to 1.4 times lower, where it could be measured)"
        self.entries.append(self._entry("┄", "ghost", best if bound else "best line with so many kinks"))
        possible = [one for one in result.widths if one.best_found is not None]
        pen = line_pen(self._theme, "ghost", 1.6, Qt.PenStyle.DotLine)
        fits = log_of([one.best_found or 0.0 for one in possible])
        plot.addItem(pg.PlotCurveItem(np.log10([one.width for one in possible]), fits, pen=pen, antialias=True))
        for one, x in zip(result.widths, widths, strict=True):
            y = log_of([r.final_loss for r in one.runs])
            self._add_runs(plot, np.full(len(y), x), y, one.runs, color="ink", size=px(4))
        losses = log_of([o.final_loss for one in result.widths for o in one.runs])
        finite = losses[losses < math.log10(LARGEST)]
        if len(finite):
            self._everything = Ends(-0.1, 3.1), Ends(float(finite.min()) - 0.6, float(finite.max()) + 0.3)

    def _draw_depth(self, plot: pg.PlotWidget, result: DepthResult) -> None:
        """The median loss of each shape with its quartiles, over steps or over time."""
        x_end = 0.0
        self.entries = []
        for number, shape in enumerate(result.shapes):
            color = self._theme.run_color(number)
            x = shape.steps * (shape.seconds_per_step.median * 1e3 if self._by_seconds else 1.0)
            x_end = max(x_end, float(x[-1]))
            low, median, high = (log_of(row) for row in shape.curves)
            self._add_band(plot, x, low, high, color)
            pen = run_pen(self._theme, number, 1.8)
            plot.addItem(pg.PlotCurveItem(x, median, pen=pen, antialias=True))
            neurons = ", ".join(map(str, shape.hidden))
            self.entries.append(f'<b style="color:{color.name()}">—</b> hidden {neurons}')
        values = np.concatenate([log_of(s.curves).ravel() for s in result.shapes])
        values = values[values < math.log10(LARGEST)]
        if len(values):
            self._everything = Ends(0.0, 1.01 * x_end), Ends(float(values.min()) - 0.1, float(values.max()) + 0.1)

    def _draw_influence(self, plot: pg.PlotWidget, result: InfluenceResult) -> None:
        """How far the curve moves without each sample, over its x; at the top those without which it diverges."""
        x, heights, top = _dots_of(result)
        ends = np.column_stack([np.zeros(len(x)), heights]).ravel()
        pen = line_pen(self._theme, "data", 1, alpha=0.5)
        plot.addItem(pg.PlotCurveItem(np.repeat(x, 2), ends, connect="pairs", pen=pen))
        self.entries = [self._entry("●", "data", "without this sample")]
        if any(math.isinf(one.influence) for one in result.samples):
            self.entries.append(self._entry("●", "error", "diverges"))
        if CHANCE_SEEN * top < result.chance < np.inf:
            self.entries.append(
                self._entry("┄", "ghost", "below it may be chance: so are 95 of 100 samples without influence, or more")
            )
            pen = line_pen(self._theme, "ghost", 1.6, Qt.PenStyle.DotLine)
            plot.addItem(pg.InfiniteLine(result.chance, angle=0, pen=pen))
        infinite = np.array([math.isinf(one.influence) for one in result.samples], dtype=bool)
        for chosen, color in ((~infinite, "data"), (infinite, "error")):
            here = np.flatnonzero(chosen)
            brush, data = self._theme.color(color), [result.samples[k].place for k in here]
            dots = pg.ScatterPlotItem(
                x[here], heights[here], size=px(8), data=data, brush=brush, pen=None, hoverable=True
            )
            dots.opts["tip"] = None
            dots.sigHovered.connect(self._on_dots_hovered)
            plot.addItem(dots)
        self._ring = pg.ScatterPlotItem(size=px(15), brush=None, pen=line_pen(self._theme, "ghost", 1.8))
        plot.addItem(self._ring)
        self._mark_sample()
        if len(x):
            margin = 0.05 * float(x.max() - x.min()) or 1.0
            self._everything = Ends(float(x.min()) - margin, float(x.max()) + margin), Ends(0.0, 1.2 * top)

    def _entry(self, mark: str, color: str, words: str) -> str:
        return f'<b style="color:{self._theme.color(color).name()}">{mark}</b> {words}'

    def _mark_sample(self) -> None:
        if self._ring is not None and isinstance(self._result, InfluenceResult):
            x, heights, _ = _dots_of(self._result)
            here = [k for k, one in enumerate(self._result.samples) if one.place == self._sample]
            self._ring.setData(x[here], heights[here])

    def _on_dots_hovered(self, item: pg.ScatterPlotItem, points: Sequence[pg.SpotItem], event: object) -> None:
        spot = nearest_spot(item, points, event)
        self.sample_pointed.emit(None if spot is None else spot.data())

    def _add_spread(
        self,
        plot: pg.PlotWidget,
        x: npt.NDArray[np.float64],
        spreads: Sequence[Spread],
        color: str,
        style: Qt.PenStyle,
    ) -> None:
        low, median, high = (log_of([getattr(s, name) for s in spreads]) for name in ("low", "median", "high"))
        self._add_band(plot, x, low, high, self._theme.color(color))
        plot.addItem(pg.PlotCurveItem(x, median, pen=line_pen(self._theme, color, 1.8, style), antialias=True))

    def _add_band(
        self,
        plot: pg.PlotWidget,
        x: npt.NDArray[np.float64],
        low: npt.NDArray[np.float64],
        high: npt.NDArray[np.float64],
        color: QColor,
    ) -> None:
        fill = QColor(color)
        fill.setAlphaF(0.12)
        edges = [pg.PlotCurveItem(x, y, pen=pg.mkPen(None)) for y in (low, high)]
        plot.addItem(pg.FillBetweenItem(*edges, brush=fill))


def _dots_of(result: InfluenceResult) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], float]:
    """Return x and height of each sample's dot, and the height at which the infinite ones lie, above all others."""
    influences = np.array([one.influence for one in result.samples])
    finite = influences[np.isfinite(influences)]
    top = 1.15 * max(float(finite.max(initial=0.0)), result.chance if math.isfinite(result.chance) else 0.0) or 1.0
    return np.array([one.x for one in result.samples]), np.minimum(influences, top), top
