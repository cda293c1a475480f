"""The kept runs: their table, their differences, and questions about two of them."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from tinynet_gui.core.wording.runs import Difference
from tinynet_gui.ui.style.theme import small_font, whole_px
from tinynet_gui.ui.views.runs import run_answer, runs_model, runs_table
from tinynet_gui.ui.widgets.accessibility import caption, in_role, literal_tooltip, named
from tinynet_gui.ui.widgets.cards import SeenFrame, compact_button, filled
from tinynet_gui.ui.widgets.fields.editors import Index
from tinynet_gui.ui.widgets.text import ElidedLabel, PlainTable

WIDEST = 170  # px of a column, if there is no space for more


class DifferencesModel(QAbstractTableModel):
    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.names: Sequence[str] = ()
        self.rows: Sequence[Difference] = ()

    def show_differences(self, names: Sequence[str], rows: Sequence[Difference]) -> None:
        if (list(names), list(rows)) != (list(self.names), list(self.rows)):
            self.beginResetModel()
            self.names, self.rows = names, rows
            self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.names)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self.rows[index.row()].texts[index.column()]
            case Qt.ItemDataRole.ToolTipRole:
                return literal_tooltip(f"{self.names[index.column()]}: {self.rows[index.row()].texts[index.column()]}")
            case Qt.ItemDataRole.TextAlignmentRole:
                return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        is_name = orientation == Qt.Orientation.Horizontal
        text = self.names[section] if is_name else self.rows[section].label
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return text
            case Qt.ItemDataRole.ToolTipRole:
                return literal_tooltip(text)
            case Qt.ItemDataRole.TextAlignmentRole:
                return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None


class DifferencesTable(PlainTable):
    def __init__(self) -> None:
        says = "The settings and results in which the runs differ, side by side"
        super().__init__("runDifferences", says, around_px=6, has_numbers=True)
        self.differences = DifferencesModel(self)
        self.setModel(self.differences)
        self.setShowGrid(True)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.fit()

    def show_differences(self, names: Sequence[str], rows: Sequence[Difference]) -> None:
        self.differences.show_differences(names, rows)
        self.fit()

    def fit(self) -> None:
        """Fit the columns to their content, limiting a long text to its share."""
        count = len(self.differences.names)
        share = self.viewport().width() // count if count else 0
        self.horizontalHeader().setMaximumSectionSize(max(whole_px(WIDEST), share))
        self.resizeColumnsToContents()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()


EMPTY = (
    "Each run that takes a step is kept here, to be compared with others.\n\n"
    "Train this one, change a setting and train again; or Keep the network as it is now, before its first step."
)
ONE = "Nothing to compare yet: there is one run."
ALIKE = "These runs do not differ."
HINT = "Double-click: open (name: rename) · Space: show"
ENDS = "Results: each run after its own last step"
GESTURES = (
    "Double-click a run, or press Enter, to open it; double-click its name, or press F2, to rename it. Space draws it "
    "over the current run, or hides it. Delete deletes the selection; Undo brings it back. Tick two, or "
    "select them, to compare them; a right-click offers more."
)


class RunsView(SeenFrame):
    """Compares runs; `table` and `answer` emit the user's requests about them.

    `hill_asked` asks for the loss between two runs, by their ids, without matching neurons.
    """

    hill_asked = Signal(int, int)
    keep_pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("runsView", "Runs, side by side", parent)
        self._differences: Sequence[Difference] = ()
        self.table = runs_table.RunsTable()
        self.side_by_side = DifferencesTable()
        self.answer = run_answer.RunAnswer()
        self._empty = named(caption(EMPTY, wraps=True), "runsEmpty", "What will be shown here")
        self._keep = compact_button(
            "Keep",
            "runsKeep",
            "Keep this run",
            "Keep the current run as it is now, even before its first step, and draw it over later ones.",
        )
        self._only = compact_button(
            "only what differs",
            "runsOnlyDifferences",
            "Only what differs",
            "Show the runs side by side: the settings and results in which they differ, and no others.",
            checkable=True,
        )
        self._more = compact_button(
            "more …",
            "runsMore",
            "What can be done with the selected runs",
            "What can be done with the selected runs; and of the two that are ticked or selected: setting or luck? "
            "Where do they part? One valley or two?",
        )
        self._hint = in_role(ElidedLabel(), "caption")
        named(self._hint, "runsHint", "How runs are chosen, or what they are compared with")
        self._lay_out()
        self.answer.installEventFilter(self)
        self._keep.clicked.connect(self.keep_pressed)
        self._only.toggled.connect(self._choose_page)
        self._more.clicked.connect(self._on_more_clicked)
        self.term_wanted = self.answer.term_wanted
        self.show_runs(())

    def ask_for_valley(self, one: int, other: int, *, is_matched: bool) -> None:
        """Ask for the loss between two runs, by their ids, with or without matching neurons."""
        (self.table.valley_asked if is_matched else self.hill_asked).emit(one, other)

    def _lay_out(self) -> None:
        self._empty.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._hint.setFont(small_font())
        row = filled(QHBoxLayout(), self._keep, self._only, self._more, None, margins=(6, 0, 6, 0))
        self._pages = QStackedWidget()
        for page in (self._empty, self.table, self.side_by_side):
            self._pages.addWidget(page)
        filled(QVBoxLayout(self), row, (self._pages, 1), (self.answer, 4), self._hint, margins=(0, 1, 0, 0), spacing=2)

    def show_theme(self) -> None:
        self._empty.setContentsMargins(whole_px(14), whole_px(8), whole_px(14), 0)
        self._hint.setContentsMargins(whole_px(8), 0, whole_px(8), 0)
        self.side_by_side.fit()

    def show_runs(self, rows: Sequence[runs_model.RunRow], differences: Sequence[Difference] = ()) -> None:
        """Show runs and their differences, each with its texts in the order of the rows."""
        self.table.show_rows(rows)
        self.side_by_side.show_differences([row.name for row in rows], differences)
        self._differences = differences
        self._more.setEnabled(bool(rows))
        self._choose_page()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._keep_room()

    def event(self, event: QEvent) -> bool:
        """Keep space for three runs when an answer's height changes."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._keep_room()
        return super().event(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Hide the hint while there is an answer."""
        if event.type() in (QEvent.Type.ShowToParent, QEvent.Type.HideToParent):
            self._hint.setVisible(self._has_hint)
        return False

    @property
    def _has_hint(self) -> bool:
        return bool(self.table.runs.rows) and self.answer.isHidden()

    def _keep_room(self) -> None:
        """Keep space for three runs, if possible; an answer shrinks first."""
        beside = self.minimumSizeHint().height() - self._pages.minimumHeight()
        if self.answer.isHidden():
            beside += self.answer.minimumSizeHint().height()
        self._pages.setMinimumHeight(max(0, min(self.table.least_height(), self.height() - beside)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and not self.answer.isHidden():
            self.answer.put_away()
        else:
            super().keyPressEvent(event)

    def _choose_page(self) -> None:
        rows = self.table.runs.rows
        self._hint.setVisible(self._has_hint)
        baseline = next((row.name for row in rows if row.is_baseline), "")
        of_baseline = f"Δ: differences from “{baseline}”" if baseline else ""
        if self._only.isChecked():
            self._hint.show_text(" · ".join(filter(None, (ENDS, of_baseline))))
        elif baseline:
            self._hint.show_text(f"{of_baseline}, the baseline")
        else:
            self._hint.show_text("", HINT)
            self._hint.setToolTip(literal_tooltip(GESTURES))
        if rows and not self._only.isChecked():
            self._pages.setCurrentWidget(self.table)
        elif self._differences:
            self._pages.setCurrentWidget(self.side_by_side)
        else:
            self._empty.setText(ALIKE if len(rows) > 1 else ONE if rows else EMPTY)
            self._pages.setCurrentWidget(self._empty)

    def _on_more_clicked(self) -> None:
        self.table.menu().popup(self._more.mapToGlobal(QPoint(0, self._more.height())))
