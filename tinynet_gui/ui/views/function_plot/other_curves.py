"""Curves beside the network's own: other runs, many seeds, and the lazy twin."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph as pg
from PySide6 import QtCore, QtGui, QtWidgets

from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.numbers import count_text, percent_text, plain
from tinynet_gui.core.values import AnyFloats, Array, Floats, frozen_dataclass
from tinynet_gui.ui.style.theme import theme
from tinynet_gui.ui.views.function_plot.curves import OFF, CurveLayer
from tinynet_gui.ui.views.function_plot.scene import FunctionLayer
from tinynet_gui.ui.widgets.plots.layer import SOLID, RunLayer, legend_entry, no_pen, run_entries
from tinynet_gui.ui.widgets.plots.plot_parts import DashedCurve, line_pen

if TYPE_CHECKING:
    from tinynet_gui.core.experiments.luck import SeedBand


NOW = " " + _("(at this step)")


@frozen_dataclass(eq=False)
class RunCurve:
    """A run's network output at a step, x and y float32 of shape (points,); `color` is the index of its colour.

    `is_at_end` if that is the run's last step, before the current one.
    """

    name: str
    color: int
    x: Array
    y: Array
    step: int
    is_at_end: bool
    goes_on: bool = False  # whether the run has later steps


class RunCurves(RunLayer, FunctionLayer):
    keeps_words_away = True
    width = 1.8

    def __init__(self, plot: pg.PlotWidget) -> None:
        super().__init__(plot)
        self.curves: Sequence[RunCurve] = ()
        self._inside: list[Array] = []
        self._reach: tuple[float, float] | None = None

    def show_curves(self, curves: Sequence[RunCurve]) -> None:
        """Replace the curves; the view fits them over the training range."""
        if [(c.name, c.color) for c in curves] != [(c.name, c.color) for c in self.curves]:
            self._reach = None  # otherwise the range only grows, which keeps the axis calm
        self.curves = curves
        self.draw_runs([(curve.color, curve.x, curve.y) for curve in curves])
        low, high = self._scene.config.data.x_range
        self._inside = [curve.y[(curve.x >= low) & (curve.x <= high)] for curve in curves]
        if curves:
            self._reach = self.reach_with(np.array(self._reach or (), dtype=np.float32))

    def legend_entries(self) -> Sequence[str]:
        return run_entries([(c.name, c.color, _moment(c)) for c in self.curves])

    def longest_entries(self) -> Sequence[str]:
        return run_entries([(c.name, c.color, max(NOW, _end(c.step), key=len)) for c in self.curves])

    @property
    def reach(self) -> tuple[float, float] | None:
        return self._reach if self.curves else None

    def reach_with(self, more: Array) -> tuple[float, float]:
        """Return the range of y over these curves and `more`, shape (points,); 0 to 1 if there are no finite values."""
        y = np.concatenate([more, *self._inside])
        y = y[np.isfinite(y)]
        return (float(y.min()), float(y.max())) if len(y) else (0.0, 1.0)


def _moment(curve: RunCurve) -> str:
    """Say at which moment a curve is, unless that is both the run's last and the current one."""
    if curve.goes_on:
        return NOW if curve.step else " " + _("(at step 0)")
    return _end(curve.step) if curve.is_at_end else ""


def _end(step: int) -> str:
    return " " + (_("(ends at {step})").format(step=count_text(step)) if step else _("(untrained)"))


BELOW_THE_CURVES = 1.2


class SeedBandLayer(FunctionLayer):
    """The band between two quantiles of many seeds, and their median."""

    def __init__(self, plot: pg.PlotWidget) -> None:
        super().__init__(plot)
        self.band: SeedBand | None = None
        self._is_pending = False  # a new band is being computed, and takes long
        polygon = QtWidgets.QGraphicsPolygonItem
        self._area = self.put_lazy(polygon, BELOW_THE_CURVES, no_pen, fill=("ghost", 0.22))
        self._median = self.put_lazy(SOLID, BELOW_THE_CURVES, "ghost", 1.4)

    def legend_entries(self) -> Sequence[str]:
        if self.band is None:
            words = _("seeds are being trained …") if self._is_pending else ""
        else:
            words, diverged = _("middle 80 % of {count} seeds"), self.band.diverged
            if diverged:
                words = _("middle 80 % of {count} seeds ({diverged} diverged)")
            words = words.format(count=self.band.seeds, diverged=diverged) + (" …" if self._is_pending else "")
        return [legend_entry("▒", theme().ghost, words)] if words else ()

    def show_pending(self) -> None:
        self._is_pending = True
        self.changed.emit()

    def show_band(self, band: "SeedBand | None") -> None:
        if band is self.band and not self._is_pending:
            return
        self.band, self._is_pending = band, False
        is_drawn = band is not None and len(band.median) > 0
        self._area.setVisible(is_drawn)
        self._median.setVisible(is_drawn)
        if band is not None and is_drawn:
            x, edges = np.concatenate([band.x, band.x[::-1]]), np.concatenate([band.low, band.high[::-1]])
            self._area.setPolygon(pg.functions.arrayToQPolygonF(x, edges))
            self._median.setData(band.x, band.median)
        self.changed.emit()

    def median(self) -> tuple[Any, Any] | None:
        return (self._median.xData, self._median.yData) if self._median.isVisible() else None


TWIN_Z = 9  # above the network, so that it is visible where they coincide
MIN_WHOLE, MAX_WHOLE = 0.01, 1e3  # shares between these are written in whole per cent, others with two digits
MARK, DASHES = "╍", (9, 3)
MIN_JUMP_PX = 1.0  # the least visible gap


@frozen_dataclass(eq=False)
class TwinShown:
    """A lazy twin as shown; its curve jumps where an x occurs twice, and y may be infinite or NaN.

    `moved` is the kernel's relative change, None while unknown; `edge` the formatted learning rate above which it
    diverges, None if it does not; `of_ghost`: it is at the ghost's step.
    """

    x: AnyFloats
    y: Floats
    moved: float | None
    edge: str | None
    of_ghost: bool


class TornCurve(DashedCurve):
    """A curve with a gap at visible jumps, where two points share an x."""

    def generatePath(self, x: AnyFloats, y: AnyFloats) -> QtGui.QPainterPath:
        view = self.getViewBox()
        if view is not None:
            with np.errstate(all="ignore"):
                is_jump = (np.diff(x) == 0) & (np.abs(np.diff(y)) > MIN_JUMP_PX * view.viewPixelSize()[1])
            gaps = 1 + np.flatnonzero(is_jump)
            x, y = np.insert(x, gaps, np.nan), np.insert(y, gaps, np.nan)
        return super().generatePath(x, y)


def _twin_pen() -> QtGui.QPen:
    pen = line_pen("accent", 1.8)
    pen.setDashPattern(DASHES)
    pen.setCapStyle(QtCore.Qt.PenCapStyle.FlatCap)
    return pen


class LazyTwinCurve(CurveLayer):
    """The twin's curve, and how far the kernel has moved; or why there is no twin."""

    keeps_words_away = True
    has_own_line = True

    def __init__(self, plot: pg.PlotWidget) -> None:
        super().__init__(plot, partial(TornCurve, antialias=True, connect="finite"), TWIN_Z, _twin_pen)
        self._shown: TwinShown | str = ""

    def legend_entries(self) -> Sequence[str]:
        shown = self._shown
        if isinstance(shown, str):
            first, *rest = shown.split(": ")
            return [legend_entry(MARK, theme().muted, first), *rest] if shown else ()
        if shown.edge is not None:
            diverges = _("the ghost’s lazy twin diverges") if shown.of_ghost else _("its lazy twin diverges")
            rate = _("above a learning rate of {rate}").format(rate=shown.edge)
            return [legend_entry(MARK, theme().accent, diverges), rate]
        whose = _("the ghost’s lazy twin") if shown.of_ghost else _("its lazy twin")
        entry = legend_entry(MARK, theme().accent, whose if self.is_in_view() else whose + OFF)
        if shown.moved is None or not np.isfinite(shown.moved):
            return [entry]
        is_whole = MIN_WHOLE <= shown.moved < MAX_WHOLE
        moved = percent_text(shown.moved) if is_whole else f"{plain(100 * shown.moved, 2)} %"
        return [entry, _("the kernel moved {moved}").format(moved=moved)]

    def show_twin(self, shown: TwinShown | str) -> None:
        if shown == "" == self._shown:
            return
        self._shown = shown
        self._item.setVisible(not isinstance(shown, str))
        if not isinstance(shown, str):
            self._item.setData(shown.x, np.where(np.isfinite(shown.y), shown.y, np.nan))
        self.changed.emit()
