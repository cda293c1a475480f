"""Texts to read beside the window: the guide, and all keys on one sheet, made from the actions themselves."""

import html
from collections.abc import Iterator, Sequence

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QVBoxLayout, QWidget

from tinynet_gui.ui.widgets.dialogs.dialog import Button, Dialog
from tinynet_gui.ui.widgets.heard_links import LinkedPage
from tinynet_gui.ui.widgets.layouts import filled
from tinynet_gui.ui.widgets.naming import named
from tinynet_gui.ui.widgets.zoomed import give_size

SIZE = 520, 560
Lines = Sequence[tuple[str, str]]  # a key, and its effect
KeysSection = tuple[str, Lines]


class HelpSheet(Dialog):
    """Shows a long text; the window stays usable beside it."""

    def __init__(self, name: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(f"{name}Sheet", title, parent)
        self.page = named(LinkedPage(), f"{name}Text", title)
        filled(QVBoxLayout(self), (self.page, 1), self.make_buttons(Button.Close))
        give_size(self, *SIZE)


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
