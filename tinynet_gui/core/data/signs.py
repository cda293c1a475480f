"""Numbers as people write them: a decimal sign, and perhaps a sign between thousands."""

import math
import re
from collections.abc import Iterable
from contextlib import suppress
from functools import cached_property
from typing import NamedTuple

MINUS = "[+\\-−]?"
EXPONENT = r"(?:[eE][+\-−]?[0-9]++)?"
PLAIN = {
    ".": rf"{MINUS}(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++){EXPONENT}",
    ",": rf"{MINUS}(?:[0-9]++(?:,[0-9]++)?|,[0-9]++){EXPONENT}",
}
"""For each decimal sign the pattern of a number without signs between thousands."""

_FIRM = "'’\u00a0\u202f"  # between thousands they are nothing else; nor are spaces in a field that tabs end
_GROUPED = rf"[0-9]{{1,3}}(?:[., {_FIRM}][0-9]{{3}})++(?![0-9])(?:[.,][0-9]*+)?"
_ANY = re.compile(rf"{MINUS}(?:{_GROUPED}|[0-9]++(?:[.,][0-9]*+)?|[.,][0-9]++){EXPONENT}")


class _Signs(NamedTuple):  # no `frozen_dataclass`: the process that reads a sheet has no memory for NumPy beside it
    decimal: str = "."
    thousands: str = ""
    spaced: bool = False


class Signs(_Signs):
    """The signs in numbers.

    Attributes
    ----------
    decimal
        ``.`` or ``,``.
    thousands
        The thousands separator ``.`` or ``,``, or "". Apostrophes and narrow spaces are always allowed.
    spaced
        Whether plain spaces are allowed between thousands too.
    """

    @cached_property
    def pattern(self) -> str:
        """The regular expression of a number."""
        between = _FIRM + self.thousands + (" " if self.spaced else "")
        grouped = rf"[1-9][0-9]{{0,2}}(?:[{between}][0-9]{{3}})++(?![0-9])(?:{re.escape(self.decimal)}[0-9]++)?"
        return rf"(?:{MINUS}{grouped}{EXPONENT}|{PLAIN[self.decimal]})"

    @cached_property
    def number(self) -> re.Pattern[str]:
        """The compiled pattern of a whole field."""
        return re.compile(self.pattern)

    @cached_property
    def lines(self) -> re.Pattern[str]:
        """The pattern of a line that is a whole field, in a text of several."""
        return re.compile(rf"^{self.pattern}$", re.MULTILINE)

    def values(self, texts: Iterable[str]) -> list[float]:
        return [self._value(text) if self.number.fullmatch(text) else math.nan for text in texts]

    def _value(self, text: str) -> float:
        if not self.thousands:
            with suppress(ValueError):  # as most are
                return float(text.replace(",", "."))
        return float(text.translate(self._plain))

    @cached_property
    def _plain(self) -> dict[int, str]:
        gone = dict.fromkeys(_FIRM + self.thousands + " ", "")
        return {ord(sign): text for sign, text in {**gone, self.decimal: ".", "−": "-"}.items()}


SIGNS = (Signs("."), Signs(","), Signs(".", ","), Signs(",", "."))


def is_like_number(text: str) -> bool:
    """Whether a field is a number with any signs."""
    return _ANY.fullmatch(text) is not None
