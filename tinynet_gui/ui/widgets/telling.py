"""Words for who listens to a screen reader."""

from PySide6.QtWidgets import QWidget

from tinynet_gui.ui.widgets.path_up import path_up


def tell(widget: QWidget, words: str, is_error: bool = False) -> None:
    """Tell what has happened in a widget: to the nearest one around it that has a signal `told`, as the window has."""
    for around in path_up(widget):
        if hasattr(around, "told"):
            around.told.emit(words, is_error)
            return
