"""The text of a lesson: Markdown in which numbers are filled in, and paragraphs that depend on conditions.

``{loss}`` is a number in short form, an integer with all of its digits; ``{share:percent}``, ``{step:count}`` (rounded)
and ``{loss:4}`` (decimals) are other ways to write it; ``{{`` and ``}}`` are braces. A paragraph that begins with ``[if
loss < 1]`` is shown if that holds, and one with ``[else if loss < 2]`` or ``[else]`` if none before it was.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from tinynet_gui.core.lessons.expression import Expression, ExpressionError, Scope, parse_condition, parse_expression
from tinynet_gui.core.lessons.fences import fences
from tinynet_gui.core.text.numbers import MINUS, count_text, percent_text, plain
from tinynet_gui.core.text.shortened import written
from tinynet_gui.core.text.unbroken import unbroken

FORMS = "percent, count, or a number of decimals from 0 to 9"
_FORMS = {"", "percent", "count", *"0123456789"}
_LARGEST = 1e15  # larger numbers have a power of ten
_MARKER = re.compile(r"\[(else if|else|if)\b([^\]\n]*)(\]?) *\n?")
_BRACES = re.compile(r"\{\{|\}\}|\{([^{}]*)(\}?)")


class TemplateError(ValueError):
    """A text that cannot be filled in; `line` is counted from 0, `reason` says what is expected."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line, self.reason = line, reason


@dataclass(frozen=True)
class _Number:
    line: int
    expression: Expression
    form: str


@dataclass(frozen=True)
class _Paragraph:
    """Text and numbers; `word` is the start of its condition, if any: ``if``, ``else if`` or ``else``."""

    line: int
    word: str
    condition: Expression | None
    pieces: tuple[str | _Number, ...]


def fill(text: str, scope: Scope) -> str:
    """Return the Markdown of a text, with its numbers filled in and its conditions decided.

    Raises
    ------
    TemplateError
        As in `expressions`; the texts of a lesson that was read have none.
    """
    shown: list[str] = []
    is_decided = False
    for paragraph in _parsed(text):
        if not paragraph.word.startswith("else"):
            is_decided = False
        if not is_decided and (paragraph.condition is None or paragraph.condition.holds(scope)):
            shown.append("".join(_written(piece, scope) for piece in paragraph.pieces))
            is_decided = True
    return unbroken("\n\n".join(shown))


def expressions(text: str) -> Iterator[tuple[int, Expression]]:
    """Yield every expression of a text with its line, counted from 0.

    Raises
    ------
    TemplateError
        If one does not parse or is not closed, a condition is only a number, or [else] comes without [if].
    """
    for paragraph in _parsed(text):
        if paragraph.condition is not None:
            yield paragraph.line, paragraph.condition
        yield from ((piece.line, piece.expression) for piece in paragraph.pieces if isinstance(piece, _Number))


@lru_cache(maxsize=256)
def _parsed(text: str) -> tuple[_Paragraph, ...]:
    paragraphs: list[_Paragraph] = []
    for line, source in _paragraphs(text.split("\n")):
        marker = _MARKER.match(source)
        word, start = (marker[1], marker.end()) if marker else ("", 0)
        if word.startswith("else") and (not paragraphs or paragraphs[-1].word not in ("if", "else if")):
            raise TemplateError(line, f"[{word}] stands alone; a paragraph with [if …] is expected right before it")
        condition = _read_condition(line, marker) if marker else None
        paragraphs.append(_Paragraph(line, word, condition, tuple(_pieces(line, source, start))))
    return tuple(paragraphs)


def _paragraphs(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Yield the paragraphs between empty lines, with their lines; a marker begins one, and code is never divided."""
    code = {number for fence in fences(lines) for number in fence.lines[1:]}
    starts = [n for n, line in enumerate(lines) if n not in code and (not line.strip() or _MARKER.match(line))]
    for first, end in pairwise([0, *starts, len(lines)]):
        start = first if lines[first].strip() else first + 1
        if start < end:
            yield start, "\n".join(lines[start:end])


def _read_condition(line: int, marker: re.Match[str]) -> Expression | None:
    word, text, closing = marker.groups()
    if not closing:
        raise TemplateError(line, f"[{word} is not closed; “]” is expected")
    if word == "else":
        if text.strip():
            raise TemplateError(line, f"[else{text}] is no condition; [else] or [else if …] is expected")
        return None
    return _parsed_at(line, text, condition=True)


def _pieces(line: int, source: str, start: int) -> Iterator[str | _Number]:
    counted = 0
    for match in _BRACES.finditer(source, start):
        line += source.count("\n", counted, match.start())
        counted = match.start()
        yield source[start:counted]
        start = match.end()
        if match[1] is None:  # a doubled brace
            yield match[0][0]
            continue
        if not match[2]:
            raise TemplateError(line, f"{written(match[0])} is not closed; “}}” is expected, or “{{{{” for a brace")
        text, _, form = match[1].partition(":")
        if form not in _FORMS:
            raise TemplateError(line, f"{written(form)} is no way to write a number; {FORMS} is expected")
        yield _Number(line, _parsed_at(line, text), form)
    yield source[start:]


def _parsed_at(line: int, text: str, condition: bool = False) -> Expression:
    try:
        return parse_condition(text) if condition else parse_expression(text)
    except ExpressionError as error:
        raise TemplateError(line, str(error)) from None


def _written(piece: str | _Number, scope: Scope) -> str:
    if isinstance(piece, str):
        return piece
    value, form = piece.expression.value(scope), piece.form
    if not abs(value) < _LARGEST:  # NaN is not
        return plain(value)
    match form or ("count" if value == round(value) else "short"):
        case "short":
            return plain(value)
        case "percent":
            return percent_text(value)
        case "count":
            return count_text(value).replace("-", MINUS)
    return f"{value:z.{form}f}".replace("-", MINUS)
