"""A table of texts and numbers from a file or the clipboard, with any common separator.

The whole text decides how to read it: each separator (tab, semicolon, comma, spaces) and each decimal sign is tried,
and the reading with the most columns of numbers wins; among several the one with the largest share of numbers among all
fields, and then point before comma as decimal sign. So

- ``1,5;2,3`` and ``1,5 2,3`` have a decimal comma, as a comma that separated would leave ``5;2`` and ``5 2``: a
  reading in which fields hold several numbers splits numbers apart, and is rejected;
- ``1,5`` alone in a line are two integers, and so is every other line with one comma and no other separator;
- ``1,234`` in a table where it can be 1.234 or 1234 is a question, which the user answers (`Question`).

Lines that begin with ``#`` are comments, and in a table separated by spaces so is the rest of a line from `` #`` on.
Blank lines are skipped. Where the table begins and ends is found by `table_in`.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain, repeat, zip_longest
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from tinynet_gui.core.data.dates import Dates, read_dates
from tinynet_gui.core.data.delimited import (
    MOST_BYTES,
    PORTION,
    SEPARATORS,
    SPACES,
    DataFileError,
    OnProgress,
    Reading,
    decoded,
    ignore_progress,
    is_missing,
    read_rows,
    split_lines,
)
from tinynet_gui.core.data.extent import Extent, is_text, table_in
from tinynet_gui.core.data.points import LARGEST_X
from tinynet_gui.core.data.signs import PLAIN, SIGNS, Signs, is_like_number
from tinynet_gui.core.data.spreadsheet import is_spreadsheet, read_sheet
from tinynet_gui.core.text.shortened import shortened, written

MOST_NAME = 60  # characters of a column's name
CELLS = "cells"  # the separator of a spreadsheet
ROWS_IN_A_QUESTION = 3

T = TypeVar("T")
Floats = npt.NDArray[np.float64]

_DECLARED = re.compile(r"\"?sep=([\t;,])\"?", re.IGNORECASE)  # a first line meant for Excel


@dataclass(frozen=True)
class ReadAs:
    """What the user says about a file; empty where they say nothing.

    Attributes
    ----------
    decimal, thousands
        The signs in numbers.
    dates
        The order in dates: `DAY_FIRST` or `MONTH_FIRST`.
    first_line
        Where the table begins, from 1.
    sheet
        The name of a spreadsheet's sheet.
    """

    decimal: str = ""
    thousands: str = ""
    dates: str = ""
    first_line: int = 0
    sheet: str = ""


@dataclass(frozen=True)
class Answer:
    """One of the ways to read a table.

    Attributes
    ----------
    read_as, option
        How it is asked for, and on the command line.
    value, rows
        What it makes of the field, and of the first rows.
    """

    read_as: ReadAs
    option: str
    value: str
    rows: Sequence[str]


@dataclass(frozen=True)
class Question:
    """A field that can be read in two ways."""

    text: str
    line: int
    answers: tuple[Answer, ...]

    def refusal(self) -> DataFileError:
        """Return the error where nobody can be asked."""
        ways = " or ".join(f"{answer.value} ({answer.option})" for answer in self.answers)
        return DataFileError(f"{written(self.text)} can be read in two ways: {ways}", self.line)


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
        Tab, semicolon, comma, a space for any number of spaces and tabs, `CELLS`, or empty for a single column.
    signs
        Those in its numbers.
    extent
        Where in the text it stands.
    question
        Its numbers can be read in two ways; those shown are one of them.
    read_as
        What was asked for.
    sheets
        Of a spreadsheet: the names of all.
    """

    columns: tuple[Column, ...]
    lines: tuple[int, ...]
    separator: str
    signs: Signs
    extent: Extent
    question: Question | None = None
    read_as: ReadAs = ReadAs()
    sheets: tuple[str, ...] = ()

    @property
    def decimal(self) -> str:
        """The decimal sign, ``.`` or ``,``."""
        return self.signs.decimal

    def __len__(self) -> int:
        return len(self.lines)

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names; ``column 1`` for one without."""
        return tuple(column.name or f"column {place + 1}" for place, column in enumerate(self.columns))


def read_file(name: str, on_progress: OnProgress = ignore_progress, read_as: ReadAs = ReadAs()) -> Table:
    """Read a table from a file.

    Raises
    ------
    DataFileError
        If it contains none; a file that is far too long is not read to its end.
    OSError
        If the file cannot be read.
    """
    with open(name, "rb") as file:
        return read_table(file.read(MOST_BYTES + 1), on_progress, read_as)


def read_table(content: bytes | str, on_progress: OnProgress = ignore_progress, read_as: ReadAs = ReadAs()) -> Table:
    """Read a table from the content of a file or the clipboard.

    Bytes are a spreadsheet (xlsx, xls, ods), or text: UTF-8, UTF-16 if they begin with its byte order mark, and else
    Windows-1252.

    Raises
    ------
    DataFileError
        If it is neither, too long, or its lines make no table.
    """
    if isinstance(content, bytes) and len(content) <= MOST_BYTES and is_spreadsheet(content):
        sheet = read_sheet(content, read_as.sheet, on_progress)
        reading = Reading(CELLS, sheet.rows, sheet.lines, True, max(map(len, sheet.rows)))
        table = _table(table_in(reading, read_as.first_line), SIGNS[0], on_progress)
        return replace(table, read_as=replace(read_as, sheet=sheet.name), sheets=sheet.names)
    lines = split_lines(decoded(content))
    first, declared = 0, ""
    if lines and (match := _DECLARED.fullmatch(lines[0].strip(" "))):
        first, declared = 1, match[1]
    extents = _extents(lines, first, declared, read_as, on_progress)
    extent, signs, others = _best(extents, read_as, on_progress)
    table = replace(_table(extent, signs, on_progress), read_as=read_as)
    return replace(table, question=_question(table, others)) if others else table


def _extents(lines: list[str], first: int, declared: str, read_as: ReadAs, on_progress: OnProgress) -> Iterator[Extent]:
    """Find the table with each separator that makes at least two columns, or else with one column."""
    found, tabs, trouble = False, False, None
    for separator in (declared,) if declared else SEPARATORS:
        if separator == SPACES and tabs:
            continue  # spaces beside tabs that separate belong to the fields
        if not any(separator in line for line in lines) and not (separator == SPACES and any("\t" in x for x in lines)):
            continue
        try:
            reading = read_rows(lines, first, separator, _part_of(on_progress, SEPARATORS.index(separator)))
        except DataFileError as error:
            trouble = trouble or error
            continue
        extent = table_in(reading, read_as.first_line)
        if extent.reading.width < 2:
            continue
        found = True
        tabs = tabs or (separator == "\t" and extent.reading.is_regular)
        yield extent
    if not found:
        if trouble:
            raise trouble
        yield table_in(read_rows(lines, first, ""), read_as.first_line)


def _part_of(on_progress: OnProgress, place: int) -> OnProgress:
    """Return the `OnProgress` for the reading with one separator; all of them together take half of the time."""
    return lambda share: on_progress(0.5 * (place + share) / len(SEPARATORS))


def _best(extents: Iterator[Extent], read_as: ReadAs, on_progress: OnProgress) -> tuple[Extent, Signs, list[Signs]]:
    """Choose the reading that makes the best table, and its signs; refuse one that splits numbers apart.

    The last are the other signs with which it is as good.
    """
    best: tuple[tuple[float, ...], Extent, Signs] | None = None
    for extent in extents:
        reading, fields = extent.reading, _fields(extent.reading, on_progress)
        found = [(_score(reading, fields, signs, on_progress), signs) for signs in _signs(reading, read_as)]
        score, signs = max(found, key=lambda pair: pair[0])
        if best is None or score > best[0]:
            best = (score, extent, signs)
            others = [other for other_score, other in found if other_score == score and other != signs]
    assert best is not None  # there is always one reading
    (whole, certain, *_), extent, signs = best
    if not whole and not certain and extent.reading.separator:
        _refuse_torn(extent.reading, signs.decimal)
    return extent, signs, others


def _signs(reading: Reading, read_as: ReadAs) -> list[Signs]:
    """Return the signs that numbers may have, among equally good ones the best first."""
    is_open = reading.separator in (",", SPACES) and not reading.quoted
    return [
        replace(signs, spaced=not is_open)
        for signs in SIGNS
        if read_as.decimal in ("", signs.decimal)
        and read_as.thousands in ("", " ", "'", signs.thousands)
        and not (is_open and signs.thousands == "." and read_as == ReadAs())
    ]


def _question(table: Table, others: Sequence[Signs]) -> Question | None:
    """Return the first field that other signs make another number, if there is any."""
    rows = zip(*(column.texts for column in table.columns), strict=True)
    for line, row in zip(table.lines, rows, strict=True):
        for text in (text for text in row if "." in text or "," in text):
            one = table.signs.values([text])[0]
            for signs in others:
                other = signs.values([text])[0]
                if one != other and math.isfinite(one) and math.isfinite(other):
                    return Question(text, line, tuple(_answer(table, way, text) for way in (table.signs, signs)))
    return None


def _answer(table: Table, signs: Signs, text: str) -> Answer:
    """Return one way to read the numbers, with the first rows in it."""
    columns = [signs.values(column.texts[:ROWS_IN_A_QUESTION]) for column in table.columns if column.is_of_numbers]
    rows = ["  ".join(f"{value:.10g}" for value in row) for row in zip(*columns, strict=True)]
    option = f"--thousands {signs.thousands}" if signs.thousands else f"--decimal {signs.decimal}"
    read_as = replace(table.read_as, decimal=signs.decimal, thousands=signs.thousands)
    return Answer(read_as, option, f"{signs.values([text])[0]:.10g}", rows)


def _fields(reading: Reading, on_progress: OnProgress) -> list[str]:
    """Return the fields of each column that are not missing, one per line."""
    fields = []
    for column in _columns(reading.rows, reading.width, on_progress):
        there: list[str] = []
        for texts in _portions(column, on_progress):
            there.extend(text.replace("\n", " ") for text in texts if not is_missing(text))
        fields.append("\n".join(there))
    return fields


def _columns(rows: list[list[str]], width: int, on_progress: OnProgress) -> list[list[str]]:
    """Return `width` columns of the rows; fields missing at the end of a row are empty."""
    columns: list[list[str]] = [[] for _ in range(width)]
    for some in _portions(rows, on_progress):
        nothing = [""] * len(some)
        for column, fields in zip(columns, chain(zip_longest(*some, fillvalue=""), repeat(nothing)), strict=False):
            column.extend(fields)
    return columns


def _portions(values: Sequence[T], on_progress: OnProgress) -> Iterator[Sequence[T]]:
    """Iterate over a long series in portions, with pauses."""
    for first in range(0, len(values), PORTION):
        on_progress(0.0)
        yield values[first : first + PORTION]


def _score(reading: Reading, fields: list[str], signs: Signs, on_progress: OnProgress) -> tuple[float, ...]:
    """Return the criteria for comparing readings, most important first; see the module docstring."""
    numbers, columns, torn = 0, 0, False
    pattern = _torn(reading.separator, signs.decimal)
    for column in fields:
        on_progress(0.0)
        count = column.count("\n") + 1 if column else 0
        of_numbers = len(signs.lines.findall(column))
        numbers += of_numbers
        columns += 2 * of_numbers > count
        if of_numbers < count and not reading.quoted:
            torn = torn or 2 * len(pattern.findall(column)) > count
    certain = torn and reading.separator in ("\t", ";") and reading.is_regular
    fewest = -reading.width if torn and not certain else 0
    share = numbers / (len(fields) * len(reading.rows))
    found = (columns, share) if columns > 1 else (0, 0.0)
    return (not torn, certain, fewest, *found, reading.is_regular)


def _torn(separator: str, decimal: str) -> re.Pattern[str]:
    """Match several numbers in a field with a possible separator between them; or, between spaces, at the end."""
    own = " \t" if separator == SPACES else separator
    between = "".join(sign for sign in "\t;, " if sign not in own and sign != decimal)
    number = PLAIN["."] if "," in between else rf"(?>{PLAIN[',']}(?!\.)|{PLAIN['.']})"
    after = "[;,]" if separator == SPACES else r"(?!)"
    return re.compile(rf"^{number}(?:(?:[{between}]++{number})++{after}?+|{after})$", re.MULTILINE)


def _refuse_torn(reading: Reading, decimal: str) -> None:
    pattern = _torn(reading.separator, decimal)
    for row, line in zip(reading.rows, reading.lines, strict=True):
        for place, text in enumerate(row):
            if pattern.fullmatch(text):
                raise DataFileError(
                    f"{written(text)} is not one number, and no separator makes a table of all lines; allowed are "
                    "tabs, semicolons, commas or spaces, and nothing between thousands",
                    line,
                    place + 1,
                )


def _table(extent: Extent, signs: Signs, on_progress: OnProgress) -> Table:
    reading, names = extent.reading, extent.names
    rows, lines, width = reading.rows, reading.lines, reading.width
    if len(rows) == 1 and not names and is_text(rows[0]):
        raise DataFileError("no numbers are there, only a header: two columns of numbers are needed")
    for row, line in zip(rows, lines, strict=True):
        _check_width(row, width, line)
    columns = [tuple(column) for column in _columns(rows, width, on_progress)]
    while len(columns) > 1 and not any(columns[-1]) and not any(names[len(columns) - 1 :]):
        columns.pop()  # a separator at the end of each line
    all_names = _names(names, len(columns), extent)
    understood = []
    for place, (name, texts) in enumerate(zip(all_names, columns, strict=True)):
        on_progress(0.5 + 0.5 * place / len(columns))
        understood.append(_with_dates(Column(name, texts, _values(texts, signs, on_progress)), on_progress))
    return Table(tuple(understood), tuple(lines), reading.separator, signs, extent)


def _with_dates(column: Column, on_progress: OnProgress) -> Column:
    """Read a column as dates too, unless its numbers can be shown as they are."""
    if column.is_of_numbers and not (np.nan_to_num(column.values) > LARGEST_X).any():
        return column
    dates = read_dates(["" if is_missing(text) else text for text in column.texts], on_progress)
    return replace(column, dates=dates)


def _check_width(row: list[str], width: int, line: int) -> None:
    for place, text in enumerate(row[width:], width):
        if text:
            raise DataFileError(
                f"{written(text)} is one field too many: {width} are allowed, as in most lines; text with a separator "
                "in it goes in quotation marks, and a remark after #",
                line,
                place + 1,
            )


def _names(header: Sequence[str], width: int, extent: Extent) -> list[str]:
    names = [shortened(" ".join(name.split()), MOST_NAME) for name in header]
    if extent.reading.separator == SPACES and len(names) > width:
        return [""] * width  # names with spaces in them: how to join them is unknown
    _check_width(names, width, extent.first_line)
    if len(names) == width - 1:  # R writes no name above the row names
        return ["", *names]
    return names[:width] + [""] * (width - len(names))


def _values(texts: Sequence[str], signs: Signs, on_progress: OnProgress) -> Floats:
    floats: list[float] = []
    for some in _portions(texts, on_progress):
        floats.extend(signs.values(some))
    values = np.array(floats, dtype=np.float64)
    values.flags.writeable = False
    return values
