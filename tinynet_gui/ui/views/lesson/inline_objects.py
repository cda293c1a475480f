"""Formulas and pictures in a lesson's text, each drawn as one large character."""

from collections.abc import Sequence
from math import ceil
from typing import Protocol

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRect, QRectF, QSize, QSizeF
from PySide6.QtGui import (
    QFont,
    QFontMetricsF,
    QImage,
    QImageReader,
    QPainter,
    QPyTextObject,
    QTextCharFormat,
    QTextDocument,
    QTextFormat,
)
from PySide6.QtSvg import QSvgRenderer

from tinynet_gui.core.text.formula_svg import COLOR, SIZE, formula_svg
from tinynet_gui.ui.style.theme import Theme
from tinynet_gui.ui.style.zoom import px

KIND = QTextFormat.ObjectTypes.UserObject.value + 1
_PLACE = QTextFormat.Property.UserProperty.value + 1  # of a character's object among all
X_HEIGHT = 0.467  # of the formulas' font, of its size
MOST_PIXELS = 2_000  # of the side of a picture in memory
CHARACTER = "\ufffc"


class InlineObject(Protocol):
    """A formula or a picture; `source` replaces it in plain text, and a tall one has its own lines."""

    source: str
    is_tall: bool

    def size(self) -> QSizeF:
        """Return its natural size."""

    def is_on_base_line(self) -> bool:
        """Whether its rectangle ends at the base line; otherwise it reaches below."""

    def draw(self, painter: QPainter, rect: QRectF, base: float) -> None:
        """Draw it in its rectangle, on the base line of the text."""


class FormulaObject:
    """A formula in LaTeX, as large as the letters around it."""

    def __init__(self, latex: str, is_displayed: bool, font: QFont, theme: Theme) -> None:
        self.source, self.is_tall = f"${latex}$", is_displayed
        metrics = QFontMetricsF(font)
        self._half_x, self._room_below = metrics.xHeight() / 2, metrics.descent()
        svg, *box = formula_svg(latex, is_displayed)
        scale = metrics.xHeight() / X_HEIGHT / SIZE
        self._box = QRectF(*(scale * length for length in box))
        self._renderer = QSvgRenderer(QByteArray(svg.replace(f'"{COLOR}"'.encode(), f'"{theme.ink}"'.encode())))

    def is_on_base_line(self) -> bool:
        return self._box.bottom() <= self._room_below  # what is below fits between the lines

    def size(self) -> QSizeF:
        above, below = -self._box.top(), self._box.bottom()
        if self.is_on_base_line():
            return QSizeF(self._box.width(), above)
        return QSizeF(self._box.width(), 2 * max(above - self._half_x / 2, below + self._half_x / 2))

    def draw(self, painter: QPainter, rect: QRectF, base: float) -> None:
        scale = rect.width() / self._box.width()
        top, height = base + scale * self._box.top(), scale * self._box.height()
        self._renderer.render(painter, QRectF(rect.left(), top, rect.width(), height))


class PictureObject:
    """A picture; its source is its alternative text."""

    is_tall = True

    def __init__(self, image: QImage, words: str) -> None:
        self.source, self._image = words, image

    def is_on_base_line(self) -> bool:
        return True

    def size(self) -> QSizeF:
        return QSizeF(self._image.size()) * px(1)

    def draw(self, painter: QPainter, rect: QRectF, base: float) -> None:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(rect, self._image)


class InlineObjects(QPyTextObject):
    """Draws the objects of a document and of its copies, none wider than the text."""

    def __init__(self, objects: Sequence[InlineObject]) -> None:
        super().__init__()
        self._objects = objects

    def take(self, document: QTextDocument) -> None:
        """Draw those of a document."""
        document.documentLayout().registerHandler(KIND, self)

    def intrinsicSize(self, doc: QTextDocument, pos_in_document: int, form: QTextFormat) -> QSizeF:
        size, around = self._objects[form.intProperty(_PLACE)].size(), doc.findBlock(pos_in_document).textList()
        room = doc.textWidth() - (around.format().indent() * doc.indentWidth() if around is not None else 0)
        return size * (room / size.width()) if 0 < room < size.width() else size

    def drawObject(
        self, painter: QPainter, rect: QRectF | QRect, doc: QTextDocument, pos_in_document: int, form: QTextFormat
    ) -> None:
        inline, base = self._objects[form.intProperty(_PLACE)], rect.bottom()
        if not inline.is_on_base_line():  # Qt has put it around the middle of its line
            block = doc.findBlock(pos_in_document)
            line = block.layout().lineForTextPosition(pos_in_document - block.position())
            base = rect.top() + line.ascent() - (line.height() - rect.height()) / 2
        painter.save()
        inline.draw(painter, QRectF(rect), base)
        painter.restore()

    def source(self, form: QTextCharFormat) -> str:
        """Return an object's plain text by its format; "" for the format of ordinary text."""
        return self._objects[form.intProperty(_PLACE)].source if form.objectType() == KIND else ""

    def is_tall(self, form: QTextCharFormat) -> bool:
        """Whether this is the format of a tall object."""
        return form.objectType() == KIND and self._objects[form.intProperty(_PLACE)].is_tall


def format_of(place: int, inline: InlineObject, around: QTextCharFormat) -> QTextCharFormat:
    """Return the format of the character of an object."""
    form = QTextCharFormat(around)
    form.setObjectType(KIND)
    form.setProperty(_PLACE, place)
    middle, base = QTextCharFormat.VerticalAlignment.AlignMiddle, QTextCharFormat.VerticalAlignment.AlignNormal
    form.setVerticalAlignment(base if inline.is_on_base_line() else middle)
    return form


def read_picture(content: bytes) -> QImage:
    """Decode a picture, a large one smaller; a null image if that cannot be done."""
    data, buffer = QByteArray(content), QBuffer()
    buffer.setData(data)
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    reader.setAutoTransform(True)
    size = reader.size()
    if max(size.width(), size.height()) > MOST_PIXELS:
        scale = MOST_PIXELS / max(size.width(), size.height())
        reader.setScaledSize(QSize(ceil(size.width() * scale), ceil(size.height() * scale)))
    return reader.read()
