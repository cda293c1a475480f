"""The slider itself: marks above the line, round steps below it, and a range that can be looped."""

from collections.abc import Sequence
from functools import partial
from typing import Literal

from PySide6 import QtGui
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtWidgets import QAbstractSlider, QSizePolicy, QToolTip

from tinynet_gui.core.run.marks import Mark
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.ui.style.theme import drawn_at, target_px, whole_px, zoom
from tinynet_gui.ui.views.time_line import track_picture
from tinynet_gui.ui.widgets import accessibility
from tinynet_gui.ui.widgets.drawn_parts import DrawnPart, DrawnParts

End = Literal[0, 1]

SIDE = 12.0  # px at both ends, so that the glyphs there fit
MARKS_END = 14.0  # px from the top: a press above this can hit a mark
REACH = 3.0  # px: the tolerance of hit tests
MIN_WIDTH = 100
PAGE, NOTCH = 0.1, 0.01  # steps of Page up and down, and of the wheel, as shares of the line
TIP_FRAME = 36  # px: a tooltip's frame, and its distance from the requested position
NOTCH_ANGLE = 120  # eighths of a degree, as in Qt
TOOLTIP = _(
    "Drag or click to look at an earlier step. A click on a mark goes to its step.\n"
    "Keys: Left and Right by one step, with Ctrl to the next mark, Page up and Page down by a tenth of the "
    "line, Home, End"
)


class Track(QAbstractSlider):
    """Shows a step of a run, and lets the user choose it. Its range is the run's; its value the current step.

    `step_wanted` and `loop_wanted` (the user has dragged an end of the range) are already shown.
    """

    step_wanted = Signal(int)
    loop_wanted = Signal(object)

    def __init__(self) -> None:
        super().__init__(maximum=0, orientation=Qt.Orientation.Horizontal)
        accessibility.named(self, "timeLineTrack", _("Time line: the step that is looked at"), TOOLTIP)
        self.marks: tuple[Mark, ...] = ()  # the marks, by step
        self._is_log = False
        self.loop: track_picture.Loop | None = None  # the looped stretch shown
        self._dragged: End | Literal["value"] | None = None
        self._mouse_x: float | None = None
        self._hovered: track_picture.Glyph | None = None
        self._angle = 0  # of the wheel: the rest below a notch
        self._placed: track_picture.TrackLayout | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._a11y = DrawnParts(self, "timeLineMarks", _("Marks"), lambda: len(self.marks), self._accessible_mark)
        self._value_throttle = accessibility.AccessibilityThrottle(self, self._notify_value)

    @property
    def scale(self) -> track_picture.TimeScale:
        """Maps steps to positions, in px at a zoom of 1, like all positions in the track."""
        return track_picture.TimeScale(self.maximum(), SIDE, max(self._room - SIDE, SIDE + 1), self._is_log)

    @property
    def _room(self) -> float:
        return self.width() / zoom().scale

    @property
    def glyphs(self) -> tuple[track_picture.Glyph, ...]:
        return self._layout()[1]

    @property
    def ticks(self) -> tuple[track_picture.Tick, ...]:
        return self._layout()[2]

    def show_run(self, last_step: int, marks: Sequence[Mark]) -> None:
        if last_step == self.maximum() and tuple(marks) == self.marks:
            return
        self.marks = tuple(marks)
        self._placed = None
        self.setMaximum(last_step)
        self._a11y.notify_later()
        self.update()

    def show_log(self, is_log: bool) -> None:
        """Use a logarithmic scale, which gives the first steps more space."""
        self._is_log, self._placed = is_log, None
        self.update()

    def show_loop(self, loop: track_picture.Loop | None) -> None:
        self.loop = loop
        self.update()

    def show_theme(self) -> None:
        self._placed = None
        self.updateGeometry()

    def want(self, step: int) -> None:
        """Go to a step as if the user had, and announce its marks."""
        step = min(max(step, 0), self.maximum())
        if step != self.value():
            self.setValue(step)
            self._notify_value()
            self.step_wanted.emit(step)
            words = "; ".join(mark.text for mark in self.marks if mark.step == step)
            accessibility.announce(self, words, topic=accessibility.PLACE)

    def setValue(self, step: int) -> None:
        """Show a step; the announcement to screen readers is throttled."""
        if step != self.value():
            with accessibility.accessibility_muted(), QSignalBlocker(self):
                super().setValue(step)
            self.valueChanged.emit(step)
            self._value_throttle.notify_later()

    def _notify_value(self) -> None:
        QtGui.QAccessible.updateAccessibility(QtGui.QAccessibleValueChangeEvent(self, self.value()))

    def next_mark(self, way: Literal[-1, 1]) -> int:
        """Return the step of the next mark before or after the current step, or the end of the line."""
        steps = {0, *(mark.step for mark in self.marks), self.maximum()}
        there = [step for step in steps if (step - self.value()) * way > 0]
        return min(there, key=lambda step: abs(step - self.value()), default=self.value())

    def sizeHint(self) -> QSize:
        height = whole_px(track_picture.TEXT_Y + QtGui.QFontMetricsF(track_picture.tick_font()).height())
        return QSize(3 * whole_px(MIN_WIDTH), max(height, target_px()))

    def minimumSizeHint(self) -> QSize:
        return QSize(whole_px(MIN_WIDTH), self.sizeHint().height())

    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:
        self._placed = None
        super().resizeEvent(event)

    def keyPressEvent(self, event: QtGui.QKeyEvent) -> None:
        step, scale = self.value(), self.scale
        is_far = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        match event.key():
            case Qt.Key.Key_Left | Qt.Key.Key_Down:
                self.want(self.next_mark(-1) if is_far else step - 1)
            case Qt.Key.Key_Right | Qt.Key.Key_Up:
                self.want(self.next_mark(1) if is_far else step + 1)
            case Qt.Key.Key_PageDown:
                self.want(scale.moved(step, -PAGE))
            case Qt.Key.Key_PageUp:
                self.want(scale.moved(step, PAGE))
            case Qt.Key.Key_Home:
                self.want(0)
            case Qt.Key.Key_End:
                self.want(self.maximum())
            case _:
                event.ignore()

    def wheelEvent(self, event: QtGui.QWheelEvent) -> None:
        """Move by a hundredth of the line per notch: up is later, as with any slider."""
        self._angle += event.angleDelta().y() or event.angleDelta().x()
        notches = int(self._angle / NOTCH_ANGLE)  # towards 0: the rest has the same direction
        self._angle -= notches * NOTCH_ANGLE
        if notches:
            self.want(self.scale.moved(self.value(), notches * NOTCH))
        event.accept()

    def mousePressEvent(self, event: QtGui.QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        position = drawn_at(event.position())
        self._dragged = self._loop_end_at(position)
        if self._dragged is not None:
            return
        if (glyph := self._glyph_at(position)) is not None:
            self.want(glyph.nearest(self.scale, position.x()))
        else:
            self._dragged = "value"
            self.want(self.scale.step_at(position.x()))

    def mouseMoveEvent(self, event: QtGui.QMouseEvent) -> None:
        position = drawn_at(event.position())
        self._mouse_x = position.x()
        self._hovered = self._glyph_at(position) if self._dragged is None else None
        shapes = Qt.CursorShape
        is_at_end = self._loop_end_at(position) is not None or self._dragged in (0, 1)
        elsewhere = shapes.ArrowCursor if self._hovered is None else shapes.PointingHandCursor
        self.setCursor(shapes.SizeHorCursor if is_at_end else elsewhere)
        self._drag_to(self.scale.step_at(position.x()))
        self.update()

    def mouseReleaseEvent(self, event: QtGui.QMouseEvent) -> None:
        self._dragged = None

    def leaveEvent(self, event: QEvent) -> None:
        self._mouse_x = self._hovered = None
        self.update()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QtGui.QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            text, around = self.tooltip_at(QPointF(event.pos())), QRect(event.x() - 2, 0, 5, self.height())
            above = (text.count("\n") + 1) * self.fontMetrics().lineSpacing() + whole_px(TIP_FRAME)
            place = QPoint(event.globalX(), self.mapToGlobal(QPoint(0, 0)).y() - above)
            QToolTip.showText(place, text, self, around)  # the text changes with the place
            return True
        return super().event(event)

    def tooltip_at(self, position: QPointF) -> str:
        """Return the tooltip at a position: its marks, or its step and what can be done."""
        position = drawn_at(position)
        if (glyph := self._glyph_at(position)) is not None:
            return accessibility.literal_tooltip(glyph.text)
        return _("step {step}").format(step=count_text(self.scale.step_at(position.x()))) + "\n" + self.toolTip()

    def _drag_to(self, step: int) -> None:
        if self._dragged == "value":
            self.want(step)
        elif self._dragged is not None and self.loop is not None:
            first, last = self.loop
            first, last = (min(step, last - 1), last) if self._dragged == 0 else (first, max(step, first + 1))
            if (first, last) != self.loop:
                self.show_loop((first, last))
                self.loop_wanted.emit(self.loop)

    def _loop_end_at(self, position: QPointF) -> End | None:
        """Return the end of the loop under the mouse; the handles are outside of the range."""
        if self.loop is None or abs(position.y() - track_picture.LINE_Y) > track_picture.HANDLE + REACH:
            return None
        first, last = (self.scale.x_of(step) for step in self.loop)
        if first - track_picture.LOOP_HANDLE - REACH <= position.x() <= first:
            return 0
        return 1 if last <= position.x() <= last + track_picture.LOOP_HANDLE + REACH else None

    def _glyph_at(self, position: QPointF) -> track_picture.Glyph | None:
        if position.y() > MARKS_END:
            return None
        near = [glyph for glyph in self.glyphs if abs(glyph.x - position.x()) <= glyph.radius + REACH]
        return min(near, key=lambda glyph: abs(glyph.x - position.x()), default=None)

    def _accessible_mark(self, place: int) -> DrawnPart:
        mark, scale = self.marks[place], zoom().scale
        x = scale * self.scale.x_of(mark.step)
        where = QRectF(x - scale * track_picture.ROOM, 0, 2 * scale * track_picture.ROOM, scale * MARKS_END).toRect()
        says = _("step {step}: {what}").format(step=count_text(mark.step), what=mark.text)
        return DrawnPart(says, "", where, mark.step == self.value(), partial(self.want, mark.step))

    def _layout(self) -> track_picture.TrackLayout:
        """Return the layout, cached by run, scale and width."""
        if self._placed is None:
            scale, width_of = self.scale, QtGui.QFontMetricsF(track_picture.tick_font()).horizontalAdvance
            ticks = track_picture.ticks_of(scale, width_of, (0.0, self._room))
            self._placed = scale, track_picture.glyphs_of(self.marks, scale), ticks
        return self._placed

    def paintEvent(self, event: QtGui.QPaintEvent) -> None:
        with QtGui.QPainter(self) as painter:
            painter.scale(zoom().scale, zoom().scale)
            picture = track_picture.TrackPicture(
                *self._layout(), self.value(), self.loop, self._hovered, self._mouse_x, self.hasFocus()
            )
            picture.paint(painter)
