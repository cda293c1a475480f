"""Parses the Markdown of a lesson: its fenced code, links and formulas."""

import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from urllib.parse import unquote, urlsplit

from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.shortened import blank, line_counter, written
from tinynet_gui.core.values import frozen_dataclass

_FENCE = re.compile(r"\s*+(`{3,}+|~{3,}+)([^`]*+)")  # nothing is tried twice: a line may be long
_IN_A_LINE = re.compile(r"(?<!`)(`{1,3})(?!`)(?:[^`\n]|\n(?![ \t]*\n))+\1(?!`)")


@frozen_dataclass
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
    """Return a text of the same length with its code, inline or fenced, blanked."""
    lines = text.split("\n")
    for fence in fences(lines):
        for number in fence.lines:
            lines[number] = " " * len(lines[number])
    return _IN_A_LINE.sub(blank, "\n".join(lines))


LONGEST_ADDRESS = 500
WEB = ("http", "https")
LINK = re.compile(r"(!?)\[([^\[\]]*)\]\(\s*<?([^()<>]*)")  # of a picture, if there is a !


def pictures_in(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Yield the names of the pictures in a text, with their lines, counted from 0."""
    prose = without_code("\n".join(lines))
    line_of = line_counter(prose)
    for match in LINK.finditer(prose):
        if match[1]:
            yield line_of(match.start()), picture_name(match[3].rstrip())


def picture_name(address: str) -> str:
    """Return a picture's name from its address in Markdown, without an optional title."""
    return unquote(re.sub(r"(?<!\s)\s++(?:\"[^\"]*\"|'[^']*')$", "", address))


def address_trouble(address: str) -> str:
    """Say why a link cannot lead to an address; "" if it can."""
    expected = _("an address that begins with https:// or http:// is expected")
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return _("{address} is not an address; {expected}").format(address=written(address), expected=expected)
    if parts.scheme.lower() not in WEB or not host:
        return _("the link leads to {address}; {expected}").format(address=written(address), expected=expected)
    if parts.username is not None:
        words = _("the link {address} has a name before @; an address without it is expected")
        return words.format(address=written(address))
    if len(address) > LONGEST_ADDRESS or not address.isprintable():
        words = _("the link {address} is too long or has odd characters; at most {longest_address} are expected")
        return words.format(address=written(address), longest_address=LONGEST_ADDRESS)
    return ""


GREEK = """
    alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi pi rho sigma tau
    upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega
"""
SYMBOLS = """
    cdot times div pm mp le leq ge geq ne neq ll gg approx sim equiv propto to rightarrow leftarrow Rightarrow
    Leftrightarrow mapsto infty partial nabla sum prod int in notin subset cup cap forall exists emptyset ldots cdots
    dots prime circ star top ell langle rangle mid quad qquad exp log ln sin cos tan sinh cosh tanh min max arg lim sup
    inf det
"""
WITH_ONE = "sqrt hat bar vec tilde dot ddot overline underline widehat mathrm mathbf mathbb mathcal text operatorname"
WITH_TWO = "frac dfrac tfrac"
SIZED = ("left", "right")
_COMMANDS = (" ".join((GREEK, SYMBOLS, *SIZED)), WITH_ONE, WITH_TWO)  # by the number of their arguments
ARGUMENTS = {name: count for count, names in enumerate(_COMMANDS) for name in names.split()}
MAX_CHARACTERS, DEEPEST = 400, 8
_EFFORT_OF_ANY = 8
_DELIMITERS = ("(", ")", "[", "]", "|", ".", r"\{", r"\}", r"\|", r"\langle", r"\rangle")
_ESCAPED = ("{", "}", "%", "$", "_", "&", "#", ",", ";", ":", "!", " ", "|")
_TOKENS = re.compile(r"\\[A-Za-z]+|\\.|.", re.DOTALL)
_FORMULA = re.compile(
    rf"(?<![\\$])(\$\$?)(?=[^\s$])((?:\\.|[^\\$\n]|\n(?![ \t]*(?:\n|\Z))){{1,{MAX_CHARACTERS}}}?)(?<!\s)\1(?![\d$])"
)
_OPENED = re.compile(r"(?<![\\$\w])(?<!\d[ \u00a0])\$\$?(?=[^\W\d_]|[\\{(|])(?!(?:\\.|[^\\$])*\$)", re.DOTALL)
_NEARLY = re.compile(r"(?<!\\)\$((?:\\.|[^\\$\n])*)\$|\\\([^\n]{0,200}?\\\)")


class LatexError(ValueError):
    """The formula cannot be shown; the message says what is expected."""


@frozen_dataclass
class Formula:
    """A formula's place in a text, and where its LaTeX begins; a displayed one has two ``$`` on each side."""

    start: int
    inner: int
    end: int
    latex: str
    is_displayed: bool


def formulas(text: str) -> list[Formula]:
    """Return the formulas of a text in Markdown, in order, outside code."""
    if "$" not in text:
        return []
    found = _FORMULA.finditer(without_code(text))
    return [Formula(m.start(), m.start(2), m.end(), text[m.start(2) : m.end(2)], m[1] == "$$") for m in found]


def without_formulas(text: str) -> str:
    """Return a text of the same length with its code and formulas blanked."""
    return _FORMULA.sub(blank, without_code(text))


def unclosed_formula(paragraph: str) -> int | None:
    """Return the index of a ``$`` that begins an unclosed formula; beside a digit it is a price's."""
    match = _OPENED.search(without_formulas(paragraph)) if "$" in paragraph else None
    return None if match is None else match.start()


def nearly_formula(prose: str) -> int | None:
    """Return the index of a near-formula, in a text whose formulas and code are blanked."""
    for match in _NEARLY.finditer(prose):
        if match[1] is None or re.search(r"[\^_]|\\[A-Za-z]", match[1]):
            return match.start()
    return None


def holes(latex: str) -> list[tuple[int, int]]:
    """Return the start and the end of each pair of braces to fill in, without the braces.

    `LatexError` if a command is not known, or braces are not closed.
    """
    return list(_Reader(latex).holes())


def effort(latex: str) -> int:
    """Estimate how long a formula takes to draw, in units of 0.3 ms: doubles with each level of nesting.

    `LatexError` as `holes`.
    """
    reader = _Reader(latex)
    list(reader.holes())
    return reader.effort


def with_zeros(latex: str) -> str:
    """Return a formula with zeros filled in; raise `LatexError` as `holes` does."""
    pieces, start = [], 0
    for begin, end in holes(latex):
        pieces += [latex[start : begin - 1], r"\text{0}"]
        start = end + 1
    return "".join(pieces) + latex[start:]


class _Reader:
    """A recursive-descent parser of a formula's tokens."""

    def __init__(self, latex: str) -> None:
        self._tokens = [(match.start(), match[0]) for match in _TOKENS.finditer(latex) if not match[0].isspace()]
        self._at, self._open = 0, 0  # the next token, and how many \left wait for their \right
        self.effort = _EFFORT_OF_ANY

    def holes(self) -> Iterator[tuple[int, int]]:
        yield from self._group("", 0)
        if self._open:
            raise LatexError(_(r"\left and \right come in pairs"))

    def _next(self) -> tuple[int, str]:
        if self._at == len(self._tokens):
            return 0, ""
        self._at += 1
        return self._tokens[self._at - 1]

    def _group(self, end: str, depth: int) -> Iterator[tuple[int, int]]:
        """Parse up to a token that ends the group."""
        if depth > DEEPEST:
            raise LatexError(_("the formula is nested more than {deepest} deep").format(deepest=DEEPEST))
        while (found := self._next())[1] != end:
            place, token = found
            if token == "{":
                inner = list(self._group("}", depth + 1))
                if inner:
                    words = _("braces that are filled in stand within others; a ^, a _ or a command is missing")
                    raise LatexError(words)
                yield place + 1, self._tokens[self._at - 1][0]
            elif token in ("", "}"):
                raise LatexError(_("the braces { and } of the formula do not come in pairs"))
            else:
                yield from self._one(token, depth)

    def _one(self, token: str, depth: int) -> Iterator[tuple[int, int]]:
        """Parse one token and its arguments, after the token itself has been consumed."""
        if depth + self._open > DEEPEST:
            raise LatexError(_("the formula is nested more than {deepest} deep").format(deepest=DEEPEST))
        self.effort += 2 ** (depth + self._open)
        if token in "&#%~$":
            words = _("{token} has a meaning in LaTeX that is not understood here; \\{token} is expected")
            raise LatexError(words.format(token=token))
        if token in "^_":
            yield from self._argument(token, depth)
        elif token[0] == "\\" and token[1:] not in _ESCAPED:
            name = token[1:]
            if name not in ARGUMENTS:
                raise LatexError(_unknown(token))
            if name in SIZED:
                self._size(name)
            elif name == "sqrt" and self._at < len(self._tokens) and self._tokens[self._at][1] == "[":
                self._at += 1
                yield from self._group("]", depth + 1)
            for _place in range(ARGUMENTS[name]):
                yield from self._argument(token, depth)

    def _argument(self, owner: str, depth: int) -> Iterator[tuple[int, int]]:
        token = self._next()[1]
        if token == "{":
            yield from self._group("}", depth + 1)
        elif token in ("", "}", "^", "_", "&"):
            words = _("something is expected behind {owner} in a formula, such as {owner}{{x}}")
            raise LatexError(words.format(owner=owner))
        else:
            yield from self._one(token, depth + 1)

    def _size(self, name: str) -> None:
        self._open += 1 if name == "left" else -1
        if self._open < 0:
            raise LatexError(_(r"\left and \right come in pairs"))
        if self._next()[1] not in _DELIMITERS:
            words = _("a bracket is expected behind \\{name}: {names}")
            raise LatexError(words.format(name=name, names=" ".join(_DELIMITERS)))


def _unknown(token: str) -> str:
    if close := get_close_matches(token[1:], ARGUMENTS, 1):
        return _("{token} is not known in a formula; is \\{close} meant?").format(token=token, close=close[0])
    known = " ".join("\\" + name for name in f"{WITH_TWO} {WITH_ONE} {SYMBOLS}".split())
    return _("{token} is not known in a formula; known are Greek letters and {known}").format(token=token, known=known)
