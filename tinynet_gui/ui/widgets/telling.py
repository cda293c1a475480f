"""Words for who listens to a screen reader."""

from PySide6.QtWidgets import QWidget

from tinynet_gui.ui.widgets.path_up import path_up

PLACE = "place"  # the topic of what keys come to, one after another


def tell(widget: QWidget, words: str, is_error: bool = False, topic: str = "") -> None:
    """Tell what has happened in a widget: to the nearest one around it that has a signal `told`, as the window has.

    Newer words of the same topic replace them, as long as they wait; without a topic they are heard in any case.
    """
    for around in path_up(widget):
        if hasattr(around, "told"):
            around.told.emit(words, is_error, topic)
            return
