"""What the user says about a file, and what must be asked."""

import re
from collections.abc import Sequence

from tinynet_gui.core.data.delimited import DataFileError
from tinynet_gui.core.text.shortened import written
from tinynet_gui.core.values import dataclass

ROWS_IN_A_QUESTION = 3
DOWN, ACROSS = "down", "across"


@dataclass(frozen=True)
class ReadAs:
    """What the user says about a file; empty where they say nothing.

    Attributes
    ----------
    decimal, thousands
        The signs in numbers.
    dates
        The order in dates: one of `dates.ORDERS`.
    first_line
        Where the table begins, from 1.
    sheet
        The name of a spreadsheet's sheet.
    samples
        `DOWN` if each line is a sample, `ACROSS` if each column is.
    skip
        The lines to leave out; None for those that sum up the others.
    """

    decimal: str = ""
    thousands: str = ""
    dates: str = ""
    first_line: int = 0
    sheet: str = ""
    samples: str = ""
    skip: tuple[int, ...] | None = None


AS_IT_IS = ReadAs()
SAMPLES = (DOWN, ACROSS)
NO_LINE = "none"
MOST_SKIPPED = 10_000
_LINES = re.compile(r"([1-9][0-9]{0,6})(?:[-–]([1-9][0-9]{0,6}))?")


def skipped_lines(text: str) -> tuple[int, ...] | None:
    """Read which lines are skipped, such as ``3, 17-19`` or ``none``; None for "".

    `ValueError` if it is anything else.
    """
    if not text.strip() or text.strip().lower() == NO_LINE:
        return () if text.strip() else None
    lines: set[int] = set()
    for part in text.split(","):
        match = _LINES.fullmatch(part.strip())
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if not first <= last < first + MOST_SKIPPED:
            raise ValueError(f"{written(text)} is not allowed: lines such as 3, 17-19, or {NO_LINE}")
        lines.update(range(first, last + 1))
    return tuple(sorted(lines))


@dataclass(frozen=True)
class Interpretation:
    """One of the ways to read a table.

    Attributes
    ----------
    read_as, key, choice
        How it is asked for, and how on the command line and in a lesson.
    value, rows
        What it makes of the field, and of the first rows.
    """

    read_as: ReadAs
    key: str
    choice: str
    value: str
    rows: Sequence[str]


@dataclass(frozen=True)
class Ambiguity:
    """A field that can be read in two ways."""

    text: str
    line: int
    answers: tuple[Interpretation, ...]

    def refusal(self, form: str = "") -> DataFileError:
        """Return the error where nobody can be asked; with the key and the choice of each answer in this form."""
        asked = f" ({form})" if form else ""
        ways = " or ".join(answer.value + asked.format(answer.key, answer.choice) for answer in self.answers)
        return DataFileError(f"{written(self.text)} can be read in two ways: {ways}", self.line)
