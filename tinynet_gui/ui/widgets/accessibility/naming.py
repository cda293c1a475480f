"""Names for tests, scripts and screen readers, what they announce, tooltips, and the keys that move something."""

import html
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TypeVar

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
    """Give a widget its object name, its accessible name and its tooltip, and return it.

    A label's name is its text, which is what screen readers say: the given one describes it.
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
    """Write a text on a button, which is its accessible name, too; give it its other names, and return it."""
    button.setText(text)
    button.setProperty(OWN_TOOLTIP, wrapped(tooltip))
    return named(button, object_name, text.removesuffix(" …"), wrapped(tooltip))


def in_role(widget: W, role: str) -> W:
    """Give a label one of the style sheet's roles (caption, title, section, error, past ... or none), and return it."""
    widget.setProperty("role", role)
    return widget


def small(widget: W, factor: float = 0.88) -> W:
    """Give a widget a small font, and return it."""
    widget.setFont(small_font(factor))
    return widget


def allow(control: QWidget | QAction, reason: str = "") -> None:
    """Enable a control; or disable it for a reason, which its tooltip says until then, also to a screen reader."""
    if reason and control.isEnabled():
        control.setProperty(OWN_TOOLTIP, control.toolTip())
    own = control.property(OWN_TOOLTIP)
    control.setEnabled(not reason)
    control.setToolTip(wrapped(reason) or own or control.toolTip())


def keep_place(widget: W) -> W:
    """Let a widget keep its place while it is hidden, so that nothing moves, and return it."""
    policy = widget.sizePolicy()
    policy.setRetainSizeWhenHidden(True)
    widget.setSizePolicy(policy)
    return widget


def caption(text: str = "", buddy: QWidget | None = None, *, wraps: bool = False) -> QLabel:
    """Return a label in muted ink; it names its buddy, if it has one."""
    label = in_role(QLabel(text, wordWrap=wraps), "caption")
    if buddy is not None:
        label.setBuddy(buddy)
    return label


def show_words(label: QLabel, text: str) -> None:
    """Show a text, or hide its label if there is none."""
    label.setText(text)
    label.setVisible(bool(text))


@lru_cache(maxsize=2_048)  # of one window's tooltips; the next window has the same
def wrapped(text: str) -> str:
    """Break a tooltip's text at spaces, as Qt would write it on one line; its own line breaks stay."""
    return "\n".join(
        line
        if len(line) <= TOOLTIP_LINE
        else textwrap.fill(line, TOOLTIP_LINE, break_long_words=False, break_on_hyphens=False)
        for line in text.split("\n")
    )


def literal_tooltip(text: str) -> str:
    """Make a tooltip from an external text: markup in it is shown, not interpreted."""
    return f"<p>{html.escape(text)}</p>" if Qt.mightBeRichText(text) else wrapped(text)


def wrap_tooltips(window: QWidget) -> None:
    """Break the tooltips of everything in a window."""
    items: list[QWidget | QAction] = [*window.findChildren(QWidget), *window.findChildren(QAction)]
    for item in items:
        text = item.toolTip()
        if text and not text.startswith("<"):  # Qt breaks rich text itself
            item.setToolTip(wrapped(text))


def ancestors(target: QWidget, last: QWidget | None = None) -> list[QWidget]:
    """Return a widget and all its parents, up to the last, or to the outermost window."""
    path = [target]
    while path[-1] is not last and (outer := path[-1].parentWidget()) is not None:
        path.append(outer)
    return path


PLACE = "place"  # the topic of what keys come to, one after another
SETTLED_MS, GOES_ON_MS = 1_000, 10_000  # of changes that a reader is told of


def announce(widget: QWidget, words: str, is_error: bool = False, topic: str = "") -> None:
    """Tell what has happened in a widget: to the nearest one around it that has a signal `told`, as the window has.

    Newer words of the same topic replace them, as long as they wait; without a topic they are heard in any case.
    """
    for around in ancestors(widget):
        if hasattr(around, "told"):
            around.told.emit(words, is_error, topic)
            return


def copy_text(widget: QWidget, text: str) -> None:
    """Put a text of a widget on the clipboard, and say so."""
    QGuiApplication.clipboard().setText(text)
    announce(widget, "Copied.")


@contextmanager
def accessibility_muted() -> Iterator[None]:
    """Keep from readers the event that Qt sends for each change: for what every frame of a training changes."""
    is_active = QAccessible.isActive()
    if is_active:
        QAccessible.setActive(False)
    try:
        yield
    finally:
        if is_active:
            QAccessible.setActive(True)


class AccessibilityThrottle:
    """Tells readers of a widget's changes once they have settled, and now and then while they go on.

    Nothing is told of what is hidden: whoever shows it again tells.

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
        """Let readers know of a change soon."""
        if QAccessible.isActive() and self._widget.isVisible():
            self._settled.start()
            if not self._goes_on.isActive():
                self._goes_on.start()

    def stop(self) -> None:
        """Tell nothing: it is hidden."""
        self._settled.stop()
        self._goes_on.stop()

    def _send(self) -> None:
        self.stop()
        if self._widget.isVisible():
            self._send_events()


def _tell_link(text: QLabel | QTextBrowser, has_moved: bool) -> bool:
    selected = text.selectedText() if isinstance(text, QLabel) else text.textCursor().selectedText()
    if has_moved and selected:
        announce(text, selected, topic=PLACE)
    return has_moved


class LinkedLabel(QLabel):
    """A label whose links are heard."""

    def focusNextPrevChild(self, is_forwards: bool) -> bool:
        """Go to the next link, and say it."""
        return _tell_link(self, super().focusNextPrevChild(is_forwards))


class LinkedPage(QTextBrowser):
    """A page whose links are heard."""

    def focusNextPrevChild(self, is_forwards: bool) -> bool:
        """Go to the next link, and say it."""
        return _tell_link(self, super().focusNextPrevChild(is_forwards))


Key = Qt.Key
ENTER = (Key.Key_Return, Key.Key_Enter)
DELETE = (Key.Key_Delete, Key.Key_Backspace)
ARROWS = {Key.Key_Left: (-1, 0), Key.Key_Right: (1, 0), Key.Key_Up: (0, 1), Key.Key_Down: (0, -1)}  # right, up
ENDS = (Key.Key_Home, Key.Key_End)
SCROLLS = (Key.Key_Up, Key.Key_Down, Key.Key_PageUp, Key.Key_PageDown)
