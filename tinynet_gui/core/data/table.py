"""A table of texts and numbers from a file or the clipboard, with any common separator.

The whole text decides how to read it: each separator (tab, semicolon, comma, spaces) and each decimal sign is tried,
and the reading with the most columns of numbers wins; among several the one with the largest share of numbers among all
fields, and then point before comma as decimal sign. So

- ``1,5;2,3`` and ``1,5 2,3`` have a decimal comma, as a comma that separated would leave ``5;2`` and ``5 2``: a
  reading in which fields hold several numbers splits numbers apart, and is rejected;
- ``1,5`` alone in a line are two integers, and so is every other line with one comma and no other separator;
- ``1,234`` beside a tab or a semicolon is a decimal comma, as no reader can know better. Anything that can only be a
  thousands separator (``1,234.5``, ``1 234,5``) makes the field no number.

Lines that begin with ``#`` are comments, and in a table separated by spaces so is the rest of a line from `` #`` on.
Blank lines are skipped. A first line in which no field is a number is the header.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, repeat, zip_longest
from typing import TypeVar

import numpy as np
import numpy.typing as npt

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
from tinynet_gui.core.text.shortened import shortened, written

MOST_NAME = 60  # characters of a column's name

T = TypeVar("T")
Floats = npt.NDArray[np.float64]

_DIGITS = {
    ".": r"[+\-−]?(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][+\-−]?[0-9]++)?",
    ",": r"[+\-−]?(?:[0-9]++(?:,[0-9]++)?|,[0-9]++)(?:[eE][+\-−]?[0-9]++)?",
}
_NUMBER = {decimal: re.compile(digits) for decimal, digits in _DIGITS.items()}
_NUMBER_LINES = {decimal: re.compile(rf"^{digits}$", re.MULTILINE) for decimal, digits in _DIGITS.items()}
_THOUSANDS = re.compile(r"[+\-−]?[0-9]{1,3}(?:[., '’\u00a0\u202f][0-9]{3})+(?:[.,][0-9]+)?")
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
    """

    name: str
    texts: tuple[str, ...]
    values: Floats

    @cached_property
    def is_of_numbers(self) -> bool:
        """Whether most fields that are not missing are numbers, possibly with thousands separators."""
        numbers = int(np.count_nonzero(~np.isnan(self.values)))
        others = [self.texts[row] for row in np.flatnonzero(np.isnan(self.values))]
        others = [text for text in others if not is_missing(text)]
        meant = numbers + sum(1 for text in others if _THOUSANDS.fullmatch(text))
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
        Tab, semicolon, comma, a space for any number of spaces and tabs, or empty for a single column.
    decimal
        The decimal sign, ``.`` or ``,``.
    """

    columns: tuple[Column, ...]
    lines: tuple[int, ...]
    separator: str
    decimal: str

    def __len__(self) -> int:
        return len(self.lines)

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names; ``column 1`` for one without."""
        return tuple(column.name or f"column {place + 1}" for place, column in enumerate(self.columns))


def read_file(name: str, on_progress: OnProgress = ignore_progress) -> Table:
    """Read a table from a file.

    Raises
    ------
    DataFileError
        If it contains none; a file that is far too long is not read to its end.
    OSError
        If the file cannot be read.
    """
    with open(name, "rb") as file:
        return read_table(file.read(MOST_BYTES + 1), on_progress)


def read_table(content: bytes | str, on_progress: OnProgress = ignore_progress) -> Table:
    """Read a table from the content of a file or the clipboard.

    Bytes are read as UTF-8, as UTF-16 if they begin with its byte order mark, and else as Windows-1252.

    Raises
    ------
    DataFileError
        If it is not text, too long, or its lines make no table.
    """
    lines = split_lines(decoded(content))
    first, declared = 0, ""
    if lines and (match := _DECLARED.fullmatch(lines[0].strip(" "))):
        first, declared = 1, match[1]
    reading, decimal = _best(_readings(lines, first, declared, on_progress), on_progress)
    return _table(reading, decimal, on_progress)


def _readings(lines: list[str], first: int, declared: str, on_progress: OnProgress) -> Iterator[Reading]:
    """Split the lines into fields in each way that makes at least two columns, or else in one column."""
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
        if reading.width < 2:
            continue
        found = True
        tabs = tabs or (separator == "\t" and reading.is_regular)
        yield reading
    if not found:
        if trouble:
            raise trouble
        yield read_rows(lines, first, "")


def _part_of(on_progress: OnProgress, place: int) -> OnProgress:
    """Return the `OnProgress` for the reading with one separator; all of them together take half of the time."""
    return lambda share: on_progress(0.5 * (place + share) / len(SEPARATORS))


def _best(readings: Iterator[Reading], on_progress: OnProgress) -> tuple[Reading, str]:
    """Choose the reading that makes the best table, and the decimal sign; refuse one that splits numbers apart."""
    best: tuple[tuple[float, ...], Reading, str] | None = None
    for reading in readings:
        fields = _fields(reading, on_progress)
        for decimal in ".,":
            score = _score(reading, fields, decimal, on_progress)
            if best is None or score > best[0]:
                best = (score, reading, decimal)
    assert best is not None  # there is always one reading
    (whole, certain, *_), reading, decimal = best
    if not whole and not certain and reading.separator:
        _refuse_torn(reading, decimal)
    return reading, decimal


def _fields(reading: Reading, on_progress: OnProgress) -> list[str]:
    """Return the fields of each column that are not missing, one per line."""
    fields = []
    for column in _columns(_body(reading.rows), reading.width, on_progress):
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


def _score(reading: Reading, fields: list[str], decimal: str, on_progress: OnProgress) -> tuple[float, ...]:
    """Return the criteria for comparing readings, most important first; see the module docstring."""
    numbers, columns, torn = 0, 0, False
    pattern = _torn(reading.separator, decimal)
    for column in fields:
        on_progress(0.0)
        count = column.count("\n") + 1 if column else 0
        of_numbers = len(_NUMBER_LINES[decimal].findall(column))
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
    number = _DIGITS["."] if "," in between else rf"(?>{_DIGITS[',']}(?!\.)|{_DIGITS['.']})"
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


def _table(reading: Reading, decimal: str, on_progress: OnProgress) -> Table:
    rows, lines, width = reading.rows, reading.lines, reading.width
    names: Sequence[str] = ()
    if len(_body(rows)) < len(rows):
        names, rows, lines = rows[0], rows[1:], lines[1:]
    elif _is_header(rows[0]):
        raise DataFileError("no numbers are there, only a header: two columns of numbers are needed")
    for row, line in zip(rows, lines, strict=True):
        _check_width(row, width, line)
    columns = [tuple(column) for column in _columns(rows, width, on_progress)]
    while len(columns) > 1 and not any(columns[-1]) and not any(names[len(columns) - 1 :]):
        columns.pop()  # a separator at the end of each line
    names = _names(names, len(columns), reading)
    understood = []
    for place, (name, texts) in enumerate(zip(names, columns, strict=True)):
        on_progress(0.5 + 0.5 * place / len(columns))
        understood.append(Column(name, texts, _values(texts, decimal, on_progress)))
    return Table(tuple(understood), tuple(lines), reading.separator, decimal)


def _body(rows: list[list[str]]) -> list[list[str]]:
    """The rows without a header, if there are more."""
    return rows[1:] if len(rows) > 1 and _is_header(rows[0]) else rows


def _is_header(row: list[str]) -> bool:
    texts = [text for text in row if not is_missing(text)]
    numbers = (_NUMBER["."], _NUMBER[","], _THOUSANDS)
    return bool(texts) and not any(number.fullmatch(text) for text in texts for number in numbers)


def _check_width(row: list[str], width: int, line: int) -> None:
    for place, text in enumerate(row[width:], width):
        if text:
            raise DataFileError(
                f"{written(text)} is one field too many: {width} are allowed, as in most lines; text with a separator "
                "in it goes in quotation marks, and a remark after #",
                line,
                place + 1,
            )


def _names(header: Sequence[str], width: int, reading: Reading) -> list[str]:
    names = [shortened(" ".join(name.split()), MOST_NAME) for name in header]
    if reading.separator == SPACES and len(names) > width:
        return [""] * width  # names with spaces in them: how to join them is unknown
    _check_width(names, width, reading.lines[0])
    if len(names) == width - 1:  # R writes no name above the row names
        return ["", *names]
    return names[:width] + [""] * (width - len(names))


def _values(texts: Sequence[str], decimal: str, on_progress: OnProgress) -> Floats:
    number = _NUMBER[decimal]
    floats: list[float] = []
    for some in _portions(texts, on_progress):
        floats.extend(_float(text) if number.fullmatch(text) else math.nan for text in some)
    values = np.array(floats, dtype=np.float64)
    values.flags.writeable = False
    return values


def _float(text: str) -> float:
    return float(text.replace(",", ".").replace("−", "-"))
