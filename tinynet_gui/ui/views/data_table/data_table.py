"""The samples as a table: every number can be edited; rows are added, pasted, copied and deleted."""

import numpy as np
from PySide6 import QtCore, QtGui, QtWidgets

from tinynet_gui.core.data.points import MAX_POINTS, Points
from tinynet_gui.core.text.language import gettext as _, ngettext
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.core.text.shortened import written
from tinynet_gui.core.values import Array, Ints
from tinynet_gui.qt import spreadsheet_sign
from tinynet_gui.ui.views.data_table.data_model import DataModel
from tinynet_gui.ui.views.data_table.sample_rows import SampleRows
from tinynet_gui.ui.widgets import cards
from tinynet_gui.ui.widgets.accessibility import copy_text, in_role, literal_tooltip, named, small
from tinynet_gui.ui.widgets.text import ElidedLabel, ScrolledText

ERROR_LINES = 2
HINT = _("double-click: edit · Del · Ctrl+C · Ctrl+V")
GESTURES = _(
    "Double-click a number to edit it, or type one. Delete deletes the selection; Ctrl+C copies it, or all, for a "
    "spreadsheet; Ctrl+V adds what was copied there at the end."
)
NONE: Ints = np.empty(0, dtype=np.int64)


class DataTable(cards.SeenFrame):
    """Shows samples in a table; emits edits, and the ascending indices of the selected samples."""

    points_edited = QtCore.Signal(object)
    selection_changed = QtCore.Signal(object)

    def __init__(self) -> None:
        super().__init__("dataTable", _("The samples as a table"))
        self.rows_of_samples = DataModel(self)
        self.table = SampleRows(self.rows_of_samples)
        self._is_dragging = False
        self._before_draft: Points | None = None  # the samples without the one being added
        self._selected = NONE  # may include samples that do not exist yet
        self._add = cards.compact_button("+", "dataAdd", _("Add a sample"), _("Add a sample at the end and edit it."))
        self._count = small(in_role(named(ElidedLabel(), "dataCount", _("How many samples there are")), "caption"))
        self._hint = small(in_role(named(ElidedLabel(), "dataHint", _("How the table is edited")), "caption"))
        self._error = small(named(ScrolledText("error"), "dataError", _("Why something was not done")))
        self.error = self._error.text
        self._lay_out()
        self.rows_of_samples.points_edited.connect(self.points_edited)
        self.rows_of_samples.refused.connect(self._show_message)
        self.table.places_chosen.connect(self._on_places_chosen)
        self.table.copy_wanted.connect(self._copy)
        self.table.paste_wanted.connect(self._paste)
        self.table.delete_wanted.connect(self._delete)
        self.table.order_wanted.connect(self._put_in_order)
        self.table.edit_ended.connect(self._on_edit_ended)
        self._add.clicked.connect(self._on_add_clicked)

    def _lay_out(self) -> None:
        self._hint.show_text("", HINT)
        self._hint.setToolTip(GESTURES)
        self._hint.setAlignment(QtCore.Qt.AlignmentFlag.AlignTop)
        self._foot = QtWidgets.QStackedWidget()  # errors are shown here, so that nothing moves
        self._foot.setSizePolicy(QtWidgets.QSizePolicy.Policy.Ignored, QtWidgets.QSizePolicy.Policy.Fixed)
        self._foot.setFixedHeight(ERROR_LINES * self._hint.fontMetrics().lineSpacing() + 2)
        self._foot.addWidget(self._hint)
        self._foot.addWidget(self._error)
        words = cards.filled(QtWidgets.QVBoxLayout(), self._count, self._foot, spacing=0)
        row = cards.filled(QtWidgets.QHBoxLayout(), self._add, words)
        cards.filled(QtWidgets.QVBoxLayout(self), (self.table, 1), row, margins=(0, 4, 0, 0), spacing=4)

    @property
    def points(self) -> Points:
        return self.rows_of_samples.points

    @property
    def selected(self) -> Ints:
        return self._selected[self._selected < len(self.points)]

    def show_points(self, points: Points) -> None:
        """Show samples, in the chosen order unless the user is dragging some."""
        if points == self.points and self._before_draft is None:
            return
        self._show_message("")
        self._before_draft = None
        self._show(points)
        self._put_in_order()

    def _show(self, points: Points, is_draft: bool = False) -> None:
        is_longer = len(points) != len(self.points)
        self.table.show_points(points, is_draft)
        held_out = int(np.count_nonzero(points.held_out))
        text = ngettext("{count} sample", "{count} samples", len(points))
        if held_out:
            text = ngettext("{count} sample, {held_out} held out", "{count} samples, {held_out} held out", len(points))
        self._count.show_text(text.format(count=count_text(len(points)), held_out=count_text(held_out)))
        if is_longer:
            self.table.select(self.selected)

    def show_in_hand(self, in_hand: bool) -> None:
        """Stop sorting while samples are dragged, and sort afterwards."""
        self._is_dragging = in_hand
        self._put_in_order()

    def show_predicted(self, predicted: Array | None, *, is_at_rest: bool = True) -> None:
        """Show the prediction for each x, of shape (points,), or none; rows are sorted by it once it `is_at_rest`."""
        self.rows_of_samples.show_predicted(predicted)
        if is_at_rest:
            self._put_in_order()
        if self.isVisible():
            self.table.fit()

    def select(self, places: Ints) -> None:
        """Select samples without emitting; indices that do not exist yet are selected once they do."""
        if not np.array_equal(places, self._selected):
            self._selected = places
            self.table.select(self.selected)

    def _on_places_chosen(self, places: Ints) -> None:
        self._selected = places
        self.selection_changed.emit(places)

    def _edit(self, points: Points, selected: Ints) -> None:
        """Emit edited samples, and select the new ones, or none."""
        self._show_message("")
        self.points_edited.emit(points)
        if points == self.points:
            self.select(selected)
            self.selection_changed.emit(selected)

    def _copy(self) -> None:
        from tinynet_gui.core.data import data_file

        order = self.rows_of_samples.order
        places = order[np.isin(order, self.selected)] if len(self.selected) else order  # in the visible order
        copy_text(self, data_file.as_cells(Points(self.points.x[places], self.points.y[places]), spreadsheet_sign()))

    def _paste(self) -> None:
        from tinynet_gui.core.data import data_file
        from tinynet_gui.core.data.delimited import DataFileError
        from tinynet_gui.core.data.table import suggest_columns
        from tinynet_gui.core.wording.table_text import changes_text

        try:
            table = data_file.read_table(QtGui.QGuiApplication.clipboard().text())
            if (count := len(self.points) + len(table)) > MAX_POINTS:
                text = _("that would make {count} samples: at most {most} are allowed")
                raise DataFileError(text.format(count=count_text(count), most=count_text(MAX_POINTS)))
            columns = suggest_columns(table)
            if columns.unit:
                date = written(table.columns[columns.x].texts[0])
                text = _("{date} is a date; the samples here have numbers as x")
                raise DataFileError(text.format(date=date), table.lines[0])
            pasted, _skipped = data_file.points_of_table(table, columns, origin="")
        except DataFileError as error:
            # Translators: {error} is a clause, such as "the text has no numbers".
            self._show_message(_("Nothing was pasted: {error}.").format(error=error))
        else:
            together = self._appended(pasted)
            self._edit(together, np.arange(len(self.points), len(together)))
            if told := changes_text(table):
                # Translators: {told} is a clause, such as "empty rows were left out".
                text = _("{count} samples were pasted: {told}.")
                self._show_message(text.format(count=count_text(len(pasted)), told=told))

    def _delete(self) -> None:
        stays = np.ones(len(self.points), dtype=np.bool_)
        stays[self.selected] = False
        if stays.all():
            return
        if not (stays & ~self.points.held_out).any():
            self._show_message(_("Nothing was deleted: at least one sample is needed to train on."))
        else:
            self._edit(self.points.at(stays), NONE)

    def _on_add_clicked(self) -> None:
        if len(self.points) >= MAX_POINTS:
            self._show_message(_("There are {most} samples: no more are allowed.").format(most=count_text(MAX_POINTS)))
            return
        place, before = len(self.points), self.points
        self._show_message("")
        self._show(self._appended(Points(before.x[-1:], before.y[-1:])), is_draft=True)
        self._before_draft = before
        self.select(np.array([place]))
        self.table.edit_place(place)

    def _appended(self, more: Points) -> Points:
        ours = self.points
        x, y = np.append(ours.x, more.x), np.append(ours.y, more.y)
        return Points(x, y, np.append(ours.held_out, more.held_out), ours.origin, **ours.names)

    def _on_edit_ended(self) -> None:
        if self._before_draft is not None:
            self.show_points(self._before_draft)
        self._put_in_order()

    def _put_in_order(self) -> None:
        if not (self._is_dragging or self.table.is_editing()):
            self.table.put_in_order(self.selected)

    def _show_message(self, text: str) -> None:
        self._error.setText(text)
        self._error.setToolTip(literal_tooltip(text))
        self._foot.setCurrentIndex(bool(text))
