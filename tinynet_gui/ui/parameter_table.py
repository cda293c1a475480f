"""The table of parameters: value, gradient, and how far each has moved; a value can be edited."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QBrush, QFontMetrics, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QLineEdit,
    QSizePolicy,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from tinynet_gui.ui.inspected import Parameter, read_value, value_text
from tinynet_gui.ui.naming import named
from tinynet_gui.ui.theme import Theme, fixed_font, small_font

Index = QModelIndex | QPersistentModelIndex
HEADINGS = ("", "value", "gradient", "moved")
PADDING = 8  # px between columns
EDITOR_WIDTH = 130  # px, enough for all of a float32 number
EDIT_HINT = "Double-click or F2 to set it by hand; training goes on from there."


@dataclass(frozen=True)
class ParameterRow:
    """A parameter with its numbers: its value, the loss's derivative by it, value minus value at the run's start."""

    parameter: Parameter
    value: float
    gradient: float
    moved: float


class ParameterModel(QAbstractTableModel):
    """Four columns, a row for each parameter; or, where that is too wide, two columns with three rows for each.

    Signals
    -------
    value_typed : Parameter, str
    """

    value_typed = Signal(object, str)

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[ParameterRow, ...] = ()
        self.digits: int | None = 4
        self.is_tall = False
        self.theme = theme
        self._font = fixed_font(small_font().pointSizeF())

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
            self.dataChanged.emit(self.index(0, 0), last, [Qt.ItemDataRole.DisplayRole])

    def set_tall(self, is_tall: bool) -> None:
        """Change between four columns and two."""
        if is_tall != self.is_tall:
            self.beginResetModel()
            self.is_tall = is_tall
            self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        """A row, or three, for each parameter."""
        return 0 if parent is not None and parent.isValid() else len(self.rows) * (3 if self.is_tall else 1)

    def columnCount(self, parent: Index | None = None) -> int:
        """Four, or two."""
        return 2 if self.is_tall else 4

    def place(self, index: Index) -> tuple[ParameterRow, int]:
        """Return which parameter is in a cell, and which of `HEADINGS` the cell is of."""
        if not self.is_tall:
            return self.rows[index.row()], index.column()
        heading = index.row() % 3 + 1
        return self.rows[index.row() // 3], heading if index.column() == 1 else 0

    def text(self, row: ParameterRow, heading: int) -> str:
        """Write one number of a row, or its label."""
        more = None if self.digits is None else self.digits + 1  # gradients are smaller
        match heading:
            case 1:
                return value_text(row.value, self.digits)
            case 2:
                return value_text(row.gradient, more)
            case 3:
                return value_text(row.moved, self.digits)
        return row.parameter.label

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell says and how it looks."""
        row, heading = self.place(index)
        match role:
            case Qt.ItemDataRole.DisplayRole:
                is_lower = self.is_tall and heading == 0 and index.row() % 3
                return f"  {HEADINGS[index.row() % 3 + 1]}" if is_lower else self.text(row, heading)
            case Qt.ItemDataRole.EditRole:
                return value_text(row.value, None)
            case Qt.ItemDataRole.FontRole:
                return self._font
            case Qt.ItemDataRole.TextAlignmentRole:
                return (
                    Qt.AlignmentFlag.AlignRight if heading else Qt.AlignmentFlag.AlignLeft
                ) | Qt.AlignmentFlag.AlignVCenter
            case Qt.ItemDataRole.ForegroundRole:
                sign = "positive" if row.value >= 0 else "negative"
                return QBrush(self.theme.color(("muted", sign, "ink", "ink")[heading]))
            case Qt.ItemDataRole.ToolTipRole:
                full = f"{row.parameter.label}: {value_text(row.value, None)}"
                return f"{full}\n{EDIT_HINT}" if heading == 1 else full
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What stands above the columns."""
        if orientation == Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return ("", "value")[section] if self.is_tall else HEADINGS[section]
        if role == Qt.ItemDataRole.FontRole:
            return small_font()
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Values can be edited."""
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags | Qt.ItemFlag.ItemIsEditable if self.place(index)[1] == 1 else flags

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Tell what was typed; the table changes when the network has."""
        self.value_typed.emit(self.place(index)[0].parameter, str(value))
        return False


class ValueEditor(QStyledItemDelegate):
    """The field in which a value is typed: it stays open, marked, while its text is not a number.

    Signals
    -------
    refused : str
        Why the text is not taken; empty once it no longer is refused.
    """

    refused = Signal(str)

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        """Open a field with all of the float32 number in it."""
        editor = named(QLineEdit(parent), "inspectorValue", "New value", "Enter sets it, Escape leaves it as it was.")
        editor.setText(index.data(Qt.ItemDataRole.EditRole))
        editor.setFont(index.data(Qt.ItemDataRole.FontRole))
        editor.setStyleSheet("QLineEdit { padding: 0; min-height: 0; border-radius: 2px; }")
        editor.setAlignment(Qt.AlignmentFlag.AlignRight)
        editor.selectAll()
        self.refused.emit("")
        editor.textEdited.connect(lambda: self._mark(editor, ""))
        return editor

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        """Leave what is being typed alone, though the training goes on."""

    def setModelData(self, editor: QWidget, model: Any, index: Index) -> None:
        """Give on a number that has been typed, and no other."""
        assert isinstance(editor, QLineEdit)
        if not editor.isModified():
            return
        try:
            read_value(editor.text())
        except ValueError as error:
            self._mark(editor, f"{error}. Nothing was changed.")
            return
        model.setData(index, editor.text())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the field open at Enter while its text is refused; Escape takes the refusal back."""
        if isinstance(watched, QLineEdit) and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and watched.isModified():
                try:
                    read_value(watched.text())
                except ValueError as error:
                    self._mark(watched, f"{error}. Nothing was changed.")
                    return True
            elif event.key() == Qt.Key.Key_Escape:
                self.refused.emit("")
        return super().eventFilter(watched, event)

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        """Give the field the whole width right of the labels: a full number is longer than its column."""
        full = QRect(option.rect)
        full.setWidth(max(full.width(), EDITOR_WIDTH))
        if isinstance(view := editor.parent(), QWidget):
            full.moveRight(min(full.right(), view.width() - 1))
        editor.setGeometry(full)

    def _mark(self, editor: QLineEdit, reason: str) -> None:
        editor.setProperty("invalid", bool(reason))
        editor.style().unpolish(editor)
        editor.style().polish(editor)
        self.refused.emit(reason)


class ParameterTable(QTableView):
    """As high as its rows; it never scrolls by itself.

    Signals
    -------
    value_typed : Parameter, float
    refused : str
        Why a typed text was not taken; empty once that is over.
    row_chosen : int or None
        Which parameter's row is the current one.
    """

    value_typed = Signal(object, float)
    refused = Signal(str)
    row_chosen = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "inspectorTable", "Weights and bias with their gradients")
        self.model_of_parameters = ParameterModel(theme, self)
        self._editor = ValueEditor(self)
        self.setModel(self.model_of_parameters)
        self.setItemDelegate(self._editor)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setFont(small_font())
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setTabKeyNavigation(False)
        for policy in (self.setHorizontalScrollBarPolicy, self.setVerticalScrollBarPolicy):
            policy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.verticalHeader().hide()
        self.verticalHeader().setMinimumSectionSize(1)
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 4)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setMinimumSectionSize(1)
        self.horizontalHeader().setFont(small_font())
        self.horizontalHeader().setSectionsClickable(False)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setFixedHeight(self.fontMetrics().height() + 4)
        self.model_of_parameters.value_typed.connect(lambda p, text: self.value_typed.emit(p, read_value(text)))
        self._editor.refused.connect(self.refused)
        self.show_theme(theme)

    def show_theme(self, theme: Theme) -> None:
        """Take on the colours of a theme."""
        self.model_of_parameters.theme = theme
        self.setStyleSheet(
            f"QTableView {{ background: transparent; selection-background-color: {theme.grid}; }}"
            f"QHeaderView, QHeaderView::section {{ background: transparent; border: none; color: {theme.muted};"
            f" padding: 0 {PADDING // 2}px; }}"
        )

    def show_rows(self, rows: Sequence[ParameterRow], digits: int | None) -> None:
        """Show parameters with their numbers."""
        model = self.model_of_parameters
        before = model.digits, [row.parameter for row in model.rows]
        model.show_rows(rows, digits)
        if before != (digits, [row.parameter for row in rows]):
            model.set_tall(False)
        self._place()

    def is_editing(self) -> bool:
        """Whether a value is being typed."""
        return self.state() == QAbstractItemView.State.EditingState

    def text(self) -> str:
        """All that the table says, with tabs between the columns."""
        model = self.model_of_parameters
        lines = ["\t".join(("parameter", *HEADINGS[1:]))]
        lines += ["\t".join(model.text(row, heading) for heading in range(4)) for row in model.rows]
        return "\n".join(lines)

    def currentChanged(self, current: Index, previous: Index) -> None:
        """Tell which row is the current one."""
        super().currentChanged(current, previous)
        each = 3 if self.model_of_parameters.is_tall else 1
        self.row_chosen.emit(current.row() // each if current.isValid() else None)

    def sizeHint(self) -> QSize:
        """As high as the rows."""
        header = self.horizontalHeader().height()
        return QSize(200, header + self.model_of_parameters.rowCount() * self.verticalHeader().defaultSectionSize() + 2)

    def minimumSizeHint(self) -> QSize:
        """Never less than all rows."""
        return QSize(100, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the width anew."""
        super().resizeEvent(event)
        if event.size().width() > event.oldSize().width():
            self.model_of_parameters.set_tall(False)
        self._place()

    def _place(self) -> None:
        """Choose between four columns and two by what fits, and share the width among them."""
        model = self.model_of_parameters
        heads, cells = self.horizontalHeader().fontMetrics(), QFontMetrics(fixed_font(small_font().pointSizeF()))
        widths = [
            max(
                [
                    heads.horizontalAdvance(HEADINGS[heading]),
                    *(cells.horizontalAdvance(model.text(row, heading)) for row in model.rows),
                ]
            )
            + PADDING
            for heading in range(4)
        ]
        room = self.viewport().width() - PADDING // 2  # the style draws headings up to the edge and beyond
        if not model.is_tall and sum(widths) > room and not self.is_editing():
            model.set_tall(True)
        header = self.horizontalHeader()
        if model.is_tall:
            header.resizeSection(0, room - max(widths[1:]))
            header.resizeSection(1, max(widths[1:]))
        else:
            spare = max(0, room - sum(widths))
            for heading, width in enumerate(widths):
                header.resizeSection(heading, width + (spare if heading == 0 else 0))
        self.updateGeometry()
