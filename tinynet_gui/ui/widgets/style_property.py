"""Widget properties used by the window's style sheet."""

from typing import Any

from PySide6.QtGui import QAccessible, QAccessibleStateChangeEvent
from PySide6.QtWidgets import QWidget


def restyle(*widgets: QWidget) -> None:
    """Let the style sheet look at each of these widgets again, and at the palette."""
    for widget in widgets:
        style = widget.style()
        style.unpolish(widget)
        style.polish(widget)


def put_style_property(widget: QWidget, name: str, value: bool | str) -> bool:
    """Set a property of a widget that may be on the screen, and return whether it has changed."""
    if widget.property(name) == value:
        return False
    widget.setProperty(name, value)
    restyle(widget)
    return True


def mark_invalid(field: QWidget, is_invalid: bool) -> bool:
    """Mark a field whose text is invalid, or remove the mark, and return whether that is a change."""
    if bool(field.property("invalid")) == is_invalid or not put_style_property(field, "invalid", is_invalid):
        return False
    change: Any = QAccessible.State()
    change.invalid = True
    QAccessible.updateAccessibility(QAccessibleStateChangeEvent(field, change))
    return True
