"""A table of texts and numbers: which of its columns and rows hold the samples."""

import re
from collections.abc import Sequence
from dataclasses import field, replace
from functools import cached_property

import numpy as np

from tinynet_gui.core.data import delimited
from tinynet_gui.core.data.dates import ORDERS, Dates
from tinynet_gui.core.data.delimited import AS_IT_IS, ROWS_IN_A_QUESTION, Ambiguity, DataFileError, ReadAs, is_missing
from tinynet_gui.core.data.extent import Extent
from tinynet_gui.core.data.points import LARGEST_X
from tinynet_gui.core.data.signs import Signs, is_like_number
from tinynet_gui.core.text.language import N_, gettext as _, with_signs
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.core.text.shortened import shortened, written
from tinynet_gui.core.values import Floats, Ints, frozen_dataclass


@frozen_dataclass(eq=False)
class Column:
    """One column of a table.

    Attributes
    ----------
    name
        From the header; empty if there is none.
    texts
        The fields, stripped.
    values
        The numbers, float64 of shape (rows,), read-only; NaN where a field is not a number.
    dates
        As dates, in each possible order: see `read_dates`.
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
    def is_plottable(self) -> bool:
        """Whether its numbers can be plotted as x; larger ones, such as 20210301, are meant as dates."""
        return self.is_of_numbers and not (np.nan_to_num(self.values) > LARGEST_X).any()


@frozen_dataclass(eq=False)
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
    extent
        Where it is in the text.
    question
        The ambiguity in its numbers, if any; those shown are one of the readings.
    read_as
        The user's choices.
    sheet, sheets
        For a spreadsheet: the name of the one that was read, and of all.
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
        return self.signs.decimal

    def __len__(self) -> int:
        return len(self.lines)

    @property
    def row_is(self) -> str:
        """What a row is in the text: a line, or a column if the table was transposed."""
        return "line" if self.extent.on_its_side is None else "column"

    def place_of(self, row: int, place: int) -> tuple[int, int]:
        """Return the line and the column, from 1, of a field in the original text."""
        across = self.extent.on_its_side
        if across is None:
            return self.lines[row], place + 1
        lines = [across.first_line, *across.reading.lines] if across.names else across.reading.lines
        return lines[place], self.lines[row]

    def dates_of(self, place: int) -> Dates:
        """Return a column's dates, in the order the user chose if there are two."""
        dates = self.columns[place].dates
        return dates.get(self.read_as.dates) or next(iter(dates.values()))

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names; ``column 1`` for one without."""
        numbered = _("column {number}")
        return tuple(column.name or numbered.format(number=place) for place, column in enumerate(self.columns, 1))


_HELD_OUT_NAMES = {"held out", "heldout", "hold out", "holdout", "is held out", "test", "is test", "split"}
_ROW_NAMES = {"", "index", "rownames", "row names", "unnamed: 0", "nr", "lfd nr", "n°"}  # pandas, R, people
FLAGS = {
    **dict.fromkeys(("0", "0.0", "false", "f", "no", "n", "train", "training"), False),
    **dict.fromkeys(("1", "1.0", "true", "t", "yes", "y", "test", "testing", "held out", "held_out"), True),
}
_UNIT = re.compile(r"\s*(?:\[[^\[\]]*\]|\([^()]*\))$")  # at the end of a heading


@frozen_dataclass
class Columns:
    """The columns of a table that hold the samples, by index; `held_out` may be None.

    `unit` is that of the time since the first date if x is a column of dates; else "".
    """

    x: int
    y: int
    held_out: int | None = None
    unit: str = ""


def suggest_columns(table: Table, x: str = "", y: str = "") -> Columns:
    """Guess the columns that hold the samples, where they are not given by name.

    x and y are the first two columns of numbers; a column of dates before them is x instead. Three kinds are skipped if
    at least two others are left: a column named like *held out*, *test* or *split* that says yes or no in each row (0
    and 1, true and false, yes and no, train and test), which becomes `held_out`; a first column of row numbers, as
    pandas and R write them: without a name in a table with names, or named *index* or *rownames*, with distinct
    integers; and first columns, unless named x, of one number throughout.

    `DataFileError` if there are not two columns of numbers, or none of a given name.
    """
    units = [usual_unit(column) for column in table.columns]
    numbers, held_out = _columns_of_numbers(table, units)
    given = [_place(table, name) for name in (x, y)]
    dated = [place for place, unit in enumerate(units) if unit][:1]
    if x or not numbers or (len(numbers) > 1 and dated > numbers[:1]):
        dated = []  # the first date column is not x, and cannot be y
    free = iter([place for place in dated + numbers if place not in given])
    chosen_x, chosen_y = (next(free, None) if place is None else place for place in given)
    if chosen_x is None or chosen_y is None:
        raise _without_two(table)
    held_out = None if held_out in (chosen_x, chosen_y) else held_out
    return Columns(chosen_x, chosen_y, held_out, units[chosen_x])


def _columns_of_numbers(table: Table, units: Sequence[str]) -> tuple[list[int], int | None]:
    """Return the candidate columns for x and y, and the one that says what is held out."""
    numbers = [place for place, column in enumerate(table.columns) if column.is_of_numbers and not units[place]]
    held_out = next((place for place, column in enumerate(table.columns) if _is_held_out_flag(column)), None)
    if held_out in numbers:
        if len(numbers) > 2:
            numbers.remove(held_out)
        else:
            held_out = None
    if len(numbers) > 2 and numbers[0] == 0 and _numbers_the_rows(table):
        numbers.pop(0)
    constant = {
        place for place in numbers if table.columns[place].name != "x" and is_constant(table.columns[place].values)
    }
    while len(numbers) > 2 and numbers[0] in constant and not constant.issuperset(numbers):
        numbers.pop(0)
    return numbers, held_out


def _place(table: Table, name: str) -> int | None:
    """Return the index of a column by its name, with or without its unit; None for no name."""
    if not name:
        return None
    if name in table.names:
        return table.names.index(name)
    without_units = [_UNIT.sub("", each) for each in table.names]
    if without_units.count(name) != 1:
        words, names = _("{name} is not one of its columns: {names}"), shortened(", ".join(table.names), 150)
        raise DataFileError(words.format(name=written(name), names=names))
    return without_units.index(name)


def is_constant(values: Floats) -> bool:
    """Whether all values are one number, ignoring gaps."""
    return len(np.unique(values[~np.isnan(values)])) == 1


def usual_unit(column: Column) -> str:
    """Return the unit for a column's dates; "" if it has none, or its numbers can be plotted as they are."""
    return "" if column.is_plottable or not column.dates else next(iter(column.dates.values())).usual_unit


def question_of(table: Table, columns: Columns) -> Ambiguity | None:
    """Return what to ask the user before these columns can be used, or None."""
    column = table.columns[columns.x]
    if table.question or not columns.unit or len(column.dates) < 2 or table.read_as.dates in column.dates:
        return table.question
    one, other = (dates.times for dates in column.dates.values())
    row = int(np.flatnonzero((one != other) & ~np.isnat(one))[0])
    answers = []
    for order in ORDERS:
        some = column.dates[order].times[row : row + ROWS_IN_A_QUESTION].astype("datetime64[D]").astype(str).tolist()
        answers.append(delimited.Interpretation(replace(table.read_as, dates=order), "dates", order, some[0], some))
    return Ambiguity(column.texts[row], table.place_of(row, columns.x)[0], tuple(answers))


def _is_held_out_flag(column: Column) -> bool:
    name = re.sub(r"[\s_.-]+", " ", column.name.lower())
    return name in _HELD_OUT_NAMES and all(text.lower() in FLAGS for text in column.texts)


def _numbers_the_rows(table: Table) -> bool:
    first = table.columns[0]
    has_names = any(column.name for column in table.columns)
    return (
        has_names
        and re.sub(r"[\s_.]+", " ", first.name.lower()).strip() in _ROW_NAMES
        and bool((first.values == np.floor(first.values)).all())
        and len(np.unique(first.values)) == len(table)
    )


def _without_two(table: Table) -> DataFileError:
    others = [place for place, column in enumerate(table.columns) if not column.is_of_numbers]
    for place in sorted(others, key=lambda place: bool(table.columns[place].dates)):  # dates are right as x
        column = table.columns[place]
        row = int(np.argmax(np.isnan(column.values)))  # there is one, or it would be a column of numbers
        # Translators: {trouble} is a sentence that says that a field is no number.
        words = _("{trouble}; two columns of numbers are needed, x and y")
        trouble = words.format(trouble=no_number(column.texts[row], table.decimal))
        return DataFileError(trouble, *table.place_of(row, place))
    return DataFileError(_("two columns of numbers are needed, x and y, and 1 is there"), table.place_of(0, 0)[0])


def values_of_x(table: Table, columns: Columns) -> Floats:
    """Return x of all rows, float64 of shape (rows,): the numbers, or the time since the first date."""
    x = columns.x
    return table.dates_of(x).since_first(columns.unit) if columns.unit else table.columns[x].values


def no_number(text: str, decimal: str) -> str:
    if is_missing(text):
        if not text:
            return _("nothing is there: a number is needed in each line, so leave the line out or begin it with #")
        words = _("{text} is not a value: a number is needed in each line, so leave the line out or begin it with #")
        return words.format(text=written(text))
    words = _(
        "{text} is not a number; allowed are finite numbers such as {number} or −2e-3, without a unit, and dates such "
        "as 2021-03-31 as x"
    )
    return words.format(text=written(text), number=f"1{decimal}5")


MAX_TEXTS = 0.5  # of the rows; with more it is no column of numbers
MAX_SHOWN = 16  # characters of a text

_SENTINEL = re.compile(r"-?9{2,}(?:\.9+)?")  # −999, 99.9, −9999.99: numbers that mean no value


_DOUBTFUL = {  # words for rows without a value, with a text and with a number like −999, by what a row is
    "line": (
        N_("{count} of {total} rows without a value, the first in line {place}"),
        N_("{count} of {total} rows without a number, the first in line {place}: “{text}”"),
        N_("{count} of {total} rows with {text}, perhaps no value, the first in line {place}"),
    ),
    "column": (
        N_("{count} of {total} rows without a value, the first in column {place}"),
        N_("{count} of {total} rows without a number, the first in column {place}: “{text}”"),
        N_("{count} of {total} rows with {text}, perhaps no value, the first in column {place}"),
    ),
}


@frozen_dataclass(eq=False)
class Doubtful:
    """Rows of one kind, their count in words, and the first of them; "" if there are none."""

    rows: Ints
    words: str


@frozen_dataclass(eq=False)
class DoubtfulRows:
    """The rows in which x or y is missing, is text, or is a sentinel; each row is of one kind.

    A sentinel is a number like −999 that is farther from all others than they are apart.
    """

    gaps: Doubtful
    texts: Doubtful
    sentinels: Doubtful

    @property
    def all(self) -> Ints:
        return np.concatenate([self.gaps.rows, self.asked])

    @property
    def asked(self) -> Ints:
        """The rows that are left out only if the user says so."""
        return np.concatenate([self.texts.rows, self.sentinels.rows])

    def lines_of_texts(self, table: Table) -> str:
        """Return the lines with text for a number, as `skip` takes them; "" if the table was transposed."""
        return ",".join(str(table.lines[row]) for row in self.texts.rows) if table.row_is == "line" else ""

    def words(self) -> list[str]:
        """Say how many rows of each kind there are, and name the first."""
        return [kind.words for kind in (self.gaps, self.texts, self.sentinels) if kind.words]


def doubtful_rows(table: Table, columns: Columns) -> DoubtfulRows:
    x, y = table.columns[columns.x], table.columns[columns.y]
    x_values, y_values = values_of_x(table, columns), y.values
    missing = np.array([is_missing(a) or is_missing(b) for a, b in zip(x.texts, y.texts, strict=True)])
    not_number = np.isnan(x_values) | np.isnan(y_values)
    texts = np.flatnonzero(not_number & ~missing)
    if len(texts) > MAX_TEXTS * len(table):
        texts = texts[:0]
    of_x, of_y = np.nan if columns.unit else _sentinel(x_values), _sentinel(y_values)
    sentinels = np.flatnonzero(((x_values == of_x) | (y_values == of_y)) & ~not_number)
    text = "".join((x if np.isnan(x_values[row]) else y).texts[row] for row in texts[:1])
    sentinel = "".join(f"{of_y if y_values[row] == of_y else of_x:.10g}" for row in sentinels[:1]).replace("-", "−")
    shown = "", shortened(text, MAX_SHOWN), with_signs(sentinel)
    kinds = zip((np.flatnonzero(missing), texts, sentinels), _DOUBTFUL[table.row_is], shown, strict=True)
    return DoubtfulRows(*(_doubtful(table, *kind) for kind in kinds))


def _doubtful(table: Table, rows: Ints, words: str, text: str) -> Doubtful:
    if not len(rows):
        return Doubtful(rows, "")
    count, total, place = map(count_text, (len(rows), len(table), table.lines[rows[0]]))
    return Doubtful(rows, _(words).format(count=count, total=total, place=place, text=text))


def _sentinel(values: Floats) -> float:
    """Return an extreme number that may mean "no value": farther from the others than they are apart."""
    distinct = np.unique(values[np.isfinite(values)])
    for sign in (1, -1) if len(distinct) > 2 else ():  # the lowest one, and the highest
        first, second, last = np.sort(sign * distinct)[[0, 1, -1]]
        if second - first > last - second and _SENTINEL.fullmatch(f"{sign * first:.10g}"):
            return float(sign * first)
    return np.nan
