"""A view as a picture: as it is on the screen, or finer, in other colours, as lines and text."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

import pyqtgraph as pg
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPoint, QSize
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QGraphicsView, QWidget

from tinynet_gui.ui.style.theme import Theme, make_palette, style_sheet
from tinynet_gui.ui.widgets.picture_scale import drawn_at, pixel_scale

SETTING_KEY = "tinynet"  # of the text in a PNG file
SVG_DPI = 96


class Themed(Protocol):
    """What can take on the colours of a theme."""

    def show_theme(self, theme: Theme) -> None:
        """Take them on."""


@dataclass(frozen=True)
class Look:
    """The colours that a view has, and those that it is to have in the picture."""

    shown: Theme
    wanted: Theme


def grabbed(view: QWidget) -> QImage:
    """Return a view as it is on the screen."""
    return view.grab().toImage()


def drawn(view: QWidget, look: Look, scale: float) -> QImage:
    """Return a view with so many pixels for one of the window's; as on the screen where that is what is wanted."""
    if scale == pixel_scale() and look.wanted == look.shown:
        return grabbed(view)
    with _in_look(view, look, scale):
        image = QImage(view.size() * scale, QImage.Format.Format_ARGB32_Premultiplied)
        image.setDevicePixelRatio(scale)
        image.fill(look.wanted.color("window"))
        view.render(image)
    return image


def drawn_as_svg(view: QWidget, look: Look, description: str = "") -> bytes:
    """Return a view as SVG, with its text as text."""
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(view.size())
    generator.setViewBox(view.rect())
    generator.setResolution(SVG_DPI)
    generator.setTitle(view.accessibleName())
    generator.setDescription(description)
    with _in_look(view, look, 1.0), QPainter(generator) as painter:
        view.render(painter, QPoint(0, 0))
    return content.data()


def png(image: QImage, setting: str) -> bytes:
    """Return a picture as a PNG file in which its setting stands."""
    image.setText(SETTING_KEY, setting)
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return content.data()


def pixel_size(view: QWidget, scale: float) -> QSize:
    """Return the size of a view's picture."""
    return view.size() * scale


@contextmanager
def _in_look(view: QWidget, look: Look, scale: float) -> Iterator[None]:
    """Meanwhile a view has other colours and other pens; nothing of it comes to the screen."""
    items = [item for plot in view.findChildren(QGraphicsView) for item in plot.items()]
    items = [item for item in items if isinstance(item, pg.GraphicsItem)]
    other = look.wanted != look.shown
    try:
        with drawn_at(scale):
            if other:
                view.setPalette(make_palette(look.wanted))
                view.setStyleSheet(style_sheet(look.wanted))
            view.show_theme(look.wanted)
            for item in items:
                item.setExportMode(True, {"antialias": True})
            yield
    finally:
        for item in items:
            item.setExportMode(False)
        if other:
            view.setStyleSheet("")
            view.setPalette(view.parentWidget().palette() if view.parentWidget() else make_palette(look.shown))
        view.show_theme(look.shown)
