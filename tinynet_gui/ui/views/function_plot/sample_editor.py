"""Mouse and keys on samples: move, add, select and delete them, and scatter new ones."""

from collections.abc import Callable

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QMenu, QRubberBand

from tinynet_gui.core.data.points import LARGEST_X, LARGEST_Y, MAX_POINTS, Points
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.numbers import plain
from tinynet_gui.core.values import Flags, Floats, Ints
from tinynet_gui.ui.style.theme import px, reach_px
from tinynet_gui.ui.views.function_plot.samples import HELD_OUT_Z
from tinynet_gui.ui.views.function_plot.scene import FunctionLayer, Scene
from tinynet_gui.ui.widgets.accessibility import ARROWS, DELETE, keep_key, wrapped
from tinynet_gui.ui.widgets.cards import passing_menu
from tinynet_gui.ui.widgets.plots.layer import RING
from tinynet_gui.ui.widgets.plots.plot_menu import Range, RangeDialog

REACH = 9.0  # px: the tolerance of the hit test
RING_SIZE = 14.0  # around a selected sample
BRUSH_PX, BRUSH_MS = 14.0, 40  # how far the brush scatters samples, and how often
HINT = _("click: add · drag: move")
GESTURES = _(
    "Click beside the samples to add one, drag one to move it, drag a box around some to select them.\n"
    "Ctrl and click selects one more, Delete deletes, the arrow keys move by a pixel; with Shift held, samples fall "
    "where the mouse is. A right-click on a sample holds it out."
)


class SampleEditor(FunctionLayer):
    """Lets samples be edited in a plot while switched on; else the mouse pans and zooms.

    While it `is_emitting` an edit, the view stays fixed; `in_hand_changed`: a drag has begun or ended. A sample's
    context menu has changes if the editor `offers_changes`, and asks what difference the sample makes if it
    `offers_difference`. `selection_changed` has the ascending indices of the selected samples.
    """

    points_edited = Signal(object)
    selection_changed = Signal(object)
    difference_wanted = Signal(int)
    in_hand_changed = Signal(bool)

    def __init__(self, plot: pg.PlotWidget) -> None:
        super().__init__(plot)
        self._points = Points([0.0], [0.0])
        self._selected: Flags = np.zeros(1, dtype=np.bool_)
        self._emitted_selection = np.empty(0, dtype=np.int64)  # the selection as last emitted or set from outside
        self.is_on = self.is_emitting = False
        self.offers_changes = self.offers_difference = True
        self._pressed_at: QPoint | None = None
        self._moved: tuple[Points, QPointF] | None = None  # the points and the position when a drag began
        self._ring = self.put_lazy(RING, HELD_OUT_Z + 0.5, "accent", 2, size=RING_SIZE)
        self._band = QRubberBand(QRubberBand.Shape.Rectangle, plot.viewport())
        self._random = np.random.default_rng()
        self._brush = QTimer(self, interval=BRUSH_MS)
        self._brush.setObjectName("sampleBrush")
        self._brush.timeout.connect(self._scatter)
        plot.viewport().setMouseTracking(True)
        plot.viewport().installEventFilter(self)
        plot.installEventFilter(self)

    @property
    def selected(self) -> Ints:
        return np.flatnonzero(self._selected)

    def select(self, places: Ints) -> None:
        self._emitted_selection = places[places < len(self._points)]
        self._select(np.isin(np.arange(len(self._points)), self._emitted_selection))

    def set_on(self, on: bool) -> None:
        self.is_on = on
        self._end_drag()
        if on:
            self._plot.viewport().setCursor(Qt.CursorShape.CrossCursor)
            self._plot.setFocus()
        else:
            self._select(np.zeros(len(self._points), dtype=np.bool_))
            self._plot.viewport().unsetCursor()

    def _follow(self, scene: Scene, before: Scene) -> None:
        points = scene.points
        if points is before.points:
            return
        if len(points) != len(self._points):
            self._selected = np.zeros(len(points), dtype=np.bool_)
        self._points = points
        self._select(self._selected)

    def ask_for_training_range(self) -> None:
        def refusal(ends: tuple[Range, ...]) -> str:
            return "" if self._are_within(ends[0]).any() else _("x: no sample would be left to train on.")

        x, title = self._points.x[~self._points.held_out], _("Train on these x only")
        axes = ("x",), (Range(float(x.min()), float(x.max())),), (False,)
        dialog = RangeDialog(*axes, self._plot.window(), title=title, refusal=refusal)
        dialog.chosen.connect(lambda ends: self._emit_edit(self._points.with_held_out(~self._are_within(ends[0]))))
        dialog.open()

    def _are_within(self, ends: Range) -> Flags:
        return (self._points.x >= ends.low) & (self._points.x <= ends.high)

    def place_at(self, position: QPoint, reach: float | None = None) -> int | None:
        """Return the index of the point drawn at a position of the viewport, or within reach of it; or None."""
        scene = self._plot.mapToScene(position)
        wide, high = self._plot.getViewBox().viewPixelSize()
        here = self._plot.getViewBox().mapSceneToView(scene)
        with np.errstate(over="ignore"):
            away = np.hypot((self._points.x - here.x()) / wide, (self._points.y - here.y()) / high)
        nearest = int(np.argmin(away))
        return nearest if away[nearest] <= (reach or px(REACH)) else None

    def menu_at(self, position: QPoint | None) -> QMenu | None:
        """Return the context menu of a sample, or for the Menu key that of the selected one; None if there is none."""
        if position is not None:
            place = self.place_at(position, reach_px(REACH))
        else:
            place = int(self.selected[0]) if len(self.selected) == 1 else None
        return None if place is None else self._menu_of(place)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        match event:
            case QMouseEvent() if watched is self._plot.viewport():
                return self._on_mouse(event)
            case QKeyEvent() if watched is self._plot and self.is_on and event.type() == QEvent.Type.KeyPress:
                return self._on_key(event)
            case QKeyEvent() if watched is self._plot and self.is_on:
                return keep_key(event, self._is_own_key)
        return False

    # The mouse

    def _on_mouse(self, event: QMouseEvent) -> bool:
        position = event.position().toPoint()
        if event.type() == QEvent.Type.MouseMove and event.buttons() == Qt.MouseButton.NoButton:
            self._update_tooltip(position)
            return False
        if not self.is_on:
            return False
        if event.type() == QEvent.Type.MouseButtonPress and event.button() == Qt.MouseButton.LeftButton:
            self._press(position, event.modifiers())
        elif event.type() == QEvent.Type.MouseMove and self._pressed_at is not None:
            self._drag(position)
        elif event.type() == QEvent.Type.MouseButtonRelease and self._pressed_at is not None:
            self._release(position)
        return event.button() == Qt.MouseButton.LeftButton or bool(event.buttons() & Qt.MouseButton.LeftButton)

    def _update_tooltip(self, position: QPoint) -> None:
        place = self.place_at(position)
        if place is None:
            self._plot.viewport().setToolTip(wrapped(GESTURES) if self.is_on else "")
        else:
            moves = _("Edit data (D) moves it; right-click for more")
            way = moves if self.offers_changes else _("right-click for more")
            way = _("drag it; right-click for more") if self.is_on else way
            self._plot.viewport().setToolTip(f"{self._text_of(place)}\n{way}")

    def _press(self, position: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        self._plot.setFocus()
        self._pressed_at = position
        self.in_hand_changed.emit(True)
        place = self.place_at(position)
        if modifiers & Qt.KeyboardModifier.ShiftModifier:
            self._scatter()
            self._brush.start()
        elif place is not None:
            if modifiers & Qt.KeyboardModifier.ControlModifier:
                self._select(self._selected ^ (np.arange(len(self._points)) == place))
            elif not self._selected[place]:
                self._select(np.arange(len(self._points)) == place)
            self._moved = self._points, self._data_at(position)
        else:
            self._band.setGeometry(QRect(position, QSize()))

    def _drag(self, position: QPoint) -> None:
        if self._moved is not None:
            points, start = self._moved
            here = self._data_at(position)
            self._move(points, here.x() - start.x(), here.y() - start.y())
        elif not self._brush.isActive() and self._pressed_at is not None:
            self._band.setGeometry(QRect(self._pressed_at, position).normalized())
            is_far = (position - self._pressed_at).manhattanLength() >= QApplication.startDragDistance()
            self._band.setVisible(is_far or self._band.isVisible())

    def _release(self, position: QPoint) -> None:
        is_click = self._moved is None and not self._brush.isActive() and not self._band.isVisible()
        if self._band.isVisible():
            self._select(self._within(self._band.geometry()))
        self._end_drag()
        if is_click:
            here = self._data_at(position)
            self._add(here.x(), here.y())

    def _end_drag(self) -> None:
        self._brush.stop()
        self._band.hide()
        self._moved = self._pressed_at = None
        self.in_hand_changed.emit(False)

    def _scatter(self) -> None:
        position = self._plot.viewport().mapFromGlobal(self._plot.cursor().pos())
        here = self._data_at(position if self._brush.isActive() else self._pressed_at or position)
        wide, high = self._plot.getViewBox().viewPixelSize()
        x, y = self._random.normal(size=2) * px(BRUSH_PX)
        self._add(here.x() + x * wide, here.y() + y * high)

    # The keys

    def _is_own_key(self, event: QKeyEvent) -> bool:
        lets_go = event.key() == Qt.Key.Key_Escape and bool(self._selected.any())
        return event.key() in (*DELETE, *ARROWS) or lets_go

    def _on_key(self, event: QKeyEvent) -> bool:
        if not self._is_own_key(event):
            return False
        if event.key() == Qt.Key.Key_Escape:
            self._select(np.zeros(len(self._points), dtype=np.bool_))
        elif event.key() in ARROWS:
            wide, high = self._plot.getViewBox().viewPixelSize()
            x, y = ARROWS[Qt.Key(event.key())]
            self._move(self._points, x * wide, y * high)
        else:
            self._delete(self._selected)
        return True

    # Edits

    def _move(self, points: Points, x: float, y: float) -> None:
        if not self._selected.any() or len(points) != len(self._selected):
            return
        new_x = np.where(self._selected, self._rounded(points.x + x, 0), points.x)
        new_y = np.where(self._selected, self._rounded(points.y + y, 1), points.y)
        self._emit_edit(Points(new_x, new_y, points.held_out, points.origin, **points.names))

    def _add(self, x: float, y: float) -> None:
        points = self._points
        if len(points) >= MAX_POINTS:
            return
        new_x, new_y = self._rounded(np.array([x]), 0), self._rounded(np.array([y]), 1)
        together = np.append(points.x, new_x), np.append(points.y, new_y), np.append(points.held_out, False)
        self._selected = np.arange(len(points) + 1) == len(points)
        self._emit_edit(Points(*together, points.origin, **points.names))

    def _delete(self, places: Flags) -> None:
        """Delete points, but not the last one that is trained on."""
        left = self._points.at(~places) if (~places & ~self._points.held_out).any() else None
        if left is not None and places.any():
            self._selected = np.zeros(len(left), dtype=np.bool_)
            self._emit_edit(left)

    def _emit_edit(self, points: Points) -> None:
        is_news = points != self._points
        self._points = points
        self._select(self._selected)
        if is_news:
            self.is_emitting = True
            self.points_edited.emit(points)
            self.is_emitting = False

    def _rounded(self, values: Floats, axis: int) -> Floats:
        """Round values to the screen's resolution, and clamp them to what is allowed."""
        pixel = self._plot.getViewBox().viewPixelSize()[axis]
        largest = (LARGEST_X, LARGEST_Y)[axis]
        return np.clip(np.round(values, max(0, 1 - int(np.floor(np.log10(pixel))))), -largest, largest)

    def _select(self, selected: Flags) -> None:
        self._selected = selected
        self._ring.setVisible(bool(selected.any()))
        if selected.any():
            self._ring.setData(self._points.x[selected], self._points.y[selected])
        if not np.array_equal(self.selected, self._emitted_selection):
            self._emitted_selection = self.selected
            self.selection_changed.emit(self._emitted_selection)

    def _within(self, area: QRect) -> Flags:
        one, other = self._data_at(area.topLeft()), self._data_at(area.bottomRight())
        x, y = self._points.x, self._points.y
        wide = (x >= min(one.x(), other.x())) & (x <= max(one.x(), other.x()))
        return wide & (y >= min(one.y(), other.y())) & (y <= max(one.y(), other.y()))

    def _data_at(self, position: QPoint) -> QPointF:
        return QPointF(self._plot.getViewBox().mapSceneToView(self._plot.mapToScene(position)))

    def _text_of(self, place: int) -> str:
        text = _("sample {number}: x = {x}, y = {y}")
        if self._points.held_out[place]:
            text = _("sample {number}: x = {x}, y = {y}, held out")
        return text.format(number=place + 1, x=plain(self._points.x[place]), y=plain(self._points.y[place]))

    def _menu_of(self, place: int) -> QMenu:
        points = self._points
        menu = passing_menu(self._plot, "sampleMenu")
        menu.addAction(self._text_of(place)).setEnabled(False)
        menu.addSeparator()
        is_last = not points.held_out[place] and np.count_nonzero(~points.held_out) == 1
        flipped = points.held_out ^ (np.arange(len(points)) == place)

        def act(text: str, what: Callable[[], object], enabled: bool = True) -> None:
            menu.addAction(text, what).setEnabled(enabled)

        hold = _("Train on it") if points.held_out[place] else _("Hold it out")
        if self.offers_changes:
            act(hold, lambda: self._emit_edit(points.with_held_out(flipped)), not is_last)
            act(_("Delete"), lambda: self._delete(np.arange(len(points)) == place), not is_last)
        if points.held_out[place]:
            act(_("Held out, it makes no difference to the training"), lambda: None, False)
        elif self.offers_difference:
            act(_("What difference does it make?"), lambda: self.difference_wanted.emit(place))
        return menu
