r"""Formulas in a text, such as ``$\frac{1}{n}\sum (y - \hat{y})^2$``: where they are, and whether they are understood.

It is LaTeX between two ``$``, as Pandoc has it: no space after the first one nor before the second, and no
digit behind that; ``\$`` and the ``$`` in “5 $” are no formula. Braces that belong to no command, ``^`` or ``_`` are
holes, to be filled in like those of the text around: ``$L = {loss:3}$``.
"""

import re
from collections.abc import Iterator
from difflib import get_close_matches

from tinynet_gui.core.lessons.fences import without_code
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.places import blank
from tinynet_gui.core.values import dataclass

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
MOST_CHARACTERS, DEEPEST = 400, 8
_EFFORT_OF_ANY = 8
_DELIMITERS = ("(", ")", "[", "]", "|", ".", r"\{", r"\}", r"\|", r"\langle", r"\rangle")
_ESCAPED = ("{", "}", "%", "$", "_", "&", "#", ",", ";", ":", "!", " ", "|")
_TOKENS = re.compile(r"\\[A-Za-z]+|\\.|.", re.DOTALL)
_FORMULA = re.compile(
    rf"(?<![\\$])(\$\$?)(?=[^\s$])((?:\\.|[^\\$\n]|\n(?![ \t]*(?:\n|\Z))){{1,{MOST_CHARACTERS}}}?)(?<!\s)\1(?![\d$])"
)
_OPENED = re.compile(r"(?<![\\$\w])(?<!\d[ \u00a0])\$\$?(?=[^\W\d_]|[\\{(|])(?!(?:\\.|[^\\$])*\$)", re.DOTALL)
_NEARLY = re.compile(r"(?<!\\)\$((?:\\.|[^\\$\n])*)\$|\\\([^\n]{0,200}?\\\)")


class LatexError(ValueError):
    """The formula cannot be shown; the message says what is expected."""


@dataclass(frozen=True)
class Formula:
    """A formula at a place of a text, and where its LaTeX begins; a displayed one has two ``$`` on each side."""

    start: int
    inner: int
    end: int
    latex: str
    is_displayed: bool


def formulas(text: str) -> list[Formula]:
    """Return the formulas of a text in Markdown, in order; there are none in its code."""
    if "$" not in text:
        return []
    found = _FORMULA.finditer(without_code(text))
    return [Formula(m.start(), m.start(2), m.end(), text[m.start(2) : m.end(2)], m[1] == "$$") for m in found]


def without_formulas(text: str) -> str:
    """Return a text of the same length with spaces for its code and its formulas."""
    return _FORMULA.sub(blank, without_code(text))


def unclosed_formula(paragraph: str) -> int | None:
    """Return where a ``$`` begins a formula that nothing ends in its paragraph; beside a digit it is of a price."""
    match = _OPENED.search(without_formulas(paragraph)) if "$" in paragraph else None
    return None if match is None else match.start()


def nearly_formula(prose: str) -> int | None:
    """Return where something only looks like a formula, in a text whose formulas and code are blanked."""
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
    """Return how long a formula takes to draw, in about 0.3 ms: the measure doubles with each level of nesting.

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
    """Reads a formula token by token."""

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
        """Read up to a token that ends the group."""
        if depth > DEEPEST:
            raise LatexError(_("the formula is nested more than {deepest} deep").format(deepest=DEEPEST))
        while (found := self._next())[1] != end:
            place, token = found
            if token == "{":
                inner = list(self._group("}", depth + 1))
                if inner:
                    raise LatexError(
                        _("braces that are filled in stand within others; a ^, a _ or a command is missing")
                    )
                yield place + 1, self._tokens[self._at - 1][0]
            elif token in ("", "}"):
                raise LatexError(_("the braces { and } of the formula do not come in pairs"))
            else:
                yield from self._one(token, depth)

    def _one(self, token: str, depth: int) -> Iterator[tuple[int, int]]:
        """Read the rest of what a token begins."""
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
