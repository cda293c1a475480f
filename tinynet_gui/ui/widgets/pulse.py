"""A frame that pulses gently round a control until it is stopped; it stands still where nothing is to move."""

import math
from itertools import pairwise

import shiboken6
from PySide6.QtCore import QEvent, QObject, QRect, QTimer
from PySide6.QtGui import QRegion
from PySide6.QtWidgets import QWidget

from tinynet_gui.single_shot import single_shot
from tinynet_gui.ui.style.motion import moves
from tinynet_gui.ui.style.theme import Theme
from tinynet_gui.ui.style.zoom import whole_px
from tinynet_gui.ui.widgets.path_up import path_up
from tinynet_gui.ui.widgets.pointer_frame import LINE, TargetFrame, bring_into_sight

TICK_MS, TICKS = 160, 12  # of one pulse: gentle, and too few repaints to be felt
MOVES = (QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.ParentChange)


class Beat(QTimer):
    """Has a widget painted in the rhythm of a pulse, where anything is to move."""

    def __init__(self, widget: QWidget, name: str) -> None:
        super().__init__(widget, interval=TICK_MS)
        self.setObjectName(name)
        self._widget, self.tick = widget, 0
        self.timeout.connect(self._on_tick)

    @property
    def strength(self) -> float:
        """The present opacity, from 0 to 1."""
        return (1 - math.cos(2 * math.pi * self.tick / TICKS)) / 2 if moves() else 1.0

    def go_on(self, is_wanted: bool) -> None:
        """Beat on, or rest."""
        if not (is_wanted and moves()):
            self.stop()
        elif not self.isActive():
            self.start()

    def _on_tick(self) -> None:
        self.tick = (self.tick + 1) % TICKS
        self._widget.update()


class Pulse(TargetFrame):
    """Stays around one control of a window, wherever that moves; invisible if the control is.

    A control that is destroyed and made again at once, under the same object name, is found again.
    """

    def __init__(self, window: QWidget, theme: Theme) -> None:
        super().__init__(window, "pulse")
        self.target: QWidget | None = None  # the control it surrounds, or None
        self._watched: list[QWidget] = []  # everything that can move it: the control, and all its parents
        self._name = ""
        self._beat = Beat(self, "pulseTicks")
        self._search = single_shot(self, 0, self._find_again, "pulseSearch")
        self.show_theme(theme)

    @property
    def strength(self) -> float:
        """The present opacity, from 0 to 1."""
        return self._beat.strength

    def start(self, target: QWidget) -> None:
        """Bring a control into sight, once, and pulse around it from now on."""
        if target is not self.target:
            self.stop()
            bring_into_sight(target)
            self._attach(target)

    def stop(self) -> None:
        """Stop pulsing."""
        self._search.stop()
        if self.target is not None:
            self.target.destroyed.disconnect(self._on_destroyed)
        self._attach(None)

    def show_theme(self, theme: Theme) -> None:
        """Apply the colours and the zoom of a theme."""
        self._color = theme.color("accent")
        self._follow()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the control."""
        if event.type() in MOVES:
            if event.type() == QEvent.Type.ParentChange:
                self._watch()
            self._follow()
        return False

    def _attach(self, target: QWidget | None) -> None:
        self.target, self._beat.tick = target, 0
        if target is not None:
            self._name = target.objectName()
            target.destroyed.connect(self._on_destroyed)
        self._watch()
        self._follow()

    def _watch(self) -> None:
        """Watch everything that can move the control."""
        for widget in self._watched:
            if shiboken6.isValid(widget):
                widget.removeEventFilter(self)
        self._watched = [] if self.target is None else path_up(self.target, self._window)
        for widget in self._watched:
            widget.installEventFilter(self)

    def _follow(self) -> None:
        place = None if self.target is None else _visible_part(self.target, self._window)
        if place is None:
            self._beat.stop()
            self.hide()
            return
        self.surround(place)
        side = 2 * whole_px(LINE)
        inside = self.rect().adjusted(side, side, -side, -side)
        self.setMask(QRegion(self.rect()).subtracted(inside))  # do not repaint the content of the frame at each tick
        if self.isHidden():
            self.raise_()
            self.show()
        self._beat.go_on(True)

    def _on_destroyed(self) -> None:
        self._attach(None)
        self._search.start()

    def _find_again(self) -> None:
        found = self._window.findChild(QWidget, self._name) if self._name else None
        if isinstance(found, QWidget):
            self._attach(found)


def _visible_part(target: QWidget, window: QWidget) -> QRect | None:
    """Return the visible part of a control, in the window's pixels, without what scroll areas hide."""
    path = path_up(target, window)
    if not target.isVisible() or path[-1] is not window:
        return None
    part = target.rect()
    for inner, outer in pairwise(path):
        part = part.translated(inner.pos()).intersected(outer.rect())
    return None if part.isEmpty() else part
