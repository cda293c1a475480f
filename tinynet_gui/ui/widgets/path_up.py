"""What is around a widget."""

from PySide6.QtWidgets import QWidget


def path_up(target: QWidget, last: QWidget | None = None) -> list[QWidget]:
    """Return a widget and all its parents, up to the last, or to the outermost window."""
    path = [target]
    while path[-1] is not last and (outer := path[-1].parentWidget()) is not None:
        path.append(outer)
    return path
