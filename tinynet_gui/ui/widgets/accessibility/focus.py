"""Keyboard focus: the frame around the focused widget, and the order of Tab and F6."""

from collections.abc import Callable, Iterator, Sequence

from PySide6.QtCore import QEvent, QObject, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QCheckBox,
    QComboBox,
    QFocusFrame,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QTabBar,
    QToolButton,
    QWidget,
)

from tinynet_gui.ui.style.theme import ROLES
from tinynet_gui.ui.style.zoom import whole_px
from tinynet_gui.ui.widgets.accessibility.naming import PLACE, ancestors, announce

WIDTH, ROUND = 2, 6  # px
DARK = 0.5  # lightness below which a ground has light text
TYPED_INTO = QLineEdit, QAbstractSpinBox, QComboBox  # framed also when focused by the mouse


def move_ring(old: QWidget | None, new: QWidget | None, is_by_mouse: bool) -> None:
    """Move the focus frame to the newly focused widget, if that takes keys."""
    if old is not None:
        for ring in old.findChildren(FocusRing, options=Qt.FindChildOption.FindDirectChildrenOnly):
            ring.hide()
            ring.deleteLater()
    if new is not None and new.focusPolicy() & Qt.FocusPolicy.TabFocus:
        FocusRing(new, is_by_mouse)


class FocusRing(QFocusFrame):
    """Drawn inside a widget, above its content; Qt hides a QFocusFrame from screen readers.

    It has the accent's colour, or that of an error; on a ground in the accent's colour it is two contrasting frames.
    """

    def __init__(self, widget: QWidget, is_by_mouse: bool) -> None:
        super().__init__(widget)
        self._widget = widget
        widget.installEventFilter(self)
        self.setVisible(not is_by_mouse or isinstance(widget, TYPED_INTO))
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the widget; if the mouse has focused it, appear at the first key."""
        if event.type() == QEvent.Type.KeyPress:
            self.show()
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Paint):  # the current tab may have changed
            self._place()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        usual = "error" if self._widget.property("invalid") else "accent"
        colors = ("ink", "card") if _has_accent_ground(self._widget) else (usual,)
        is_round = isinstance(self._widget, QRadioButton) and not self._widget.text()
        corner = self.height() / 2 if is_round else whole_px(ROUND)
        width, palette, modes = whole_px(WIDTH), QApplication.palette(), QPainter.CompositionMode
        with QPainter(self) as painter:
            if len(colors) == 1:  # so no text is covered
                is_dark = palette.window().color().lightnessF() < DARK
                painter.setCompositionMode(modes.CompositionMode_Lighten if is_dark else modes.CompositionMode_Darken)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for place, name in enumerate(colors):
                inset = (place + 0.5) * width
                painter.setPen(QPen(palette.color(ROLES[name]), width))
                area = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
                painter.drawRoundedRect(area, corner - inset, corner - inset)

    def _place(self) -> None:
        self.setGeometry(_area(self._widget))


def _has_accent_ground(widget: QWidget) -> bool:
    return isinstance(widget, QPushButton | QToolButton) and (widget.isChecked() or bool(widget.property("primary")))


def _area(widget: QWidget) -> QRect:
    """Return the rectangle to frame: the current tab of a tab bar, the text of a check box."""
    if isinstance(widget, QTabBar):
        return widget.tabRect(widget.currentIndex())
    if isinstance(widget, QCheckBox | QRadioButton):
        return QRect(0, 0, min(widget.sizeHint().width(), widget.width()), widget.height())
    return widget.rect()


def pass_focus(window: QWidget, is_onward: bool) -> bool:
    """Focus the next or previous widget of a window; return whether another one takes the focus."""
    here = window.focusWidget() or window
    turn = [here, *in_turn(window)] if here is window else [*in_turn(window, here)]
    there = turn[(turn.index(here) + (1 if is_onward else -1)) % len(turn)]
    if there is here:
        return False
    there.setFocus(Qt.FocusReason.TabFocusReason if is_onward else Qt.FocusReason.BacktabFocusReason)
    for around in ancestors(there)[1:]:
        if isinstance(around, QScrollArea):
            around.ensureWidgetVisible(there)
    return True


def pass_region(regions: Sequence[QWidget], is_onward: bool) -> None:
    """Focus the first widget of the next or previous region that takes the focus, and announce it."""
    there = [region for region in regions if region.isVisible() and next(in_turn(region), None) is not None]
    focus = QApplication.focusWidget()
    here = next((at for at, region in enumerate(there) if focus in (region, *region.findChildren(QWidget))), None)
    if there:
        region = there[(here + (1 if is_onward else -1)) % len(there) if here is not None else 0 if is_onward else -1]
        announce(region, region.accessibleName(), topic=PLACE)
        next(in_turn(region)).setFocus(Qt.FocusReason.TabFocusReason)


def in_turn(part: QWidget, here: QWidget | None = None) -> Iterator[QWidget]:
    """Yield the focusable widgets in a part of a window in reading order.

    `here` is included even if it is hidden or disabled; other hidden widgets are not.
    """
    if part is here or _can_be_used(part):
        yield part
    parts = (each for each in part.children() if isinstance(each, QWidget) and not each.isWindow())
    there = [each for each in parts if not each.isHidden() or each is here or (here and each.isAncestorOf(here))]
    for each in _as_read(there):
        yield from [here] if here is not None and each.isHidden() else in_turn(each, here)


def _can_be_used(part: QWidget) -> bool:
    takes_it = part.isEnabled() and part.focusPolicy() & Qt.FocusPolicy.TabFocus and part.focusProxy() is None
    if not takes_it or not isinstance(part, QScrollArea):
        return bool(takes_it)
    return part.verticalScrollBar().maximum() > 0 or part.horizontalScrollBar().maximum() > 0


def _as_read(parts: list[QWidget]) -> list[QWidget]:
    """Sort sibling widgets in reading order: by rows if they stand in rows, else by columns."""
    for start, end in ((QRect.top, QRect.bottom), (QRect.left, QRect.right)):
        bands = _bands(parts, start, end)
        if len(bands) > 1:
            return [each for band in bands for each in _as_read(band)]
    return parts  # one above the other


def _bands(parts: list[QWidget], start: Callable[[QRect], int], end: Callable[[QRect], int]) -> list[list[QWidget]]:
    """Split widgets wherever a straight line crosses none of them."""
    bands, reached = list[list[QWidget]](), 0
    for part in sorted(parts, key=lambda each: start(each.geometry())):
        if not bands or start(part.geometry()) > reached:
            bands.append([])
            reached = end(part.geometry())
        bands[-1].append(part)
        reached = max(reached, end(part.geometry()))
    return bands
