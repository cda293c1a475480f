"""Samples from data files and the clipboard, and samples as text."""

import re
from collections.abc import Sequence

import numpy as np

from tinynet_gui.core.data import best_reading, delimited, extent, points
from tinynet_gui.core.data.delimited import AS_IT_IS, MAX_BYTES, DataFileError, OnProgress, ReadAs, ignore_progress
from tinynet_gui.core.data.table import FLAGS, Columns, Table, doubtful_rows, no_number, question_of, values_of_x
from tinynet_gui.core.text.csv_text import Cell, csv_text
from tinynet_gui.core.text.files import read_at_most
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.shortened import written
from tinynet_gui.core.values import Array, Flags, Floats, Ints

SEED = 2  # for drawing rows if there are too many; the tutorial's number


def points_of_table(
    table: Table,
    columns: Columns,
    *,
    origin: str,
    seed: int = SEED,
    most: int = points.MAX_POINTS,
    without: Ints | None = None,
) -> tuple[points.Points, int]:
    """Take samples from a table.

    Returns the samples, and the number of rows they were taken from.

    `DataFileError` if x or y is missing in any row, not a number or too large, or `held_out` says neither yes nor no;
    if a column is used twice, or the table is still ambiguous.

    Parameters
    ----------
    origin
        Where they come from, for the reader, such as the file's name.
    seed
        For the random selection if there are more than `most` rows; it keeps the order of the file.
    without
        Rows to leave out.
    """
    if len({columns.x, columns.y, columns.held_out}) < 3:
        words = _("a coordinate and the held-out flags cannot be the same column")
        words = _("x and y cannot be the same column") if columns.x == columns.y else words
        raise DataFileError(words, column=columns.x + 1)
    if question := question_of(table, columns):
        raise question.refusal()
    rows = np.arange(len(table))
    if without is not None:
        rows = np.setdiff1d(rows, without)
        if not len(rows):
            raise DataFileError(_("no row has both x and y"), table.place_of(0, columns.x)[0])
    if columns.unit:
        words = _("{value} is not allowed as x: {allowed}; take a larger unit")
    else:
        words = _("{value} is not allowed as x: {allowed}; subtract the first x from all")
    x = _numbers(table, columns.x, values_of_x(table, columns), rows, points.LARGEST_X, words)
    words = _("{value} is not allowed: {allowed}")
    y = _numbers(table, columns.y, table.columns[columns.y].values, rows, points.LARGEST_Y, words)
    held_out = np.zeros(len(rows), np.bool_) if columns.held_out is None else _flags(table, columns.held_out, rows)
    names = [table.columns[place].name for place in (columns.x, columns.y)]
    names = ["" if name == usual else name for name, usual in zip(names, "xy", strict=True)]
    if columns.unit:
        names[0] = table.dates_of(columns.x).name(names[0], columns.unit)
    places = np.arange(len(rows))
    if len(rows) > most:
        places = np.sort(np.random.default_rng(seed).choice(len(rows), most, replace=False))
    try:
        return points.Points(x[places], y[places], held_out[places], origin, *names), len(rows)
    except points.PointsError as error:
        raise DataFileError(str(error), column=None if columns.held_out is None else columns.held_out + 1) from None


def points_without_gaps(
    table: Table, columns: Columns, skip: str, *, origin: str, most: int = points.MAX_POINTS
) -> tuple[points.Points, int]:
    """Take samples without asking the user; an error about text in a column says how to `skip` its lines."""
    doubtful = doubtful_rows(table, columns)
    try:
        return points_of_table(table, columns, origin=origin, most=most, without=doubtful.gaps.rows)
    except DataFileError as error:
        if lines := doubtful.lines_of_texts(table):
            words = _("{error}; {skip} leaves out what has no number")
            raise DataFileError(words.format(error=error, skip=skip.format(lines))) from None
        raise


def _numbers(table: Table, place: int, values: Floats, rows: Ints, most: float, words: str) -> Floats:
    """Return a column's values in some rows; one that is too large raises an error with these words."""
    bad = rows[~(np.abs(values[rows]) <= most)]  # also catches NaN
    if len(bad):
        text = table.columns[place].texts[bad[0]]
        problem = words.format(value=written(text), allowed=points.allowed(most))
        if np.isnan(values[bad[0]]):
            problem = no_number(text, table.decimal)
        raise DataFileError(problem, *table.place_of(int(bad[0]), place))
    return values[rows]


def _flags(table: Table, place: int, rows: Ints) -> Flags:
    texts = [table.columns[place].texts[row] for row in rows]
    flags = [FLAGS.get(text.lower()) for text in texts]
    for text, flag, row in zip(texts, flags, rows, strict=True):
        if flag is None:
            words = _(
                "{text} does not say whether the sample is held out: 0 or 1, false or true, no or yes, train or test "
                "are allowed"
            )
            raise DataFileError(words.format(text=written(text)), *table.place_of(int(row), place))
    return np.array(flags, dtype=np.bool_)


def write_table(points: points.Points, predicted: Array | None = None) -> str:
    """Write samples as CSV with a header, so that x and y are read back to the bit.

    `predicted` is the network's output for each x.
    """
    header = [_heading(points.x_name) or "x", _heading(points.y_name) or "y", "held_out"]
    columns: list[Sequence[Cell]] = [points.x.tolist(), points.y.tolist(), [int(flag) for flag in points.held_out]]
    if predicted is not None:
        header.append("predicted")
        columns.append(list(np.asarray(predicted).ravel()))
    return csv_text(header, zip(*columns, strict=True))


def _heading(name: str) -> str:
    """Return a name unless it would be read back as a number, a date or a comment; then ""."""
    return name if extent.is_text([name]) and not name.startswith("#") else ""


def as_cells(points: points.Points, decimal: str = ".") -> str:
    """Write x and y as spreadsheet cells: a tab between them, one line each, with its decimal sign.

    A number such as 1.125 gets a trailing 0, so that it is not read as 1125.
    """
    rows = zip(points.x.tolist(), points.y.tolist(), strict=True)
    text = "".join(f"{x!r}\t{y!r}\n" for x, y in rows)
    return re.sub(r"\b([1-9]\d{0,2}\.\d{3})(?=[\t\n])", r"\g<1>0", text).replace(".", decimal)


PACKED = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")  # how a spreadsheet begins: in a zip, or in OLE

_DECLARED = re.compile(r"\"?sep=([\t;,])\"?", re.IGNORECASE)  # a first line meant for Excel


def read_file(name: str, on_progress: OnProgress = ignore_progress, read_as: ReadAs = AS_IT_IS) -> Table:
    """Read a table from a file; reading stops early if it is far too long.

    `DataFileError` if it contains none, `OSError` if the file cannot be read.
    """
    return read_table(read_at_most(name, MAX_BYTES + 1), on_progress, read_as)


def read_table(content: bytes | str, on_progress: OnProgress = ignore_progress, read_as: ReadAs = AS_IT_IS) -> Table:
    """Read a table from the content of a file or the clipboard.

    Bytes are a spreadsheet (xlsx, xls, ods), or text: UTF-8, UTF-16 with a byte order mark, or else Windows-1252.

    `DataFileError` if it is neither, too long, or its lines make no table.
    """
    if isinstance(content, bytes) and len(content) <= MAX_BYTES and content.startswith(PACKED):
        from tinynet_gui.core.data.workbook import read_workbook  # with what it needs, when one is opened

        return read_workbook(content, read_as, on_progress)
    lines = delimited.split_lines(delimited.decoded(content))
    first, declared = 0, ""
    if lines and (match := _DECLARED.fullmatch(lines[0].strip(" "))):
        first, declared = 1, match[1]
    extent, signs, others = best_reading.best_reading(lines, first, declared, read_as, on_progress)
    return best_reading.with_question(best_reading.table_of(extent, signs, read_as, on_progress), others)
