"""What the user says about a file, and what must be asked."""

from collections.abc import Sequence
from dataclasses import dataclass

from tinynet_gui.core.data.delimited import DataFileError
from tinynet_gui.core.text.shortened import written

ROWS_IN_A_QUESTION = 3


@dataclass(frozen=True)
class ReadAs:
    """What the user says about a file; empty where they say nothing.

    Attributes
    ----------
    decimal, thousands
        The signs in numbers.
    dates
        The order in dates: `DAY_FIRST` or `MONTH_FIRST`.
    first_line
        Where the table begins, from 1.
    sheet
        The name of a spreadsheet's sheet.
    """

    decimal: str = ""
    thousands: str = ""
    dates: str = ""
    first_line: int = 0
    sheet: str = ""


AS_IT_IS = ReadAs()


@dataclass(frozen=True)
class Answer:
    """One of the ways to read a table.

    Attributes
    ----------
    read_as, option
        How it is asked for, and on the command line.
    value, rows
        What it makes of the field, and of the first rows.
    """

    read_as: ReadAs
    option: str
    value: str
    rows: Sequence[str]


@dataclass(frozen=True)
class Question:
    """A field that can be read in two ways."""

    text: str
    line: int
    answers: tuple[Answer, ...]

    def refusal(self, *, with_options: bool = False) -> DataFileError:
        """Return the error where nobody can be asked; on the command line with the option for each answer."""
        ways = " or ".join(
            f"{answer.value} ({answer.option})" if with_options else answer.value for answer in self.answers
        )
        return DataFileError(f"{written(self.text)} can be read in two ways: {ways}", self.line)
