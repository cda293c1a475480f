"""The samples as dots, and those that are held out as hollow diamonds."""

from typing import Any

import pyqtgraph as pg

from tinynet_gui.core.data.points import Points
from tinynet_gui.ui.style.theme import Theme
from tinynet_gui.ui.style.zoom import px
from tinynet_gui.ui.views.plots.function_curves import WITHOUT_Z
from tinynet_gui.ui.widgets.plots.plot_parts import line_pen

HELD_OUT_SIZE = 9.0  # px


class SampleMarks:
    """Two marks for all of them; `trained` is what others change the size of.

    Attributes
    ----------
    has_held_out
        Whether any are held out.
    """

    def __init__(self, plot: pg.PlotWidget) -> None:
        self.trained = pg.ScatterPlotItem(symbol="o", pxMode=True)
        self._held_out = pg.ScatterPlotItem(symbol="d", pxMode=True)
        self.has_held_out = False
        for item, z in ((self.trained, WITHOUT_Z + 1), (self._held_out, WITHOUT_Z + 2)):
            item.setZValue(z)
            plot.addItem(item, ignoreBounds=True)

    def show_points(self, points: Points) -> None:
        """Put the marks where the points are."""
        self.has_held_out = bool(points.held_out.any())
        for item, chosen in ((self.trained, ~points.held_out), (self._held_out, points.held_out)):
            item.setData(points.x[chosen], points.y[chosen])

    def show_theme(self, theme: Theme) -> None:
        """Take on the colours of a theme."""
        self.trained.setBrush(theme.color("data"))
        self.trained.setPen(line_pen(theme, "card", 1))
        self._held_out.setSize(px(HELD_OUT_SIZE))
        self._held_out.setBrush(theme.color("card"))
        self._held_out.setPen(line_pen(theme, "data", 1.6))

    def trained_points(self) -> tuple[Any, Any]:
        """What is drawn as the samples of the training: x and y."""
        x, y = self.trained.getData()
        return x, y

    def held_out_points(self) -> tuple[Any, Any]:
        """What is drawn as the held-out samples: x and y."""
        x, y = self._held_out.getData()
        return x, y
