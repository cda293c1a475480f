"""Words for who listens to a screen reader."""

from typing import Any

from PySide6.QtWidgets import QWidget


def tell(widget: QWidget, words: str, is_error: bool = False) -> None:
    """Tell what has happened in a widget: to the nearest one around it that has a signal `told`, as the window has."""
    around: Any = widget
    while around is not None and not hasattr(around, "told"):
        around = around.parentWidget()
    if around is not None:
        around.told.emit(words, is_error)
