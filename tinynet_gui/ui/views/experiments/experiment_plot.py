from collections.abc import Sequence

import pyqtgraph as pg
from PySide6 import QtCore, QtWidgets

from tinynet_gui.core.experiments.base import ExperimentResult, TrainedRun
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.ui.style.theme import px
from tinynet_gui.ui.views.experiments.drawing import Axes, Drawing
from tinynet_gui.ui.views.experiments.table import SHOWN
from tinynet_gui.ui.widgets.cards import filled
from tinynet_gui.ui.widgets.plots.plot_menu import StillView
from tinynet_gui.ui.widgets.plots.plot_parts import line_pen, make_plot, style_plot

FAINT = 0.35  # opacity
MIN_HEIGHT = 110  # if the texts leave it less, the view scrolls


class ExperimentPlot(QtWidgets.QWidget):
    """Draws a result; emits the clicked run, and the hovered run or sample (its index), or None."""

    run_clicked = QtCore.Signal(object)
    run_pointed = QtCore.Signal(object)
    sample_pointed = QtCore.Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._result: ExperimentResult | None = None
        self._by_seconds = False
        self.is_faint = False  # for another setting than the current one
        self._plot: pg.PlotWidget | None = None
        self.view: StillView | None = None  # the plot's
        self._drawing: Drawing | None = None
        self._drawn: tuple[str, Axes] | None = None  # the experiment and its axes
        self._sample: int | None = None  # the marked sample
        self._run: TrainedRun | None = None  # the marked run
        self._ring: pg.ScatterPlotItem | None = None
        self.setMinimumHeight(MIN_HEIGHT)
        self._layout = filled(QtWidgets.QVBoxLayout(self), margins=(0, 0, 0, 0))

    @property
    def entries(self) -> list[str]:
        """The legend, as rich text."""
        return [] if self._drawing is None else self._drawing.entries

    def sizeHint(self) -> QtCore.QSize:
        return QtCore.QSize(super().sizeHint().width(), MIN_HEIGHT)

    def show_theme(self) -> None:
        if self._plot is not None:
            style_plot(self._plot)
        self._draw()

    def show_result(self, result: ExperimentResult | None) -> None:
        self._result = result
        self._draw()

    def show_sample(self, place: int | None) -> None:
        self._sample = place
        self._mark()

    def show_run(self, run: TrainedRun | None) -> None:
        self._run = run
        self._mark()

    def show_by_seconds(self, by_seconds: bool) -> None:
        """Draw over time rather than over steps, if both are possible."""
        self._by_seconds = by_seconds
        self._draw()

    def show_faint(self, is_faint: bool) -> None:
        """Fade a result that belongs to other settings than the current ones."""
        self.is_faint = is_faint
        self._fade()

    def _fade(self) -> None:
        if self._plot is not None:
            self._plot.getPlotItem().setOpacity(FAINT if self.is_faint else 1.0)

    def _draw(self) -> None:
        self._drawing = self._ring = None
        if self._result is None:
            self._take_axes(None)
            return
        shown = SHOWN[self._result.experiment]
        timed = shown.axes_by_seconds if self._by_seconds else None
        plot = self._take_axes((self._result.experiment, timed or shown.axes))
        plot.clear()
        self._drawing = Drawing(plot, timed is not None, self._on_runs_clicked, self.run_pointed, self.sample_pointed)
        shown.draw(self._drawing, self._result)
        self._mark()
        self._look()

    def _take_axes(self, drawn: tuple[str, Axes] | None) -> pg.PlotWidget:
        """Return the plot, or a new one for other axes; None if nothing is drawn."""
        if drawn == self._drawn:
            return self._plot
        self._drawn = drawn
        if self._plot is not None:
            self._layout.removeWidget(self._plot)
            self._plot.hide()
            self._plot.deleteLater()
            self._plot = self.view = None  # a typed range belonged to the old axes
        if drawn is not None:
            self._plot = self._make_plot(drawn[1])
            self._layout.addWidget(self._plot)
            self._fade()
        return self._plot

    def _make_plot(self, axes: Axes) -> pg.PlotWidget:
        plot = make_plot(axes.bottom("bottom"), left_width=66, names=axes.names)
        plot.getAxis("bottom").setLogMode(axes.log_x, False)
        plot.getAxis("left").setLogMode(False, axes.log_y)
        style_plot(plot)
        self.view = StillView(plot, axes.names, _("Plot of the experiment"), hovers_first=True)
        self.view.changed.connect(self._look)
        return plot

    def _look(self) -> None:
        if self.view is not None:
            self.view.show(None if self._drawing is None else self._drawing.everything)

    def _mark(self) -> None:
        if self._drawing is None or self._plot is None:
            return
        here = [at for what, at in self._drawing.dots if what is self._run or what == self._sample]
        if here and self._ring is None:
            self._ring = pg.ScatterPlotItem(size=px(15), brush=None, pen=line_pen("ghost", 1.8))
            self._plot.addItem(self._ring)
        if self._ring is not None:
            self._ring.setData([x for x, _ in here], [y for _, y in here])

    def _on_runs_clicked(self, _item: object, points: Sequence[pg.SpotItem]) -> None:
        if len(points):
            self.run_clicked.emit(points[0].data())
