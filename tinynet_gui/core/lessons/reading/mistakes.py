"""The mistakes in a lesson's text: unknown names, and markup that would not be shown as it is meant."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import partial
from typing import NamedTuple

from tinynet_gui.core.experiments.table import EXPERIMENTS
from tinynet_gui.core.lessons.expression import Expression, ExpressionError
from tinynet_gui.core.lessons.lesson import CurveQuestion, Goal, LessonStep, RunExperiment
from tinynet_gui.core.lessons.markdown import LINK, address_trouble, fences, nearly_formula, without_formulas
from tinynet_gui.core.lessons.measured_names import CURVE, GOAL, REMEMBERED, RUN, TRAINED, Name
from tinynet_gui.core.lessons.template import MARKER, TemplateError, errors, expressions
from tinynet_gui.core.text.language import N_, current_language, gettext as _
from tinynet_gui.core.text.shortened import line_counter, shortened, written

MAX_MISTAKES = 50  # reading ends at this many
CLOSE_ENOUGH = 0.7  # of a name and the one that is meant, as difflib compares them


class Mistake(NamedTuple):
    """What is wrong, and what is expected, in a line of the file, counted from 1."""

    line: int
    reason: str


class LessonError(ValueError):
    """The text is no lesson; `mistakes` are sorted by line, and in the current language."""

    def __init__(self, *mistakes: Mistake) -> None:
        self.language = current_language()
        self.mistakes = tuple(sorted(set(mistakes)))
        more = [_("There may be more.")] if len(mistakes) >= MAX_MISTAKES else []
        lines = [_("line {number}: {reason}").format(number=line, reason=reason) for line, reason in self.mistakes]
        super().__init__("\n".join([*lines, *more]))


class Mistakes:
    """Collects mistakes, so that reading goes on after one, up to a limit."""

    def __init__(self) -> None:
        self._found: list[Mistake] = []

    def add(self, line: int, reason: str) -> None:
        """Note a mistake; raise `LessonError` at the limit."""
        self._found.append(Mistake(line, shortened(reason)))
        if len(self._found) >= MAX_MISTAKES:
            self.end()

    def end(self) -> None:
        """Raise `LessonError` if there are any."""
        if self._found:
            raise LessonError(*self._found)


def unknown_name(name: str, known: Collection[str]) -> str:
    """Say that a name is unknown; suggest the most similar known one or, if none is close, list them."""
    close = get_close_matches(name.lower(), known, 1, CLOSE_ENOUGH)
    hint = _("known are {names}").format(names=", ".join(known))
    if close:
        hint = _("is “{close}” meant?").format(close=close[0])
    return _("{name} is not known here; {hint}").format(name=written(name), hint=hint)


Known = Mapping[str, Name]

UNSURE = "*"  # at the end of a name: others that begin so may be known, from what could not be read
ANY_NAME = {UNSURE: Name("")}
NEXT = ">"  # at the end of a name that the step itself remembers


def check_names(expression: Expression, known: Known) -> None:
    """Raise `ExpressionError` if names of an expression are unknown or of the wrong kind, with a line for each."""
    if wrong := list(_wrong_names(expression, known)):
        raise ExpressionError("\n".join(wrong))


def _wrong_names(expression: Expression, known: Known) -> Iterator[str]:
    for name, given in sorted([*((name, 0) for name in expression.names), *expression.calls]):
        if name not in known:
            if any(name.startswith(one.removesuffix(UNSURE)) for one in known if one.endswith(UNSURE)):
                continue
            if name + NEXT in known:
                yield _("“{name}” is known from the next step on").format(name=name)
            else:
                yield unknown_name(name, sorted(one for one in known if not one.endswith((UNSURE, NEXT))))
            continue
        parameters = known[name].parameters
        if (name, given) in expression.calls and not parameters:
            yield _("“{name}” is a number and takes nothing in parentheses").format(name=name)
        elif len(parameters) != given:
            words = _("“{name}” is given {given} value(s); {name}({names}) is expected")
            yield words.format(name=name, given=given, names=", ".join(parameters))


def remembered_later(kept: object) -> Known:
    """Return the names of a block's ``remember``, marked as not known yet in its own step."""
    return {f"{name}{NEXT}": Name("") for name in kept} if isinstance(kept, dict) else {}


def template_errors(text: str, known: Known) -> Iterator[TemplateError]:
    """Yield the reasons why a text cannot be filled in from the known names."""
    yield from errors(text)
    for line, expression in expressions(text):
        yield from (TemplateError(line, reason) for reason in _wrong_names(expression, known))


def known_when_done(step: LessonStep, known: Known) -> Known:
    """Return the names known when a step's action is done."""
    names = dict(known)
    match step.action:
        case RunExperiment(kind=kind, name=own):
            names = {name: about for name, about in known.items() if not name.startswith(f"{own}.")}
            if not (kind and own):  # the name could not be read
                return names | {f"{own}.{UNSURE}" if own else UNSURE: Name("")}
            numbers = EXPERIMENTS[kind].numbers.items()
            names |= {f"{own}.{name}": Name(number.about, number.parameters) for name, number in numbers}
        case Goal(seeds=seeds) if seeds:
            names |= GOAL
    return names | CURVE if isinstance(step.question, CurveQuestion) else names


def known_later(step: LessonStep, known: Known) -> Known:
    """Return the names known in the steps after a step."""
    names = {name: about for name, about in known_when_done(step, known).items() if name not in CURVE}
    return names | {name: REMEMBERED for name, _ in step.remember}


def known_of_many(known: Known) -> Known:
    """Return the names known for each of many runs trained to their end."""
    return {name: about for name, about in known.items() if name not in RUN or name in TRAINED}


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
    """Yield the markup of a text that is not understood, with its line, counted from 0."""
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
        if line and (reason := _heading(line, before) or _bracketed(line, is_first=not before.strip()) or _fence(line)):
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
    """Say what is wrong with a bracketed word that seems to be meant as a condition; "" if nothing is."""
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
        message = _("{said} is not understood; is [{meant}] meant, at the beginning of its line?")
        return message.format(said=said, meant=meant)
    if is_first and not match["lead"]:
        message = _("{said} begins a paragraph; [if …], [else if …] or [else] is expected, or \\[ for a bracket")
        return message.format(said=said)
    return ""


def _fence(line: str) -> str:
    return _("a block within a list or a quotation is not read; ``` begins a line") if _FENCE_INSIDE.match(line) else ""
