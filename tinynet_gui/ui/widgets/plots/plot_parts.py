"""The common base of all plots: axes, pens, and a plot's look in a theme."""

import html
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph as pg
from PySide6 import QtGui
from PySide6.QtCore import QMetaObject, QPointF, QRectF, QSize, Qt, Signal

from tinynet_gui.core.text.language import with_signs
from tinynet_gui.core.text.numbers import MINUS, plain, power_text, step_text
from tinynet_gui.core.values import AnyFloats
from tinynet_gui.ui.style.colors import RUN_COLORS
from tinynet_gui.ui.style.theme import line_px, px, small_font, theme, whole_px
from tinynet_gui.ui.widgets.pictures import follower, is_on_screen, pixel_scale

if TYPE_CHECKING:
    from tinynet_gui.core.data.dates import Calendar


class TwoAxes(pg.PlotItem):  # type: ignore[misc]  # pyqtgraph has no types
    """A view box with an axis below and one at the left; pyqtgraph's title, button, menus and other axes cost 3 ms."""

    def __init__(self, view: pg.ViewBox, **axes: pg.AxisItem) -> None:
        pg.GraphicsWidget.__init__(self)  # not `PlotItem`'s
        self.vb, self.axes = view, {}
        self.legend = self.autoBtn = self.ctrlMenu = None
        self.items, self.dataItems, self.curves = list[Any](), list[Any](), list[Any]()
        self.layout = pg.QtWidgets.QGraphicsGridLayout(self)
        self.layout.setContentsMargins(1, 1, 1, 1)
        self.layout.setSpacing(0)
        self.layout.addItem(view, 0, 1)
        for name, at in (("bottom", (1, 1)), ("left", (0, 0))):
            self.axes[name] = {"item": axes[name], "pos": at}
            axes[name].linkToView(view)
            axes[name].setFlag(TwoAxes.GraphicsItemFlag.ItemNegativeZStacksBehindParent)
            self.layout.addItem(axes[name], *at)

    def addItem(self, item: Any, ignoreBounds: bool = False) -> None:
        self.items.append(item)
        self.vb.addItem(item, ignoreBounds=ignoreBounds)

    def updateButtons(self) -> None:
        """There are none."""


class Plot(pg.PlotWidget):  # type: ignore[misc]  # pyqtgraph has no types
    """A `PlotWidget` that delegates its keys and its context menu, and paints live items over a picture of the others.

    `take_key` returns whether it has handled a key; unless it `has_menu`, the card opens a menu. `menu_wanted` has the
    global position, None if requested by the keyboard; the right mouse button is handled elsewhere.

    `follow` paints another moment of the live items. While moments come in quick succession, all else is painted once,
    until another item changes; one on top of a live item prevents that.
    """

    menu_wanted = Signal(object)

    def __init__(self, item: TwoAxes) -> None:
        self.take_key: Callable[[QtGui.QKeyEvent], bool] = lambda _: False
        self.has_menu = self._is_draft = False
        self._kept: tuple[Any, ...] | None = None  # the cached picture and its key, or (); None if an item has changed
        super().__init__(plotItem=item)
        self.follow = follower(self, self._redraw, "plotRests")
        self.scene().changed.connect(self._on_changed)
        self.setViewportUpdateMode(Plot.ViewportUpdateMode.FullViewportUpdate)

    def _redraw(self, is_draft: bool) -> None:
        """Schedule an update, as Qt does for items: at once, a repaint of another widget would paint this one, too."""
        self._is_draft = is_draft
        QMetaObject.invokeMethod(self.viewport(), "update", Qt.ConnectionType.QueuedConnection)

    def _on_changed(self, _places: object) -> None:
        """Repaint all: after a partial repaint Qt would count items outside of it as painted."""
        self._kept = None
        self.viewport().update()

    def paintEvent(self, event: QtGui.QPaintEvent) -> None:
        if self._is_draft and self._kept is not None:
            with QtGui.QPainter(self.viewport()) as painter:
                if is_on_screen(self, painter) and self._paint_draft(painter, *self._kept):
                    return
        self._kept = ()
        super().paintEvent(event)

    def _paint_draft(self, painter: QtGui.QPainter, picture: QtGui.QPixmap | None = None, of: object = None) -> bool:
        """Paint the live items over a cached picture of the others, exactly; False if another is on top of one."""
        ratio, screen, rect = self.devicePixelRatioF(), painter.deviceTransform(), self.viewport().rect()
        shift = QPointF(screen.dx() % 1.0, screen.dy() % 1.0) / ratio  # relative to the screen's pixels
        items: list[Any] = [item for item in self.getViewBox().childGroup.childItems() if item.isVisible()]
        live: list[Any] = [item for item in items if isinstance(item, LiveItem)]
        if picture is None or of != (ratio, shift, rect):
            lowest = min((item.zValue() for item in live), default=0.0)
            if any(lowest < item.zValue() != ON_TOP for item in items if item not in live):
                return False
            picture = QtGui.QPixmap((rect.size() + QSize(1, 1)) * ratio)
            picture.setDevicePixelRatio(ratio)
            picture.fill(self.backgroundBrush().color())
            LiveItem.are_left_out = True
            try:
                with QtGui.QPainter(picture) as own:
                    own.translate(shift)
                    self.render(own, QRectF(rect), rect)
            finally:
                LiveItem.are_left_out = False
            self._kept = picture, (ratio, shift, rect)
        painter.drawPixmap(-shift, picture)
        place = self.viewportTransform()
        painter.setClipRect(place.mapRect(self.getViewBox().sceneBoundingRect()))
        for item in live:
            painter.setTransform(item.deviceTransform(place))
            item.paint(painter, None, self.viewport())
        return True

    def keyPressEvent(self, ev: QtGui.QKeyEvent) -> None:
        ev.setAccepted(self.take_key(ev))

    def contextMenuEvent(self, event: QtGui.QContextMenuEvent) -> None:
        """Request the menu for the Menu key or a long press, or leave it to the card."""
        event.setAccepted(self.has_menu)
        if self.has_menu and event.reason() != QtGui.QContextMenuEvent.Reason.Mouse:
            is_key = event.reason() == QtGui.QContextMenuEvent.Reason.Keyboard
            self.menu_wanted.emit(None if is_key else event.globalPos())


BELOW_EVERYTHING, ON_TOP = -100, 100  # z; what is on top, labels, never covers live items
MIN_TICK_PX = 26
LINE_PX = 15  # the least distance of ticks on a vertical axis
LARGE = 1e5  # ticks from here on have powers of ten
MAX_CORNER_LENGTH = 7  # characters of an axis's name that fit there
CORNER_PX, LABEL_MARGIN_PX = 12, 4  # before a horizontal axis's first number; around any label, by Qt
TICK_PX, BESIDE_TEXT_PX, ABOVE_TEXT_PX, TEXT_HEIGHT_PX = 4, 5, 2, 18  # an axis's ticks, and their labels
MARGINS_PX = 4, 2, 26, 2  # of a plot
OUTWARD_PX = 40  # how far the outermost labels may reach beyond their axis
FRAMES = ("border", "grid", "card")  # lines in these colours carry no data, and stay thin
EVERY = (1, 2, 5, 10, 20, 50, 100)  # every n-th tick is kept where they are too close
Dashes = tuple[str, tuple[float, ...]]  # their mark in a legend; lengths of lines and gaps, in line widths
RUN_DASHES: tuple[Dashes, ...] = (("—", ()), ("╌", (4, 2.2)), ("┈", (1.2, 1.8)), ("–·–", (4, 1.8, 1.2, 1.8)))
FARTHEST = 1e6  # heights of the view, above and below it: such a steep line is vertical on every screen


class NumberAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph has no types
    """Ticks with a true minus sign, and 0.1, 1, 10 on a logarithmic axis."""

    name = _html = ""
    _calendar: "Calendar | None" = None  # these are read by pyqtgraph's constructor

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation)
        self.room: int | None = None  # a vertical axis's width, at a zoom of 1
        self.setStyle(autoExpandTextSpace=False, maxTickLevel=0)
        self.enableAutoSIPrefix(False)

    def fit(self) -> None:
        self.setStyle(
            tickFont=small_font(),
            tickLength=-whole_px(TICK_PX),
            tickTextOffset=whole_px(BESIDE_TEXT_PX if self.orientation in ("left", "right") else ABOVE_TEXT_PX),
            tickTextHeight=max(whole_px(TEXT_HEIGHT_PX), QtGui.QFontMetrics(small_font()).height()),
            hideOverlappingLabels=whole_px(OUTWARD_PX),
        )
        if self.room is not None:
            self.setWidth(whole_px(self.room))
        if self.name:
            self.set_name(self.name)

    def _updateLabel(self) -> None:
        """Lay out a label that has changed: pyqtgraph does it with each change of a pen."""
        self.picture = None
        self.update()
        if self.name and self._html != (label := self.labelString()):
            self._html = label
            super()._updateLabel()

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        """Choose the ticks; on a logarithmic axis decades, or 1, 2, 5 if there are few."""
        if not self.logMode:
            ticks: list[tuple[float, list[float]]] = super().tickValues(low, high, size)
            return self._thinned(ticks, size / (high - low)) if self.orientation == "bottom" else ticks
        decades = range(math.ceil(low), math.floor(high) + 1)
        if len(decades) >= 3:
            every = max(1, math.ceil(len(decades) * px(MIN_TICK_PX) / max(size, 1.0)))
            return [(1.0, [float(d) for d in decades if d % every == 0])]
        least, line = px(MIN_TICK_PX), px(LINE_PX)
        closest = math.log10(2) * size / max(high - low, 1e-9)  # from 1 to 2, or from 5 to 10
        is_roomy = closest >= (line if self.orientation in ("left", "right") else least)
        marks = (1, 2, 5) if is_roomy or not decades else (1,)
        parts = [d + math.log10(m) for d in range(math.floor(low), math.ceil(high) + 1) for m in marks]
        return [(1.0, [p for p in parts if low <= p <= high])]

    def _thinned(self, ticks: list[tuple[float, list[float]]], scale: float) -> list[tuple[float, list[float]]]:
        """Drop ticks whose labels would overlap; `scale` is in pixels."""
        metrics, found = QtGui.QFontMetricsF(self.style["tickFont"]), []
        for spacing, values in ticks:
            texts = self.tickStrings(values, self.scale, spacing)
            widest = max(map(metrics.horizontalAdvance, texts), default=0.0) + 2 * LABEL_MARGIN_PX
            every = next(every for every in EVERY if every * spacing * scale >= widest or every == EVERY[-1])
            found.append((every * spacing, [value for value in values if round(value / spacing) % every == 0]))
        return found

    @property
    def shows_dates(self) -> bool:
        return self._calendar is not None

    def set_name(self, name: str) -> None:
        """Name the axis: beside a vertical one, before the first number of a horizontal one or, if long, below it.

        A name ending in ``[days since 2021-03-04]`` makes the ticks dates.
        """
        self.name, self._calendar = name, None
        if "since" in name:
            from tinynet_gui.core.data.dates import calendar_of  # lazy: for dates only

            self._calendar = calendar_of(name)
        if self.orientation == "bottom":  # in the corner below the vertical axis it needs no extra line
            lines = 1 + self._is_below()
            self.setHeight(lines * self.style["tickTextHeight"] + self.style["tickTextOffset"][1])
        self.setLabel(html.escape(name))  # it may come from a file
        self.label.setFont(small_font())
        self.label.setRotation(-90 if self.orientation == "left" and len(name) > 1 else 0)
        self.resizeEvent()

    def _is_below(self) -> bool:
        return self.orientation == "bottom" and len(self.name) > MAX_CORNER_LENGTH

    def resizeEvent(self, ev: object = None) -> None:
        super().resizeEvent(ev)
        if self.label is None or not self.name:
            return
        size = self.label.boundingRect()
        if self._is_below():
            top = self.style["tickTextHeight"] + self.style["tickTextOffset"][1] - LABEL_MARGIN_PX
            self.label.setPos((self.size().width() - size.width()) / 2, top)
        elif self.orientation == "bottom":
            self.label.setPos(-size.width() - px(CORNER_PX), self.style["tickTextOffset"][1] - LABEL_MARGIN_PX)
        elif len(self.name) == 1:
            self.label.setPos(0, (self.size().height() - size.height()) / 2)

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        if self.logMode:
            return [power_text(value) for value in values]
        if self._calendar is not None:
            return [self._calendar.text(value * scale, spacing * scale) for value in values]
        if max((abs(value) for value in values), default=0.0) >= LARGE:
            return [_in_powers(value * scale, spacing * scale) for value in values]
        decimals = max(0, -int(f"{spacing:e}".split("e")[1])) if spacing < 1 else 0
        return [with_signs(f"{value * scale:.{decimals}f}".replace("-", MINUS)) for value in values]


def _in_powers(value: float, spacing: float) -> str:
    """Format a large number with enough digits to tell it from the next tick."""
    digits = math.floor(math.log10(abs(value))) - math.floor(math.log10(spacing)) if value else 0
    return plain(value, 1 + max(0, digits))


class StepAxis(NumberAxis):
    """Counts of steps: 500, 10,000, 2.5 million."""

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        steps = [value * scale for value in values]
        return [step_text(step) if abs(step - round(step)) < 1e-6 else "" for step in steps]


class DashedCurve(pg.PlotCurveItem):  # type: ignore[misc]  # pyqtgraph has no types
    """A curve for a dashed pen: points very far above or below the view are moved closer.

    Qt adds up the dashes along the whole curve, even where it is invisible. From some 10**16 pixels on, one more dash
    is lost in the rounding, and painting may never end.
    """

    def viewTransformChanged(self) -> None:
        super().viewTransformChanged()
        self.path = None

    def generatePath(self, x: AnyFloats, y: AnyFloats) -> QtGui.QPainterPath:
        view = self.getViewBox()
        if view is not None:
            low, high = view.viewRange()[1]
            reach = FARTHEST * (high - low)
            y = np.where(np.isfinite(y), np.clip(y.astype(np.float64), low - reach, high + reach), y)
        path: QtGui.QPainterPath = super().generatePath(x, y)
        return path


class LiveItem:
    """An item that changes with each moment without a repaint of the scene; if `are_left_out` it paints nothing."""

    are_left_out = False


class LiveCurve(LiveItem, pg.PlotCurveItem):  # type: ignore[misc]  # pyqtgraph has no types
    def show_points(self, x: AnyFloats, y: AnyFloats) -> None:
        self.xData, self.yData, self.path = x, y, None
        self.invalidateBounds()

    def paint(self, *args: Any) -> None:
        if not LiveItem.are_left_out:
            super().paint(*args)


def make_plot(
    bottom: pg.AxisItem,
    left_width: int,
    names: tuple[str, str] = ("", ""),
    left: NumberAxis | None = None,
    view: pg.ViewBox | None = None,
) -> Plot:
    """Return an empty plot that can be panned and zoomed, without pyqtgraph's menu; `style_plot` lays out its axes.

    `names` are those of the horizontal and the vertical axis; `left` and `view` replace the default axis and view box.
    """
    left = left or NumberAxis("left")
    plot = Plot(TwoAxes(view or pg.ViewBox(enableMenu=False), bottom=bottom, left=left))
    plot.setAcceptDrops(False)  # else drops would not reach the window
    plot.setFrameShape(pg.QtWidgets.QFrame.Shape.NoFrame)
    plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    left.room = left_width
    left.setGrid(255)
    bottom.name, left.name = names
    return plot


def name_axes(plot: pg.PlotWidget, *names: str) -> None:
    for side, name in zip(("bottom", "left"), names, strict=True):
        axis = plot.getAxis(side)
        if name and name != axis.name:
            axis.set_name(name)
    _make_room(plot)


def _make_room(plot: pg.PlotWidget) -> None:
    left, top, right, bottom = MARGINS_PX
    right = OUTWARD_PX if plot.getAxis("bottom").shows_dates else right
    plot.getPlotItem().setContentsMargins(*map(px, (left, top, right, bottom)))


def style_plot(plot: pg.PlotWidget) -> None:
    plot.setBackground(theme().card)
    _make_room(plot)
    for name in ("bottom", "left"):
        style_axis(plot.getAxis(name))


def style_axis(axis: NumberAxis) -> None:
    axis.fit()
    axis.setZValue(BELOW_EVERYTHING)  # its grid must not cross out the data
    axis.setPen(line_pen("border", 1))
    axis.setTickPen(line_pen("grid", 1))
    axis.setTextPen(theme().color("muted"))


def line_pen(color: str, width: float, style: Qt.PenStyle = Qt.PenStyle.SolidLine, alpha: float = 1.0) -> QtGui.QPen:
    """Return a cosmetic pen: its width is in the window's pixels, whatever the visible range."""
    pen = curve_pen(theme().color(color, alpha), width, style)
    if color in FRAMES:
        pen.setWidthF(px(width) * pixel_scale())
    return pen


def run_dashes(number: int) -> Dashes:
    """Return the dashes of a run by its number, from 0: with the colours, unique for the first 32 runs."""
    return RUN_DASHES[(number + number // RUN_COLORS) % len(RUN_DASHES)]


def run_pen(number: int, width: float) -> QtGui.QPen:
    pen = curve_pen(theme().run_color(number), width)
    if dashes := run_dashes(number)[1]:
        pen.setDashPattern(dashes)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    return pen


def curve_pen(color: QtGui.QColor, width: float, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QtGui.QPen:
    pen: QtGui.QPen = pg.mkPen(color, width=line_px(width) * pixel_scale(), style=style)
    pen.setCosmetic(True)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return pen


def nearest_spot(item: pg.ScatterPlotItem, points: Sequence[pg.SpotItem], event: Any) -> pg.SpotItem | None:
    def distance(point: pg.SpotItem) -> float:
        return math.dist(*(item.mapToScene(each.pos()).toTuple() for each in (point, event)))

    return min(points, key=distance, default=None)
