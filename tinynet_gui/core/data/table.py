"""A table of texts and numbers out of a file or the clipboard, in whichever way it separates its fields.

The whole text decides how it is to be read, by what makes a table of it: each separator (tab, semicolon, comma,
spaces) and each decimal sign is tried, and the reading with the most columns of numbers is taken; of several the one
in which the largest share of all fields are numbers, and then point before comma as decimal sign. So

- ``1,5;2,3`` and ``1,5 2,3`` have a decimal comma, as a comma that separated would leave ``5;2`` and ``5 2``: a
  reading in which fields are several numbers tears numbers apart, and is not taken;
- ``1,5`` alone in a line are two whole numbers, and so is every other line with one comma and no other separator;
- ``1,234`` beside a tab or a semicolon is a decimal comma, as no reader can know better. What can only be a sign
  between thousands (``1,234.5``, ``1 234,5``) is no number.

Lines that begin with ``#`` are comments, and in a table separated by spaces so is the rest of a line from `` #`` on.
Blank lines are passed over. A first line in which no field is a number is the header.
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
    Heed,
    Reading,
    decoded,
    heedless,
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
_DECLARED = re.compile(r"\"?sep=([\t;,])\"?", re.IGNORECASE)  # a first line that is meant for Excel


@dataclass(frozen=True, eq=False)
class Column:
    """One column of a table.

    Attributes
    ----------
    name
        From the header; empty if there is none.
    texts
        The fields as they are in the file, without spaces around them.
    values
        The numbers, float64 of shape (rows,), read-only; NaN where a field is no number.
    """

    name: str
    texts: tuple[str, ...]
    values: Floats

    @cached_property
    def is_of_numbers(self) -> bool:
        """Whether it is meant to hold numbers: most fields that are not missing are some, or have thousands apart."""
        numbers = int(np.count_nonzero(~np.isnan(self.values)))
        others = [self.texts[row] for row in np.flatnonzero(np.isnan(self.values))]
        others = [text for text in others if not is_missing(text)]
        meant = numbers + sum(1 for text in others if _THOUSANDS.fullmatch(text))
        return 2 * meant > numbers + len(others)


@dataclass(frozen=True, eq=False)
class Table:
    """What was understood of a text.

    Attributes
    ----------
    columns
        At least one, all of the same length.
    lines
        The line of each row in the text, counted from 1.
    separator
        Tab, semicolon, comma, a space for any number of spaces and tabs, or nothing where there is one column only.
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


def read_file(name: str, heed: Heed = heedless) -> Table:
    """Read a table from a file.

    Raises
    ------
    DataFileError
        If there is none in it; a file that is far too long is not read to its end.
    OSError
        If the file cannot be read.
    """
    with open(name, "rb") as file:
        return read_table(file.read(MOST_BYTES + 1), heed)


def read_table(content: bytes | str, heed: Heed = heedless) -> Table:
    """Read a table from what is in a file or was pasted.

    Bytes are taken as UTF-8, as UTF-16 if they begin with its byte order mark, and else as Windows-1252.

    Raises
    ------
    DataFileError
        If it is no text, too long, or its lines make no table.
    """
    lines = split_lines(decoded(content))
    first, declared = 0, ""
    if lines and (match := _DECLARED.fullmatch(lines[0].strip(" "))):
        first, declared = 1, match[1]
    reading, decimal = _best(_readings(lines, first, declared, heed), heed)
    return _table(reading, decimal, heed)


def _readings(lines: list[str], first: int, declared: str, heed: Heed) -> Iterator[Reading]:
    """Make fields of the lines in each way that makes at least two columns, or else in one column."""
    found, tabs, trouble = False, False, None
    for separator in (declared,) if declared else SEPARATORS:
        if separator == SPACES and tabs:
            continue  # spaces beside tabs that separate belong to the fields
        if not any(separator in line for line in lines) and not (separator == SPACES and any("\t" in x for x in lines)):
            continue
        try:
            reading = read_rows(lines, first, separator, _part_of(heed, SEPARATORS.index(separator)))
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


def _part_of(heed: Heed, place: int) -> Heed:
    """What heeds the reading with one of the separators; with all of them it takes half of the time."""
    return lambda share: heed(0.5 * (place + share) / len(SEPARATORS))


def _best(readings: Iterator[Reading], heed: Heed) -> tuple[Reading, str]:
    """Choose the reading that makes the best table, and the decimal sign; refuse one that tears numbers apart."""
    best: tuple[tuple[float, ...], Reading, str] | None = None
    for reading in readings:
        fields = _fields(reading, heed)
        for decimal in ".,":
            score = _score(reading, fields, decimal, heed)
            if best is None or score > best[0]:
                best = (score, reading, decimal)
    assert best is not None  # there is always one reading
    (whole, certain, *_), reading, decimal = best
    if not whole and not certain and reading.separator:
        _refuse_torn(reading, decimal)
    return reading, decimal


def _fields(reading: Reading, heed: Heed) -> list[str]:
    """Return the fields of each column that are not missing, a line for each."""
    fields = []
    for column in _columns(_body(reading.rows), reading.width, heed):
        there: list[str] = []
        for texts in _portions(column, heed):
            there.extend(text.replace("\n", " ") for text in texts if not is_missing(text))
        fields.append("\n".join(there))
    return fields


def _columns(rows: list[list[str]], width: int, heed: Heed) -> list[list[str]]:
    """Return so many columns of the rows; what is missing at the end of a row is empty."""
    columns: list[list[str]] = [[] for _ in range(width)]
    for some in _portions(rows, heed):
        nothing = [""] * len(some)
        for column, fields in zip(columns, chain(zip_longest(*some, fillvalue=""), repeat(nothing)), strict=False):
            column.extend(fields)
    return columns


def _portions(values: Sequence[T], heed: Heed) -> Iterator[Sequence[T]]:
    """Go through a long series with rests."""
    for first in range(0, len(values), PORTION):
        heed(0.0)
        yield values[first : first + PORTION]


def _score(reading: Reading, fields: list[str], decimal: str, heed: Heed) -> tuple[float, ...]:
    """Return what is compared of readings, from the most important on; see the top of this file."""
    numbers, columns, torn = 0, 0, False
    pattern = _torn(reading.separator, decimal)
    for column in fields:
        heed(0.0)
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
    """Several numbers in a field, with what could separate them in between; or, between spaces, at the end."""
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


def _table(reading: Reading, decimal: str, heed: Heed) -> Table:
    rows, lines, width = reading.rows, reading.lines, reading.width
    names: Sequence[str] = ()
    if len(_body(rows)) < len(rows):
        names, rows, lines = rows[0], rows[1:], lines[1:]
    elif _is_header(rows[0]):
        raise DataFileError("no numbers are there, only a header: two columns of numbers are needed")
    for row, line in zip(rows, lines, strict=True):
        _check_width(row, width, line)
    columns = [tuple(column) for column in _columns(rows, width, heed)]
    while len(columns) > 1 and not any(columns[-1]) and not any(names[len(columns) - 1 :]):
        columns.pop()  # a separator at the end of each line
    names = _names(names, len(columns), reading)
    understood = []
    for place, (name, texts) in enumerate(zip(names, columns, strict=True)):
        heed(0.5 + 0.5 * place / len(columns))
        understood.append(Column(name, texts, _values(texts, decimal, heed)))
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
        return [""] * width  # names with spaces in them: which belong together is not known
    _check_width(names, width, reading.lines[0])
    if len(names) == width - 1:  # R writes none above the names of the rows
        return ["", *names]
    return names[:width] + [""] * (width - len(names))


def _values(texts: Sequence[str], decimal: str, heed: Heed) -> Floats:
    number = _NUMBER[decimal]
    floats: list[float] = []
    for some in _portions(texts, heed):
        floats.extend(_float(text) if number.fullmatch(text) else math.nan for text in some)
    values = np.array(floats, dtype=np.float64)
    values.flags.writeable = False
    return values


def _float(text: str) -> float:
    return float(text.replace(",", ".").replace("−", "-"))
