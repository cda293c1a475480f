"""The table of parameters, and the field for typing a value."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QEvent, QModelIndex, QObject, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QContextMenuEvent, QFontMetrics, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QMenu, QSizePolicy, QStyleOptionViewItem

from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.numbers import read_value, signed
from tinynet_gui.core.values import frozen_dataclass
from tinynet_gui.core.wording.neurons import ListedParameter
from tinynet_gui.ui.style.theme import fixed_font, make_icon, small_font, theme, whole_px
from tinynet_gui.ui.widgets.accessibility import wrapped
from tinynet_gui.ui.widgets.cards import add_actions_around, passing_menu
from tinynet_gui.ui.widgets.fields.editors import Index, RowsModel, ValueEditor
from tinynet_gui.ui.widgets.text import PlainTable

HEADINGS = ("", _("value"), _("gradient"), _("moved"))
HELD = _("frozen")
VALUE, GRADIENT = 1, 2  # in `HEADINGS`
NUDGE_HINT = _("Press it to nudge the number: the loss a little below and above it, and the slope between.")
GRADIENT_HINT = _(
    "The loss's derivative by the number. Press one, or choose “Nudge this number …” by a right-click, to see it."
)
EDIT_HINT = _("Double-click or F2 to set it by hand; training continues from there.")


@frozen_dataclass
class ParameterRow:
    """A parameter's value, the loss's derivative by it, and value minus initial value.

    `is_frozen`: by itself, or with its neuron or layer.
    """

    parameter: ListedParameter
    value: float
    gradient: float
    moved: float
    is_frozen: bool = False


class ParameterModel(RowsModel):
    """A row per parameter: name and value. All numbers take two more columns or, if tall, three rows."""

    value_typed = Signal(object, float)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[ParameterRow, ...] = ()
        self.digits: int | None = 4
        self.is_tall = self.shows_all = False
        self._pointed = (-1, -1)

    def show_pointed(self, index: Index) -> bool:
        """Draw the hovered gradient as a link; return whether there is one."""
        is_gradient = index.isValid() and self.place(index)[1] == GRADIENT
        before, self._pointed = self._pointed, (index.row(), index.column()) if is_gradient else (-1, -1)
        for place in {before, self._pointed} - {(-1, -1)} if before != self._pointed else ():
            if (changed := self.index(*place)).isValid():
                self.dataChanged.emit(changed, changed, [Qt.ItemDataRole.FontRole, Qt.ItemDataRole.ForegroundRole])
        return is_gradient

    def show_rows(self, rows: Sequence[ParameterRow], digits: int | None) -> None:
        with self.changing([r.parameter for r in rows] != [r.parameter for r in self.rows]):
            self.rows, self.digits = tuple(rows), digits

    def set_shape(self, is_tall: bool, shows_all: bool) -> None:
        """Show only values, or gradients and movement, too: in four columns, or in two if tall."""
        if (is_tall, shows_all) != (self.is_tall, self.shows_all):
            with self.changing(True):
                self.is_tall, self.shows_all = is_tall, shows_all

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows) * (3 if self.is_tall else 1)

    def columnCount(self, parent: Index | None = None) -> int:
        return 4 if self.shows_all and not self.is_tall else 2

    def place(self, index: Index) -> tuple[ParameterRow, int]:
        """Return the parameter of a cell, and the index of the cell's heading in `HEADINGS`."""
        if not self.is_tall:
            return self.rows[index.row()], index.column()
        heading = index.row() % 3 + 1
        return self.rows[index.row() // 3], heading if index.column() == 1 else 0

    def text(self, row: ParameterRow, heading: int) -> str:
        numbers = row.value, row.gradient, row.moved
        return signed(numbers[heading - 1], self.digits) if heading else row.parameter.label

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
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
            case Qt.ItemDataRole.TextAlignmentRole if heading:
                return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            case Qt.ItemDataRole.ForegroundRole:
                sign = "positive" if row.value >= 0 else "negative"
                gradient = "accent" if (index.row(), index.column()) == self._pointed else "ink"
                return QBrush(theme().color(("muted", sign, gradient, "ink")[heading]))
            case Qt.ItemDataRole.DecorationRole:
                return make_icon("lock", theme().muted) if row.is_frozen and is_label else None
            case Qt.ItemDataRole.ToolTipRole:
                lines = [f"{row.parameter.label}: {signed(row.value, None)}"]
                if row.is_frozen:
                    lines.append(_("frozen: training does not change it."))
                hints = {VALUE: EDIT_HINT, GRADIENT: NUDGE_HINT}
                return "\n".join([*lines, hints[heading]] if heading in hints else lines)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return HEADINGS[section]
        if role == Qt.ItemDataRole.ToolTipRole and section == GRADIENT:
            return wrapped(GRADIENT_HINT)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags | Qt.ItemFlag.ItemIsEditable if self.place(index)[1] == VALUE else flags

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Emit a typed value; the table changes once the network has."""
        self.value_typed.emit(self.place(index)[0].parameter.ref, read_value(str(value)))
        return False


NUDGE = _("Nudge this number …")
PADDING = 8  # px between columns
WIDEST = 480  # px: beyond, the labels would be far from their numbers
LOCK_SIZE, LOCK_WIDTH = 9, 14  # px: of the lock at a frozen parameter, and its share of the labels' column


class ParameterEditor(ValueEditor):
    """Edits a parameter; labels of frozen ones have a lock."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        option.decorationPosition = QStyleOptionViewItem.Position.Right
        option.decorationSize = QSize(whole_px(LOCK_SIZE), whole_px(LOCK_SIZE))


class ParameterTable(PlainTable):
    """As high as its rows; the surrounding view scrolls.

    `refused` says why a typed text was refused, "" once resolved; `row_chosen` has the index of the current row's
    parameter, or -1; `nudge_wanted`: a gradient was clicked, or the context menu's action chosen.
    """

    row_chosen = Signal(int)
    nudge_wanted = Signal(object)

    def __init__(self) -> None:
        super().__init__("inspectorTable", _("Weights and bias with their gradients"), padding_px=4)
        self.model_of_parameters = ParameterModel(self)
        self._editor = ParameterEditor(self, "inspectorValue", read_value)
        self.setModel(self.model_of_parameters)
        self.setItemDelegate(self._editor)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed)
        for policy in (self.setHorizontalScrollBarPolicy, self.setVerticalScrollBarPolicy):
            policy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.horizontalHeader().setMinimumSectionSize(1)
        self.setMouseTracking(True)
        self.parameter_edited, self.refused = self.model_of_parameters.value_typed, self._editor.refused
        for pressed in (self.clicked, self.activated):  # by the mouse or a finger; by Enter
            pressed.connect(self._on_pressed)
        self.fit()

    def show_rows(self, rows: Sequence[ParameterRow], digits: int | None) -> None:
        model = self.model_of_parameters
        before = model.digits, [row.parameter for row in model.rows]
        model.show_rows(rows, digits)
        if before != (digits, [row.parameter for row in rows]):
            model.set_shape(False, model.shows_all)
        self.fit()

    def show_all(self, is_wanted: bool) -> None:
        self.model_of_parameters.set_shape(False, is_wanted)
        self.fit()

    def text(self) -> str:
        model = self.model_of_parameters
        lines = ["\t".join((_("parameter"), *HEADINGS[1:]))]
        for row in model.rows:
            cells = [model.text(row, heading) for heading in range(4)]
            lines.append("\t".join([*cells, HELD] if row.is_frozen else cells))
        return "\n".join(lines)

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        self.row_chosen.emit(current.row() // (3 if self.model_of_parameters.is_tall else 1))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        is_link = self.model_of_parameters.show_pointed(self.indexAt(event.position().toPoint()))
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if is_link else Qt.CursorShape.ArrowCursor)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.model_of_parameters.show_pointed(QModelIndex())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        self.menu(self.currentIndex() if by_key else self.indexAt(event.pos())).popup(event.globalPos())

    def menu(self, index: Index) -> QMenu:
        menu = passing_menu(self, "inspectorTableMenu")
        if index.isValid():
            row, _ = self.model_of_parameters.place(index)
            menu.addAction(NUDGE, partial(self.nudge_wanted.emit, row.parameter.ref)).setToolTip(NUDGE_HINT)
        add_actions_around(menu, self)
        return menu

    def _on_pressed(self, index: Index) -> None:
        row, heading = self.model_of_parameters.place(index)
        if heading == GRADIENT:
            self.nudge_wanted.emit(row.parameter.ref)

    def sizeHint(self) -> QSize:
        rows = self.model_of_parameters.rowCount() * self.verticalHeader().defaultSectionSize()
        return QSize(whole_px(200), self.horizontalHeader().height() + rows + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(whole_px(100), self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        if event.size().width() > event.oldSize().width():
            self.model_of_parameters.set_shape(False, self.model_of_parameters.shows_all)
        super().resizeEvent(event)

    def fit(self) -> None:
        """Choose four columns or two by what fits, and distribute the width."""
        model = self.model_of_parameters
        heads, cells = self.horizontalHeader().fontMetrics(), QFontMetrics(fixed_font(small_font().pointSizeF()))
        widths = []
        for heading in range(4 if model.shows_all else 2):
            texts = [cells.horizontalAdvance(model.text(row, heading)) for row in model.rows]
            widths.append(max([heads.horizontalAdvance(HEADINGS[heading]), *texts]) + whole_px(PADDING))
        if any(row.is_frozen for row in model.rows):
            widths[0] += whole_px(LOCK_WIDTH)
        room = self.viewport().width() - whole_px(PADDING // 2)  # the style draws headings up to the edge and beyond
        room = min(room, whole_px(WIDEST))
        if model.shows_all and not model.is_tall and sum(widths) > room and not self.is_editing():
            model.set_shape(True, model.shows_all)
        header = self.horizontalHeader()
        widths = [0, max(widths[1:])] if model.is_tall else widths
        widths[0] = max(widths[0], room - sum(widths[1:]))
        for section, width in enumerate(widths):
            header.resizeSection(section, width)
        self.updateGeometry()
