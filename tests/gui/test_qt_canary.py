"""Qt itself: what the pins in pyproject rest on."""

import sys

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot


def test_void_calls_do_not_lose_references_to_none(qtbot: QtBot) -> None:
    """From Python 3.12 on None is immortal, and this cannot happen."""
    widget = QWidget()
    qtbot.addWidget(widget)
    before = sys.getrefcount(None)
    for _ in range(500):
        widget.update()
    assert sys.getrefcount(None) > before - 100
