"""Properties of widgets that the window's style sheet asks for."""

from PySide6.QtWidgets import QWidget


def put_style_property(widget: QWidget, name: str, value: bool | str) -> bool:
    """Give a widget that may be on the screen a property, and return whether that is news."""
    if widget.property(name) == value:
        return False
    widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)
    return True


def mark_invalid(field: QWidget, is_invalid: bool) -> bool:
    """Mark a field whose text is not taken, or take the mark back, and return whether that is news."""
    return bool(field.property("invalid")) != is_invalid and put_style_property(field, "invalid", is_invalid)
