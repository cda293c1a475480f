"""A table of texts and numbers from a file or the clipboard, with any common separator.

Lines that begin with ``#`` are comments, and in a table separated by spaces so is the rest of a line from `` #`` on.
Blank lines are skipped. Where the table begins and ends is found by `table_in`.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from tinynet_gui.core.data.best_reading import best_reading, in_columns, portions
from tinynet_gui.core.data.dates import Dates, read_dates
from tinynet_gui.core.data.delimited import (
    MOST_BYTES,
    SPACES,
    DataFileError,
    OnProgress,
    Reading,
    decoded,
    ignore_progress,
    is_missing,
    split_lines,
)
from tinynet_gui.core.data.extent import Extent, is_text, table_in
from tinynet_gui.core.data.points import LARGEST_X
from tinynet_gui.core.data.read_as import AS_IT_IS, ROWS_IN_A_QUESTION, Answer, Question, ReadAs
from tinynet_gui.core.data.signs import SIGNS, Signs, is_like_number
from tinynet_gui.core.text.plain_file import read_at_most
from tinynet_gui.core.text.shortened import on_one_line, shortened, written

MOST_NAME = 60  # characters of a column's name
CELLS = "cells"  # the separator of a spreadsheet
PACKED = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")  # how a spreadsheet begins: in a zip, or in OLE

Floats = npt.NDArray[np.float64]

_LIKE_THOUSANDS = re.compile("[-+−]?[1-9][0-9]{0,2}(?:,[0-9]{3})+")
_HAS_DIGIT = re.compile("[0-9]")
_DECLARED = re.compile(r"\"?sep=([\t;,])\"?", re.IGNORECASE)  # a first line meant for Excel


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
    read_as: ReadAs = AS_IT_IS
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


def read_file(name: str, on_progress: OnProgress = ignore_progress, read_as: ReadAs = AS_IT_IS) -> Table:
    """Read a table from a file.

    Raises
    ------
    DataFileError
        If it contains none; a file that is far too long is not read to its end.
    OSError
        If the file cannot be read.
    """
    return read_table(read_at_most(name, MOST_BYTES + 1), on_progress, read_as)


def read_table(content: bytes | str, on_progress: OnProgress = ignore_progress, read_as: ReadAs = AS_IT_IS) -> Table:
    """Read a table from the content of a file or the clipboard.

    Bytes are a spreadsheet (xlsx, xls, ods), or text: UTF-8, UTF-16 if they begin with its byte order mark, and else
    Windows-1252.

    Raises
    ------
    DataFileError
        If it is neither, too long, or its lines make no table.
    """
    if isinstance(content, bytes) and len(content) <= MOST_BYTES and content.startswith(PACKED):
        from tinynet_gui.core.data import spreadsheet  # with what it needs, when one is opened

        sheet = spreadsheet.read_sheet(content, read_as.sheet, on_progress)
        reading = Reading(CELLS, sheet.rows, sheet.lines, True, max(map(len, sheet.rows)))
        table = _table(table_in(reading, read_as.first_line), SIGNS[0], on_progress)
        usable = [column for column in table.columns if column.is_of_numbers or column.dates]
        if len(usable) < 2 and spreadsheet.has_unsaved_formulas(content):
            raise DataFileError("its formulas have no saved values: save it once in a spreadsheet program")
        columns = tuple(map(_with_typed_commas, table.columns))
        return replace(table, columns=columns, read_as=replace(read_as, sheet=sheet.name), sheets=sheet.names)
    lines = split_lines(decoded(content))
    first, declared = 0, ""
    if lines and (match := _DECLARED.fullmatch(lines[0].strip(" "))):
        first, declared = 1, match[1]
    extent, signs, others = best_reading(lines, first, declared, read_as, on_progress)
    table = replace(_table(extent, signs, on_progress), read_as=read_as)
    return replace(table, question=_question(table, others)) if others else table


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
    rows = [
        "  ".join("–" if math.isnan(value) else f"{value:.10g}" for value in row) for row in zip(*columns, strict=True)
    ]
    option = f"--thousands {signs.thousands}" if signs.thousands else f"--decimal {signs.decimal}"
    read_as = replace(table.read_as, decimal=signs.decimal, thousands=signs.thousands)
    return Answer(read_as, option, f"{signs.values([text])[0]:.10g}", rows)


def _table(extent: Extent, signs: Signs, on_progress: OnProgress) -> Table:
    reading, names = extent.reading, extent.names
    rows, lines, width = reading.rows, reading.lines, reading.width
    if len(rows) == 1 and not names and is_text(rows[0]):
        raise DataFileError("no numbers are there, only a header: two columns of numbers are needed")
    for row, line in zip(rows, lines, strict=True):
        _check_width(row, width, line)
    columns = [tuple(column) for column in in_columns(rows, width, on_progress)]
    while len(columns) > 1 and not any(columns[-1]) and not any(names[len(columns) - 1 :]):
        columns.pop()  # a separator at the end of each line
    all_names = _names(names, len(columns), extent)
    understood = []
    for place, (name, texts) in enumerate(zip(all_names, columns, strict=True)):
        on_progress(0.5 + 0.5 * place / len(columns))
        understood.append(_with_dates(Column(name, texts, _values(texts, signs, on_progress)), on_progress))
    return Table(tuple(understood), tuple(lines), reading.separator, signs, extent)


def _with_typed_commas(column: Column) -> Column:
    """Read a sheet's texts such as ``1,9`` as numbers too, unless each could have thousands."""
    rows = np.flatnonzero(np.isnan(column.values))
    typed = [row for row in rows if SIGNS[1].number.fullmatch(column.texts[row])]
    if all(_LIKE_THOUSANDS.fullmatch(column.texts[row]) for row in typed):
        return column
    values = column.values.copy()
    values[typed] = SIGNS[1].values([column.texts[row] for row in typed])
    values.flags.writeable = False
    return replace(column, values=values)


def _with_dates(column: Column, on_progress: OnProgress) -> Column:
    """Read a column as dates too, unless its numbers can be shown as they are."""
    if column.is_of_shown_numbers:
        return column
    texts = [text if _HAS_DIGIT.search(text) and not is_missing(text) else "" for text in column.texts]
    words = sum(1 for text in column.texts if not is_missing(text)) - sum(map(bool, texts))
    return column if 2 * words > len(texts) else replace(column, dates=read_dates(texts, on_progress))


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
    names = [shortened(on_one_line(name), MOST_NAME) for name in header]
    if extent.reading.separator == SPACES and len(names) > width:
        return [""] * width  # names with spaces in them: how to join them is unknown
    _check_width(names, width, extent.first_line)
    rows = extent.reading.rows
    if extent.reading.separator == "," and names and len(names) < width - 1 and not _have(".", rows):
        raise DataFileError(
            f"{len(names)} names stand above {width} columns: if the commas in the numbers are decimal signs, tabs or "
            "semicolons must separate them; else name each column",
            extent.first_line,
        )
    if len(names) == width - 1:  # R writes no name above the row names
        return ["", *names]
    return names[:width] + [""] * (width - len(names))


def _have(sign: str, rows: Sequence[Sequence[str]]) -> bool:
    return any(sign in text for row in rows for text in row)


def _values(texts: Sequence[str], signs: Signs, on_progress: OnProgress) -> Floats:
    floats: list[float] = []
    for some in portions(texts, on_progress):
        floats.extend(signs.values(some))
    values = np.array(floats, dtype=np.float64)
    values.flags.writeable = False
    return values
