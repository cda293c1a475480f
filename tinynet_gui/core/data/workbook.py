"""A table from a sheet of a workbook (xlsx, xls, ods)."""

import re
from dataclasses import replace

import numpy as np

from tinynet_gui.core.data import spreadsheet
from tinynet_gui.core.data.columns import suggest_columns
from tinynet_gui.core.data.columns_of_rows import table_of
from tinynet_gui.core.data.delimited import DataFileError, OnProgress, Reading, SheetError
from tinynet_gui.core.data.extent import table_in
from tinynet_gui.core.data.questions import with_question
from tinynet_gui.core.data.read_as import ReadAs
from tinynet_gui.core.data.signs import SIGNS
from tinynet_gui.core.data.table import Column, Table
from tinynet_gui.core.text.shortened import shortened, written

CELLS = "cells"  # the separator
MOST_TRIED = 3  # sheets, where none is asked for

_LIKE_THOUSANDS = re.compile("[-+−]?[1-9][0-9]{0,2}(?:,[0-9]{3})+")


def read_workbook(content: bytes, read_as: ReadAs, on_progress: OnProgress) -> Table:
    """Read the sheet that is asked for, or the first that has two columns of numbers.

    `DataFileError` if it has not, or cannot be read; it names the sheet, and the others.
    """
    refusals: dict[str, str] = {}
    while len(refusals) < MOST_TRIED:
        try:
            sheet = spreadsheet.read_sheet(content, read_as.sheet, on_progress, tuple(refusals))
        except DataFileError:
            if refusals:  # it is empty, or too large
                break
            raise
        try:
            table = _table(sheet, read_as, on_progress)
            suggest_columns(table)
            return table
        except DataFileError as error:
            refusals[sheet.name] = str(error)
        if read_as.sheet or len(refusals) == len(sheet.names):
            break
    if spreadsheet.has_unsaved_formulas(content):
        raise DataFileError("its formulas have no saved values: save it once in a spreadsheet program")
    name, trouble = next(iter(refusals.items()))
    if len(sheet.names) == 1:
        raise DataFileError(trouble)
    others = ", ".join(written(other) for other in sheet.names if other != name)
    raise SheetError(f"sheet {written(name)}, {trouble}", shortened(others, 200))


def _table(sheet: spreadsheet.Sheet, read_as: ReadAs, on_progress: OnProgress) -> Table:
    reading = Reading(CELLS, sheet.rows, sheet.lines, True, max(map(len, sheet.rows)))
    table = table_of(table_in(reading, read_as), SIGNS[0], read_as, on_progress)
    columns = tuple(map(_with_typed_commas, table.columns))
    return with_question(replace(table, columns=columns, sheet=sheet.name, sheets=sheet.names), ())


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
