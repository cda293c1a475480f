"""Tables as CSV: numbers with all digits unless rounded, and no text that a spreadsheet would run as a formula."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from itertools import chain

import numpy as np

Cell = str | int | float | np.floating | np.integer | None
_FORMULA = r"[\t\n]|\s*[=+\-@＝＋－＠]"  # how a cell begins that a spreadsheet may take for one


def csv_text(header: Sequence[Cell], rows: Iterable[Sequence[Cell]], separator: str = ",", decimal: str = ".") -> str:
    """Write rows as CSV; None is an empty cell. The program writes all its tables here.

    A number reads back to the same bits: a float32 has the digits of a float32. An apostrophe precedes text that a
    spreadsheet would run as a formula, also within a text where it might split cells at another separator.
    """
    others = "".join(sign for sign in ",;\t\n" if sign != separator)
    begins = re.compile(rf"(?:^|(?<=[{others}]))(?={_FORMULA})")

    def written(cell: Cell) -> str:
        if cell is None:
            return ""
        if not isinstance(cell, str):
            return str(cell).replace(".", decimal)
        with suppress(ValueError):
            float(cell)
            return cell
        return begins.sub("'", re.sub("\r\n?", "\n", cell))  # the writer would not quote a \\r

    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator="\n")
    writer.writerows(map(written, row) for row in chain([header], rows))
    return text.getvalue()


def for_spreadsheet(text: str, decimal: str, digits: int = 0) -> str:
    """Rewrite a table of `csv_text` as spreadsheets read it where this is the decimal sign: at a comma with semicolons.

    Fractions are rounded to significant digits, if any are given; else each reads back to the same bits.
    """

    def cell(text: str) -> Cell:
        with suppress(ValueError, OverflowError):
            if "." in text or "e" in text:
                number = float(text)
                whole = len(str(int(abs(number))))  # its digits before the point are kept
                return float(f"{number:.{max(digits, whole)}g}") if digits else number
        return text

    header, *rows = (list(map(cell, row)) for row in csv.reader(io.StringIO(text, newline="")))
    return csv_text(header, rows, ";" if decimal == "," else ",", decimal)
