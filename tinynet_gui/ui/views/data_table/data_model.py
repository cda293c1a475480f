"""The rows of the table of samples: x, y, the held-out flag, the network's prediction and its error."""

from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QBrush

from tinynet_gui.core.data.points import LARGEST_X, LARGEST_Y, Points, allowed
from tinynet_gui.core.text import formula, numbers, shortened
from tinynet_gui.core.text.language import gettext as _, with_signs
from tinynet_gui.core.values import AnyArray, AnyFloats, Array, Ints
from tinynet_gui.ui.style.theme import fixed_font, small_font, theme
from tinynet_gui.ui.widgets.accessibility import literal_tooltip
from tinynet_gui.ui.widgets.fields.editors import Index, RowsModel

USUAL, MAX_DECIMALS = 3, 6  # decimals: if a column's largest value is about 1, and at most
SMALLEST = 1e-4  # a column with only smaller values is written with powers of ten


def decimals_of(values: AnyFloats, *, is_exact: bool = False) -> int | None:
    """Return the number of decimals for all numbers of a column; None means scientific notation.

    If `is_exact`, fewer are enough if they show every number completely.
    """
    sizes = np.abs(values[np.isfinite(values)])
    largest = float(sizes.max()) if len(sizes) else 0.0
    if largest > LARGEST_X or 0 < largest < SMALLEST:
        return None
    power = int(np.floor(np.log10(largest))) if largest > 0 else 0
    decimals = min(max(USUAL - power - (power < 0), 0), MAX_DECIMALS)
    fewer = (fewer for fewer in range(decimals) if is_exact and bool((np.round(values, fewer) == values).all()))
    return next(fewer, decimals)


def cell_text(value: float, decimals: int | None, *, has_sign: bool = False) -> str:
    """Format a number of a column; one that rounds to 0 has no sign."""
    if decimals is None or not np.isfinite(value):
        text = numbers.plain(value, USUAL)
    else:
        text = f"{value:.{decimals}f}".replace("-", numbers.MINUS)
        if value != 0 and not text.strip(f"{numbers.MINUS}0."):
            text, has_sign = text.removeprefix(numbers.MINUS), False
        text = with_signs(text)
    return f"+{text}" if has_sign and value > 0 else text


def read_coordinate(text: str, most: float) -> float:
    """Read x or y as typed; raise ValueError if it is not a number, or too far from 0."""
    return numbers.read_value(text, most, allowed(most).replace("-", numbers.MINUS))


X, Y, HELD_OUT, PREDICTED, ERROR = range(5)
LARGEST = {X: LARGEST_X, Y: LARGEST_Y}  # for values typed into these columns
NARROW = "\u202f"
HEADINGS = ("x", "y", _("held\nout"), "ŷ", f"ŷ{NARROW}{numbers.MINUS}{NARROW}y")
NAMES = ("x", "y", _("held out"), _("the network's output"), _("its error"))
EDIT_HINT = _("Double-click or F2 to set it.")
MAX_NAME_CHARACTERS = 40  # characters
NOT_ALL = _("At least one sample is needed to train on.")


class DataModel(RowsModel):
    """A row per sample, in the chosen order (`order` has their indices); row headers are the samples' indices, from 1.

    Edits are only emitted; the table changes when `show_points` brings the edited samples. `sorted_by` is a column and
    whether it is descending, None for the samples' own order. If `is_draft`, the last row is a new sample, which other
    views show once a number has been typed. `refused` says why an edit was refused; "" after one that succeeded.
    """

    points_edited = Signal(object)
    refused = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.points = Points([0.0], [0.0])
        self.order: Ints = np.arange(1)
        self.sorted_by: tuple[int, bool] | None = None
        self.is_draft = False
        self._predicted: Array | None = None
        self._decimals: list[int | None] = [0] * len(HEADINGS)
        self._fitting: dict[int, str] = {}  # by column, the part of its name that fits

    def show_points(self, points: Points, is_draft: bool = False) -> None:
        """Show samples without moving rows: new ones stay last until the rows are sorted."""
        old, self.points, self.is_draft = self.points, points, is_draft
        self._decimals[X], self._decimals[Y] = (decimals_of(values, is_exact=True) for values in (points.x, points.y))
        if len(points) == len(old):
            self._notify_columns(X)
            return
        with self.changing(True):
            self._predicted = None
            stay = self.order[self.order < len(points)]
            self.order = np.concatenate([stay, np.arange(len(stay), len(points))])

    def show_predicted(self, predicted: Array | None) -> None:
        """Show the network's prediction for each x, of shape (points,), or none."""
        if predicted is None or len(predicted) == len(self.points):
            self._predicted = predicted
            known = self.points.y if predicted is None else np.concatenate([self.points.y, predicted])
            self._decimals[PREDICTED] = self._decimals[ERROR] = decimals_of(known)
            self._notify_columns(PREDICTED)

    def sort_by(self, column: int | None, is_descending: bool = False) -> None:
        """Sort the rows from now on; None restores the samples' own order."""
        self.sorted_by = None if column is None else (column, is_descending)
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, X, ERROR)

    def put_in_order(self) -> bool:
        """Sort the rows by the current numbers, and return whether any has moved."""
        order = np.arange(len(self.points))
        if self.sorted_by is not None:
            column, is_descending = self.sorted_by
            values = self._values(column).astype(np.float64)
            order = np.argsort(-values if is_descending else values, kind="stable")
        if np.array_equal(order, self.order):
            return False
        with self.changing(True):
            self.order = order
        return True

    def rows_of(self, places: Ints) -> Ints:
        rows = np.empty(len(self.order), dtype=np.int64)
        rows[self.order] = np.arange(len(self.order))
        return np.sort(rows[places])

    def heading(self, column: int) -> str:
        """Return a column's heading; below it, if there is room, the name that the samples give it."""
        name = self._fitting.get(column)
        return f"{name}\n{HEADINGS[column]}" if name else HEADINGS[column]

    def name(self, column: int) -> str:
        name = {X: self.points.x_name, Y: self.points.y_name}.get(column, "")
        return shortened.shortened(_(name), MAX_NAME_CHARACTERS) if name else ""

    def show_names(self, fitting: dict[int, str]) -> None:
        if fitting != self._fitting:
            self._fitting = fitting
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, X, Y)

    def text(self, place: int, column: int) -> str:
        number = self._number(place, column)
        return "" if number is None else cell_text(float(number), self._decimals[column], has_sign=column == ERROR)

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.points)

    def columnCount(self, parent: Index | None = None) -> int:
        return len(HEADINGS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        place, column = int(self.order[index.row()]), index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self.text(place, column)
            case Qt.ItemDataRole.EditRole:
                return self._full_text(place, column)
            case Qt.ItemDataRole.CheckStateRole if column == HELD_OUT:
                return Qt.CheckState.Checked if self.points.held_out[place] else Qt.CheckState.Unchecked
            case Qt.ItemDataRole.FontRole:
                return fixed_font(small_font().pointSizeF())
            case Qt.ItemDataRole.TextAlignmentRole:
                return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            case Qt.ItemDataRole.ForegroundRole:
                return QBrush(theme().color("ink" if column in (X, Y) else "muted"))
            case Qt.ItemDataRole.ToolTipRole:
                return self._tooltip(place, column)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Column headings, with an arrow at the sort column; row headers are the samples' indices."""
        if orientation == Qt.Orientation.Vertical:
            return str(self.order[section] + 1) if role == Qt.ItemDataRole.DisplayRole else None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                arrows = {(section, False): f"{NARROW}↑", (section, True): f"{NARROW}↓", None: ""}
                return self.heading(section) + arrows.get(self.sorted_by, "")
            case Qt.ItemDataRole.TextAlignmentRole:
                way = Qt.AlignmentFlag.AlignHCenter if section == HELD_OUT else Qt.AlignmentFlag.AlignRight
                return way | Qt.AlignmentFlag.AlignBottom
            case Qt.ItemDataRole.ToolTipRole:
                name = self.name(section)
                what = f"{NAMES[section]}, {name}" if name else NAMES[section]
                words = _("Click to sort by {what}: ascending, descending, original order.")
                return literal_tooltip(words.format(what=what))
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        own = {X: Qt.ItemFlag.ItemIsEditable, Y: Qt.ItemFlag.ItemIsEditable, HELD_OUT: Qt.ItemFlag.ItemIsUserCheckable}
        return flags | own.get(index.column(), Qt.ItemFlag.NoItemFlags)

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        place, column = int(self.order[index.row()]), index.column()
        if role == Qt.ItemDataRole.CheckStateRole and column == HELD_OUT:
            self.hold_out(np.array([place]), value in (Qt.CheckState.Checked, Qt.CheckState.Checked.value))
        elif role == Qt.ItemDataRole.EditRole and column in (X, Y):
            x, y = self.points.x.copy(), self.points.y.copy()
            (x, y)[column][place] = read_coordinate(str(value), LARGEST[column])
            self._emit_edit(Points(x, y, self.points.held_out, self.points.origin, **self.points.names))
        return False

    def hold_out(self, places: Ints, is_held_out: bool) -> None:
        """Hold samples out, or train on them, unless none would be left to train on."""
        held_out = self.points.held_out.copy()
        held_out[places] = is_held_out
        if held_out.all():
            self.refused.emit(NOT_ALL)
        else:
            self._emit_edit(self.points.with_held_out(held_out))

    def _emit_edit(self, points: Points) -> None:
        self.refused.emit("")
        if self.is_draft or points != self.points:
            self.points_edited.emit(points)

    def _notify_columns(self, first: int) -> None:
        self.dataChanged.emit(self.index(0, first), self.index(len(self.points) - 1, ERROR))

    def _values(self, column: int) -> AnyArray:
        """Return the numbers of a column; zeros if they are unknown."""
        if column <= HELD_OUT:
            return (self.points.x, self.points.y, self.points.held_out)[column]
        predicted = np.zeros(len(self.points), dtype=np.float32) if self._predicted is None else self._predicted
        return predicted if column == PREDICTED else predicted - self.points.y.astype(np.float32)

    def _number(self, place: int, column: int) -> Any:
        is_unknown = column == HELD_OUT or (column > HELD_OUT and self._predicted is None)
        return None if is_unknown else self._values(column)[place]

    def _full_text(self, place: int, column: int) -> str:
        value = self._number(place, column)
        if value is None:
            return ""
        return numbers.in_full(value) if column in (X, Y) else with_signs(formula.number(float(value), None).plain)

    def _tooltip(self, place: int, column: int) -> str:
        if column == HELD_OUT:
            return _("Sample {number}: checked, it is not trained on.").format(number=place + 1)
        full = self._full_text(place, column)
        text = _("Sample {number}: {name} = {value}").format(number=place + 1, name=HEADINGS[column], value=full)
        return "" if not full else f"{text}\n{EDIT_HINT}" if column in (X, Y) else text
