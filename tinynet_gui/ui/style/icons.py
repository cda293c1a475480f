"""Icons in the colours of a theme."""

from functools import lru_cache

from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from tinynet_gui.resources import resource_path

SIZES = (16, 32, 64)  # for screens of scale 1, 2 and 4


@lru_cache(maxsize=64)
def make_icon(name: str, color: str, disabled: str | None = None) -> QIcon:
    """Draw ``resources/icons/<name>.svg`` with its currentColor replaced, as #rrggbb; another colour if disabled.

    Without that second colour Qt invents one, which in the dark theme can hardly be told from the first.
    """
    icon = QIcon()
    for mode, code in ((QIcon.Mode.Normal, color), (QIcon.Mode.Disabled, disabled)):
        if code is None:
            continue
        svg = resource_path(f"icons/{name}.svg").read_text(encoding="utf-8").replace("currentColor", code)
        renderer = QSvgRenderer(QByteArray(svg.encode()))
        for size in SIZES:
            pixmap = QPixmap(QSize(size, size))
            pixmap.fill(Qt.GlobalColor.transparent)
            with QPainter(pixmap) as painter:
                renderer.render(painter)
            icon.addPixmap(pixmap, mode)
    return icon
