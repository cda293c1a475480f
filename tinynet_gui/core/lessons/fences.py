"""Fenced code in Markdown: where it begins and ends."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_FENCE = re.compile(r"\s*(`{3,}|~{3,})([^`]*)")


@dataclass(frozen=True)
class Fence:
    """The lines of a piece of code with its fences, counted from 0; one that is never closed has all that follow."""

    lines: range
    info: str
    is_closed: bool


def fences(lines: Sequence[str]) -> list[Fence]:
    """Return the fenced code of a text, in its order; only the last may not be closed."""
    found: list[Fence] = []
    first, mark, info = 0, "", ""  # of what is open, if there is a mark
    for number, line in enumerate(lines):
        if not (match := _FENCE.fullmatch(line)):
            continue
        if not mark:
            first, mark, info = number, match[1], match[2].strip()
        elif match[1].startswith(mark) and not match[2].strip():
            found.append(Fence(range(first, number + 1), info, True))
            mark = ""
    return [*found, Fence(range(first, len(lines)), info, False)] if mark else found
