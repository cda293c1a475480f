"""Places in a text: their lines, and blanks that keep all others where they are."""

import re
from bisect import bisect_left
from collections.abc import Callable


def line_counter(text: str, first: int = 0) -> Callable[[int], int]:
    """Return a function that says in which line an index is; the first line has the number `first`."""
    ends = [match.start() for match in re.finditer("\n", text)]
    return lambda place: first + bisect_left(ends, place)


def blank(match: re.Match[str]) -> str:
    """Return spaces for what matched, so that all else keeps its place and its line."""
    return re.sub(r"[^\n]", " ", match[0])
