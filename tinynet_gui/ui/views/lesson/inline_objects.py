"""Formulas, pictures and dot plots in a lesson's text, each an inline object of the document."""

import math
from collections.abc import Sequence
from math import ceil
from typing import Protocol

from PySide6 import QtGui
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPointF, QRect, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen, QTextCharFormat, QTextDocument, QTextFormat
from PySide6.QtSvg import QSvgRenderer

from tinynet_gui.core.lessons.map_measurements import Dots
from tinynet_gui.core.text.formula import COLOR, SIZE, formula_svg
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.numbers import plain
from tinynet_gui.ui.style.theme import drawn_width, px, readable, theme

KIND = QTextFormat.ObjectTypes.UserObject.value + 1
_PLACE = QTextFormat.Property.UserProperty.value + 1  # the index of a character's object
X_HEIGHT = 0.467  # of the formulas' font, in units of its size
MAX_PIXELS = 2_000  # a larger picture is scaled down to this side
CHARACTER = "\ufffc"


class InlineObject(Protocol):
    """A formula or a picture; `source` replaces it in plain text, and a tall one gets its own line."""

    source: str
    is_tall: bool
    is_on_base_line: bool  # whether the rectangle ends at the baseline; otherwise it reaches below

    def size(self) -> QSizeF:
        """Return the natural size."""

    def draw(self, painter: QPainter, rect: QRectF, base: float) -> None:
        """Draw into a rectangle, at the text's baseline."""


class FormulaObject:
    """A LaTeX formula, as large as the surrounding letters."""

    def __init__(self, latex: str, is_displayed: bool, font: QtGui.QFont) -> None:
        self.source, self.is_tall = f"${latex}$", is_displayed
        metrics = QFontMetricsF(font)
        self._half_x = metrics.xHeight() / 2
        svg, *box = formula_svg(latex, is_displayed)
        scale = metrics.xHeight() / X_HEIGHT / SIZE
        self._box = QRectF(*(scale * length for length in box))
        self.is_on_base_line = self._box.bottom() <= metrics.descent()  # its descent fits the line's
        self._renderer = QSvgRenderer(QByteArray(svg.replace(f'"{COLOR}"'.encode(), f'"{theme().ink}"'.encode())))

    def size(self) -> QSizeF:
        above, below = -self._box.top(), self._box.bottom()
        if self.is_on_base_line:
            return QSizeF(self._box.width(), above)
        return QSizeF(self._box.width(), 2 * max(above - self._half_x / 2, below + self._half_x / 2))

    def draw(self, painter: QPainter, rect: QRectF, base: float) -> None:
        scale = rect.width() / self._box.width()
        top, height = base + scale * self._box.top(), scale * self._box.height()
        self._renderer.render(painter, QRectF(rect.left(), top, rect.width(), height))


class PictureObject:
    is_tall = is_on_base_line = True

    def __init__(self, image: QtGui.QImage, words: str) -> None:
        self.source, self._image = words, image

    def size(self) -> QSizeF:
        return QSizeF(self._image.size()) * px(1)

    def draw(self, painter: QPainter, rect: QRectF, base: float) -> None:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(rect, self._image)


class InlineObjects(QtGui.QPyTextObject):
    """Draws the inline objects of a document and of its copies, none wider than the text."""

    def __init__(self, objects: Sequence[InlineObject]) -> None:
        super().__init__()
        self._objects = objects

    def take(self, document: QTextDocument) -> None:
        document.documentLayout().registerHandler(KIND, self)

    def intrinsicSize(self, doc: QTextDocument, pos_in_document: int, form: QTextFormat) -> QSizeF:
        size, around = self._objects[form.intProperty(_PLACE)].size(), doc.findBlock(pos_in_document).textList()
        room = doc.textWidth() - (around.format().indent() * doc.indentWidth() if around is not None else 0)
        return size * (room / size.width()) if 0 < room < size.width() else size

    def drawObject(
        self, painter: QPainter, rect: QRectF | QRect, doc: QTextDocument, pos_in_document: int, form: QTextFormat
    ) -> None:
        inline, base = self._objects[form.intProperty(_PLACE)], rect.bottom()
        if not inline.is_on_base_line:  # Qt has put it around the middle of its line
            block = doc.findBlock(pos_in_document)
            line = block.layout().lineForTextPosition(pos_in_document - block.position())
            base = rect.top() + line.ascent() - (line.height() - rect.height()) / 2
        painter.save()
        inline.draw(painter, QRectF(rect), base)
        painter.restore()

    def source(self, form: QTextCharFormat) -> str:
        """Return the plain text of an object with this format; "" for ordinary text."""
        return self._objects[form.intProperty(_PLACE)].source if form.objectType() == KIND else ""

    def is_tall(self, form: QTextCharFormat) -> bool:
        return form.objectType() == KIND and self._objects[form.intProperty(_PLACE)].is_tall


def format_of(place: int, inline: InlineObject, around: QTextCharFormat) -> QTextCharFormat:
    form = QTextCharFormat(around)
    form.setObjectType(KIND)
    form.setProperty(_PLACE, place)
    middle, base = QTextCharFormat.VerticalAlignment.AlignMiddle, QTextCharFormat.VerticalAlignment.AlignNormal
    form.setVerticalAlignment(base if inline.is_on_base_line else middle)
    return form


def read_picture(content: bytes) -> QtGui.QImage:
    """Decode a picture, downscaling a large one; a null image if that fails."""
    data, buffer = QByteArray(content), QBuffer()
    buffer.setData(data)
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QtGui.QImageReader(buffer)
    reader.setAutoTransform(True)
    width, height = reader.size().toTuple()
    if max(width, height) > MAX_PIXELS:
        scale = MAX_PIXELS / max(width, height)
        reader.setScaledSize(QSize(ceil(width * scale), ceil(height * scale)))
    return reader.read()


WIDTH, HEIGHT, RADIUS, MARGIN = 600, 360, 1.6, 4  # px; no wider than the text
DIVERGED = 0.06  # the share of the height for diverged ones, at the top


class DotsObject:
    """Dots for numbers on a vertical logarithmic axis; the source is the alternative text."""

    is_tall = is_on_base_line = True

    def __init__(self, dots: Dots, words: str, font: QtGui.QFont) -> None:
        self.source, self._dots, self._font = words, dots, QtGui.QFont(font)
        self._font.setPointSizeF(0.8 * font.pointSizeF())
        readable(self._font)
        finite = [math.log10(number) for number in dots.numbers if 0 < number < math.inf]
        self._bottom, self._top = (min(finite), max(finite)) if finite else (0.0, 1.0)
        self._ends = plain(dots.low, 3), plain(dots.high, 3)  # of both axes, in the language that is spoken now
        self._heights, self._diverged = (plain(10**self._bottom, 2), plain(10**self._top, 2)), _("diverged")

    def size(self) -> QSizeF:
        return QSizeF(WIDTH, HEIGHT) * px(1)

    def draw(self, painter: QPainter, rect: QRectF, base: float) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._font)
        metrics = QFontMetricsF(self._font, painter.device())
        line, margin = metrics.height(), px(MARGIN)
        left = margin + max(map(metrics.horizontalAdvance, self._heights))
        area = rect.adjusted(left + margin, line, -margin, -line - margin)
        inner = area.adjusted(0, DIVERGED * area.height() + line, 0, 0)
        painter.setPen(QPen(theme().color("border"), drawn_width(1)))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        painter.drawLine(area.bottomLeft(), area.topLeft())
        painter.setPen(theme().color("muted"))
        self._write(painter, rect, area, inner, line)
        painter.setPen(Qt.PenStyle.NoPen)
        span, count = (self._top - self._bottom) or 1.0, len(self._dots.numbers)
        for place, number in enumerate(self._dots.numbers):
            x = area.left() + (place + 0.5) / count * area.width()
            is_finite = number < math.inf
            share = (math.log10(max(number, 1e-300)) - self._bottom) / span if is_finite else 0.0
            y = inner.bottom() - max(share, 0.0) * inner.height() if is_finite else area.top() + px(RADIUS)
            if not math.isnan(number):
                painter.setBrush(theme().color("accent" if is_finite else "error"))
                painter.drawEllipse(QPointF(x, y), px(RADIUS), px(RADIUS))

    def _write(self, painter: QPainter, rect: QRectF, area: QRectF, inner: QRectF, line: float) -> None:
        below = QRectF(area.left(), area.bottom() + px(MARGIN) / 2, area.width(), line)
        beside = QRectF(rect.left(), 0, area.left() - px(MARGIN) - rect.left(), line)
        for end, side in zip(self._ends, (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight), strict=True):
            painter.drawText(below, side, end)
        for height, y in zip(self._heights, (inner.bottom() - line, inner.top()), strict=True):
            painter.drawText(beside.translated(0, y), Qt.AlignmentFlag.AlignRight, height)
        painter.drawText(below, Qt.AlignmentFlag.AlignHCenter, self._dots.across)
        painter.save()
        painter.translate(area.left() - px(MARGIN) - line, area.bottom())
        painter.rotate(-90)
        painter.drawText(QRectF(0, 0, area.height(), line), Qt.AlignmentFlag.AlignCenter, self._dots.upwards)
        painter.restore()
        painter.setPen(theme().color("error"))
        painter.drawText(QRectF(area.left() + px(MARGIN), rect.top(), area.width(), line), self._diverged)
