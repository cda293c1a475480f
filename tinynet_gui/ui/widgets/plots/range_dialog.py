"""A small dialog for typing ranges, such as the visible one of a plot."""

import math
from collections.abc import Callable
from typing import NamedTuple

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QWidget

from tinynet_gui.core.text.numbers import exact
from tinynet_gui.core.text.typed_numbers import TypedNumberError, typed_real
from tinynet_gui.ui.widgets.dialogs.dialog import Button, Dialog
from tinynet_gui.ui.widgets.naming import in_role, named
from tinynet_gui.ui.widgets.refusals import refuse, tie
from tinynet_gui.ui.widgets.telling import tell

LARGEST = 1e6  # in absolute terms: the limit of a plot
DIGITS = 6  # for writing the present ends of the view


class Range(NamedTuple):
    """The two ends of a range."""

    low: float
    high: float


class RangeDialog(Dialog):
    """Asks for the range of x, or of x and y; it shows what is invalid, and stays open.

    Parameters
    ----------
    refusal
        Says what is wrong with well-formed ranges; "" if nothing is.

    Signals
    -------
    chosen : tuple of Range
        In the plot's coordinates: for a logarithmic axis the exponents of ten, though the user types the numbers.
    """

    chosen = Signal(object)

    def __init__(
        self,
        names: tuple[str, ...],
        ends: tuple[Range, ...],
        is_log: tuple[bool, ...],
        parent: QWidget | None = None,
        *,
        title: str = "Visible range",
        refusal: Callable[[tuple[Range, ...]], str] = lambda _: "",
    ) -> None:
        super().__init__("rangeDialog", title, parent, deleted_when_closed=True)
        self._names, self._ends, self._is_log, self._refusal = names, ends, is_log, refusal
        self._fields: list[tuple[QLineEdit, QLineEdit]] = []
        grid = QGridLayout(self)
        for row, (name, (low, high), log) in enumerate(zip(names, ends, is_log, strict=True)):
            grid.addWidget(QLabel(name), row, 0)
            fields = []
            for column, (word, value) in enumerate((("from", low), ("to", high))):
                field = named(QLineEdit(), f"range{'XY'[row]}{word.capitalize()}", f"{name} {word}")
                field.setText(_rounded(value, log))
                grid.addWidget(QLabel(word), row, 1 + 2 * column)
                grid.addWidget(field, row, 2 + 2 * column)
                fields.append(field)
            self._fields.append((fields[0], fields[1]))
        self._error = in_role(named(QLabel(" "), "rangeError", "Error in the range"), "error")  # its space is reserved
        for field in (field for fields in self._fields for field in fields):
            tie(field, self._error)
        grid.addWidget(self._error, len(names), 0, 1, 5)
        grid.addWidget(self.make_buttons(Button.Ok | Button.Cancel), len(names) + 1, 0, 1, 5)

    def accept(self) -> None:
        """Accept the input, or say what is wrong with it."""
        ends, reason = list[Range](), ""
        for row, fields in enumerate(self._fields):
            refusal = ""
            try:
                ends.append(self._read(row))
            except ValueError as error:
                refusal = str(error)
            for field in fields:
                refuse(field, refusal)
            reason = reason or refusal
        if not reason and (reason := self._refusal(tuple(ends))):
            tell(self, reason, True)
        self._error.setText(reason or " ")
        if not reason:
            self.chosen.emit(tuple(ends))
            super().accept()

    def _read(self, row: int) -> Range:
        name, is_log = self._names[row], self._is_log[row]
        values = []
        for field, end in zip(self._fields[row], self._ends[row], strict=True):
            if field.text() == _rounded(end, is_log):
                values.append(10.0**end if is_log else end)  # the unrounded end
                continue
            try:
                value = typed_real(field.text())
            except TypedNumberError as error:
                raise ValueError(f"{name}: {error}.") from None
            if not math.isfinite(value) or abs(value) > LARGEST or (is_log and value < 1 / LARGEST**2):
                allowed = "10⁻¹² to 1,000,000" if is_log else "−1,000,000 to 1,000,000"
                raise ValueError(f"{name}: {field.text()[:20]} is not allowed: {allowed}.")
            values.append(value)
        if not values[0] + 1e-6 * max(1.0, abs(values[0])) < values[1] and not (is_log and values[0] < values[1]):
            raise ValueError(f"{name}: the range has to end above its beginning.")
        return Range(*(math.log10(value) for value in values)) if is_log else Range(*values)


def _rounded(end: float, is_log: bool) -> str:
    """Write an end of a range in a few digits."""
    return exact(float(f"{10.0**end if is_log else end:.{DIGITS}g}"))
