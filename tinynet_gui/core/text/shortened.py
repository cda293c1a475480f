"""Make foreign text safe to show: shortened, on one line, encodable; and find its lines."""

import re
import reprlib
import sys
from bisect import bisect_left
from collections.abc import Callable

from tinynet_gui.core.text.language import gettext as _, with_signs

MAX_CHARACTERS = 500  # of a message


class _Values(reprlib.Repr):
    """Reads no more of a value than is shown, so that long or deeply nested ones are cheap."""

    def __init__(self) -> None:
        super().__init__()
        self.maxstring = self.maxother = 38

    def repr_int(self, x: int, level: int) -> str:
        return shortened(digits(x), 38)


def shortened(text: str, most: int = MAX_CHARACTERS) -> str:
    """Return a text short enough to show, with its end elided if it is long."""
    return encodable(text if len(text) <= most else f"{text[: most - 2]} …")


def on_one_line(text: str) -> str:
    """Return a text with each run of whitespace, including line breaks, as one space; narrow no-break ones stay."""
    return re.sub(r"[^\S\u202f]+", " ", text.strip())


def encodable(text: str) -> str:
    """Return a text that can be encoded: lone surrogates become question marks."""
    return text.encode("utf-8", "replace").decode()


def written(value: object) -> str:
    """Write a rejected value of any type in about 40 characters, a text in quotes."""
    if isinstance(value, str):
        return _("“{code}”").format(code=shortened(value, 38))
    return shortened(_Values().repr(value), 40)


def digits(value: int) -> str:
    """Write an integer in full, or, if it is extremely long, by the number of its digits."""
    try:
        return f"{value}"
    except ValueError:  # Python refuses it, for the time that it takes
        most = with_signs(f"{sys.get_int_max_str_digits():,}")
        return _("a number of more than {most} digits").format(most=most)


SPACE, JOINER = "\u00a0", "\u2060"
BREAKABLE = str.maketrans({SPACE: " ", JOINER: ""})  # takes back what `unbroken` does
_CODE = re.compile(r"(```.*?```|~~~.*?~~~|`[^`\n]+`)", re.DOTALL)
_SPACED = re.compile(r"(?<=\S) (?=%|=( |$))|(?<= =) (?=\S)")
_JOINED = re.compile(r"(?<=\|)(?=[*·(\w])|(?<=/)(?=\()")


def unbroken(text: str) -> str:
    """Return plain text or Markdown with its formulas kept on one line; code is unchanged."""
    pieces = _CODE.split(text)
    pieces[::2] = ("\n".join(map(_tied, piece.split("\n"))) for piece in pieces[::2])
    return "".join(pieces)


def _tied(line: str) -> str:
    spaced = _SPACED.sub(SPACE, line)
    return spaced if line.startswith(("| ", "|-")) else _JOINED.sub(JOINER, spaced)


def line_counter(text: str, first: int = 0) -> Callable[[int], int]:
    """Return a function from an index to its line; the first line has the number `first`."""
    ends = [match.start() for match in re.finditer("\n", text)]
    return lambda place: first + bisect_left(ends, place)


def blank(match: re.Match[str]) -> str:
    """Return spaces in place of a match (for `re.sub`), so that all other text keeps its line and column."""
    return re.sub(r"[^\n]", " ", match[0])
