"""The errors of a step's batch in the function plot: a line from each sample to the network's output."""

import numpy as np
import pyqtgraph as pg

from tinynet_gui.core.arrays import Array
from tinynet_gui.ui.style.theme import Theme
from tinynet_gui.ui.style.zoom import px
from tinynet_gui.ui.widgets.plots.plot_parts import line_pen

BELOW_THE_SAMPLES = 5.5
RING_SIZE = 15


class SampleErrors:
    """Lines from y to ŷ at the samples of a batch, blue where ŷ is too large; a ring around a chosen sample.

    Attributes
    ----------
    over, under
        The lines where ŷ is too large, and where it is too small.
    ring
        Around the chosen sample.
    """

    def __init__(self, plot: pg.PlotWidget) -> None:
        self.over, self.under = pg.PlotCurveItem(connect="pairs"), pg.PlotCurveItem(connect="pairs")
        self.ring = pg.ScatterPlotItem(symbol="o", pxMode=True, brush=None)
        for item in (self.over, self.under, self.ring):
            item.setZValue(BELOW_THE_SAMPLES)
            item.setVisible(False)
            plot.addItem(item, ignoreBounds=True)
        self.is_shown = False

    def show_theme(self, theme: Theme) -> None:
        """Take on the colours of a theme."""
        self.over.setPen(line_pen(theme, "positive", 1.6))
        self.under.setPen(line_pen(theme, "negative", 1.6))
        self.ring.setPen(line_pen(theme, "ink", 1.6))
        self.ring.setSize(px(RING_SIZE))

    def show(self, x: Array, y: Array, output: Array, chosen: int | None) -> None:
        """Draw the errors of a batch, or of the chosen one of its samples; all arrays of shape (samples,)."""
        picked = np.isfinite(output)
        if chosen is not None:
            picked &= np.arange(len(x)) == chosen
        for item, here in ((self.over, picked & (output > y)), (self.under, picked & (output <= y))):
            item.setData(np.repeat(x[here], 2), np.column_stack([y[here], output[here]]).ravel())
            item.setVisible(True)
        one = [] if chosen is None else [chosen]
        self.ring.setData(x[one], y[one])
        self.ring.setVisible(chosen is not None)
        self.is_shown = True

    def clear(self) -> None:
        """Draw none."""
        for item in (self.over, self.under, self.ring):
            item.setVisible(False)
        self.is_shown = False
