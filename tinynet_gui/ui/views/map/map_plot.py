"""The picture of a map: axes, colours and their scale, the cross, the pointer."""

from typing import Any, NamedTuple

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction, QFocusEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QGridLayout, QLabel, QVBoxLayout, QWidget

from tinynet_gui.core.maps.choice import MapChoice
from tinynet_gui.core.maps.colors import COLORS
from tinynet_gui.core.maps.outcome_map import Picture
from tinynet_gui.core.wording.map_text import color_text, infinite_text, no_number_text
from tinynet_gui.single_shot import single_shot
from tinynet_gui.ui.style.theme import Theme, map_ramp, small_font
from tinynet_gui.ui.style.zoom import px
from tinynet_gui.ui.views.map.color_bar import BAR_PX, ColorBar
from tinynet_gui.ui.views.map.map_axis import MapAxis
from tinynet_gui.ui.views.map.map_box import MapBox
from tinynet_gui.ui.views.map.palette import (
    Bytes,
    Floats,
    contours,
    draw_lines,
    heights_of,
    levels_in,
    painted,
    usual_ends,
)
from tinynet_gui.ui.views.map.pictures import Point, Stack, ends_of, is_blank, is_of_same_kind, is_of_same_map, place_of
from tinynet_gui.ui.widgets.keys import ENTER
from tinynet_gui.ui.widgets.naming import caption, in_role, named
from tinynet_gui.ui.widgets.pictures.picture_scale import pixel_scale
from tinynet_gui.ui.widgets.plots.plot_menu import PlotMenu
from tinynet_gui.ui.widgets.plots.plot_parts import dress, line_pen, make_plot, name_axes
from tinynet_gui.ui.widgets.plots.range_dialog import Ends, RangeDialog

REST_MS = 80  # after the last change of the view, or of the size
LEFT_WIDTH, LEAST_HEIGHT = 74, 96
CROSS_PX, RING_PX, RIGHT_MARGIN_PX = 13, 11, 0
FAINT = 0.35  # opacity
LEAST_SHARE = 0.5  # of the numbers, within the scale
PAN, ZOOM = 0.1, 0.74  # of the view, with a key
PANS = {
    Qt.Key.Key_Left: (-PAN, 0.0),
    Qt.Key.Key_Right: (PAN, 0.0),
    Qt.Key.Key_Up: (0.0, PAN),
    Qt.Key.Key_Down: (0.0, -PAN),
}
ZOOMS = {Qt.Key.Key_Plus: ZOOM, Qt.Key.Key_Equal: ZOOM, Qt.Key.Key_Minus: 1 / ZOOM}
BY_KEYBOARD = Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason


class _Drawn(NamedTuple):
    picture: Picture
    heights: Floats


class MapPlot(QWidget):
    """Draws pictures of a map; the mouse and the keyboard zoom, pan, point and choose.

    Attributes
    ----------
    box
        What is in view.
    bar
        The scale of the colours.

    Signals
    -------
    rested
        The view has changed, and rests.
    size_changed : int, int
        Of the picture, in pixels of the screen; once it rests.
    pointed : Point or None
        Another point is under the pointer, or more is known of it.
    chosen : Point
        A click, or Enter.
    back_wanted
        A double-click, or Backspace.
    everything_wanted
        Show the whole map.
    """

    rested = Signal()
    size_changed = Signal(int, int)
    pointed = Signal(object)
    chosen = Signal(object)
    back_wanted = Signal()
    everything_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._choice: MapChoice | None = None
        self._stack, self._drawn = Stack(), list[_Drawn]()
        self._of: Picture | None = None  # whose numbers the scale was fitted to
        self._is_finally_fitted = False
        self._pointer: QPointF | None = None
        self._clicked: Point | None = None
        self._told_size = 0, 0
        self._origin: tuple[float, float] | None = None
        self.box, self._left = MapBox(), MapAxis("left")
        self.plot = make_plot(MapAxis("bottom"), left_width=LEFT_WIDTH, left=self._left, view=self.box)
        self.plot.showGrid(x=False, y=False)
        named(self.plot, "mapPlot", "The picture of the map")
        self.plot.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.bar = ColorBar(self.plot.getPlotItem())
        self._images = [pg.ImageItem(axisOrder="row-major") for _ in range(2)]
        self._halo, self._cross, self._ring = (pg.ScatterPlotItem() for _ in range(3))
        for z, item in enumerate((*self._images, self._halo, self._cross, self._ring)):
            item.setZValue(z)
            self.box.addItem(item, ignoreBounds=True)
        self._trouble = in_role(named(QLabel(), "mapTrouble", "Why there is no picture"), "caption")
        self._key = named(caption(), "mapKey", "Colours outside the scale")
        ends = QAction("Ends of the colours …", self)
        self.menu = PlotMenu(self.plot, ("right", "up"), (ends,))
        self._rest = single_shot(self, REST_MS, self._on_rested, "mapRest")
        self._resized = single_shot(self, REST_MS, self._tell_size, "mapResized")
        self._click = single_shot(self, QApplication.doubleClickInterval(), self._on_clicked_once, "mapClick")

        self._lay_out()

        self.plot.installEventFilter(self)
        self.plot.scene().sigMouseMoved.connect(self._on_mouse_moved)
        self.plot.scene().sigMouseClicked.connect(self._on_mouse_clicked)
        self.box.sigRangeChanged.connect(self._on_view_changed)
        self.box.sigResized.connect(self._on_resized)
        self.bar.ends_dragged.connect(self.show_ends)
        self.bar.fit_wanted.connect(self.fit_ends)
        ends.triggered.connect(self._ask_for_ends)
        self.menu.everything_wanted.connect(self.everything_wanted)
        self.menu.range_chosen.connect(self.box.look)
        self._ring.setVisible(False)
        self._show_ends(None)
        self.show_theme(theme)

    def _lay_out(self) -> None:
        self._trouble.setWordWrap(True)
        self._trouble.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._key.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._key.setFont(small_font())
        self._key.setFixedWidth(BAR_PX)
        for label in (self._trouble, self._key):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        over = QGridLayout(self.plot.viewport())
        over.setContentsMargins(LEFT_WIDTH, 8, 0, 0)
        over.addWidget(self._trouble, 0, 0)
        over.addWidget(self._key, 1, 1)
        over.setRowStretch(0, 1)
        over.setColumnStretch(0, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.plot)
        self.setMinimumHeight(LEAST_HEIGHT)

    def sizeHint(self) -> QSize:
        """As low as possible: it gets the room that is left."""
        return QSize(super().sizeHint().width(), LEAST_HEIGHT)

    def showEvent(self, event: QShowEvent) -> None:
        """Tell the size, if it is another one than when it was last in sight."""
        super().showEvent(event)
        self._resized.start()

    def show_theme(self, theme: Theme) -> None:
        """Take on the colours of a theme."""
        self._theme = theme
        dress(self.plot, theme)
        self.plot.getPlotItem().setContentsMargins(*map(px, (4, 6, RIGHT_MARGIN_PX, 2)))
        self.box.show_theme(theme)
        self.bar.show_theme(theme)
        for item, color, width in ((self._halo, "card", 4.5), (self._cross, "ink", 1.8)):
            item.setSymbol("+")
            item.setSize(px(CROSS_PX))
            item.setPen(line_pen(theme, color, width))
        self._ring.setSymbol("o")
        self._ring.setSize(px(RING_PX))
        self._ring.setPen(line_pen(theme, "accent", 2.2))
        self._ring.setBrush(theme.color("card", 0.4))
        self._paint()

    def show_choice(self, choice: MapChoice, labels: tuple[str, str]) -> None:
        """Take the axes and colours of a map; what is in view is another's business."""
        self._choice = choice
        for side, axis in (("bottom", choice.x), ("left", choice.y)):
            item = self.plot.getAxis(side)
            item.is_whole = axis.is_whole
            item.setLogMode(axis.is_log, axis.is_log)
        name_axes(self.plot, *labels)
        self.plot.getPlotItem().setContentsMargins(*map(px, (4, 6, RIGHT_MARGIN_PX, 2)))
        self.menu.name_axes(labels)
        self._rest.start()  # other axes need another width
        self.bar.show_color(COLORS[choice.color], color_text(choice))
        if self._stack.newest is not None and not _shows(self._stack.newest, choice):
            self.show_picture(None)
        self._paint()

    def show_picture(self, picture: Picture | None) -> None:
        """Draw a newer picture, over or under the one before; or none. Before anything is known the old one stays."""
        if picture is not None and is_blank(picture):
            return
        self._stack = self._stack.with_picture(picture)
        known = {id(drawn.picture): drawn for drawn in self._drawn}
        self._drawn = [known.get(id(each)) or _Drawn(each, _heights(each)) for each in self._stack.upwards]
        if picture is not None:
            self._fit_to(picture)
        self._paint()
        self._point()

    def show_origin(self, x: float, y: float) -> None:
        """Draw the cross of the present setting or moment, if it is in view."""
        self._origin = x, y
        self._place_cross()

    def show_trouble(self, text: str) -> None:
        """Show a text in place of a picture; "" for none."""
        self._trouble.setText(text)
        if text:
            self.show_picture(None)
            self._of = None
            self._show_ends(None)

    def show_faint(self, is_faint: bool) -> None:
        """Draw it faintly, or as usual."""
        for image in self._images:
            image.setOpacity(FAINT if is_faint else 1.0)

    @property
    def is_moving(self) -> bool:
        """Whether the view has changed and does not rest yet."""
        return self._rest.isActive()

    @property
    def ends(self) -> Ends | None:
        """The ends of the scale of colours, in heights."""
        return self.bar.ends

    @Slot(object)
    def show_ends(self, ends: Ends) -> None:
        """Draw in other colours."""
        self._is_finally_fitted = True
        self._show_ends(ends)
        self._paint()

    @Slot()
    def fit_ends(self) -> None:
        """Fit the colours to the newest picture."""
        if self._stack.newest is not None:
            self._of = None
            self._fit_to(self._stack.newest)
            self._paint()

    def colors(self) -> list[Bytes]:
        """Return what is drawn, from the lowest to the topmost: RGBA of shape (height, width, 4)."""
        return [image.image for image in self._images if image.isVisible()]

    def cross(self) -> tuple[float, float] | None:
        """Return the place of the cross on the axes, or None if it is not drawn."""
        x, y = self._cross.getData()
        return (float(x[0]), float(y[0])) if len(x) else None

    def _fit_to(self, picture: Picture) -> None:
        """Fit the colours to the first picture of a map, and once more when it is finished.

        Those of another moment of the training are drawn in the same colours as long as half of them have one.
        """
        color, heights = COLORS[picture.color], next(each.heights for each in self._drawn if each.picture is picture)
        is_new = self._of is None or self.ends is None or not is_of_same_kind(self._of, picture)
        if not is_new and self._of is not None and not is_of_same_map(self._of, picture):
            is_new = _share_within(heights, self.ends) < LEAST_SHARE
            self._of = picture
        if is_new or (picture.spacing == 1 and not self._is_finally_fitted):
            ends = usual_ends(heights, color)
            self._of, self._is_finally_fitted = picture, picture.spacing == 1
            self._show_ends(ends)

    def _show_ends(self, ends: Ends | None) -> None:
        outside = self._theme.color("diverged")
        self.bar.show_ends(ends, map_ramp(), np.array(outside.getRgb(), np.uint8))

    def _paint(self) -> None:
        if self.ends is not None:
            self._show_ends(self.ends)  # in the colours of this theme
        for image, drawn in zip(self._images, (*self._drawn, None, None), strict=False):
            image.setVisible(drawn is not None)
            if drawn is not None:
                self._paint_on(image, *drawn)
        self._write_key()

    def _paint_on(self, image: pg.ImageItem, picture: Picture, heights: Floats) -> None:
        ends, outside = self.ends or Ends(0.0, 1.0), np.array(self._theme.color("diverged").getRgb(), np.uint8)
        colors = painted(heights, ends, map_ramp(), outside)
        if self._choice is not None and self._choice.has_contours:
            draw_lines(colors, contours(heights, levels_in(ends, is_log=COLORS[picture.color].is_log)))
        image.setImage(colors, autoLevels=False)
        x, y = ends_of(picture)
        image.setRect(QRectF(x.low, y.low, x.high - x.low, y.high - y.low))

    def _write_key(self) -> None:
        """Say what the colours outside the scale mean, below it: always in two lines."""
        lines, choice = [], self._choice
        if choice is not None and any(bool(np.isposinf(heights).any()) for _, heights in self._drawn):
            lines.append(f'<span style="color:{self._theme.diverged}">■</span> {infinite_text(choice)}')
        finished = [heights for picture, heights in self._drawn if picture.spacing == 1]
        if choice is not None and no_number_text(choice) and any(bool(np.isnan(each).any()) for each in finished):
            lines.append("□ never")
        self._key.setText("<br>".join((*lines, "", "")[:2]))

    def _place_cross(self) -> None:
        if self._choice is None or self._origin is None:
            return
        axes = zip((self._choice.x, self._choice.y), self._origin, self.box.view, strict=True)
        places = [(place_of(axis, value), ends) for axis, value, ends in axes]
        is_inside = all(ends.low <= place <= ends.high for place, ends in places)
        spots = [tuple(place for place, _ in places)] * is_inside
        for item in (self._halo, self._cross):
            item.setData(pos=spots)

    def _on_view_changed(self) -> None:
        self._rest.start()
        self._place_cross()
        self._place_ring()
        self._point()

    @Slot()
    def _on_rested(self) -> None:
        self._left.make_room(LEFT_WIDTH)
        self.rested.emit()

    def _on_resized(self) -> None:
        self._resized.start()

    @Slot()
    def _tell_size(self) -> None:
        size = round(self.box.width() * pixel_scale()), round(self.box.height() * pixel_scale())
        if self.isVisible() and size != self._told_size and min(size) > 1:
            self._told_size = size
            self.size_changed.emit(*size)

    def _on_mouse_moved(self, position: QPointF) -> None:
        self._pointer = position if self.box.sceneBoundingRect().contains(position) else None
        self._point()

    def _point(self) -> None:
        """Say what is under the pointer, or under the ring."""
        at = None if self._pointer is None else self.box.mapSceneToView(self._pointer)
        if at is None and self._ring.isVisible():
            at = self.box.viewRect().center()
        self.pointed.emit(None if at is None else self._stack.point_at(at.x(), at.y()))

    def _on_mouse_clicked(self, event: Any) -> None:
        inside = self.box.sceneBoundingRect().contains(event.scenePos())
        if event.button() != Qt.MouseButton.LeftButton or not inside:
            return
        if event.double():
            self._click.stop()
            self.back_wanted.emit()
            return
        at = self.box.mapSceneToView(event.scenePos())
        self._clicked = self._stack.point_at(at.x(), at.y())
        self._click.start()

    @Slot()
    def _on_clicked_once(self) -> None:
        if self._clicked is not None:
            self.chosen.emit(self._clicked)

    def eventFilter(self, watched: Any, event: QEvent) -> bool:
        """Take keys, follow the focus, and notice when the pointer leaves."""
        if isinstance(event, QKeyEvent) and _takes(event):
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()  # it is no shortcut of the window
            elif event.type() == QEvent.Type.KeyPress:
                self._take_key(Qt.Key(event.key()))
            return True
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._resized.start()
        if isinstance(event, QFocusEvent):
            self._show_ring(event.gotFocus() and event.reason() in BY_KEYBOARD)
        if event.type() == QEvent.Type.Leave:
            self._pointer = None
            self._point()
        return False

    def _take_key(self, key: Qt.Key) -> None:
        if key in PANS:
            self.box.pan(*PANS[key])
        elif key in ZOOMS:
            self.box.zoom(ZOOMS[key])
        elif key == Qt.Key.Key_Backspace:
            self.back_wanted.emit()
        else:
            middle = self.box.viewRect().center()
            if (point := self._stack.point_at(middle.x(), middle.y())) is not None:
                self.chosen.emit(point)
        self._show_ring(True)

    def _show_ring(self, is_shown: bool) -> None:
        """Show the ring in the middle, whose point Enter chooses."""
        self._ring.setVisible(is_shown)
        self._place_ring()
        self._point()

    def _place_ring(self) -> None:
        middle = self.box.viewRect().center()
        self._ring.setData(pos=[(middle.x(), middle.y())])

    @Slot()
    def _ask_for_ends(self) -> None:
        if self._choice is None or self.ends is None:
            return
        is_log = COLORS[self._choice.color].is_log
        title = "Ends of the colours"
        dialog = RangeDialog((color_text(self._choice),), (self.ends,), (is_log,), self.window(), title=title)
        dialog.chosen.connect(lambda ends: self.show_ends(ends[0]))
        dialog.open()


def _takes(event: QKeyEvent) -> bool:
    """Whether a key, alone, zooms, pans, goes back or opens."""
    alone = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier  # with Shift for a plus
    return not event.modifiers() & ~alone and event.key() in (*PANS, *ZOOMS, *ENTER, Qt.Key.Key_Backspace)


def _heights(picture: Picture) -> Floats:
    return heights_of(picture.pixels(), COLORS[picture.color])


def _share_within(heights: Floats, ends: Ends | None) -> float:
    """Return how many of the finite heights lie between two ends."""
    finite = heights[np.isfinite(heights)]
    inside = False if ends is None else (ends.low <= finite) & (finite <= ends.high)
    return float(np.mean(inside)) if len(finite) else 1.0


def _shows(picture: Picture, choice: MapChoice) -> bool:
    x, y = picture.plane.axes
    same_color = picture.color == choice.color and (picture.limit == choice.limit or choice.color != "reached")
    return same_color and (x.along, y.along) == (choice.x.along, choice.y.along)
