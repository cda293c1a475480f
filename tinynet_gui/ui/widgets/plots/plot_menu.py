"""The context menu of a plot, the dialog for its range, and navigation by keys and touch."""

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from PySide6.QtCore import QElapsedTimer, QEvent, QObject, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QGridLayout, QLabel, QLineEdit, QMenu, QWidget

from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.numbers import typed
from tinynet_gui.core.text.typed_numbers import TypedNumberError, typed_real
from tinynet_gui.ui.style.theme import FINGER
from tinynet_gui.ui.widgets.accessibility import ARROWS, announce, in_role, keep_key, named
from tinynet_gui.ui.widgets.cards import add_actions_around
from tinynet_gui.ui.widgets.dialogs import Button, Dialog
from tinynet_gui.ui.widgets.fields.refusals import mark_invalid, tie
from tinynet_gui.ui.widgets.plots.plot_parts import Plot
from tinynet_gui.ui.widgets.touch import Touch

LARGEST = 1e6  # the largest absolute value that a plot can show
DIGITS = 6  # of the view's ends in the dialog


class Range(NamedTuple):
    low: float
    high: float


class RangeDialog(Dialog):
    """Asks for the range of x, or of x and y; stays open while an end is no number, or `refusal` returns an error.

    `chosen` is in the plot's coordinates: for a logarithmic axis the exponents of ten, though the user types the
    numbers.
    """

    chosen = Signal(object)

    def __init__(
        self,
        names: tuple[str, ...],
        ends: tuple[Range, ...],
        is_log: tuple[bool, ...],
        parent: QWidget | None = None,
        *,
        title: str = _("Visible range"),
        refusal: Callable[[tuple[Range, ...]], str] = lambda _: "",
    ) -> None:
        super().__init__("rangeDialog", title, parent, deleted_when_closed=True)
        self._names, self._ends, self._is_log, self._refusal = names, ends, is_log, refusal
        self._fields: list[tuple[QLineEdit, QLineEdit]] = []
        grid = QGridLayout(self)
        for row, (name, (low, high), log) in enumerate(zip(names, ends, is_log, strict=True)):
            grid.addWidget(QLabel(name), row, 0)
            fields = []
            for column, (end, word, says, value) in enumerate(
                (("From", _("from"), _("{axis} from"), low), ("To", _("to"), _("{axis} to"), high))
            ):
                field = named(QLineEdit(), f"range{'XY'[row]}{end}", says.format(axis=name))
                field.setText(_rounded(value, log))
                grid.addWidget(QLabel(word), row, 1 + 2 * column)
                grid.addWidget(field, row, 2 + 2 * column)
                fields.append(field)
            self._fields.append((fields[0], fields[1]))
        self._error = in_role(named(QLabel(" "), "rangeError", _("Error in the range")), "error")  # reserves the line
        for field in (field for fields in self._fields for field in fields):
            tie(field, self._error)
        grid.addWidget(self._error, len(names), 0, 1, 5)
        grid.addWidget(self.make_buttons(Button.Ok | Button.Cancel), len(names) + 1, 0, 1, 5)

    def accept(self) -> None:
        ends, reason = list[Range](), ""
        for row, fields in enumerate(self._fields):
            refusal = ""
            try:
                ends.append(self._read(row))
            except ValueError as error:
                refusal = str(error)
            for field in fields:
                mark_invalid(field, refusal)
            reason = reason or refusal
        if not reason and (reason := self._refusal(tuple(ends))):
            announce(self, reason, True)
        self._error.setText(reason or " ")
        if not reason:
            self.chosen.emit(tuple(ends))
            super().accept()

    def _read(self, row: int) -> Range:
        name, is_log = self._names[row], self._is_log[row]
        values = []
        for field, end in zip(self._fields[row], self._ends[row], strict=True):
            if field.text() == _rounded(end, is_log):
                values.append(10.0**end if is_log else end)  # the unrounded end
                continue
            try:
                value = typed_real(field.text())
            except TypedNumberError as error:
                raise ValueError(f"{name}: {error}.") from None
            if not math.isfinite(value) or abs(value) > LARGEST or (is_log and value < 1 / LARGEST**2):
                allowed = _("10⁻¹² to 1,000,000") if is_log else _("−1,000,000 to 1,000,000")
                refusal = _("{name}: {text} is not allowed: {allowed}.")
                raise ValueError(refusal.format(name=name, text=field.text()[:20], allowed=allowed))
            values.append(value)
        if not values[0] + 1e-6 * max(1.0, abs(values[0])) < values[1] and not (is_log and values[0] < values[1]):
            raise ValueError(_("{name}: the range has to end above its beginning.").format(name=name))
        return Range(*(math.log10(value) for value in values)) if is_log else Range(*values)


def _rounded(end: float, is_log: bool) -> str:
    return typed(float(f"{10.0**end if is_log else end:.{DIGITS}g}"))


class PlotMenu(QObject):
    """The context menu of a plot, with `extra` actions of this plot alone.

    `menu_at` returns another menu for the item at a position of the plot's viewport, or for the keyboard's selection.
    `range_chosen` is in the plot's coordinates: for a logarithmic axis the exponents of ten.
    """

    everything_wanted = Signal()
    range_chosen = Signal(object, object)

    def __init__(
        self,
        plot: Plot,
        names: tuple[str, str],
        extra: Sequence[QAction] = (),
        menu_at: Callable[[QPoint | None], QMenu | None] = lambda _: None,
    ) -> None:
        super().__init__(plot)
        self._menu_at = menu_at
        self._plot, self._names = plot, names
        self.menu = QMenu(plot)
        self.menu.setObjectName("plotMenu")
        self.menu.addAction(_("Show everything"), self.everything_wanted.emit)
        self.menu.addAction(_("Visible range …"), self.ask_for_range)
        self.menu.addActions(list(extra))
        self.attach(plot)

    def attach(self, plot: Plot) -> None:
        """Handle a plot's context menu, by mouse, long press or key; several plots of a card may share one."""
        plot.has_menu = True
        plot.menu_wanted.connect(self._open)
        plot.scene().sigMouseClicked.connect(self._on_mouse_clicked)  # a drag of the right button zooms

    def name_axes(self, names: tuple[str, str]) -> None:
        self._names = names

    def ask_for_range(self) -> None:
        is_log = tuple(bool(self._plot.getAxis(side).logMode) for side in ("bottom", "left"))
        x, y = (Range(float(low), float(high)) for low, high in self._plot.getViewBox().viewRange())
        dialog = RangeDialog(self._names, (x, y), (is_log[0], is_log[1]), self._plot.window())
        dialog.chosen.connect(lambda ends: self.range_chosen.emit(*ends))
        dialog.open()

    def _on_mouse_clicked(self, event: Any) -> None:
        if event.button() == Qt.MouseButton.RightButton:
            self._open(event.screenPos().toPoint())

    def _open(self, position: QPoint | None) -> None:
        viewport = self._plot.viewport()
        own = self._menu_at(None if position is None else viewport.mapFromGlobal(position))
        middle = viewport.mapToGlobal(viewport.rect().center())
        if own is None:
            add_actions_around(self.menu, self._plot)
        (own or self.menu).popup(middle if position is None else position)


PAN, ZOOM = 0.1, 0.74  # per key press, relative to the view
PANS = {key: (PAN * right, PAN * up) for key, (right, up) in ARROWS.items()}
ZOOMS = {Qt.Key.Key_Plus: ZOOM, Qt.Key.Key_Equal: ZOOM, Qt.Key.Key_Minus: 1 / ZOOM}
MOUSE = 2  # px: pyqtgraph's click radius for the mouse
FINEST, WIDEST = 1e-6, 1e12  # a range's least width relative to its ends; its largest width
NAME = _("{}: arrow keys move what is in view, plus and minus zoom")  # for screen readers
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton


class PlotNavigator(QObject):
    """Navigation: arrows pan, + and - zoom, Home fits; two fingers pan and zoom; one finger acts as the mouse.

    A double-click fits, too. One finger pans a plot that the mouse cannot move, unless it `hovers_first`: then a first
    tap only hovers, and a second one at the same place clicks. Like the menu, it only requests a range.
    """

    def __init__(self, plot: Plot, menu: PlotMenu, name: str, *, hovers_first: bool = False) -> None:
        super().__init__(plot)
        self._plot, self._menu, self._hovers_first = plot, menu, hovers_first
        self._since_tap = QElapsedTimer()
        self._pressed_at: QPointF | None = None  # where a finger acts as a pressed mouse button
        plot.take_key = self._take_key
        plot.installEventFilter(self)
        plot.setAccessibleName(NAME.format(name))
        plot.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        plot.scene().sigMouseClicked.connect(self._on_clicked)
        touch = Touch(plot.viewport())
        touch.tapped.connect(self._on_tapped)
        touch.moved.connect(self._on_moved)
        touch.lifted.connect(self._on_lifted)
        touch.pinched.connect(self._on_pinched)
        touch.panned.connect(self._on_panned)

    def zoom(self, factor: float, at: QPointF | None = None) -> None:
        box = self._plot.getViewBox()
        center = box.viewRect().center() if at is None else at
        ranges = zip(box.viewRange(), center.toTuple(), strict=True)
        self._look([Range(mid - factor * (mid - low), mid + factor * (high - mid)) for (low, high), mid in ranges])

    def pan(self, right: float, up: float) -> None:
        ranges = zip(self._plot.getViewBox().viewRange(), (right, up), strict=True)
        self._look([Range(low + share * (high - low), high + share * (high - low)) for (low, high), share in ranges])

    def _look(self, ends: list[Range]) -> None:
        if all(_can_be_seen(*each) for each in ends):
            self._menu.range_chosen.emit(*ends)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        return keep_key(event, _is_own)

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
        is_double = is_second and is_quick and not self._hovers_first
        press = QEvent.Type.MouseButtonDblClick if is_double else QEvent.Type.MouseButtonPress
        self._since_tap.start()
        self._send(QEvent.Type.MouseMove, place, NONE, NONE)
        if is_second or not self._hovers_first:
            self._send(press, place, LEFT, LEFT)
            self._send(QEvent.Type.MouseButtonRelease, place, LEFT, NONE)

    def _on_clicked(self, event: Any) -> None:
        if event.double() and not self._hovers_first:
            self._menu.everything_wanted.emit()

    def _on_moved(self, place: QPointF) -> None:
        if self._pressed_at is None:
            self._plot.scene().setClickRadius(FINGER // 2)  # a finger grabs lines nearby
            self._send(QEvent.Type.MouseMove, place, NONE, NONE)
            self._send(QEvent.Type.MouseButtonPress, place, LEFT, LEFT)
        else:
            self._send(QEvent.Type.MouseMove, place, NONE, LEFT)
            if not self._hovers_first and not any(self._plot.getViewBox().mouseEnabled()):
                self._on_panned(place - self._pressed_at)
        self._pressed_at = place

    def _on_lifted(self) -> None:
        if self._pressed_at is not None:
            self._send(QEvent.Type.MouseButtonRelease, self._pressed_at, LEFT, NONE)
            self._pressed_at = None
            self._plot.scene().setClickRadius(MOUSE)

    def _send(self, kind: QEvent.Type, place: QPointF, button: Qt.MouseButton, held: Qt.MouseButton) -> None:
        viewport, none = self._plot.viewport(), Qt.KeyboardModifier.NoModifier
        source = Qt.MouseEventSource.MouseEventSynthesizedByApplication
        at = viewport.mapToGlobal(place)
        QApplication.sendEvent(viewport, QMouseEvent(kind, place, at, at, button, held, none, source))


class StillView(QObject):
    """The ranges of a plot that the mouse does not move: those of everything, unless the user has `typed` others.

    `changed`: the user has typed ranges, or wants everything again.
    """

    changed = Signal()

    def __init__(self, plot: Plot, axes: tuple[str, str], name: str, *, hovers_first: bool = False) -> None:
        super().__init__(plot)
        self._plot, self.menu = plot, PlotMenu(plot, axes)
        self.typed: tuple[Range, Range] | None = None
        self._in_view: tuple[Range, Range] | None = None
        plot.setMouseEnabled(x=False, y=False)
        self.menu.everything_wanted.connect(self.show_everything)
        self.menu.range_chosen.connect(self.show_range)
        PlotNavigator(plot, self.menu, name, hovers_first=hovers_first)

    def show_everything(self) -> None:
        """Reset the view, and let it follow the content again."""
        self.typed = self._in_view = None
        self.changed.emit()

    def show_range(self, x: Range, y: Range) -> None:
        self.typed = x, y
        self.changed.emit()

    def show(self, everything: tuple[Range, Range] | None) -> None:
        """Show what the user has typed, else the ranges of everything; None for the plot's auto-range."""
        ends = self.typed or everything
        if ends is None:
            self._plot.enableAutoRange()
        elif ends != self._in_view:
            self._plot.setRange(xRange=ends[0], yRange=ends[1], padding=0)
        self._in_view = ends


def _is_own(event: QKeyEvent) -> bool:
    alone = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier  # with Shift for a plus
    return not event.modifiers() & ~alone and event.key() in (*PANS, *ZOOMS, Qt.Key.Key_Home)


def _can_be_seen(low: float, high: float) -> bool:
    """Whether a range is finite, and wide enough for its tick labels to differ."""
    return math.isfinite(high) and FINEST * max(1.0, abs(low)) < high - low < WIDEST
