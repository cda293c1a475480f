"""The rows of samples with columns as wide as needed, and the keys that edit them."""

from functools import partial

import numpy as np
from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QMenu

from tinynet_gui.core.data.points import Points
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.values import Ints
from tinynet_gui.ui.style.theme import fixed_font, small_font, whole_px
from tinynet_gui.ui.views.data_table import data_model
from tinynet_gui.ui.widgets.accessibility import DELETE
from tinynet_gui.ui.widgets.cards import passing_menu
from tinynet_gui.ui.widgets.fields.editors import ValueEditor
from tinynet_gui.ui.widgets.text import PlainTable

PADDING = 7  # px between columns
USUAL = "−0.000"  # always fits
COPY, PASTE = QKeySequence.StandardKey.Copy, QKeySequence.StandardKey.Paste
BEGINS_A_NUMBER = tuple("0123456789.,+-−")
ARROW = f"{data_model.NARROW}↓"
NUMBER_PADDING = 9  # px beside the numbers of the rows


class SampleRows(PlainTable):
    """Shows the model's rows; whole rows are selected: `places_chosen` emits the ascending indices of their samples."""

    places_chosen = Signal(object)
    copy_wanted = Signal()
    paste_wanted = Signal()
    delete_wanted = Signal()
    order_wanted = Signal()
    edit_ended = Signal()

    def __init__(self, model: data_model.DataModel) -> None:
        says = _("Samples: x, y, held out, and what the network makes of them")
        super().__init__("dataRows", says, padding_px=4, has_numbers=True)
        self._rows = model
        self._is_selecting = False
        self.setModel(model)
        for column, most in data_model.LARGEST.items():
            editor = ValueEditor(self, "dataValue", partial(data_model.read_coordinate, most=most))
            self.setItemDelegateForColumn(column, editor)
            editor.refused.connect(model.refused)
            editor.closeEditor.connect(self._on_editor_closed)
        self.setFont(fixed_font(small_font().pointSizeF()))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        triggers = QAbstractItemView.EditTrigger
        self.setEditTriggers(triggers.DoubleClicked | triggers.EditKeyPressed | triggers.AnyKeyPressed)
        for header in (self.horizontalHeader(), self.verticalHeader()):
            header.setSectionsClickable(True)
        self.horizontalHeader().setMinimumSectionSize(1)
        self.horizontalHeader().setFixedHeight(2 * self.horizontalHeader().fontMetrics().height() + 4)
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 4)
        self.verticalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.horizontalHeader().sectionClicked.connect(self._on_heading_clicked)
        self.selectionModel().selectionChanged.connect(self._on_selection_changed)
        self.verticalScrollBar().valueChanged.connect(self.fit)
        self.show_theme()

    def show_theme(self) -> None:
        self._widths = [0] * len(data_model.HEADINGS)
        self.fit()

    def show_points(self, points: Points, is_draft: bool = False) -> None:
        before = self._rows.points
        if (points.origin, points.names) != (before.origin, before.names):
            self._widths = [0] * len(data_model.HEADINGS)
        self._rows.show_points(points, is_draft)
        digits = "0" * max(2, len(str(len(points))))
        numbers = self.verticalHeader()
        numbers.setFixedWidth(numbers.fontMetrics().horizontalAdvance(digits) + whole_px(NUMBER_PADDING))
        self.fit()

    def put_in_order(self, selected: Ints) -> None:
        """Sort the rows; the selection and the keyboard focus stay with their samples."""
        current = self.currentIndex()
        place, column = self._rows.order[max(0, current.row())], current.column()
        if self._rows.put_in_order():
            self.select(selected)
            if column >= 0:
                self._make_current(self._index(place, column))
            self.fit()

    def select(self, places: Ints) -> None:
        rows = self._rows.rows_of(places)
        selection = QItemSelection()
        for stretch in np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1) if len(rows) else ():
            ends = self._rows.index(int(stretch[0]), 0), self._rows.index(int(stretch[-1]), data_model.ERROR)
            selection.select(*ends)
        self._is_selecting = True
        self.selectionModel().select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        if len(rows) and not self.is_editing():
            first = self._rows.index(int(rows[0]), max(0, self.currentIndex().column()))
            self._make_current(first)
            self.scrollTo(first)
        self._is_selecting = False

    def selected_places(self) -> Ints:
        selection = self.selectionModel().selection()
        parts = [selection.at(number) for number in range(selection.count())]
        ranges = [np.arange(part.top(), part.bottom() + 1) for part in parts]
        return np.sort(self._rows.order[np.unique(np.concatenate([np.empty(0, dtype=np.int64), *ranges]))])

    def edit_place(self, place: int) -> None:
        index = self._index(place, 0)
        self.setFocus()
        self._make_current(index)
        self.edit(index)

    def _index(self, place: int, column: int) -> QModelIndex:
        return self._rows.index(int(self._rows.rows_of(np.array([place]))[0]), column)

    def _make_current(self, index: QModelIndex) -> None:
        self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)

    def fit(self) -> None:
        """Fit the columns to the visible content; they only grow, to avoid jitter."""
        first, last = self.rowAt(0), self.rowAt(self.viewport().height() - 1)
        count = self._rows.rowCount()
        shown = self._rows.order[max(0, first) : (last if last >= 0 else count - 1) + 1]
        cells, heads, gap = self.fontMetrics(), self.horizontalHeader().fontMetrics(), whole_px(PADDING)
        for column in range(len(data_model.HEADINGS)):
            texts = [] if column == data_model.HELD_OUT else [self._rows.text(int(place), column) for place in shown]
            longest = max(map(cells.horizontalAdvance, [*texts, USUAL]))
            head = max(heads.horizontalAdvance(line) for line in f"{data_model.HEADINGS[column]}{ARROW}".split("\n"))
            needed = head + gap if column == data_model.HELD_OUT else max(longest + gap, head + 2)
            self._widths[column] = max(self._widths[column], needed)
        widths = list(self._widths)
        spare = max(0, self.viewport().width() - sum(widths))
        names = {column: self._rows.name(column) for column in (data_model.X, data_model.Y)}
        for column, name in names.items():
            more = min(max(0, heads.horizontalAdvance(name) + gap - widths[column]), spare)
            widths[column], spare = widths[column] + more, spare - more
        for column, width in enumerate(widths):
            wide = width + (spare // (len(data_model.HEADINGS) - 1) if column != data_model.HELD_OUT else 0)
            self.horizontalHeader().resizeSection(column, wide)
            if column in names:
                names[column] = heads.elidedText(names[column], Qt.TextElideMode.ElideRight, wide - gap)
        self._rows.show_names(names)

    def minimumSizeHint(self) -> QSize:
        """At least one row, as tall as its editor is on a touch screen."""
        height = self.horizontalHeader().height() + self.verticalHeader().defaultSectionSize()
        return QSize(super().minimumSizeHint().width(), height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.scrollTo(self.currentIndex())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(COPY):
            self.copy_wanted.emit()
        elif event.matches(PASTE):
            self.paste_wanted.emit()
        elif event.key() in DELETE:
            self.delete_wanted.emit()
        elif event.key() == Qt.Key.Key_Escape and self.selectionModel().hasSelection():
            self.clearSelection()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu().popup(event.globalPos())

    def menu(self) -> QMenu:
        menu = passing_menu(self, "dataMenu")
        places = self.selected_places()
        menu.addAction(_("&Copy") if len(places) else _("&Copy all"), self.copy_wanted.emit)
        menu.addAction(_("&Paste"), self.paste_wanted.emit)
        menu.addSeparator()
        menu.addAction(_("&Hold out"), partial(self._rows.hold_out, places, True)).setEnabled(len(places) > 0)
        menu.addAction(_("&Train on"), partial(self._rows.hold_out, places, False)).setEnabled(len(places) > 0)
        menu.addAction(_("&Delete"), self.delete_wanted.emit).setEnabled(len(places) > 0)
        return menu

    def _is_own_key(self, event: QKeyEvent) -> bool:
        column = self.currentIndex().column()
        if event.matches(COPY) or event.matches(PASTE) or event.key() in DELETE:
            return True
        if event.key() == Qt.Key.Key_Escape:
            return self.selectionModel().hasSelection()
        if event.key() == Qt.Key.Key_Space:
            return column == data_model.HELD_OUT
        is_plain = not event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
        return is_plain and 0 <= column < data_model.HELD_OUT and event.text() in BEGINS_A_NUMBER

    def _on_heading_clicked(self, column: int) -> None:
        """Cycle a column's sorting: ascending, descending, none."""
        match self._rows.sorted_by:
            case (by, False) if by == column:
                self._rows.sort_by(column, True)
            case (by, True) if by == column:
                self._rows.sort_by(None)
            case _:
                self._rows.sort_by(column, False)
        self.order_wanted.emit()
        self.scrollToTop()

    def _on_editor_closed(self) -> None:
        if not self.is_editing():  # else the next one is open already
            self.edit_ended.emit()

    def _on_selection_changed(self) -> None:
        if not self._is_selecting:
            self.places_chosen.emit(self.selected_places())
