"""The text of a lesson: Markdown in which numbers are filled in, and paragraphs that depend on conditions.

``{loss}`` is a number in short form, an integer with all of its digits; ``{share:percent}``, ``{step:count}`` (rounded)
and ``{loss:4}`` (decimals) are other ways to write it; ``{{`` and ``}}`` are braces. A paragraph that begins with ``[if
loss < 1]`` is shown if that holds, and one with ``[else if loss < 2]`` or ``[else]`` if none before it was. In a
formula, numbers are filled in where `core.lessons.markdown` finds holes.
"""

import math
import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from tinynet_gui.core.lessons import map_measurements, markdown
from tinynet_gui.core.lessons.expression import Expression, ExpressionError, Scope, parse_condition, parse_expression
from tinynet_gui.core.text.language import N_, current_language, gettext as _, with_signs
from tinynet_gui.core.text.numbers import MINUS, count_text, percent_text, plain
from tinynet_gui.core.text.shortened import line_counter, unbroken, written
from tinynet_gui.core.values import frozen_dataclass

FORMS = N_("percent, count, or a number of decimals from 0 to 9")
_FORMS = {"", "percent", "count", *"0123456789"}
_LARGEST = 1e15  # larger numbers have a power of ten
MARKER = re.compile(r"\[(else if|else|if)\b([^\]\n]*)(\]?) *\n?")
_BRACES = re.compile(r"\{\{|\}\}|\{([^{}]*)(\}?)")


class TemplateError(ValueError):
    """A text that cannot be filled in; `line` is counted from 0, `reason` says what is expected."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line, self.reason = line, reason


@frozen_dataclass
class _Number:
    line: int
    expression: Expression
    form: str
    is_in_formula: bool = False


@frozen_dataclass
class _Paragraph:
    """Text, numbers and errors; `word` is the start of its condition, if any: ``if``, ``else if`` or ``else``."""

    line: int
    word: str
    condition: Expression | None
    pieces: tuple[str | _Number | TemplateError, ...]


def fill(text: str, scope: Scope) -> str:
    """Return the Markdown of a text, with its numbers filled in and its conditions decided.

    TemplateError, the first of its `errors`; the texts of a validated lesson have none.
    """
    for error in errors(text):
        raise TemplateError(error.line, error.reason)
    shown: list[str] = []
    is_decided = False
    for paragraph in _parsed(text, current_language()):
        if not paragraph.word.startswith("else"):
            is_decided = False
        if not is_decided and (paragraph.condition is None or paragraph.condition.holds(scope)):
            shown.append("".join(_written(piece, scope) for piece in paragraph.pieces))
            is_decided = True
    return unbroken(map_measurements.with_dots("\n\n".join(shown), scope))


def unfilled(text: str) -> str:
    """Return the Markdown of a text without its conditional paragraphs, and with “…” for its numbers."""
    dots = {True: r"{\ldots}", False: "…"}  # in a formula, and elsewhere
    shown = (paragraph for paragraph in _parsed(text, current_language()) if not paragraph.word)
    return "\n\n".join(
        "".join(dots[piece.is_in_formula] if isinstance(piece, _Number) else str(piece) for piece in paragraph.pieces)
        for paragraph in shown
    )


def expressions(text: str) -> Iterator[tuple[int, Expression]]:
    """Yield every expression of a text that parses, with its line, counted from 0."""
    for paragraph in _parsed(text, current_language()):
        if paragraph.condition is not None:
            yield paragraph.line, paragraph.condition
        yield from ((piece.line, piece.expression) for piece in paragraph.pieces if isinstance(piece, _Number))


def errors(text: str) -> Iterator[TemplateError]:
    """Yield what is wrong in a text.

    An expression does not parse or is not closed, a condition is only a number, [else] comes without [if], or a formula
    is not understood.
    """
    for paragraph in _parsed(text, current_language()):
        yield from (piece for piece in paragraph.pieces if isinstance(piece, TemplateError))


@lru_cache(maxsize=256)
def _parsed(text: str, _language: str) -> tuple[_Paragraph, ...]:
    paragraphs: list[_Paragraph] = []
    for line, source in _paragraphs(text.split("\n")):
        marker = MARKER.match(source)
        word, start = (marker[1], marker.end()) if marker else ("", 0)
        condition, pieces = None, list[str | _Number | TemplateError]()
        if word.startswith("else") and (not paragraphs or paragraphs[-1].word not in ("if", "else if")):
            reason = _("[{word}] stands alone; a paragraph with [if …] is expected right before it").format(word=word)
            pieces.append(TemplateError(line, reason))
        if marker:
            try:
                condition = _read_condition(marker)
            except ValueError as error:
                pieces.append(TemplateError(line, str(error)))
        paragraphs.append(_Paragraph(line, word, condition, (*pieces, *_pieces(line, source, start))))
    return tuple(paragraphs)


def _paragraphs(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Yield the paragraphs between empty lines, with their lines; a marker begins one, and code is never divided."""
    code = {number for fence in markdown.fences(lines) for number in fence.lines[1:]}
    starts = [n for n, line in enumerate(lines) if n not in code and (not line.strip() or MARKER.match(line))]
    for first, end in pairwise([0, *starts, len(lines)]):
        start = first if lines[first].strip() else first + 1
        if start < end:
            yield start, "\n".join(lines[start:end])


def _read_condition(marker: re.Match[str]) -> Expression | None:
    word, text, closing = marker.groups()
    if not closing:
        raise ValueError(_("[{word} is not closed; “]” is expected").format(word=word))
    if word == "else":
        if text.strip():
            raise ValueError(_("[else{text}] is not a condition; [else] or [else if …] is expected").format(text=text))
        return None
    return parse_condition(text)


def _pieces(line: int, source: str, start: int) -> Iterator[str | _Number | TemplateError]:
    """Yield the pieces of a paragraph from an index on."""
    line_of = line_counter(source, line)
    opened = markdown.unclosed_formula(source)
    end = len(source) if opened is None else max(opened, start)
    for formula in markdown.formulas(source):
        if start <= formula.start < end:  # not in a condition
            yield from _pieces_of_text(line_of, source, start, formula.start)
            yield from _pieces_of_formula(line_of(formula.start), source, formula)
            start = formula.end
    yield from _pieces_of_text(line_of, source, start, end)
    if opened is not None:  # what follows may be braces of the formula
        yield TemplateError(line_of(opened), _(r"a $ is not closed; $x^2$ is a formula, and \$ a sign"))


def _pieces_of_text(
    line_of: Callable[[int], int], source: str, start: int, end: int
) -> Iterator[str | _Number | TemplateError]:
    for match in _BRACES.finditer(source, start, end):
        yield source[start : match.start()]
        line, start = line_of(match.start()), match.end()
        if match[1] is None:  # a doubled brace
            yield match[0][0]
        elif not match[2]:
            reason = _("{text} is not closed; “}}” is expected, or “{{{{” for a brace").format(text=written(match[0]))
            yield TemplateError(line, reason)
        else:
            yield _read_number(line, match[1])
    yield source[start:end]


def _pieces_of_formula(line: int, source: str, formula: markdown.Formula) -> Iterator[str | _Number | TemplateError]:
    start, inner = formula.start, formula.inner
    try:
        for begin, end in markdown.holes(formula.latex):
            yield source[start : inner + begin - 1]
            yield _read_number(line, formula.latex[begin:end], is_in_formula=True)
            start = inner + end + 1
    except markdown.LatexError as error:
        yield TemplateError(line, str(error))
    yield source[start : formula.end]


def _read_number(line: int, text: str, is_in_formula: bool = False) -> _Number | TemplateError:
    text, _colon, form = text.partition(":")
    if form not in _FORMS:
        words = _("{form} is not a way to write a number; {forms} is expected")
        return TemplateError(line, words.format(form=written(form), forms=_(FORMS)))
    try:
        return _Number(line, parse_expression(text), form, is_in_formula)
    except ExpressionError as error:
        return TemplateError(line, str(error))


def _written(piece: str | _Number | TemplateError, scope: Scope) -> str:
    if isinstance(piece, _Number):
        number = _number_text(piece.expression.value(scope), piece.form)
        return rf"\text{{{number}}}".replace("%", r"\%") if piece.is_in_formula else number
    return str(piece)


def _number_text(value: float, form: str) -> str:
    if math.isnan(value):
        return _("unknown")
    if abs(value) >= _LARGEST:
        return plain(value)
    match form or ("count" if value == round(value) else "short"):
        case "short":
            return plain(value)
        case "percent":
            return percent_text(value)
        case "count" | "0":
            return count_text(value).replace("-", MINUS)
    return with_signs(f"{value:z.{form}f}".replace("-", MINUS))
