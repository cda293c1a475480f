"""Samples from a table, and back to text."""

import re
from dataclasses import dataclass

import numpy as np

from tinynet_gui.core.arrays import Array
from tinynet_gui.core.data.delimited import DataFileError, is_missing
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
from tinynet_gui.core.data.table import Column, Table
from tinynet_gui.core.text.shortened import written

SEED = 2  # for drawing rows if there are too many; the tutorial's number
_HELD_OUT_NAMES = {"held out", "heldout", "hold out", "holdout", "is held out", "test", "is test", "split"}
_ROW_NAMES = {"", "index", "rownames", "row names", "unnamed: 0"}  # pandas, R and what reads their files
_FLAGS = {
    **dict.fromkeys(("0", "0.0", "false", "f", "no", "n", "train", "training"), False),
    **dict.fromkeys(("1", "1.0", "true", "t", "yes", "y", "test", "testing", "held out", "held_out"), True),
}
_EXAMPLES = {".": "1.5 or −2e-3", ",": "1,5 or −2e-3"}


@dataclass(frozen=True)
class Columns:
    """The columns of a table that hold the samples, by index; `held_out` may be None."""

    x: int
    y: int
    held_out: int | None = None


def suggest_columns(table: Table) -> Columns:
    """Guess the columns that hold the samples.

    x and y are the first two columns of numbers. Two kinds are skipped if at least two others are left: a column named
    like *held out*, *test* or *split* that says yes or no in each row (0 and 1, true and false, yes and no, train and
    test), which becomes `held_out`; and a first column of row numbers, as pandas and R write them: without a name in a
    table with names, or named *index* or *rownames*, with distinct integers.

    Raises
    ------
    DataFileError
        If there are not two columns of numbers.
    """
    numbers = [place for place, column in enumerate(table.columns) if column.is_of_numbers]
    held_out = next((place for place, column in enumerate(table.columns) if _says_what_is_held_out(column)), None)
    if held_out in numbers:
        if len(numbers) > 2:
            numbers.remove(held_out)
        else:
            held_out = None
    if len(numbers) > 2 and numbers[0] == 0 and _numbers_the_rows(table):
        numbers.pop(0)
    if len(numbers) < 2:
        _refuse_without_two(table)
    return Columns(numbers[0], numbers[1], held_out)


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


def _refuse_without_two(table: Table) -> None:
    needed = "two columns of numbers are needed, x and y"
    for place, column in enumerate(table.columns):
        if column.is_of_numbers:
            continue
        row = int(np.argmax(np.isnan(column.values)))  # there is one, or it would be a column of numbers
        raise DataFileError(f"{_no_number(column.texts[row], table.decimal)}; {needed}", table.lines[row], place + 1)
    raise DataFileError(f"{needed}, and 1 is there", table.lines[0])


def points_of(
    table: Table, columns: Columns, *, origin: str, seed: int = SEED, most: int = MOST_POINTS
) -> tuple[Points, int]:
    """Take samples from a table.

    Parameters
    ----------
    origin
        Their origin, for the reader, such as the file's name.
    seed
        For the random selection if there are more than `most` rows; it keeps the order of the file.

    Returns
    -------
    Points, int
        The samples, and the number of rows in the table.

    Raises
    ------
    DataFileError
        If x or y is missing in any row, not a number or too large, or `held_out` says neither yes nor no; or if a
        column is used twice.
    """
    if len({columns.x, columns.y, columns.held_out}) < 3:
        pair = "x and y" if columns.x == columns.y else "a coordinate and the held-out flags"
        raise DataFileError(f"{pair} cannot be the same column", column=columns.x + 1)
    x, y = _numbers(table, columns.x, LARGEST_X), _numbers(table, columns.y, LARGEST_Y)
    held_out = np.zeros(len(table), np.bool_) if columns.held_out is None else _flags(table, columns.held_out)
    rows = np.arange(len(table))
    if len(rows) > most:
        rows = np.sort(np.random.default_rng(seed).choice(len(rows), most, replace=False))
    try:
        return Points(x[rows], y[rows], held_out[rows], origin), len(table)
    except PointsError as error:
        raise DataFileError(str(error), column=None if columns.held_out is None else columns.held_out + 1) from None


def _numbers(table: Table, place: int, most: float) -> Floats:
    column = table.columns[place]
    bad = np.flatnonzero(~(np.abs(column.values) <= most))  # also catches NaN
    if len(bad):
        text, line = column.texts[bad[0]], table.lines[bad[0]]
        problem = f"{written(text)} is not allowed: {allowed(most)}"
        if np.isnan(column.values[bad[0]]):
            problem = _no_number(text, table.decimal)
        raise DataFileError(problem, line, place + 1)
    return column.values


def _no_number(text: str, decimal: str) -> str:
    if is_missing(text):
        shown = f"{written(text)} is no value" if text else "nothing is there"
        return f"{shown}: a number is needed in each line, so leave the line out or begin it with #"
    return (
        f"{written(text)} is not a number; allowed are finite numbers such as {_EXAMPLES[decimal]}, "
        "without a unit and without signs between thousands"
    )


def _flags(table: Table, place: int) -> Flags:
    column = table.columns[place]
    flags = [_FLAGS.get(text.lower()) for text in column.texts]
    for text, flag, line in zip(column.texts, flags, table.lines, strict=True):
        if flag is None:
            raise DataFileError(
                f"{written(text)} does not say whether the sample is held out: 0 or 1, false or true, no or yes, "
                "train or test are allowed",
                line,
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
        ["x", *map(repr, points.x.tolist())],
        ["y", *map(repr, points.y.tolist())],
        ["held_out", *(str(int(flag)) for flag in points.held_out)],
    ]
    if predicted is not None:
        columns.append(["predicted", *map(str, np.asarray(predicted).ravel())])
    return "".join(f"{','.join(row)}\n" for row in zip(*columns, strict=True))


def copied(points: Points, decimal: str = ".") -> str:
    """Write x and y as cells for a spreadsheet: a tab between them, a line for each, with its decimal sign."""
    rows = zip(points.x.tolist(), points.y.tolist(), strict=True)
    return "".join(f"{x!r}\t{y!r}\n" for x, y in rows).replace(".", decimal)
