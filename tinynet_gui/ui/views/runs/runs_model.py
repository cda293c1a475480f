"""The rows of the runs table: shown, starred, name, branching point, and results."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QBrush, QFont, QPen

from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.values import frozen_dataclass
from tinynet_gui.ui.style.theme import fixed_font, small_font, theme
from tinynet_gui.ui.widgets.accessibility import literal_tooltip
from tinynet_gui.ui.widgets.fields.editors import Index, RowsModel
from tinynet_gui.ui.widgets.plots.plot_parts import line_pen, run_pen

SHOWN, STAR, NAME, STEPS, LOSS, HELD_OUT, DEAD, BRANCHED = range(8)
RESULTS = (STEPS, LOSS, HELD_OUT, DEAD)
HEADINGS = (_("show"), "★", _("run"), _("steps"), _("loss"), _("held out"), _("dead"), _("branched off"))
HINTS = (
    _("Draw it over the current run; Space does so with the selected runs."),
    _("A starred run is kept, however many come after it."),
    _("What the run is called: by what sets it apart, or as you like."),
    _("How many steps it has taken."),
    _("The loss on the training samples after its last step."),
    _("The loss on the held-out samples after its last step."),
    _("How many hidden neurons are 0 on every training sample."),
    _("The run it branches from, and the step."),
)
CURRENT = "▸ "
LINE_WIDTH = 2.4


@frozen_dataclass
class RunRow:
    """A run in the table: `color` is the index of its colour in the plots, None if it is not drawn.

    `branched_off` says where, or ""; `results` are steps, training loss, held-out loss and dead neurons, "" while
    unknown.
    """

    run_id: int
    name: str
    color: int | None = None
    is_shown: bool = False
    is_starred: bool = False
    is_current: bool = False
    is_baseline: bool = False
    branched_off: str = ""
    results: tuple[str, ...] = ("", "", "", "")


class RunsModel(RowsModel):
    """A row per run; emits a typed name with the run's id."""

    renamed = Signal(int, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: Sequence[RunRow] = ()
        self._has_baseline = False

    def show_rows(self, rows: Sequence[RunRow]) -> bool:
        """Show runs, and return whether they differ from the previous ones."""
        are_others = [row.run_id for row in rows] != [row.run_id for row in self.rows]
        has_baseline = any(row.is_baseline for row in rows)
        with self.changing(are_others):
            self.rows = rows
        if has_baseline != self._has_baseline:
            self._has_baseline = has_baseline
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, BRANCHED)
        return are_others

    @property
    def looked_at(self) -> int | None:
        """The id of the current run, if it is listed."""
        return next((row.run_id for row in self.rows if row.is_current), None)

    def row_of(self, run_id: int | None) -> int | None:
        return next((place for place, row in enumerate(self.rows) if row.run_id == run_id), None)

    def text(self, row: RunRow, column: int) -> str:
        star, mark = "★" if row.is_starred else "☆", CURRENT if row.is_current else ""
        texts = {STAR: star, NAME: mark + row.name, BRANCHED: row.branched_off}
        return row.results[column - STEPS] if column in RESULTS else texts.get(column, "")

    def heading(self, column: int) -> str:
        """Return a column's heading, with a Δ if its numbers are differences."""
        return f"Δ {HEADINGS[column]}" if self._has_baseline and column in RESULTS else HEADINGS[column]

    def font(self, row: RunRow, column: int) -> QFont:
        font = fixed_font(small_font().pointSizeF()) if column in RESULTS else small_font()
        font.setBold(row.is_current and column == NAME)
        font.setItalic(row.is_baseline and column in (NAME, *RESULTS))
        return font

    def line(self, row: RunRow) -> QPen | None:
        """Return the pen of a run's line in the plots; None if it is not drawn."""
        if row.is_current:
            return line_pen("ink", LINE_WIDTH)
        return None if row.color is None else run_pen(row.color, LINE_WIDTH)

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index | None = None) -> int:
        return len(HEADINGS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row, column = self.rows[index.row()], index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self.text(row, column)
            case Qt.ItemDataRole.EditRole:
                return row.name
            case Qt.ItemDataRole.ToolTipRole:
                return literal_tooltip(self._tooltip(row, column))
            case Qt.ItemDataRole.AccessibleTextRole:
                return self._accessible_text(row, column)
        return self._looks(row, column, role)

    def _looks(self, row: RunRow, column: int, role: int) -> Any:
        match role:
            case Qt.ItemDataRole.CheckStateRole if column == SHOWN:
                return Qt.CheckState.Checked if row.is_shown else Qt.CheckState.Unchecked
            case Qt.ItemDataRole.FontRole:
                return self.font(row, column)
            case Qt.ItemDataRole.TextAlignmentRole if column in RESULTS:
                return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            case Qt.ItemDataRole.ForegroundRole:
                return QBrush(theme().color("muted" if column in (STAR, BRANCHED) else "ink"))
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Vertical:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self.heading(section)
            case Qt.ItemDataRole.TextAlignmentRole:
                way = Qt.AlignmentFlag.AlignRight if section in RESULTS else Qt.AlignmentFlag.AlignLeft
                return way | Qt.AlignmentFlag.AlignVCenter
            case Qt.ItemDataRole.ToolTipRole:
                return HINTS[section]
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags | Qt.ItemFlag.ItemIsEditable if index.column() == NAME else flags

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        self.renamed.emit(self.rows[index.row()].run_id, str(value).strip())
        return False

    def _tooltip(self, row: RunRow, column: int) -> str:
        match column:
            case 0:
                return _("The current run is drawn anyway.") if row.is_current else HINTS[SHOWN]
            case 2:
                current = _("the current run") if row.is_current else ""
                says = " – ".join(filter(None, (row.name, current, _("the baseline") if row.is_baseline else "")))
                origin = _("Branched off: {where}").format(where=row.branched_off) if row.branched_off else ""
                ways = _("Double-click the name, or F2: rename. Double-click elsewhere, or Enter: open.")
                return "\n".join(filter(None, (says, origin, ways)))
            case 7 if row.branched_off:
                return row.branched_off
        return HINTS[column]

    def _accessible_text(self, row: RunRow, column: int) -> str:
        match column:
            case 0:
                return _("shown") if row.is_shown else _("not shown")
            case 1:
                return _("starred") if row.is_starred else _("not starred")
        return self.text(row, column)
