"""The table of runs: its clicks, keys, menu and selection."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QLineEdit, QMenu, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.wording.runs import NOT_THERE
from tinynet_gui.ui.style.theme import whole_px
from tinynet_gui.ui.views.runs import runs_model
from tinynet_gui.ui.views.runs.runs_model import HEADINGS, NAME, RESULTS, SHOWN, STAR, RunRow, RunsModel
from tinynet_gui.ui.widgets.accessibility import DELETE, ENTER, named
from tinynet_gui.ui.widgets.cards import add_actions_around, passing_menu
from tinynet_gui.ui.widgets.fields.editors import Index, ValueEditor
from tinynet_gui.ui.widgets.text import PlainTable

MAX_CHARACTERS = 60  # of a name
BOX, LINE, AFTER_LINE = 17, 22, 6  # px: of the checkbox, of the run's line beside it, and to its right


class NameEditor(ValueEditor):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, "runName", str)

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        editor = super().createEditor(parent, option, index)
        if isinstance(editor, QLineEdit):
            tooltip = _("Enter renames it, Escape cancels; leave it empty for the usual name.")
            named(editor, "runName", _("New name"), tooltip)
            editor.setMaxLength(MAX_CHARACTERS)
            editor.setAlignment(Qt.AlignmentFlag.AlignLeft)
        return editor


class ShownBox(QStyledItemDelegate):
    """The checkbox that shows a run, and beside it the run's line as in the plots."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        model = index.model()
        pen = model.line(model.rows[index.row()]) if isinstance(model, RunsModel) else None
        if pen is not None:
            painter.save()
            painter.setPen(pen)
            right, y = option.rect.right() - whole_px(AFTER_LINE), option.rect.center().y() + 1
            painter.drawLine(right - whole_px(LINE), y, right, y)
            painter.restore()


PADDING, EDGE = 12, 6  # px between columns; at the right, where the style draws headings too wide
WIDEST = dict(zip(RESULTS, ("100,000", "−0.0006468", "−0.0006468", "1,000"), strict=True))  # the widest usual texts
MIN_NAME, BRANCHED_WIDTH = 104, 120  # px
# Dropped if names do not fit; the least important first.
DISPENSABLE = (runs_model.BRANCHED, runs_model.DEAD, runs_model.HELD_OUT)
MIN_ROWS = 3
TWO_WANTED = _("Tick two runs first")


class RunsTable(PlainTable):
    """Shows the model's rows; whole rows are selected, one or several.

    Signals have runs' ids: that of one run, or of the two that are asked about.
    """

    opened = Signal(int)
    deleted = Signal(int)
    shown = Signal(int, bool)
    starred = Signal(int, bool)
    baseline_chosen = Signal(object)
    luck_asked = Signal(int, int)
    first_divergence_asked = Signal(int, int)
    valley_asked = Signal(int, int)

    def __init__(self) -> None:
        says = _("Runs: which are shown, their names, where they branched off, and what came of them")
        super().__init__("runsTable", says, padding_px=6)
        self.runs = RunsModel(self)
        self._editor = NameEditor(self)
        self.setModel(self.runs)
        self.setItemDelegateForColumn(NAME, self._editor)
        self.setItemDelegateForColumn(SHOWN, ShownBox(self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)  # columns that do not fit are dropped
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # names differ at their ends
        self.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked)
        self.horizontalHeader().setMinimumSectionSize(1)
        self.renamed = self.runs.renamed
        self.clicked.connect(self._on_clicked)
        self.fit()

    def show_rows(self, rows: Sequence[RunRow]) -> None:
        selected, current, before = self.selected_ids(), self.current_id(), self.runs.looked_at
        if self.runs.show_rows(rows):
            self._select(selected, current)
        if (looked_at := self.runs.looked_at) not in (None, before):
            self._select([looked_at], looked_at)
        self.fit()

    def selected_ids(self) -> list[int]:
        return [row.run_id for row in self._selected_rows()]

    def _selected_rows(self) -> list[RunRow]:
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        return [self.runs.rows[row] for row in rows if row < len(self.runs.rows)]

    def current_id(self) -> int | None:
        row = self.currentIndex().row()
        return self.runs.rows[row].run_id if 0 <= row < len(self.runs.rows) else None

    def pair(self) -> tuple[int, int] | None:
        """Return the two runs to compare.

        The two selected; else the two ticked; else the selected one (or the ticked one if the current run is selected)
        and the baseline or the current run.
        """
        selected, ticked = self.selected_ids(), [row.run_id for row in self.runs.rows if row.is_shown]
        for two in (selected, ticked):
            if len(two) == 2:
                return two[0], two[1]
        current = [row.run_id for row in self.runs.rows if row.is_current]
        if len(ticked) == 1 and ticked != current and selected in (current, []) and current:
            return ticked[0], current[0]
        baseline = [row.run_id for row in self.runs.rows if row.is_baseline]
        others = [run_id for run_id in baseline + current if run_id not in selected]
        return (selected[0], others[0]) if len(selected) == 1 and others else None

    def menu(self) -> QMenu:
        menu = passing_menu(self, "runsMenu")
        if rows := self._selected_rows():
            row, only = rows[0], len(rows) == 1
            open_run, baseline = partial(self.opened.emit, row.run_id), None if row.is_baseline else row.run_id
            shows = _("&Hide\tSpace") if row.is_shown else _("&Show in the plots\tSpace")
            bases = _("No &baseline") if row.is_baseline else _("Take as &baseline")
            menu.addAction(_("&Open\tEnter"), open_run).setEnabled(only and not row.is_current)
            menu.addAction(_("&Rename\tF2"), self._rename).setEnabled(only)
            menu.addAction(_("Remove s&tar") if row.is_starred else _("S&tar"), partial(self._star, rows))
            menu.addAction(shows, partial(self._show, rows))
            menu.addAction(bases, partial(self.baseline_chosen.emit, baseline)).setEnabled(only)
            menu.addAction(_("&Delete\tDel"), self._delete)
            menu.addSeparator()
        pair = self.pair()
        names = {row.run_id: row.name.replace("&", "&&") for row in self.runs.rows}
        for question, signal in (
            (_("Setting or &luck?"), self.luck_asked),
            (_("Where do they &part?"), self.first_divergence_asked),
            (_("One &valley or two?"), self.valley_asked),
        ):
            if pair is None:
                menu.addAction(f"{question} {TWO_WANTED}").setEnabled(False)
            else:
                one, other = (names[run_id] for run_id in pair)
                asked = _("{question} “{one}”, “{other}”").format(question=question, one=one, other=other)
                menu.addAction(asked, partial(signal.emit, *pair))
        add_actions_around(menu, self)
        return menu

    def least_height(self) -> int:
        return self.horizontalHeader().height() + MIN_ROWS * self.verticalHeader().defaultSectionSize()

    def fit(self) -> None:
        """Fit numbers by their possible widths, so that columns do not jump, and give names the rest."""
        heads = self.horizontalHeader().fontMetrics()
        widths = []
        for column in range(len(HEADINGS)):
            needed = [heads.horizontalAdvance(("Δ " if column in RESULTS else "") + HEADINGS[column])]
            for row in self.runs.rows:
                width_of = QFontMetrics(self.runs.font(row, column)).horizontalAdvance
                needed += map(width_of, (self.runs.text(row, column), WIDEST.get(column, "")))
            widths.append(max(needed) + whole_px(PADDING))
        widths[SHOWN] = max(widths[SHOWN], whole_px(BOX + LINE + PADDING))
        widths[runs_model.BRANCHED], widths[NAME] = whole_px(BRANCHED_WIDTH), whole_px(MIN_NAME)
        for column in DISPENSABLE:
            if all(self.runs.text(row, column) in ("", NOT_THERE) for row in self.runs.rows):
                widths[column] = 0
        room = self.viewport().width() - whole_px(EDGE)
        for column in DISPENSABLE:
            if sum(widths) > room:
                widths[column] = 0
        widths[NAME] = max(whole_px(MIN_NAME // 2), widths[NAME] + room - sum(widths))
        for column, width in enumerate(widths):
            self.setColumnHidden(column, not width)
            self.horizontalHeader().resizeSection(column, max(1, width))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if (row := self.runs.row_of(self.runs.looked_at)) is not None:
            self.scrollTo(self.runs.index(row, SHOWN))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open, rename, show and delete; ignores the key that ends the typing of a name."""
        current = self.current_id()
        if current is None or self.is_editing() or not self._is_own_key(event):
            super().keyPressEvent(event)
        elif event.key() in ENTER:
            self.opened.emit(current)
        elif event.key() == Qt.Key.Key_F2:
            self._rename()
        elif event.key() == Qt.Key.Key_Space:
            self._show(self._selected_rows())
        else:
            self._delete()

    def _on_clicked(self, index: QModelIndex) -> None:
        """Toggle a box or a star if pressed and released there."""
        row = [self.runs.rows[index.row()]]
        if index.column() == SHOWN:
            self._show(row)
        elif index.column() == STAR:
            self._star(row)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Rename a run at its name; on a box or star count as a click; elsewhere open the run."""
        super().mouseDoubleClickEvent(event)
        index = self.indexAt(event.position().toPoint())
        if event.button() != Qt.MouseButton.LeftButton or not index.isValid():
            return
        if index.column() in (SHOWN, STAR):
            self._on_clicked(index)
        elif index.column() != NAME:
            self.opened.emit(self.runs.rows[index.row()].run_id)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu().popup(event.globalPos())

    def _select(self, ids: Sequence[int], current: int | None) -> None:
        selection, flags = self.selectionModel(), QItemSelectionModel.SelectionFlag
        selection.clear()
        if (row := self.runs.row_of(current)) is not None:
            selection.setCurrentIndex(self.runs.index(row, NAME), flags.NoUpdate)
            self.scrollTo(self.runs.index(row, SHOWN))
        for run_id in ids:
            if (row := self.runs.row_of(run_id)) is not None:
                selection.select(self.runs.index(row, NAME), flags.Select | flags.Rows)

    def _rename(self) -> None:
        if (row := self.runs.row_of(self.current_id())) is not None:
            self.setCurrentIndex(self.runs.index(row, NAME))
            self.edit(self.runs.index(row, NAME))

    def _delete(self) -> None:
        for run_id in self.selected_ids():
            self.deleted.emit(run_id)

    def _star(self, rows: Sequence[RunRow]) -> None:
        for row in rows:
            self.starred.emit(row.run_id, not rows[0].is_starred)

    def _show(self, rows: Sequence[RunRow]) -> None:
        for row in rows:
            self.shown.emit(row.run_id, not rows[0].is_shown)

    def _is_own_key(self, event: QKeyEvent) -> bool:
        is_plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        return is_plain and event.key() in (*ENTER, *DELETE, Qt.Key.Key_F2, Qt.Key.Key_Space)
