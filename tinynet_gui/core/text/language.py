"""The language of what people read: translation of sentences by gettext, and the signs in numbers.

The program chooses one with `use`, before it imports modules that hold texts: those may translate as they are imported.
The library, worker processes and tests do not choose: English. `speaking` sets another for the code within it, as
`decimal.localcontext` does, such as a lesson's. Only make texts there: showing or hiding a widget could run other code,
which would then use that language too.

A language is a folder among the program's lessons; its ``words.po`` is compiled to ``words.mo`` at build time. A
missing or damaged one falls back to English.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from tinynet_gui.core.system.machine import resource_path

if TYPE_CHECKING:
    from gettext import GNUTranslations

ENGLISH = "en"
T = TypeVar("T")


class _Words(NamedTuple):
    language: str
    catalog: "GNUTranslations | None" = None
    signs: dict[int, str] | None = None


_ENGLISH = _Words(ENGLISH)
_used = _ENGLISH  # by the process
_override: ContextVar[_Words | None] = ContextVar("language", default=None)


def use(language: str) -> None:
    """Translate to a language, such as ``de``, in all of this process; texts that exist already stay as they are."""
    global _used  # noqa: PLW0603
    _used = _words_of(language)


def languages() -> list[str]:
    """Return the codes of the languages that there are, English first."""
    return [ENGLISH, *sorted(file.parent.name for file in resource_path("lessons/README.md").parent.glob("*/words.mo"))]


def translated_resource(name: str) -> Path:
    """Return a resource in the process's language, from the language's folder if it is there."""
    try:
        return resource_path(f"lessons/{_used.language}/{Path(name).name}")
    except FileNotFoundError:
        return resource_path(name)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Translate to a language, such as ``de``, within this context."""
    before = _override.set(_words_of(language))
    try:
        yield
    finally:
        _override.reset(before)


@cache
def _words_of(language: str) -> _Words:
    if language == ENGLISH or not is_language(language):
        return _ENGLISH
    from gettext import GNUTranslations  # loaded late: most do not need it

    try:
        with open(resource_path(f"lessons/{language}/words.mo"), "rb") as file:
            catalog = GNUTranslations(file)
    except Exception:  # missing, or damaged, for which the reader raises various errors
        return _ENGLISH
    point, comma = catalog.pgettext("decimal sign", "."), catalog.pgettext("sign between thousands", ",")
    return _Words(language, catalog, str.maketrans({".": point, ",": comma}))


def _current() -> _Words:
    return _override.get() or _used


def process_language() -> str:
    """Return the code of the process's language."""
    return _used.language


def current_language() -> str:
    """Return the code of the current language."""
    return _current().language


def is_language(text: str) -> bool:
    """Return whether a text can be a language code, such as ``de``."""
    return text.isascii() and text.isalpha() and text.islower() and 2 <= len(text) <= 3


def gettext(message: str) -> str:
    """Translate an English sentence to the current language."""
    catalog = _current().catalog
    return catalog.gettext(message) if catalog is not None and message else message  # that of "" is the file's head


def pgettext(context: str, message: str) -> str:
    """Translate one of several English texts that are written alike, such as the noun and the verb *step*."""
    catalog = _current().catalog
    return message if catalog is None else catalog.pgettext(context, message)


def ngettext(one: str, many: str, count: int) -> str:
    """Translate a sentence to the current language, in the plural form that fits `count`."""
    catalog = _current().catalog
    if catalog is None:
        return one if count == 1 else many
    return catalog.ngettext(one, many, count)


def gettext_in(language: str, message: str, **filled: object) -> str:
    """Translate an English sentence to a language, and fill in its holes."""
    with speaking(language):
        return gettext(message).format(**filled)


def N_(message: str) -> str:
    """Mark a sentence for translation later, and return it unchanged."""
    return message


def NC_(context: str, message: str) -> str:
    """Mark one of several texts that are written alike for translation later, and return it unchanged."""
    return message


def translated(*names: str, context: str = "") -> Callable[[type[T]], type[T]]:
    """Make fields of a dataclass that hold marked texts read in the current language."""

    def readable(name: str) -> property:
        return property(
            lambda self: translate_stored(vars(self)[name], context=context),
            lambda self, english: vars(self).update({name: english}),
        )

    def decorated(of: type[T]) -> type[T]:
        for name in names:
            setattr(of, name, readable(name))
        return of

    return decorated


def translate_stored(english: str, *messages: str, context: str = "") -> str:
    """Translate a text that was kept in English, or one of `messages` with its holes filled, to the current language.

    What fills a hole is translated likewise; `context` is that of the whole text, or of what fills the holes.
    """
    if _current() is _ENGLISH or not english:
        return english
    for message in messages:
        holes = re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+)", re.escape(message))
        if (found := re.fullmatch(holes, english)) is not None:
            filled = {name: translate_stored(text, context=context) for name, text in found.groupdict().items()}
            return gettext(message).format(**filled)
    if re.fullmatch(r"\d{1,3}(,\d{3})*", english):
        return with_signs(english)
    in_context = pgettext(context, english) if context else english
    return gettext(english) if in_context == english else in_context


def within_sentence(name: str) -> str:
    """Begin a name with a small letter, unless the current language writes nouns with a capital."""
    keeps = pgettext("a noun's first letter within a sentence", "small") == "capital"
    return name if keeps else name[:1].lower() + name[1:]


def capitalised(clause: str) -> str:
    """Begin a clause with a capital letter, as a sentence or a heading."""
    return clause[:1].upper() + clause[1:]


def with_signs(number: str) -> str:
    """Localise the decimal point and thousands commas of a written number to the current language."""
    signs = _current().signs
    return number if signs is None else number.translate(signs)


def decimal_sign() -> str:
    """Return the decimal sign of the current language: a point or a comma."""
    return with_signs(".")
