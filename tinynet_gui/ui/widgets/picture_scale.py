"""The resolution of drawing: the screen's, or that of a requested picture."""

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtGui import QGuiApplication

_of_picture: list[float] = []  # while one is being drawn


def pixel_scale() -> float:
    """Return the number of screen or picture pixels for one of the window's."""
    if _of_picture:
        return _of_picture[-1]
    application = QGuiApplication.instance()
    return application.devicePixelRatio() if isinstance(application, QGuiApplication) else 1.0


def draws_picture() -> bool:
    """Whether a picture is being drawn, for which caches in screen pixels would be too coarse."""
    return bool(_of_picture)


@contextmanager
def drawing_picture(scale: float) -> Iterator[None]:
    """Draw a picture with `scale` pixels for one of the window's, within the context."""
    _of_picture.append(scale)
    try:
        yield
    finally:
        _of_picture.pop()
