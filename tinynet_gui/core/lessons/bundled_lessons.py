"""The lessons that come with the program, in English and, where they are translated, in other languages."""

import re
from pathlib import Path

from tinynet_gui.core.text.language import ENGLISH
from tinynet_gui.core.text.unbroken import unbroken
from tinynet_gui.resources import resource_path

FIRST = "lessons/01-the-tutorial.md"  # of the resources
NOTES = "teachers-notes.md"  # beside them, for teachers, with all answers


def own_lessons(language: str = ENGLISH) -> list[Path]:
    """Return the files of the program's own lessons, in their order: translated into a language, or else in English."""
    translated = {file.name: file for file in translations().get(language, ())}
    return [translated.get(file.name, file) for file in sorted(_folder().glob("[0-9]*.md"))]


def translations() -> dict[str, list[Path]]:
    """Return the translated lessons by language, such as ``de``: the name of their folder."""
    found: dict[str, list[Path]] = {}
    for file in sorted(_folder().glob("*/[0-9]*.md")):
        found.setdefault(file.parent.name, []).append(file)
    return found


def is_own(file: Path) -> bool:
    """Return whether a file is one of the program's own lessons, in any language."""
    return file.is_relative_to(_folder()) and file.match("[0-9]*.md") and file.is_file()


def lesson_name(file: Path) -> str:
    """Return the name by which a lesson is remembered: of the program's own ``01-…`` or ``de/01-…``, else its path."""
    return file.relative_to(_folder()).with_suffix("").as_posix() if is_own(file) else str(file)


def notes_heading(file: Path) -> str:
    """Return how the heading of the teacher's notes on one of the program's own lessons begins: with its number."""
    return f"{int(file.name.partition('-')[0])} "


def teachers_notes() -> str:
    """Return the teacher's notes on the program's own lessons, as Markdown."""
    return unbroken((_folder() / NOTES).read_text(encoding="utf-8"))


def without_answers(notes: str) -> str:
    """Return the teacher's notes with the questions alone: of what is right, wrong or to be done, nothing."""
    asked = re.sub(r"^(- Page \d+\. \*[^*]+\*)[^\n]*(?:\n {2}[^\n]*)*", r"\1", notes, flags=re.MULTILINE)
    return re.sub(r"^\*\*Ask next\.\*\*.*?(?=^## |\Z)", _without_brackets, asked, flags=re.MULTILINE | re.DOTALL)


def _without_brackets(found: re.Match[str]) -> str:
    return re.sub(r"\s*\([^()]*\)", "", found[0])


def _folder() -> Path:
    return resource_path(FIRST).parent
