"""Rows that are better left out: without a value, with a text for a number, or with a number that means no value."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from tinynet_gui.core.data.data_file import Columns, Places, dates_of
from tinynet_gui.core.data.delimited import is_missing
from tinynet_gui.core.data.points import Floats
from tinynet_gui.core.data.table import Table
from tinynet_gui.core.text.shortened import shortened

MOST_TEXTS = 0.5  # of the rows; with more it is no column of numbers
MOST_SHOWN = 16  # characters of a text

_CODE = re.compile(r"-?9{2,}(?:\.9+)?")  # −999, 99.9, −9999.99: numbers that mean no value


@dataclass(frozen=True, eq=False)
class DoubtfulRows:
    """The rows in which x or y is missing, is a text, or is a number like −999 far from all others; each in one."""

    gaps: Places
    texts: Places
    codes: Places
    _words: tuple[str, ...]

    @property
    def all(self) -> Places:
        """All of them."""
        return np.concatenate([self.gaps, self.asked])

    @property
    def asked(self) -> Places:
        """Those that only the user can leave out."""
        return np.concatenate([self.texts, self.codes])

    def words(self) -> list[str]:
        """Say how many there are of each kind, and name the first."""
        return list(filter(None, self._words))

    @property
    def of_codes(self) -> str:
        """The words on numbers that may mean no value, or ""."""
        return self._words[2]


def doubtful_rows(table: Table, columns: Columns) -> DoubtfulRows:
    """Find the doubtful rows of these columns."""
    x, y = table.columns[columns.x], table.columns[columns.y]
    missing = np.array([is_missing(a) or is_missing(b) for a, b in zip(x.texts, y.texts, strict=True)])
    x_values = dates_of(table, columns.x).since_first(columns.unit) if columns.unit else x.values
    not_number = np.isnan(x_values) | np.isnan(y.values)
    texts = np.flatnonzero(not_number & ~missing)
    if len(texts) > MOST_TEXTS * len(table):
        texts = texts[:0]
    coded = (y.values == _code(y.values)) | (x_values == (np.nan if columns.unit else _code(x_values)))
    codes = np.flatnonzero(coded & ~not_number)
    gaps = np.flatnonzero(missing)
    text = code = ""
    if len(texts):
        text = (x if np.isnan(x_values[texts[0]]) else y).texts[texts[0]]
    if len(codes):
        code = f"{(y.values if y.values[codes[0]] == _code(y.values) else x_values)[codes[0]]:.10g}"
    words = (
        _words(table, gaps, "without a value"),
        _words(table, texts, "without a number", f": “{shortened(text, MOST_SHOWN)}”"),
        _words(table, codes, f"with {code.replace('-', '−')}, perhaps no value"),
    )
    return DoubtfulRows(gaps, texts, codes, words)


def _words(table: Table, rows: Places, what: str, after: str = "") -> str:
    if not len(rows):
        return ""
    return f"{len(rows):,} of {len(table):,} rows {what}, the first in line {table.lines[rows[0]]:,}{after}"


def _code(values: Floats) -> float:
    """Return the number that may mean no value: at the edge, and farther from the others than they are apart."""
    there = np.unique(values[np.isfinite(values)])
    if len(there) > 2:
        edges: Iterable[tuple[float, float, float]] = (
            (there[0], there[1] - there[0], there[-1] - there[1]),
            (there[-1], there[-1] - there[-2], there[-2] - there[0]),
        )
        for value, distance, span in edges:
            if distance > span and _CODE.fullmatch(f"{value:.10g}"):
                return float(value)
    return np.nan
