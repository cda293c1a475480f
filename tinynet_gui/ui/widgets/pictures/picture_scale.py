"""How finely is drawn: on a screen as it has it, in a picture as it was asked for."""

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtGui import QGuiApplication

_of_picture: list[float] = []  # while one is drawn


def pixel_scale() -> float:
    """How many pixels of the screen, or of the picture that is drawn, one of the window's is."""
    if _of_picture:
        return _of_picture[-1]
    application = QGuiApplication.instance()
    return application.devicePixelRatio() if isinstance(application, QGuiApplication) else 1.0


def draws_picture() -> bool:
    """Whether a picture is drawn, in which what is kept in the pixels of the screen would be too coarse."""
    return bool(_of_picture)


@contextmanager
def drawing_picture(scale: float) -> Iterator[None]:
    """Meanwhile a picture is drawn with so many pixels for one of the window's."""
    _of_picture.append(scale)
    try:
        yield
    finally:
        _of_picture.pop()
