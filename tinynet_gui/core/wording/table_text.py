"""How a table was read, in a sentence or two."""

from collections.abc import Sequence

from tinynet_gui.core.data.table import Columns, Table
from tinynet_gui.core.text.language import capitalised, gettext as _, ngettext
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.core.text.shortened import shortened

MAX_SHOWN = 16  # characters of a summary's or a sheet's name


def understood_text(table: Table, columns: Columns) -> str:
    """Say how the columns and numbers were read, what was left out around them, and where times of x start again."""
    text = "; ".join(filter(None, (*_layout(table), left_out_text(table), restart_text(table, columns))))
    # Translators: {layout} is such as “columns separated by commas, numbers with a decimal point; no line names the
    # columns”.
    return f"{capitalised(text)}." if table.sheets else _("Understood as {layout}.").format(layout=text)


def _layout(table: Table) -> list[str]:
    """Return the clauses on columns, names and units."""
    extent, said = table.extent, list[str]()
    has_names, is_turned = any(column.name for column in table.columns), extent.on_its_side is not None
    if len(table.sheets) > 1:
        said.append(sheet_text(table))
    if not table.sheets:
        said.append(", ".join(filter(None, (_separated(table), _numbers(table) if table.question is None else ""))))
    if is_turned:
        said.append(_("on its side, each line a quantity and each column a sample"))
        said += [_("the first column names the quantities")] if has_names else []
    if extent.begins > 1 and has_names and not is_turned:
        said.append(_("the table begins in line {line}, which names the columns"))
    elif extent.begins > 1:
        said.append(_("the table begins in line {line}"))
    elif has_names and not is_turned:
        said.append(_("the first line names the columns"))
    if not has_names:
        said.append(_("no line names the columns"))
    said = [words.format(line=count_text(extent.begins)) if "{line}" in words else words for words in said]
    if extent.units_line:
        units = _("line {number} has the units") if table.row_is == "line" else _("column {number} has the units")
        said.append(units.format(number=count_text(extent.units_line)))
    return said


def _separated(table: Table) -> str:
    separated = {
        "\t": _("columns separated by tabs"),
        ";": _("columns separated by semicolons"),
        ",": _("columns separated by commas"),
        " ": _("columns separated by spaces"),
    }
    return separated.get(table.separator, _("columns not separated"))


def _numbers(table: Table) -> str:
    thousands = table.signs.thousands
    if table.decimal == ".":
        is_comma, words = thousands == ",", _("numbers with a decimal point")
        return _("numbers with a decimal point and commas between thousands") if is_comma else words
    is_point, words = thousands == ".", _("numbers with a decimal comma")
    return _("numbers with a decimal comma and points between thousands") if is_point else words


def restart_text(table: Table, columns: Columns) -> str:
    """Say where x is a time of day that starts again; "" if it does not."""
    row = table.dates_of(columns.x).restart_row if columns.unit else None
    if row is None:
        return ""
    words = _("times start again in column {number}, and coincide with earlier ones")
    if table.row_is == "line":
        words = _("times start again in line {number}, and coincide with earlier ones")
    return words.format(number=count_text(table.lines[row]))


def sheet_text(table: Table) -> str:
    words = _("sheet “{name}” of {count}, the first with a table of numbers")
    words = _("sheet “{name}” of {count}") if table.read_as.sheet else words
    return words.format(name=shortened(table.sheet, MAX_SHOWN), count=count_text(len(table.sheets)))


def left_out_text(table: Table) -> str:
    """Say which lines were left out, around the table or as totals; "" if none."""
    extent, around = table.extent, table.extent.on_its_side or table.extent
    beside = () if around is extent else (*extent.above, *extent.below)
    above, below, asked = around.above, around.below, table.read_as.skip or ()
    words = {
        ngettext("line {first} above the table", "lines {first} to {last} above the table", len(above)): above,
        ngettext("line {first} below the table", "lines {first} to {last} below the table", len(below)): below,
        ngettext("column {first}", "columns {first} to {last}", len(beside)): beside,
        ngettext("line {first}, as asked", "lines {first} to {last}, as asked", len(asked)): asked,
    }
    parts = [_numbered(text, numbers) for text, numbers in words.items() if numbers]
    if extent.summaries:
        parts.append(summaries_text(table))
    # Translators: {parts} is such as “line 1 above the table, lines 20 to 21 with a summary (“mean”, …)”.
    return _("left out: {parts}").format(parts=", ".join(parts)) if parts else ""


def changes_text(table: Table) -> str:
    """Say whether a table was transposed, and what was left out; "" if nothing was."""
    turned = _("read as on its side, each line a quantity and each column a sample")
    return "; ".join(filter(None, (turned if table.extent.on_its_side is not None else "", left_out_text(table))))


def summaries_text(table: Table) -> str:
    """Name the rows of totals."""
    lines = [line for line, _name in table.extent.summaries]
    if table.row_is == "line":
        words = ngettext(
            "line {first} with a summary (“{name}”)", "lines {first} to {last} with a summary (“{name}”, …)", len(lines)
        )
    else:
        words = ngettext(
            "column {first} with a summary (“{name}”)",
            "columns {first} to {last} with a summary (“{name}”, …)",
            len(lines),
        )
    return _numbered(words, lines, shortened(table.extent.summaries[0][1], MAX_SHOWN))


def _numbered(words: str, numbers: Sequence[int], name: str = "") -> str:
    return words.format(first=count_text(numbers[0]), last=count_text(numbers[-1]), name=name)
