"""The rows of the table of parameters: value, gradient, movement, and whether frozen."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QObject, Qt, Signal
from PySide6.QtGui import QBrush

from tinynet_gui.core.text.numbers import signed
from tinynet_gui.core.values import dataclass
from tinynet_gui.core.wording.listed_parameters import ListedParameter
from tinynet_gui.ui.style.icons import make_icon
from tinynet_gui.ui.style.theme import Theme, fixed_font, small_font
from tinynet_gui.ui.widgets.naming import wrapped
from tinynet_gui.ui.widgets.value_editor import Index

HEADINGS = ("", "value", "gradient", "moved")
HELD = "frozen"
VALUE, GRADIENT = 1, 2  # in `HEADINGS`
NUDGE_HINT = "Press it to nudge the number: the loss a little below and above it, and the slope between."
GRADIENT_HINT = (
    "The loss's derivative by the number. Press one, or choose “Nudge this number …” by a right-click, to see it."
)
EDIT_HINT = "Double-click or F2 to set it by hand; training continues from there."


@dataclass(frozen=True)
class ParameterRow:
    """A parameter with its numbers: its value, the loss's derivative by it, value minus value at the run's start.

    `is_frozen`: frozen, by itself or with its neuron or its layer.
    """

    parameter: ListedParameter
    value: float
    gradient: float
    moved: float
    is_frozen: bool = False


class ParameterModel(QAbstractTableModel):
    """Names and values, a row for each parameter. All numbers take two columns more, or three rows for each parameter.

    Signals
    -------
    value_typed : ListedParameter, str
    """

    value_typed = Signal(object, str)

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[ParameterRow, ...] = ()
        self.digits: int | None = 4
        self.is_tall = self.shows_all = False
        self.theme = theme
        self._pointed = (-1, -1)

    def show_pointed(self, index: Index) -> bool:
        """Draw the gradient that the mouse is on as a link, or none; return whether it is on one."""
        is_gradient = index.isValid() and self.place(index)[1] == GRADIENT
        before, self._pointed = self._pointed, (index.row(), index.column()) if is_gradient else (-1, -1)
        for place in {before, self._pointed} - {(-1, -1)} if before != self._pointed else ():
            if (changed := self.index(*place)).isValid():
                self.dataChanged.emit(changed, changed, [Qt.ItemDataRole.FontRole, Qt.ItemDataRole.ForegroundRole])
        return is_gradient

    def show_rows(self, rows: Sequence[ParameterRow], digits: int | None) -> None:
        """Show other numbers."""
        is_same_shape = [r.parameter for r in rows] == [r.parameter for r in self.rows]
        if not is_same_shape:
            self.beginResetModel()
        self.rows, self.digits = tuple(rows), digits
        if not is_same_shape:
            self.endResetModel()
        elif rows:
            last = self.index(self.rowCount() - 1, self.columnCount() - 1)
            roles = [Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.DecorationRole]
            self.dataChanged.emit(self.index(0, 0), last, roles)

    def set_shape(self, is_tall: bool, shows_all: bool) -> None:
        """Show the values alone, or gradients and how far each has moved, too: in four columns, or in two if tall."""
        if (is_tall, shows_all) != (self.is_tall, self.shows_all):
            self.beginResetModel()
            self.is_tall, self.shows_all = is_tall, shows_all
            self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        """A row, or three, for each parameter."""
        return 0 if parent is not None and parent.isValid() else len(self.rows) * (3 if self.is_tall else 1)

    def columnCount(self, parent: Index | None = None) -> int:
        """Four, or two."""
        return 4 if self.shows_all and not self.is_tall else 2

    def place(self, index: Index) -> tuple[ParameterRow, int]:
        """Return the parameter of a cell, and the index of the cell's heading in `HEADINGS`."""
        if not self.is_tall:
            return self.rows[index.row()], index.column()
        heading = index.row() % 3 + 1
        return self.rows[index.row() // 3], heading if index.column() == 1 else 0

    def text(self, row: ParameterRow, heading: int) -> str:
        """Write one number of a row, or its label."""
        numbers = row.value, row.gradient, row.moved
        return signed(numbers[heading - 1], self.digits) if heading else row.parameter.label

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell's text and look."""
        row, heading = self.place(index)
        is_label = index.column() == 0 and not (self.is_tall and index.row() % 3)
        match role:
            case Qt.ItemDataRole.DisplayRole:
                is_lower = heading == 0 and not is_label
                return f"  {HEADINGS[index.row() % 3 + 1]}" if is_lower else self.text(row, heading)
            case Qt.ItemDataRole.EditRole:
                return signed(row.value, None)
            case Qt.ItemDataRole.FontRole:
                font = fixed_font(small_font().pointSizeF())
                font.setUnderline((index.row(), index.column()) == self._pointed)
                return font
            case Qt.ItemDataRole.TextAlignmentRole:
                return (
                    Qt.AlignmentFlag.AlignRight if heading else Qt.AlignmentFlag.AlignLeft
                ) | Qt.AlignmentFlag.AlignVCenter
            case Qt.ItemDataRole.ForegroundRole:
                sign = "positive" if row.value >= 0 else "negative"
                gradient = "accent" if (index.row(), index.column()) == self._pointed else "ink"
                return QBrush(self.theme.color(("muted", sign, gradient, "ink")[heading]))
            case Qt.ItemDataRole.DecorationRole:
                return make_icon("lock", self.theme.muted) if row.is_frozen and is_label else None
            case Qt.ItemDataRole.ToolTipRole:
                lines = [f"{row.parameter.label}: {signed(row.value, None)}"]
                if row.is_frozen:
                    lines.append(f"{HELD}: training does not change it.")
                hints = {VALUE: EDIT_HINT, GRADIENT: NUDGE_HINT}
                return "\n".join([*lines, hints[heading]] if heading in hints else lines)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the headings of the columns."""
        if orientation == Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return ("", "value")[section] if self.is_tall else HEADINGS[section]
        if role == Qt.ItemDataRole.FontRole:
            return small_font()
        if role == Qt.ItemDataRole.ToolTipRole and section == GRADIENT:
            return wrapped(GRADIENT_HINT)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Values can be edited."""
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags | Qt.ItemFlag.ItemIsEditable if self.place(index)[1] == VALUE else flags

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Emit a typed value; the table changes once the network has."""
        self.value_typed.emit(self.place(index)[0].parameter, str(value))
        return False
