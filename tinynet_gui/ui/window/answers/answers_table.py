"""A lesson's answers as a table: a column for each question, a row that sums up, and one for each learner."""

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QFont, QGuiApplication, QPalette, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from tinynet_gui.core.lessons.answers.answers import GivenAnswer
from tinynet_gui.core.lessons.answers.class_answers import LessonAnswers, cell_text
from tinynet_gui.core.text.numbers import counted
from tinynet_gui.core.text.shortened import shortened
from tinynet_gui.ui.style.theme import Theme
from tinynet_gui.ui.style.zoom import whole_px
from tinynet_gui.ui.widgets.naming import as_it_stands, named

WIDEST = 220  # px of a column, unless there is room
AROUND_PX = 8  # above and below a line
COLORS = {"right": "data", "close": "ink", "wrong": "muted", "skipped": "faint", "open": "ink"}
ALL = "all"  # the name of the first row
Role = Qt.ItemDataRole


class AnswersModel(QAbstractTableModel):
    """The cells; the first row sums up."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._lesson: LessonAnswers | None = None
        self._columns: list[list[GivenAnswer | None]] = []

    def show_lesson(self, lesson: LessonAnswers) -> None:
        """Show the answers to another lesson."""
        self.beginResetModel()
        self._lesson, self._columns = lesson, [lesson.given(question) for question in lesson.questions]
        self.endResetModel()

    def show_theme(self, theme: Theme) -> None:
        """Take on the colours of a theme."""
        self.beginResetModel()
        self._theme = theme
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        """A row for each learner, and one more."""
        return (
            0 if self._lesson is None or (parent is not None and parent.isValid()) else len(self._lesson.learners) + 1
        )

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        """A column for each question."""
        return 0 if parent is not None and parent.isValid() else len(self._columns)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Role.DisplayRole) -> Any:
        """Return a cell's text, colour, font, or the details for its tooltip."""
        assert self._lesson is not None
        question, row = self._lesson.questions[index.column()], index.row()
        given = self._columns[index.column()][row - 1] if row else None
        match role:
            case Role.DisplayRole:
                return cell_text(given) if row else self._lesson.summary(question)
            case Role.ToolTipRole:
                return as_it_stands(
                    _about(given) if given is not None else "" if row else self._lesson.summary(question)
                )
            case Role.ForegroundRole:
                return self._theme.color("ink" if given is None else COLORS[given.mark])
            case Role.FontRole if not row:
                font = QFont()
                font.setBold(True)
                return font
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:
        """Return the questions above, and the names beside."""
        if self._lesson is None or role not in (Role.DisplayRole, Role.ToolTipRole):
            return None
        if orientation == Qt.Orientation.Vertical:
            name = self._lesson.learners[section - 1][0] if section else ALL
            return as_it_stands(name) if role == Role.ToolTipRole else shortened(name, 30)
        question = self._lesson.questions[section]
        name = f"{question.page} {question.title}"
        return as_it_stands(f"{name}\n{question.question}") if role == Role.ToolTipRole else name


def _about(given: GivenAnswer) -> str:
    took = "" if given.seconds is None else f"Answered after {counted(round(given.seconds), 'second')}."
    return "\n".join(filter(None, (given.question, given.guess_text, given.verdict, took)))


class _Cells(QStyledItemDelegate):
    """Writes the cells of the chosen column in their own colours."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        super().initStyleOption(option, index)
        option.palette.setColor(QPalette.ColorRole.HighlightedText, option.palette.color(QPalette.ColorRole.Text))


class AnswersTable(QTableView):
    """Shows the model; its current column is the chosen question.

    Signals
    -------
    question_chosen : int
        Its column.
    """

    question_chosen = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        named(self, "answersTable", "Who answered what", "Choose a question: its guesses are drawn below.")
        self._model = AnswersModel(theme, self)
        self.setModel(self._model)
        self.setItemDelegate(_Cells(self))
        self.setProperty("bare", True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWordWrap(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectColumns)
        for header in (self.horizontalHeader(), self.verticalHeader()):
            header.setHighlightSections(False)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.horizontalHeader().setTextElideMode(Qt.TextElideMode.ElideRight)
        self.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.selectionModel().currentColumnChanged.connect(self._on_column_changed)

    def show_lesson(self, lesson: LessonAnswers) -> None:
        """Show the answers to another lesson, its first question chosen."""
        self._model.show_lesson(lesson)
        self.verticalHeader().setMinimumSectionSize(1)
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + whole_px(AROUND_PX))
        self._fit_columns()
        if lesson.questions:
            self.setCurrentIndex(self._model.index(0, 0))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the columns the room that is there."""
        super().resizeEvent(event)
        self._fit_columns()

    def _fit_columns(self) -> None:
        """Make the columns as wide as their texts; where that is too much, a wide one has what others leave."""
        self.resizeColumnsToContents()
        wanted = [self.columnWidth(column) for column in range(self._model.columnCount())]
        widths = [min(width, whole_px(WIDEST)) for width in wanted]
        free = self.viewport().width() - sum(widths)
        for column, (most, width) in enumerate(zip(wanted, widths, strict=True)):
            more = max(0, min(most - width, free))
            self.setColumnWidth(column, width + more)
            free -= more

    def show_theme(self, theme: Theme) -> None:
        """Take on the colours of a theme."""
        index = self.currentIndex()
        row, column = index.row(), index.column()
        self._model.show_theme(theme)
        self.setCurrentIndex(self._model.index(row, column))

    def text(self) -> str:
        """Return the table as text, with tabs between its cells."""
        model, horizontal, vertical = self._model, Qt.Orientation.Horizontal, Qt.Orientation.Vertical
        rows, columns = range(model.rowCount()), range(model.columnCount())
        lines = [["", *(model.headerData(column, horizontal) for column in columns)]]
        lines += [[model.headerData(row, vertical), *(model.index(row, c).data() for c in columns)] for row in rows]
        return "\n".join("\t".join(line) for line in lines)

    @Slot()
    def copy(self) -> None:
        """Copy the table to the clipboard."""
        QGuiApplication.clipboard().setText(self.text())

    @Slot(QModelIndex, QModelIndex)
    def _on_column_changed(self, now: QModelIndex, _before: QModelIndex) -> None:
        if now.isValid():
            self.question_chosen.emit(now.column())
