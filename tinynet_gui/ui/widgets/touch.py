"""Touch input of a widget, and the sizes of widgets and fonts that follow the zoom."""

from collections.abc import Callable, Iterator
from functools import partial
from math import ceil, hypot

from PySide6 import QtCore, QtGui, QtWidgets

from tinynet_gui.ui.style.theme import Zoom, animations_enabled, px, whole_px, zoom

STILL_PX = 12  # a finger that moves less is holding still
SAME_PLACE_PX = 24  # two closer taps are at the same position


class Touch(QtCore.QObject):
    """Consumes a widget's touch events and the mouse events synthesized from them, so that none acts twice.

    Qt synthesizes no mouse events from consumed touches. Positions are in the widget's pixels.

    Signals
    -------
    tapped : QPointF, bool
        A tap, and whether it is at the position of the one before.
    moved : QPointF
        One finger moves; at first where it was put down.
    lifted
        The moving finger was lifted, or joined by another.
    pinched : float, QPointF
        Two fingers have moved apart by a factor, about a position.
    panned : QPointF
        The midpoint of two fingers has moved by this much.
    """

    tapped = QtCore.Signal(QtCore.QPointF, bool)
    moved = QtCore.Signal(QtCore.QPointF)
    lifted = QtCore.Signal()
    pinched = QtCore.Signal(float, QtCore.QPointF)
    panned = QtCore.Signal(QtCore.QPointF)

    def __init__(self, widget: QtWidgets.QWidget) -> None:
        super().__init__(widget)
        self._begun: QtCore.QPointF | None = None  # where one finger was put down; None once it moves or is joined
        self._tap: QtCore.QPointF | None = None  # the tap before
        self._is_alone, self._moves = True, False
        widget.setAttribute(QtCore.Qt.WidgetAttribute.WA_AcceptTouchEvents)
        widget.installEventFilter(self)

    def forget(self) -> None:
        """Treat the next tap as a first one, as something else is at its position now."""
        self._tap = None

    def eventFilter(self, watched: QtCore.QObject, event: QtCore.QEvent) -> bool:
        if isinstance(event, QtGui.QMouseEvent):
            return event.source() == QtCore.Qt.MouseEventSource.MouseEventSynthesizedBySystem
        if not isinstance(event, QtGui.QTouchEvent):
            return False
        event.accept()
        points = event.points()
        held = [point for point in points if point.state() != QtGui.QEventPoint.State.Released]
        if event.type() == QtCore.QEvent.Type.TouchCancel:
            self._stop()
        elif event.type() == QtCore.QEvent.Type.TouchBegin and len(held) == 1:
            self._begun, self._is_alone = held[0].position(), True
        elif len(held) > 1:
            self._stop()
            self._follow_two(*held[:2])
        elif self._is_alone and held:
            self._follow_one(held[0].position())
        elif self._begun is not None and not held:
            self._end(points[0].position())
        elif not held:
            self._stop()
        return True

    def _stop(self) -> None:
        """Cancel the pending tap or move of one finger."""
        self._begun, self._is_alone = None, False
        if self._moves:
            self._moves = False
            self.lifted.emit()

    def _follow_one(self, place: QtCore.QPointF) -> None:
        if self._begun is None or distance(place, self._begun) > STILL_PX:
            if self._begun is not None:
                self.moved.emit(self._begun)
            self._begun, self._moves = None, True
            self.moved.emit(place)

    def _follow_two(self, one: QtGui.QEventPoint, other: QtGui.QEventPoint) -> None:
        if QtGui.QEventPoint.State.Pressed in (one.state(), other.state()):  # no earlier positions to compare with
            return
        now, before = (one.position(), other.position()), (one.lastPosition(), other.lastPosition())
        middle, moved = (now[0] + now[1]) / 2, (now[0] + now[1] - before[0] - before[1]) / 2
        apart, apart_before = distance(*now), distance(*before)
        if moved.manhattanLength():
            self.panned.emit(moved)
        if apart != apart_before and min(apart, apart_before) > 0:
            self.pinched.emit(apart / apart_before, middle)

    def _end(self, place: QtCore.QPointF) -> None:
        is_second = self._tap is not None and distance(place, self._tap) <= SAME_PLACE_PX
        self._begun, self._tap = None, None if is_second else place
        self.tapped.emit(place, is_second)


def distance(one: QtCore.QPointF, other: QtCore.QPointF) -> float:
    return hypot(one.x() - other.x(), one.y() - other.y())


RADIUS, LINE = 40, 5  # px: visible around the finger
WHOLE = 360 * 16  # a circle, in Qt's sixteenths of a degree


class PressRing(QtWidgets.QWidget):
    """A ring that fills while a finger is held, on top of the window; whole at once where motion is reduced."""

    def __init__(self, window: QtWidgets.QWidget, place: QtCore.QPoint, duration_ms: int) -> None:
        super().__init__(window)
        self.setObjectName("pressRing")
        self.setAttribute(QtCore.Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(QtCore.Qt.FocusPolicy.NoFocus)
        side = 2 * whole_px(RADIUS + LINE)
        self.setGeometry(place.x() - side // 2, place.y() - side // 2, side, side)
        self._closing = QtCore.QVariantAnimation(self, duration=duration_ms, startValue=0.0, endValue=1.0)
        self._closing.setEasingCurve(QtCore.QEasingCurve.Type.Linear)
        self._closing.valueChanged.connect(self.update)
        self.closed = self._closing.finished
        self._closing.start()
        self.show()
        self.raise_()

    @property
    def share(self) -> float:
        return float(self._closing.currentValue() or 0.0) if animations_enabled() else 1.0

    def paintEvent(self, event: QtGui.QPaintEvent) -> None:
        """Draw it on a wider ring in the colour of the cards, visible on any ground."""
        edge, palette = px(LINE), self.palette()
        around = QtCore.QRectF(self.rect()).adjusted(edge, edge, -edge, -edge)
        with QtGui.QPainter(self) as painter:
            painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
            for color, width in ((palette.button().color(), 2 * edge), (palette.highlight().color(), edge)):
                painter.setPen(QtGui.QPen(color, width, QtCore.Qt.PenStyle.SolidLine, QtCore.Qt.PenCapStyle.FlatCap))
                painter.drawArc(around, WHOLE // 4, -round(WHOLE * self.share))


BASES = "basesOfZoom"  # a property with the value of each length at a zoom of 1, and the value set
ROWS = "rows"  # the length of a table's rows, which are touch targets
UNLIMITED = 16_777_215  # Qt's QWIDGETSIZE_MAX
SIZE_RESOLVED = 0x0002  # QFont::SizeResolved, in the resolve mask
LIMITS = (  # of a widget: name, key in a style sheet, value if unset, getter, setter
    ("least width", "minw", 0, QtWidgets.QWidget.minimumWidth, QtWidgets.QWidget.setMinimumWidth),
    ("least height", "minh", 0, QtWidgets.QWidget.minimumHeight, QtWidgets.QWidget.setMinimumHeight),
    ("most width", "maxw", UNLIMITED, QtWidgets.QWidget.maximumWidth, QtWidgets.QWidget.setMaximumWidth),
    ("most height", "maxh", UNLIMITED, QtWidgets.QWidget.maximumHeight, QtWidgets.QWidget.setMaximumHeight),
)
Length = tuple[str, Callable[[], int], Callable[[int], object]]


class ZoomFollower(QtCore.QObject):
    """Applies the zoom to a window whenever it changes, and to its dialogs when they are first shown.

    Widgets set plain numbers: a length that is seen for the first time is for a zoom of 1; one that has changed since
    was measured in the fonts of the previous zoom.
    """

    def __init__(self, window: QtWidgets.QWidget) -> None:
        super().__init__(window)
        window.installEventFilter(self)
        self._before, self._is_fitted = zoom(), zoom() == Zoom()

    def follow(self, *others: QtWidgets.QWidget) -> None:
        now = zoom()
        if now == self._before and self._is_fitted:
            return
        self._is_fitted = True
        window = self.parent()
        assert isinstance(window, QtWidgets.QWidget)
        for other in others:
            other.setFont(QtGui.QFont())  # Qt does not update the font of widgets not shown yet
        for part in (window, *others):
            _fit(part, self._before, now)
        self._before = now

    def eventFilter(self, watched: QtCore.QObject, event: QtCore.QEvent) -> bool:
        if isinstance(event, QtCore.QChildEvent) and event.type() == QtCore.QEvent.Type.ChildPolished:
            dialog = event.child()
            if isinstance(dialog, QtWidgets.QDialog):
                zoom_new(dialog)
        return False


def zoom_new(part: QtWidgets.QWidget) -> None:
    """Apply the zoom to a widget that was created at this zoom, with its fonts."""
    if zoom() != Zoom():
        _fit(part, zoom(), zoom())


def give_size(dialog: QtWidgets.QWidget, width: int, height: int) -> None:
    """Resize a dialog, in pixels at a zoom of 1, limited to the screen."""
    dialog.resize(QtCore.QSize(whole_px(width), whole_px(height)).boundedTo(dialog.screen().availableSize()))


def _fit(window: QtWidgets.QWidget, before: Zoom, now: Zoom) -> None:
    widgets = (window, *window.findChildren(QtWidgets.QWidget))
    layouts = window.findChildren(QtWidgets.QLayout)
    things: list[tuple[QtCore.QObject, list[Length]]] = [
        (widget, list(_lengths_of_widget(widget))) for widget in widgets
    ]
    things += [(layout, list(_lengths_of_layout(layout))) for layout in layouts]
    fitted = [(thing, lengths, _bases(thing, lengths, before)) for thing, lengths in things]
    fonts = [(widget, _points(widget, before)) for widget in widgets if _has_own_font_size(widget)]
    for thing, lengths, bases in fitted:  # after reading all: a layout may inherit its gaps
        _put(thing, lengths, bases, now)
    for layout in layouts:
        layout.invalidate()
    for widget, points in fonts:  # likewise: a widget may inherit its font
        _put_font(widget, points, now)


def _bases(thing: QtCore.QObject, lengths: list[Length], before: Zoom) -> dict[str, float]:
    kept: dict[str, list[float]] = thing.property(BASES) or {}
    bases = {}
    for name, read, _ in lengths:
        here = read()
        base, put = kept.get(name, (float(here), here))
        bases[name] = base if put == here else here / before.scale
    return bases


def _put(thing: QtCore.QObject, lengths: list[Length], bases: dict[str, float], now: Zoom) -> None:
    kept = {}
    for name, read, write in lengths:
        length = max(ceil(round(bases[name] * now.scale, 3)), round(now.least_row) if name == ROWS else 0)
        if length != read():
            write(length)
        kept[name] = [bases[name], read()]
    thing.setProperty(BASES, kept)


def _has_own_font_size(widget: QtWidgets.QWidget) -> bool:
    is_own = widget.testAttribute(QtCore.Qt.WidgetAttribute.WA_SetFont)
    return is_own and bool(widget.font().resolveMask() & SIZE_RESOLVED)


def _points(widget: QtWidgets.QWidget, before: Zoom) -> float:
    here = widget.font().pointSizeF()
    base, put = widget.property("pointsOfZoom") or (0.0, 0.0)
    return base if put == here else here / before.scale


def _put_font(widget: QtWidgets.QWidget, points: float, now: Zoom) -> None:
    font, there = widget.font(), max(points * now.scale, now.least_points)
    font.setPointSizeF(there)
    widget.setFont(font)
    if isinstance(widget, QtWidgets.QLabel):
        widget.setIndent(widget.indent())  # or one without a text would keep its height
    widget.setProperty("pointsOfZoom", [points, there])


def _lengths_of_widget(widget: QtWidgets.QWidget) -> Iterator[Length]:
    """Yield a widget's explicit sizes, but not those set by a style sheet or a window's layout."""
    if widget.isWindow():
        return
    for name, key, none, read, write in LIMITS:
        if read(widget) != none and widget.property(f"_q_stylesheet_{key}") is None:
            yield name, partial(read, widget), partial(write, widget)
    match widget:
        case QtWidgets.QAbstractButton() | QtWidgets.QTabBar():
            yield "icon", lambda: widget.iconSize().width(), lambda side: widget.setIconSize(QtCore.QSize(side, side))
        case QtWidgets.QSplitter():
            yield "handle", widget.handleWidth, widget.setHandleWidth
        case QtWidgets.QHeaderView():
            name = ROWS if widget.orientation() == QtCore.Qt.Orientation.Vertical else "section"
            yield name, widget.defaultSectionSize, widget.setDefaultSectionSize


def _lengths_of_layout(layout: QtWidgets.QLayout) -> Iterator[Length]:
    """Yield the margins and gaps of a layout, its own or the style's."""
    for side in ("left", "top", "right", "bottom"):
        yield f"{side} margin", partial(_margin, layout, side), partial(_set_margin, layout, side)
    if isinstance(layout, QtWidgets.QGridLayout):
        yield "gap across", layout.horizontalSpacing, layout.setHorizontalSpacing
        yield "gap down", layout.verticalSpacing, layout.setVerticalSpacing
    else:
        yield "gap", layout.spacing, layout.setSpacing


def _margin(layout: QtWidgets.QLayout, side: str) -> int:
    return int(getattr(layout.contentsMargins(), side)())


def _set_margin(layout: QtWidgets.QLayout, side: str, to: int) -> None:
    margins = layout.contentsMargins()
    getattr(margins, f"set{side.capitalize()}")(to)
    layout.setContentsMargins(margins)
