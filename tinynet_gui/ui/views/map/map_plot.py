"""The plot of a map: picture, axes, colour scale, cross and pointer."""

from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QGridLayout, QVBoxLayout, QWidget

from tinynet_gui.core.maps.axes import MapChoice
from tinynet_gui.core.maps.outcome_map import OutcomeMap
from tinynet_gui.core.text.language import gettext as _, pgettext
from tinynet_gui.qt import single_shot
from tinynet_gui.ui.style.theme import px, small_font
from tinynet_gui.ui.views.map.colors import BAR_PX, MapAxis
from tinynet_gui.ui.views.map.map_box import Cross, MapBox
from tinynet_gui.ui.views.map.map_images import MapImages, Point, alongs_of, is_of_same_map, place_of
from tinynet_gui.ui.widgets import cards, pictures
from tinynet_gui.ui.widgets.accessibility import ENTER, caption, named
from tinynet_gui.ui.widgets.plots.plot_menu import PANS, ZOOMS, PlotMenu
from tinynet_gui.ui.widgets.plots.plot_parts import make_plot, name_axes, style_plot
from tinynet_gui.ui.widgets.touch import Touch

DEBOUNCE_MS = 80
LEFT_WIDTH, MIN_HEIGHT = 74, 96
RING_PX, RIGHT_MARGIN_PX = 11, 0
ABOVE_IMAGES = 10  # z
BY_KEYBOARD = Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason
BACK = Qt.Key.Key_Backspace, Qt.Key.Key_Home
KEYS = _(  # for screen readers
    "Arrow keys move it, plus and minus zoom, Home shows the whole map, Backspace goes back, "
    "Enter opens the run in the middle."
)


class MapPlot(QWidget):
    """Draws a map; mouse and keyboard zoom, pan, point and choose.

    Signals
    -------
    rested
        The view has changed; debounced.
    size_changed : int, int
        The picture's, in device pixels; debounced.
    pointed : Point or None
        The hovered point, or its number, has changed.
    keyed
        A key was handled, which may have moved the ring.
    chosen : Point
        By a click, a second tap, or Enter.
    back_wanted, everything_wanted
        By a double-click, or Backspace; by the menu, or Home.
    """

    rested = Signal()
    size_changed = Signal(int, int)
    pointed = Signal(object)
    keyed = Signal()
    chosen = Signal(object)
    back_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._choice: MapChoice | None = None
        self._pointer: QPointF | None = None
        self._clicked: Point | None = None
        self._kept: Point | None = None  # shown until the pointer moves
        self._is_moved = False  # whether the user has moved the view since `rested`
        self._emitted_size = 0, 0
        self._origin: tuple[float, float] | None = None
        self.box, self._left = MapBox(), MapAxis("left")
        self.plot = make_plot(MapAxis("bottom"), left_width=LEFT_WIDTH, left=self._left, view=self.box)
        self._left.setGrid(False)
        named(self.plot, "mapPlot", _("The picture of the map"))
        self.plot.setAccessibleDescription(KEYS)
        self.plot.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.images = MapImages(self.plot)
        self._cross, self._ring = Cross(self.plot, self.box, ABOVE_IMAGES), pg.ScatterPlotItem(symbol="o")
        self.cross = self._cross.item
        self._cross.put(self._ring, ABOVE_IMAGES + 2, "accent", 2.2, fill=("card", 0.4), size=RING_PX)
        self._trouble = named(caption(wraps=True), "mapTrouble", _("Why there is no picture"))
        self._legend = named(caption(), "mapKey", _("Colours outside the scale"))
        names = pgettext("direction", "right"), pgettext("direction", "up")
        self.menu = PlotMenu(self.plot, names, (self.images.as_ends,))
        self._rest = single_shot(self, DEBOUNCE_MS, self._on_rested, "mapRest")
        self._resized = single_shot(self, DEBOUNCE_MS, self._emit_size, "mapResized")
        self._click = single_shot(self, QApplication.doubleClickInterval(), self._on_clicked_once, "mapClick")

        self._lay_out()

        touch = Touch(self.plot.viewport())
        touch.tapped.connect(self._on_tapped)
        touch.moved.connect(lambda place: self._on_mouse_moved(self._scene(place)))
        touch.pinched.connect(lambda factor, at: self.box.zoom(1 / factor, self.box.mapSceneToView(self._scene(at))))
        touch.panned.connect(lambda by: self.box.pan(-by.x() / self.box.width(), by.y() / self.box.height()))
        self.box.sigRangeChanged.connect(touch.forget)
        self.plot.installEventFilter(self)
        self.plot.scene().sigMouseMoved.connect(self._on_mouse_moved)
        self.plot.scene().sigMouseClicked.connect(self._on_mouse_clicked)
        self.box.sigRangeChanged.connect(self._on_view_changed)
        self.box.moved.connect(self._on_moved)
        self.box.sigResized.connect(self._on_resized)
        self.everything_wanted = self.menu.everything_wanted
        self.menu.range_chosen.connect(self.box.look)
        self.show_theme()

    def _lay_out(self) -> None:
        self._trouble.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._legend.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._legend.setFont(small_font())
        self._legend.setMinimumWidth(BAR_PX)
        for label in (self._trouble, self._legend):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        over = QGridLayout(self.plot.viewport())
        over.setContentsMargins(LEFT_WIDTH + 20, 8, 0, 0)
        over.addWidget(self._trouble, 0, 0)
        over.addWidget(self._legend, 1, 1)
        over.setRowStretch(0, 1)
        over.setColumnStretch(0, 1)
        cards.filled(QVBoxLayout(self), self.plot, margins=(0, 0, 0, 0))
        self.setMinimumHeight(MIN_HEIGHT)

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), MIN_HEIGHT)

    def showEvent(self, event: QShowEvent) -> None:
        """Emit the size if it has changed while hidden."""
        super().showEvent(event)
        self._resized.start()

    def show_theme(self) -> None:
        style_plot(self.plot)
        self.plot.getPlotItem().setContentsMargins(*map(px, (4, 6, RIGHT_MARGIN_PX, 2)))
        self.box.show_theme()
        self._cross.show_theme()
        self.images.show_theme()
        self._write_legend()

    def show_choice(self, choice: MapChoice, labels: tuple[str, str]) -> None:
        """Adopt a map's axes and colours; the caller sets the view."""
        if self._choice is None or alongs_of(self._choice.axes) != alongs_of(choice.axes):
            self._origin = None  # its axes have gone
        self._choice = choice
        self._place_cross()
        for side, axis in zip(("bottom", "left"), choice.axes, strict=True):
            item = self.plot.getAxis(side)
            item.is_whole = axis.is_whole
            item.setLogMode(axis.is_log, axis.is_log)
        self._left.short = labels[1].removesuffix(" direction")
        name_axes(self.plot, *labels)
        self.plot.getPlotItem().setContentsMargins(*map(px, (4, 6, RIGHT_MARGIN_PX, 2)))
        self.menu.name_axes(labels)
        self._rest.start()  # other axes need another width
        self.images.show_choice(choice)
        self._write_legend()

    def show_picture(self, picture: OutcomeMap | None) -> None:
        """Draw another picture with the previous one above or below it, or none; a blank picture keeps the old one."""
        if (before := self.images.picture) is None or picture is None or not is_of_same_map(before, picture):
            self._kept = None
        self.images.show_picture(picture)
        self._write_legend()
        self._point()

    def show_trouble(self, text: str) -> None:
        """Show a message in place of picture and cross; "" for none."""
        self._trouble.setText(text)
        if text:
            self.images.clear()
            self._origin = None
            self._place_cross()
            self._write_legend()
            self._point()

    def show_origin(self, x: float, y: float) -> None:
        self._origin = x, y
        self._place_cross()

    @property
    def is_moving(self) -> bool:
        return self._is_moved and self._rest.isActive()

    @property
    def is_by_keys(self) -> bool:
        """Whether the keyboard's ring points at the map, not the mouse."""
        return self._pointer is None and self._ring.isVisible()

    def _write_legend(self) -> None:
        text = "<br>".join((*self.images.legend_lines(), "", "")[:2])  # always two, so that nothing moves
        if text != self._legend.text():
            self._legend.setText(text)

    def _place_cross(self) -> None:
        axes = () if self._choice is None or self._origin is None else self._choice.axes
        self._cross.show_place(*map(place_of, axes, self._origin or ()))

    def _on_resized(self) -> None:
        self._resized.start()
        self._place_cross()

    def _on_moved(self) -> None:
        self._is_moved = True
        self._rest.start()

    def _on_view_changed(self) -> None:
        self._kept = None
        self._rest.start()
        self._place_cross()
        self._place_ring()
        self._point()

    def _on_rested(self) -> None:
        self._is_moved = False
        self._left.make_room(LEFT_WIDTH)
        self.rested.emit()

    def _emit_size(self) -> None:
        size = round(self.box.width() * pictures.pixel_scale()), round(self.box.height() * pictures.pixel_scale())
        if self.isVisible() and size != self._emitted_size and min(size) > 1:
            self._emitted_size = size
            self.size_changed.emit(*size)

    def _on_mouse_moved(self, position: QPointF) -> None:
        self._kept = self._kept if position == self._pointer else None
        self._pointer = position if self.box.sceneBoundingRect().contains(position) else None
        if self._pointer is not None:
            self._ring.setVisible(False)
        self._point()

    def _on_tapped(self, place: QPointF, is_second: bool) -> None:
        """A first tap acts like hovering, a second one opens the point."""
        self._on_mouse_moved(self._scene(place))
        if is_second:
            self._open_pinned()

    def _scene(self, place: QPointF) -> QPointF:
        return QPointF(self.plot.mapToScene(place.toPoint()))

    def _point(self) -> None:
        self.pointed.emit(self._pointed_at())

    def _pinned_point(self) -> Point | None:
        """Keep the point whose text is shown, for that one will be opened, even if a finer map has a nearer one."""
        point = self._pointed_at()
        self._kept = None if point is None or point.number is None else point
        return point

    def _pointed_at(self) -> Point | None:
        if self._kept is not None:
            return self._kept
        at = None if self._pointer is None else self.box.mapSceneToView(self._pointer)
        if self.is_by_keys:
            at = self.box.viewRect().center()
        return None if at is None else self.images.point_at(at.x(), at.y())

    def _on_mouse_clicked(self, event: Any) -> None:
        inside = self.box.sceneBoundingRect().contains(event.scenePos())
        if event.button() != Qt.MouseButton.LeftButton or not inside:
            return
        if event.double():
            self._click.stop()
            self.back_wanted.emit()
            return
        self._on_mouse_moved(event.scenePos())
        self._clicked = self._pinned_point()
        self._click.start()

    def _open_pinned(self) -> None:
        self._clicked = self._pinned_point()
        self._on_clicked_once()

    def _on_clicked_once(self) -> None:
        if self._clicked is not None:
            self.chosen.emit(self._clicked)

    def eventFilter(self, watched: Any, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and _is_own_key(event):
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()  # the window gets no shortcut
            elif event.type() == QEvent.Type.KeyPress:
                self._take_key(Qt.Key(event.key()))
            return True
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._resized.start()
        if isinstance(event, QFocusEvent):
            self._show_ring(event.gotFocus() and event.reason() in BY_KEYBOARD)
        if event.type() == QEvent.Type.Leave:
            self._pointer = self._kept = None
            self._point()
        return False

    def _take_key(self, key: Qt.Key) -> None:
        if key in PANS:
            self.box.pan(*PANS[key])
        elif key in ZOOMS:
            self.box.zoom(ZOOMS[key])
        elif key == Qt.Key.Key_Backspace:
            self.back_wanted.emit()
        elif key == Qt.Key.Key_Home:
            self.everything_wanted.emit()
        else:
            self._pointer = None
            self._ring.setVisible(True)
            self._open_pinned()
        self._show_ring(True)
        self.keyed.emit()

    def _show_ring(self, is_shown: bool) -> None:
        """Show or hide the ring in the middle, whose point Enter chooses."""
        self._ring.setVisible(is_shown)
        self._place_ring()
        self._point()

    def _place_ring(self) -> None:
        middle = self.box.viewRect().center()
        self._ring.setData(pos=[(middle.x(), middle.y())])


def _is_own_key(event: QKeyEvent) -> bool:
    """Whether a key without modifiers zooms, pans, goes back, fits or opens."""
    alone = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier  # with Shift for a plus
    return not event.modifiers() & ~alone and event.key() in (*PANS, *ZOOMS, *ENTER, *BACK)
