"""The cross of a map: where the present settings, or the moment, are."""

import pyqtgraph as pg

from tinynet_gui.ui.style.zoom import px
from tinynet_gui.ui.views.map.map_box import MapBox
from tinynet_gui.ui.widgets.plots.layer import PlotLayer

CROSS_PX, HALO_PX = 13, 3


class Cross(PlotLayer):
    """Whole wherever it stands; of a place that is not in view an arrow at the border says on which side it is.

    Attributes
    ----------
    item
        What is drawn over its halo.
    """

    def __init__(self, plot: pg.PlotWidget, box: MapBox, z: float) -> None:
        super().__init__(plot)
        self._box = box
        self._halo, self.item = (pg.ScatterPlotItem(symbol="+") for _ in range(2))
        self._drawn: object = None
        self.put(self._halo, z, "card", 4.5, size=CROSS_PX, visible=True)
        self.put(self.item, z + 1, "ink", 1.8, size=CROSS_PX, visible=True)

    def show_place(self, place: tuple[float, float] | None) -> None:
        """Draw it at a place, in units of the axes, or not at all."""
        symbol, spots = "+", list[tuple[float, ...]]()
        if place is not None:
            (x, y), ((left, right), (bottom, top)) = place, self._box.view
            for is_there, side in ((x < left, "left"), (x > right, "right"), (y < bottom, "down"), (y > top, "up")):
                symbol = f"arrow_{side}" if is_there else symbol
            margins = (px(CROSS_PX / 2 + HALO_PX) * size for size in self._box.viewPixelSize())
            inside = zip(place, self._box.view, margins, strict=True)
            spots = [tuple(min(max(at, ends.low + margin), ends.high - margin) for at, ends, margin in inside)]
        if (symbol, spots) != self._drawn:
            self._drawn = symbol, spots
            for item in (self._halo, self.item):
                item.setSymbol(symbol)
                item.setData(pos=spots)
