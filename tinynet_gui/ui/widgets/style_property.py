"""Widget properties used by the window's style sheet."""

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
