"""The errors of a step's batch in the function plot: a line from each sample to the network's output."""

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg

from tinynet_gui.core.numerics.arrays import Array
from tinynet_gui.ui.style.theme import Theme
from tinynet_gui.ui.views.function_plot.scene import FunctionLayer

BELOW_THE_SAMPLES = 5.5
RING_SIZE = 15


class SampleErrors(FunctionLayer):
    """Lines from y to ŷ at the samples of a batch, blue where ŷ is too large; a ring around a chosen sample.

    Attributes
    ----------
    over, under
        The lines where ŷ is too large, and where it is too small.
    ring
        Around the chosen sample.
    """

    def __init__(self, plot: pg.PlotWidget) -> None:
        super().__init__(plot)
        self.over, self.under = pg.PlotCurveItem(connect="pairs"), pg.PlotCurveItem(connect="pairs")
        self.ring = pg.ScatterPlotItem(symbol="o", pxMode=True, brush=None)
        self.put(self.over, BELOW_THE_SAMPLES, "positive", 1.6)
        self.put(self.under, BELOW_THE_SAMPLES, "negative", 1.6)
        self.put(self.ring, BELOW_THE_SAMPLES, "ink", 1.6, size=RING_SIZE)
        self.is_shown = False

    def key_entries(self, theme: Theme) -> Sequence[str]:
        over, under = (f'<b style="color:{color}">│</b>' for color in (theme.positive, theme.negative))
        return [f"{over}{under} e = ŷ − y"] if self.is_shown else ()

    def show_batch(self, batch: tuple[Array, Array, Array] | None, chosen: int | None = None) -> None:
        """Draw the errors of a batch (x, y and ŷ, each of shape (samples,)), or of a chosen sample; or none."""
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
