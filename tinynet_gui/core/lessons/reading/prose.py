"""Finds what in a lesson's text would not be shown as intended: each with its line, and what is expected instead.

The text is Markdown as Qt shows it, without HTML. Qt shows what it does not know as raw text, marks and all; a lesson
with such a text is not opened.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from difflib import get_close_matches
from functools import partial

from tinynet_gui.core.lessons.fences import fences
from tinynet_gui.core.lessons.formula import nearly_formula, without_formulas
from tinynet_gui.core.lessons.links import LINK, address_trouble
from tinynet_gui.core.lessons.reading.mistakes import CLOSE_ENOUGH
from tinynet_gui.core.lessons.template import MARKER
from tinynet_gui.core.text.language import N_
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.places import line_counter
from tinynet_gui.core.text.shortened import shortened, written

_MARKERS = {"if": "if …", "else": "else", "elseif": "else if …", "elif": "else if …"}
_WORDS = re.compile("[a-z]+")
_TAGS = (
    "a|abbr|b|big|blockquote|br|center|code|dd|del|details|div|dl|dt|em|embed|figure|font|form|h[1-6]|hr|i|iframe|img|"
    "input|ins|kbd|li|link|mark|math|meta|object|ol|p|pre|q|s|script|small|span|strike|strong|style|sub|summary|sup|svg|"
    "table|tbody|td|th|thead|tr|tt|u|ul|video"
)
_TAG = re.compile(rf"<(?:!--|/?(?:{_TAGS})(?=[\s/>])[^<>\n]{{0,200}}>)", re.IGNORECASE)
_BRACKET = re.compile(
    r"(?P<lead>[ \t]*(?:(?:[-*+>]|\d{1,9}[.)])[ \t]+)*)\[[ ]*(?P<inner>[^\W\d][^\[\]\n]*)\](?P<next>.?)"
)
_INLINE = re.compile(r"(?<=\S)[ \t]+\[(?:if|else if)\b[^\[\]\n]*[<>=][^\[\]\n]*\](?!\()")
_LINK_MIDDLE = re.compile(r"(?<!\\)\]\(")
_REFERENCE = re.compile(r"(?<![\w\]])\[[^\[\]\n]+\]\[[^\[\]\n]*\]|^ {0,3}\[[^\[\]\n]+\]:", re.MULTILINE)
_FOOTNOTE = re.compile(r"\[\^[^\[\]\n]*\]")
_AUTOMATIC = re.compile(r"<([a-z][a-z0-9+.-]{1,31}:[^\s<>]*)>", re.IGNORECASE)
_FENCE_INSIDE = re.compile(r"\s*(?:[-*+>]|\d{1,9}[.)])\s+(?:`{3,}|~{3,})")
_NOT_SHOWN = (
    (_TAG, N_("{text} is HTML, which is not shown; Markdown such as **bold** is expected")),
    (_REFERENCE, N_("{text} is a link by reference; [text](https://…) is expected")),
    (_FOOTNOTE, N_("{text} is a footnote, which is not shown; put its text into the sentence")),
)
BLOCK = "lesson"

Found = tuple[int, str]


def mistakes_in(lines: Sequence[str]) -> Iterator[Found]:
    """Yield what is not understood in a text, with its line, counted from 0."""
    for fence in fences(lines):
        word = (fence.info.split() or [""])[0]
        if word != BLOCK and get_close_matches(word.lower(), [BLOCK], 1, CLOSE_ENOUGH):
            words = _("{word} is not a kind of block; is ```{block} meant?")
            yield (fence.lines[0], words.format(word=written(word), block=BLOCK))
    prose = without_formulas("\n".join(lines))
    line_of = line_counter(prose)
    kinds: list[Callable[[str], Iterator[Found]]] = [partial(_not_shown, pattern, why) for pattern, why in _NOT_SHOWN]
    for kind in (*kinds, _near_formulas, _links, _nested_links, _automatic_links):
        found = dict[int, str]()  # one of a kind in each line
        for place, reason in kind(prose):
            found.setdefault(line_of(place), reason)
        yield from found.items()
    before = ""
    for number, line in enumerate(prose.split("\n")):
        if line and (reason := _heading(line, before) or _bracketed(line, is_first=not before.strip()) or _other(line)):
            yield number, reason
        before = line


def _not_shown(pattern: re.Pattern[str], why: str, prose: str) -> Iterator[Found]:
    for match in pattern.finditer(prose):
        yield match.start(), _(why).format(text=written(match[0]))


def _near_formulas(prose: str) -> Iterator[Found]:
    if (place := nearly_formula(prose)) is not None:
        yield place, _("this looks like a formula; put it between $ and $, with no space just inside them: $x^2$")


def _links(prose: str) -> Iterator[Found]:
    for match in LINK.finditer(prose):
        address = (match[3].split() or [""])[0]
        if not match[1] and (reason := address_trouble(address)):
            yield match.start(), reason


def _nested_links(prose: str) -> Iterator[Found]:
    known = {match.end(2) for match in LINK.finditer(prose)}
    for match in _LINK_MIDDLE.finditer(prose):
        if match.start() not in known:
            yield match.start(), _("brackets within the words of a link or a picture are not read; leave them out")


def _automatic_links(prose: str) -> Iterator[Found]:
    for match in _AUTOMATIC.finditer(prose):
        if reason := address_trouble(match[1]):
            yield match.start(), reason


def _heading(line: str, before: str) -> str:
    if match := re.match(r"[ \t]{1,3}#{1,6}(?:[ \t]|$)", line):
        return _("{text} stands after a space; a heading begins its line").format(text=written(line.strip()))
    if re.match(r"#(?:[ \t]|$)", line):
        words = _("{text} has one #; “## ” begins a step, and “### ” is a heading within it")
        return words.format(text=written(line.strip()))
    if match := re.match(r"(#{1,6})[^\W\d]", line):
        words = _("{text} has no space behind {marks}; a heading such as “### The data” is expected")
        return words.format(text=written(line.strip()), marks=match[1])
    if re.fullmatch(r" {0,3}(?:=+|-{2,})[ \t]*", line) and before.strip() and not before.lstrip().startswith("|"):
        mark = written(line.strip())
        words = _("{mark} makes a heading of the line above; “## ” begins a step, and “### ” is a heading within it")
        return words.format(mark=mark)
    return ""


def _bracketed(line: str, is_first: bool) -> str:
    """Say what is wrong with a word in brackets that seems to be meant as a condition; "" if nothing is."""
    match = _BRACKET.match(line)
    if match is None and (inline := _INLINE.search(line)):
        return _("{text} stands within a line; a condition begins a line").format(text=written(inline[0].strip()))
    if match is None or match["next"] in ("(", "[", ":") or MARKER.match(line):
        return ""
    said, words = f"[{shortened(match['inner'].strip(), 38)}]", _WORDS.findall(match["inner"].lower())
    close = get_close_matches(words[0], _MARKERS, 1, CLOSE_ENOUGH) if words else []
    if words[:1] in (["end"], ["endif"]):
        return _("{said} is not understood; a condition ends with its paragraph, so leave it out").format(said=said)
    if close:
        meant = "else if …" if words[:2] == ["else", "if"] else _MARKERS[close[0]]
        told = _("{said} is not understood; is [{meant}] meant, at the beginning of its line?")
        return told.format(said=said, meant=meant)
    if is_first and not match["lead"]:
        told = _("{said} begins a paragraph; [if …], [else if …] or [else] is expected, or \\[ for a bracket")
        return told.format(said=said)
    return ""


def _other(line: str) -> str:
    return _("a block within a list or a quotation is not read; ``` begins a line") if _FENCE_INSIDE.match(line) else ""
