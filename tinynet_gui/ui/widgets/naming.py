"""Names for tests, scripts and screen readers, and tooltips."""

import html
import textwrap
from functools import lru_cache
from typing import TypeVar

from PySide6.QtGui import QAction, Qt
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget

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


def as_it_stands(text: str) -> str:
    """Make a tooltip from an external text: markup in it is shown, not interpreted."""
    return f"<p>{html.escape(text)}</p>" if Qt.mightBeRichText(text) else wrapped(text)


def wrap_tooltips(window: QWidget) -> None:
    """Break the tooltips of everything in a window."""
    items: list[QWidget | QAction] = [*window.findChildren(QWidget), *window.findChildren(QAction)]
    for item in items:
        text = item.toolTip()
        if text and not text.startswith("<"):  # Qt breaks rich text itself
            item.setToolTip(wrapped(text))
