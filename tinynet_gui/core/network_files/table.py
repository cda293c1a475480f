"""The table of numbers that we export (`core.network_files.writing`), also as a spreadsheet may have saved it."""

import csv
import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from tinynet_gui.core.config import MAX_WIDTH
from tinynet_gui.core.data.delimited import OnProgress
from tinynet_gui.core.network_files.opened import MOST_ARRAYS, SCALES, NetworkFileError, OpenedNetwork, network_of
from tinynet_gui.core.network_files.writing import HEADER
from tinynet_gui.core.numerics.arrays import Floats
from tinynet_gui.core.text.shortened import written

_NAME = re.compile(r"(\d{1,2})\.(weight|bias)", re.ASCII)
_SEPARATORS = ",;\t"
_EACH = 2_000  # rows between two reports


@dataclass
class _Cells:
    """The cells of one parameter so far: their line, neuron and input, three numbers each, and their values."""

    places: "array[int]" = field(default_factory=lambda: array("q"))
    values: "array[float]" = field(default_factory=lambda: array("d"))


def is_table(text: str) -> bool:
    """Return whether a text begins with the header of our table."""
    return _separator(text) != ""


def read_network_table(text: str, on_progress: OnProgress) -> OpenedNetwork:
    """Read the network of a table; its rows may be in any order, but each must be there once.

    `NetworkFileError` if a cell is missing, there twice, or no number; it names the line.
    """
    separator, cells = _separator(text), dict[str, _Cells]()
    scales = list[tuple[str, Floats]]()
    lines = text.removeprefix("\ufeff").splitlines()
    for line, row in enumerate(_rows(lines, separator), 2):
        if line % _EACH == 0:
            on_progress(line / len(lines))
        if not any(row):
            continue
        if len(row) != len(HEADER):
            raise NetworkFileError(f"line {line:,}: {len(row)} columns instead of {len(HEADER)}: {', '.join(HEADER)}")
        name, neuron, source, value = row
        number = _number(value, separator, line)
        if name in SCALES:
            scales.append((name, np.array(number)))
            continue
        if (kind := _NAME.fullmatch(name)) is None:
            raise NetworkFileError(f"line {line:,}: {written(name)} is not a parameter such as 0.weight or 0.bias")
        if len(cells) > MOST_ARRAYS:
            raise NetworkFileError(f"line {line:,}: more than {MOST_ARRAYS} parameters are none of a network here")
        place = _index(neuron, "neuron", line), 0 if kind[2] == "bias" and not source else _index(source, "input", line)
        found = cells.setdefault(name, _Cells())
        found.places.extend((line, *place))
        found.values.append(number)
    names = sorted(cells, key=lambda name: (int(name.partition(".")[0]), name.endswith("bias")))
    return network_of([*((name, _filled(name, cells[name])) for name in names), *scales])


def _rows(lines: list[str], separator: str) -> Iterator[list[str]]:
    try:
        yield from map(_without_tail, csv.reader(lines[1:], delimiter=separator, strict=True))
    except csv.Error as error:
        raise NetworkFileError(f"not a table: {error}") from None


def _without_tail(row: list[str]) -> list[str]:
    """Return the cells of a row, without the empty columns that a spreadsheet may put after them."""
    cells = [cell.strip() for cell in row]
    return cells if any(cells[len(HEADER) :]) else cells[: len(HEADER)]


def _filled(name: str, cells: _Cells) -> Floats:
    """Return a parameter's numbers, each in its place."""
    lines, neurons, sources = np.array(cells.places).reshape(-1, 3).T
    filled = np.zeros((neurons.max() + 1, sources.max() + 1))
    known = np.zeros(filled.shape, dtype=np.int64)  # the line of each, or 0
    known[neurons, sources] = lines
    if (twice := known[neurons, sources] != lines).any():
        first = int(np.argmax(twice))
        trouble = f"lines {lines[first]:,} and {known[neurons[first], sources[first]]:,} are the same number of {name}"
        raise NetworkFileError(trouble)
    if (missing := known == 0).any():
        neuron, source = np.argwhere(missing)[0]
        raise NetworkFileError(f"{name}: neuron {neuron}, input {source} is missing")
    filled[neurons, sources] = cells.values
    return filled[:, 0] if name.endswith("bias") else filled


def _separator(text: str) -> str:
    head = text[:200].removeprefix("\ufeff").split("\n", 1)[0].replace('"', "")
    return next((mark for mark in _SEPARATORS if _without_tail(head.split(mark)) == list(HEADER)), "")


def _number(text: str, separator: str, line: int) -> float:
    try:
        return float((text if separator == "," else text.replace(",", ".")).replace("_", "?"))
    except ValueError:
        raise NetworkFileError(f"line {line:,}: the value {written(text)} is not a number") from None


def _index(text: str, what: str, line: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 6 and int(text) < MAX_WIDTH):
        raise NetworkFileError(f"line {line:,}: {what} {written(text)} is not allowed: 0 to {MAX_WIDTH - 1}")
    return int(text)
