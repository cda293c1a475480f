"""How a table was read, in a sentence or two."""

from tinynet_gui.core.data.columns import Columns, dates_of
from tinynet_gui.core.data.extent import Extent
from tinynet_gui.core.data.table import Table

_SEPARATORS = {"\t": "tabs", ";": "semicolons", ",": "commas", " ": "spaces"}
_DECIMALS = {".": "a decimal point", ",": "a decimal comma"}
_THOUSANDS = {".": " and points between thousands", ",": " and commas between thousands"}


def understood_text(table: Table, columns: Columns) -> str:
    """Say how the columns and numbers were read, what was left out around them, and where times of x begin anew."""
    extent, separator = table.extent, _SEPARATORS.get(table.separator)
    said = []
    if not table.sheets:
        separated = f"separated by {separator}" if separator else "not separated"
        numbers = f", numbers with {_DECIMALS[table.decimal]}{_THOUSANDS.get(table.signs.thousands, '')}"
        said.append(f"columns {separated}" + numbers * (table.question is None))
    has_names = any(column.name for column in table.columns)
    if extent.first_line > 1:
        said.append(f"the table begins in line {extent.first_line:,}" + ", which names the columns" * has_names)
    elif has_names:
        said.append("the first line names the columns")
    if not has_names:
        said.append("no line names the columns")
    if extent.units_line:
        said.append(f"line {extent.units_line:,} has the units")
    said += [left_out_text(extent), anew_text(table, columns)]
    text = "; ".join(filter(None, said))
    return f"Understood as {text}." if not table.sheets else f"{text[0].upper()}{text[1:]}."


def anew_text(table: Table, columns: Columns) -> str:
    """Say where x is a time of day that begins again, or nothing."""
    row = dates_of(table, columns.x).begins_anew if columns.unit else None
    return "" if row is None else f"times begin anew in line {table.lines[row]:,}, and fall together with earlier ones"


def left_out_text(extent: Extent) -> str:
    """Say which lines around the table were left out, or nothing."""
    parts = [
        f"{f'lines {lines[0]:,} to {lines[-1]:,}' if len(lines) > 1 else f'line {lines[0]:,}'} {where} the table"
        for where, lines in (("above", extent.above), ("below", extent.below))
        if lines
    ]
    return f"left out: {', '.join(parts)}" if parts else ""
