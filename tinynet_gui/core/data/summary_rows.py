"""The rows at the end of a table that sum up those above: ``Mittelwert;;169,5;59,3``, ``Total,848,313``.

A word such as *mean* or *Summe* tells them, unless the same column has such words above: then it is a category. A word
that may also be a name (*Max*, *Total*) does so only where the others have no text, or where all numbers of its row are
the same statistic of those above. Without any word a row is a summary if it has a gap where no other has one, and all
its numbers are the sums or the means of those above.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from tinynet_gui.core.data.delimited import is_missing
from tinynet_gui.core.data.extent import Extent, is_value
from tinynet_gui.core.data.signs import Signs
from tinynet_gui.core.numerics.arrays import Floats

MOST_ROWS = 10_000  # of a table that is looked through
TAIL = 20  # rows at its end that may be summaries
LEAST = 2  # rows above them
MOST_CHARACTERS = 60  # of a field that says so
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
    """Return the places of the rows at the end that sum up those above."""
    if len(rows) > MOST_ROWS:
        return []
    first = max(LEAST, len(rows) - TAIL)
    above = _Above(rows[:first], signs)
    for at in range(first, len(rows)):
        if not above.is_summed_up_by(rows[at]):
            first = at + 1
            above = _Above(rows[:first], signs)
    return list(range(first, len(rows)))


def without_summaries(extent: Extent, signs: Signs) -> Extent:
    """Return a table without the rows that sum up the others."""
    reading = extent.reading
    places = summary_rows(reading.rows, signs)
    if not places:
        return extent
    said = tuple((reading.lines[at], next(text for text in reading.rows[at] if not is_missing(text))) for at in places)
    stay = replace(reading, rows=reading.rows[: places[0]], lines=reading.lines[: places[0]])
    return replace(extent, reading=stay, summaries=said)


class _Above:
    """The rows above a possible summary."""

    def __init__(self, rows: Sequence[Sequence[str]], signs: Signs) -> None:
        self._rows, self._signs = rows, signs
        self._columns: dict[int, list[str]] = {}

    def is_summed_up_by(self, row: Sequence[str]) -> bool:
        """Whether a row has a word that says so, or numbers that do."""
        numbers = {place: text for place, text in enumerate(row) if self._signs.number.fullmatch(text)}
        says, place, label = max((_says(text), -place, text) for place, text in enumerate(row))
        if not numbers or (says and any(text == label or _says(text) == CERTAIN for text in self._column(-place))):
            return False
        if says == CERTAIN or (says and not self._is_of_text(-place)):
            return True
        if says:
            return any(self._gives(statistic, numbers, 1.01) for statistic in _NAMED.get(label[:3].casefold(), _ANY))
        return (
            len(numbers) > 1
            and any(len(self._column(at)) == len(self._rows) for at, text in enumerate(row) if is_missing(text))
            and any(self._gives(statistic, numbers, 0.51) for statistic in _SUM_AND_MEAN)
        )

    def _column(self, place: int) -> list[str]:
        """Return the fields of a column that are not missing."""
        if place not in self._columns:
            fields = (row[place] for row in self._rows if place < len(row))
            self._columns[place] = [text for text in fields if not is_missing(text)]
        return self._columns[place]

    def _is_of_text(self, place: int) -> bool:
        texts = self._column(place)
        return 2 * sum(map(is_value, texts)) < len(texts)

    def _gives(self, statistic: Statistic, numbers: dict[int, str], units: float) -> bool:
        """Whether a statistic of each column is the row's number, but for so many units in its last place."""
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


def _says(text: str) -> int:
    """Return how surely a field's words say that its row is a summary."""
    if is_missing(text) or len(text) > MOST_CHARACTERS:
        return 0
    return CERTAIN if _CERTAIN.fullmatch(text) else PERHAPS if _PERHAPS.fullmatch(text) else 0
