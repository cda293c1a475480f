"""Moves a plot by keys and by fingers, as its mouse and its menu do."""

import math
from typing import Any

from PySide6.QtCore import QElapsedTimer, QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication

from tinynet_gui.ui.style.zoom import FINGER
from tinynet_gui.ui.widgets.keys import ARROWS
from tinynet_gui.ui.widgets.plots.plot import Plot
from tinynet_gui.ui.widgets.plots.plot_menu import PlotMenu
from tinynet_gui.ui.widgets.plots.range_dialog import Range
from tinynet_gui.ui.widgets.touch import Touch

PAN, ZOOM = 0.1, 0.74  # of the view, with a key
PANS = {key: (PAN * right, PAN * up) for key, (right, up) in ARROWS.items()}
ZOOMS = {Qt.Key.Key_Plus: ZOOM, Qt.Key.Key_Equal: ZOOM, Qt.Key.Key_Minus: 1 / ZOOM}
MOUSE = 2  # px around it: pyqtgraph's own
FINEST, WIDEST = 1e-6, 1e12  # of a range: its width as a share of where it is; its width
NAME = "{}: arrow keys move what is in view, plus and minus zoom"  # for screen readers, of which plot
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton


class PlotHand(QObject):
    """Arrows pan, + and - zoom, Home fits; two fingers pan and zoom; one is the mouse, which presses once it moves.

    A double-click fits, too, and one finger pans also a plot that the mouse does not move, unless it looks first.
    What is to be in view is asked for as it is by the menu.

    Parameters
    ----------
    name
        Which plot it is, for screen readers.
    looks_first
        A tap points as the mouse does, and a second one at its place clicks; else the first one does both.
    """

    def __init__(self, plot: Plot, menu: PlotMenu, name: str, *, looks_first: bool = False) -> None:
        super().__init__(plot)
        self._plot, self._menu, self._looks_first = plot, menu, looks_first
        self._since_tap = QElapsedTimer()
        self._pressed_at: QPointF | None = None  # where the finger is that moves as the mouse does
        plot.take_key = self._take_key
        plot.installEventFilter(self)
        plot.setAccessibleName(NAME.format(name))
        plot.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        plot.scene().sigMouseClicked.connect(self._on_clicked)
        touch = Touch(plot.viewport())
        touch.tapped.connect(self._on_tapped)
        touch.looked.connect(self._on_moved)
        touch.let_go.connect(self._on_let_go)
        touch.pinched.connect(self._on_pinched)
        touch.panned.connect(self._on_panned)

    def zoom(self, factor: float, at: QPointF | None = None) -> None:
        """Make the view wider by a factor about a point of the plot, by default its middle."""
        box = self._plot.getViewBox()
        center = box.viewRect().center() if at is None else at
        ranges = zip(box.viewRange(), center.toTuple(), strict=True)
        self._look([Range(mid - factor * (mid - low), mid + factor * (high - mid)) for (low, high), mid in ranges])

    def pan(self, right: float, up: float) -> None:
        """Move the view by parts of its width and height."""
        ranges = zip(self._plot.getViewBox().viewRange(), (right, up), strict=True)
        self._look([Range(low + share * (high - low), high + share * (high - low)) for (low, high), share in ranges])

    def _look(self, ends: list[Range]) -> None:
        if all(_can_be_seen(*each) for each in ends):
            self._menu.range_chosen.emit(*ends)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the plot's own keys from the window's shortcuts."""
        is_kept = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and _is_own(event)
        if is_kept:
            event.accept()
        return is_kept

    def _take_key(self, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        if not _is_own(event):
            return False
        if key in PANS:
            self.pan(*PANS[key])
        elif key in ZOOMS:
            self.zoom(ZOOMS[key])
        else:
            self._menu.everything_wanted.emit()
        return True

    def _on_pinched(self, factor: float, place: QPointF) -> None:
        self.zoom(1 / factor, self._plot.getViewBox().mapSceneToView(self._plot.mapToScene(place.toPoint())))

    def _on_panned(self, by: QPointF) -> None:
        box = self._plot.getViewBox()
        self.pan(-by.x() / box.width(), by.y() / box.height())

    def _on_tapped(self, place: QPointF, is_second: bool) -> None:
        is_quick = self._since_tap.isValid() and self._since_tap.elapsed() < QApplication.doubleClickInterval()
        is_double = is_second and is_quick and not self._looks_first
        press = QEvent.Type.MouseButtonDblClick if is_double else QEvent.Type.MouseButtonPress
        self._since_tap.start()
        self._send(QEvent.Type.MouseMove, place, NONE, NONE)
        if is_second or not self._looks_first:
            self._send(press, place, LEFT, LEFT)
            self._send(QEvent.Type.MouseButtonRelease, place, LEFT, NONE)

    def _on_clicked(self, event: Any) -> None:
        if event.double() and not self._looks_first:
            self._menu.everything_wanted.emit()

    def _on_moved(self, place: QPointF) -> None:
        if self._pressed_at is None:
            self._plot.scene().setClickRadius(FINGER // 2)  # to take hold of a line, a finger need not be on it
            self._send(QEvent.Type.MouseMove, place, NONE, NONE)
            self._send(QEvent.Type.MouseButtonPress, place, LEFT, LEFT)
        else:
            self._send(QEvent.Type.MouseMove, place, NONE, LEFT)
            if not self._looks_first and not any(self._plot.getViewBox().mouseEnabled()):
                self._on_panned(place - self._pressed_at)
        self._pressed_at = place

    def _on_let_go(self) -> None:
        if self._pressed_at is not None:
            self._send(QEvent.Type.MouseButtonRelease, self._pressed_at, LEFT, NONE)
            self._pressed_at = None
            self._plot.scene().setClickRadius(MOUSE)

    def _send(self, kind: QEvent.Type, place: QPointF, button: Qt.MouseButton, held: Qt.MouseButton) -> None:
        viewport, none = self._plot.viewport(), Qt.KeyboardModifier.NoModifier
        source = Qt.MouseEventSource.MouseEventSynthesizedByApplication
        at = viewport.mapToGlobal(place)
        QApplication.sendEvent(viewport, QMouseEvent(kind, place, at, at, button, held, none, source))


def _is_own(event: QKeyEvent) -> bool:
    alone = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier  # with Shift for a plus
    return not event.modifiers() & ~alone and event.key() in (*PANS, *ZOOMS, Qt.Key.Key_Home)


def _can_be_seen(low: float, high: float) -> bool:
    """Whether a range is wide enough for its numbers to differ, and not endless."""
    return math.isfinite(high) and FINEST * max(1.0, abs(low)) < high - low < WIDEST
