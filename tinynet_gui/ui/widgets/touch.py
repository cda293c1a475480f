"""Fingers on a widget: taps, one finger that looks about, two that pinch and pan."""

from math import hypot

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QEventPoint, QMouseEvent, QTouchEvent
from PySide6.QtWidgets import QWidget

STILL_PX = 12  # a finger that moves no farther is still
SAME_PLACE_PX = 24  # two taps no farther apart are at one place


class Touch(QObject):
    """Takes the touches of a widget, and the mouse events that the system makes of them: nothing is done twice.

    Qt itself makes none of those that are taken. Places are in the widget's pixels.

    Signals
    -------
    tapped : QPointF, bool
        One finger came and went; and whether it did so at the place of the tap before.
    looked : QPointF
        One finger moves; at first from where it was put.
    let_go
        A finger that moved is gone, or another one has come.
    pinched : float, QPointF
        Two fingers have moved apart by a factor, about a place.
    panned : QPointF
        The middle between two fingers has moved by this much.
    """

    tapped = Signal(QPointF, bool)
    looked = Signal(QPointF)
    let_go = Signal()
    pinched = Signal(float, QPointF)
    panned = Signal(QPointF)

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self._begun: QPointF | None = None  # where one finger came; None once it moves, or another one comes
        self._tap: QPointF | None = None  # the tap before
        self._is_alone, self._moves = True, False
        widget.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)
        widget.installEventFilter(self)

    def forget(self) -> None:
        """Let the next tap be a first one: something else is at its place."""
        self._tap = None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take touches and what is made of them."""
        if isinstance(event, QMouseEvent):
            return event.source() == Qt.MouseEventSource.MouseEventSynthesizedBySystem
        if not isinstance(event, QTouchEvent):
            return False
        event.accept()
        points = event.points()
        held = [point for point in points if point.state() != QEventPoint.State.Released]
        if event.type() == QEvent.Type.TouchCancel:
            self._stop()
        elif event.type() == QEvent.Type.TouchBegin and len(held) == 1:
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
        """Nothing that one finger can still do is meant."""
        self._begun, self._is_alone = None, False
        if self._moves:
            self._moves = False
            self.let_go.emit()

    def _follow_one(self, place: QPointF) -> None:
        if self._begun is None or distance(place, self._begun) > STILL_PX:
            if self._begun is not None:
                self.looked.emit(self._begun)
            self._begun, self._moves = None, True
            self.looked.emit(place)

    def _follow_two(self, one: QEventPoint, other: QEventPoint) -> None:
        if QEventPoint.State.Pressed in (one.state(), other.state()):  # where they were says nothing yet
            return
        now, before = (one.position(), other.position()), (one.lastPosition(), other.lastPosition())
        middle, moved = (now[0] + now[1]) / 2, (now[0] + now[1] - before[0] - before[1]) / 2
        apart, apart_before = distance(*now), distance(*before)
        if moved.manhattanLength():
            self.panned.emit(moved)
        if apart != apart_before and min(apart, apart_before) > 0:
            self.pinched.emit(apart / apart_before, middle)

    def _end(self, place: QPointF) -> None:
        is_second = self._tap is not None and distance(place, self._tap) <= SAME_PLACE_PX
        self._begun, self._tap = None, None if is_second else place
        self.tapped.emit(place, is_second)


def distance(one: QPointF, other: QPointF) -> float:
    """Return how far two places are apart."""
    return hypot(one.x() - other.x(), one.y() - other.y())
