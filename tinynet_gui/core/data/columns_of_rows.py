"""The columns of a table from its rows: turned if it lies on its side, without summaries, with names and dates."""

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tinynet_gui.core.data import sideways
from tinynet_gui.core.data.best_reading import in_columns, portions
from tinynet_gui.core.data.dates import read_dates
from tinynet_gui.core.data.delimited import SPACES, DataFileError, OnProgress, is_missing
from tinynet_gui.core.data.extent import Extent, is_text
from tinynet_gui.core.data.read_as import ACROSS, ReadAs
from tinynet_gui.core.data.signs import Signs
from tinynet_gui.core.data.summary_rows import without_summaries
from tinynet_gui.core.data.table import Column, Table
from tinynet_gui.core.numerics.arrays import Floats
from tinynet_gui.core.text.shortened import on_one_line, shortened, written

MOST_NAME = 60  # characters of a column's name


_HAS_DIGIT = re.compile("[0-9]")


def table_of(extent: Extent, signs: Signs, read_as: ReadAs, on_progress: OnProgress) -> Table:
    """Make a table of its rows: turned if it lies on its side, and without summaries."""
    if read_as.samples == ACROSS or (not read_as.samples and sideways.lies(extent)):
        extent = sideways.turned(extent)
    if read_as.skip is None:
        extent = without_summaries(extent, signs)
    reading, names = extent.reading, extent.names
    rows, lines, width = reading.rows, reading.lines, reading.width
    if len(rows) == 1 and not names and is_text(rows[0]):
        raise DataFileError("there are no numbers, only a header: two columns of numbers are needed")
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
    has_points = any("." in text for row in extent.reading.rows for text in row)
    if extent.reading.separator == "," and names and len(names) < width - 1 and not has_points:
        raise DataFileError(
            f"{len(names)} names stand above {width} columns: if the commas in the numbers are decimal signs, tabs or "
            "semicolons must separate them; else name each column",
            extent.first_line,
        )
    if len(names) == width - 1:  # R writes no name above the row names
        return ["", *names]
    return names[:width] + [""] * (width - len(names))


def _values(texts: Sequence[str], signs: Signs, on_progress: OnProgress) -> Floats:
    floats: list[float] = []
    for some in portions(texts, on_progress):
        floats.extend(signs.values(some))
    values = np.array(floats, dtype=np.float64)
    values.flags.writeable = False
    return values
