"""What the program says in a lesson, as it stands in the sources, and its translations.

``python -m tests.catalogue`` brings what is new in the sources into each ``words.po``, untranslated, and takes out what
is there no more.
"""

import io
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from tests.lessons import LESSONS
from tinynet_gui.core.wording.glossary import TERMS
from tinynet_gui.packaging.translations import compile_words

ROOT = LESSONS.parents[1]
FILES = sorted(LESSONS.glob("*/words.po"))
SIGNS = {"decimal sign": ".", "sign between thousands": ","}  # of numbers, by the contexts of their messages
UNWANTED = tuple(
    f'"{name}' for name in ("Project-Id", "Report-", "POT-", "PO-Rev", "Last-Trans", "Language-Team", "Generated-By")
)


def said() -> Catalog:
    """Return all that the sources mark for translation, with the places."""
    found = Catalog()
    for of, sign in SIGNS.items():
        found.add(sign, context=of)
    for term in TERMS:
        place = [("tinynet_gui/core/wording/glossary.py", 1)]
        found.add(term.key, context="glossary", locations=place)
        found.add(term.meaning, locations=place)
        note = ["Its forms in texts, as regular expressions in lower case, with | between them"]
        found.add(term.spellings, context="glossary, in texts", locations=place, auto_comments=note)
    for file, line, message, comments, context in _marked():
        found.add(message, locations=[(f"tinynet_gui/{file}", line)], auto_comments=comments, context=context)
    return found


@cache
def _marked() -> list[Any]:
    keywords: dict[str, Any] = {"_": None, "gettext": None, "N_": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
    keywords |= {"NC_": keywords["pgettext"], "gettext_in": (2,)}
    files, tags = [("**.py", "python")], ["Translators:"]
    return list(extract_from_dir(ROOT / "tinynet_gui", files, None, keywords, tags))


def texts(of: object) -> tuple[str, ...]:
    """Return a message's text, or those of its plurals."""
    return tuple(map(str, of)) if isinstance(of, tuple | list) else (str(of or ""),)


def read(file: Path) -> Catalog:
    """Return a translation."""
    with file.open("rb") as words:
        return read_po(words, locale=file.parent.name)


def write(file: Path, words: Catalog) -> None:
    """Write a translation, without what changes too often: dates, and the numbers of lines."""
    text = io.BytesIO()
    write_po(text, words, width=120, ignore_obsolete=True, include_lineno=False)
    lines = text.getvalue().decode().splitlines(keepends=True)
    file.write_text("".join(line for line in lines if not line.startswith(UNWANTED)), encoding="utf-8", newline="")


if __name__ == "__main__":
    for each in FILES:
        translated = read(each)
        translated.update(said(), no_fuzzy_matching=True)
        write(each, translated)
    compile_words(ROOT)
