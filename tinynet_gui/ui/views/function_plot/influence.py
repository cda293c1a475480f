"""Which sample did it, in the function plot: the curve without the one that is meant."""

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt

from tinynet_gui.core.numerics.arrays import Array
from tinynet_gui.ui.style.theme import Theme
from tinynet_gui.ui.style.zoom import px
from tinynet_gui.ui.views.function_plot.samples import Samples
from tinynet_gui.ui.views.function_plot.scene import FunctionLayer
from tinynet_gui.ui.widgets.plots.layer import key_entry

CURVES_Z, RING_Z = 5.2, 5.4  # below the samples
RING_GAP = 7.0  # from a mark to the ring around it, on both sides together


class Influence(FunctionLayer):
    """Draws two curves while a sample is meant, trained with it and without it, and a ring around it.

    Attributes
    ----------
    with_all, without
        The curves of the networks that were trained with all samples and without the one that is meant.
    place
        Which sample is meant, or None.
    name
        What it is called.
    ring
        Around it.
    """

    def __init__(self, plot: pg.PlotWidget, samples: Samples) -> None:
        super().__init__(plot)
        self._samples, self.name = samples, ""
        self.place: int | None = None
        self.with_all, self.without = pg.PlotCurveItem(antialias=True), pg.PlotCurveItem(antialias=True)
        self.ring = pg.ScatterPlotItem(symbol="o", pxMode=True, brush=None)
        self.put(self.with_all, CURVES_Z, "ghost", 1.4)
        self.put(self.without, CURVES_Z, "ghost", 2.2, Qt.PenStyle.DashDotLine)
        self.put(self.ring, RING_Z, "ghost", 1.8)

    def key_entries(self, theme: Theme) -> Sequence[str]:
        if self.place is None:
            return ()
        curves = (self.with_all, "—", "with all samples"), (self.without, "–·", f"without {self.name}")
        notes = ["" if np.isfinite(curve.yData).any() else " (diverges)" for curve, _, _ in curves]
        return [key_entry(mark, theme.ghost, what + note) for (_, mark, what), note in zip(curves, notes, strict=True)]

    def passing_entries(self) -> Sequence[str]:
        may_come = self._samples.are_sized and self.place is None
        return ["— with all samples", "–· without x = −0.123"] if may_come else ()

    def show_without(self, place: int, name: str, x: Array, with_all: Array, without: Array) -> None:
        """Mark a sample, and draw the curves that were trained with all samples and without it."""
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
        """No sample is meant now."""
        self.place = None
        for item in (self.with_all, self.without, self.ring):
            item.setVisible(False)
        self.changed.emit()
