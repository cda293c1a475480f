"""A piece of a lesson's TOML, read key by key; each mistake is noted with its line and what is expected."""

import math
import re
import tomllib
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple, TypeVar

from tinynet_gui.core.lessons.reading.mistakes import Mistakes, unknown_name
from tinynet_gui.core.text.language import gettext as _, ngettext
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.core.text.shortened import blank, on_one_line, written

LONGEST_LINE = 500  # tomllib takes the square of the time for a key with many dots
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffc]")  # never part of a text
_KEY, _TABLE = re.compile(r"\s*([\w.-]+)\s*="), re.compile(r"\s*\[+\s*([A-Za-z][\w-]*)\s*[.\]]")  # as they begin
_PLACE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
# Strings and comments.
_QUOTED = re.compile(r'"""(?s:\\.|[^\\])*?"""|\'\'\'(?s:.)*?\'\'\'|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|#[^\n]*')
_DECIMAL_COMMA = re.compile(r"=\s*([-+]?\d+),(\d+)")
_TYPOGRAPHIC = re.compile("([“”„‟«»])|([‘’‚‛])|([‐‑‒–—−])|([\u00a0\u2000-\u200b\u202f\u2060\ufeff])")

T = TypeVar("T")


class _Source(NamedTuple):
    """TOML without quoted text, its first line in the file, and where its mistakes are noted."""

    text: str
    first: int
    mistakes: Mistakes


class TomlTable:
    """Named values, each of which is taken once; `end` refuses the rest.

    A refused value is noted as a mistake, and reading goes on with a stand-in.

    Parameters
    ----------
    source
        Where they come from; they begin at index `start` of its text.
    lost
        Keys whose values cannot be read, a mistake that is already noted.

    Attributes
    ----------
    is_broken
        It could not be read at all; of its values nothing is known.
    """

    is_broken = False

    def __init__(self, values: dict[str, Any], source: _Source, start: int = 0, lost: Collection[str] = ()) -> None:
        self._left, self._source, self._start, self._lost = dict(values), source, start, lost

    @classmethod
    def broken(cls) -> "TomlTable":
        """Return a stand-in for a table whose mistake is already noted."""
        table = cls({}, _Source("", 1, Mistakes()))
        table.is_broken = True
        return table

    def __contains__(self, key: str) -> bool:
        return key in self._left or key in self._lost

    def __iter__(self) -> Iterator[str]:
        """Iterate over the keys that are left; each may be taken during the iteration."""
        return iter(list(self._left))

    def peek(self, key: str) -> Any:
        """Return a value without taking it; None if there is none."""
        return self._left.get(key)

    def line(self, key: str = "") -> int:
        """Return the line where a key is set, or where the table begins."""
        return self._source.first + self._source.text.count("\n", 0, self._place(key))

    def refuse(self, key: str, reason: str) -> None:
        """Note a mistake in the line of a key."""
        self._source.mistakes.add(self.line(key), reason)

    def end(self, known: Collection[str]) -> None:
        """Refuse the keys that are left, unless `known`: those were left because of a mistake already noted."""
        for key in self._left:
            if key not in known:
                self.refuse(key, unknown_name(key, known))

    def text(self, key: str, most: int = 300, default: str | None = None) -> str:
        """Take a text; its whitespace is collapsed."""
        expected = _("a text of 1 to {most} characters in quotes").format(most=most)
        return on_one_line(self._taken(key, expected, lambda value: _is_text(value, most), "", default))

    def number(self, key: str, low: float, high: float, default: float | None = None) -> float:
        """Take a number between two bounds; NaN stands in for another value."""
        expected = _("a number from {low} to {high}").format(low=f"{low:g}", high=f"{high:g}")
        fits = partial(_is_number, int | float, low, high)
        return float(self._taken(key, expected, fits, math.nan, default))

    def whole(self, key: str, low: int, high: int, default: int | None = None) -> int:
        """Take an integer between two bounds; the upper one stands in for another value."""
        expected = _("a whole number from {low} to {high}").format(low=count_text(low), high=count_text(high))
        fits, default = partial(_is_number, int, low, high), None if self.is_broken else default
        return int(self._taken(key, expected, fits, high, default))

    def true(self, key: str) -> None:
        """Take a value that can only be true."""
        self._taken(key, "true", lambda value: value is True, None)

    def one_of(self, key: str, options: Collection[str], default: str | None = None) -> str:
        """Take one of these texts; "" stands in for another one."""
        expected = _("one of {names}").format(names=", ".join(_("“{code}”").format(code=option) for option in options))
        return str(self._taken(key, expected, lambda value: isinstance(value, str) and value in options, "", default))

    def table(self, key: str) -> "TomlTable":
        start = self._place(key)
        value = self._taken(key, _("a table such as {a = 1, b = 2}"), lambda value: isinstance(value, dict), None)
        return self.broken() if value is None else TomlTable(value, self._source, start)

    def items(self, key: str, kind: type[T], expected: str, fewest: int, most: int) -> list[T]:
        """Take a list with `fewest` to `most` values of a kind."""
        values = self._taken(key, expected, lambda value: isinstance(value, list) and fewest <= len(value) <= most, [])
        for item in values:
            if not isinstance(item, kind):
                words = _("{item} stands in “{key}”; {expected} is expected")
                self.refuse(key, words.format(item=_quoted(item), key=key, expected=expected))
        return [item for item in values if isinstance(item, kind)]

    def tables(self, key: str, expected: str, fewest: int, most: int) -> "list[TomlTable]":
        start, found = self._place(key), []
        for value in self.items(key, dict, expected, fewest, most):
            start = max(start, self._source.text.find("{", start + 1))
            found.append(TomlTable(value, self._source, start))
        return found

    def parsed(self, key: str, parse: Callable[[str], T], stand_in: T, most: int = 300) -> T:
        """Take a text and parse it; `stand_in` replaces one that raises a ValueError, with a reason on each line."""
        if text := self.text(key, most):
            try:
                return parse(text)
            except ValueError as error:
                for reason in str(error).split("\n"):
                    self.refuse(key, _("“{key}”: {reason}").format(key=key, reason=reason + _hint(text)))
        return stand_in

    def _place(self, key: str) -> int:
        pattern = re.compile(rf"(?<![\w.-]){re.escape(key)}\s*[=\]]")
        match = pattern.search(self._source.text, self._start) if key else None
        return match.start() if match else self._start

    def _taken(self, key: str, expected: str, fits: Callable[[Any], bool], stand_in: Any, default: Any = None) -> Any:
        """Take a value that fits; else refuse it. `default`, if there is one, is for a key that is not set."""
        if key not in self and default is not None:
            return default
        value = self._left.pop(key, None)
        if value is not None and fits(value):
            return value
        if value is not None:
            words = _("“{key}” is {value}; {expected} is expected{hint}")
            self.refuse(key, words.format(key=key, value=_quoted(value), expected=expected, hint=_hint(value)))
        elif key not in self._lost:
            self.refuse("", _("“{key}” is missing; {expected} is expected").format(key=key, expected=expected))
        return stand_in


def read_toml(lines: Sequence[str], first: int, mistakes: Mistakes) -> TomlTable:
    """Read lines of TOML, beginning at line `first` of the file; a mistake does not keep the rest from being read."""
    source = _Source(_QUOTED.sub(blank, "\n".join(lines)), first, mistakes)
    bare = source.text.split("\n")
    if not _troubles(lines, bare):
        return TomlTable(tomllib.loads("\n".join(lines)), source)
    kept, read, lost = list(lines), set[str](), set[str]()
    for key, part in _top_level_statements(bare):
        troubles = _troubles(lines[part], bare[part])
        if not troubles and key in read:
            troubles = [(0, _("“{key}” stands here a second time; once is expected").format(key=key))]
        elif troubles:
            lost.add(key.partition(".")[0])
        read.add(key)
        for offset, reason in troubles:
            mistakes.add(first + part.start + offset, reason)
        if troubles:
            kept[part] = [""] * (part.stop - part.start)
    for offset, reason in (troubles := _troubles(kept, bare)):  # of several statements together
        mistakes.add(first + offset, reason)
    if troubles or "" in lost:
        return TomlTable.broken()
    return TomlTable(tomllib.loads("\n".join(kept)), source, lost=lost)


def _top_level_statements(bare: Sequence[str]) -> Iterator[tuple[str, slice]]:
    """Yield the top-level keys and tables of lines without quoted text, each with its lines; "" where there is none."""
    key, start, is_in_table = "", 0, False
    for number, line in enumerate(bare):
        if found := _TABLE.match(line) or (None if is_in_table else _KEY.match(line)):
            yield key, slice(start, number)
            key, start, is_in_table = found[1], number, found.re is _TABLE
    yield key, slice(start, len(bare))


def _troubles(lines: Sequence[str], bare: Sequence[str]) -> list[tuple[int, str]]:
    """Return why lines cannot be read, each reason with its line, counted from 0."""
    if long := [(number, len(line)) for number, line in enumerate(lines) if len(line) > LONGEST_LINE]:
        message = _("the line has {length} characters; at most {most} are expected")
        return [(number, message.format(length=count_text(length), most=LONGEST_LINE)) for number, length in long]
    try:
        tomllib.loads("\n".join(lines))
        return []
    except (ValueError, RecursionError) as error:
        if usual := [(number, reason) for number, line in enumerate(bare) if (reason := _common_mistake(line))]:
            return usual
        place = _PLACE.search(str(error))
        offset = 0 if place is None else int(place[1]) - 1 if place[1] else len(lines) - 1
        reason = _PLACE.sub("", str(error)) if isinstance(error, ValueError) else _("it is nested too deep")
        return [(max(0, min(offset, len(lines) - 1)), _("this is not TOML: {reason}").format(reason=reason))]


def _quoted(value: object) -> str:
    """Write a refused value, as TOML has it."""
    match value:
        case bool():
            return str(value).lower()
        case list():
            return ngettext("a list of {count} value", "a list of {count} values", len(value)).format(count=len(value))
        case dict():
            return _("a table")
    return written(value)


def _is_text(value: object, most: int) -> bool:
    text = on_one_line(value) if isinstance(value, str) else ""
    return 1 <= len(text) <= most and not CONTROL.search(text)


def _is_number(kind: Any, low: float, high: float, value: Any) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool) and low <= value <= high


def _common_mistake(line: str) -> str:
    """Name a common mistake in a line that is not TOML; "" if there is none."""
    if match := _TYPOGRAPHIC.search(line):
        return _instead(match)
    if match := _DECIMAL_COMMA.search(line):
        return _("a decimal point is expected: {whole}.{decimals}").format(whole=match[1], decimals=match[2])
    return ""


def _hint(value: object) -> str:
    """Name a typographic sign at either end of a refused text, such as a curly quotation mark inside TOML's own."""
    ends = [_TYPOGRAPHIC.fullmatch(end) for end in (value[:1], value[-1:])] if isinstance(value, str) else []
    return next((f"; {_instead(match)}" for match in ends if match), "")


def _instead(match: re.Match[str]) -> str:
    """Say what is expected in place of a word processor's character."""
    double, single, dash, _space = match.groups()
    if double or single:
        plain = '"' if double else "'"
        return _(
            "{sign} is a typographic quotation mark, as Word writes it; {plain} is expected "
            "(turn AutoCorrect off, or write in an editor such as Notepad)"
        ).format(sign=match[0], plain=plain)
    if dash:
        return _("{dash} is a dash or a minus sign, as Word writes it; the hyphen - is expected").format(dash=dash)
    return _("a special space stands here, U+{code}; a plain one is expected").format(code=f"{ord(match[0]):04X}")
