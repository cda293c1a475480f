"""A language for tests, in which all that is translated is marked: ⟦so⟧, and numbers have signs of their own."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.mofile import write_mo
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit, QPlainTextEdit, QTextEdit, QWidget

from tests.catalogue import FILES, SIGNS, read, texts
from tinynet_gui.core.system.machine import resource_path

LANGUAGE = "qps"
POINT, COMMA = "٫", "٬"
_MARKED, _ENGLISH = re.compile(r"⟦[^⟧]*⟧"), re.compile(r"[^\W\d_]{2,}|\d[.,]\d")
_HOLE = re.compile(r"(\{[^{}]*\})")


def marked(text: str) -> str:
    """Mark the words of a message, but not what is filled in."""
    return "".join(piece if _HOLE.match(piece) or not piece.strip() else f"⟦{piece}⟧" for piece in _HOLE.split(text))


def speak_it(patch: pytest.MonkeyPatch, folder: Path, longer_by: float = 0) -> None:
    """Make it a language of the program, with texts that are longer by a share."""
    words, signs = read(FILES[0]), dict(zip(SIGNS, (POINT, COMMA), strict=True))  # which has all messages, see its test
    for message in filter(lambda message: message.id, words):
        strings = tuple(
            signs.get(message.context or "") or marked(text) + round(longer_by * len(text)) * "~"
            for text in texts(message.id)
        )
        message.string = strings if len(strings) > 1 else strings[0]
    with (folder / "words.mo").open("wb") as file:
        write_mo(file, words)
    patch.setattr(
        "tinynet_gui.core.text.language.resource_path",
        lambda name: folder / "words.mo" if LANGUAGE in name else resource_path(name),
    )


def texts_of(view: QWidget) -> Iterator[str]:
    """Yield all that can be seen or heard in a view, now."""
    for widget in (view, *view.findChildren(QWidget)):
        if widget.isVisible():
            match widget:
                case QLabel() | QAbstractButton() | QLineEdit():
                    yield widget.text()
                case QTextEdit() | QPlainTextEdit():
                    yield widget.toPlainText()
            yield from (widget.toolTip(), widget.accessibleName(), widget.accessibleDescription())


def left_in_english(text: str) -> list[str]:
    """Return the words that are not marked, and the numbers with the signs of English."""
    return _ENGLISH.findall(_MARKED.sub(" ", text))
