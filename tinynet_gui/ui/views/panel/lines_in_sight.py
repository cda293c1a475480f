"""Which of the panel's lines are shown: a few, and those that differ from the tutorial."""

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from tinynet_gui.core.config import SETTINGS, Config
from tinynet_gui.core.config.setting_text import origin_text, source_text
from tinynet_gui.core.data.real_data import REAL_DATA
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.ui.views.panel.parameter_rows import SECTIONS, Row

LINES = {field.path: row.path for _, rows in SECTIONS for row in rows for field in row.fields}  # by field
FEW = {row.path for _, rows in SECTIONS for row in rows if row.is_first}


class LinesInSight:
    """Shows and hides the lines of the panel and the headings above them.

    A line is shown if its setting has an effect, is not hidden from students, and one of these holds: it is one of the
    few, differs from the tutorial, is pointed at, has the focus (so that it does not vanish in use), or all are wanted.
    """

    def __init__(self, editors: Mapping[str, QWidget]) -> None:
        self._editors = editors  # by path
        self._parts: dict[str, tuple[QWidget, ...]] = {}  # the widgets of a line, by the path of its first field
        self.headings: dict[str, QLabel] = {}  # by title
        self._hidden: set[str] = set()
        self._unused: set[str] = set()
        self._changed: set[str] = set()
        self._pointed_at: set[str] = set()
        self._shows_all = False

    def add_line(self, row: Row, *parts: QWidget) -> None:
        """Add a line: what is shown and hidden with it."""
        self._parts |= {**dict.fromkeys((field.path for field in row.fields), ()), row.path: parts}

    def show_all(self, is_wanted: bool) -> None:
        self._shows_all = is_wanted
        self._pointed_at = set()
        self._show()

    def show_hidden(self, hidden: Collection[str]) -> None:
        self._hidden = set(hidden)
        self._show()

    def show_used(self, path: str, is_used: bool) -> None:
        (self._unused.discard if is_used else self._unused.add)(path)

    def is_used(self, path: str) -> bool:
        return path not in self._unused

    def show_changed(self, changed: Collection[str]) -> None:
        self._changed = set(changed)
        self._show()

    def reveal(self, widget: QWidget) -> None:
        for path, editor in self._editors.items():
            if editor is widget or editor.isAncestorOf(widget):
                self._pointed_at = {path}
                self._show()

    def _is_shown(self, path: str) -> bool:
        focus = QApplication.focusWidget()
        editor = self._editors[path]
        is_wanted = (
            self._shows_all
            or path in FEW | self._changed | self._pointed_at
            or (focus is not None and not editor.isHidden() and self._has_focus(path, focus))
        )
        return is_wanted and path not in self._unused and path not in self._hidden

    def _has_focus(self, path: str, focus: QWidget) -> bool:
        parts = (self._editors[path], *self._parts[path])
        return any(part is focus or part.isAncestorOf(focus) for part in parts)

    def _show(self) -> None:
        in_sight = {LINES[path] for path in self._parts if self._is_shown(path)}
        for path, parts in self._parts.items():
            for part in parts:
                part.setVisible(path in in_sight)
        for title, rows in SECTIONS:
            self.headings[title].setVisible(any(row.path in in_sight for row in rows))


SHOWN_EXACTLY = 1e-3  # the precision of the shown range of x, as a share of it


def shown_values(config: Config) -> dict[str, Any]:
    """Return the values of the fields as shown, by path, including a named target's formula."""
    data, weights = config.data, config.network.first_weights
    values = {path: config.get(path) for path in SETTINGS}
    values["data.formula"] = data.true_formula or ""
    values["data.points"] = origin_text(data), source_text(data)
    values["network.first_weights"] = "", ""
    if weights is not None:
        about = _("weights and biases of {origin}").format(origin=weights.origin)
        values["network.first_weights"] = weights.origin, about
    if (points := data.points) is not None:
        error = SHOWN_EXACTLY * (points.x_range[1] - points.x_range[0])
        values["data.x_min"], values["data.x_max"] = (_shortest(end, error) for end in points.x_range)
        values["data.sample_count"], values["data.held_out"] = len(points), round(float(np.mean(points.held_out)), 4)
        if data.true_formula is None:
            values["data.target"] = next((name for name, it in REAL_DATA.items() if it.label == points.origin), None)
    return values


def _shortest(value: float, error: float) -> float:
    """Return a number rounded to the fewest digits, at least three, within this error."""
    rounded = (float(f"{value:.{digits}g}") for digits in range(3, 17))
    return next((number for number in rounded if abs(number - value) <= error), value)
