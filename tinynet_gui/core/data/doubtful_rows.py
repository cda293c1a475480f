"""Rows that are better left out: without a value, with a text for a number, or with a number that means no value."""

import re

import numpy as np

from tinynet_gui.core.data.columns import Columns, values_of_x
from tinynet_gui.core.data.delimited import is_missing
from tinynet_gui.core.data.table import Table
from tinynet_gui.core.numerics.arrays import Floats, Ints
from tinynet_gui.core.text.shortened import shortened
from tinynet_gui.core.values import dataclass

MOST_TEXTS = 0.5  # of the rows; with more it is no column of numbers
MOST_SHOWN = 16  # characters of a text

_SENTINEL = re.compile(r"-?9{2,}(?:\.9+)?")  # −999, 99.9, −9999.99: numbers that mean no value


@dataclass(frozen=True, eq=False)
class Doubtful:
    """Rows of one kind, and how many there are in words, with the first; "" if there are none."""

    rows: Ints
    words: str


@dataclass(frozen=True, eq=False)
class DoubtfulRows:
    """The rows in which x or y is missing, is a text, or is a sentinel; each row in one of them.

    A sentinel is a number like −999 that is farther from all others than they are apart.
    """

    gaps: Doubtful
    texts: Doubtful
    sentinels: Doubtful

    @property
    def all(self) -> Ints:
        """All of them."""
        return np.concatenate([self.gaps.rows, self.asked])

    @property
    def asked(self) -> Ints:
        """Those that only the user can leave out."""
        return np.concatenate([self.texts.rows, self.sentinels.rows])

    def lines_of_texts(self, table: Table) -> str:
        """Return the lines with a text for a number, as the lines to skip are written; "" if they are not lines."""
        return ",".join(str(table.lines[row]) for row in self.texts.rows) if table.row_is == "line" else ""

    def words(self) -> list[str]:
        """Say how many there are of each kind, and name the first."""
        return [kind.words for kind in (self.gaps, self.texts, self.sentinels) if kind.words]


def doubtful_rows(table: Table, columns: Columns) -> DoubtfulRows:
    """Find the doubtful rows of these columns."""
    x, y = table.columns[columns.x], table.columns[columns.y]
    x_values, y_values = values_of_x(table, columns), y.values
    missing = np.array([is_missing(a) or is_missing(b) for a, b in zip(x.texts, y.texts, strict=True)])
    not_number = np.isnan(x_values) | np.isnan(y_values)
    texts = np.flatnonzero(not_number & ~missing)
    if len(texts) > MOST_TEXTS * len(table):
        texts = texts[:0]
    of_x, of_y = np.nan if columns.unit else _sentinel(x_values), _sentinel(y_values)
    sentinels = np.flatnonzero(((x_values == of_x) | (y_values == of_y)) & ~not_number)
    text = "".join((x if np.isnan(x_values[row]) else y).texts[row] for row in texts[:1])
    sentinel = "".join(f"{of_y if y_values[row] == of_y else of_x:.10g}" for row in sentinels[:1]).replace("-", "−")
    return DoubtfulRows(
        _said(table, np.flatnonzero(missing), "without a value"),
        _said(table, texts, "without a number", f": “{shortened(text, MOST_SHOWN)}”"),
        _said(table, sentinels, f"with {sentinel}, perhaps no value"),
    )


def _said(table: Table, rows: Ints, what: str, after: str = "") -> Doubtful:
    if not len(rows):
        return Doubtful(rows, "")
    words = f"{len(rows):,} of {len(table):,} rows {what}, the first in {table.row_is} {table.lines[rows[0]]:,}{after}"
    return Doubtful(rows, words)


def _sentinel(values: Floats) -> float:
    """Return the number that may mean no value: at the edge, and farther from the others than they are apart."""
    there = np.unique(values[np.isfinite(values)])
    if len(there) > 2:
        for value, distance, span in (
            (there[0], there[1] - there[0], there[-1] - there[1]),
            (there[-1], there[-1] - there[-2], there[-2] - there[0]),
        ):
            if distance > span and _SENTINEL.fullmatch(f"{value:.10g}"):
                return float(value)
    return np.nan
