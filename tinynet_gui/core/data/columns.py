"""Which columns of a table hold the samples: guessed, or given by their names."""

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tinynet_gui.core.data.dates import ORDERS, Dates
from tinynet_gui.core.data.delimited import DataFileError, is_missing
from tinynet_gui.core.data.read_as import ROWS_IN_A_QUESTION, Ambiguity, Interpretation
from tinynet_gui.core.data.table import Column, Table
from tinynet_gui.core.numerics.arrays import Floats
from tinynet_gui.core.text.shortened import shortened, written
from tinynet_gui.core.values import dataclass

_HELD_OUT_NAMES = {"held out", "heldout", "hold out", "holdout", "is held out", "test", "is test", "split"}
_ROW_NAMES = {"", "index", "rownames", "row names", "unnamed: 0", "nr", "lfd nr", "n°"}  # pandas, R, people
FLAGS = {
    **dict.fromkeys(("0", "0.0", "false", "f", "no", "n", "train", "training"), False),
    **dict.fromkeys(("1", "1.0", "true", "t", "yes", "y", "test", "testing", "held out", "held_out"), True),
}
_UNIT = re.compile(r"\s*(?:\[[^\[\]]*\]|\([^()]*\))$")  # at the end of a heading
_EXAMPLES = {".": "1.5 or −2e-3", ",": "1,5 or −2e-3"}


@dataclass(frozen=True)
class Columns:
    """The columns of a table that hold the samples, by index; `held_out` may be None.

    If x is a column of dates, `unit` is that of the time since the first; else "".
    """

    x: int
    y: int
    held_out: int | None = None
    unit: str = ""


def suggest_columns(table: Table, x: str = "", y: str = "") -> Columns:
    """Guess the columns that hold the samples, of those that are not given by name.

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
        dated = []  # it is not x, and cannot be y
    free = iter([place for place in dated + numbers if place not in given])
    chosen_x, chosen_y = (next(free, None) if place is None else place for place in given)
    if chosen_x is None or chosen_y is None:
        raise _without_two(table)
    held_out = None if held_out in (chosen_x, chosen_y) else held_out
    return Columns(chosen_x, chosen_y, held_out, units[chosen_x])


def _columns_of_numbers(table: Table, units: Sequence[str]) -> tuple[list[int], int | None]:
    """Return the columns of numbers that x and y may be, and the one that says what is held out."""
    numbers = [place for place, column in enumerate(table.columns) if column.is_of_numbers and not units[place]]
    held_out = next((place for place, column in enumerate(table.columns) if _says_what_is_held_out(column)), None)
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
    """Return the place of a column by its name, with or without its unit; None for no name."""
    if not name:
        return None
    if name in table.names:
        return table.names.index(name)
    without_units = [_UNIT.sub("", each) for each in table.names]
    if without_units.count(name) != 1:
        raise DataFileError(f"{written(name)} is not one of its columns: {shortened(', '.join(table.names), 150)}")
    return without_units.index(name)


def is_constant(values: Floats) -> bool:
    """Whether it is one number throughout, but for gaps."""
    return len(np.unique(values[~np.isnan(values)])) == 1


def usual_unit(column: Column) -> str:
    """Return the unit in which a column's dates are meant, unless it is of numbers that can be shown; else ""."""
    return "" if column.is_of_shown_numbers or not column.dates else next(iter(column.dates.values())).usual_unit


def dates_of(table: Table, place: int) -> Dates:
    """Return a column's dates, in the order that was asked for if there are two."""
    dates = table.columns[place].dates
    return dates.get(table.read_as.dates) or next(iter(dates.values()))


def question_of(table: Table, columns: Columns) -> Ambiguity | None:
    """Return what must be asked before these columns can be used, if anything."""
    column = table.columns[columns.x]
    if table.question or not columns.unit or len(column.dates) < 2 or table.read_as.dates in column.dates:
        return table.question
    one, other = (dates.times for dates in column.dates.values())
    row = int(np.flatnonzero((one != other) & ~np.isnat(one))[0])
    answers = []
    for order in ORDERS:
        some = column.dates[order].times[row : row + ROWS_IN_A_QUESTION].astype("datetime64[D]").astype(str).tolist()
        answers.append(Interpretation(replace(table.read_as, dates=order), "dates", order, some[0], some))
    return Ambiguity(column.texts[row], table.place_of(row, columns.x)[0], tuple(answers))


def _says_what_is_held_out(column: Column) -> bool:
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
    needed = "two columns of numbers are needed, x and y"
    others = [place for place, column in enumerate(table.columns) if not column.is_of_numbers]
    for place in sorted(others, key=lambda place: bool(table.columns[place].dates)):  # dates are right as x
        column = table.columns[place]
        row = int(np.argmax(np.isnan(column.values)))  # there is one, or it would be a column of numbers
        return DataFileError(f"{no_number(column.texts[row], table.decimal)}; {needed}", *table.place_of(row, place))
    return DataFileError(f"{needed}, and 1 is there", table.place_of(0, 0)[0])


def values_of_x(table: Table, columns: Columns) -> Floats:
    """Return x of all rows, float64 of shape (rows,): the numbers, or the time since the first date."""
    x = columns.x
    return dates_of(table, x).since_first(columns.unit) if columns.unit else table.columns[x].values


def no_number(text: str, decimal: str) -> str:
    """Say why a text is no number."""
    if is_missing(text):
        shown = f"{written(text)} is not a value" if text else "nothing is there"
        return f"{shown}: a number is needed in each line, so leave the line out or begin it with #"
    return (
        f"{written(text)} is not a number; allowed are finite numbers such as {_EXAMPLES[decimal]}, without a unit, "
        "and dates such as 2021-03-31 as x"
    )
