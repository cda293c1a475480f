"""Renders views as pictures: as on screen, or finer and in other colours, as pixels or SVG."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from math import ceil, floor
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QBuffer, QByteArray, QEvent, QIODevice, QObject, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontInfo, QGuiApplication, QImage, QImageWriter, QPainter, QPen, QTransform
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QApplication, QGraphicsView, QLineEdit, QPushButton, QToolButton, QWidget

from tinynet_gui.qt import single_shot
from tinynet_gui.ui.style.colors import Theme
from tinynet_gui.ui.style.theme import in_theme, make_palette, show_theme_in, theme
from tinynet_gui.ui.widgets.skin import restyle

_of_picture: list[float] = []  # the scales of the pictures being rendered, innermost last


def pixel_scale() -> float:
    """Return the number of screen or picture pixels per pixel of the window."""
    if _of_picture:
        return _of_picture[-1]
    application = QGuiApplication.instance()
    return application.devicePixelRatio() if isinstance(application, QGuiApplication) else 1.0


def draws_picture() -> bool:
    """Whether a picture is being rendered, for which caches in screen pixels are too coarse."""
    return bool(_of_picture)


@contextmanager
def drawing_picture(scale: float) -> Iterator[None]:
    """Render a picture with `scale` pixels per pixel of the window, within the context."""
    _of_picture.append(scale)
    try:
        yield
    finally:
        _of_picture.pop()


def is_on_screen(widget: QWidget, painter: QPainter) -> bool:
    """Whether a widget's painter is the screen's, not that of a grab."""
    store = widget.window().backingStore()
    return store is not None and painter.paintEngine().paintDevice() is store.paintDevice()


REST_MS = 200  # debounce: without a new moment for this long, the widget is painted exactly


def follower(widget: QWidget, redraw: Callable[[bool], None], name: str, quick_ms: int = REST_MS) -> Callable[[], None]:
    """Return a callback that redraws a widget: as a draft while calls are frequent, exactly after the last."""
    rest = single_shot(widget, REST_MS, lambda: redraw(False), name)

    def follow() -> None:
        redraw(rest.remainingTime() >= REST_MS - quick_ms)
        rest.start()

    return follow


Bounds = tuple[float, float, float, float]  # left, top, right, bottom
Paint = Callable[..., Any]  # its arguments: a painter, and everything that the drawing depends on
_ENDS = (floor, floor, ceil, ceil)  # of a place, in whole pixels
ANTIALIASED = QPainter.RenderHint.Antialiasing
TURNS = 4  # in frames: at 60 per second, a column is repainted 15 times, a bit more often than text


def directly(
    painter: QPainter, place: Bounds, paint: Paint, *arguments: Any, moment: Sequence[Any] = (), **_turns: int
) -> Any:
    """Call the paint function: no cache, and so no turns; exact at any resolution."""
    return paint(painter, *arguments, *moment)


class Layers:
    """An image cache per paint function and turn, for drafts: colours are up to three of 255 off, rare pixels seven.

    It is invalidated by the arguments, not by the theme, zoom or scale. What also depends on the moment is repainted
    once in `every` frames; different `turn`s spread that, so that no frame takes much longer than others.
    """

    def __init__(self, scale: float) -> None:
        self._kept: dict[tuple[Paint, int], tuple[Any, ...]] = {}
        self._scale, self.frame = scale, 0

    def draw(
        self,
        painter: QPainter,
        place: Bounds,
        paint: Paint,
        *arguments: Any,
        moment: Sequence[Any] = (),
        turn: int = 0,
        every: int = TURNS,
    ) -> Any:
        """Draw through a cached image of a place; return what the function returned."""
        key, depends = (paint, turn), (place, *arguments)
        kept = self._kept.get(key)
        if is_other := kept is None or kept[0] != depends:
            left, top, right, bottom = (max(end(side * self._scale), 0) for end, side in zip(_ENDS, place, strict=True))
            pixels = np.zeros((bottom, right), np.uint32)  # not moved to `left`: rounded as on the screen
            image = QImage(pixels.data, right, bottom, 4 * right, QImage.Format.Format_ARGB32_Premultiplied)
            image.setDevicePixelRatio(self._scale)
            at, part = QPointF(left, top) / self._scale, QRectF(left, top, right - left, bottom - top)
            pixels = pixels[top:, left:]
        else:
            _depends, pixels, image, at, part, result = kept
        if is_other or (moment and (turn + self.frame) % every == 0):
            pixels[:] = 0
            with QPainter(image) as own:
                own.setRenderHint(ANTIALIASED)
                result = paint(own, *arguments, *moment)
            self._kept[key] = depends, pixels, image, at, part, result
        painter.drawImage(at, image, part)
        return result


_NAMESPACES = {"": "http://www.w3.org/2000/svg", "xlink": "http://www.w3.org/1999/xlink"}
_POINT = re.compile(r"(-?[\d.]+(?:e[-+]?\d+)?),(-?[\d.]+(?:e[-+]?\d+)?)")
_MATRIX = re.compile(r"matrix\((.*)\)")
for _prefix, _address in _NAMESPACES.items():
    ElementTree.register_namespace(_prefix, _address)


def plain_svg(parts: Sequence[bytes]) -> bytes:
    """Merge Qt's SVG drawings into one that needs no `vector-effect` and names real fonts."""
    root, *others = map(ElementTree.fromstring, parts)
    for other in others:
        root.extend(child for child in other if child.tag != f"{{{_NAMESPACES['']}}}title")
    _free_of_clips_of_text(root)
    for group in root.iter(f"{{{_NAMESPACES['']}}}g"):
        if len(group) and all(_keeps_width(shape) for shape in group):
            _flatten(group)
    for element in root.iter():
        element.attrib.pop("vector-effect", None)
        if family := element.get("font-family"):
            element.set("font-family", _families(family))
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))


def _free_of_clips_of_text(root: ElementTree.Element) -> None:
    """Remove a text's clip from the lines after it: Qt forgets to reset it, and axes were clipped to a title."""
    before: str | None = None  # the clip of lines
    clips_lines: dict[str, str | None] = {}
    for group in root.iter(f"{{{_NAMESPACES['']}}}g"):
        clip = group.get("clip-path")
        if clip is None or all(shape.tag == group.tag for shape in group.iter()):  # it may be empty
            continue
        has_text = group.find(f".//{{{_NAMESPACES['']}}}text") is not None
        before = clips_lines.setdefault(clip, before if has_text else clip)
        if not has_text and before is None:
            del group.attrib["clip-path"]
        elif not has_text and before is not None:
            group.set("clip-path", before)


def _keeps_width(shape: ElementTree.Element) -> bool:
    return shape.get("vector-effect") == "non-scaling-stroke" and not {"d", "points"}.isdisjoint(shape.attrib)


def _flatten(group: ElementTree.Element) -> None:
    """Convert shapes to the picture's coordinates, in which a width is the visible one."""
    matrix = _MATRIX.match(group.get("transform", ""))
    if matrix is None:
        return
    a, b, c, d, e, f = map(float, matrix[1].split(","))
    transform = QTransform(a, b, c, d, e, f)

    def moved(point: re.Match[str]) -> str:
        place = transform.map(QPointF(float(point[1]), float(point[2])))
        return f"{place.x():.6g},{place.y():.6g}"

    for shape in group:
        for name in ("d", "points"):
            if name in shape.attrib:
                shape.set(name, _POINT.sub(moved, shape.attrib[name]))
    del group.attrib["transform"]


def _families(family: str) -> str:
    info = QFontInfo(QFont(family))
    return f"{info.family()}, {'monospace' if info.fixedPitch() else 'sans-serif'}"


SETTING_KEY = "tinynet"  # the PNG text key of the setting
SVG_DPI = 96
KEPT_IN_PICTURES = "keptInPictures"  # a property of buttons that say something


def grabbed(view: QWidget) -> QImage:
    with _left_out(_buttons(view)):
        return view.grab().toImage()


def drawn(view: QWidget, wanted: Theme, scale: float) -> QImage:
    """Return a view in a theme, with `scale` pixels per pixel of the window; a plain grab if that is enough."""
    if scale == pixel_scale() and wanted == theme():
        return grabbed(view)
    with _in_look(view, wanted, scale), _left_out(_buttons(view)):
        image = QImage(view.size() * scale, QImage.Format.Format_ARGB32_Premultiplied)
        image.setDevicePixelRatio(scale)
        image.fill(wanted.color("window"))
        view.render(image)
    return image


def drawn_as_svg(view: QWidget, wanted: Theme) -> bytes:
    """Return a view in a theme as SVG, with its text as text."""
    plots = view.findChildren(QGraphicsView)
    viewports = [plot.viewport() for plot in plots]

    def draw_the_rest(painter: QPainter) -> None:
        with _left_out([*viewports, *_buttons(view)]):
            view.render(painter, QPoint(0, 0))

    def draw_plots(painter: QPainter) -> None:
        for plot in plots:
            if plot.isVisibleTo(view):
                painter.save()
                painter.translate(plot.mapTo(view, QPoint(0, 0)))
                plot.render(painter, QRectF(plot.viewport().geometry()), plot.viewport().rect())
                painter.restore()

    versions = QSvgGenerator.SvgVersion
    with _in_look(view, wanted, 1.0):
        # Qt misplaces clipped widgets, so none is clipped; plots, which must be clipped, are drawn afterwards.
        parts = [_svg(view, versions.SvgTiny12, draw_the_rest), _svg(view, versions.Svg11, draw_plots)]
    return plain_svg(parts)


def _svg(view: QWidget, version: QSvgGenerator.SvgVersion, draw: Callable[[QPainter], None]) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator(version)
    generator.setOutputDevice(buffer)
    generator.setSize(view.size())
    generator.setViewBox(view.rect())
    generator.setResolution(SVG_DPI)
    generator.setTitle(view.accessibleName())
    with QPainter(generator) as painter:
        draw(painter)
    return bytes(buffer.data().data())


def png(image: QImage, setting: str) -> bytes:
    """Return a picture as a PNG file that contains its setting."""
    image.setText(SETTING_KEY, setting)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return bytes(buffer.data().data())


@contextmanager
def _in_look(view: QWidget, wanted: Theme, scale: float) -> Iterator[None]:
    """Apply other colours and pens to a view within the context, without painting it on the screen."""
    items: list[Any] = []
    shown = theme()
    widgets = (view, *view.findChildren(QWidget))
    try:
        with drawing_picture(scale), in_theme(wanted):
            if wanted != shown:
                QApplication.setPalette(make_palette(wanted))
                restyle(*widgets)
            show_theme_in(view)
            found = [item for plot in view.findChildren(QGraphicsView) for item in plot.items()]
            items += [item for item in found if isinstance(item, pg.GraphicsItem)]
            for item in items:
                item.setExportMode(True, {"antialias": True})
            yield
    finally:
        for item in items:
            item.setExportMode(False)
        if wanted != shown:
            QApplication.setPalette(make_palette(shown))
            restyle(*widgets)
        show_theme_in(view)


class _Eraser(QObject):
    """Keeps widgets from painting."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        return event.type() == QEvent.Type.Paint


@contextmanager
def _left_out(widgets: Sequence[QWidget]) -> Iterator[None]:
    eraser = _Eraser()
    for widget in widgets:
        widget.installEventFilter(eraser)
    try:
        yield
    finally:
        for widget in widgets:
            widget.removeEventFilter(eraser)


def _buttons(view: QWidget) -> list[QWidget]:
    """Return the controls of a card that carry no information; none of a window."""
    if view.isWindow():
        return []
    fields = [field for field in view.findChildren(QLineEdit) if not field.text()]
    buttons = [*view.findChildren(QToolButton), *view.findChildren(QPushButton)]
    return [*fields, *(button for button in buttons if not button.property(KEPT_IN_PICTURES))]


def draw_with(painter: QPainter, pen: QPen | QColor | None, fill: QColor | None = None) -> None:
    """Set a painter's pen and fill; None for neither."""
    painter.setPen(Qt.PenStyle.NoPen if pen is None else pen)
    painter.setBrush(Qt.BrushStyle.NoBrush if fill is None else fill)
