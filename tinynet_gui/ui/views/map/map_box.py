"""The visible part of a map, and the gestures that change it."""

from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt, Signal

from tinynet_gui.ui.style.theme import px, theme
from tinynet_gui.ui.widgets.plots import layer, plot_menu, plot_parts

WHEEL = 1.02  # zoom factor per eighth of a degree, as in pyqtgraph
PAN_BUTTONS = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton
EQUAL = 1e-6  # relative: a smaller difference of widths is rounding noise
EVERYWHERE = plot_menu.Range(-plot_menu.LARGEST, plot_menu.LARGEST)

Viewport = tuple[plot_menu.Range, plot_menu.Range]


class MapBox(pg.ViewBox):  # type: ignore[misc]  # pyqtgraph has no types
    """The wheel zooms about the pointer, a drag pans, a drag with Shift or the right button zooms into a box.

    `limit_reached`: a zoom was clamped to the least width along x, 0, or y, 1. `moved`: zoomed or panned by the user.
    """

    limit_reached = Signal(int)
    moved = Signal()

    def __init__(self) -> None:
        super().__init__(enableMenu=False, defaultPadding=0.0)
        self._allowed, self._least = [EVERYWHERE, EVERYWHERE], [0.0, 0.0]
        self._draws_box = False
        self.disableAutoRange()

    def show_theme(self) -> None:
        self.rbScaleBox.setPen(plot_parts.line_pen("accent", 1.2))
        self.rbScaleBox.setBrush(theme().color("accent", 0.15))

    def limit(self, x: plot_menu.Range, y: plot_menu.Range) -> None:
        self._allowed = [x, y]

    def limit_widths(self, x: float, y: float) -> None:
        self._least = [x, y]

    @property
    def view(self) -> Viewport:
        x, y = (plot_menu.Range(*map(float, ends)) for ends in self.viewRange())
        return x, y

    @property
    def is_narrowest(self) -> bool:
        """Whether zooming in would hit a least width."""
        pairs = zip(self.view, self._least, strict=True)
        return any(ends.high - ends.low <= least * (1 + EQUAL) for ends, least in pairs)

    def look(self, *view: plot_menu.Range) -> None:
        x, y = (self._within(axis, ends) for axis, ends in enumerate(view))
        self.setRange(xRange=x, yRange=y, padding=0)

    def zoom(self, factor: float, at: QPointF | None = None, only: int | None = None) -> None:
        """Widen the view by a factor about a point, by default its middle; along one axis only, or both."""
        ends, center = list(self.view), at or self.viewRect().center()
        for axis, middle in enumerate((center.x(), center.y())):
            if only in (None, axis):
                low, high = ends[axis]
                width = self._allowed_width(axis, factor * (high - low))
                if width > factor * (high - low) and factor < 1:
                    self.limit_reached.emit(axis)
                low = middle - (middle - low) / (high - low) * width
                ends[axis] = plot_menu.Range(low, low + width)
        self.look(*ends)
        self.moved.emit()

    def pan(self, right: float, up: float) -> None:
        x, y = self.view
        right, up = right * (x.high - x.low), up * (y.high - y.low)
        self.look(plot_menu.Range(x.low + right, x.high + right), plot_menu.Range(y.low + up, y.high + up))
        self.moved.emit()

    def wheelEvent(self, ev: Any, axis: int | None = None) -> None:
        """Zoom about the pointer; over an axis along that axis only."""
        ev.accept()
        at = self.childGroup.transform().inverted()[0].map(ev.pos())
        self.zoom(WHEEL ** (-ev.delta() / 8), at, axis)

    def mouseDragEvent(self, ev: Any, axis: int | None = None) -> None:
        ev.accept()
        if ev.isStart():
            is_shifted = bool(ev.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._draws_box = axis is None and (is_shifted or ev.button() == Qt.MouseButton.RightButton)
        if self._draws_box:
            self._draw_box(ev)
        elif ev.button() in PAN_BUTTONS:
            moved = ev.lastPos() - ev.pos()
            right, up = moved.x() / self.width(), -moved.y() / self.height()
            self.pan(0.0 if axis == 1 else right, 0.0 if axis == 0 else up)

    def _draw_box(self, ev: Any) -> None:
        begin = ev.buttonDownPos(ev.button())
        if not ev.isFinish():
            self.updateScaleBox(begin, ev.pos())
            return
        self.rbScaleBox.hide()
        box = self.childGroup.mapRectFromParent(QRectF(QPointF(begin), QPointF(ev.pos()))).normalized()
        if box.width() and box.height():
            self.look(plot_menu.Range(box.left(), box.right()), plot_menu.Range(box.top(), box.bottom()))

    def _allowed_width(self, axis: int, width: float) -> float:
        low, high = self._allowed[axis]
        return min(max(width, self._least[axis]), high - low)

    def _within(self, axis: int, ends: plot_menu.Range) -> plot_menu.Range:
        low, high = self._allowed[axis]
        width = self._allowed_width(axis, ends.high - ends.low)
        begin = (ends.low + ends.high - width) / 2
        begin = min(max(begin, low), high - width)
        return ends if begin == ends.low and width == ends.high - ends.low else plot_menu.Range(begin, begin + width)


CROSS_PX, HALO_PX = 13, 3


class Cross(layer.PlotLayer):
    """Never clipped; for a place out of view an arrow at the border points to it. `item` lies above its halo."""

    def __init__(self, plot: pg.PlotWidget, box: MapBox, z: float) -> None:
        super().__init__(plot)
        self._box = box
        self._halo, self.item = (pg.ScatterPlotItem(symbol="+") for _ in range(2))
        self._drawn: object = None
        self.put(self._halo, z, "card", 4.5, size=CROSS_PX, visible=True)
        self.put(self.item, z + 1, "ink", 1.8, size=CROSS_PX, visible=True)

    def show_place(self, *place: float) -> None:
        """Draw the cross at a place, in units of the axes, or not at all."""
        symbol, spots = "+", list[tuple[float, ...]]()
        if place:
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
