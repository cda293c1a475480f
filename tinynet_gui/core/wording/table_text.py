"""How a table was read, in a sentence or two."""

from collections.abc import Sequence

from tinynet_gui.core.data.table import Columns, Table, dates_of
from tinynet_gui.core.text.shortened import shortened

MOST_SHOWN = 16  # characters of a summary's or a sheet's name
TURNED = "on its side, each line a quantity and each column a sample"

_SEPARATORS = {"\t": "tabs", ";": "semicolons", ",": "commas", " ": "spaces"}
_DECIMALS = {".": "a decimal point", ",": "a decimal comma"}
_THOUSANDS = {".": " and points between thousands", ",": " and commas between thousands"}


def understood_text(table: Table, columns: Columns) -> str:
    """Say how the columns and numbers were read, what was left out around them, and where times of x start again."""
    extent, separator = table.extent, _SEPARATORS.get(table.separator)
    said = []
    if len(table.sheets) > 1:
        said.append(sheet_text(table))
    if not table.sheets:
        separated = f"separated by {separator}" if separator else "not separated"
        numbers = f", numbers with {_DECIMALS[table.decimal]}{_THOUSANDS.get(table.signs.thousands, '')}"
        said.append(f"columns {separated}{numbers if table.question is None else ''}")
    has_names = any(column.name for column in table.columns)
    is_turned = extent.on_its_side is not None
    if is_turned:
        said.append(f"{TURNED}; the first column names the quantities" if has_names else TURNED)
    names_columns = has_names and not is_turned
    if extent.begins > 1:
        naming = ", which names the columns" if names_columns else ""
        said.append(f"the table begins in line {extent.begins:,}{naming}")
    elif names_columns:
        said.append("the first line names the columns")
    if not has_names:
        said.append("no line names the columns")
    if extent.units_line:
        said.append(f"{table.row_is} {extent.units_line:,} has the units")
    said += [left_out_text(table), restart_text(table, columns)]
    text = "; ".join(filter(None, said))
    return f"Understood as {text}." if not table.sheets else f"{text[0].upper()}{text[1:]}."


def restart_text(table: Table, columns: Columns) -> str:
    """Say where x is a time of day that starts again; "" if it does not."""
    row = dates_of(table, columns.x).restart_row if columns.unit else None
    return (
        ""
        if row is None
        else f"times start again in {table.row_is} {table.lines[row]:,}, and coincide with earlier ones"
    )


def sheet_text(table: Table) -> str:
    chosen = "" if table.read_as.sheet else ", the first with a table of numbers"
    return f"sheet “{shortened(table.sheet, MOST_SHOWN)}” of {len(table.sheets):,}{chosen}"


def left_out_text(table: Table) -> str:
    """Say which lines were left out, around the table or as totals; "" if none."""
    extent, around = table.extent, table.extent.on_its_side or table.extent
    parts = [
        f"{_numbered('line', lines)} {where} the table"
        for where, lines in (("above", around.above), ("below", around.below))
        if lines
    ]
    if around is not extent and (beside := (*extent.above, *extent.below)):
        parts.append(_numbered("column", beside))
    if table.read_as.skip:
        parts.append(f"{_numbered('line', table.read_as.skip)}, as asked")
    if extent.summaries:
        parts.append(summaries_text(table))
    return f"left out: {', '.join(parts)}" if parts else ""


def changes_text(table: Table) -> str:
    """Say whether a table was transposed, and what was left out; "" if nothing was."""
    turned = f"read as {TURNED}" if table.extent.on_its_side is not None else ""
    return "; ".join(filter(None, (turned, left_out_text(table))))


def summaries_text(table: Table) -> str:
    """Name the rows of totals."""
    lines = [line for line, _ in table.extent.summaries]
    name = shortened(table.extent.summaries[0][1], MOST_SHOWN)
    return f"{_numbered(table.row_is, lines)} with a summary (“{name}”{', …' if len(lines) > 1 else ''})"


def _numbered(word: str, numbers: Sequence[int]) -> str:
    return f"{word} {numbers[0]:,}" if len(numbers) == 1 else f"{word}s {numbers[0]:,} to {numbers[-1]:,}"
