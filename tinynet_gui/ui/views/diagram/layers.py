"""Layers of the diagram: what a function draws is kept as pixels until it would draw something else.

Each function takes all that it draws from as arguments, so that nothing else can change its layer. A layer gives to the
bit what drawing gives, where nothing is below it or no two of its parts share a pixel that they do not fill.
"""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPixmap

from tinynet_gui.ui.style.zoom import zoom

Paint = Callable[..., object]  # of a painter, and then of all that its drawing depends on
Draw = Callable[..., None]  # of a painter, and then of such a function and its arguments


def directly(painter: QPainter, paint: Paint, *arguments: Any) -> None:
    """Draw with no layer, as into a picture of another resolution."""
    paint(painter, *arguments)


class Layers:
    """One layer for each function, drawn anew if an argument, the zoom, or the size or scale of the picture differs."""

    def __init__(self) -> None:
        self._kept: dict[Paint, tuple[tuple[Any, ...], QPixmap]] = {}

    def draw(self, painter: QPainter, paint: Paint, *arguments: Any) -> None:
        """Draw what a function draws, into a pixmap."""
        picture = painter.device()
        assert isinstance(picture, QPixmap)
        key = (arguments, zoom(), picture.size(), picture.devicePixelRatioF())
        kept, layer = self._kept.get(paint, ((), picture))
        if kept != key:
            layer = QPixmap(picture.size())
            layer.setDevicePixelRatio(picture.devicePixelRatioF())
            layer.fill(Qt.GlobalColor.transparent)
            with QPainter(layer) as own:
                own.setRenderHints(painter.renderHints())
                paint(own, *arguments)
            self._kept[paint] = (key, layer)
        painter.drawPixmap(0, 0, layer)
