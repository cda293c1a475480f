"""Where no data was seen, shaded and named, in the function plot."""

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg

from tinynet_gui.core.data.points import Points
from tinynet_gui.ui.style.theme import Theme
from tinynet_gui.ui.style.zoom import px
from tinynet_gui.ui.views.function_plot.scene import FunctionLayer, Scene
from tinynet_gui.ui.widgets.plots.layer import XY

MARK_PX = 5  # half of a sample's mark: none of those that are trained on lies on the shading
WORD_MARGIN = 4  # px, of a word's box, in which nothing is written
ON_TOP = 100
ACROSS = 9  # points of a word's width at which the curves are looked at


class NoData(FunctionLayer):
    """Shades the plot left and right of the samples; at its foot, where not even held-out ones are, "no data here"."""

    def __init__(self, plot: pg.PlotWidget) -> None:
        super().__init__(plot)
        self._box = plot.getViewBox()
        self._points: Points | None = None
        self._lift_px = 0.0
        self._curves: Sequence[XY] = ()
        self._rows = [0, 0]  # how many lines above the foot each word stands
        self._shades = [pg.LinearRegionItem(movable=False, pen=pg.mkPen(None)) for _ in range(2)]
        self._words = [pg.TextItem("no data here", anchor=(0.5, 1)) for _ in range(2)]
        for shade, word in zip(self._shades, self._words, strict=True):
            self.put(shade, 0, fill=("no_data",), visible=True)
            self.put(word, ON_TOP, words="muted", visible=True)
        self._box.sigRangeChanged.connect(self._place)
        self._box.sigResized.connect(self._place)

    def show_theme(self, theme: Theme) -> None:
        super().show_theme(theme)
        self._place()

    def show_scene(self, scene: Scene) -> None:
        self._scene = scene
        if self._points is not scene.points:
            self._points = scene.points
            self._place()

    def begin_anew(self) -> None:
        """Let the words of a new run begin at the foot."""
        self._rows, self._curves = [0, 0], ()
        self._place()

    def keep_clear_of(self, foot: float, curves: Sequence[XY]) -> None:
        """Write the words where none of these curves, x ascending and y, passes, and so many pixels above the axis."""
        self._lift_px, self._curves = foot, curves
        self._place()

    def _place(self) -> None:
        """Shade what is in view, and write the words in the middle of it where there is room.

        They move only if they must.
        """
        if self._points is None or self._box.rect().isEmpty():
            return
        (left, right), (bottom, top) = self._box.viewRange()
        wide, high = self._box.viewPixelSize()
        beside = px(MARK_PX) * wide
        x, (first, last) = self._points.x, self._points.x_range
        first, last = first - beside, last + beside
        edges = ((left, first), (last, right))
        for shade, (start, end) in zip(self._shades, edges, strict=True):
            shade.setVisible(start < end)
            if start < end:
                shade.setRegion((start, end))
        for place, (word, edge) in enumerate(zip(self._words, edges, strict=True)):
            start, end = max(edge[0], left), min(edge[1], right)
            size = word.boundingRect()
            row = None
            is_empty = not ((x > edge[0]) & (x < edge[1])).any()
            if is_empty and (end - start) / wide > size.width() - px(WORD_MARGIN):
                middle, half, line = (start + end) / 2, size.width() / 2 * wide, size.height() * high
                foot = bottom + self._lift_px * high
                rows = range(max(1, int((top - foot) / line)))
                row = self._free_row((middle - half, middle + half), foot, line, (self._rows[place], *rows))
            word.setVisible(row is not None)
            if row is not None:
                self._rows[place] = row
                word.setPos(middle, foot + row * line)

    def _free_row(self, ends: tuple[float, float], foot: float, line: float, rows: Sequence[int]) -> int | None:
        """Return the first of some lines through which no curve passes between two x."""
        x = np.linspace(*ends, ACROSS)
        heights = [np.interp(x, *curve) for curve in self._curves if len(curve[0])]
        for row in rows:
            low = foot + row * line
            with np.errstate(invalid="ignore"):
                if row <= max(rows[1:]) and not any(y.min() < low + line and y.max() > low for y in heights):
                    return row
        return None
