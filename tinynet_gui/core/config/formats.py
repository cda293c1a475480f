"""The number of the format of files: it goes up with each field or choice that earlier versions do not know.

They refuse a file with such a field or choice as damaged. So a field is written only where it differs from its default,
and a file bears the lowest number of a format that has all of its fields and choices: who knows only lower ones says
that a newer version of the program made it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import Field, field, fields
from typing import Any

FORMAT = 5  # the latest, which this version of the program knows
BY_LAYER = 5  # brought a choice for each layer


def since(number: int, default: Any) -> Any:
    """Return a dataclass field that a format brought; its default is what a file without it means."""
    return field(default=default, metadata={"since": number})


def later_fields(kind: type) -> tuple[Field[Any], ...]:
    """Return the fields of a dataclass that came after the first format."""
    return tuple(f for f in fields(kind) if f.metadata.get("since", 1) > 1)


def _changed_later(record: Any) -> Iterator[Field[Any]]:
    return (f for f in later_fields(type(record)) if getattr(record, f.name) != f.default)


def format_of(*records: Any) -> int:
    """Return the lowest format that has all in which these instances of dataclasses are not as by default.

    That is each field, and what a field of the configuration chooses by name: its record says `since` when.
    """
    numbers = [f.metadata["since"] for record in records for f in _changed_later(record)]
    for record in records:
        for f in fields(record):
            choices = f.metadata["setting"].choices if "setting" in f.metadata else ()
            if isinstance(choices, Mapping):
                chosen = getattr(record, f.name)
                if isinstance(chosen, tuple):
                    numbers.append(BY_LAYER)
                names = chosen if isinstance(chosen, tuple) else (chosen,)
                numbers += [getattr(choices[name], "since", 1) for name in names]
    return max(numbers, default=1)


def later_values(record: Any) -> dict[str, Any]:
    """Return the values of the fields that came after the first format, but not defaults."""
    return {f.name: getattr(record, f.name) for f in _changed_later(record)}


def values_to_write(record: Any) -> dict[str, Any]:
    """Return the values of all fields, but not defaults of those that came after the first format."""
    later = {f.name for f in later_fields(type(record))}
    first = {f.name: getattr(record, f.name) for f in fields(record) if f.name not in later}
    return {**first, **later_values(record)}
