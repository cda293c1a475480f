"""Runs side by side: a column for each, a row for each setting and each result in which they differ."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QObject, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView

from tinynet_gui.core.wording.run_differences import Difference
from tinynet_gui.ui.style.zoom import whole_px
from tinynet_gui.ui.widgets.naming import as_it_stands
from tinynet_gui.ui.widgets.plain_table import PlainTable
from tinynet_gui.ui.widgets.value_editor import Index

WIDEST = 170  # px of a column, if there is no space for more


class DifferencesModel(QAbstractTableModel):
    """The differences."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.names: Sequence[str] = ()
        self.rows: Sequence[Difference] = ()

    def show_differences(self, names: Sequence[str], rows: Sequence[Difference]) -> None:
        """Show the differences of the runs with these names."""
        if (list(names), list(rows)) != (list(self.names), list(self.rows)):
            self.beginResetModel()
            self.names, self.rows = names, rows
            self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        """A row for each setting or result."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index | None = None) -> int:
        """A column for each run."""
        return 0 if parent is not None and parent.isValid() else len(self.names)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell's text."""
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self.rows[index.row()].texts[index.column()]
            case Qt.ItemDataRole.ToolTipRole:
                return as_it_stands(f"{self.names[index.column()]}: {self.rows[index.row()].texts[index.column()]}")
            case Qt.ItemDataRole.TextAlignmentRole:
                return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the runs' names above, and the names of the differences beside."""
        is_name = orientation == Qt.Orientation.Horizontal
        text = self.names[section] if is_name else self.rows[section].label
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return text
            case Qt.ItemDataRole.ToolTipRole:
                return as_it_stands(text)
            case Qt.ItemDataRole.TextAlignmentRole:
                return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None


class DifferencesTable(PlainTable):
    """Shows the model; nothing in it can be edited."""

    def __init__(self) -> None:
        says = "The settings and results in which the runs differ, side by side"
        super().__init__("runDifferences", says, around_px=6, has_numbers=True)
        self.differences = DifferencesModel(self)
        self.setModel(self.differences)
        self.setShowGrid(True)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.fit()

    def show_differences(self, names: Sequence[str], rows: Sequence[Difference]) -> None:
        """Show the differences of the runs with these names."""
        self.differences.show_differences(names, rows)
        self.fit()

    def fit(self) -> None:
        """Fit the columns to their content; a long text that does not fit gets its share."""
        count = len(self.differences.names)
        share = self.viewport().width() // count if count else 0
        self.horizontalHeader().setMaximumSectionSize(max(whole_px(WIDEST), share))
        self.resizeColumnsToContents()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Distribute the width again."""
        super().resizeEvent(event)
        self.fit()
