"""Fenced code in Markdown: its first and last lines."""

import re
from collections.abc import Sequence

from tinynet_gui.core.text.places import blank
from tinynet_gui.core.values import dataclass

_FENCE = re.compile(r"\s*+(`{3,}+|~{3,}+)([^`]*+)")  # nothing is tried twice: a line may be long
_IN_A_LINE = re.compile(r"(?<!`)(`{1,3})(?!`)(?:[^`\n]|\n(?![ \t]*\n))+\1(?!`)")


@dataclass(frozen=True)
class Fence:
    """The lines of a code block with its fences, counted from 0; an unclosed one includes all that follow."""

    lines: range
    info: str
    is_closed: bool


def fences(lines: Sequence[str]) -> list[Fence]:
    """Return the fenced code of a text, in order; only the last may be unclosed."""
    found: list[Fence] = []
    first, mark, info = 0, "", ""  # of the open block, if there is a mark
    for number, line in enumerate(lines):
        if not (match := _FENCE.fullmatch(line)):
            continue
        if not mark:
            first, mark, info = number, match[1], match[2].strip()
        elif match[1].startswith(mark) and not match[2].strip():
            found.append(Fence(range(first, number + 1), info, True))
            mark = ""
    return [*found, Fence(range(first, len(lines)), info, False)] if mark else found


def without_code(text: str) -> str:
    """Return a text of the same length with spaces for its code, in a line or between fences."""
    lines = text.split("\n")
    for fence in fences(lines):
        for number in fence.lines:
            lines[number] = " " * len(lines[number])
    return _IN_A_LINE.sub(blank, "\n".join(lines))
