"""Gestures: edits of one gesture are undone together; and touch input for widgets made for the mouse."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import cast

import shiboken6
from PySide6 import QtWidgets
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QHelpEvent, QInputEvent, QMouseEvent, QTouchEvent, QWindow

from tinynet_gui.qt import single_shot
from tinynet_gui.ui.style.theme import for_finger
from tinynet_gui.ui.widgets.accessibility import ancestors
from tinynet_gui.ui.widgets.plots.plot_parts import Plot
from tinynet_gui.ui.widgets.touch import STILL_PX, PressRing, distance

TURN_S = 1.0  # wheel turns and key presses at shorter intervals are one gesture


class Gestures(QObject):
    """Numbers the gestures: from press to release of a mouse button, or a quick series of wheel turns or keys.

    `keeps` sees each event first, and returns whether to consume it: call `watch` only once it can be called.
    """

    def __init__(
        self,
        parent: QObject | None = None,
        now: Callable[[], float] = perf_counter,
        keeps: Callable[[QObject, QInputEvent], bool] = lambda *_: False,
    ) -> None:
        super().__init__(parent)
        self._now, self._keeps = now, keeps
        self._number = 0
        self._is_held = self.are_by_mouse = False
        self._latest_at = 0.0

    def watch(self) -> None:
        cast(QCoreApplication, QCoreApplication.instance()).installEventFilter(self)

    @contextmanager
    def suspended(self) -> Iterator[None]:
        """Ignore events within the context: setting a style sheet sends thousands, none of them a press."""
        cast(QCoreApplication, QCoreApplication.instance()).removeEventFilter(self)
        try:
            yield
        finally:
            self.watch()

    def current(self) -> int:
        now = self._now()
        if not self._is_held and now - self._latest_at > TURN_S:
            self._number += 1
        self._latest_at = now
        return self._number

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Watch presses and releases without consuming them; the effects of a release belong to its gesture."""
        if not isinstance(event, QInputEvent):  # much faster than event.type()
            return False
        if self._keeps(watched, event):
            return True
        match event.type():
            case QEvent.Type.MouseButtonPress | QEvent.Type.MouseButtonDblClick if not self._is_held:
                self._is_held = self.are_by_mouse = True
                self._number += 1
            case QEvent.Type.MouseButtonRelease if self._is_held:
                self._is_held = False
                self._latest_at = self._now()
            case QEvent.Type.KeyPress | QEvent.Type.Wheel if self.are_by_mouse and not self._is_held:
                self.are_by_mouse = False
                self._number += 1
        return False


HOLD_MS, UNSEEN_MS = 500, 150  # until a press is long; until its ring appears
ENDS = QEvent.Type.TouchEnd, QEvent.Type.TouchCancel
NOT_SYNTHESIZED = Qt.MouseEventSource.MouseEventNotSynthesized
OUTSIDE = QPointF(-1e4, -1e4)  # releasing there does not click


class Fingers(QObject):
    """Sees every touch before the windows do, for long presses and scrolling; calls `seen` after each touch.

    Mouse events that Qt synthesizes from a finger pass until it is held for long, or scrolls.
    """

    def __init__(self, parent: QObject, seen: Callable[[], object]) -> None:
        super().__init__(parent)
        self._seen = seen
        self._widget: QtWidgets.QWidget | None = None  # under the held finger
        self._before: QtWidgets.QWidget | None = None  # of the touch before
        self._place = QPointF()  # on the screen
        self._ring: PressRing | None = None
        self._is_taken = False  # synthesized mouse events are consumed
        self._tip = ""
        self._is_moved = False
        self._bar: QtWidgets.QScrollBar | None = None  # scrolled by the finger
        self._bar_at = 0
        self._wait = single_shot(self, UNSEEN_MS, self._show_ring, "pressBegins")
        self._lifted = single_shot(self, 0, self._on_lifted, "fingerLifted")

    def take(self, watched: QObject, event: QInputEvent) -> bool:
        """Look at an event before `watched` does; return whether to consume it."""
        match event:
            case QTouchEvent() if isinstance(watched, QWindow):
                self._follow(event)
            case QMouseEvent() if event.source() == NOT_SYNTHESIZED and event.spontaneous():
                self._is_taken = False  # a real mouse
            case QMouseEvent() if event.spontaneous() and isinstance(watched, QtWidgets.QWidget):
                is_first = event.type() == QEvent.Type.MouseButtonDblClick and self._widget is not self._before
                if is_first and not self._is_taken:  # two taps on different widgets are two clicks
                    _press(watched, event)
                return self._is_taken or is_first
            case QContextMenuEvent() if event.reason() == QContextMenuEvent.Reason.Mouse and event.spontaneous():
                return self._is_taken
        return False

    def _follow(self, event: QTouchEvent) -> None:
        points = event.points()
        if event.type() == QEvent.Type.TouchCancel or not points:
            self._cancel()
        elif event.type() == QEvent.Type.TouchBegin and len(points) == 1:
            self._begin(points[0].globalPosition())
        elif len(points) > 1:
            self._stop()
        elif distance(points[0].globalPosition(), self._place) > STILL_PX or self._is_moved:
            self._stop()
            self._scroll(points[0].globalPosition() - self._place)
        if event.type() in ENDS:
            self._stop()
            self._lifted.start()

    def _begin(self, place: QPointF) -> None:
        self._stop()
        self._is_taken = self._is_moved = False
        self._place, self._tip, self._bar = place, "", None
        self._before, self._widget = self._widget, QtWidgets.QApplication.widgetAt(place.toPoint())
        if (widget := self._held()) is not None and _reacts_to_hold(widget):
            self._wait.start()

    def _cancel(self) -> None:
        """End the press without a click; a touch without points is cancelled, too: it never reached a window."""
        self._is_taken = True
        if (widget := self._held()) is not None:
            _release(widget)

    def _stop(self) -> None:
        self._wait.stop()
        if self._ring is not None and shiboken6.isValid(self._ring):
            self._ring.closed.disconnect(self._on_held)
            self._ring.hide()
            self._ring.deleteLater()
        self._ring = None

    def _scroll(self, moved: QPointF) -> None:
        """Scroll what is under a finger that moves vertically; its first move decides."""
        if not self._is_moved:
            self._is_moved = True
            if isinstance(self._widget, QtWidgets.QMenu | QtWidgets.QMenuBar):
                self._is_taken = True  # scrolling a menu chooses nothing
            elif self._widget is not None and not self._is_taken and abs(moved.y()) > abs(moved.x()):
                self._bar = _scroll_bar_at(self._widget)
            if self._widget is not None and self._bar is not None:
                self._is_taken, self._bar_at = True, self._bar.value()
                _release(self._widget)
        if self._bar is not None and shiboken6.isValid(self._bar):
            a_pixel = self._bar.pageStep() / max(1, self._bar.height())  # lists scroll in rows
            self._bar.setValue(round(self._bar_at - moved.y() * a_pixel))

    def _held(self) -> QtWidgets.QWidget | None:
        """Return the held widget, if it still exists and the finger has not opened anything."""
        is_there = self._widget is not None and shiboken6.isValid(self._widget) and self._widget.isVisible()
        return self._widget if is_there and QtWidgets.QApplication.activePopupWidget() is None else None

    def _show_ring(self) -> None:
        if (widget := self._held()) is not None:
            window = widget.window()
            place = window.mapFromGlobal(self._place.toPoint())
            self._ring = PressRing(window, place, HOLD_MS - UNSEEN_MS)
            self._ring.closed.connect(self._on_held)

    def _on_held(self) -> None:
        self._stop()
        if (widget := self._held()) is None:
            return
        self._is_taken = True
        _release(widget)
        place = self._place.toPoint()
        if not _opens_menu(widget, place, alone=True) and not self._show_tip(widget, place):
            _opens_menu(widget, place)

    def _show_tip(self, widget: QtWidgets.QWidget, place: QPoint) -> bool:
        QtWidgets.QToolTip.hideText()
        question = QHelpEvent(QEvent.Type.ToolTip, widget.mapFromGlobal(place), place)
        QCoreApplication.sendEvent(widget, question)
        is_shown = question.isAccepted() and QtWidgets.QToolTip.isVisible()
        self._tip = for_finger(QtWidgets.QToolTip.text()) if is_shown else ""
        if self._tip != QtWidgets.QToolTip.text():
            QtWidgets.QToolTip.showText(place, self._tip, widget)
        return bool(self._tip)

    def _on_lifted(self) -> None:
        if QtWidgets.QApplication.activePopupWidget() is None:  # the layout must not change under an open menu
            self._seen()
        if self._tip and (widget := self._held()) is not None:
            QtWidgets.QToolTip.showText(self._place.toPoint(), self._tip, widget)  # lifting the finger has hidden it


def _reacts_to_hold(widget: QtWidgets.QWidget) -> bool:
    """Whether holding a finger on a widget does something: on nearly all, but not on empty ground."""
    default = Qt.ContextMenuPolicy.DefaultContextMenu
    return any(
        part.toolTip() or part.contextMenuPolicy() != default or isinstance(part, QtWidgets.QTextEdit | Plot)
        for part in ancestors(widget)
    )


def _scroll_bar_at(widget: QtWidgets.QWidget) -> QtWidgets.QScrollBar | None:
    """Return the scroll bar that a finger on a widget moves, unless the widget is itself draggable."""
    path = ancestors(widget)
    if any(isinstance(part, Plot | QtWidgets.QAbstractSlider) for part in path):
        return None
    bars = [part.verticalScrollBar() for part in path if isinstance(part, QtWidgets.QAbstractScrollArea)]
    return next((bar for bar in bars if bar.maximum() > bar.minimum()), None)


def _press(widget: QtWidgets.QWidget, event: QMouseEvent) -> None:
    """Send a press in place of the second press of a double-click."""
    places = event.position(), event.scenePosition(), event.globalPosition()
    buttons = event.button(), event.buttons(), event.modifiers()
    QCoreApplication.sendEvent(widget, QMouseEvent(QEvent.Type.MouseButtonPress, *places, *buttons, event.source()))


def _release(widget: QtWidgets.QWidget) -> None:
    """End the press or touch that the finger has begun, without an effect."""
    none = Qt.KeyboardModifier.NoModifier
    if widget.testAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents):
        QCoreApplication.sendEvent(widget, QTouchEvent(QEvent.Type.TouchCancel))
    left, no_button = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    if QtWidgets.QApplication.mouseButtons() & left:
        source = Qt.MouseEventSource.MouseEventSynthesizedByApplication
        release = QMouseEvent(QEvent.Type.MouseButtonRelease, OUTSIDE, OUTSIDE, OUTSIDE, left, no_button, none, source)
        QCoreApplication.sendEvent(widget, release)


def _opens_menu(widget: QtWidgets.QWidget, place: QPoint, *, alone: bool = False) -> bool:
    """Open a widget's context menu, with `alone` only its own, not that of an ancestor; return whether there is one."""
    propagates = Qt.WidgetAttribute.WA_NoMousePropagation
    before = widget.testAttribute(propagates)
    wish = QContextMenuEvent(QContextMenuEvent.Reason.Other, widget.mapFromGlobal(place), place)
    widget.setAttribute(propagates, before or alone)
    QCoreApplication.sendEvent(widget, wish)
    if shiboken6.isValid(widget):
        widget.setAttribute(propagates, before)
    return wish.isAccepted()
