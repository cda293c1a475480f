"""Names for tests and scripts, for those who use a screen reader, and what comes up under the mouse."""

import html
import textwrap
from functools import lru_cache
from typing import TypeVar

from PySide6.QtGui import QAction, Qt
from PySide6.QtWidgets import QLabel, QWidget

W = TypeVar("W", bound=QWidget)
TOOLTIP_LINE = 62  # characters
UNBROKEN = "\N{NO-BREAK SPACE}"


def named(widget: W, object_name: str, accessible_name: str, tooltip: str = "") -> W:
    """Give a widget its object name, its accessible name and its tooltip, and return it."""
    widget.setObjectName(object_name)
    widget.setAccessibleName(accessible_name)
    if tooltip:
        widget.setToolTip(tooltip)
    return widget


def in_role(widget: W, role: str) -> W:
    """Give a label one of the style sheet's roles (caption, title, section, error, past or none), and return it."""
    widget.setProperty("role", role)
    return widget


def caption(text: str = "", buddy: QWidget | None = None) -> QLabel:
    """Return a label in muted ink; it names its buddy, if it has one."""
    label = in_role(QLabel(text), "caption")
    if buddy is not None:
        label.setBuddy(buddy)
    return label


@lru_cache(maxsize=2_048)  # the tooltips of a window, which the next one has again
def wrapped(text: str) -> str:
    """Break a tooltip's text, which Qt writes on one line however long it is, at spaces; its own lines stay."""
    return "\n".join(
        textwrap.fill(line, TOOLTIP_LINE, break_long_words=False, break_on_hyphens=False) for line in text.split("\n")
    )


def as_it_stands(text: str) -> str:
    """Make a tooltip of a text that comes from outside: what looks like markup in it is shown, and not obeyed."""
    return f"<p>{html.escape(text)}</p>" if Qt.mightBeRichText(text) else wrapped(text)


def wrap_tooltips(window: QWidget) -> None:
    """Break the tooltips of everything in a window."""
    items: list[QWidget | QAction] = [*window.findChildren(QWidget), *window.findChildren(QAction)]
    for item in items:
        text = item.toolTip()
        if text and not text.startswith("<"):  # rich text is broken by Qt
            item.setToolTip(wrapped(text))
