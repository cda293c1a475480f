"""The network as a function: what was typed, as numbers; and what it gives for them."""

import math
import re

from tinynet_gui.core.text.shortened import shortened
from tinynet_gui.core.text.typed_numbers import typed_real, why_no_number

MAX_INPUT = 1e6
MAX_INPUTS = 100
EXAMPLE = "2.3 or 2.3, 1.7, 3.6"
_CALLS = re.compile(r"^x\s*=\s*|^(network\s*\()?\s*(torch\.)?tensor\s*\(|^network\s*\(")
_BRACKETS = "[]() \t"


class InputError(ValueError):
    """A text that is not a list of numbers; the message names the part at fault and what is allowed."""


def parse_inputs(text: str) -> list[float]:
    """Read one number or several with commas between them, such as ``2.3, 1.7, 3.6``.

    They may be in brackets, after ``x =``, and in ``network(torch.tensor(...))``, as in the tutorial:
    ``[[2.3], [1.7]]``. A minus sign may also be the typographic one, as the window writes it.

    `InputError` if there is no number, a part is not a number, or a number is too large.
    """
    text = _CALLS.sub("(", text.strip())
    if not text.strip(_BRACKETS):
        raise InputError(f"nothing to compute: write a number or several, such as {EXAMPLE}")
    parts = text.split(",")
    if len(parts) > MAX_INPUTS:
        raise InputError(f"{len(parts):,} numbers are not allowed: 1 to {MAX_INPUTS}")
    return [_number(part.strip(_BRACKETS), place) for place, part in enumerate(parts, start=1)]


def _number(part: str, place: int) -> float:
    if not part:
        raise InputError(f"number {place} is missing: write {EXAMPLE}")
    try:
        value = typed_real(part)
    except ValueError:
        raise InputError(why_no_number(part, f"write {EXAMPLE}", is_whole=False)) from None
    if not math.isfinite(value) or abs(value) > MAX_INPUT:
        raise InputError(f"{shortened(part, 40)} is not allowed: −{MAX_INPUT:,.0f} to {MAX_INPUT:,.0f}")
    return value
