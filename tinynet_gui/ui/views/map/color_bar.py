"""The scale of a map's colours, beside it: its ends can be dragged."""

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt, Signal

from tinynet_gui.core.maps.colors import Color
from tinynet_gui.core.numerics.arrays import Bytes
from tinynet_gui.ui.style.theme import Theme
from tinynet_gui.ui.style.zoom import whole_px
from tinynet_gui.ui.views.map.map_axis import MapAxis
from tinynet_gui.ui.views.map.palette import painted
from tinynet_gui.ui.widgets.naming import wrapped
from tinynet_gui.ui.widgets.plots.plot_parts import BELOW_EVERYTHING, line_pen
from tinynet_gui.ui.widgets.plots.range_dialog import Range

WIDTH_PX, GAP_PX, ROOM = 14, 10, 62
BAR_PX = WIDTH_PX + ROOM
MARGIN = 0.06  # beyond either end, of the scale
CLOSEST = 0.02  # that the ends come, of the scale when the drag began
ROWS = 256
HINT = "Drag an end to another number: what is beyond it has its colour. A double-click fits the scale to the map."


class ColorBar(pg.ViewBox):  # type: ignore[misc]  # pyqtgraph has no types
    """A strip of all colours with an axis; it is put at the right of a plot.

    Signals
    -------
    ends_dragged : Range
        In heights; continually.
    fit_wanted
        Fit the scale to the numbers.
    """

    ends_dragged = Signal(object)
    fit_wanted = Signal()

    def __init__(self, plot: pg.PlotItem) -> None:
        super().__init__(enableMenu=False, enableMouse=False, defaultPadding=0.0)
        self.axis = MapAxis("right")
        self.axis.linkToView(self)
        self.axis.set_room(ROOM)
        self.ends: Range | None = None  # the ends that are shown, in heights
        self._shown: object = None
        self._dragged: int | None = None  # 0, the low end, or 1
        self._at_press = Range(0.0, 1.0)
        self._ramp, self._outside = np.zeros((1, 4), np.uint8), np.zeros(4, np.uint8)
        self._strip = pg.ImageItem(axisOrder="row-major")
        self._marks = pg.PlotCurveItem(connect="pairs")
        for item in (self._strip, self._marks):
            self.addItem(item, ignoreBounds=True)
        self.setCursor(Qt.CursorShape.SizeVerCursor)
        self.setToolTip(wrapped(HINT))
        self.disableAutoRange()
        self._layout = plot.layout
        self._layout.addItem(self, 2, 4)
        self._layout.addItem(self.axis, 2, 5)

    def show_theme(self, theme: Theme) -> None:
        """Apply the colours of a theme, and the size of the zoom."""
        self._layout.setColumnFixedWidth(3, whole_px(GAP_PX))
        self._layout.setColumnFixedWidth(4, whole_px(WIDTH_PX))
        self.axis.fit()
        self.axis.setZValue(BELOW_EVERYTHING)
        self.axis.setPen(line_pen(theme, "border", 1))
        self.axis.setTickPen(line_pen(theme, "grid", 1))
        self.axis.setTextPen(theme.color("muted"))
        self._marks.setPen(line_pen(theme, "ink", 1.8))
        self._marks.setShadowPen(line_pen(theme, "card", 4.5))

    def show_color(self, color: Color, limit: float) -> None:
        """Take the numbers of another colour."""
        self.axis.is_whole = color.is_whole
        self.axis.setLogMode(False, color.is_log)
        self.axis.short = color.short_label
        if self.axis.name != (name := color.title(limit)):
            self.axis.set_name(name)

    def show_ends(self, ends: Range | None, ramp: Bytes, outside: Bytes) -> None:
        """Show the colours between two ends, in heights; None if there are no numbers."""
        shown = ends, ramp.tobytes(), outside.tobytes(), self._dragged
        if shown == self._shown:
            return
        self._shown = shown
        self.ends, self._ramp, self._outside = ends, ramp, outside
        for item in (self._strip, self.axis, self._marks):
            item.setOpacity(float(ends is not None))  # a hidden axis gives up its room
        if ends is not None:
            if self._dragged is None:
                margin = MARGIN * (ends.high - ends.low)
                self.setYRange(ends.low - margin, ends.high + margin, padding=0)
                self.axis.make_room(ROOM)
            self._paint(ends)

    def mouseDragEvent(self, ev: Any, axis: int | None = None) -> None:
        """Move the nearer end; the strip stays under the mouse until it is let go."""
        ev.accept()
        if self.ends is None or ev.button() != Qt.MouseButton.LeftButton:
            return
        if ev.isStart():
            begin = self._height_at(ev.buttonDownPos().y())
            self._at_press = self.ends
            self._dragged = int(abs(begin - self.ends.high) < abs(begin - self.ends.low))
        at, (low, high) = self._height_at(ev.pos().y()), self._at_press
        closest = CLOSEST * (high - low)
        moved = Range(min(at, high - closest), high) if self._dragged == 0 else Range(low, max(at, low + closest))
        if ev.isFinish():
            self._dragged = None
        self.ends_dragged.emit(moved)

    def mouseClickEvent(self, ev: Any) -> None:
        """Ask for a scale that fits."""
        if ev.double():
            self.fit_wanted.emit()
        ev.accept()

    def wheelEvent(self, ev: Any, axis: int | None = None) -> None:
        """The wheel is for the map."""
        ev.ignore()

    def _height_at(self, y: float) -> float:
        low, high = self.viewRange()[1]
        return float(high - y / max(1.0, self.height()) * (high - low))

    def _paint(self, ends: Range) -> None:
        low, high = self.viewRange()[1]
        heights = np.linspace(low, high, ROWS)[:, None]
        self._strip.setImage(painted(heights, ends, self._ramp, self._outside), autoLevels=False)
        self._strip.setRect(QRectF(0, low, 1, high - low))
        self.setXRange(0, 1, padding=0)
        self._marks.setData([0, 1, 0, 1], np.repeat(ends, 2))
