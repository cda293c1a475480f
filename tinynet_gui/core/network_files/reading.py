"""Network files: PyTorch's ``state_dict``, our table of numbers, and text with printed tensors."""

import base64
import codecs
import csv
import importlib.util
import json
import os
import re
from array import array
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from io import BytesIO

import numpy as np

from tinynet_gui.core.config import MAX_WIDTH
from tinynet_gui.core.data.delimited import OnProgress
from tinynet_gui.core.data.points import AS_THEY_ARE, Scaling
from tinynet_gui.core.network_files import opened
from tinynet_gui.core.network_files.opened import MAX_ARRAYS, SCALES, NetworkFileError, OpenedNetwork, network_of
from tinynet_gui.core.system.processes import answer_of, is_folder
from tinynet_gui.core.text.csv_text import Cell, csv_text
from tinynet_gui.core.text.files import read_at_most
from tinynet_gui.core.text.language import N_, current_language, gettext as _
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.core.text.shortened import written
from tinynet_gui.core.values import Array, Floats

ZIP = b"PK\x03\x04"
LIMITS = {
    "most_bytes": 500_000_000,  # of memory besides torch itself: the file some times over
    "most_seconds": 25,  # of the processor, once torch is loaded
    "most_unpacked": 64_000_000,  # bytes: the largest network takes 20 million, and twice that in float64
    "most_members": 100,
    "most_pickled": 100_000,  # bytes of all but the numbers: names and shapes
    "most_tensors": MAX_ARRAYS + len(SCALES),
    "most_numbers": opened.MAX_NUMBERS + len(SCALES),
}
STATEMENT = "from tinynet_gui.core.network_files.state_dict_process import main; main()"


def read_state_dict(content: bytes, on_progress: OnProgress) -> OpenedNetwork:
    """Read the network of a ``state_dict``: each layer's weight and bias, in the file's order, under any names.

    `NetworkFileError` if it contains none, or is too large.
    """
    if not content.startswith(ZIP):
        raise NetworkFileError(
            _("it was saved by PyTorch before 1.6, or not by torch.save: save it again with a newer PyTorch")
        )
    request = {**LIMITS, "language": current_language()}
    reply = answer_of(STATEMENT, json.dumps(request).encode() + b"\n" + content, on_progress)
    if reply is None:
        raise NetworkFileError(_("not read: it needs more memory or time than any network here should"))
    if "trouble" in reply:
        raise NetworkFileError(reply["trouble"])
    named = [
        (one["name"], np.frombuffer(base64.b64decode(one["data"]), np.dtype(one["kind"])).reshape(one["shape"]))
        for one in reply["tensors"]
    ]
    network = network_of(named)
    arrays = [array for name, array in named if name not in SCALES]
    is_same = all(np.array_equal(one, other) for one, other in zip(arrays, network.parameters, strict=True))
    remark = _("its numbers have more digits than a float32 holds: they are rounded")
    return network if is_same else replace(network, remark=remark)


HEADER = ("parameter", "neuron", "input", "value")


def parameter_names(count: int) -> list[str]:
    """Return PyTorch's names for the arrays of Linear, activation, ..., Linear: ``0.weight``, ``0.bias``, ..."""
    return [f"{2 * layer}.{kind}" for layer in range(count // 2) for kind in ("weight", "bias")]


def state_dict_bytes(parameters: Sequence[Array], scaling: Scaling = AS_THEY_ARE) -> bytes:
    """Return a file for ``network.load_state_dict(torch.load(file, weights_only=True))``. Imports torch.

    Parameters
    ----------
    parameters
        As in `core.training.start.TrainerState`.
    scaling
        What the network was trained with: if not `AS_THEY_ARE`, its μ and σ are in the file too, and
        ``load_state_dict`` needs ``strict=False``.
    """
    import torch

    tensors = [torch.tensor(array) for array in parameters]
    scales = {name: torch.tensor(scale, dtype=torch.float64) for name, scale in scales_of(scaling).items()}
    content = BytesIO()
    torch.save(dict(zip(parameter_names(len(tensors)), tensors, strict=True)) | scales, content)
    return content.getvalue()


def numbers_csv(parameters: Sequence[Array], scaling: Scaling = AS_THEY_ARE) -> str:
    """Return a table of all weights and biases, with the fewest digits that read back exactly.

    Neurons and inputs are counted from 0, as in PyTorch; a bias has no input. μ and σ, if any, have neither.
    """
    return csv_text(HEADER, _parameter_rows(parameters, scaling))


def scales_of(scaling: Scaling) -> dict[str, float]:
    """Return μ and σ by their names in exported code; those of y only if y is standardised."""
    has = {"x": scaling.has_x, "y": scaling.has_y}
    return {name: value for name, value in asdict(scaling).items() if has[name[0]]}


def _parameter_rows(parameters: Sequence[Array], scaling: Scaling) -> Iterator[list[Cell]]:
    for name, parameter in zip(parameter_names(len(parameters)), parameters, strict=True):
        for index, value in np.ndenumerate(parameter):
            yield [name, index[0], index[1] if len(index) > 1 else None, value]
    for name, scale in scales_of(scaling).items():
        yield [name, None, None, scale]


_NAME = re.compile(r"(\d{1,2})\.(weight|bias)", re.ASCII)
_SEPARATORS = ",;\t"
_EACH = 2_000  # rows between two reports


def is_table(text: str) -> bool:
    return _separator(text) != ""


def read_network_table(text: str, on_progress: OnProgress) -> OpenedNetwork:
    """Read a network from our table; its rows may be in any order.

    `NetworkFileError` if a cell is missing, duplicate or not a number; it names the line.
    """
    separator, scales = _separator(text), list[tuple[str, Floats]]()
    # of each parameter its lines, neurons and inputs, three numbers each, and its values
    cells: defaultdict[str, tuple[array[int], array[float]]] = defaultdict(lambda: (array("q"), array("d")))
    lines = text.removeprefix("\ufeff").splitlines()
    for line, row in enumerate(_rows(lines, separator), 2):
        if line % _EACH == 0:
            on_progress(line / len(lines))
        if not any(row):
            continue
        if len(row) != len(HEADER):
            words, header = _("line {line}: {count} columns instead of {wanted}: {names}"), ", ".join(HEADER)
            there, wanted = len(row), len(HEADER)
            raise NetworkFileError(words.format(line=count_text(line), count=there, wanted=wanted, names=header))
        name, neuron, source, value = row
        number = _number(value, separator, line)
        if name in SCALES:
            scales.append((name, np.array(number)))
            continue
        if (kind := _NAME.fullmatch(name)) is None:
            words = _("line {line}: {name} is not a parameter such as 0.weight or 0.bias")
            raise NetworkFileError(words.format(line=count_text(line), name=written(name)))
        if len(cells) > MAX_ARRAYS:
            words = _("line {line}: more than {most} parameters are none of a network here")
            raise NetworkFileError(words.format(line=count_text(line), most=MAX_ARRAYS))
        place = _index(neuron, "neuron", line), 0 if kind[2] == "bias" and not source else _index(source, "input", line)
        places, values = cells[name]
        places.extend((line, *place))
        values.append(number)
    names = sorted(cells, key=lambda name: (int(name.partition(".")[0]), name.endswith("bias")))
    return network_of([*((name, _filled(name, *cells[name])) for name in names), *scales])


def _rows(lines: list[str], separator: str) -> Iterator[list[str]]:
    try:
        yield from map(_without_tail, csv.reader(lines[1:], delimiter=separator, strict=True))
    except csv.Error as error:
        raise NetworkFileError(_("not a table: {error}").format(error=error)) from None


def _without_tail(row: list[str]) -> list[str]:
    """Strip the empty cells that a spreadsheet may append to a row."""
    cells = [cell.strip() for cell in row]
    return cells if any(cells[len(HEADER) :]) else cells[: len(HEADER)]


def _filled(name: str, places: "array[int]", values: "array[float]") -> Floats:
    """Arrange a parameter's numbers in an array; each must be there exactly once."""
    lines, neurons, sources = np.array(places).reshape(-1, 3).T
    filled = np.zeros((neurons.max() + 1, sources.max() + 1))
    known = np.zeros(filled.shape, dtype=np.int64)  # the line of each, or 0
    known[neurons, sources] = lines
    if (twice := known[neurons, sources] != lines).any():
        first = int(np.argmax(twice))
        words = _("lines {one} and {other} are the same number of {name}")
        one, other = count_text(lines[first]), count_text(known[neurons[first], sources[first]])
        raise NetworkFileError(words.format(one=one, other=other, name=name))
    if (missing := known == 0).any():
        neuron, source = np.argwhere(missing)[0]
        words = _("{name}: neuron {neuron}, input {input} is missing")
        raise NetworkFileError(words.format(name=name, neuron=neuron, input=source))
    filled[neurons, sources] = values
    return filled[:, 0] if name.endswith("bias") else filled


def _separator(text: str) -> str:
    head = text[:200].removeprefix("\ufeff").split("\n", 1)[0].replace('"', "")
    return next((mark for mark in _SEPARATORS if _without_tail(head.split(mark)) == list(HEADER)), "")


def _number(text: str, separator: str, line: int) -> float:
    try:
        return float((text if separator == "," else text.replace(",", ".")).replace("_", "?"))
    except ValueError:
        words = _("line {line}: the value {text} is not a number")
        raise NetworkFileError(words.format(line=count_text(line), text=written(text))) from None


def _index(text: str, what: str, line: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 6 and int(text) < MAX_WIDTH):
        words = _("line {line}: input {text} is not allowed: 0 to {most}")
        words = _("line {line}: neuron {text} is not allowed: 0 to {most}") if what == "neuron" else words
        raise NetworkFileError(words.format(line=count_text(line), text=written(text), most=MAX_WIDTH - 1))
    return int(text)


STATE_DICTS = (".pt", ".pth")
MAX_BYTES = 160_000_000  # of a table of the largest network
LOOKED_AT = 4_096  # bytes, to tell a network from data
PICKLE = b"\x80"  # begins what PyTorch before 1.6 saved
FIRST_PART = b"/data.pkl"  # of what torch.save packs; a spreadsheet is a ZIP too, with other parts
NO_TORCH = N_(
    "a state_dict is read by PyTorch, which is missing here. "
    "The numbers as a table (File, Export) and the text that PyTorch prints can be opened without it."
)
NOTHING = N_(
    "no network was found in it: "
    "neither a state_dict, the table exported here, nor printed tensors such as tensor([[0.5]])"
)


def is_network_text(text: str) -> bool:
    """Return whether a text is meant as a network: our table, or printed tensors."""
    return is_table(text) or opened.is_printed(text)


def is_network_file(name: str) -> bool:
    """Return whether a file is meant as a network, by its extension or its first bytes."""
    if os.path.splitext(name)[1].lower() in STATE_DICTS:
        return True
    try:
        head = read_at_most(name, LOOKED_AT)
    except OSError:
        return False  # whoever reads it says why
    return (head.startswith(ZIP) and FIRST_PART in head) or is_network_text(head.decode(_encoding(head), "replace"))


def read_network(name: str, on_progress: OnProgress) -> OpenedNetwork:
    """Read a network from a file.

    `NetworkFileError` if it contains none that can be trained here, `OSError` if the file cannot be read.
    """
    content = read_at_most(name, MAX_BYTES + 1)
    if not content:
        raise NetworkFileError(_("it is empty"))
    if len(content) > MAX_BYTES:
        raise NetworkFileError(_("larger than {most} MB: no network here needs that").format(most=MAX_BYTES // 10**6))
    if content.startswith((ZIP, PICKLE)):
        if is_folder() or importlib.util.find_spec("torch") is None:
            raise NetworkFileError(_(NO_TORCH))
        return read_state_dict(content, on_progress)
    encoding = _encoding(content)
    try:
        return read_network_text(content.decode(encoding), on_progress)
    except UnicodeDecodeError as error:
        words = _("neither a state_dict nor a text in {encoding}: {reason} at byte {place}")
        place, name = count_text(error.start), encoding.upper()
        raise NetworkFileError(words.format(encoding=name, reason=error.reason, place=place)) from None


def _encoding(content: bytes) -> str:
    """Return a text's encoding: UTF-16 with a byte order mark, as in a spreadsheet's “Unicode text”, or UTF-8."""
    return "utf-16" if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8"


def read_network_text(text: str, on_progress: OnProgress) -> OpenedNetwork:
    """Read a network from a text, as `read_network` does."""
    if len(text) > MAX_BYTES:
        words = _("longer than {most} million characters: no network here needs that")
        raise NetworkFileError(words.format(most=MAX_BYTES // 10**6))
    if is_table(text):
        return read_network_table(text, on_progress)
    if opened.is_printed(text):
        return opened.read_printed(text)
    raise NetworkFileError(_(NOTHING))
