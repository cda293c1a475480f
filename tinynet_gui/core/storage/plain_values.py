"""Validated access to JSON values, by name and type; an error names the field and the problem."""

import json
import sys
from collections.abc import Iterator
from typing import Any

from tinynet_gui.core.config.setting import FIRST_FORMAT, FORMAT
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.core.text.shortened import encodable, shortened, written
from tinynet_gui.core.values import frozen_dataclass

LARGEST = 2**53  # of integers: the largest that every JSON reader has exactly
LARGEST_FLOAT = sys.float_info.max


class StorageError(ValueError):
    """The bytes are not a valid session. The message says where and why, and is short enough to show."""

    def __init__(self, place: str, trouble: str) -> None:
        super().__init__(shortened(f"{place}: {trouble}"))


class OtherVersionError(StorageError):
    """Another version of the program saved it, in a format that this one does not read."""


class NewerVersionError(OtherVersionError):
    def __init__(self, what: str) -> None:
        ValueError.__init__(self, _("a newer version of tinynet made it ({what} is not known here)").format(what=what))


class DevelopmentVersionError(OtherVersionError):
    """It was saved before the first release."""

    def __init__(self, what: str) -> None:
        words = _("a development version of tinynet made it ({what} is no longer read)")
        ValueError.__init__(self, words.format(what=what))


@frozen_dataclass
class Plain:
    """A JSON object; `place` is its name in error messages."""

    values: dict[str, object]
    place: str

    def whole(self, name: str, least: int = 0, most: int = LARGEST) -> int:
        return whole(self.value(name), least, most, f"{self.place}, {name}")

    def text(self, name: str, most: int = 1_000) -> str:
        return text(self.value(name), f"{self.place}, {name}", most)

    def choice(self, name: str, known: Any) -> Any:
        """Return one of the known texts."""
        value = self.value(name)
        if not isinstance(value, str) or value not in known:
            raise self.refused(name, _("not one of {names}").format(names=", ".join(known)))
        return value

    def items(self, name: str, most: int | None = None) -> list[Any]:
        return items(self.value(name), f"{self.place}, {name}", most)

    def part(self, name: str) -> "Plain":
        return as_plain_object(self.value(name), f"{self.place}, {name}")

    def parts(self, name: str, most: int | None = None) -> Iterator["Plain"]:
        """Yield the objects of a list with at most `most` items."""
        for place, value in enumerate(self.items(name, most)):
            yield as_plain_object(value, f"{self.place}, {name} {place + 1:,}")

    def only(self, *known: str) -> None:
        """Reject fields with other names."""
        for name in self.values.keys() - known:
            raise StorageError(self.place, _("there is no field {name}").format(name=written(name)))

    def refused(self, name: str, trouble: str) -> StorageError:
        """Return the error for an invalid field."""
        # Translators: {trouble} is such as “not one of a, b” or “more than any result has”.
        words = _("{name} {value} is {trouble}")
        return StorageError(self.place, words.format(name=name, value=written(self.values.get(name)), trouble=trouble))

    def value(self, name: str) -> object:
        if name not in self.values:
            raise StorageError(self.place, _("{name} is missing").format(name=name))
        return self.values[name]


def as_plain_object(value: object, place: str) -> Plain:
    """Check that a JSON value is an object."""
    if not isinstance(value, dict):
        raise StorageError(place, _("{value} is not an object with named fields").format(value=written(value)))
    return Plain(value, place)


def whole(value: object, least: int, most: int, place: str) -> int:
    """Check that a JSON value is an integer in a range."""
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        words, low, high = _("{value} is not a whole number from {low} to {high}"), count_text(least), count_text(most)
        raise StorageError(place, words.format(value=written(value), low=low, high=high))
    return value


def items(value: object, place: str, most: float | None = None) -> list[Any]:
    """Check that a JSON value is a list, of at most `most` items."""
    if not isinstance(value, list):
        raise StorageError(place, _("{value} is no list").format(value=written(value)))
    if most is not None and len(value) > most:
        words = _("{count} are more than there can be: at most {most}")
        raise StorageError(place, words.format(count=count_text(len(value)), most=count_text(most)))
    return value


def text(value: object, place: str, most: int) -> str:
    """Check that a JSON value is a text, of at most `most` characters."""
    if not isinstance(value, str) or len(value) > most:
        raise StorageError(place, _("{value} is no text of a usual length").format(value=written(value)))
    return encodable(value)


def check_version(doc: Plain) -> None:
    """Raise NewerVersionError or DevelopmentVersionError if the format of a part is not one that is read."""
    number = doc.whole("version", 1)
    if number < FIRST_FORMAT:
        raise DevelopmentVersionError(_("format {number}").format(number=number))
    if number > FORMAT:
        raise NewerVersionError(_("format {number}").format(number=count_text(number)))


def finite(value: object, place: str, most: float = LARGEST_FLOAT) -> float:
    """Check that a JSON value is a finite number, at most `most` in absolute value."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= most:  # also catches NaN
        raise StorageError(place, _("{text} is not a number").format(text=written(value)))
    return float(value)


def parse_json(text: bytes, place: str) -> Plain:
    """Parse a JSON text that is one object."""
    try:
        return as_plain_object(json.loads(text), place)
    except (ValueError, RecursionError) as error:  # ValueError: also bad UTF-8, or a number with thousands of digits
        if isinstance(error, StorageError):
            raise
        raise StorageError(place, _("not valid JSON: {error}").format(error=error)) from None


def parsed_size(text: bytes) -> int:
    """Return an upper bound on the bytes, text included, that parsing a JSON text allocates."""
    in_brackets = 80 * text.count(b"[") + 130 * text.count(b"{")
    between = 90 * text.count(b":") + 36 * text.count(b",") + 24 * text.count(b'"')
    return in_brackets + between + (3 if text.isascii() else 9) * len(text)


def to_json(values: dict[str, Any]) -> bytes:
    return json.dumps(values, separators=(",", ":"), allow_nan=False, ensure_ascii=False).encode()
