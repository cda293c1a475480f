"""The final curves of many seeds in the function plot: a band and their median."""

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPolygonF
from PySide6.QtWidgets import QGraphicsPolygonItem

from tinynet_gui.core.experiments.seed_band import SeedBand
from tinynet_gui.ui.style.theme import Theme
from tinynet_gui.ui.widgets.plots.plot_parts import line_pen

BELOW_THE_CURVES = 1.2


class SeedBandItem:
    """A band between two quantiles, and the median in it.

    Attributes
    ----------
    band
        What is drawn, or None.
    is_late
        Whether another one is being computed, and that takes its time.
    """

    def __init__(self, plot: pg.PlotWidget) -> None:
        self.band: SeedBand | None = None
        self.is_late = False
        self._area = QGraphicsPolygonItem()
        self._area.setPen(Qt.PenStyle.NoPen)
        self._median = pg.PlotCurveItem(antialias=True)
        for item in (self._area, self._median):
            item.setZValue(BELOW_THE_CURVES)
            item.setVisible(False)
            plot.addItem(item, ignoreBounds=True)

    def show_theme(self, theme: Theme) -> None:
        """Take on the colours of a theme."""
        self._area.setBrush(theme.color("ghost", 0.22))
        self._median.setPen(line_pen(theme, "ghost", 1.4))

    def show(self, band: SeedBand | None) -> None:
        """Draw a band, or none."""
        self.band, self.is_late = band, False
        is_drawn = band is not None and len(band.median) > 0
        self._area.setVisible(is_drawn)
        self._median.setVisible(is_drawn)
        if band is not None and is_drawn:
            x, edges = np.concatenate([band.x, band.x[::-1]]), np.concatenate([band.low, band.high[::-1]])
            points = np.stack([x, edges], axis=1).astype(np.float64).tolist()
            self._area.setPolygon(QPolygonF([QPointF(*point) for point in points]))
            self._median.setData(band.x, band.median)

    def median(self) -> tuple[Any, Any] | None:
        """Return what is drawn as the median, or None."""
        return (self._median.xData, self._median.yData) if self._median.isVisible() else None
