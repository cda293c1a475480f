"""The language in which something is said: its sentences, by gettext, and the signs in its numbers.

It is English until `speaking` chooses another, which holds for what is called within it, as `decimal.localcontext` does
for decimal numbers: texts are made there, but no widget is shown or hidden, or others around it might speak it, too.

A language is a folder among the program's own lessons; ``words.po`` in it, compiled to ``words.mo`` when the program is
built, has what the program says in a lesson. Without one, or with a damaged
one, it says that in English.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from tinynet_gui.core.system.machine import resource_path

if TYPE_CHECKING:
    from gettext import GNUTranslations

ENGLISH = "en"


class _Words(NamedTuple):
    language: str
    said: "GNUTranslations"
    signs: dict[int, str]


_spoken: ContextVar[_Words | None] = ContextVar("spoken", default=None)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Say what is said meanwhile in a language, such as ``de``."""
    before = _spoken.set(_words_of(language))
    try:
        yield
    finally:
        _spoken.reset(before)


@cache
def _words_of(language: str) -> _Words | None:
    if language == ENGLISH or not is_language(language):
        return None
    from gettext import GNUTranslations  # loaded late: most lessons are in English

    try:
        with open(resource_path(f"lessons/{language}/words.mo"), "rb") as file:
            said = GNUTranslations(file)
    except Exception:  # there is none, or it is damaged, of which the reader says many things
        return None
    point, comma = said.pgettext("decimal sign", "."), said.pgettext("sign between thousands", ",")
    return _Words(language, said, str.maketrans({".": point, ",": comma}))


def spoken() -> str:
    """Return the code of the language spoken now."""
    words = _spoken.get()
    return ENGLISH if words is None else words.language


def is_language(text: str) -> bool:
    """Return whether a text can be the code of a language, such as ``de``."""
    return text.isascii() and text.isalpha() and text.islower() and 2 <= len(text) <= 3


def gettext(message: str) -> str:
    """Return what an English sentence is in the language spoken."""
    words = _spoken.get()
    return message if words is None else words.said.gettext(message)


def ngettext(one: str, many: str, count: int) -> str:
    """Return that one of two English sentences, for one and for many, which fits a count, in the language spoken."""
    words = _spoken.get()
    if words is None:
        return one if count == 1 else many
    return words.said.ngettext(one, many, count)


def said(language: str, message: str, **filled: object) -> str:
    """Return what an English sentence is in a language, filled in."""
    with speaking(language):
        return gettext(message).format(**filled)


def N_(message: str) -> str:
    """Mark a sentence for translation where it is not yet said, and return it."""
    return message


def with_signs(number: str) -> str:
    """Write a number that has a point, or commas between thousands, with the signs of the language spoken."""
    words = _spoken.get()
    return number if words is None else number.translate(words.signs)
