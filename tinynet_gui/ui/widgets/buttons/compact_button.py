"""The small buttons with a word on them."""

from PySide6.QtWidgets import QToolButton

from tinynet_gui.ui.widgets.naming import named


def compact_button(
    text: str, object_name: str, accessible_name: str, tooltip: str, *, checkable: bool = False
) -> QToolButton:
    """Return a small button, or a switch."""
    button = named(QToolButton(), object_name, accessible_name, tooltip)
    button.setText(text)
    button.setCheckable(checkable)
    button.setProperty("compact", True)
    return button
