"""A table of texts and numbers."""

from dataclasses import field
from functools import cached_property

import numpy as np

from tinynet_gui.core.data.dates import Dates
from tinynet_gui.core.data.delimited import is_missing
from tinynet_gui.core.data.extent import Extent
from tinynet_gui.core.data.points import LARGEST_X
from tinynet_gui.core.data.read_as import AS_IT_IS, Ambiguity, ReadAs
from tinynet_gui.core.data.signs import Signs, is_like_number
from tinynet_gui.core.numerics.arrays import Floats
from tinynet_gui.core.values import dataclass


@dataclass(frozen=True, eq=False)
class Column:
    """One column of a table.

    Attributes
    ----------
    name
        From the header; empty if there is none.
    texts
        The fields in the file, without spaces around them.
    values
        The numbers, float64 of shape (rows,), read-only; NaN where a field is not a number.
    dates
        The column as dates, in each way it can be read: see `read_dates`.
    """

    name: str
    texts: tuple[str, ...]
    values: Floats
    dates: dict[str, Dates] = field(default_factory=dict)

    @cached_property
    def is_of_numbers(self) -> bool:
        """Whether most fields that are not missing are numbers, possibly with thousands separators."""
        numbers = int(np.count_nonzero(~np.isnan(self.values)))
        others = [self.texts[row] for row in np.flatnonzero(np.isnan(self.values))]
        others = [text for text in others if not is_missing(text)]
        meant = numbers + sum(map(is_like_number, others))
        return 2 * meant > numbers + len(others)

    @cached_property
    def is_of_shown_numbers(self) -> bool:
        """Whether it is of numbers that can be x; else, if it has dates, they are what is meant: 20210301."""
        return self.is_of_numbers and not (np.nan_to_num(self.values) > LARGEST_X).any()


@dataclass(frozen=True, eq=False)
class Table:
    """A parsed table.

    Attributes
    ----------
    columns
        At least one, all of the same length.
    lines
        The line of each row in the text, counted from 1.
    separator
        Tab, semicolon, comma, a space for any number of spaces and tabs, ``cells``, or empty for a single column.
    signs
        Those in its numbers.
    extent
        Where in the text it stands.
    question
        Its numbers can be read in two ways; those shown are one of them.
    read_as
        What was asked for.
    sheet, sheets
        Of a spreadsheet: the name of the one that was read, and of all.
    """

    columns: tuple[Column, ...]
    lines: tuple[int, ...]
    separator: str
    signs: Signs
    extent: Extent
    question: Ambiguity | None = None
    read_as: ReadAs = AS_IT_IS
    sheet: str = ""
    sheets: tuple[str, ...] = ()

    @property
    def decimal(self) -> str:
        """The decimal sign, ``.`` or ``,``."""
        return self.signs.decimal

    def __len__(self) -> int:
        return len(self.lines)

    @property
    def row_is(self) -> str:
        """What a row is in the text: a line, or a column if the table was turned."""
        return "line" if self.extent.on_its_side is None else "column"

    def place_of(self, row: int, place: int) -> tuple[int, int]:
        """Return the line and the column, from 1, of a field in the text."""
        across = self.extent.on_its_side
        if across is None:
            return self.lines[row], place + 1
        lines = [across.first_line, *across.reading.lines] if across.names else across.reading.lines
        return lines[place], self.lines[row]

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names; ``column 1`` for one without."""
        return tuple(column.name or f"column {place + 1}" for place, column in enumerate(self.columns))
