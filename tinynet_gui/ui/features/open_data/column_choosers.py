"""The lists in which the columns of a table are chosen: x, its unit, y, and what is held out."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QWidget

from tinynet_gui.core.data.columns import Columns, dates_of, usual_unit
from tinynet_gui.core.data.table import Table
from tinynet_gui.ui.widgets.fields import QuietComboBox
from tinynet_gui.ui.widgets.guard import guarded
from tinynet_gui.ui.widgets.naming import named

_NONE = "none"


def make_chooser(name: str, words: str, parent: QWidget) -> QComboBox:
    """Return a list of a steady width."""
    chooser = named(QuietComboBox(parent), name, words, f"{words}.")
    chooser.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    chooser.setMinimumContentsLength(12)
    return chooser


@guarded
class ColumnChoosers(QObject):
    """Knows what is chosen; x and y change places where one takes the other's column.

    Signals
    -------
    changed
        The columns are others now.
    """

    changed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.x = make_chooser("dataX", "The column that is x", parent)
        self.y = make_chooser("dataY", "The column that is y", parent)
        self.unit = make_chooser("dataUnit", "The unit of the time since the first date", parent)
        words = "The column that says which samples are held out: 0 or 1, no or yes, train or test"
        self.flag = make_chooser("dataHeldOut", words, parent)
        self._table: Table | None = None
        self._shown: dict[QComboBox, int] = {}
        self._begun: tuple[QComboBox, int, int] | None = None  # the list in use, and the columns when that began
        for chooser in (self.x, self.y):
            chooser.installEventFilter(self)
        self.x.currentIndexChanged.connect(lambda: self._swap(self.x, self.y))
        self.y.currentIndexChanged.connect(lambda: self._swap(self.y, self.x))
        for chooser in (self.unit, self.flag):
            chooser.currentIndexChanged.connect(self.changed)

    @property
    def columns(self) -> Columns:
        """The columns chosen."""
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
        """Take a choice of x or y as made when its list loses the focus."""
        if event.type() == QEvent.Type.FocusOut:
            self._begun = None
        return super().eventFilter(watched, event)

    def _fill(self, chooser: QComboBox, places: Sequence[int | None], place: int | None) -> None:
        assert self._table is not None
        with QSignalBlocker(chooser):
            chooser.clear()
            for other in places:
                chooser.addItem(_NONE if other is None else self._table.names[other], other)
            chooser.setCurrentIndex(places.index(place))

    def _fill_units(self, table: Table, unit: str = "") -> None:
        """Offer the units of x if it is a column of dates."""
        place = self.x.currentData()
        column = table.columns[place]
        with QSignalBlocker(self.unit):
            self.unit.clear()
            if not column.dates:
                return
            if column.is_of_numbers:
                self.unit.addItem("as numbers", "")
            for name in (dates := dates_of(table, place)).units:
                self.unit.addItem(dates.name("", name).strip("[]"), name)
            self.unit.setCurrentIndex(self.unit.findData(unit or usual_unit(column)))

    def _swap(self, chosen: QComboBox, other: QComboBox) -> None:
        """Give the other axis the column that was here where this one has its own; passed ones change nothing."""
        if self._begun is None or self._begun[0] is not chosen:
            self._begun = (chosen, self._shown[chosen], self._shown[other])
        _, before, others = self._begun
        place = other.findData(before if chosen.currentData() == others else others)
        if place >= 0:
            with QSignalBlocker(other):
                other.setCurrentIndex(place)
        assert self._table is not None
        self._fill_units(self._table, "" if chosen is self.x else self.unit.currentData() or "")
        self._shown = {each: each.currentData() for each in (self.x, self.y)}
        self.changed.emit()
