"""Samples from a table, and back to text."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from tinynet_gui.core.arrays import Array
from tinynet_gui.core.data.dates import ORDERS, Dates
from tinynet_gui.core.data.delimited import DataFileError, is_missing
from tinynet_gui.core.data.extent import is_text
from tinynet_gui.core.data.points import (
    LARGEST_X,
    LARGEST_Y,
    MOST_POINTS,
    Flags,
    Floats,
    Points,
    PointsError,
    allowed,
)
from tinynet_gui.core.data.read_as import ROWS_IN_A_QUESTION, Answer, Question
from tinynet_gui.core.data.table import Column, Table
from tinynet_gui.core.text.shortened import shortened, written

Places = npt.NDArray[np.int64]

SEED = 2  # for drawing rows if there are too many; the tutorial's number
_HELD_OUT_NAMES = {"held out", "heldout", "hold out", "holdout", "is held out", "test", "is test", "split"}
_ROW_NAMES = {"", "index", "rownames", "row names", "unnamed: 0"}  # pandas, R and what reads their files
_FLAGS = {
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

    Raises
    ------
    DataFileError
        If there are not two columns of numbers, or none of a given name.
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


def question_of(table: Table, columns: Columns) -> Question | None:
    """Return what must be asked before these columns can be used, if anything."""
    column = table.columns[columns.x]
    if table.question or not columns.unit or len(column.dates) < 2 or table.read_as.dates in column.dates:
        return table.question
    one, other = (dates.times for dates in column.dates.values())
    row = int(np.flatnonzero((one != other) & ~np.isnat(one))[0])
    answers = []
    for order in ORDERS:
        some = column.dates[order].times[row : row + ROWS_IN_A_QUESTION].astype("datetime64[D]").astype(str).tolist()
        answers.append(Answer(replace(table.read_as, dates=order), f"--dates {order.replace(' ', '-')}", some[0], some))
    return Question(column.texts[row], table.lines[row], tuple(answers))


def _says_what_is_held_out(column: Column) -> bool:
    name = re.sub(r"[\s_.-]+", " ", column.name.lower())
    return name in _HELD_OUT_NAMES and all(text.lower() in _FLAGS for text in column.texts)


def _numbers_the_rows(table: Table) -> bool:
    first = table.columns[0]
    has_names = any(column.name for column in table.columns)
    return (
        has_names
        and re.sub(r"[\s_.]+", " ", first.name.lower()) in _ROW_NAMES
        and bool((first.values == np.floor(first.values)).all())
        and len(np.unique(first.values)) == len(table)
    )


def _without_two(table: Table) -> DataFileError:
    needed = "two columns of numbers are needed, x and y"
    others = [place for place, column in enumerate(table.columns) if not column.is_of_numbers]
    for place in sorted(others, key=lambda place: bool(table.columns[place].dates)):  # dates are right as x
        column = table.columns[place]
        row = int(np.argmax(np.isnan(column.values)))  # there is one, or it would be a column of numbers
        return DataFileError(f"{_no_number(column.texts[row], table.decimal)}; {needed}", table.lines[row], place + 1)
    return DataFileError(f"{needed}, and 1 is there", table.lines[0])


def points_of(
    table: Table,
    columns: Columns,
    *,
    origin: str,
    seed: int = SEED,
    most: int = MOST_POINTS,
    without: Places | None = None,
) -> tuple[Points, int]:
    """Take samples from a table.

    Parameters
    ----------
    origin
        Their origin, for the reader, such as the file's name.
    seed
        For the random selection if there are more than `most` rows; it keeps the order of the file.
    without
        Rows to leave out.

    Returns
    -------
    Points, int
        The samples, and the number of rows they were taken from.

    Raises
    ------
    DataFileError
        If x or y is missing in any row, not a number or too large, or `held_out` says neither yes nor no; if a column
        is used twice, or something must be asked.
    """
    if len({columns.x, columns.y, columns.held_out}) < 3:
        pair = "x and y" if columns.x == columns.y else "a coordinate and the held-out flags"
        raise DataFileError(f"{pair} cannot be the same column", column=columns.x + 1)
    if question := question_of(table, columns):
        raise question.refusal()
    rows = np.arange(len(table))
    if without is not None:
        rows = np.setdiff1d(rows, without)
        if not len(rows):
            raise DataFileError("no row has both x and y", table.lines[0])
    x, y = _x(table, columns, rows), _numbers(table, columns.y, table.columns[columns.y].values, rows, LARGEST_Y)
    held_out = np.zeros(len(rows), np.bool_) if columns.held_out is None else _flags(table, columns.held_out, rows)
    names = [table.columns[place].name for place in (columns.x, columns.y)]
    names = ["" if name == usual else name for name, usual in zip(names, "xy", strict=True)]
    if columns.unit:
        names[0] = dates_of(table, columns.x).name(names[0], columns.unit)
    places = np.arange(len(rows))
    if len(rows) > most:
        places = np.sort(np.random.default_rng(seed).choice(len(rows), most, replace=False))
    try:
        return Points(x[places], y[places], held_out[places], origin, *names), len(rows)
    except PointsError as error:
        raise DataFileError(str(error), column=None if columns.held_out is None else columns.held_out + 1) from None


def values_of_x(table: Table, columns: Columns) -> Floats:
    """Return x of all rows, float64 of shape (rows,): the numbers, or the time since the first date."""
    x = columns.x
    return dates_of(table, x).since_first(columns.unit) if columns.unit else table.columns[x].values


def _x(table: Table, columns: Columns, rows: Places) -> Floats:
    way_out = "take a larger unit" if columns.unit else "subtract the first x from all"
    return _numbers(table, columns.x, values_of_x(table, columns), rows, LARGEST_X, " as x", f"; {way_out}")


def _numbers(
    table: Table, place: int, values: Floats, rows: Places, most: float, axis: str = "", way_out: str = ""
) -> Floats:
    """Return a column's values in some rows; if one is not allowed, say so of this axis, and what could be done."""
    bad = rows[~(np.abs(values[rows]) <= most)]  # also catches NaN
    if len(bad):
        text = table.columns[place].texts[bad[0]]
        problem = f"{written(text)} is not allowed{axis}: {allowed(most)}{way_out}"
        if np.isnan(values[bad[0]]):
            problem = _no_number(text, table.decimal)
        raise DataFileError(problem, table.lines[bad[0]], place + 1)
    return values[rows]


def _no_number(text: str, decimal: str) -> str:
    if is_missing(text):
        shown = f"{written(text)} is no value" if text else "nothing is there"
        return f"{shown}: a number is needed in each line, so leave the line out or begin it with #"
    return (
        f"{written(text)} is not a number; allowed are finite numbers such as {_EXAMPLES[decimal]}, without a unit, "
        "and dates such as 2021-03-31 as x"
    )


def _flags(table: Table, place: int, rows: Places) -> Flags:
    texts = [table.columns[place].texts[row] for row in rows]
    flags = [_FLAGS.get(text.lower()) for text in texts]
    for text, flag, row in zip(texts, flags, rows, strict=True):
        if flag is None:
            raise DataFileError(
                f"{written(text)} does not say whether the sample is held out: 0 or 1, false or true, no or yes, "
                "train or test are allowed",
                table.lines[row],
                place + 1,
            )
    return np.array(flags, dtype=np.bool_)


def write_table(points: Points, predicted: Array | None = None) -> str:
    """Write samples as CSV with a header, so that x and y are read back to the bit.

    Parameters
    ----------
    predicted
        The network's output for each x, with the same number of elements.
    """
    columns = [
        [_heading(points.x_name) or "x", *map(repr, points.x.tolist())],
        [_heading(points.y_name) or "y", *map(repr, points.y.tolist())],
        ["held_out", *(str(int(flag)) for flag in points.held_out)],
    ]
    if predicted is not None:
        columns.append(["predicted", *map(str, np.asarray(predicted).ravel())])
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(zip(*columns, strict=True))
    return text.getvalue()


def _heading(name: str) -> str:
    """Return a name if it can be told from a number, a date or a comment when it is read back; else ""."""
    return name if is_text([name]) and not name.startswith("#") else ""


def copied(points: Points, decimal: str = ".") -> str:
    """Write x and y as cells for a spreadsheet: a tab between them, a line for each, with its decimal sign.

    A number such as 1.125 has a 0 at its end, so that nobody reads 1125.
    """
    rows = zip(points.x.tolist(), points.y.tolist(), strict=True)
    text = "".join(f"{x!r}\t{y!r}\n" for x, y in rows)
    return re.sub(r"\b([1-9]\d{0,2}\.\d{3})(?=[\t\n])", r"\g<1>0", text).replace(".", decimal)
