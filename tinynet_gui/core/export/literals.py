"""Numbers and lines as Python code."""

import re
import textwrap
from collections.abc import Iterable

import numpy as np

from tinynet_gui.core.values import Array, ArrayLike

WIDTH = 100  # characters of a line
INDENT = "    "
_MARKUP = re.compile(r"[\\`*_~<>&$!|#\[\]{}]")  # of Markdown, HTML and LaTeX


def float32_code(value: float) -> str:
    """Write a float32 in the fewest digits that round-trip."""
    return _without_zero(str(np.float32(value)))


def float_code(value: float) -> str:
    """Write a float in the fewest digits that round-trip."""
    return _without_zero(repr(float(value)))


def text_code(text: str) -> str:
    """Write any text, such as a file name, as a literal."""
    is_plain = text.isprintable() and not set('"\\') & set(text)
    return f'"{text}"' if is_plain else ascii(text)


def array_code(values: ArrayLike) -> str:
    """Write numbers as a column of float32: shape (values, 1)."""
    numbers = [float32_code(value) for value in np.asarray(values).ravel()]
    start, end = "np.array([", '], dtype="float32").reshape(-1, 1)'
    short = start + ", ".join(numbers) + end
    if len(short) <= WIDTH - len(INDENT):
        return short
    return f"{start}\n{wrapped(numbers)}\n{end}"


def tensor_code(begin: str, array: Array, end: str = "") -> list[str]:
    """Write a vector or a matrix as a tensor, on one line if it fits, between what is before and after it."""
    rows = list(map(str, array)) if array.ndim == 1 else [f"[{', '.join(map(str, row))}]" for row in array]
    short = f"{begin}torch.tensor([{', '.join(rows)}]){end}"
    if len(short) <= WIDTH - len(INDENT):
        return [short]
    return [f"{begin}torch.tensor([", wrapped(rows), f"]){end}"]


def factor_code(code: str) -> str:
    """Write an expression as a factor: a single call needs no parentheses."""
    return code if re.fullmatch(r"[\w.]+\([^()]*\)", code) else f"({code})"


def wrapped(items: Iterable[str]) -> str:
    """Return items with commas on indented lines of at most `WIDTH` characters."""
    text = ", ".join(items) + ","
    lines = textwrap.wrap(
        text, WIDTH, initial_indent=INDENT, subsequent_indent=INDENT, break_long_words=False, break_on_hyphens=False
    )
    return "\n".join(lines)


def dict_code(name: str, items: Iterable[tuple[int, str]], comment: str) -> list[str]:
    """Return lines that make a dictionary from steps to values."""
    return [f"{name} = {{  # {comment}", *(f"{INDENT}{step}: {value}," for step, value in items), "}"]


def indented(lines: Iterable[str]) -> list[str]:
    """Return lines indented by one level; an item broken into several lines stays together."""
    return [textwrap.indent(line, INDENT) for line in lines]


def printable(text: str) -> str:
    """Make untrusted text, such as a file name, safe in a one-line comment."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def in_markdown(text: str) -> str:
    """Escape a one-line text for a notebook: no tag, link, picture, emphasis or formula remains in it.

    A formula's sign gets an element of its own: notebooks look for formulas once more in what they have rendered.
    """
    shown = _MARKUP.sub(lambda sign: f"&#{ord(sign[0])};", printable(text))
    return re.sub("&#(36|92);", r"<span>\g<0></span>", shown)


def _without_zero(text: str) -> str:
    return text if text == "-0.0" else text.removesuffix(".0")
