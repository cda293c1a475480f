"""Choose the separator, decimal sign and thousands sign that turn a text into the best table.

Each separator (tab, semicolon, comma, spaces) and each decimal sign is tried on the whole text. The reading with the
most columns of numbers wins; then the one with the largest share of numbers among all fields; then point before comma
as decimal sign. A column of dates makes one column of numbers enough. So

- ``1,5;2,3`` and ``1,5 2,3`` have a decimal comma, as a separating comma would leave ``5;2`` and ``5 2``: a reading
  whose fields hold several numbers splits numbers apart, and is rejected;
- ``1,5`` alone in a line is two integers, as is every other line with one comma and no other separator;
- ``1,234`` in a table where it can be 1.234 or 1234 is ambiguous, and the user is asked (`Ambiguity`).

clevercsv was tried for the separator on every file of the tests: it is nearly always right, but splits numbers with
decimal commas and spaces between thousands at the commas; and the decimal sign is decided here anyway.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, repeat, zip_longest
from typing import TypeVar

import numpy as np

from tinynet_gui.core.data import delimited
from tinynet_gui.core.data.dates import read_dates
from tinynet_gui.core.data.delimited import SEPARATORS, SPACES, Ambiguity, DataFileError, OnProgress, ReadAs, Reading
from tinynet_gui.core.data.extent import Extent, is_text, lies_on_side, table_in, transposed, without_summaries
from tinynet_gui.core.data.signs import PLAIN, SIGNS, Signs
from tinynet_gui.core.data.table import Column, Table
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.shortened import on_one_line, shortened, written
from tinynet_gui.core.values import Floats

MAX_DATES = 20  # looked at to recognise a column of dates

T = TypeVar("T")


def best_reading(
    lines: list[str], first: int, declared: str, read_as: ReadAs, on_progress: OnProgress
) -> tuple[Extent, Signs, list[Signs]]:
    """Choose the reading that makes the best table; refuse one that splits numbers apart.

    Returns the table, the signs in its numbers, and other signs that fit equally well.

    Parameters
    ----------
    first
        The index of the first line.
    declared
        The separator that the text declares, or "".
    """
    best: tuple[tuple[float, ...], Extent, Signs] | None = None
    for extent in _extents(lines, first, declared, read_as, on_progress):
        reading, fields = extent.reading, _fields(extent.reading, on_progress)
        dated = [bool(read_dates(column.split("\n", MAX_DATES)[:MAX_DATES])) for column in fields]
        possible = _signs(reading, fields, read_as)
        found = [(_score(reading, fields, dated, signs, on_progress), signs) for signs in possible]
        score, signs = max(found, key=lambda pair: pair[0])
        if best is None or score > best[0]:
            best = (score, extent, signs)
            others = [other for other_score, other in found if other_score == score and other != signs]
    assert best is not None  # there is always one reading
    (whole, certain, *_), extent, signs = best
    if not whole and not certain and extent.reading.separator:
        _refuse_torn(extent.reading, signs.decimal)
    return extent, signs, others


def _extents(lines: list[str], first: int, declared: str, read_as: ReadAs, on_progress: OnProgress) -> Iterator[Extent]:
    """Yield the table for each separator that makes at least two columns, or else the one-column table."""
    found, tabs, trouble = False, False, None
    for separator in (declared,) if declared else SEPARATORS:
        if separator == SPACES and tabs:
            continue  # spaces beside tabs that separate belong to the fields
        if not any(separator in line for line in lines) and not (separator == SPACES and any("\t" in x for x in lines)):
            continue
        try:
            reading = delimited.read_rows(lines, first, separator, _part_of(on_progress, SEPARATORS.index(separator)))
        except DataFileError as error:
            trouble = trouble or error
            continue
        extent = table_in(reading, read_as)
        if extent.reading.width < 2:
            continue
        found = True
        tabs = tabs or (separator == "\t" and extent.reading.is_regular)
        yield extent
    if not found:
        if trouble:
            raise trouble
        yield table_in(delimited.read_rows(lines, first, ""), read_as)


def _part_of(on_progress: OnProgress, place: int) -> OnProgress:
    """Return the progress callback for one separator; all separators together take half of the time."""
    return lambda share: on_progress(0.5 * (place + share) / len(SEPARATORS))


def _signs(reading: Reading, fields: list[str], read_as: ReadAs) -> list[Signs]:
    """Return the possible signs in numbers, the best first among equally good ones."""
    present = {sign for sign in ".," if any(sign in column for column in fields)}
    is_open = reading.separator in (",", SPACES) and not reading.quoted
    possible = [
        signs._replace(spaced=not is_open)
        for signs in SIGNS
        if read_as.decimal in ("", signs.decimal)
        and read_as.thousands in ("", " ", "'", signs.thousands)
        and signs.thousands in ("", read_as.thousands, *present)
        and not (is_open and signs.thousands == "." and not read_as.thousands)
    ]
    return possible or [Signs(read_as.decimal or ".")]


def _fields(reading: Reading, on_progress: OnProgress) -> list[str]:
    fields = []
    for column in in_columns(reading.rows, reading.width, on_progress):
        present = (text for some in portions(column, on_progress) for text in some if not delimited.is_missing(text))
        fields.append("\n".join(text.replace("\n", " ") for text in present))
    return fields


def in_columns(rows: list[list[str]], width: int, on_progress: OnProgress) -> list[list[str]]:
    """Return `width` columns of the rows; fields missing at the end of a row are empty."""
    columns: list[list[str]] = [[] for _ in range(width)]
    for some in portions(rows, on_progress):
        nothing = [""] * len(some)
        for column, fields in zip(columns, chain(zip_longest(*some, fillvalue=""), repeat(nothing)), strict=False):
            column.extend(fields)
    return columns


def portions(values: Sequence[T], on_progress: OnProgress) -> Iterator[Sequence[T]]:
    """Iterate over a long series in portions, reporting progress (and so yielding) between them."""
    for first in range(0, len(values), delimited.PORTION):
        on_progress(0.0)
        yield values[first : first + delimited.PORTION]


def _score(
    reading: Reading, fields: list[str], dated: list[bool], signs: Signs, on_progress: OnProgress
) -> tuple[float, ...]:
    """Return the criteria for comparing readings, most important first: see the module docstring."""
    numbers, columns, torn, has_dates = 0, 0, False, False
    pattern = _split_numbers(reading.separator, signs.decimal)
    for column, is_dated in zip(fields, dated, strict=True):
        on_progress(0.0)
        count = column.count("\n") + 1 if column else 0
        of_numbers = len(signs.lines.findall(column))
        numbers += of_numbers
        columns += 2 * of_numbers > count
        has_dates = has_dates or (is_dated and 2 * of_numbers <= count)
        if of_numbers < count and not reading.quoted:
            torn = torn or 2 * len(pattern.findall(column)) > count
    certain = torn and reading.separator in ("\t", ";") and reading.is_regular
    fewest = -reading.width if torn and not certain else 0
    share = numbers / (len(fields) * len(reading.rows))
    found = (columns, share) if columns + has_dates > 1 else (0, 0.0)
    return (not torn, certain, fewest, *found, reading.is_regular)


def _split_numbers(separator: str, decimal: str) -> re.Pattern[str]:
    """Match several numbers in one field with a possible separator between them; for spaces, one at its end."""
    own = " \t" if separator == SPACES else separator
    between = "".join(sign for sign in "\t;, " if sign not in own and sign != decimal)
    number = PLAIN["."] if "," in between else rf"(?>{PLAIN[',']}(?!\.)|{PLAIN['.']})"
    after = "[;,]" if separator == SPACES else r"(?!)"
    return re.compile(rf"^{number}(?:(?:[{between}]++{number})++{after}?+|{after})$", re.MULTILINE)


def _refuse_torn(reading: Reading, decimal: str) -> None:
    pattern = _split_numbers(reading.separator, decimal)
    for row, line in zip(reading.rows, reading.lines, strict=True):
        for place, text in enumerate(row):
            if pattern.fullmatch(text):
                words = _(
                    "{text} is not one number, and no separator makes a table of all lines; allowed are tabs, "
                    "semicolons, commas or spaces, and nothing between thousands"
                )
                raise DataFileError(words.format(text=written(text)), line, place + 1)


MAX_NAME = 60  # characters of a column's name
_HAS_DIGIT = re.compile("[0-9]")


def table_of(extent: Extent, signs: Signs, read_as: ReadAs, on_progress: OnProgress) -> Table:
    """Make a table of an extent: transposed if it lies on its side, and without summary rows."""
    if read_as.samples == delimited.ACROSS or (not read_as.samples and lies_on_side(extent)):
        extent = transposed(extent)
    if read_as.skip is None:
        extent = without_summaries(extent, signs)
    reading, names = extent.reading, extent.names
    rows, lines, width = reading.rows, reading.lines, reading.width
    if len(rows) == 1 and not names and is_text(rows[0]):
        raise DataFileError(_("there are no numbers, only a header: two columns of numbers are needed"))
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
    return Table(tuple(understood), tuple(lines), reading.separator, signs, extent, read_as=read_as)


def _with_dates(column: Column, on_progress: OnProgress) -> Column:
    """Read a column as dates too, unless its numbers can be plotted as they are."""
    if column.is_plottable:
        return column
    texts = [text if _HAS_DIGIT.search(text) and not delimited.is_missing(text) else "" for text in column.texts]
    words = sum(1 for text in column.texts if not delimited.is_missing(text)) - sum(map(bool, texts))
    return column if 2 * words > len(texts) else replace(column, dates=read_dates(texts, on_progress))


def _check_width(row: list[str], width: int, line: int) -> None:
    for place, text in enumerate(row[width:], width):
        if text:
            words = _(
                "{text} is one field too many: {count} are allowed, as in most lines; text with a separator in it goes "
                "in quotation marks, and a remark after #"
            )
            raise DataFileError(words.format(text=written(text), count=width), line, place + 1)


def _names(header: Sequence[str], width: int, extent: Extent) -> list[str]:
    names = [shortened(on_one_line(name), MAX_NAME) for name in header]
    if extent.reading.separator == SPACES and len(names) > width:
        return [""] * width  # names with spaces in them: how to join them is unknown
    _check_width(names, width, extent.first_line)
    has_points = any("." in text for row in extent.reading.rows for text in row)
    if extent.reading.separator == "," and names and len(names) < width - 1 and not has_points:
        words = _(
            "{names} names stand above {columns} columns: if the commas in the numbers are decimal signs, tabs or "
            "semicolons must separate them; else name each column"
        )
        raise DataFileError(words.format(names=len(names), columns=width), extent.first_line)
    if len(names) == width - 1:  # R writes no name above the row names
        return ["", *names]
    return names[:width] + [""] * (width - len(names))


def _values(texts: Sequence[str], signs: Signs, on_progress: OnProgress) -> Floats:
    floats = (value for some in portions(texts, on_progress) for value in signs.values(some))
    values = np.fromiter(floats, np.float64, len(texts))
    values.flags.writeable = False
    return values


def with_question(table: Table, others: Sequence[Signs]) -> Table:
    """Return a table with the question to ask about it, given the other signs that fit equally well."""
    question = _signs_question(table, others)
    is_open = not table.read_as.samples and table.extent.on_its_side is None
    if question is None and is_open and lies_on_side(table.extent) is None:
        question = _side_question(table)
    return table if question is None else replace(table, question=question)


def _side_question(table: Table) -> Ambiguity:
    down = [[text for text in row if text] for row in table.extent.reading.rows[: delimited.ROWS_IN_A_QUESTION]]
    upright = transposed(table.extent).reading.rows
    ways = (
        (delimited.DOWN, _("each line is a sample"), down),
        (delimited.ACROSS, _("each column is a sample"), upright[: delimited.ROWS_IN_A_QUESTION]),
    )
    answers = tuple(
        delimited.Interpretation(
            replace(table.read_as, samples=way), "samples", way, words, ["  ".join(row) for row in rows]
        )
        for way, words, rows in ways
    )
    return Ambiguity("; ".join(down[0]), table.lines[0], answers)


def _signs_question(table: Table, others: Sequence[Signs]) -> Ambiguity | None:
    """Return the question about the first field whose value differs under other signs, or None."""
    rows = zip(*(column.texts for column in table.columns), strict=True)
    for at, row in enumerate(rows):
        for place, text in ((place, text) for place, text in enumerate(row) if "." in text or "," in text):
            one = table.signs.values([text])[0]
            for signs in others:
                other = signs.values([text])[0]
                if one != other and math.isfinite(one) and math.isfinite(other):
                    line, _ = table.place_of(at, place)
                    return Ambiguity(text, line, tuple(_answer(table, way, text) for way in (table.signs, signs)))
    return None


def _answer(table: Table, signs: Signs, text: str) -> delimited.Interpretation:
    columns = [
        signs.values(column.texts[: delimited.ROWS_IN_A_QUESTION]) for column in table.columns if column.is_of_numbers
    ]
    rows = [
        "  ".join("–" if math.isnan(value) else f"{value:.10g}" for value in row) for row in zip(*columns, strict=True)
    ]
    asked = ("thousands", signs.thousands) if signs.thousands else ("decimal", signs.decimal)
    read_as = replace(table.read_as, decimal=signs.decimal, thousands=signs.thousands)
    return delimited.Interpretation(read_as, *asked, f"{signs.values([text])[0]:.10g}", rows)
