"""The answers to a lesson as a table: a column for each question, a summary row, and a row for each learner."""

from statistics import median
from typing import Any

from PySide6 import QtWidgets
from PySide6.QtCore import QAbstractTableModel, QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFont, QMouseEvent, QPalette, QResizeEvent

from tinynet_gui.core.lessons.answers import GivenAnswer
from tinynet_gui.core.lessons.class_answers import LessonAnswers, cell_text, closeness
from tinynet_gui.core.text import csv_text, numbers, shortened
from tinynet_gui.core.text.language import N_, gettext as _, ngettext, speaking
from tinynet_gui.ui.style.theme import theme, whole_px
from tinynet_gui.ui.widgets.accessibility import copy_text, literal_tooltip, named, wrapped
from tinynet_gui.ui.widgets.fields.editors import Index

WIDEST = 220  # px of a column, unless there is room
PADDING_PX = 8
COLORS = {"right": "data", "close": "ink", "wrong": "muted", "skipped": "muted", "open": "ink"}
POINTS_COLUMN = 0
ABOUT_POINTS = N_("1 for a right answer, ½ for a close one; drawn curves have none.")
SORTS = N_("A click sorts: the best first, then last, then by name.")
ItemRole = Qt.ItemDataRole


class AnswersModel(QAbstractTableModel):
    """The cells; the first row is the summary, the first column has the points."""

    def __init__(self, lesson: LessonAnswers, hides_names: bool, parent: QObject) -> None:
        super().__init__(parent)
        self._lesson, self._hides_names = lesson, hides_names
        self._columns = [lesson.given(question) for question in lesson.questions]
        self._order = list(range(len(lesson.learners)))

    def hide_names(self, hidden: bool) -> None:
        """Show numbers in place of the learners' names, or the names again."""
        self._hides_names = hidden
        self.headerDataChanged.emit(Qt.Orientation.Vertical, 0, self.rowCount() - 1)

    def learner(self, row: int) -> int | None:
        return self._order[row - 1] if 0 < row <= len(self._order) else None

    def name(self, learner: int) -> str:
        if self._hides_names:
            with speaking(self._lesson.language):
                return _("learner {number}").format(number=self._lesson.alias_numbers[learner])
        return self._lesson.learners[learner][0]

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column, the best first or last; without a column by the shown names."""
        lesson = self._lesson
        keys: list[Any] = list(lesson.alias_numbers if self._hides_names else range(len(lesson.learners)))
        if column == POINTS_COLUMN:
            keys = [-points for points in lesson.points]
        elif column > POINTS_COLUMN:
            keys = [closeness(given) for given in self._columns[column - 1]]
        self.layoutAboutToBeChanged.emit()
        before = self._order
        self._order = sorted(range(len(keys)), key=keys.__getitem__, reverse=order == Qt.SortOrder.DescendingOrder)
        moved = {before.index(learner) + 1: row for row, learner in enumerate(self._order, 1)}
        for index in self.persistentIndexList():
            self.changePersistentIndex(index, self.index(moved.get(index.row(), 0), index.column()))
        self.layoutChanged.emit()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._order) + 1

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._columns) + 1

    def data(self, index: Index, role: int = ItemRole.DisplayRole) -> Any:
        """Return a cell's text, colour, font, or the details for its tooltip."""
        learner, column = self.learner(index.row()), index.column()
        given = None if learner is None or column == POINTS_COLUMN else self._columns[column - 1][learner]
        with speaking(self._lesson.language):
            match role:
                case ItemRole.DisplayRole:
                    return self._text(learner, column)
                case ItemRole.ToolTipRole:
                    return literal_tooltip(self._text(learner, column) if given is None else _about(given))
                case ItemRole.ForegroundRole:
                    return theme().color("ink" if given is None else COLORS[given.mark])
                case ItemRole.FontRole if learner is None:
                    font = QFont()
                    font.setBold(True)
                    return font
        return None

    def _text(self, learner: int | None, column: int) -> str:
        lesson = self._lesson
        if column != POINTS_COLUMN:
            question = lesson.questions[column - 1]
            return lesson.summary(question) if learner is None else cell_text(self._columns[column - 1][learner])
        if learner is not None:
            return numbers.plain(lesson.points[learner])
        return _("median {value}").format(value=numbers.plain(median(lesson.points)))

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = ItemRole.DisplayRole) -> Any:
        if role not in (ItemRole.DisplayRole, ItemRole.ToolTipRole):
            return None
        with speaking(self._lesson.language):
            name, in_full = self._header(section, orientation)
        return literal_tooltip(in_full) if role == ItemRole.ToolTipRole else name

    def _header(self, section: int, orientation: Qt.Orientation) -> tuple[str, str]:
        """Return the header of a row or column, short and in full."""
        if orientation == Qt.Orientation.Vertical:
            learner = self.learner(section)
            in_full = _("all") if learner is None else self.name(learner)
            return shortened.shortened(in_full, 30), in_full
        if section == POINTS_COLUMN:
            return _("points of {count}").format(count=self._lesson.most_points), f"{_(ABOUT_POINTS)}\n{_(SORTS)}"
        question = self._lesson.questions[section - 1]
        name = f"{question.page} {question.title}"
        return name, f"{name}\n{question.question}\n{_(SORTS)}"


def _about(given: GivenAnswer) -> str:
    took, seconds = "", round(given.seconds or 0)
    if given.seconds is not None:
        took = ngettext("Answered after {count} second.", "Answered after {count} seconds.", seconds)
    time = took.format(count=numbers.count_text(seconds))
    return "\n".join(filter(None, (given.question, given.guess_text, given.verdict, time)))


class _Cells(QtWidgets.QStyledItemDelegate):
    """Keeps the cells' own colours in the chosen column, and highlights the row under the mouse."""

    def __init__(self, table: "AnswersTable") -> None:
        super().__init__(table)
        self._table = table

    def initStyleOption(self, option: QtWidgets.QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        option.palette.setColor(QPalette.ColorRole.HighlightedText, option.palette.color(QPalette.ColorRole.Text))
        if index.row() == self._table.pointed_row > 0:
            option.backgroundBrush = option.palette.brush(QPalette.ColorRole.Midlight)
            option.state &= ~QtWidgets.QStyle.StateFlag.State_Selected


class AnswersTable(QtWidgets.QTableView):
    """Shows the model; its current column is the chosen question, None that of the points.

    `pointed_row` is the row under the mouse, else the current one; 0 is the summary.
    """

    question_chosen = Signal(object)
    learner_pointed = Signal(object)

    def __init__(self) -> None:
        super().__init__(wordWrap=False, cornerButtonEnabled=False)
        self.pointed_row = 0
        self.setItemDelegate(_Cells(self))
        self.setProperty("bare", True)
        self.setFrameShape(QtWidgets.QFrame.Shape.NoFrame)
        self.setHorizontalScrollMode(QtWidgets.QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QtWidgets.QAbstractItemView.SelectionBehavior.SelectColumns)
        for header in (self.horizontalHeader(), self.verticalHeader()):
            header.setHighlightSections(False)
        across = self.horizontalHeader()
        across.setSectionResizeMode(QtWidgets.QHeaderView.ResizeMode.Interactive)
        across.setTextElideMode(Qt.TextElideMode.ElideRight)
        across.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        across.setSortIndicatorClearable(True)
        across.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)
        for viewport in (self.viewport(), self.verticalHeader().viewport()):
            viewport.setMouseTracking(True)
            viewport.installEventFilter(self)

    @property
    def pointed(self) -> tuple[int, str] | None:
        """The learner who is pointed at, and the name shown."""
        learner = self._model.learner(self.pointed_row)
        return None if learner is None else (learner, self._model.name(learner))

    def show_lesson(self, lesson: LessonAnswers, *, hides_names: bool) -> None:
        choose = _("Choose a question: its guesses are drawn below. Point at a learner to see theirs.")
        named(self, "answersTable", _("Who answered what"), wrapped(choose))
        self._model = AnswersModel(lesson, hides_names, self)
        self.setModel(self._model)
        self.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.verticalHeader().setMinimumSectionSize(1)
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + whole_px(PADDING_PX))
        self._fit_columns()
        self.setCurrentIndex(self._model.index(0, min(1, len(lesson.questions))))

    def hide_names(self, hidden: bool) -> None:
        self._model.hide_names(hidden)
        if self.horizontalHeader().sortIndicatorSection() < 0:
            self._model.sort(-1)  # an order by names would reveal them
        self._fit_columns()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_columns()

    def _fit_columns(self) -> None:
        """Fit the columns to their texts; if they are too wide, the wide ones share what the others leave."""
        self.resizeColumnsToContents()
        wanted = [self.columnWidth(column) for column in range(self.horizontalHeader().count())]
        widths = [min(width, whole_px(WIDEST)) for width in wanted]
        free = self.viewport().width() - sum(widths)
        for column, (most, width) in enumerate(zip(wanted, widths, strict=True)):
            more = max(0, min(most - width, free))
            self.setColumnWidth(column, width + more)
            free -= more

    def text(self) -> str:
        """Return the table as shown, separated by tabs, with no cell that a spreadsheet takes for a formula."""
        model, horizontal, vertical = self._model, Qt.Orientation.Horizontal, Qt.Orientation.Vertical
        columns = range(model.columnCount())
        rows = [
            [model.headerData(row, vertical), *(model.index(row, column).data() for column in columns)]
            for row in range(model.rowCount())
        ]
        return csv_text.csv_text(["", *(model.headerData(column, horizontal) for column in columns)], rows, "\t")

    def copy(self) -> None:
        copy_text(self, self.text())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.MouseMove and isinstance(event, QMouseEvent):
            self._point_at(self.rowAt(round(event.position().y())))
        elif event.type() == QEvent.Type.Leave:
            self._point_at(self.currentIndex().row())
        return super().eventFilter(watched, event)

    def _point_at(self, row: int) -> None:
        if (row := max(row, 0)) != self.pointed_row:
            self.pointed_row = row
            self.viewport().update()
            self.learner_pointed.emit(self.pointed)

    def currentChanged(self, now: Index, before: Index) -> None:
        super().currentChanged(now, before)
        if now.isValid() and (now.column() != before.column() or not before.isValid()):
            self.question_chosen.emit(now.column() - 1 if now.column() > POINTS_COLUMN else None)
        if now.isValid():
            self._point_at(now.row())
