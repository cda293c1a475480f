"""Colouring of numbers and contour lines; a map's colour bar and axes."""

import html
import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6 import QtCore, QtGui

from tinynet_gui.core.maps.colors import Color
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.numbers import MINUS
from tinynet_gui.core.values import Bytes, Flags, Floats
from tinynet_gui.ui.style.theme import px, small_font, whole_px, zoom
from tinynet_gui.ui.widgets.accessibility import wrapped
from tinynet_gui.ui.widgets.plots.plot_menu import Range
from tinynet_gui.ui.widgets.plots.plot_parts import LABEL_MARGIN_PX, NumberAxis, line_pen, style_axis

OUTLIERS = 1.0  # percent of the numbers, at either end
EQUAL = 1e-9  # relative: a smaller range of heights is rounding noise
NARROWEST = 0.1  # the width of a scale for equal numbers
LEVELS = 10  # approximately
FEW_DECADES, MANY_DECADES = 4.0, 2.0  # a range of fewer decades has few levels in each, or many
FEW_MARKS, MANY_MARKS = (1, 2, 5), (1, 1.5, 2, 3, 4, 5, 7)
LINE_OPACITY = 0.55
HATCH, STRIPE = 9, 2  # px: the pitch of the hatching, and the width of a stripe
LUMINANCE = np.array([0.299, 0.587, 0.114])  # Rec. 601


def heights_of(numbers: Floats, color: Color) -> Floats:
    """Return numbers in units of a colour's scale: unchanged, or base-10 logarithms; inf and NaN stay."""
    return np.log10(np.maximum(numbers, color.least)) if color.is_log else numbers


def usual_ends(heights: Floats, color: Color) -> Range | None:
    """Return the ends of a scale that covers all heights but outliers; None if none is finite."""
    finite = heights[np.isfinite(heights)]
    if not len(finite):
        return None
    low, high = (float(end) for end in np.percentile(finite, (OUTLIERS, 100 - OUTLIERS)))
    if high - low > EQUAL * max(1.0, abs(low)):
        return Range(low, high)
    if color.is_whole and not color.is_log:
        return Range(low, low + 1)
    return Range(low - NARROWEST / 2, high + NARROWEST / 2)


def painted(heights: Floats, ends: Range, ramp: Bytes, outside: Bytes) -> Bytes:
    """Return heights as RGBA pixels of shape (rows, columns, 4).

    `ramp` has the colours, RGBA of shape (colours, 4), lowest first; heights beyond an end get that end's colour,
    infinite ones `outside`. NaN is transparent.
    """
    count = len(ramp)
    table = np.concatenate([ramp, outside[None], np.zeros((1, 4), np.uint8)]).view(np.uint32)[:, 0]
    places = ((heights - ends.low) * (count / (ends.high - ends.low))).astype(np.float32)
    np.clip(places, 0, count - 1, out=places)
    np.copyto(places, count, where=np.isposinf(heights))  # several times as fast as indexing
    np.copyto(places, count + 1, where=np.isnan(heights))
    return table.take(places.astype(np.intp)).view(np.uint8).reshape(*heights.shape, 4)


def levels_in(ends: Range, *, is_log: bool) -> Floats:
    """Return the heights of about ten round numbers between two ends."""
    low, high = ends
    if not is_log:
        return _round_numbers(low, high, LEVELS)
    if high - low >= FEW_DECADES:
        return _round_numbers(low, high, LEVELS, least_step=1.0)
    if high - low >= 1.0:
        decades = np.arange(math.floor(low), math.ceil(high) + 1, dtype=np.float64)
        marks = MANY_MARKS if high - low < MANY_DECADES else FEW_MARKS
        levels = (decades[:, None] + np.log10(marks)).ravel()
    else:
        levels = np.log10(_round_numbers(10.0**low, 10.0**high, LEVELS))
    return np.asarray(levels[(low <= levels) & (levels <= high)], np.float64)


def _round_numbers(low: float, high: float, count: int, least_step: float = 0.0) -> Floats:
    """Return about `count` multiples of 1, 2 or 5 times a power of ten."""
    step = max(round_step((high - low) / count), least_step)
    return np.arange(math.ceil(low / step), math.floor(high / step) + 1, dtype=np.float64) * step


def round_step(least: float) -> float:
    """Return the next larger of ... 0.1, 0.2, 0.5, 1, 2, 5 ..."""
    decade = 10.0 ** math.floor(math.log10(least))
    return next(step for step in (decade, 2 * decade, 5 * decade, 10 * decade) if step >= least * (1 - 1e-9))


def contours(heights: Floats, levels: Floats) -> Flags:
    """Return the pixels where a level lies between them and the one below or to the left, both finite."""
    bands, is_finite = np.searchsorted(levels, heights, side="right"), np.isfinite(heights)
    found = np.zeros(heights.shape, bool)
    found[1:] |= (bands[1:] != bands[:-1]) & is_finite[1:] & is_finite[:-1]
    found[:, 1:] |= (bands[:, 1:] != bands[:, :-1]) & is_finite[:, 1:] & is_finite[:, :-1]
    return found


@lru_cache(maxsize=8)
def hatching(rows: int, columns: int) -> Flags:
    """Return the pixels of a hatching, which tells infinite heights from low ones without colour."""
    return (np.arange(rows)[:, None] + np.arange(columns)) % HATCH < STRIPE


def stripe(color: Bytes) -> np.uint32:
    """Return the colour of a line on RGBA `color`, as one number."""
    image = color[None, None].copy()
    draw_lines(image, np.ones((1, 1), bool))
    return np.uint32(image.view(np.uint32).item())


def draw_lines(image: Bytes, lines: Flags) -> None:
    """Darken lines' pixels where a picture is light, and lighten them where it is dark."""
    below = image[lines][:, :3].astype(np.float64)
    ink = np.where(below @ LUMINANCE > 127, 0.0, 255.0)[:, None]
    image[lines, :3] = np.round((1 - LINE_OPACITY) * below + LINE_OPACITY * ink).astype(np.uint8)


MIN_TICKS = 3  # with fewer 1, 2, 5 ticks a logarithmic axis has evenly spaced ones
WIDE = 2.0  # decades: evenly spaced ticks would crowd at the end
BELOW_PX = 6
BESIDE_NUMBERS_PX, STEP_PX = 28, 12  # for a vertical axis's name; in which its width changes
TICK_WIDTH_PX, TICK_HEIGHT_PX = 80, 32  # between evenly spaced ticks, across and down


class MapAxis(NumberAxis):
    """Linear ticks if a logarithmic axis is zoomed in far, and integer ones for integer settings.

    `short` is the name of a vertical axis if short of room; "" truncates the full one.
    """

    def __init__(self, orientation: str) -> None:
        self.is_whole, self.short = False, ""
        self._step = 0.0  # between evenly spaced ticks of a logarithmic axis
        super().__init__(orientation)

    def fit(self) -> None:
        """Adapt to the zoom; the bottom axis leaves room for the leftmost number."""
        super().fit()
        if self.orientation == "bottom":
            self.setStyle(tickTextOffset=whole_px(BELOW_PX))
            self.set_name(self.name)

    def set_name(self, name: str) -> None:
        super().set_name(name)
        if self.orientation == "right":
            self.label.setRotation(-90)
            self.resizeEvent()

    def resizeEvent(self, ev: object = None) -> None:
        if self.orientation != "bottom" and self.label is not None and self.name:
            metrics, room = QtGui.QFontMetricsF(small_font()), max(0.0, self.size().height() - 2 * LABEL_MARGIN_PX)
            name = self.short if self.short and metrics.horizontalAdvance(self.name) > room else self.name
            shown = metrics.elidedText(name, QtCore.Qt.TextElideMode.ElideRight, room)
            if self.labelText != html.escape(shown):
                self.setLabel(html.escape(shown))
                self.label.setFont(small_font())
        super().resizeEvent(ev)

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        self._step = 0.0  # already in use where the names of the ticks are measured
        ticks = super().tickValues(low, high, size)
        if self.logMode and high - low < WIDE and sum(len(values) for _, values in ticks) < MIN_TICKS:
            ticks = [(1.0, self._evenly_spaced(low, high, size))]
        if self.is_whole and not self.logMode:
            ticks = [(spacing, [v for v in values if abs(v - round(v)) < 1e-6]) for spacing, values in ticks]
        return ticks

    def _evenly_spaced(self, low: float, high: float, size: float) -> list[float]:
        first, last = 10.0**low, 10.0**high
        count = max(2.0, size / px(TICK_HEIGHT_PX if self.orientation in ("left", "right") else TICK_WIDTH_PX))
        self._step = max(round_step((last - first) / count), 1.0 * self.is_whole)
        values = np.arange(math.ceil(first / self._step), math.floor(last / self._step) + 1) * self._step
        return [float(place) for place in np.log10(values[values > 0])]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        if not self._step:
            return super().tickStrings(values, scale, spacing)
        decimals = max(0, -math.floor(math.log10(self._step) + 1e-9))
        return [f"{10.0**value:.{decimals}f}".replace("-", MINUS) for value in values]

    def make_room(self, least: int) -> None:
        """Widen a vertical axis for its numbers, in steps, so that its width changes rarely."""
        low, high = self.range
        ticks = self.tickValues(low, high, self.size().height())
        texts = [text for spacing, values in ticks for text in self.tickStrings(values, self.scale, spacing)]
        needed = max(map(QtGui.QFontMetricsF(self.style["tickFont"]).horizontalAdvance, texts), default=0.0)
        more = needed / zoom().scale + BESIDE_NUMBERS_PX - least
        room = least + STEP_PX * max(0, math.ceil(more / STEP_PX))
        if room != self.room:
            self.room = room
            self.fit()


WIDTH_PX, GAP_PX, ROOM = 14, 10, 62
BAR_PX = WIDTH_PX + ROOM
MARGIN = 0.06  # beyond either end, as a share of the scale
CLOSEST = 0.02  # least gap between the ends, as a share of the scale at the start of the drag
ROWS = 256
HINT = _("Drag an end to another number: what is beyond it has its colour. A double-click fits the scale to the map.")


class ColorBar(pg.ViewBox):  # type: ignore[misc]  # pyqtgraph has no types
    """The colour scale with its axis, at the right of a plot.

    `ends_dragged` is emitted throughout a drag, in heights; `fit_wanted` by a double-click: fit the scale to the
    numbers.
    """

    ends_dragged = QtCore.Signal(object)
    fit_wanted = QtCore.Signal()

    def __init__(self, plot: pg.PlotItem) -> None:
        super().__init__(enableMenu=False, enableMouse=False, defaultPadding=0.0)
        self.axis = MapAxis("right")
        self.axis.linkToView(self)
        self.axis.room = ROOM
        self.ends: Range | None = None  # the ends that are shown, in heights
        self._shown: object = None
        self._dragged: int | None = None  # 0, the low end, or 1
        self._at_press = Range(0.0, 1.0)

        self._strip = pg.ImageItem(axisOrder="row-major")
        self._marks = pg.PlotCurveItem(connect="pairs")
        for item in (self._strip, self._marks):
            self.addItem(item, ignoreBounds=True)
        self.setCursor(QtCore.Qt.CursorShape.SizeVerCursor)
        self.setToolTip(wrapped(HINT))
        self.disableAutoRange()
        self._layout = plot.layout
        self._layout.addItem(self, 0, 3)
        self._layout.addItem(self.axis, 0, 4)

    def show_theme(self) -> None:
        self._layout.setColumnFixedWidth(2, whole_px(GAP_PX))
        self._layout.setColumnFixedWidth(3, whole_px(WIDTH_PX))
        style_axis(self.axis)
        self._marks.setPen(line_pen("ink", 1.8))
        self._marks.setShadowPen(line_pen("card", 4.5))

    def show_color(self, color: Color, limit: float) -> None:
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
        self._shown, self.ends = shown, ends
        for item in (self._strip, self.axis, self._marks):
            item.setOpacity(float(ends is not None))  # not hidden, which would free its space
        if ends is None:
            return
        if self._dragged is None:
            margin = MARGIN * (ends.high - ends.low)
            self.setYRange(ends.low - margin, ends.high + margin, padding=0)
            self.axis.make_room(ROOM)
        low, high = self.viewRange()[1]
        self._strip.setImage(painted(np.linspace(low, high, ROWS)[:, None], ends, ramp, outside), autoLevels=False)
        self._strip.setRect(QtCore.QRectF(0, low, 1, high - low))
        self.setXRange(0, 1, padding=0)
        self._marks.setData([0, 1, 0, 1], np.repeat(ends, 2))

    def mouseDragEvent(self, ev: Any, axis: int | None = None) -> None:
        """Move the nearer end; the bar itself is fixed during the drag."""
        ev.accept()
        if self.ends is None or ev.button() != QtCore.Qt.MouseButton.LeftButton:
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
        if ev.double():
            self.fit_wanted.emit()
        ev.accept()

    def wheelEvent(self, ev: Any, axis: int | None = None) -> None:
        """Ignore the wheel, which zooms the map."""
        ev.ignore()

    def _height_at(self, y: float) -> float:
        low, high = self.viewRange()[1]
        return float(high - y / max(1.0, self.height()) * (high - low))
