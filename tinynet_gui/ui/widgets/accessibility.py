"""Names, roles and announcements for screen readers; the focus frame, and the order of Tab and F6."""

import html
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property, lru_cache
from typing import Protocol, TypeVar, runtime_checkable

from PySide6 import QtWidgets
from PySide6.QtCore import QEvent, QObject, QRect, QRectF, QTimer, SignalInstance
from PySide6.QtGui import QAccessible, QAction, QGuiApplication, QKeyEvent, QPainter, QPaintEvent, QPen, Qt

from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.qt import single_shot
from tinynet_gui.ui.style.colors import ROLES
from tinynet_gui.ui.style.theme import small_font, whole_px

W = TypeVar("W", bound=QtWidgets.QWidget)
B = TypeVar("B", bound=QtWidgets.QAbstractButton)
TOOLTIP_LINE = 62  # characters
FILLED = rf"\S.{{0,{TOOLTIP_LINE - 1}}}(?!\S)|\S+"  # the words that fit a line, or one that does not
OWN_TOOLTIP = "ownToolTip"  # a property: the tooltip of a control while it is enabled
UNBROKEN = "\u00a0"


def named(widget: W, object_name: str, accessible_name: str, tooltip: str = "") -> W:
    """Set a widget's object name, accessible name and tooltip, and return it.

    A label with a text keeps the text as its accessible name: the given name becomes its description.
    """
    widget.setObjectName(object_name)
    if isinstance(widget, QtWidgets.QLabel):
        widget.setAccessibleDescription(accessible_name)
    else:
        widget.setAccessibleName(accessible_name)
    if tooltip:
        widget.setToolTip(wrapped(tooltip))
    return widget


def worded(button: B, object_name: str, text: str, tooltip: str) -> B:
    """Give a button a text, which is also its accessible name, an object name and a tooltip, and return it."""
    button.setText(text)
    button.setProperty(OWN_TOOLTIP, wrapped(tooltip))
    return named(button, object_name, text.removesuffix(" …"), wrapped(tooltip))


def in_role(widget: W, role: str) -> W:
    """Give a label a role of the style sheet (caption, title, section, error, past ... or none), and return it."""
    widget.setProperty("role", role)
    return widget


def small(widget: W, factor: float = 0.88) -> W:
    widget.setFont(small_font(factor))
    return widget


def allow(control: QtWidgets.QWidget | QAction, reason: str = "") -> None:
    """Enable a control; or disable it, with the reason as its tooltip and accessible description meanwhile."""
    if reason and control.isEnabled():
        control.setProperty(OWN_TOOLTIP, control.toolTip())
    own = control.property(OWN_TOOLTIP)
    control.setEnabled(not reason)
    control.setToolTip(wrapped(reason) or own or control.toolTip())


def retain_size(widget: W) -> W:
    """Make the layout reserve a hidden widget's space, so that nothing moves; return the widget."""
    policy = widget.sizePolicy()
    policy.setRetainSizeWhenHidden(True)
    widget.setSizePolicy(policy)
    return widget


def caption(text: str = "", buddy: QtWidgets.QWidget | None = None, *, wraps: bool = False) -> QtWidgets.QLabel:
    """Return a label in muted ink; as the label of its buddy it names that for screen readers."""
    label = in_role(QtWidgets.QLabel(text, wordWrap=wraps), "caption")
    if buddy is not None:
        label.setBuddy(buddy)
    return label


def show_words(label: QtWidgets.QLabel, text: str) -> None:
    """Show a text in a label; hide the label if the text is empty."""
    label.setText(text)
    label.setVisible(bool(text))


@lru_cache(maxsize=2_048)  # every window has the same tooltips
def wrapped(text: str) -> str:
    """Wrap the lines of a plain-text tooltip, which Qt would not; explicit line breaks stay."""
    lines = ([line] if len(line) <= TOOLTIP_LINE else re.findall(FILLED, line) for line in text.split("\n"))
    return "\n".join(part.rstrip() for parts in lines for part in parts)  # `textwrap` takes nine times as long


def literal_tooltip(text: str) -> str:
    """Return a tooltip for an external text: markup is escaped."""
    return f"<p>{html.escape(text)}</p>" if Qt.mightBeRichText(text) else wrapped(text)


def wrap_tooltips(window: QtWidgets.QWidget) -> None:
    items: list[QtWidgets.QWidget | QAction] = [*window.findChildren(QtWidgets.QWidget), *window.findChildren(QAction)]
    for item in items:
        text = item.toolTip()
        if not text.startswith("<") and wrapped(text) != text:  # Qt wraps rich text; each change sends an event
            item.setToolTip(wrapped(text))


def ancestors(target: QtWidgets.QWidget, last: QtWidgets.QWidget | None = None) -> list[QtWidgets.QWidget]:
    path = [target]
    while path[-1] is not last and (outer := path[-1].parentWidget()) is not None:
        path.append(outer)
    return path


PLACE = "place"  # the topic of announcements about keyboard navigation
SETTLED_MS, GOES_ON_MS = 1_000, 10_000  # accessibility events after a change: debounced, throttled


@runtime_checkable
class Announcing(Protocol):
    """A window whose signal `announced` carries the arguments of `announce` to screen readers."""

    announced: SignalInstance


def announce(widget: QtWidgets.QWidget, words: str, is_error: bool = False, topic: str = "") -> None:
    """Announce a message to screen readers: emits `announced` of the nearest ancestor that has it, such as the window.

    A pending message is replaced by a newer one of the same topic; one without a topic is always announced.
    """
    for around in ancestors(widget):
        if hasattr(around, "announced"):
            around.announced.emit(words, is_error, topic)
            return


def copy_text(widget: QtWidgets.QWidget, text: str) -> None:
    QGuiApplication.clipboard().setText(text)
    announce(widget, _("Copied."))


@contextmanager
def accessibility_muted() -> Iterator[None]:
    """Suppress Qt's accessibility events within the context: for updates in every frame of a training."""
    is_active = QAccessible.isActive()
    if is_active:
        QAccessible.setActive(False)
    try:
        yield
    finally:
        if is_active:
            QAccessible.setActive(True)


class AccessibilityThrottle:
    """Calls `send` for a widget once its changes settle, and every few seconds while they continue.

    Hidden widgets send nothing: the code that shows one again must notify.
    """

    def __init__(self, widget: QtWidgets.QWidget, send: Callable[[], object]) -> None:
        self._widget, self._send_events = widget, send

    @cached_property
    def _timers(self) -> tuple[QTimer, QTimer]:
        settled = single_shot(self._widget, SETTLED_MS, self._send, "heardLater")
        return settled, single_shot(self._widget, GOES_ON_MS, self._send)

    def notify_later(self) -> None:
        """Schedule the events, unless the widget is hidden or no screen reader runs."""
        if QAccessible.isActive() and self._widget.isVisible():
            settled, goes_on = self._timers
            settled.start()
            if not goes_on.isActive():
                goes_on.start()

    def stop(self) -> None:
        for timer in vars(self).get("_timers", ()):
            timer.stop()

    def _send(self) -> None:
        self.stop()
        if self._widget.isVisible():
            self._send_events()


def _announce_link(text: QtWidgets.QLabel | QtWidgets.QTextBrowser, has_moved: bool) -> bool:
    selected = text.selectedText() if isinstance(text, QtWidgets.QLabel) else text.textCursor().selectedText()
    if has_moved and selected:
        announce(text, selected, topic=PLACE)
    return has_moved


class LinkedLabel(QtWidgets.QLabel):
    """A text with links, wrapped, that announces the link reached by Tab."""

    def __init__(self) -> None:
        top_left = Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft
        super().__init__(wordWrap=True, textFormat=Qt.TextFormat.RichText, alignment=top_left)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)

    def focusNextPrevChild(self, is_forwards: bool) -> bool:
        return _announce_link(self, super().focusNextPrevChild(is_forwards))


class LinkedPage(QtWidgets.QTextBrowser):
    """A page that announces the link reached by Tab."""

    def focusNextPrevChild(self, is_forwards: bool) -> bool:
        return _announce_link(self, super().focusNextPrevChild(is_forwards))


Key = Qt.Key
ENTER = (Key.Key_Return, Key.Key_Enter)
DELETE = (Key.Key_Delete, Key.Key_Backspace)
ARROWS = {Key.Key_Left: (-1, 0), Key.Key_Right: (1, 0), Key.Key_Up: (0, 1), Key.Key_Down: (0, -1)}  # right, up
ENDS = (Key.Key_Home, Key.Key_End)
SCROLLS = (Key.Key_Up, Key.Key_Down, Key.Key_PageUp, Key.Key_PageDown)


def keep_key(event: QEvent, is_own: Callable[[QKeyEvent], bool]) -> bool:
    """Keep a widget's own key from triggering the window's shortcuts; return whether the event is about one."""
    is_kept = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and is_own(event)
    if is_kept:
        event.accept()
    return is_kept


WIDTH, ROUND = 2, 6  # px
DARK = 0.5  # lightness below which a ground has light text
TYPED_INTO = QtWidgets.QLineEdit | QtWidgets.QAbstractSpinBox | QtWidgets.QComboBox  # framed after a click, too


def move_ring(old: QtWidgets.QWidget | None, new: QtWidgets.QWidget | None, is_by_mouse: bool) -> None:
    """Move the focus frame to the newly focused widget, if that takes keys."""
    if old is not None:
        for ring in old.findChildren(FocusRing, options=Qt.FindChildOption.FindDirectChildrenOnly):
            ring.hide()
            ring.deleteLater()
    if new is not None and new.focusPolicy() & Qt.FocusPolicy.TabFocus:
        FocusRing(new, is_by_mouse)


class FocusRing(QtWidgets.QFocusFrame):
    """Drawn inside a widget, above its content; Qt hides a QFocusFrame from screen readers.

    It has the accent's colour, or that of an error; on a ground in the accent's colour it is two contrasting frames.
    """

    def __init__(self, widget: QtWidgets.QWidget, is_by_mouse: bool) -> None:
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
        is_round = isinstance(self._widget, QtWidgets.QRadioButton) and not self._widget.text()
        corner = self.height() / 2 if is_round else whole_px(ROUND)
        width, palette, modes = whole_px(WIDTH), QtWidgets.QApplication.palette(), QPainter.CompositionMode
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


def _has_accent_ground(widget: QtWidgets.QWidget) -> bool:
    if not isinstance(widget, QtWidgets.QPushButton | QtWidgets.QToolButton):
        return False
    return widget.isChecked() or bool(widget.property("primary"))


def _area(widget: QtWidgets.QWidget) -> QRect:
    """Return the rectangle to frame: the current tab of a tab bar, the text of a check box."""
    if isinstance(widget, QtWidgets.QTabBar):
        return widget.tabRect(widget.currentIndex())
    if isinstance(widget, QtWidgets.QCheckBox | QtWidgets.QRadioButton):
        return QRect(0, 0, min(widget.sizeHint().width(), widget.width()), widget.height())
    return widget.rect()


def focus_next(window: QtWidgets.QWidget, is_onward: bool) -> bool:
    """Focus the next or previous widget of a window; return whether another one takes the focus."""
    here = window.focusWidget() or window
    turn = [here, *in_reading_order(window)] if here is window else [*in_reading_order(window, here)]
    there = turn[(turn.index(here) + (1 if is_onward else -1)) % len(turn)]
    if there is here:
        return False
    there.setFocus(Qt.FocusReason.TabFocusReason if is_onward else Qt.FocusReason.BacktabFocusReason)
    scroll_to(there)
    return True


def scroll_to(widget: QtWidgets.QWidget) -> None:
    """Scroll the areas around a widget until all of it is visible; Qt stops once a field's cursor is."""
    for area in [each for each in ancestors(widget)[1:] if isinstance(each, QtWidgets.QScrollArea)]:
        if (inside := area.widget()) is not None and inside.isAncestorOf(widget):
            centre, room = widget.mapTo(inside, widget.rect().center()), area.viewport()
            wide, high = min(widget.width(), room.width()), min(widget.height() + 2 * WIDTH, room.height())
            area.ensureVisible(centre.x(), centre.y(), wide // 2, high // 2)


def focus_next_region(regions: Sequence[QtWidgets.QWidget], is_onward: bool) -> None:
    """Focus the first widget of the next or previous region that takes the focus, and announce it."""
    there = [region for region in regions if region.isVisible() and next(in_reading_order(region), None) is not None]
    focus = QtWidgets.QApplication.focusWidget()
    around = [] if focus is None else ancestors(focus)
    here = next((at for at, region in enumerate(there) if region in around), None)
    if there:
        region = there[(here + (1 if is_onward else -1)) % len(there) if here is not None else 0 if is_onward else -1]
        announce(region, region.accessibleName(), topic=PLACE)
        next(in_reading_order(region)).setFocus(Qt.FocusReason.TabFocusReason)


def in_reading_order(part: QtWidgets.QWidget, here: QtWidgets.QWidget | None = None) -> Iterator[QtWidgets.QWidget]:
    """Yield the focusable widgets in a part of a window in reading order.

    `here` is included even if it is hidden or disabled; other hidden widgets are not.
    """
    if part is here or _can_be_used(part):
        yield part
    parts = (each for each in part.children() if isinstance(each, QtWidgets.QWidget) and not each.isWindow())
    there = [each for each in parts if not each.isHidden() or each is here or (here and each.isAncestorOf(here))]
    for each in _sorted_for_reading(there):
        yield from [here] if here is not None and each.isHidden() else in_reading_order(each, here)


def _can_be_used(part: QtWidgets.QWidget) -> bool:
    takes_it = part.isEnabled() and part.focusPolicy() & Qt.FocusPolicy.TabFocus and part.focusProxy() is None
    if not takes_it or not isinstance(part, QtWidgets.QScrollArea):
        return bool(takes_it)
    return part.verticalScrollBar().maximum() > 0 or part.horizontalScrollBar().maximum() > 0


def _sorted_for_reading(parts: list[QtWidgets.QWidget]) -> list[QtWidgets.QWidget]:
    """Sort sibling widgets in reading order: by rows if they stand in rows, else by columns."""
    for start, end in ((QRect.top, QRect.bottom), (QRect.left, QRect.right)):
        if len(parts) > 1 and len(bands := _bands(parts, start, end)) > 1:
            return [each for band in bands for each in _sorted_for_reading(band)]
    return parts  # one above the other


def _bands(
    parts: list[QtWidgets.QWidget], start: Callable[[QRect], int], end: Callable[[QRect], int]
) -> list[list[QtWidgets.QWidget]]:
    """Split widgets into bands, wherever a straight line between them crosses none."""
    bands, reached = list[list[QtWidgets.QWidget]](), 0
    for part in sorted(parts, key=lambda each: start(each.geometry())):
        if not bands or start(part.geometry()) > reached:
            bands.append([])
            reached = end(part.geometry())
        bands[-1].append(part)
        reached = max(reached, end(part.geometry()))
    return bands
