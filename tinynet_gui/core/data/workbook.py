"""A table from a sheet of a workbook (xlsx, xls, ods)."""

import io
import json
import re
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tinynet_gui.core.data import best_reading, delimited, extent, signs
from tinynet_gui.core.data.table import Column, Table, suggest_columns
from tinynet_gui.core.system.processes import answer_of
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.core.text.shortened import shortened, written
from tinynet_gui.core.values import frozen_dataclass

MAX_UNFOLDED = 50_000_000  # bytes of all that is packed in a file
MAX_MEMORY = 300_000_000  # bytes of the process, and those of the file some times over
MAX_SECONDS = 2  # of the processor, and one more for each 10 MB that are unfolded
STATEMENT = "from tinynet_gui.core.data.sheet_process import main; main()"

_UNSAVED = re.compile(rb"</f>(?:<v ?/>|<v></v>)?</c>")
_ZIP = b"PK\x03\x04"


@frozen_dataclass
class Sheet:
    """The rows of a sheet that are not empty, and their row numbers, counted from 1."""

    name: str
    names: tuple[str, ...]
    rows: list[list[str]]
    lines: list[int]


def read_sheet(content: bytes, name: str, on_progress: delimited.OnProgress, passed: Sequence[str] = ()) -> Sheet:
    """Read a sheet by name, or the first that looks like a table of numbers, except those in `passed`.

    `DataFileError` if it cannot be read, or is too large.
    """
    unfolded = _unpacked_size(content) if content.startswith(_ZIP) else len(content)
    request = {
        "sheet": name,
        "passed": passed,
        "most_fields": delimited.MAX_FIELDS,
        "most_bytes": MAX_MEMORY + 4 * unfolded,
        "most_seconds": MAX_SECONDS + unfolded // 10_000_000,
    }
    reply = answer_of(STATEMENT, json.dumps(request).encode() + b"\n" + content, on_progress)
    if reply is None:
        raise delimited.DataFileError(_("not read: it needs more memory or time than a table of its size should"))
    if "trouble" in reply:
        troubles = {
            "password": _("it needs a password: save it without one"),
            "damaged": _("not a spreadsheet that can be read: {error}"),
            "sheet": _("“{sheet}” is not a sheet of it: there is {names}"),
            "size": _("{rows} rows of {columns} cells are not allowed"),
        }
        filled = {of: count_text(reply.get(of, 0)) for of in ("rows", "columns")}
        filled["names"] = ", ".join(map(written, reply.get("names", ())))
        raise delimited.DataFileError(shortened(troubles[reply["trouble"]].format_map(reply | filled), 200))
    cells = [(reply["first"] + at, row) for at, row in enumerate(reply["rows"]) if any(row)]
    if not cells:
        words = _("the sheet {name} is empty: two columns of numbers are needed")
        raise delimited.DataFileError(words.format(name=written(reply["name"])))
    if (width := max(len(row) for _, row in cells)) > delimited.MAX_COLUMNS:
        words, most = _("{count} columns are not allowed: at most {most}"), count_text(delimited.MAX_COLUMNS)
        raise delimited.DataFileError(words.format(count=count_text(width), most=most))
    return Sheet(reply["name"], tuple(reply["names"]), [row for _, row in cells], [line for line, _ in cells])


def _unpacked_size(content: bytes) -> int:
    """Return the unpacked size of a file in bytes, by its directory and by what actually comes out."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            if not any("workbook" in name or "content.xml" in name for name in file.namelist()):
                raise delimited.DataFileError(_("not a spreadsheet: files are packed in it (zip); unpack it first"))
            unfolded = sum(member.file_size for member in file.infolist())
            if unfolded > MAX_UNFOLDED:
                words, most = _("it unfolds to {count} bytes: at most {most} are allowed"), count_text(MAX_UNFOLDED)
                raise delimited.DataFileError(words.format(count=count_text(unfolded), most=most))
            if (damaged := file.testzip()) is not None:  # reads as much as is declared, and compares the checksums
                raise delimited.DataFileError(_("{name} in it is damaged").format(name=written(damaged)))
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError, OSError) as error:
        if isinstance(error, delimited.DataFileError):
            raise
        words = _("not a spreadsheet that can be read: {error}")
        raise delimited.DataFileError(words.format(error=shortened(str(error), 100))) from None
    return unfolded


def has_unsaved_formulas(content: bytes) -> bool:
    """Whether a workbook has formulas whose results were not saved with them."""
    if not content.startswith(_ZIP):
        return False
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        sheets = [name for name in file.namelist() if "worksheets/" in name]
        return any(_UNSAVED.search(file.read(name)) for name in sheets)


CELLS = "cells"  # the separator
MAX_TRIED = 3  # sheets, where none is asked for

_LIKE_THOUSANDS = re.compile("[-+−]?[1-9][0-9]{0,2}(?:,[0-9]{3})+")


def read_workbook(content: bytes, read_as: delimited.ReadAs, on_progress: delimited.OnProgress) -> Table:
    """Read the requested sheet, or the first that has two columns of numbers.

    `DataFileError` if there is none, or it cannot be read; the message names the sheet, and the others.
    """
    refusals: dict[str, str] = {}
    while len(refusals) < MAX_TRIED:
        try:
            sheet = read_sheet(content, read_as.sheet, on_progress, tuple(refusals))
        except delimited.DataFileError:
            if refusals:  # the next sheet is empty, or too large
                break
            raise
        try:
            table = _table(sheet, read_as, on_progress)
            suggest_columns(table)
            return table
        except delimited.DataFileError as error:
            refusals[sheet.name] = str(error)
        if read_as.sheet or len(refusals) == len(sheet.names):
            break
    if has_unsaved_formulas(content):
        raise delimited.DataFileError(_("its formulas have no saved values: save it once in a spreadsheet program"))
    name, trouble = next(iter(refusals.items()))
    if len(sheet.names) == 1:
        raise delimited.DataFileError(trouble)
    others = ", ".join(written(other) for other in sheet.names if other != name)
    words = _("sheet {name}, {trouble}")
    raise delimited.SheetError(words.format(name=written(name), trouble=trouble), shortened(others, 200))


def _table(sheet: Sheet, read_as: delimited.ReadAs, on_progress: delimited.OnProgress) -> Table:
    reading = delimited.Reading(CELLS, sheet.rows, sheet.lines, True, max(map(len, sheet.rows)))
    table = best_reading.table_of(extent.table_in(reading, read_as), signs.SIGNS[0], read_as, on_progress)
    columns = tuple(map(_with_typed_commas, table.columns))
    return best_reading.with_question(replace(table, columns=columns, sheet=sheet.name, sheets=sheet.names), ())


def _with_typed_commas(column: Column) -> Column:
    """Read texts such as ``1,9`` as numbers too, unless all could have a thousands comma."""
    rows = np.flatnonzero(np.isnan(column.values))
    typed = [row for row in rows if signs.SIGNS[1].number.fullmatch(column.texts[row])]
    if all(_LIKE_THOUSANDS.fullmatch(column.texts[row]) for row in typed):
        return column
    values = column.values.copy()
    values[typed] = signs.SIGNS[1].values([column.texts[row] for row in typed])
    values.flags.writeable = False
    return replace(column, values=values)
