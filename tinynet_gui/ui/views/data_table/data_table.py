"""The samples as a table: every number can be edited; rows are added, pasted, copied and deleted."""

import numpy as np
from PySide6.QtCore import QLocale, QRect, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from tinynet_gui.core.arrays import Array
from tinynet_gui.core.data.data_file import copied, points_of, suggest_columns
from tinynet_gui.core.data.delimited import DataFileError
from tinynet_gui.core.data.points import MOST_POINTS, Points
from tinynet_gui.core.data.table import read_table
from tinynet_gui.ui.style.theme import Theme, small_font
from tinynet_gui.ui.views.data_table.data_model import NOT_ALL, DataModel
from tinynet_gui.ui.views.data_table.order import Places
from tinynet_gui.ui.views.data_table.sample_rows import SampleRows
from tinynet_gui.ui.widgets.elided_label import ElidedLabel
from tinynet_gui.ui.widgets.guard import guarded
from tinynet_gui.ui.widgets.naming import named

ERROR_LINES = 2
HINT = "double-click: edit · Del · Ctrl+C · Ctrl+V"
GESTURES = (
    "Double-click a number to edit it, or type one. Delete deletes what is selected; Ctrl+C copies it, or all, for a "
    "spreadsheet; Ctrl+V puts what was copied there at the end."
)
NONE: Places = np.empty(0, dtype=np.int64)


@guarded
class DataTable(QWidget):
    """Shows samples in a table; tells what is edited and which are selected.

    Signals
    -------
    points_edited : Points
        The samples as they are wanted; `show_points` is the answer.
    selection_changed : array of int
        The places of the samples that the user has selected, in order.
    shown
        It has come into sight.
    """

    points_edited = Signal(object)
    selection_changed = Signal(object)
    shown = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "dataTable", "The samples as a table")
        self.rows_of_samples = DataModel(theme, self)
        self.table = SampleRows(self.rows_of_samples, theme)
        self._reason = ""
        self._selected = NONE  # also places that are to come
        self._add = named(QToolButton(), "dataAdd", "Add a sample", "Add a sample at the end and edit it.")
        self._add.setText("+")
        self._add.setProperty("compact", True)
        self._count = named(ElidedLabel(), "dataCount", "How many samples there are")
        self._hint = named(ElidedLabel(), "dataHint", "How the table is edited")
        self._error = named(QLabel(), "dataError", "Why something was not done")
        self._lay_out()
        self.rows_of_samples.points_edited.connect(self._on_points_edited)
        self.rows_of_samples.refused.connect(self._say)
        self.table.refused.connect(self._say)
        self.table.places_chosen.connect(self._on_places_chosen)
        self.table.copy_wanted.connect(self._copy)
        self.table.paste_wanted.connect(self._paste)
        self.table.delete_wanted.connect(self._delete)
        self._add.clicked.connect(self._on_add_clicked)

    def _lay_out(self) -> None:
        for label, role in ((self._count, "caption"), (self._hint, "caption"), (self._error, "error")):
            label.setFont(small_font())
            label.setProperty("role", role)
        self._hint.show_text(HINT)
        self._hint.setToolTip(GESTURES)
        self._error.setWordWrap(True)
        self._error.setTextFormat(Qt.TextFormat.PlainText)
        self._error.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._error.setAlignment(Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(self._count)
        words.addWidget(self._hint)
        usual = QWidget()
        row = QHBoxLayout(usual)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._add)
        row.addLayout(words, 1)
        self._foot = QStackedWidget()  # what is wrong is said here, where it moves nothing
        self._foot.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._foot.setFixedHeight(ERROR_LINES * self._error.fontMetrics().lineSpacing() + 2)
        self._foot.addWidget(usual)
        self._foot.addWidget(self._error)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.table, 1)
        layout.addWidget(self._foot)

    @property
    def points(self) -> Points:
        """The samples that are shown."""
        return self.rows_of_samples.points

    @property
    def selected(self) -> Places:
        """The places of the samples that are selected."""
        return self._selected[self._selected < len(self.points)]

    def show_theme(self, theme: Theme) -> None:
        """Take on the colours of a theme."""
        self.table.show_theme(theme)

    def show_points(self, points: Points) -> None:
        """Show samples; the rows stay in their order."""
        if points == self.points:
            return
        is_longer = len(points) != len(self.points)
        self.table.show_points(points)
        held_out = int(np.count_nonzero(points.held_out))
        count = f"{len(points):,} sample{'s' * (len(points) != 1)}"
        self._count.show_text(f"{count}, {held_out:,} held out" if held_out else count)
        if is_longer:
            self.table.select(self.selected)

    def show_predicted(self, predicted: Array | None) -> None:
        """Show what the network makes of each x, of shape (points,); nothing with None."""
        self.rows_of_samples.show_predicted(predicted)
        if self.isVisible():
            self.table.fit()

    @Slot(object)
    def select(self, places: Places) -> None:
        """Select samples, without a signal; those that are not there yet when they have come."""
        if not np.array_equal(places, self._selected):
            self._selected = places
            self.table.select(self.selected)

    def error(self) -> str:
        """What is said to be wrong, or nothing."""
        return self._reason

    def showEvent(self, event: QShowEvent) -> None:
        """Tell of it."""
        super().showEvent(event)
        self.shown.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break the lines anew."""
        super().resizeEvent(event)
        self._fit_error()

    @Slot(object)
    def _on_points_edited(self, points: Points) -> None:
        self.points_edited.emit(points)

    @Slot(object)
    def _on_places_chosen(self, places: Places) -> None:
        self._selected = places
        self.selection_changed.emit(places)

    def _edit(self, points: Points, selected: Places) -> None:
        """Tell what is wanted, and select what has come, or nothing."""
        self._say("")
        self.points_edited.emit(points)
        if points == self.points:
            self.select(selected)
            self.selection_changed.emit(selected)

    @Slot()
    def _copy(self) -> None:
        order = self.rows_of_samples.order
        places = order[np.isin(order, self.selected)] if len(self.selected) else order  # as they are seen
        decimal = "," if QLocale.system().decimalPoint() == "," else "."
        QGuiApplication.clipboard().setText(copied(Points(self.points.x[places], self.points.y[places]), decimal))

    @Slot()
    def _paste(self) -> None:
        try:
            table = read_table(QGuiApplication.clipboard().text())
            if (count := len(self.points) + len(table)) > MOST_POINTS:
                raise DataFileError(f"it would be {count:,} samples: at most {MOST_POINTS:,} are allowed")
            pasted, _ = points_of(table, suggest_columns(table), origin="")
        except DataFileError as error:
            self._say(f"Nothing was pasted: {error}.")
        else:
            self._append(pasted)

    @Slot()
    def _delete(self) -> None:
        stays = np.ones(len(self.points), dtype=np.bool_)
        stays[self.selected] = False
        if stays.all():
            return
        if not (stays & ~self.points.held_out).any():
            self._say(f"Nothing was deleted: {NOT_ALL[0].lower()}{NOT_ALL[1:]}")
        else:
            self._edit(self.points.at(stays), NONE)

    @Slot()
    def _on_add_clicked(self) -> None:
        if len(self.points) >= MOST_POINTS:
            self._say(f"There are {MOST_POINTS:,} samples: no more are allowed.")
            return
        place = len(self.points)
        self._append(Points(self.points.x[-1:], self.points.y[-1:]))
        if len(self.points) > place:
            self.table.edit_place(place)

    def _append(self, more: Points) -> None:
        ours = self.points
        x, y = np.append(ours.x, more.x), np.append(ours.y, more.y)
        together = Points(x, y, np.append(ours.held_out, more.held_out), ours.origin)
        self._edit(together, np.arange(len(ours), len(together)))

    @Slot(str)
    def _say(self, text: str) -> None:
        self._reason = text
        self._error.setToolTip(text)
        self._foot.setCurrentIndex(bool(text))
        self._fit_error()

    def _fit_error(self) -> None:
        """Write as much of what is wrong as there is room for; the tooltip has all of it."""
        words = self._reason.split(" ")
        room = QRect(0, 0, self._foot.width(), self._foot.height())
        flags = int(Qt.TextFlag.TextWordWrap)
        for count in range(len(words), 0, -1):
            text = " ".join(words[:count]) + " …" * (count < len(words))
            if self._error.fontMetrics().boundingRect(room, flags, text).height() <= room.height():
                break
        self._error.setText(text)
