"""A preview of the data read from a file or the clipboard, before any of it is used."""

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from tinynet_gui.core.data.data_file import SEED, Columns, points_of
from tinynet_gui.core.data.delimited import DataFileError
from tinynet_gui.core.data.points import Floats, Points
from tinynet_gui.core.data.table import Table
from tinynet_gui.core.text.numbers import told_apart
from tinynet_gui.ui.style.theme import Theme, small_font
from tinynet_gui.ui.style.zoom import px, usual_px
from tinynet_gui.ui.widgets.dialog import Button, Dialog
from tinynet_gui.ui.widgets.fields.fields import QuietComboBox
from tinynet_gui.ui.widgets.guard import guarded
from tinynet_gui.ui.widgets.naming import as_it_stands, caption, in_role, named
from tinynet_gui.ui.widgets.plots.plot_parts import NumberAxis, dress, line_pen, make_plot
from tinynet_gui.ui.widgets.text.elided_label import ElidedLabel
from tinynet_gui.ui.widgets.zoomed import give_size
from tinynet_gui.ui.window.dialogs.first_rows import FirstRows

MARGIN = 0.06  # around the points, as a share of their range
ERROR_LINES = 3  # space reserved
_SEPARATORS = {"\t": "tabs", ";": "semicolons", ",": "commas", " ": "spaces"}
_DECIMALS = {".": "a decimal point", ",": "a decimal comma"}
_NONE = "none"


@guarded
class DataDialog(Dialog):
    """Shows the parsed rows, and lets the user choose x, y and, with more than two columns, the held-out flags.

    Parameters
    ----------
    columns
        The initial choice.
    origin
        The origin of the table: a file's name, or ``pasted``.

    Signals
    -------
    chosen : Points
        Use these as the samples.
    """

    chosen = Signal(object)

    def __init__(
        self, table: Table, columns: Columns, origin: str, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__("dataDialog", "Data", parent, deleted_when_closed=True)
        self._table, self._origin = table, origin
        self._points: Points | None = None
        self._has_choice = len(table.columns) > 2
        self._make_choosers(columns)
        self._rows = named(QLabel(), "dataRows", "How many rows there are, and how many of them are used")
        self._ranges = [named(ElidedLabel(), f"data{name}Range", f"Range of {name}") for name in "XY"]
        self._held_out_count = named(QLabel(self), "dataHeldOutCount", "How many samples are held out")
        self._held_out_count.setVisible(self._has_choice)
        self._first_rows = FirstRows(table, theme)
        self._error = named(QLabel(), "dataError", "Why these data cannot be used")
        self._make_plot()
        self._lay_out()
        self.show_theme(theme)
        self._understand()

    @Slot(object)
    def show_theme(self, theme: Theme) -> None:
        """Take on the colours of a theme."""
        dress(self._plot, theme)
        self._trained.setBrush(theme.color("data"))
        self._trained.setPen(line_pen(theme, "card", 1))
        self._held_out.setBrush(theme.color("card"))
        self._held_out.setPen(line_pen(theme, "data", 1.6))
        self._first_rows.show_theme(theme)

    def drawn_points(self) -> tuple[Floats, Floats]:
        """The points drawn, (x, y) of shape (points, 2): the training samples, and the held-out ones."""
        trained, held_out = (np.column_stack(item.getData()) for item in (self._trained, self._held_out))
        return trained, held_out

    def accept(self) -> None:
        """Emit the chosen samples."""
        if self._points is not None:
            self.chosen.emit(self._points)
            super().accept()

    def _make_choosers(self, columns: Columns) -> None:
        numbers: list[int | None] = [place for place, column in enumerate(self._table.columns) if column.is_of_numbers]
        self._x = self._make_chooser("dataX", "The column that is x", numbers, columns.x)
        self._y = self._make_chooser("dataY", "The column that is y", numbers, columns.y)
        everything = [None, *range(len(self._table.columns))]
        words = "The column that says which samples are held out: 0 or 1, no or yes, train or test"
        self._flag = self._make_chooser("dataHeldOut", words, everything, columns.held_out)
        self._flag.setVisible(self._has_choice)

    def _make_chooser(self, name: str, words: str, places: list[int | None], place: int | None) -> QComboBox:
        chooser = named(QuietComboBox(self), name, words, f"{words}.")
        for other in places:
            chooser.addItem(_NONE if other is None else self._table.names[other], other)
        chooser.setCurrentIndex(places.index(place))
        chooser.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        chooser.setMinimumContentsLength(12)
        chooser.currentIndexChanged.connect(self._understand)
        return chooser

    def _make_plot(self) -> None:
        self._plot = make_plot(NumberAxis("bottom"), left_width=58, names=("x", "y"))
        named(self._plot, "dataPlot", "Plot of the data")
        self._plot.setMouseEnabled(x=False, y=False)
        self._plot.setMinimumSize(240, 160)
        self._trained = pg.ScatterPlotItem(size=px(7), symbol="o", pxMode=True)
        self._held_out = pg.ScatterPlotItem(size=px(8), symbol="d", pxMode=True)
        for item in (self._trained, self._held_out):
            self._plot.addItem(item, ignoreBounds=True)

    def _lay_out(self) -> None:
        title = in_role(named(ElidedLabel(), "dataOrigin", "Where the data are from"), "title")
        title.show_text(self._origin)
        understood = named(caption(self._understood_text()), "dataUnderstood", "How the text was understood")
        in_role(self._error, "error")
        self._error.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._error.setTextFormat(Qt.TextFormat.PlainText)
        self._error.setFixedHeight(usual_px(ERROR_LINES * QFontMetrics(small_font()).lineSpacing()))
        note = caption("OK begins a new run with these samples; Undo brings the present one back.")
        for label in (understood, self._error, note):
            label.setFont(small_font())
            label.setWordWrap(True)
        self._buttons = self.make_buttons(Button.Ok | Button.Cancel)
        left = QVBoxLayout()
        left.addWidget(title)
        left.addWidget(understood)
        left.addLayout(self._make_facts())
        left.addWidget(self._first_rows, 1)
        left.addWidget(self._error)
        sides = QHBoxLayout()
        sides.setSpacing(14)
        sides.addLayout(left, 5)
        sides.addWidget(self._plot, 4)
        foot = QHBoxLayout()
        foot.addWidget(note, 1)
        foot.addWidget(self._buttons)
        layout = QVBoxLayout(self)
        layout.addLayout(sides, 1)
        layout.addLayout(foot)
        give_size(self, 820, 480)

    def _make_facts(self) -> QGridLayout:
        """Make a row for the rows, x and y, and one for the held-out flags if there may be any."""
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)  # the lists keep their width, whatever the ranges are
        grid.setColumnStretch(2, 1)
        grid.addWidget(caption("Rows"), 0, 0)
        grid.addWidget(self._rows, 0, 1, 1, 2)
        self._rows.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        for line, (word, chooser) in enumerate((("x", self._x), ("y", self._y)), 1):
            grid.addWidget(caption(word, chooser), line, 0)
            grid.addWidget(chooser, line, 1)
            self._ranges[line - 1].setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(self._ranges[line - 1], line, 2)
        if self._has_choice:
            grid.addWidget(caption("held out", self._flag), 3, 0)
            grid.addWidget(self._flag, 3, 1)
            grid.addWidget(self._held_out_count, 3, 2, Qt.AlignmentFlag.AlignRight)
        return grid

    def _understood_text(self) -> str:
        separator, decimal = _SEPARATORS.get(self._table.separator), _DECIMALS[self._table.decimal]
        separated = f"separated by {separator}" if separator else "not separated"
        named_there = any(column.name for column in self._table.columns)
        names = "the first line names the columns" if named_there else "no line names the columns"
        return f"Understood as columns {separated}, numbers with {decimal}; {names}."

    @Slot()
    def _understand(self) -> None:
        """Show the chosen columns, or why they cannot be the samples."""
        columns = Columns(self._x.currentData(), self._y.currentData(), self._flag.currentData())
        self._points, trouble = None, ""
        try:
            self._points, _ = points_of(self._table, columns, origin=self._origin)
        except DataFileError as error:
            trouble = f"{str(error)[0].upper()}{str(error)[1:]}."
        self._error.setText(trouble)
        self._error.setToolTip(as_it_stands(trouble))
        self._first_rows.show_columns(columns)
        self._buttons.button(Button.Ok).setEnabled(self._points is not None)
        self._show_points(self._points)

    def _show_points(self, points: Points | None) -> None:
        rows = f"{len(self._table):,}"
        self._plot.getPlotItem().setVisible(points is not None)
        if points is None:
            self._rows.setText(rows)
            for label in (*self._ranges, self._held_out_count):
                label.setText("")
            self._trained.setData([], [])
            self._held_out.setData([], [])
            return
        is_part = len(points) < len(self._table)
        self._rows.setText(f"{len(points):,} of {rows}, drawn from seed {SEED}" if is_part else rows)
        for label, values in zip(self._ranges, (points.x, points.y), strict=True):
            label.show_text(" … ".join(told_apart(float(values.min()), float(values.max()))))
        self._held_out_count.setText(f"{int(points.held_out.sum()):,} of {len(points):,}")
        for item, which in ((self._trained, ~points.held_out), (self._held_out, points.held_out)):
            item.setData(points.x[which], points.y[which])
        self._plot.setXRange(*_with_margin(points.x), padding=0)
        self._plot.setYRange(*_with_margin(points.y), padding=0)


def _with_margin(values: Floats) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    margin = MARGIN * (high - low) or max(1.0, abs(low))
    return low - margin, high + margin
