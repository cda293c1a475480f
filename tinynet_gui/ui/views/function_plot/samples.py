"""The samples as dots, a batch's errors, and the curve without a sample."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt, Signal

from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.values import Array, Floats
from tinynet_gui.ui.style.theme import px, theme
from tinynet_gui.ui.views.function_plot.scene import FunctionLayer, Scene
from tinynet_gui.ui.widgets.plots.layer import RING, SOLID, legend_entry
from tinynet_gui.ui.widgets.plots.plot_parts import nearest_spot

TRAINED_Z, HELD_OUT_Z = 6.0, 7.0
HELD_OUT_SIZE = 9.0  # px
USUAL_SIZE, SMALLEST, LARGEST = 8.0, 4.0, 22.0  # of a mark, in pixels

Influences = Floats


class Samples(FunctionLayer):
    """Marks the samples, sized by their influence where that is known; only then is the hovered one emitted."""

    pointed = Signal(object)

    def __init__(self, plot: pg.PlotWidget) -> None:
        super().__init__(plot)
        self._influences: Influences | None = None
        self._trained = pg.ScatterPlotItem(symbol="o", pxMode=True)
        self.put(self._trained, TRAINED_Z, "card", 1, fill=("data",), visible=True)
        marks = partial(pg.ScatterPlotItem, symbol="d", pxMode=True)
        self.held_out = self.put_lazy(marks, HELD_OUT_Z, "data", 1.6, fill=("card",), size=HELD_OUT_SIZE)
        self._trained.opts["hoverable"], self._trained.opts["tip"] = True, None
        self._trained.sigHovered.connect(self._on_hovered)

    @property
    def are_sized(self) -> bool:
        return self._influences is not None

    def show_theme(self) -> None:
        super().show_theme()
        self._size()

    def legend_entries(self) -> Sequence[str]:
        text = _("samples, as large as their influence") if self.are_sized else _("samples")
        entries = [legend_entry("●", theme().data, text, "span")]
        if self._scene.points.held_out.any():
            entries.append(legend_entry("◇", theme().data, _("held out"), "span"))
        return entries

    def _follow(self, scene: Scene, before: Scene) -> None:
        if (points := scene.points) is not before.points:
            x, y, left_out = points.x, points.y, points.held_out
            self._trained.setData(x[~left_out], y[~left_out])
            self.held_out.setVisible(bool(left_out.any()))
            if left_out.any():
                self.held_out.setData(x[left_out], y[left_out])
            self._size()

    def show_influences(self, influences: Influences | None) -> None:
        """Size the samples by influence, NaN where unknown; None restores the usual size."""
        self._influences = influences
        self._size()
        self.changed.emit()

    def sizes(self) -> list[float]:
        return [float(size) for size in self._trained.data["size"]]

    def trained_points(self) -> tuple[Any, Any]:
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
    """Return diameters whose areas are proportional to the influences, up to the largest finite one."""
    finite = influences[np.isfinite(influences)]
    largest = float(finite.max()) if len(finite) else 0.0
    shares = np.minimum(influences / largest, 1.0) if largest > 0 else np.where(np.isinf(influences), 1.0, 0.0)
    sizes = np.maximum(LARGEST * np.sqrt(shares), SMALLEST)
    return np.where(np.isnan(influences), USUAL_SIZE, sizes)


BELOW_THE_SAMPLES = 5.5
RING_SIZE = 15


class SampleErrors(FunctionLayer):
    """Lines from y to ŷ at the samples of a batch, blue where ŷ is too large; a ring around a chosen sample."""

    def __init__(self, plot: pg.PlotWidget) -> None:
        super().__init__(plot)
        pairs = partial(pg.PlotCurveItem, connect="pairs")
        self.over = self.put_lazy(pairs, BELOW_THE_SAMPLES, "positive", 1.6)
        self.under = self.put_lazy(pairs, BELOW_THE_SAMPLES, "negative", 1.6)
        self.ring = self.put_lazy(RING, BELOW_THE_SAMPLES + 0.1, "ink", 1.6, size=RING_SIZE)
        self.is_shown = False

    def legend_entries(self) -> Sequence[str]:
        over, under = (f'<b style="color:{color}">│</b>' for color in (theme().positive, theme().negative))
        return [f"{over}{under} e = ŷ − y"] if self.is_shown else ()

    def show_batch(self, batch: tuple[Array, Array, Array] | None, chosen: int | None = None) -> None:
        """Draw the errors of a batch (x, y and ŷ, each of shape (samples,)), or of a chosen sample; or none."""
        if batch is None and not self.is_shown:
            return
        self.is_shown = batch is not None
        self.ring.setVisible(batch is not None and chosen is not None)
        for item in (self.over, self.under):
            item.setVisible(batch is not None)
        if batch is not None:
            x, y, output = batch
            picked = np.isfinite(output)
            if chosen is not None:
                picked &= np.arange(len(x)) == chosen
            for item, here in ((self.over, picked & (output > y)), (self.under, picked & (output <= y))):
                item.setData(np.repeat(x[here], 2), np.column_stack([y[here], output[here]]).ravel())
            one = [] if chosen is None else [chosen]
            self.ring.setData(x[one], y[one])
        self.changed.emit()


CURVES_Z, RING_Z = 5.2, 5.4  # below the samples
RING_GAP = 7.0  # from a mark to the ring around it, on both sides together


class Influence(FunctionLayer):
    """Highlights a sample, if `place` is not None: two curves, trained with it and without it, and a ring around it."""

    def __init__(self, plot: pg.PlotWidget, samples: Samples) -> None:
        super().__init__(plot)
        self._samples, self.name = samples, ""
        self.place: int | None = None
        self.with_all = self.put_lazy(SOLID, CURVES_Z, "ghost", 1.4)
        self.without = self.put_lazy(SOLID, CURVES_Z, "ghost", 2.2, Qt.PenStyle.DashDotLine)
        self.ring = self.put_lazy(RING, RING_Z, "ghost", 1.8)

    def legend_entries(self) -> Sequence[str]:
        if self.place is None:
            return ()
        without = _("without {names}").format(names=self.name)
        curves = (self.with_all, "—", _("with all samples")), (self.without, "–·", without)
        diverges = " " + _("(diverges)")
        return [
            legend_entry(mark, theme().ghost, what + ("" if np.isfinite(curve.yData).any() else diverges))
            for curve, mark, what in curves
        ]

    def longest_entries(self) -> Sequence[str]:
        may_come = "— " + _("with all samples"), "–· " + _("without {names}").format(names="x = −0.123")
        return self.legend_entries() or (may_come if self._samples.are_sized else ())

    def show_without(self, place: int, name: str, x: Array, with_all: Array, without: Array) -> None:
        """Mark a sample, and draw the curves trained with all samples and without it."""
        self.place, self.name = place, name
        for item, y in ((self.with_all, with_all), (self.without, without)):
            item.setData(x, y, connect="finite")
            item.setVisible(True)
        xs, ys = self._samples.trained_points()
        if place < len(xs):
            self.ring.setData(xs[[place]], ys[[place]], size=self._samples.sizes()[place] + px(RING_GAP))
            self.ring.setVisible(True)
        self.changed.emit()

    def clear(self) -> None:
        self.place = None
        for item in (self.with_all, self.without, self.ring):
            item.setVisible(False)
        self.changed.emit()
