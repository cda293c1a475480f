"""Frames and dots that pulse to draw the eye to a control; steady where motion is reduced."""

import math
from itertools import pairwise
from typing import Protocol, runtime_checkable

import shiboken6
from PySide6.QtCore import QEvent, QObject, QRect, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QPen, QRegion, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QTabWidget, QWidget

from tinynet_gui.qt import single_shot
from tinynet_gui.ui.style.theme import animations_enabled, line_px, px, theme, whole_px
from tinynet_gui.ui.widgets.accessibility import ancestors, scroll_to
from tinynet_gui.ui.widgets.pictures import draw_with


@runtime_checkable
class Revealing(Protocol):
    """A view that can show one of its hidden widgets."""

    def reveal(self, target: QWidget) -> None: ...


def bring_into_sight(target: QWidget) -> None:
    """Make a widget visible: its views reveal it, its tabs are selected, its scroll areas scroll."""
    path = ancestors(target)
    for outer in path:
        if isinstance(outer, Revealing):
            outer.reveal(target)
    for tabs in path:
        if isinstance(tabs, QTabWidget):
            pages = [page for k in range(tabs.count()) if (page := tabs.widget(k)) is not None]
            for page in path:
                if page in pages and tabs.isTabVisible(pages.index(page)):  # else the target is the tab bar, or hidden
                    tabs.setCurrentWidget(page)
    scroll_to(target)  # last: the sizes of hidden widgets are unknown


TICK_MS, TICKS = 160, 12  # of one pulse: gentle, with few repaints
MOVES = (QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.ParentChange)


class PulseTimer(QTimer):
    """Repaints a widget in the rhythm of a pulse, unless motion is reduced."""

    def __init__(self, widget: QWidget, name: str) -> None:
        super().__init__(widget, interval=TICK_MS)
        self.setObjectName(name)
        self._widget, self.tick = widget, 0
        self.timeout.connect(self._on_tick)

    @property
    def strength(self) -> float:
        return (1 - math.cos(2 * math.pi * self.tick / TICKS)) / 2 if animations_enabled() else 1.0

    def go_on(self, is_wanted: bool) -> None:
        if not (is_wanted and animations_enabled()):
            self.stop()
        elif not self.isActive():
            self.start()

    def _on_tick(self) -> None:
        self.tick = (self.tick + 1) % TICKS
        self._widget.update()


AROUND = 4  # px between the target and the frame
LINE, CORNER = 3, 6  # px: the width of the line, and the radius of its corners
FAINTEST = 0.25  # the opacity between two pulses


class Pulse(QWidget):
    """A frame on top of a window that surrounds and follows one control; transparent to the mouse.

    It is hidden while the control is. A control that is destroyed and recreated at once, with the same object name,
    is found again.
    """

    def __init__(self, window: QWidget, object_name: str = "pulse") -> None:
        super().__init__(window)
        self._window = window
        self.target: QWidget | None = None  # the control it surrounds, or None
        self._watched: list[QWidget] = []  # the control and its parents
        self._name = ""
        self._pulse_timer = PulseTimer(self, "pulseTicks")
        self._search = single_shot(self, 0, self._find_again, "pulseSearch")
        self.setObjectName(object_name)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    @property
    def strength(self) -> float:
        """The current opacity, from 0 to 1."""
        return self._pulse_timer.strength

    def start(self, target: QWidget) -> None:
        """Make a control visible, once, and pulse around it from now on."""
        if target is not self.target:
            self.stop()
            bring_into_sight(target)
            self._attach(target)

    def stop(self) -> None:
        self._search.stop()
        if self.target is not None:
            self.target.destroyed.disconnect(self._on_destroyed)
        self._attach(None)

    def show_theme(self) -> None:
        self._follow()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in MOVES:
            if event.type() == QEvent.Type.ParentChange:
                self._watch()
            self._follow()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        color = theme().color("accent", FAINTEST + (1 - FAINTEST) * self.strength)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(color, line_px(LINE)))
        half = line_px(LINE) / 2
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(half, half, -half, -half), px(CORNER), px(CORNER))

    def _attach(self, target: QWidget | None) -> None:
        self.target, self._pulse_timer.tick = target, 0
        if target is not None:
            self._name = target.objectName()
            target.destroyed.connect(self._on_destroyed)
        self._watch()
        self._follow()

    def _watch(self) -> None:
        for widget in self._watched:
            if shiboken6.isValid(widget):
                widget.removeEventFilter(self)
        self._watched = [] if self.target is None else ancestors(self.target, self._window)
        for widget in self._watched:
            widget.installEventFilter(self)

    def _follow(self) -> None:
        place = None if self.target is None else _visible_part(self.target, self._window)
        if place is None:
            self._pulse_timer.stop()
            self.hide()
            return
        around = whole_px(AROUND) + whole_px(LINE)
        self.setGeometry(place.adjusted(-around, -around, around, around).intersected(self._window.rect()))
        side = 2 * whole_px(LINE)
        inside = self.rect().adjusted(side, side, -side, -side)
        self.setMask(QRegion(self.rect()).subtracted(inside))  # do not repaint the content of the frame at each tick
        if self.isHidden():
            self.raise_()
            self.show()
        self._pulse_timer.go_on(True)

    def _on_destroyed(self) -> None:
        self._attach(None)
        self._search.start()

    def _find_again(self) -> None:
        found = self._window.findChild(QWidget, self._name) if self._name else None
        if isinstance(found, QWidget):
            self._attach(found)


def _visible_part(target: QWidget, window: QWidget) -> QRect | None:
    """Return the rectangle of a control that scroll areas leave visible, in the window's pixels."""
    path = ancestors(target, window)
    if not target.isVisible() or path[-1] is not window:
        return None
    part = target.rect()
    for inner, outer in pairwise(path):
        part = part.translated(inner.pos()).intersected(outer.rect())
    return None if part.isEmpty() else part


SIDE = 9  # px
FAINTEST_DOT = 0.3


class PulseDot(QWidget):
    """A dot that pulses like the frame around the control, while visible."""

    def __init__(self) -> None:
        super().__init__()
        self._pulse_timer = PulseTimer(self, "pulseDotTicks")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_theme(self) -> None:
        self.updateGeometry()
        self._pulse_timer.go_on(self.isVisible())

    def sizeHint(self) -> QSize:
        return QSize(whole_px(SIDE + 4), self.fontMetrics().height())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._pulse_timer.go_on(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._pulse_timer.stop()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        opacity = FAINTEST_DOT + (1 - FAINTEST_DOT) * self._pulse_timer.strength
        draw_with(painter, None, theme().color("accent", opacity))
        painter.drawEllipse(QRectF(0, (self.height() - px(SIDE)) / 2, px(SIDE), px(SIDE)))
