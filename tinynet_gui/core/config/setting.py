"""A configuration field: its name, its allowed values, when it acts, and which file format introduced it."""

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import Field, field, fields
from typing import Any, Literal

from tinynet_gui.core.text.language import gettext as _, translated, with_signs
from tinynet_gui.core.text.shortened import digits, shortened, written
from tinynet_gui.core.text.typed_numbers import why_no_number
from tinynet_gui.core.values import as_python, frozen_dataclass

Effect = Literal["live", "reset"]

MAX_HIDDEN_LAYERS = 6
MAX_WIDTH = 1_000
MAX_SEED = 2**31 - 1
MAX_DRAWN_BEFORE = 1_000_000  # for 300 networks of 1,000 neurons; skipped in 5 ms


class ConfigError(ValueError):
    """A value that a configuration does not allow.

    `field` is the dotted path, such as ``training.learning_rate``; `reason`, shown beside the control, names the
    value and the allowed ones; the message has both. Both are short enough to show.

    Examples
    --------
    >>> import tinynet_gui.core as tiny
    >>> try:
    ...     tiny.Config(learning_rat=0.1)
    ... except tiny.ConfigError as error:
    ...     print(error)
    learning_rat: there is no such setting; did you mean training.learning_rate?
    """

    def __init__(self, field: str, reason: str) -> None:
        self.field = shortened(field, 60)
        self.reason = shortened(reason)
        super().__init__(f"{self.field}: {self.reason}")


def whole_number(field: str, value: object, least: int, most: int) -> int:
    """Return a caller's number as an int; `ConfigError` unless it is whole, and from `least` to `most`."""
    Setting("", "live", (least, most), is_whole=True).check(field, as_python(value))
    return as_whole(field, value)


def as_whole(field: str, value: Any) -> int:
    """Return a number as an integer; `ConfigError` if that would change it."""
    if value != int(value):
        raise ConfigError(field, _("{text} is not a whole number").format(text=with_signs(f"{value:,.10g}")))
    return int(value)


@translated("label", context="setting")
@translated("short", "unit")
@frozen_dataclass
class Setting:
    """The name of a field, its allowed values, and when it acts.

    `bounds` are those of a number; () for other values. `choices` are the registry itself if there is one, so that new
    entries are allowed too. `unit` is for the reader; a field in ``%`` is a share from 0 to 1, shown in percent. `key`
    names it in a line of text if the field's name does not; `short` replaces a long label beside its value. A choice
    `by_layer` may be one for all hidden layers or a list of one for each. A map goes by factors along one that
    `is_logarithmic`.
    """

    label: str
    effect: Effect
    bounds: tuple[float, ...] = ()
    choices: Collection[Any] = ()
    unit: str = ""
    key: str = ""
    short: str = ""
    is_whole: bool = False
    by_layer: bool = False
    is_logarithmic: bool = False

    def check(self, path: str, value: Any) -> None:
        if self.choices:
            for each in value if self.by_layer and isinstance(value, list | tuple) else (value,):
                if not (isinstance(each, str | int) and each in self.choices):  # an array is compared with each
                    names = ", ".join(map(str, self.choices))
                    raise ConfigError(path, _("{value} is not one of {names}").format(value=written(each), names=names))
        if not self.bounds:
            return
        low, high = self.bounds
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if is_number and low <= value <= high:
            return
        allowed = _("{low} to {high}").format(low=self._text_of(low), high=self._text_of(high))
        if isinstance(value, str):
            text = value.rstrip(" %") if self.unit == "%" else value
            raise ConfigError(path, why_no_number(text, allowed, is_whole=self.is_whole))
        is_number = is_number and not (isinstance(value, float) and math.isnan(value))
        words = _("{value} is not allowed: {allowed}") if is_number else _("{value} is not a number: {allowed}")
        shown = self._text_of(value) if is_number else written(value)
        raise ConfigError(path, words.format(value=shown, allowed=allowed))

    def _text_of(self, value: float) -> str:
        if isinstance(value, float) and math.isinf(value):
            return "∞" if value > 0 else "−∞"
        if abs(value) > 1e15:  # also beyond what a float can hold
            text = digits(abs(int(value)))
            text = _("a number of {count} digits").format(count=len(text)) if text.isdecimal() else text
            return f"{'−' if value < 0 else ''}{text}"
        return with_signs(f"{100 * value:,.10g} %" if self.unit == "%" else f"{value:,.10g}")


FIRST_FORMAT = 6  # the earliest that is read: only development versions wrote those before it
FORMAT = 8  # the latest, which this version of the program knows


def since(number: int, default: Any) -> Any:
    """Declare a dataclass field introduced by a file format; its default is what a file without it means."""
    return field(default=default, metadata={"since": number})


def later_fields(kind: type) -> tuple[Field[Any], ...]:
    """Return the fields of a dataclass that were introduced after the first format."""
    return tuple(f for f in fields(kind) if f.metadata.get("since", FIRST_FORMAT) > FIRST_FORMAT)


def _changed_later(record: Any) -> Iterator[Field[Any]]:
    return (f for f in later_fields(type(record)) if getattr(record, f.name) != f.default)


def format_of(*records: Any) -> int:
    """Return the lowest format that can express all non-default values of these dataclass instances.

    A value that names a choice needs the format of that choice's record, its `since`.
    """
    numbers = [f.metadata["since"] for record in records for f in _changed_later(record)]
    for record in records:
        for f in fields(record):
            choices = f.metadata["setting"].choices if "setting" in f.metadata else ()
            if isinstance(choices, Mapping):
                chosen = getattr(record, f.name)
                names = chosen if isinstance(chosen, tuple) else (chosen,)
                numbers += [getattr(choices[name], "since", FIRST_FORMAT) for name in names]
    return max(numbers, default=FIRST_FORMAT)


def values_to_write(record: Any) -> dict[str, Any]:
    """Return the values of all fields, except defaults of those introduced after the first format."""
    later = later_fields(type(record))
    written_fields = [*(f for f in fields(record) if f not in later), *_changed_later(record)]
    return {f.name: getattr(record, f.name) for f in written_fields}
