"""The program's icon as the system's file format: ico on Windows, icns on macOS."""

from pathlib import Path

from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

from tinynet_gui.resources import resource_path

SIDE = 1024  # pixels: the largest that macOS shows


def write_icon(path: Path) -> Path:
    """Draw ``resources/icons/tinynet.svg`` into a file of the format that its name says, in all its sizes."""
    drawn = QImage(SIDE, SIDE, QImage.Format.Format_RGBA8888)
    drawn.fill(Qt.GlobalColor.transparent)
    with QPainter(drawn) as painter:
        QSvgRenderer(str(resource_path("icons/tinynet.svg"))).render(painter)
    Image.frombuffer("RGBA", (SIDE, SIDE), bytes(drawn.constBits())).save(path)
    return path
