"""Where in a text the table begins and ends: lines above it, names, units, and lines below it.

A line of the table has more than half as many numbers as most of its lines. Text directly above the first of them
names the columns; a line of units may stand between. Other lines above are skipped, and so is text below the last.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from tinynet_gui.core.data.dates import is_like_date
from tinynet_gui.core.data.delimited import DataFileError, Reading, is_missing
from tinynet_gui.core.data.read_as import ReadAs
from tinynet_gui.core.data.signs import is_like_number
from tinynet_gui.core.values import dataclass

HEAD, TAIL = 300, 100  # rows: so many are searched for the beginning and the end

_UNIT = (
    r"(?:[pnuµμmckMGhd]?(?:s|m|g|V|A|Hz|K|Pa|N|J|W|l|L|mol|T|F|C|H|Ω|Ohms?|bar|eV|Wh|B|dB|rad|Bq|Sv)|°[CF]?|%|ppm|ppb"
    r"|min|h|d|a|yr|deg|au|in|ft|mi|lb|psi|EUR|USD|€|\$|(?i:volts?|amp(?:ere)?s?|seconds?|celsius|kelvin|sequence))"
    r"(?:\^?[-−]?[0-9²³]|⁻[¹²³])?"
)
UNIT = rf"{_UNIT}(?:[ /·*]{_UNIT})*"
_UNITS = re.compile(rf"{UNIT}|[\[(][^\])]*[\])]|-")
_COMMENTS = {"comment", "comments", "note", "notes", "remark", "bemerkung", "kommentar"}


@dataclass(frozen=True)
class Extent:
    """The rows of a table.

    Attributes
    ----------
    reading
        Those with its numbers only.
    names
        Of the columns, with their units; as many as there are in the text.
    first_line
        The line where the names, or else the numbers, begin.
    units_line
        The line with the units, or 0.
    above, below
        The lines above and below the table that were left out, without comments.
    on_its_side
        The table as it stands in the text, if it was turned: then lines here are columns there.
    summaries
        Of the rows at its end that sum up the others and were left out: the line, and its first text.
    """

    reading: Reading
    names: tuple[str, ...]
    first_line: int
    units_line: int
    above: tuple[int, ...]
    below: tuple[int, ...]
    on_its_side: "Extent | None" = None
    summaries: tuple[tuple[int, str], ...] = ()

    @property
    def begins(self) -> int:
        """The line of the text where the table begins."""
        return (self.on_its_side or self).first_line


def table_in(reading: Reading, read_as: ReadAs) -> Extent:
    """Find the table among the rows that the user does not skip; it begins where they say, if they do."""
    rows, lines, first_line = *_not_skipped(reading, read_as.skip or ()), read_as.first_line
    least = next((at for at, line in enumerate(lines) if line >= first_line), len(rows) - 1)
    counts = Counter(filter(None, map(_numbers_in, rows[least : least + HEAD])))
    usual = max(counts, key=lambda count: (count * counts[count], count), default=0)
    if first_line:
        named, units, first = _heading(rows, lines, least, usual)
    else:
        first = _first_row(rows, usual)
        named, units = _names_above(rows, lines, first)
    last = _last_row(rows, lines, first, usual)
    names = tuple(rows[named]) if named < first else ()
    if units:
        names = tuple(_with_unit(*pair) for pair in zip(names, rows[units], strict=False)) + names[len(rows[units]) :]
    body = rows[first : last + 1] or rows[:1]
    widths = Counter(map(len, body))
    width = max(widths, key=lambda width: (widths[width], width == reading.width))
    if len(names) == width + 1 and names[-1].lower() in _COMMENTS and not any(map(is_like_number, names)):
        names = names[:-1]
    return Extent(
        replace(reading, rows=body, lines=lines[first : last + 1] or lines[:1], width=width),
        names,
        lines[named],
        lines[units] if units else 0,
        tuple(lines[:named]),
        tuple(lines[last + 1 :]),
    )


def _not_skipped(reading: Reading, skip: Sequence[int]) -> tuple[list[list[str]], list[int]]:
    """Return the rows that stay, and their lines."""
    if unknown := set(skip) - set(reading.lines):
        raise DataFileError("no row begins there, so it cannot be skipped", min(unknown))
    stay = [at for at, line in enumerate(reading.lines) if line not in skip]
    if not stay:
        raise DataFileError("all rows are skipped: two columns of numbers are needed")
    return [reading.rows[at] for at in stay], [reading.lines[at] for at in stay]


def is_text(row: list[str]) -> bool:
    """Whether a row has text and no number or date: it may name the columns."""
    texts = [text for text in row if not is_missing(text)]
    return bool(texts) and not any(map(is_value, texts))


def is_value(text: str) -> bool:
    """Whether a field is a number or a date."""
    return is_like_number(text) or is_like_date(text)


def _numbers_in(row: list[str]) -> int:
    return sum(map(is_value, row))


def _first_row(rows: list[list[str]], usual: int) -> int:
    """Return the first row of numbers; rows like it, with a number too few, may stand above it."""
    if not usual:
        return int(len(rows) > 1 and is_text(rows[0]))
    first = next(at for at, row in enumerate(rows) if 2 * _numbers_in(row) > usual)
    while first and _numbers_in(rows[first - 1]) and len(rows[first - 1]) == len(rows[first]):
        first -= 1
    return first + (_names_years(rows[first]) and first + 1 < len(rows))


def _names_years(row: list[str]) -> bool:
    """Whether a row names columns, three or more of them by consecutive years."""
    texts = [text for text in row if not is_missing(text)]
    years = [int(text) for text in texts if re.fullmatch("[12][0-9]{3}", text)]
    return len(texts) > len(years) > 2 and years == list(range(years[0], years[0] + len(years)))


def _heading(rows: list[list[str]], lines: list[int], least: int, usual: int) -> tuple[int, int, int]:
    """Return the places of the names, the units (or 0) and the first numbers of a table that begins at a row."""
    if least + 1 == len(rows) or not is_text(rows[least]):
        return least, 0, least
    units = least + 1 if least + 2 < len(rows) and _are_units(rows[least + 1]) else 0
    return least, units, (units or least) + 1


def _names_above(rows: list[list[str]], lines: list[int], first: int) -> tuple[int, int]:
    """Return the places of the names above the numbers (those of the numbers without names), and of the units or 0."""
    if not first or _is_title(rows[first - 1], rows[first]):
        return first, 0
    if not (is_text(rows[first - 1]) or _names_years(rows[first - 1])):
        return first, 0
    named = first - 1
    if named and _are_units(rows[named]) and _stands_on(rows, lines, named - 1, len(_there(rows[named]))):
        units, named = named, named - 1
        while named and _stands_on(rows, lines, named - 1, len(_there(rows[named]))):
            named -= 1  # long names above short ones
        return named, units
    return named, 0


def _stands_on(rows: list[list[str]], lines: list[int], at: int, least: int) -> bool:
    """Whether a row is directly above the next and has at least as many texts, more than a title has."""
    return lines[at] == lines[at + 1] - 1 and len(_there(rows[at])) >= max(2, least)


def _is_title(row: list[str], numbers: list[str]) -> bool:
    return len(row) == 1 < len(numbers) - 1 or (len(row) == 1 < len(numbers) and " " in row[0])


def _there(row: list[str]) -> list[str]:
    return [text for text in row if text]


def _are_units(row: list[str]) -> bool:
    return bool(_there(row)) and all(_UNITS.fullmatch(text) for text in _there(row))


def _with_unit(name: str, unit: str) -> str:
    unit = unit.strip("[]()")
    return f"{name} [{unit}]".strip() if unit and unit != "-" else name


def _last_row(rows: list[list[str]], lines: list[int], first: int, usual: int) -> int:
    """Return the last row of the table: text below it, or a line apart from it with text in it, is left out."""
    end = len(rows) - 1
    tail = range(end, max(first, end - TAIL), -1)
    last = next((at for at in tail if not usual or 2 * _numbers_in(rows[at]) > usual), None)
    if last is None:
        return end
    while last + 1 < len(rows):
        row = rows[last + 1]
        texts = [text for text in row if not is_missing(text) and not is_value(text)]
        is_apart = lines[last + 1] > lines[last] + 1
        if texts and (is_apart or is_text(row)) and not any(text and is_missing(text) for text in row):
            break
        last += 1
    return last
