"""Object and accessible names, tooltips, announcements to screen readers, and sets of keys."""

import html
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Protocol, TypeVar, runtime_checkable

from PySide6.QtCore import SignalInstance
from PySide6.QtGui import QAccessible, QAction, QGuiApplication, Qt
from PySide6.QtWidgets import QAbstractButton, QLabel, QTextBrowser, QWidget

from tinynet_gui.qt import single_shot
from tinynet_gui.ui.style.theme import small_font

W = TypeVar("W", bound=QWidget)
B = TypeVar("B", bound=QAbstractButton)
TOOLTIP_LINE = 62  # characters
OWN_TOOLTIP = "ownToolTip"  # of a disabled control
UNBROKEN = "\u00a0"


def named(widget: W, object_name: str, accessible_name: str, tooltip: str = "") -> W:
    """Set a widget's object name, accessible name and tooltip, and return it.

    A label with a text keeps the text as its accessible name: the given name becomes its description.
    """
    widget.setObjectName(object_name)
    if isinstance(widget, QLabel):
        widget.setAccessibleDescription(accessible_name)
    else:
        widget.setAccessibleName(accessible_name)
    if tooltip:
        widget.setToolTip(tooltip)
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


def allow(control: QWidget | QAction, reason: str = "") -> None:
    """Enable a control, or disable it for a reason that its tooltip and accessible description give until then."""
    if reason and control.isEnabled():
        control.setProperty(OWN_TOOLTIP, control.toolTip())
    own = control.property(OWN_TOOLTIP)
    control.setEnabled(not reason)
    control.setToolTip(wrapped(reason) or own or control.toolTip())


def keep_place(widget: W) -> W:
    """Make the layout reserve a hidden widget's space, so that nothing moves; return the widget."""
    policy = widget.sizePolicy()
    policy.setRetainSizeWhenHidden(True)
    widget.setSizePolicy(policy)
    return widget


def caption(text: str = "", buddy: QWidget | None = None, *, wraps: bool = False) -> QLabel:
    """Return a label in muted ink; as the label of its buddy it names that for screen readers."""
    label = in_role(QLabel(text, wordWrap=wraps), "caption")
    if buddy is not None:
        label.setBuddy(buddy)
    return label


def show_words(label: QLabel, text: str) -> None:
    """Show a text in a label; hide the label if the text is empty."""
    label.setText(text)
    label.setVisible(bool(text))


@lru_cache(maxsize=2_048)  # every window has the same tooltips
def wrapped(text: str) -> str:
    """Wrap the lines of a plain-text tooltip, which Qt would not; explicit line breaks stay."""
    return "\n".join(
        line
        if len(line) <= TOOLTIP_LINE
        else textwrap.fill(line, TOOLTIP_LINE, break_long_words=False, break_on_hyphens=False)
        for line in text.split("\n")
    )


def literal_tooltip(text: str) -> str:
    """Return a tooltip for an external text: markup is escaped."""
    return f"<p>{html.escape(text)}</p>" if Qt.mightBeRichText(text) else wrapped(text)


def wrap_tooltips(window: QWidget) -> None:
    """Wrap the tooltips of all actions and widgets of a window."""
    items: list[QWidget | QAction] = [*window.findChildren(QWidget), *window.findChildren(QAction)]
    for item in items:
        text = item.toolTip()
        if text and not text.startswith("<"):  # Qt breaks rich text itself
            item.setToolTip(wrapped(text))


def ancestors(target: QWidget, last: QWidget | None = None) -> list[QWidget]:
    """Return a widget and its parents, up to `last` or the window."""
    path = [target]
    while path[-1] is not last and (outer := path[-1].parentWidget()) is not None:
        path.append(outer)
    return path


PLACE = "place"  # topic of what the keyboard reaches
SETTLED_MS, GOES_ON_MS = 1_000, 10_000  # delays of accessibility events


@runtime_checkable
class Announcing(Protocol):
    """A window whose signal `told` carries the arguments of `announce` to screen readers."""

    told: SignalInstance


def announce(widget: QWidget, words: str, is_error: bool = False, topic: str = "") -> None:
    """Announce a message to screen readers: emits `told` of the nearest ancestor that has it, such as the window.

    A pending message is replaced by a newer one of the same topic; one without a topic is always announced.
    """
    for around in ancestors(widget):
        if isinstance(around, Announcing):
            around.told.emit(words, is_error, topic)
            return


def copy_text(widget: QWidget, text: str) -> None:
    """Copy a text to the clipboard, and announce it."""
    QGuiApplication.clipboard().setText(text)
    announce(widget, "Copied.")


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
    """Sends a widget's accessibility events once its changes settle, and every few seconds while they continue.

    Hidden widgets send nothing: the code that shows one again must notify.

    Parameters
    ----------
    send
        Sends the events.
    """

    def __init__(self, widget: QWidget, send: Callable[[], object]) -> None:
        self._widget, self._send_events = widget, send
        self._settled = single_shot(widget, SETTLED_MS, self._send, "heardLater")
        self._goes_on = single_shot(widget, GOES_ON_MS, self._send)

    def notify_later(self) -> None:
        """Schedule the events, unless the widget is hidden or no screen reader runs."""
        if QAccessible.isActive() and self._widget.isVisible():
            self._settled.start()
            if not self._goes_on.isActive():
                self._goes_on.start()

    def stop(self) -> None:
        """Drop pending events."""
        self._settled.stop()
        self._goes_on.stop()

    def _send(self) -> None:
        self.stop()
        if self._widget.isVisible():
            self._send_events()


def _announce_link(text: QLabel | QTextBrowser, has_moved: bool) -> bool:
    selected = text.selectedText() if isinstance(text, QLabel) else text.textCursor().selectedText()
    if has_moved and selected:
        announce(text, selected, topic=PLACE)
    return has_moved


class LinkedLabel(QLabel):
    """A label that announces the link reached by Tab."""

    def focusNextPrevChild(self, is_forwards: bool) -> bool:
        return _announce_link(self, super().focusNextPrevChild(is_forwards))


class LinkedPage(QTextBrowser):
    """A page that announces the link reached by Tab."""

    def focusNextPrevChild(self, is_forwards: bool) -> bool:
        return _announce_link(self, super().focusNextPrevChild(is_forwards))


Key = Qt.Key
ENTER = (Key.Key_Return, Key.Key_Enter)
DELETE = (Key.Key_Delete, Key.Key_Backspace)
ARROWS = {Key.Key_Left: (-1, 0), Key.Key_Right: (1, 0), Key.Key_Up: (0, 1), Key.Key_Down: (0, -1)}  # right, up
ENDS = (Key.Key_Home, Key.Key_End)
SCROLLS = (Key.Key_Up, Key.Key_Down, Key.Key_PageUp, Key.Key_PageDown)
