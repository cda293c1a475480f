"""A piece of a lesson's TOML, read key by key: an error has its line in the file, and says what is expected."""

import re
import tomllib
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, NoReturn, TypeVar

from tinynet_gui.core.text.shortened import shortened, written

LONGEST_LINE = 500  # tomllib takes the square of the time for a key with many dots
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")  # never part of a text
_PLACE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
_QUOTED = re.compile(
    r'"""(?s:\\.|[^\\])*?"""|\'\'\'(?s:.)*?\'\'\'|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|#[^\n]*'
)  # strings and comments

T = TypeVar("T")


class LessonError(ValueError):
    """The text is no lesson: `line` is that of the file, counted from 1; `reason` says what is expected."""

    def __init__(self, line: int, reason: str) -> None:
        self.line, self.reason = line, shortened(reason)
        super().__init__(f"line {line}: {self.reason}")


class Table:
    """Named values, each of which is taken once; `end` refuses those that are left.

    Parameters
    ----------
    source
        The TOML they come from, without quoted text; they begin at index `start`.
    first
        The source's first line in the file.
    """

    def __init__(self, values: dict[str, Any], source: str, first: int, start: int = 0) -> None:
        self._left, self._source, self._first, self._start = dict(values), source, first, start

    def __contains__(self, key: str) -> bool:
        return key in self._left

    def __iter__(self) -> Iterator[str]:
        """Iterate over the keys that are left; each may be taken during the iteration."""
        return iter(list(self._left))

    def line(self, key: str = "") -> int:
        """Return the line where a key is set, or where the table begins."""
        return self._first + self._source.count("\n", 0, self._place(key))

    def refuse(self, key: str, reason: str) -> NoReturn:
        """Raise `LessonError` for the line of a key."""
        raise LessonError(self.line(key), reason)

    def end(self, known: Collection[str]) -> None:
        """Raise `LessonError` if a key is left."""
        for key in self._left:
            self.refuse(key, f"{written(key)} is not known here; known are {', '.join(known)}")

    def text(self, key: str, most: int = 300, default: str | None = None) -> str:
        """Take a text; spaces and line ends in it become one space."""
        if default is not None and key not in self:
            return default
        expected = f"a text of 1 to {most} characters in quotes"
        value = self._taken(key, expected)
        text = " ".join(value.split()) if isinstance(value, str) else ""
        if not 1 <= len(text) <= most or CONTROL.search(text):
            self._refuse_value(key, value, expected)
        return text

    def number(self, key: str, low: float, high: float, default: float | None = None) -> float:
        """Take a number between two bounds."""
        if default is not None and key not in self:
            return default
        expected = f"a number from {low:g} to {high:g}"
        value = self._taken(key, expected)
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            self._refuse_value(key, value, expected)
        return float(value)

    def whole(self, key: str, low: int, high: int, default: int | None = None) -> int:
        """Take an integer between two bounds."""
        if default is not None and key not in self:
            return default
        expected = f"a whole number from {low:,} to {high:,}"
        value = self._taken(key, expected)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self._refuse_value(key, value, expected)
        return value

    def one_of(self, key: str, options: Collection[str], default: str | None = None) -> str:
        """Take one of these texts."""
        if default is not None and key not in self:
            return default
        expected = f"one of {', '.join(f'“{option}”' for option in options)}"
        value = self._taken(key, expected)
        if not isinstance(value, str) or value not in options:
            self._refuse_value(key, value, expected)
        return value

    def table(self, key: str) -> "Table":
        """Take named values."""
        expected = "a table such as {a = 1, b = 2}"
        start, value = self._place(key), self._taken(key, expected)
        if not isinstance(value, dict):
            self._refuse_value(key, value, expected)
        return Table(value, self._source, self._first, start)

    def items(self, key: str, kind: type[T], expected: str, fewest: int, most: int) -> list[T]:
        """Take a list with `fewest` to `most` values of a kind."""
        value = self._taken(key, expected)
        if not isinstance(value, list) or not fewest <= len(value) <= most:
            self._refuse_value(key, value, expected)
        for item in value:
            if not isinstance(item, kind):
                self.refuse(key, f"{written(item)} stands in “{key}”; {expected} is expected")
        return value

    def tables(self, key: str, expected: str, fewest: int, most: int) -> "list[Table]":
        """Take a list of named values."""
        start, found = self._place(key), []
        for value in self.items(key, dict, expected, fewest, most):
            start = max(start, self._source.find("{", start + 1))
            found.append(Table(value, self._source, self._first, start))
        return found

    def parsed(self, key: str, parse: Callable[[str], T], most: int = 300) -> T:
        """Take a text through a function that raises a ValueError if it is invalid."""
        text = self.text(key, most)
        try:
            return parse(text)
        except ValueError as error:
            self.refuse(key, f"“{key}”: {error}")

    def _place(self, key: str) -> int:
        match = re.compile(rf"(?<![\w.-]){re.escape(key)}\s*[=\]]").search(self._source, self._start) if key else None
        return match.start() if match else self._start

    def _taken(self, key: str, expected: str) -> Any:
        if key not in self:
            self.refuse("", f"“{key}” is missing; {expected} is expected")
        return self._left.pop(key)

    def _refuse_value(self, key: str, value: object, expected: str) -> NoReturn:
        self.refuse(key, f"“{key}” is {written(value)}; {expected} is expected")


def read_table(lines: Sequence[str], first: int) -> Table:
    """Read lines of TOML; `first` is the line of the first one in the file."""
    for number, line in enumerate(lines, first):
        if len(line) > LONGEST_LINE:
            raise LessonError(number, f"the line has {len(line):,} characters; at most {LONGEST_LINE} are expected")
    source = "\n".join(lines)
    try:
        values = tomllib.loads(source)
    except (ValueError, RecursionError) as error:
        place = _PLACE.search(str(error))
        offset = 0 if place is None else int(place[1]) - 1 if place[1] else len(lines) - 1
        reason = _PLACE.sub("", str(error)) if isinstance(error, ValueError) else "it is nested too deep"
        raise LessonError(first + max(0, min(offset, len(lines) - 1)), f"this is not TOML: {reason}") from None
    return Table(values, _QUOTED.sub(_blank, source), first)


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match[0])
