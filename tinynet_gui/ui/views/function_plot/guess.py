"""A curve that the user predicts by drawing, and how far off it was."""

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6 import QtCore, QtGui, QtWidgets

from tinynet_gui.core.text.language import N_, gettext as _, gettext_in, process_language, speaking
from tinynet_gui.core.text.numbers import ends_text, percent_text, plain
from tinynet_gui.core.values import AnyArray, Flags, Floats
from tinynet_gui.ui.style.theme import theme
from tinynet_gui.ui.views.function_plot.curves import OUTPUT_Z
from tinynet_gui.ui.views.function_plot.scene import FunctionLayer
from tinynet_gui.ui.widgets.accessibility import ARROWS, PLACE, announce, keep_key
from tinynet_gui.ui.widgets.plots.layer import RING, SOLID, XY, legend_entry, no_pen
from tinynet_gui.ui.widgets.plots.plot_parts import line_pen

GUESS, HOW_FAR = N_("your guess"), N_("how far off")
POINTS = 257  # of a curve, evenly over its range
RANGE_Z, BAND_Z, GUESS_Z, CURSOR_Z = 0.5, 1.1, OUTPUT_Z - 0.25, OUTPUT_Z + 1
CURSOR_SIZE = 12.0  # px, of the ring
STEP, FINE_STEP = 8, 1  # of the cursor along x, in points
STEPS_UP, FINE_STEPS_UP = 40, 320  # of the cursor, over the height of the view
X_MARGIN = 0.03  # to either side of the range, as a share of it
FARTHEST = 2.0  # heights of the view: a truth that leaves it extends it by no more, up or down

Span = tuple[float, float]


def _guess_pen() -> QtGui.QPen:
    pen = line_pen("guess", 3)
    pen.setCapStyle(QtCore.Qt.PenCapStyle.RoundCap)
    return pen


class PredictedCurve(FunctionLayer):
    """Lets a curve be drawn by mouse or keys; shows it, and the truth over it.

    `reach_changed` asks the view to fit another range of x, or a truth; it is never emitted during drawing.
    """

    reach_changed = QtCore.Signal()

    def __init__(self, plot: pg.PlotWidget) -> None:
        super().__init__(plot)
        self._range: tuple[float, float] | None = None
        self._x: Floats = np.empty(0)
        self._y: Floats = np.empty(0)  # NaN where nothing has been drawn
        self._truth: XY | None = None
        self.is_on = False  # whether the mouse draws
        self.language = process_language()  # the question's
        self._usual_cursor, self._usual_name = QtGui.QCursor(), ""
        self._pen_at: QtCore.QPointF | None = None  # the end of the stroke while the mouse is pressed
        self._cursor_at, self._cursor_y = 0, 0.0
        self._dots: dict[int, float] = {}  # points set by keys: y by index; lines join them
        self._mark = self.put_lazy(self._make_mark, RANGE_Z, fill=("guess", 0.09))
        self._band = self.put_lazy(QtWidgets.QGraphicsPathItem, BAND_Z, no_pen, fill=("guess", 0.22))
        self._truth_line = self.put_lazy(SOLID, GUESS_Z, "guess", 1.2)
        self._line = self.put_lazy(SOLID, GUESS_Z + 0.1, _guess_pen)
        self._cursor = self.put_lazy(RING, CURSOR_Z, "guess", 2, size=CURSOR_SIZE)

    def _make_mark(self) -> pg.LinearRegionItem:
        mark = pg.LinearRegionItem(movable=False)
        self._looks += [(edge, ("guess", 1, QtCore.Qt.PenStyle.DotLine), (), 0.0, "") for edge in mark.lines]
        return mark

    @property
    def share(self) -> float:
        """How much of the range has been drawn over, from 0 to 1."""
        return float(np.isfinite(self._y).mean()) if len(self._y) else 0.0

    def begin(self, low: float, high: float) -> None:
        self._show((low, high), np.linspace(low, high, POINTS), np.full(POINTS, np.nan), is_on=True)

    def show(self, x: Floats, y: Floats) -> None:
        """Show a curve as returned by `curve`, read-only."""
        self._show(self._range or (float(x[0]), float(x[-1])), x, y)

    def show_truth(self, x: AnyArray, y: AnyArray) -> None:
        """Overlay the truth, of shape (points,) with x ascending, and end drawing."""
        self._show(self._range, self._x, self._y, truth=(x.astype(np.float64), y.astype(np.float64)))

    def clear(self) -> None:
        if self._range is not None:
            self._show(None, np.empty(0), np.empty(0))

    def curve(self) -> XY | None:
        """Return x and y, float64 of shape (points,), as drawn so far; None if nothing is."""
        drawn = np.isfinite(self._y)
        return (self._x[drawn], self._y[drawn]) if drawn.any() else None

    def lines(self) -> Sequence[XY]:
        return [curve] if (curve := self.curve()) is not None else []

    def drawn_curves(self) -> Sequence[XY]:
        return [curve for curve in (self.curve(), self._truth) if curve is not None]

    def band(self) -> QtGui.QPainterPath:
        """Return the area between curve and truth; empty if one is missing."""
        path: QtGui.QPainterPath = self._band.path()
        return path

    def legend_entries(self) -> Sequence[str]:
        if self.is_on:
            return self.longest_entries()
        entries = [] if self.curve() is None else [legend_entry("—", theme().guess, gettext_in(self.language, GUESS))]
        if self._truth is not None:
            entries.append(legend_entry("▒", theme().guess, gettext_in(self.language, HOW_FAR), "span"))
        return entries

    def longest_entries(self) -> Sequence[str]:
        """How to draw: reserved from the question until its answer, so that the plot keeps its size."""
        how, keys = self._how_to_draw()
        return [legend_entry("—", theme().guess, how), keys] if self._range is not None else ()

    def _how_to_draw(self) -> tuple[str, str]:
        with speaking(self.language):
            low, high = ends_text(*(self._range or (0.0, 0.0)))
            how = _("your guess: draw it from x = {low} to {high}").format(low=low, high=high)
            return how, _("by mouse, or with arrow keys and Space")

    # The view

    def reaches_beyond(self, low: float, high: float) -> bool:
        return self._range is not None and (self._range[0] < low or self._range[1] > high)

    def x_with(self, low: float, high: float) -> tuple[float, float]:
        if self._range is None:
            return low, high
        margin = X_MARGIN * (self._range[1] - self._range[0])
        return min(low, self._range[0] - margin), max(high, self._range[1] + margin)

    def y_with(self, low: float, high: float) -> tuple[float, float]:
        y = np.concatenate([[low, high], *(curve[1] for curve in self.drawn_curves())])
        y = np.clip(y[np.isfinite(y)], low - FARTHEST * (high - low), high + FARTHEST * (high - low))
        return float(y.min()), float(y.max())

    # The mouse and the keys

    def eventFilter(self, watched: QtCore.QObject, event: QtCore.QEvent) -> bool:
        match event:
            case QtGui.QMouseEvent() if watched is self._plot.viewport():
                return self._on_mouse(event)
            case QtGui.QKeyEvent() if watched is self._plot and event.type() == QtCore.QEvent.Type.KeyPress:
                return self._on_key(event)
            case QtGui.QKeyEvent() if watched is self._plot:
                return keep_key(event, lambda key: key.key() in (*ARROWS, QtCore.Qt.Key.Key_Space))
            case QtGui.QFocusEvent() if watched is self._plot:
                self._cursor.setVisible(event.gotFocus() and event.reason() != QtCore.Qt.FocusReason.MouseFocusReason)
        return False

    def _on_mouse(self, event: QtGui.QMouseEvent) -> bool:
        is_press = event.type() in (QtCore.QEvent.Type.MouseButtonPress, QtCore.QEvent.Type.MouseButtonDblClick)
        if is_press and event.button() == QtCore.Qt.MouseButton.LeftButton:
            self._plot.setFocus(QtCore.Qt.FocusReason.MouseFocusReason)
            self._cursor.setVisible(False)
            self._dots = {}
            self._pen_at = self._data_at(event)
            self._stroke(self._pen_at, self._pen_at)
        elif self._pen_at is not None and event.type() == QtCore.QEvent.Type.MouseMove:
            before, self._pen_at = self._pen_at, self._data_at(event)
            self._stroke(before, self._pen_at)
        elif self._pen_at is not None and event.button() == QtCore.Qt.MouseButton.LeftButton:
            self._pen_at = None
            return True
        return self._pen_at is not None

    def _data_at(self, event: QtGui.QMouseEvent) -> QtCore.QPointF:
        """The mouse position, clamped to the visible y."""
        here = self._plot.getViewBox().mapSceneToView(self._plot.mapToScene(event.position().toPoint()))
        low, high = self._plot.getViewBox().viewRange()[1]
        return QtCore.QPointF(here.x(), min(max(here.y(), low), high))

    def _on_key(self, event: QtGui.QKeyEvent) -> bool:
        key, is_fine = QtCore.Qt.Key(event.key()), bool(event.modifiers() & QtCore.Qt.KeyboardModifier.ShiftModifier)
        if key in ARROWS:
            across, up = ARROWS[key]
            low, high = self._plot.getViewBox().viewRange()[1]
            self._cursor_at = min(max(self._cursor_at + across * (FINE_STEP if is_fine else STEP), 0), POINTS - 1)
            step = (high - low) / (FINE_STEPS_UP if is_fine else STEPS_UP)
            self._cursor_y = min(max(self._cursor_y + up * step, low), high)
            self._draw_cursor()
            self._cursor.setVisible(True)
            announce(self._plot, self._place_text(), topic=PLACE)
        elif key == QtCore.Qt.Key.Key_Space:
            self._set_dot()
        else:
            return False
        return True

    def _set_dot(self) -> None:
        """Set a point at the cursor, joined with those that the keys have set beside it."""
        self._dots[self._cursor_at] = self._cursor_y
        places = sorted(self._dots)
        place = places.index(self._cursor_at)
        here = QtCore.QPointF(self._x[self._cursor_at], self._cursor_y)
        beside = [at for at in places[max(0, place - 1) : place + 2] if at != self._cursor_at]
        for start in [QtCore.QPointF(self._x[at], self._dots[at]) for at in beside] or [here]:
            self._stroke(start, here)
        with speaking(self.language):
            told = _("Point set at {place}. {share} of the curve is drawn.")
            announce(self._plot, told.format(place=self._place_text(), share=percent_text(self.share)))

    def _place_text(self) -> str:
        with speaking(self.language):
            return f"x = {plain(self._x[self._cursor_at])}, y = {plain(self._cursor_y)}"

    def _stroke(self, start: QtCore.QPointF, end: QtCore.QPointF) -> None:
        """Replace a stretch of the curve by a line; one without length becomes a visible dot."""
        spacing = self._x[1] - self._x[0]
        self._y[np.abs(self._x - end.x()) <= spacing * (1 if start == end else 0.5)] = end.y()
        (left, first), (right, last) = sorted([start.toTuple(), end.toTuple()])
        passed = (self._x >= left) & (self._x <= right)
        if left < right:
            self._y[passed] = np.interp(self._x[passed], (left, right), (first, last))
        self._draw_line()
        self.changed.emit()

    # Painting

    def _show(
        self, x_range: Span | None, x: Floats, y: Floats, *, is_on: bool = False, truth: XY | None = None
    ) -> None:
        is_another = x_range != self._range or (truth is None) != (self._truth is None)
        self._range, self._x, self._y, self._truth = x_range, x, y, truth
        self._set_drawing(is_on)
        self._mark.setVisible(is_on)
        if is_on:
            self._mark.setRegion(x_range)
        self._truth_line.setVisible(truth is not None)
        if truth is not None:
            self._truth_line.setData(*truth, connect="finite")
        self._band.setVisible(truth is not None)
        self._band.setPath(_between(self.curve(), truth))
        self._draw_line()
        self.changed.emit()
        if is_another:
            self.reach_changed.emit()
        if is_on:
            self._cursor_at, self._cursor_y = 0, sum(self._plot.getViewBox().viewRange()[1]) / 2
            self._draw_cursor()

    def _set_drawing(self, is_on: bool) -> None:
        """Grab mouse and keys, or release them."""
        self._pen_at, self._dots = None, {}
        if is_on == self.is_on:
            return
        self.is_on = is_on
        for widget in (self._plot, self._plot.viewport()):
            if is_on:
                widget.installEventFilter(self)
            else:
                widget.removeEventFilter(self)
        if is_on:
            self._usual_cursor, self._usual_name = self._plot.viewport().cursor(), self._plot.accessibleName()
        how = ", ".join(self._how_to_draw())
        self._plot.setAccessibleName(how[0].upper() + how[1:] if is_on else self._usual_name)
        self._plot.viewport().setCursor(QtCore.Qt.CursorShape.CrossCursor if is_on else self._usual_cursor)
        self._cursor.setVisible(is_on and self._plot.hasFocus())

    def _draw_line(self) -> None:
        curve = self.curve()
        self._line.setVisible(curve is not None)
        if curve is not None:
            self._line.setData(*curve, connect=_joined(curve[0]).astype(np.int32))

    def _draw_cursor(self) -> None:
        self._cursor.setData([self._x[self._cursor_at]], [self._cursor_y])


def _joined(x: Floats) -> Flags:
    """Which points are joined with the next one: nothing drawn leaves a gap."""
    steps = np.diff(x)
    return np.append(steps < 1.5 * steps.min(initial=np.inf), False)


def _between(curve: tuple[Floats, Floats] | None, truth: XY | None) -> QtGui.QPainterPath:
    """Return the area between curve and truth where both are known."""
    path = QtGui.QPainterPath()
    if curve is None or truth is None:
        return path
    x, y = curve
    true = np.interp(x, *truth, left=np.nan, right=np.nan)
    joined = _joined(x) & np.isfinite(true) & np.isfinite(np.append(true[1:], np.nan))
    ends = np.flatnonzero(np.diff(np.concatenate([[False], joined, [False]]).astype(np.int8)))
    for first, last in zip(ends[::2], ends[1::2] + 1, strict=True):
        across = np.concatenate([x[first:last], x[first:last][::-1]])
        along = np.concatenate([y[first:last], true[first:last][::-1]])
        path.addPolygon(pg.functions.arrayToQPolygonF(across, along))
        path.closeSubpath()
    return path
