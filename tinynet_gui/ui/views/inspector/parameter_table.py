"""The table of parameters, and the field for typing a value."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QEvent, QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFontMetrics, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QMenu, QSizePolicy, QStyleOptionViewItem

from tinynet_gui.core.text.numbers import read_value
from tinynet_gui.ui.style.theme import Theme, fixed_font, small_font
from tinynet_gui.ui.style.zoom import whole_px
from tinynet_gui.ui.views.inspector.parameter_model import (
    GRADIENT,
    HEADINGS,
    HELD,
    NUDGE_HINT,
    ParameterModel,
    ParameterRow,
)
from tinynet_gui.ui.widgets.menus import add_actions_around, passing_menu
from tinynet_gui.ui.widgets.plain_table import PlainTable
from tinynet_gui.ui.widgets.value_editor import Index, ValueEditor

NUDGE = "Nudge this number …"
PADDING = 8  # px between columns
WIDEST = 480  # px: beyond, the labels would be far from their numbers
LOCK_SIZE, LOCK_WIDTH = 9, 14  # px: of the lock at a frozen parameter, and its share of the labels' column


class ParameterEditor(ValueEditor):
    """The field for typing a parameter; frozen ones have a lock after their label."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw the lock after the label."""
        super().initStyleOption(option, index)
        option.decorationPosition = QStyleOptionViewItem.Position.Right
        option.decorationSize = QSize(whole_px(LOCK_SIZE), whole_px(LOCK_SIZE))


class ParameterTable(PlainTable):
    """As high as its rows; it never scrolls by itself.

    Signals
    -------
    parameter_edited : ParameterRef, float
    refused : str
        Why a typed text was refused; empty once that is over.
    row_chosen : int or None
        The index of the current row's parameter.
    nudge_wanted : ParameterRef
        Its gradient was pressed, or it was chosen in the menu of its row.
    """

    parameter_edited = Signal(object, float)
    refused = Signal(str)
    row_chosen = Signal(object)
    nudge_wanted = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__("inspectorTable", "Weights and bias with their gradients", around_px=4)
        self.model_of_parameters = ParameterModel(theme, self)
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
        self.model_of_parameters.value_typed.connect(
            lambda p, text: self.parameter_edited.emit(p.ref, read_value(text))
        )
        self._editor.refused.connect(self.refused)
        for pressed in (self.clicked, self.activated):  # by the mouse or a finger; by Enter
            pressed.connect(self._on_pressed)
        self.show_theme(theme)

    def show_theme(self, theme: Theme) -> None:
        """Apply the colours of a theme."""
        self.model_of_parameters.theme = theme
        self._place()

    def show_rows(self, rows: Sequence[ParameterRow], digits: int | None) -> None:
        """Show parameters with their numbers."""
        model = self.model_of_parameters
        before = model.digits, [row.parameter for row in model.rows]
        model.show_rows(rows, digits)
        if before != (digits, [row.parameter for row in rows]):
            model.set_shape(False, model.shows_all)
        self._place()

    def show_all(self, is_wanted: bool) -> None:
        """Show gradients and how far each has moved, or the values alone."""
        self.model_of_parameters.set_shape(False, is_wanted)
        self._place()

    def text(self) -> str:
        """Return the table's full text, with tabs between the columns."""
        model = self.model_of_parameters
        lines = ["\t".join(("parameter", *HEADINGS[1:]))]
        for row in model.rows:
            cells = [model.text(row, heading) for heading in range(4)]
            lines.append("\t".join([*cells, HELD] if row.is_frozen else cells))
        return "\n".join(lines)

    def currentChanged(self, current: Index, previous: Index) -> None:
        """Emit the current row."""
        super().currentChanged(current, previous)
        each = 3 if self.model_of_parameters.is_tall else 1
        self.row_chosen.emit(current.row() // each if current.isValid() else None)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show that a gradient can be pressed."""
        super().mouseMoveEvent(event)
        is_link = self.model_of_parameters.show_pointed(self.indexAt(event.position().toPoint()))
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if is_link else Qt.CursorShape.ArrowCursor)

    def leaveEvent(self, event: QEvent) -> None:
        """The mouse is on no gradient."""
        super().leaveEvent(event)
        self.model_of_parameters.show_pointed(QModelIndex())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer to nudge the number of a row."""
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        self.menu(self.currentIndex() if by_key else self.indexAt(event.pos())).popup(event.globalPos())

    def menu(self, index: Index) -> QMenu:
        """Make the menu of a cell; it is deleted when it closes."""
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
        """As high as the rows."""
        header = self.horizontalHeader().height()
        return QSize(
            whole_px(200), header + self.model_of_parameters.rowCount() * self.verticalHeader().defaultSectionSize() + 2
        )

    def minimumSizeHint(self) -> QSize:
        """Never less than all rows."""
        return QSize(whole_px(100), self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Distribute the width again."""
        super().resizeEvent(event)
        if event.size().width() > event.oldSize().width():
            self.model_of_parameters.set_shape(False, self.model_of_parameters.shows_all)
        self._place()

    def _place(self) -> None:
        """Choose between four columns and two by what fits, and distribute the width."""
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
        if model.is_tall:
            header.resizeSection(0, room - max(widths[1:]))
            header.resizeSection(1, max(widths[1:]))
        else:
            spare = max(0, room - sum(widths))
            for heading, width in enumerate(widths):
                header.resizeSection(heading, width + (spare if heading == 0 else 0))
        self.updateGeometry()
