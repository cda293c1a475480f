"""Icons in the colours of a theme."""

from functools import lru_cache

from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from tinynet_gui.resources import resource_path

SIZES = (16, 32, 64)  # for screens of scale 1, 2 and 4


@lru_cache(maxsize=64)
def make_icon(name: str, color: str) -> QIcon:
    """Draw ``resources/icons/<name>.svg`` with its currentColor replaced, as #rrggbb."""
    svg = resource_path(f"icons/{name}.svg").read_text(encoding="utf-8").replace("currentColor", color)
    renderer = QSvgRenderer(QByteArray(svg.encode()))
    icon = QIcon()
    for size in SIZES:
        pixmap = QPixmap(QSize(size, size))
        pixmap.fill(Qt.GlobalColor.transparent)
        with QPainter(pixmap) as painter:
            renderer.render(painter)
        icon.addPixmap(pixmap)
    return icon
