"""All keys on one sheet, made from the actions themselves."""

import html
from collections.abc import Iterator, Sequence

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar

Lines = Sequence[tuple[str, str]]  # a key, and its effect
KeysSection = tuple[str, Lines]


def keys_html(bar: QMenuBar, of_views: Sequence[KeysSection]) -> str:
    """Write the keys of a menu bar's actions, menu by menu, and those that views take while they have the focus."""
    parts = []
    for action in bar.actions():
        lines = [_line(entry) for entry in _entries(action) if not entry.shortcut().isEmpty()]
        if lines:
            parts.append(_section(action.text().replace("&", ""), lines))
    parts += [_section(title, lines) for title, lines in of_views]
    return "".join(parts)


def _entries(action: QAction) -> Iterator[QAction]:
    """Yield the entries of a menu, and of those within it."""
    if isinstance(menu := action.menu(), QMenu):
        for entry in menu.actions():
            yield entry
            yield from _entries(entry)


def _line(action: QAction) -> tuple[str, str]:
    """Return an action's key and its effect, which is the tooltip without the key."""
    key = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    return key, " ".join(action.toolTip().split()).partition(" Key: ")[0]


def _section(title: str, lines: Lines) -> str:
    rows = "".join(
        f"<tr><td><b>{html.escape(key)}</b>&nbsp;&nbsp;&nbsp;</td><td>{html.escape(text)}</td></tr>"
        for key, text in lines
    )
    return f"<h4>{html.escape(title)}</h4><table cellspacing='4'>{rows}</table>"
