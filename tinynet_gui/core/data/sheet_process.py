"""The process that unfolds a spreadsheet, within bounds of its own: whatever the file is, only this process can end.

It reads a line of JSON and the file from its standard input, and writes JSON: see `spreadsheet.read_sheet`.
"""

import io
import json
import sys
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any


def main() -> None:
    """Write the rows of a sheet, or why there are none."""
    asked = json.loads(sys.stdin.buffer.readline())
    bound(asked["most_bytes"], asked["most_seconds"])
    from python_calamine import CalamineWorkbook, PasswordError  # nothing else of the program needs it

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
        names = book.sheet_names
        sheets = [asked["sheet"]] if asked["sheet"] else names
        for name in sheets:  # without a name the first that has more than one column
            sheet = book.get_sheet_by_name(name)
            if sheet.width > 1:
                break
        if sheet.height * sheet.width > asked["most_fields"]:
            said: dict[str, Any] = {"trouble": f"{sheet.height:,} rows of {sheet.width:,} cells are not allowed"}
        else:
            rows = [[_text(value) for value in row] for row in sheet.to_python()]
            said = {"names": names, "name": name, "first": (sheet.start or (0, 0))[0] + 1, "rows": rows}
    except PasswordError:
        said = {"trouble": "it needs a password: save it without one"}
    except Exception as error:  # calamine's own kinds, and whatever a damaged file makes of them
        said = {"trouble": f"not a spreadsheet that can be read: {error}"}
    sys.stdout.write(json.dumps(said))


def bound(most_bytes: int, most_seconds: int) -> None:
    """Bound this process's memory and time, where the system can; its parent ends it at last."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_CPU, (most_seconds, most_seconds + 1))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (most_bytes, most_bytes))


def _text(value: object) -> str:
    """Write a cell as a file of text would have it, with a decimal point and dates in ISO 8601."""
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
