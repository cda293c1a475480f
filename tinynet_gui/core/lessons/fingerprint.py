"""A lesson's fingerprint, which changes with every word of it."""

import hashlib
from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from tinynet_gui.core.config import Config
from tinynet_gui.core.lessons.expression import Expression


def fingerprint(lesson: object) -> str:
    """Return what distinguishes a lesson from all others, and from its own earlier versions."""
    return hashlib.sha256("\0".join(_parts(lesson)).encode()).hexdigest()


def _parts(value: object) -> Iterator[str]:
    """Yield the parts of a lesson, in order, as text that is the same in each process."""
    match value:
        case Expression():
            yield value.text
        case Config():
            yield value.to_json()
        case tuple():
            yield str(len(value))
            for part in value:
                yield from _parts(part)
        case frozenset():
            yield from _parts(tuple(sorted(value)))
        case _ if is_dataclass(value):
            yield type(value).__name__
            for f in (f for f in fields(value) if f.compare):
                yield from _parts(getattr(value, f.name))
        case _:
            yield repr(value)
