"""What must be asked about a table: its signs, and whether it lies on its side."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from tinynet_gui.core.data import sideways
from tinynet_gui.core.data.read_as import ACROSS, DOWN, ROWS_IN_A_QUESTION, Ambiguity, Interpretation
from tinynet_gui.core.data.signs import Signs

if TYPE_CHECKING:
    from tinynet_gui.core.data.table import Table


def with_question(table: "Table", others: Sequence[Signs]) -> "Table":
    """Return a table with what must be asked of it, given the other signs with which it is as good."""
    question = _about_signs(table, others)
    is_open = not table.read_as.samples and table.extent.on_its_side is None
    if question is None and is_open and sideways.lies(table.extent) is None:
        question = _about_side(table)
    return table if question is None else replace(table, question=question)


def _about_side(table: "Table") -> Ambiguity:
    """Ask whether each line is a sample, or each column."""
    down = [[text for text in row if text] for row in table.extent.reading.rows[:ROWS_IN_A_QUESTION]]
    upright = sideways.turned(table.extent).reading.rows
    ways = (DOWN, "each line is a sample", down), (ACROSS, "each column is a sample", upright[:ROWS_IN_A_QUESTION])
    answers = tuple(
        Interpretation(replace(table.read_as, samples=way), "samples", way, words, ["  ".join(row) for row in rows])
        for way, words, rows in ways
    )
    return Ambiguity("; ".join(down[0]), table.lines[0], answers)


def _about_signs(table: "Table", others: Sequence[Signs]) -> Ambiguity | None:
    """Return the first field that other signs make another number, if there is any."""
    rows = zip(*(column.texts for column in table.columns), strict=True)
    for at, row in enumerate(rows):
        for place, text in ((place, text) for place, text in enumerate(row) if "." in text or "," in text):
            one = table.signs.values([text])[0]
            for signs in others:
                other = signs.values([text])[0]
                if one != other and math.isfinite(one) and math.isfinite(other):
                    line, _ = table.place_of(at, place)
                    return Ambiguity(text, line, tuple(_answer(table, way, text) for way in (table.signs, signs)))
    return None


def _answer(table: "Table", signs: Signs, text: str) -> Interpretation:
    """Return one way to read the numbers, with the first rows in it."""
    columns = [signs.values(column.texts[:ROWS_IN_A_QUESTION]) for column in table.columns if column.is_of_numbers]
    rows = [
        "  ".join("–" if math.isnan(value) else f"{value:.10g}" for value in row) for row in zip(*columns, strict=True)
    ]
    asked = ("thousands", signs.thousands) if signs.thousands else ("decimal", signs.decimal)
    read_as = replace(table.read_as, decimal=signs.decimal, thousands=signs.thousands)
    return Interpretation(read_as, *asked, f"{signs.values([text])[0]:.10g}", rows)
