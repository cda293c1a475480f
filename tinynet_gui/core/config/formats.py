"""The number of the format of files: it goes up with each field that earlier versions of the program do not know.

They refuse a file with such a field as damaged. So it is written only where it differs from its default, and a file
bears the lowest number of a format that has all of its fields: who knows only lower ones says that a newer version of
the program made it.
"""

from collections.abc import Iterator
from dataclasses import Field, field, fields
from typing import Any

FORMAT = 3  # the latest, which this version of the program knows


def since(number: int, default: Any) -> Any:
    """Return a dataclass field that a format brought; its default is what a file without it means."""
    return field(default=default, metadata={"since": number})


def later_fields(kind: type) -> tuple[Field[Any], ...]:
    """Return the fields of a dataclass that came after the first format."""
    return tuple(f for f in fields(kind) if f.metadata.get("since", 1) > 1)


def _changed_later(record: Any) -> Iterator[Field[Any]]:
    return (f for f in later_fields(type(record)) if getattr(record, f.name) != f.default)


def format_of(*records: Any) -> int:
    """Return the lowest format that has every field in which these instances of dataclasses are not as by default."""
    return max((f.metadata["since"] for record in records for f in _changed_later(record)), default=1)


def later_values(record: Any) -> dict[str, Any]:
    """Return the values of the fields that came after the first format, but not defaults."""
    return {f.name: getattr(record, f.name) for f in _changed_later(record)}


def values_to_write(record: Any) -> dict[str, Any]:
    """Return the values of all fields, but not defaults of those that came after the first format."""
    later = {f.name for f in later_fields(type(record))}
    first = {f.name: getattr(record, f.name) for f in fields(record) if f.name not in later}
    return {**first, **later_values(record)}
