"""Tables as CSV: each number with all the digits that it has."""

import csv
import io
from collections.abc import Iterable, Sequence

import numpy as np

Cell = str | int | float | np.floating | np.integer | None


def csv_text(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """Write rows with commas between the columns; None is an empty cell.

    A number reads back to the same bits: a float32 has the digits of a float32.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()
