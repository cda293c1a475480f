"""Which sample did it, in the function plot: marks as large as the influence, and the curve without the one meant."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QObject, Qt, Signal

from tinynet_gui.core.arrays import Array
from tinynet_gui.ui.style.theme import Theme
from tinynet_gui.ui.style.zoom import px
from tinynet_gui.ui.widgets.plots.plot_parts import line_pen, nearest_spot

USUAL_SIZE, SMALLEST, LARGEST = 8.0, 4.0, 22.0  # of a mark, in pixels
RING_GAP = 7.0  # from a mark to the ring around it, on both sides together
CURVES_Z, RING_Z = 5.2, 5.5  # below the samples

Influences = npt.NDArray[np.float64]


class InfluenceMarks(QObject):
    """Gives the samples' marks their sizes, and draws two curves while one of them is meant: with it and without.

    Attributes
    ----------
    with_all, without
        The curves of the networks that were trained with all samples and without the one that is meant.
    ring
        Around the sample that is meant.
    is_shown
        Whether the marks have sizes of their own.
    name
        What the sample that is meant is called; "" if there is none.

    Signals
    -------
    pointed : int or None
        The mouse is on this sample, or on none any more; only while the marks have sizes of their own.
    """

    pointed = Signal(object)

    def __init__(self, plot: pg.PlotWidget, samples: pg.ScatterPlotItem, parent: QObject) -> None:
        super().__init__(parent)
        self._samples = samples
        self._influences: Influences | None = None
        self._place = 0
        self.with_all, self.without = pg.PlotCurveItem(antialias=True), pg.PlotCurveItem(antialias=True)
        self.ring = pg.ScatterPlotItem(symbol="o", pxMode=True, brush=None)
        for item, z in ((self.with_all, CURVES_Z), (self.without, CURVES_Z), (self.ring, RING_Z)):
            item.setZValue(z)
            item.setVisible(False)
            plot.addItem(item, ignoreBounds=True)
        self.name = ""
        samples.opts["hoverable"], samples.opts["tip"] = True, None
        samples.sigHovered.connect(self._on_hovered)

    @property
    def is_shown(self) -> bool:
        """Whether the marks have sizes of their own."""
        return self._influences is not None

    def show_theme(self, theme: Theme) -> None:
        """Take on the colours of a theme."""
        self.with_all.setPen(line_pen(theme, "ghost", 1.4))
        self.without.setPen(line_pen(theme, "ghost", 2.2, Qt.PenStyle.DashDotLine))
        self.ring.setPen(line_pen(theme, "ghost", 1.8))
        self.apply()

    def show_influences(self, influences: Influences | None) -> None:
        """Make the marks as large as these, one for each sample and NaN where it is not known; or as usual."""
        self._influences = influences
        self.apply()

    def apply(self) -> None:
        """Give the marks their sizes, after they have been drawn anew."""
        x, _ = self._samples.getData()
        if self._influences is not None and len(self._influences) == len(x):
            self._samples.setSize(px(1) * sizes_of(self._influences))
        else:
            self._samples.setSize(np.full(len(x), px(USUAL_SIZE)))

    def sizes(self) -> list[float]:
        """Return how large the marks are, as drawn."""
        return [float(size) for size in self._samples.data["size"]]

    @property
    def place(self) -> int | None:
        """Which sample is marked, or None."""
        return self._place if self.name else None

    def show_without(self, place: int, name: str, x: Array, with_all: Array, without: Array) -> None:
        """Mark a sample, and draw the curves that were trained with all samples and without it."""
        self.name, self._place = name, place
        for item, y in ((self.with_all, with_all), (self.without, without)):
            item.setData(x, y, connect="finite")
            item.setVisible(True)
        xs, ys = self._samples.getData()
        if place < len(xs):
            self.ring.setData(xs[[place]], ys[[place]], size=self.sizes()[place] + px(RING_GAP))
            self.ring.setVisible(True)

    def clear_without(self) -> None:
        """No sample is meant any more."""
        self.name = ""
        for item in (self.with_all, self.without, self.ring):
            item.setVisible(False)

    def key_entries(self, theme: Theme) -> list[str]:
        """Say what the two curves are, while they are drawn."""
        if not self.name:
            return []
        curves = (self.with_all, "—", "with all samples"), (self.without, "–·", f"without {self.name}")
        entries = []
        for curve, mark, what in curves:
            note = "" if np.isfinite(curve.yData).any() else " (diverges)"
            entries.append(f'<b style="color:{theme.ghost}">{mark}</b> {what}{note}')
        return entries

    def passing_entries(self) -> list[str]:
        """What may come into the key when a sample is pointed at."""
        return ["— with all samples", "–· without x = −0.123"] if self.is_shown and not self.name else []

    def _on_hovered(self, item: pg.ScatterPlotItem, points: Sequence[pg.SpotItem], event: object) -> None:
        if self.is_shown:
            spot = nearest_spot(item, points, event)
            self.pointed.emit(None if spot is None else int(spot.index()))


def sizes_of(influences: Influences) -> Influences:
    """Return the diameters of marks: the area grows as the influence does, of which the largest finite one is full."""
    finite = influences[np.isfinite(influences)]
    largest = float(finite.max()) if len(finite) else 0.0
    shares = np.minimum(influences / largest, 1.0) if largest > 0 else np.where(np.isinf(influences), 1.0, 0.0)
    sizes = np.maximum(LARGEST * np.sqrt(shares), SMALLEST)
    return np.where(np.isnan(influences), USUAL_SIZE, sizes)
