"""How a field is marked in which something is typed that is not taken."""

from PySide6.QtWidgets import QWidget


def mark_invalid(field: QWidget, is_invalid: bool) -> bool:
    """Mark a field, or take the mark back, and return whether that is news."""
    if bool(field.property("invalid")) == is_invalid:
        return False
    field.setProperty("invalid", is_invalid)
    field.style().unpolish(field)
    field.style().polish(field)
    return True
