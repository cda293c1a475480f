"""The current language: translation of sentences by gettext, and the signs in numbers.

It is English unless `speaking` sets another for the code within it, as `decimal.localcontext` does. Only make texts
there: showing or hiding a widget could run other code, which would then use that language too.

A language is a folder among the program's lessons; its ``words.po``, compiled to ``words.mo`` at build time, translates
what the program says in a lesson. A missing or damaged one falls back to English.
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
    """Translate to a language, such as ``de``, within this context."""
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
    except Exception:  # missing, or damaged, for which the reader raises various errors
        return None
    point, comma = said.pgettext("decimal sign", "."), said.pgettext("sign between thousands", ",")
    return _Words(language, said, str.maketrans({".": point, ",": comma}))


def spoken() -> str:
    """Return the code of the current language."""
    words = _spoken.get()
    return ENGLISH if words is None else words.language


def is_language(text: str) -> bool:
    """Return whether a text can be a language code, such as ``de``."""
    return text.isascii() and text.isalpha() and text.islower() and 2 <= len(text) <= 3


def gettext(message: str) -> str:
    """Translate an English sentence to the current language."""
    words = _spoken.get()
    return message if words is None else words.said.gettext(message)


def ngettext(one: str, many: str, count: int) -> str:
    """Translate a sentence to the current language, in the plural form that fits `count`."""
    words = _spoken.get()
    if words is None:
        return one if count == 1 else many
    return words.said.ngettext(one, many, count)


def said(language: str, message: str, **filled: object) -> str:
    """Translate an English sentence to a language, and fill in its holes."""
    with speaking(language):
        return gettext(message).format(**filled)


def N_(message: str) -> str:
    """Mark a sentence for translation later, and return it unchanged."""
    return message


def with_signs(number: str) -> str:
    """Localise the decimal point and thousands commas of a written number to the current language."""
    words = _spoken.get()
    return number if words is None else number.translate(words.signs)
