"""Where the table begins and ends in a text: lines above it, names, units, summary rows, and lines below it.

A line of the table has more than half as many numbers as most of its lines. Text directly above the first of them
names the columns; a line of units may come between. Other lines above are skipped, as is text below the last.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import zip_longest

import numpy as np

from tinynet_gui.core.data.dates import is_like_date
from tinynet_gui.core.data.delimited import AS_IT_IS, DataFileError, ReadAs, Reading, is_missing
from tinynet_gui.core.data.signs import Signs, is_like_number
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.values import Floats, frozen_dataclass

HEAD, TAIL = 300, 100  # rows searched for the beginning and the end

_UNIT = (
    r"(?:[pnuµμmckMGhd]?(?:s|m|g|V|A|Hz|K|Pa|N|J|W|l|L|mol|T|F|C|H|Ω|Ohms?|bar|eV|Wh|B|dB|rad|Bq|Sv)|°[CF]?|%|ppm|ppb"
    r"|min|h|d|a|yr|deg|au|in|ft|mi|lb|psi|EUR|USD|€|\$|(?i:volts?|amp(?:ere)?s?|seconds?|celsius|kelvin|sequence))"
    r"(?:\^?[-−]?[0-9²³]|⁻[¹²³])?"
)
UNIT = rf"{_UNIT}(?:[ /·*]{_UNIT})*"
_UNITS = re.compile(rf"{UNIT}|[\[(][^\])]*[\])]|-")
_COMMENTS = {"comment", "comments", "note", "notes", "remark", "bemerkung", "kommentar"}


@frozen_dataclass
class Extent:
    """The rows of a table.

    Attributes
    ----------
    reading
        The rows of numbers only.
    names
        Column names with their units; as many as the text has.
    first_line
        The line where the names, or else the numbers, begin.
    units_line
        The line with the units, or 0.
    above, below
        The lines above and below the table that were left out, without comments.
    on_its_side
        The table before it was transposed, if it was: lines here are columns there.
    summaries
        The line and the first text of each summary row that was left out at its end.
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
        """The line of the original text where the table begins."""
        return (self.on_its_side or self).first_line


def table_in(reading: Reading, read_as: ReadAs) -> Extent:
    """Find the table among the rows that the user does not skip, beginning at their first line if they gave one."""
    rows, lines, first_line = *_not_skipped(reading, read_as.skip or ()), read_as.first_line
    least = next((at for at, line in enumerate(lines) if line >= first_line), len(rows) - 1)
    counts = Counter(filter(None, map(_numbers_in, rows[least : least + HEAD])))
    usual = max(counts, key=lambda count: (count * counts[count], count), default=0)
    if first_line:
        named, units, first = _heading(rows, least)
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
    reading = replace(reading, rows=body, lines=lines[first : last + 1] or lines[:1], width=width)
    above, below = tuple(lines[:named]), tuple(lines[last + 1 :])
    return Extent(reading, names, lines[named], lines[units] if units else 0, above, below)


def _not_skipped(reading: Reading, skip: Sequence[int]) -> tuple[list[list[str]], list[int]]:
    if unknown := set(skip) - set(reading.lines):
        raise DataFileError(_("no row begins there, so it cannot be skipped"), min(unknown))
    stay = [at for at, line in enumerate(reading.lines) if line not in skip]
    if not stay:
        raise DataFileError(_("all rows are skipped: two columns of numbers are needed"))
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
    """Return the first row of numbers; rows like it with a number missing may precede it."""
    if not usual:
        return int(len(rows) > 1 and is_text(rows[0]))
    first = next(at for at, row in enumerate(rows) if 2 * _numbers_in(row) > usual)
    while first and _numbers_in(rows[first - 1]) and len(rows[first - 1]) == len(rows[first]):
        first -= 1
    return first + (_names_years(rows[first]) and first + 1 < len(rows))


def _names_years(row: list[str]) -> bool:
    """Whether a row's column names include three or more consecutive years."""
    texts = [text for text in row if not is_missing(text)]
    years = [int(text) for text in texts if re.fullmatch("[12][0-9]{3}", text)]
    return len(texts) > len(years) > 2 and years == list(range(years[0], years[0] + len(years)))


def _heading(rows: list[list[str]], least: int) -> tuple[int, int, int]:
    """Return the indices of the names, the units (or 0) and the first numbers of a table that begins at a row."""
    if least + 1 == len(rows) or not is_text(rows[least]):
        return least, 0, least
    units = least + 1 if least + 2 < len(rows) and _are_units(rows[least + 1]) else 0
    return least, units, (units or least) + 1


def _names_above(rows: list[list[str]], lines: list[int], first: int) -> tuple[int, int]:
    """Return the index of the names above the numbers (that of the numbers if none), and of the units or 0."""
    named = first - 1
    if not first or _is_title(rows[named], rows[first]) or not (is_text(rows[named]) or _names_years(rows[named])):
        return first, 0
    if named and _are_units(rows[named]) and _is_directly_above(rows, lines, named - 1, len(_present(rows[named]))):
        units, named = named, named - 1
        while named and _is_directly_above(rows, lines, named - 1, len(_present(rows[named]))):
            named -= 1  # long names above short ones
        return named, units
    return named, 0


def _is_directly_above(rows: list[list[str]], lines: list[int], at: int, least: int) -> bool:
    """Whether a row is directly above the next and has enough texts to name columns, unlike a title."""
    return lines[at] == lines[at + 1] - 1 and len(_present(rows[at])) >= max(2, least)


def _is_title(row: list[str], numbers: list[str]) -> bool:
    return len(row) == 1 < len(numbers) - 1 or (len(row) == 1 < len(numbers) and " " in row[0])


def _present(row: list[str]) -> list[str]:
    return [text for text in row if text]


def _are_units(row: list[str]) -> bool:
    return bool(_present(row)) and all(_UNITS.fullmatch(text) for text in _present(row))


def _with_unit(name: str, unit: str) -> str:
    unit = unit.strip("[]()")
    return f"{name} [{unit}]".strip() if unit and unit != "-" else name


def _last_row(rows: list[list[str]], lines: list[int], first: int, usual: int) -> int:
    """Return the last row of the table, before text below it or a detached line with text in it."""
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


MAX_LINES = 30  # looked through
FEW_LINES = 5
MAX_NAME = 60  # characters of a quantity's name
_IN_A_LINE = 3
_UNLABELLED = 4  # numbers in each of two lines without a text

_WITH_UNIT = re.compile(rf".*(?:[\[(]{UNIT}[\])]| (?:in|/) {UNIT})")


def lies_on_side(extent: Extent) -> bool | None:
    """Return whether a table lies on its side, samples in columns; None if that cannot be told.

    It does if most first fields have units, or if a line has more numbers than a few lines could need, `_IN_A_LINE` for
    each after the first. It may if a line has more numbers than there are lines.
    """
    lines = _lines(extent)
    if not 2 <= len(lines) <= MAX_LINES:
        return False
    labels = [line[0] for line in lines]
    others = [[text for text in line[1:] if not is_missing(text)] for line in lines]
    numbers = [sum(map(is_value, texts)) for texts in others]
    if all(map(is_value, labels)):
        return (
            len(lines) == 2 and not extent.names and min(numbers) + 1 >= _UNLABELLED and numbers == [*map(len, others)]
        )
    if not is_text(labels) or len(set(labels)) < len(labels) or any(not label for label in labels):
        return False
    with_units = [label for label in labels if len(label) <= MAX_NAME and _WITH_UNIT.fullmatch(label)]
    have_units = 2 * len(with_units) > len(labels)
    is_few = len(lines) <= FEW_LINES and not (extent.names and len(lines) == len(extent.reading.rows))
    if is_few and all(texts and re.fullmatch(UNIT, texts[0]) for texts in others):
        have_units, others = True, [texts[1:] for texts in others]
    least = min(numbers)
    if least < 2 or any(len(texts) > count + 1 for texts, count in zip(others, numbers, strict=True)):
        return False
    if have_units:
        return True
    if is_few and least >= _IN_A_LINE * (len(lines) - 1):
        return True
    return None if not extent.names and (least > len(lines) or least == len(lines) == 2) else False


def transposed(extent: Extent) -> Extent:
    """Return the transposed table."""
    reading = extent.reading
    rows = [*([list(extent.names)] if extent.names else []), *reading.rows]
    columns = [list(column) for column in zip_longest(*rows, fillvalue="")]
    present = [at for at, column in enumerate(columns) if any(column)]
    upright = replace(reading, rows=[columns[at] for at in present], lines=[at + 1 for at in present], width=len(rows))
    return replace(table_in(upright, AS_IT_IS), on_its_side=extent)


def _lines(extent: Extent) -> list[list[str]]:
    """Return the lines of numbers, including a line of years that was taken for column names."""
    named = [list(extent.names)] if any(map(is_value, extent.names)) else []
    return named + extent.reading.rows


MAX_ROWS = 10_000  # of a table that is looked through
SUMMARY_TAIL = 20  # rows at its end that may be summaries
MIN_ROWS = 2  # rows above them
MAX_CHARACTERS = 60  # of a field that says so
CERTAIN, PERHAPS = 2, 1

Statistic = Callable[[Floats], float]

_WORDS = (
    r"mittel(?:werte?)?|arithm\S* mittel|durchschnitt|ø|(?:gesamt|zwischen)?summe|(?:ins)?gesamt|varianz|anzahl"
    r"|(?:standard|std|stand)\.?[- ]?abw(?:eichung|\.)?|stabw|means?|averages?|avg|sum|grand total|median|variance"
    r"|(?:standard|std|st)\.? ?dev(?:iation|\.)?|sd|s\.d|std|sem|m[ií]nimum|m[aá]ximum|moyenne|moy|somme"
    r"|[ée]cart[- ]type|m[ée]diane|promedio|suma|mediana|m[ií]nimo|m[aá]ximo|varianza"
    r"|desv(?:iación|\.)? ?(?:estándar|típica|est)"
)
_MAYBE_NAMES = r"min|max|totals?|total(?:es|aux)|media|range|spannweite|count|nombre|effectif|mw|n|s"
_CERTAIN = re.compile(rf"(?:{_WORDS})(?: ?\(.*\))?[ .:=]*", re.IGNORECASE)
_PERHAPS = re.compile(rf"(?:{_WORDS}|{_MAYBE_NAMES})(?!\w).*", re.IGNORECASE)
_SUM_AND_MEAN: tuple[Statistic, ...] = (np.sum, np.mean)
_NAMED: dict[str, tuple[Statistic, ...]] = {"min": (np.min,), "max": (np.max,), "tot": (np.sum,)}  # by how it begins
_ANY: tuple[Statistic, ...] = (*_SUM_AND_MEAN, np.median, np.min, np.max, len, np.std)


def summary_rows(rows: Sequence[Sequence[str]], signs: Signs) -> list[int]:
    """Return the indices of the rows at the end that summarise those above, such as totals."""
    if len(rows) > MAX_ROWS:
        return []
    first = max(MIN_ROWS, len(rows) - SUMMARY_TAIL)
    above = _Above(rows[:first], signs)
    for at in range(first, len(rows)):
        if not above.is_summed_up_by(rows[at]):
            first = at + 1
            above = _Above(rows[:first], signs)
    return list(range(first, len(rows)))


def without_summaries(extent: Extent, signs: Signs) -> Extent:
    """Return a table without its summary rows."""
    reading = extent.reading
    places = summary_rows(reading.rows, signs)
    if not places:
        return extent
    left_out = tuple(
        (reading.lines[at], next(text for text in reading.rows[at] if not is_missing(text))) for at in places
    )
    stay = replace(reading, rows=reading.rows[: places[0]], lines=reading.lines[: places[0]])
    return replace(extent, reading=stay, summaries=left_out)


class _Above:
    """The rows above a possible summary."""

    def __init__(self, rows: Sequence[Sequence[str]], signs: Signs) -> None:
        self._rows, self._signs = rows, signs
        self._columns: dict[int, list[str]] = {}

    def is_summed_up_by(self, row: Sequence[str]) -> bool:
        """Whether a row is a summary, by a word in it or by its numbers.

        A word such as *mean* is enough, unless its column has such words above: then it is a category. One that may be
        a name (*Max*, *Total*) is enough only if its column is not one of texts, or if all numbers are the same
        statistic of those above. Without a word, all must be sums or all means, with a gap in a column that is full.
        """
        numbers = {place: text for place, text in enumerate(row) if self._signs.number.fullmatch(text)}
        says, place, label = max((_summary_score(text), -place, text) for place, text in enumerate(row))
        is_category = says and any(text == label or _summary_score(text) == CERTAIN for text in self._column(-place))
        if not numbers or is_category:
            return False
        if says == CERTAIN or (says and not self._is_of_text(-place)):
            return True
        if says:
            return any(self._matches(statistic, numbers, 1.01) for statistic in _NAMED.get(label[:3].casefold(), _ANY))
        return (
            len(numbers) > 1
            and any(len(self._column(at)) == len(self._rows) for at, text in enumerate(row) if is_missing(text))
            and any(self._matches(statistic, numbers, 0.51) for statistic in _SUM_AND_MEAN)
        )

    def _column(self, place: int) -> list[str]:
        if place not in self._columns:
            fields = (row[place] for row in self._rows if place < len(row))
            self._columns[place] = [text for text in fields if not is_missing(text)]
        return self._columns[place]

    def _is_of_text(self, place: int) -> bool:
        texts = self._column(place)
        return 2 * sum(map(is_value, texts)) < len(texts)

    def _matches(self, statistic: Statistic, numbers: dict[int, str], units: float) -> bool:
        """Whether a statistic of each column equals the row's number, within `units` of its last digit."""
        for place, text in numbers.items():
            values = np.array(self._signs.values(self._column(place)))
            values = values[np.isfinite(values)]
            if not len(values):
                return False
            decimals = len(text.rpartition(self._signs.decimal)[2]) if self._signs.decimal in text else 0
            found, meant = float(statistic(values)), self._signs.values([text])[0]
            if not abs(found - meant) <= units * 10.0**-decimals + 1e-9 * abs(found):
                return False
        return True


def _summary_score(text: str) -> int:
    """Score how surely a field's words mark its row as a summary."""
    if is_missing(text) or len(text) > MAX_CHARACTERS:
        return 0
    return CERTAIN if _CERTAIN.fullmatch(text) else PERHAPS if _PERHAPS.fullmatch(text) else 0
