"""The first rows of a parsed table."""

import math

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableWidget, QTableWidgetItem

from tinynet_gui.core.data.columns import Columns
from tinynet_gui.core.data.table import Table
from tinynet_gui.core.text.numbers import in_full
from tinynet_gui.core.text.shortened import shortened
from tinynet_gui.ui.style.theme import Theme, fixed_font, small_font
from tinynet_gui.ui.style.zoom import usual_px, whole_px
from tinynet_gui.ui.widgets.naming import as_it_stands, named

ROWS = 8
MOST_COLUMNS = 12  # besides those chosen
MOST_CHARACTERS = 20  # of a field
MOST_OF_A_NAME = 24
LEAST_WIDTH = 56  # px, of a column
NOTHING = "—"


class FirstRows(QTableWidget):
    """Read-only: numbers as numbers, other fields unchanged, with the file's line numbers on the left."""

    def __init__(self, table: Table, theme: Theme) -> None:
        super().__init__()
        named(self, "dataFirstRows", "The first rows as read")
        self._table, self._theme = table, theme
        self._columns: Columns | None = None
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setMinimumSize(220, 90)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setMinimumSectionSize(whole_px(LEAST_WIDTH))
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        for header in (self.horizontalHeader(), self.verticalHeader()):
            header.setSectionsClickable(False)
            header.setFont(small_font())
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setFont(fixed_font())
        self.verticalHeader().setMinimumSectionSize(1)
        self.verticalHeader().setDefaultSectionSize(usual_px(self.fontMetrics().lineSpacing()) + 3)

    def show_theme(self, theme: Theme) -> None:
        """Apply the colours of a theme."""
        self._theme = theme
        if self._columns is not None:
            self.show_columns(self._columns)

    def show_table(self, table: Table) -> None:
        """Take another table; `show_columns` shows it."""
        self._table, self._columns = table, None

    def show_columns(self, columns: Columns) -> None:
        """Mark the columns that are the samples."""
        self._columns = columns
        roles = {columns.x: "x", columns.y: "y"}
        if columns.x == columns.y:
            roles[columns.x] = "x, y"
        if columns.held_out is not None:
            roles.setdefault(columns.held_out, "held out")
        places = sorted({*range(min(MOST_COLUMNS, len(self._table.columns))), *roles})
        self.clear()
        self.setColumnCount(len(places))
        self.setRowCount(min(ROWS, len(self._table)))
        self.setVerticalHeaderLabels([f"{self._table.row_is} {line:,}" for line in self._table.lines[:ROWS]])
        for at, place in enumerate(places):
            self._show_column(at, place, roles.get(place, ""), bool(columns.unit) and place == columns.x)
        chosen = self.item(0, places.index(columns.x))
        if chosen is not None:
            self.scrollToItem(chosen)

    def _show_column(self, at: int, place: int, role: str, are_dates: bool) -> None:
        column, theme = self._table.columns[place], self._theme
        name, usual = self._table.names[place], theme.color("ink" if role else "muted")
        heading = _cell(f"{role}\n{shortened(name, MOST_OF_A_NAME)}", name, usual)
        font = QFont(small_font())
        font.setBold(bool(role))
        heading.setFont(font)
        self.setHorizontalHeaderItem(at, heading)
        for row in range(self.rowCount()):
            value, text = float(column.values[row]), column.texts[row]
            is_number = not (math.isnan(value) or are_dates)
            is_wrong = not (is_number or are_dates) and role in ("x", "y", "x, y")
            shown = in_full(value) if is_number else shortened(text, MOST_CHARACTERS) or NOTHING
            self.setItem(row, at, _cell(shown, shortened(text), theme.color("error") if is_wrong else usual))


def _cell(shown: str, text: str, color: QColor) -> QTableWidgetItem:
    cell = QTableWidgetItem(shown)
    cell.setToolTip(as_it_stands(text))
    cell.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    cell.setForeground(color)
    return cell
