"""Parts of the preview of a table: the choice of columns, its first rows, and its samples in a plot."""

import math
from collections.abc import Sequence

import pyqtgraph as pg
from PySide6 import QtWidgets
from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QColor, QFont

from tinynet_gui.core.data.points import Points, is_better_standardised
from tinynet_gui.core.data.table import Columns, Table, usual_unit
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.numbers import count_text, in_full
from tinynet_gui.core.text.shortened import shortened
from tinynet_gui.core.values import Floats
from tinynet_gui.ui.style.theme import fixed_font, px, small_font, theme, unzoomed_px, whole_px
from tinynet_gui.ui.widgets.accessibility import caption, literal_tooltip, named, small, worded
from tinynet_gui.ui.widgets.cards import filled
from tinynet_gui.ui.widgets.fields.editors import QuietComboBox
from tinynet_gui.ui.widgets.guard import guarded
from tinynet_gui.ui.widgets.plots.plot_parts import NumberAxis, line_pen, make_plot, name_axes, style_plot

_NONE = _("none")


def make_chooser(name: str, words: str, parent: QtWidgets.QWidget) -> QtWidgets.QComboBox:
    """Return a combo box of a steady width."""
    steady = QtWidgets.QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
    chooser = QuietComboBox(parent, sizeAdjustPolicy=steady, minimumContentsLength=12)
    return named(chooser, name, words, f"{words}.")


@guarded
class ColumnChoosers(QObject):
    """The choice of columns; x and y are swapped if one takes the other's column."""

    changed = Signal()

    def __init__(self, parent: QtWidgets.QWidget) -> None:
        super().__init__(parent)
        self.x = make_chooser("dataX", _("The column that is x"), parent)
        self.y = make_chooser("dataY", _("The column that is y"), parent)
        self.unit = make_chooser("dataUnit", _("The unit of the time since the first date"), parent)
        words = _("The column that says which samples are held out: 0 or 1, no or yes, train or test")
        self.flag = make_chooser("dataHeldOut", words, parent)
        self._table: Table | None = None
        self._shown: dict[QtWidgets.QComboBox, int] = {}
        self._begun: tuple[QtWidgets.QComboBox, int, int] | None = None  # the combo box in use; x and y before
        for chooser in (self.x, self.y):
            chooser.installEventFilter(self)
        self.x.currentIndexChanged.connect(lambda: self._swap(self.x, self.y))
        self.y.currentIndexChanged.connect(lambda: self._swap(self.y, self.x))
        for chooser in (self.unit, self.flag):
            chooser.currentIndexChanged.connect(self.changed)

    @property
    def columns(self) -> Columns:
        assert self._table is not None
        unit = self.unit.currentData() or "" if self._table.columns[self.x.currentData()].dates else ""
        return Columns(self.x.currentData(), self.y.currentData(), self.flag.currentData(), unit)

    def show_table(self, table: Table, columns: Columns) -> None:
        """Offer a table's columns; those chosen before stay if it has the same ones."""
        numbers = [place for place, column in enumerate(table.columns) if column.is_of_numbers]
        dated = [place for place, column in enumerate(table.columns) if column.dates and place not in numbers]
        possible = sorted((*numbers, *dated))
        if self._table is not None and table.names == self._table.names:
            before = self.columns
            if before.x in possible and before.y in numbers:
                columns = before
        self._table, self._begun = table, None
        self._fill(self.x, possible, columns.x)
        self._fill(self.y, numbers, columns.y)
        self._fill(self.flag, [None, *range(len(table.columns))], columns.held_out)
        self._fill_units(table, columns.unit)
        self._shown = {each: each.currentData() for each in (self.x, self.y)}

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Commit a choice of x or y when its combo box loses the focus."""
        if event.type() == QEvent.Type.FocusOut:
            self._begun = None
        return super().eventFilter(watched, event)

    def _fill(self, chooser: QtWidgets.QComboBox, places: Sequence[int | None], place: int | None) -> None:
        assert self._table is not None
        with QSignalBlocker(chooser):
            chooser.clear()
            for other in places:
                chooser.addItem(_NONE if other is None else self._table.names[other], other)
            chooser.setCurrentIndex(places.index(place))

    def _fill_units(self, table: Table, unit: str = "") -> None:
        place = self.x.currentData()
        column = table.columns[place]
        with QSignalBlocker(self.unit):
            self.unit.clear()
            if not column.dates:
                return
            if column.is_of_numbers:
                self.unit.addItem(_("as numbers"), "")
            for name in (dates := table.dates_of(place)).units:
                self.unit.addItem(dates.since_text(name), name)
            self.unit.setCurrentIndex(self.unit.findData(unit or usual_unit(column)))

    def _swap(self, chosen: QtWidgets.QComboBox, other: QtWidgets.QComboBox) -> None:
        """Give the other axis this one's former column if both are the same; scrolling does not add up swaps."""
        if self._begun is None or self._begun[0] is not chosen:
            self._begun = (chosen, self._shown[chosen], self._shown[other])
        _chooser, before, others = self._begun
        place = other.findData(before if chosen.currentData() == others else others)
        if place >= 0:
            with QSignalBlocker(other):
                other.setCurrentIndex(place)
        assert self._table is not None
        self._fill_units(self._table, "" if chosen is self.x else self.unit.currentData() or "")
        self._shown = {each: each.currentData() for each in (self.x, self.y)}
        self.changed.emit()


ROWS = 8
MAX_COLUMNS = 12  # shown, besides the chosen ones
MAX_CHARACTERS = 20  # of a field
MAX_NAME_CHARACTERS = 24
MIN_WIDTH = 56  # px, of a column
NOTHING = "—"


class FirstRows(QtWidgets.QTableWidget):
    """Read-only: numbers as numbers, other fields unchanged, with the file's line numbers on the left."""

    def __init__(self, table: Table) -> None:
        super().__init__()
        named(self, "dataFirstRows", _("The first rows as read"))
        self._table = table
        self._columns: Columns | None = None
        self.setEditTriggers(QtWidgets.QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QtWidgets.QAbstractItemView.SelectionMode.NoSelection)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFrameShape(QtWidgets.QFrame.Shape.NoFrame)
        self.setHorizontalScrollMode(QtWidgets.QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setMinimumSize(220, 90)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setMinimumSectionSize(whole_px(MIN_WIDTH))
        self.horizontalHeader().setSectionResizeMode(QtWidgets.QHeaderView.ResizeMode.ResizeToContents)
        for header in (self.horizontalHeader(), self.verticalHeader()):
            header.setSectionsClickable(False)
            header.setFont(small_font())
        self.verticalHeader().setSectionResizeMode(QtWidgets.QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setFont(fixed_font())
        self.verticalHeader().setMinimumSectionSize(1)
        self.verticalHeader().setDefaultSectionSize(unzoomed_px(self.fontMetrics().lineSpacing()) + 3)

    def show_theme(self) -> None:
        if self._columns is not None:
            self.show_columns(self._columns)

    def show_table(self, table: Table) -> None:
        self._table, self._columns = table, None

    def show_columns(self, columns: Columns) -> None:
        self._columns = columns
        roles = {columns.x: "x", columns.y: "y"}
        if columns.x == columns.y:
            roles[columns.x] = "x, y"
        if columns.held_out is not None:
            roles.setdefault(columns.held_out, _("held out"))
        places = sorted({*range(min(MAX_COLUMNS, len(self._table.columns))), *roles})
        self.clear()
        self.setColumnCount(len(places))
        self.setRowCount(min(ROWS, len(self._table)))
        label = _("line {number}") if self._table.extent.on_its_side is None else _("column {number}")
        self.setVerticalHeaderLabels([label.format(number=count_text(line)) for line in self._table.lines[:ROWS]])
        for at, place in enumerate(places):
            self._show_column(at, place, roles.get(place, ""), bool(columns.unit) and place == columns.x)
        chosen = self.item(0, places.index(columns.x))
        if chosen is not None:
            self.scrollToItem(chosen)

    def _show_column(self, at: int, place: int, role: str, are_dates: bool) -> None:
        column = self._table.columns[place]
        name, usual = self._table.names[place], theme().color("ink" if role else "muted")
        heading = _cell(f"{role}\n{shortened(name, MAX_NAME_CHARACTERS)}", name, usual)
        font = QFont(small_font())
        font.setBold(bool(role))
        heading.setFont(font)
        self.setHorizontalHeaderItem(at, heading)
        for row in range(self.rowCount()):
            value, text = float(column.values[row]), column.texts[row]
            is_number = not (math.isnan(value) or are_dates)
            is_wrong = not (is_number or are_dates) and role in ("x", "y", "x, y")
            shown = in_full(value) if is_number else shortened(text, MAX_CHARACTERS) or NOTHING
            self.setItem(row, at, _cell(shown, shortened(text), theme().color("error") if is_wrong else usual))


def _cell(shown: str, text: str, color: QColor) -> QtWidgets.QTableWidgetItem:
    cell = QtWidgets.QTableWidgetItem(shown)
    cell.setToolTip(literal_tooltip(text))
    cell.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    cell.setForeground(color)
    return cell


MARGIN = 0.06  # around the points, as a share of their range
STANDARDISE = _(
    "The network then sees (x − μ)/σ and gives (y − μ)/σ: this is mostly learned better where x or y is large, tiny "
    "or far from 0."
)
STANDARDISE_HERE = _(
    "The network then sees (x − μ)/σ and gives (y − μ)/σ: this is mostly learned better where x or y is large, tiny "
    "or far from 0, as here."
)


class PointsPreview(QtWidgets.QWidget):
    """Shows samples, held-out ones hollow, and the standardisation below."""

    def __init__(self, *, is_standardised: bool) -> None:
        super().__init__()
        self._is_chosen = is_standardised  # by the user, now or earlier
        self._plot = make_plot(NumberAxis("bottom"), left_width=58, names=("x", "y"))
        named(self._plot, "dataPlot", _("Plot of the data"))
        self._plot.setMouseEnabled(x=False, y=False)
        self._plot.setMinimumSize(240, 130)
        self.trained = pg.ScatterPlotItem(size=px(7), symbol="o", pxMode=True)
        self.held_out = pg.ScatterPlotItem(size=px(8), symbol="d", pxMode=True)
        for item in (self.trained, self.held_out):
            self._plot.addItem(item, ignoreBounds=True)
        words = _("Data and curves stay in their own units.")
        self._standardise = worded(QtWidgets.QCheckBox(), "dataStandardise", _("Standardise x and y"), words)
        self._what = small(named(caption(STANDARDISE, wraps=True), "dataStandardiseWhat", _("What standardising does")))
        self._standardise.setChecked(is_standardised)
        filled(QtWidgets.QVBoxLayout(self), (self._plot, 1), self._standardise, self._what, margins=(0, 0, 0, 0))
        self._standardise.clicked.connect(self._on_clicked)
        self.show_theme()

    @property
    def is_standardised(self) -> bool:
        return self._standardise.isChecked()

    def show_points(self, points: Points | None) -> None:
        """Show samples; suggest whether to standardise them, unless the user has chosen."""
        self._plot.getPlotItem().setVisible(points is not None)
        self._standardise.setEnabled(points is not None)
        if points is None:
            self.trained.setData([], [])
            self.held_out.setData([], [])
            return
        is_better = is_better_standardised(points)
        self._what.setText(STANDARDISE_HERE if is_better else STANDARDISE)
        if not self._is_chosen:
            self._standardise.setChecked(is_better)
        name_axes(self._plot, *points.axes)
        for item, which in ((self.trained, ~points.held_out), (self.held_out, points.held_out)):
            item.setData(points.x[which], points.y[which])
        self._plot.setXRange(*_with_margin(points.x), padding=0)
        self._plot.setYRange(*_with_margin(points.y), padding=0)

    def show_theme(self) -> None:
        style_plot(self._plot)
        self.trained.setBrush(theme().color("data"))
        self.trained.setPen(line_pen("card", 1))
        self.held_out.setBrush(theme().color("card"))
        self.held_out.setPen(line_pen("data", 1.6))

    def _on_clicked(self) -> None:
        self._is_chosen = True


def _with_margin(values: Floats) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    margin = MARGIN * (high - low) or max(1.0, abs(low))
    return low - margin, high + margin
