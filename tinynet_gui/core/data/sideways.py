"""A table on its side: each line is a quantity, and each column a sample, as in ``Zeit;0;2;4`` above ``Temp;90;80;72``.

It certainly does if the first fields of most lines have units, or if it has more numbers in a line than a few lines
could need (`_IN_A_LINE` for each after the first). It may if it has more numbers in a line than lines. A line of text
above the numbers names columns: then it does not, unless most first fields have units.
"""

import re
from dataclasses import replace
from itertools import zip_longest

from tinynet_gui.core.data.delimited import is_missing
from tinynet_gui.core.data.extent import UNIT, Extent, is_text, is_value, table_in
from tinynet_gui.core.data.read_as import AS_IT_IS

MOST_LINES = 30  # that are looked through
FEW_LINES = 5
MOST_NAME = 60  # characters of a quantity's name
_IN_A_LINE = 3
_UNLABELLED = 4  # numbers in each of two lines without a text

_WITH_UNIT = re.compile(rf".*(?:[\[(]{UNIT}[\])]| (?:in|/) {UNIT})")


def lies(extent: Extent) -> bool | None:
    """Return whether a table lies on its side; None if that cannot be told."""
    lines = _lines(extent)
    if not 2 <= len(lines) <= MOST_LINES:
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
    with_units = [label for label in labels if len(label) <= MOST_NAME and _WITH_UNIT.fullmatch(label)]
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


def turned(extent: Extent) -> Extent:
    """Return the table with each of its columns as a row."""
    reading = extent.reading
    rows = [*([list(extent.names)] if extent.names else []), *reading.rows]
    columns = [list(column) for column in zip_longest(*rows, fillvalue="")]
    there = [at for at, column in enumerate(columns) if any(column)]
    upright = replace(reading, rows=[columns[at] for at in there], lines=[at + 1 for at in there], width=len(rows))
    return replace(table_in(upright, AS_IT_IS), on_its_side=extent)


def _lines(extent: Extent) -> list[list[str]]:
    """Return the lines of numbers, with that of years which would else name the columns."""
    named = [list(extent.names)] if any(map(is_value, extent.names)) else []
    return named + extent.reading.rows
