"""The text that PyTorch prints for tensors, such as ``print(list(net.parameters()))``: read, and none of it run."""

import json
import re
from typing import Any

import numpy as np
import numpy.typing as npt

from tinynet_gui.core.network_files.opened import (
    MOST_ARRAYS,
    MOST_NUMBERS,
    SCALES,
    NetworkFileError,
    OpenedNetwork,
    network_of,
)
from tinynet_gui.core.text.shortened import written

START = "tensor("
FULL_DIGITS = 8  # after the point: a float32 in full, or nearly
ADVICE = "torch.set_printoptions(threshold=10_000_000, precision=9) has it print all of them in full"
MOST_ROWS = 10_000  # of a tensor in print
_NAME = re.compile(r"(?:^|[\s'\"(\[{])([\w.]{1,80})['\"]?[\s,:]*(?:Parameter containing:\s*)*$", re.ASCII)
_BRACKET = re.compile(r"[\[\]]")
_FOREIGN = re.compile(r"[^\[\]\d\s.,e+\-naif]", re.ASCII)
_NUMBER = re.compile(r"[\d.e+\-naif]{1,80}", re.ASCII)
_WORDS = {"nan": "NaN", "inf": "Infinity", ".": ".0"}
_AS_JSON = re.compile(r"nan|inf|\.(?!\d)")
_OPTION = r"\s*,\s*\w{1,40}=(?:'[^'\n]{0,40}'|<[^>\n]{0,80}>|\([\d, ]{0,40}\)|[\w.]{1,40})"
_END = re.compile(rf"(?:{_OPTION})*\s*,?\s*\)", re.ASCII)


def is_printed(text: str) -> bool:
    """Return whether a text is meant as tensors in print."""
    return START in text


def read_printed(text: str) -> OpenedNetwork:
    """Read the network of the tensors in a text, in their order; everything between them is skipped.

    `NetworkFileError` if a tensor is not whole, or PyTorch has left numbers out.
    """
    named, decimals, end = list[tuple[str, npt.NDArray[Any]]](), {"decimals": 0, "digits": 0}, 0
    while (start := text.find(START, end)) >= 0:
        if len(named) == MOST_ARRAYS + len(SCALES):
            raise NetworkFileError(f"more than {MOST_ARRAYS} tensors are no network that can be trained here")
        name = _NAME.search(text, max(end, start - 200), start)
        start += len(START)
        body = _numbers(text, start)
        named.append((name[1] if name is not None and name[1] != "containing" else "", _tensor(text, start, body)))
        unit = "digits" if "e" in body else "decimals"  # one before the point, and a power of ten
        decimals[unit] = max(decimals[unit], *map(len, re.findall(r"\.(\d+)", body[:100_000])), 0)
        closing = _END.match(text, start + len(body))
        if closing is None:
            raise _refused(text, start + len(body))
        end = closing.end()
    rounded = [f"{count + (unit == 'digits')} {unit}" for unit, count in decimals.items() if 0 < count < FULL_DIGITS]
    remark = f"rounded to {' or '.join(rounded)} in print: the loss may differ slightly" if rounded else ""
    return network_of(named, remark)


def _numbers(text: str, start: int) -> str:
    """Return the part of a text that has a tensor's numbers: nested brackets, or a single number."""
    if text[start : start + 1] != "[":
        number = _NUMBER.match(text, start)
        if number is None:
            raise _refused(text, start)
        return number[0]
    depth = 0
    for count, bracket in enumerate(_BRACKET.finditer(text, start)):
        depth += 1 if bracket[0] == "[" else -1
        if depth > 2 or count > 2 * MOST_ROWS:
            trouble = f"{_line(text, bracket.start())}this tensor is not a weight or bias of a Linear layer"
            raise NetworkFileError(trouble)
        if depth == 0:
            return text[start : bracket.end()]
    raise _refused(text, len(text))


def _tensor(text: str, start: int, body: str) -> npt.NDArray[Any]:
    if (left_out := body.find("...")) >= 0:
        raise NetworkFileError(f"{_line(text, start + left_out)}PyTorch has left numbers out (…); {ADVICE}")
    if (foreign := _FOREIGN.search(body)) is not None:
        raise _refused(text, start + foreign.start())
    if body.count(",") > MOST_NUMBERS:
        raise NetworkFileError(f"{_line(text, start)}more numbers than any network here has")
    try:
        return np.array(
            json.loads(_AS_JSON.sub(lambda found: _WORDS[found[0]], body), parse_int=float), dtype=np.float64
        )
    except json.JSONDecodeError:
        raise _refused(text, start) from None
    except ValueError:
        raise NetworkFileError(f"{_line(text, start)}the rows of this tensor have different lengths") from None


def _refused(text: str, at: int) -> NetworkFileError:
    if text.find(")", at) < 0:
        return NetworkFileError("the text ends within a tensor: copy all of it")
    return NetworkFileError(
        f"{_line(text, at)}{written(text[at : at + 30].strip())} is not what PyTorch prints in a tensor"
    )


def _line(text: str, at: int) -> str:
    return f"line {text.count(chr(10), 0, at) + 1:,}: "
