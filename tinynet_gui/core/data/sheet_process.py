"""The process that parses a spreadsheet, with limited memory and time: a malicious file can end only this process.

It reads a line of JSON and the file from its standard input, and writes JSON: see `workbook.read_sheet`,
which says in words what a `trouble` is.
"""

import io
import json
import sys
from datetime import datetime, timedelta
from typing import Any

from tinynet_gui.core.data.signs import is_like_number
from tinynet_gui.core.system.processes import bound

LOOKED_THROUGH = 1_000  # rows of a sheet, for a table


def main() -> None:
    request = json.loads(sys.stdin.buffer.readline())
    bound(request["most_bytes"], request["most_seconds"])
    from python_calamine import CalamineWorkbook, PasswordError  # nothing else of the program needs it

    try:
        reply = _reply(CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read())), **request)
    except PasswordError:
        reply = {"trouble": "password"}
    except Exception as error:  # calamine's own kinds, and whatever a damaged file makes of them
        reply = {"trouble": "damaged", "error": str(error)}
    sys.stdout.write(json.dumps(reply))


def _reply(book: Any, sheet: str, passed: list[str], most_fields: int, **_: object) -> dict[str, Any]:
    names: list[str] = book.sheet_names
    if sheet and sheet not in names:
        return {"trouble": "sheet", "sheet": sheet, "names": names}
    left = [name for name in names if name not in passed]
    name = sheet or max(left, key=lambda name: _table_score(book.get_sheet_by_name(name), most_fields))
    read = book.get_sheet_by_name(name)
    if read.height * read.width > most_fields:
        return {"trouble": "size", "rows": read.height, "columns": read.width}
    rows = [[_text(value) for value in row] for row in read.to_python()]
    return {"names": names, "name": name, "first": (read.start or (0, 0))[0] + 1, "rows": rows}


def _table_score(sheet: Any, most_fields: int) -> int:
    """Score how much a sheet looks like a table: 2 if two rows have two numbers or dates, 1 if one has."""
    if sheet.height * sheet.width > most_fields:
        return 0
    in_rows = [
        sum(is_like_number(_text(value)) if isinstance(value, str | bool) else True for value in row)
        for row in sheet.to_python(nrows=LOOKED_THROUGH)
    ]
    return 2 if sum(count > 1 for count in in_rows) > 1 else int(sheet.width > 1 and any(in_rows))


def _text(value: object) -> str:
    """Write a cell as a text file would have it, with a decimal point and dates in ISO 8601."""
    match value:
        case bool():
            return str(value).lower()
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
        case datetime():
            return value.isoformat(" ").removesuffix(" 00:00:00")
        case timedelta():
            return str(value)
    return str(value).strip()
