"""The final curves of many seeds in the function plot: a band and their median."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPolygonF
from PySide6.QtWidgets import QGraphicsPolygonItem

from tinynet_gui.ui.style.theme import Theme
from tinynet_gui.ui.views.function_plot.scene import FunctionLayer
from tinynet_gui.ui.widgets.plots.layer import key_entry

if TYPE_CHECKING:
    from tinynet_gui.core.experiments.seed_band import SeedBand

BELOW_THE_CURVES = 1.2


class SeedBandLayer(FunctionLayer):
    """A band between two quantiles, and the median in it.

    Attributes
    ----------
    band
        What is drawn, or None.
    """

    def __init__(self, plot: pg.PlotWidget) -> None:
        super().__init__(plot)
        self.band: SeedBand | None = None
        self._is_late = False  # another one is being computed, and that takes its time
        self._area = QGraphicsPolygonItem()
        self._area.setPen(Qt.PenStyle.NoPen)
        self._median = pg.PlotCurveItem(antialias=True)
        self.put(self._area, BELOW_THE_CURVES, fill=("ghost", 0.22))
        self.put(self._median, BELOW_THE_CURVES, "ghost", 1.4)

    def key_entries(self, theme: Theme) -> Sequence[str]:
        if self.band is None:
            words = "seeds are being trained …" if self._is_late else ""
        else:
            diverged = f" ({self.band.diverged} diverged)" if self.band.diverged else ""
            words = f"middle 80 % of {self.band.seeds} seeds{diverged}{' …' if self._is_late else ''}"
        return [key_entry("▒", theme.ghost, words)] if words else ()

    def show_late(self) -> None:
        """Say that a band is being computed."""
        self._is_late = True
        self.changed.emit()

    def show_band(self, band: "SeedBand | None") -> None:
        """Draw a band, or none."""
        self.band, self._is_late = band, False
        is_drawn = band is not None and len(band.median) > 0
        self._area.setVisible(is_drawn)
        self._median.setVisible(is_drawn)
        if band is not None and is_drawn:
            x, edges = np.concatenate([band.x, band.x[::-1]]), np.concatenate([band.low, band.high[::-1]])
            points = np.stack([x, edges], axis=1).astype(np.float64).tolist()
            self._area.setPolygon(QPolygonF([QPointF(*point) for point in points]))
            self._median.setData(band.x, band.median)
        self.changed.emit()

    def median(self) -> tuple[Any, Any] | None:
        """Return what is drawn as the median, or None."""
        return (self._median.xData, self._median.yData) if self._median.isVisible() else None
