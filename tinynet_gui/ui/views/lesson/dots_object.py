"""A row of the map in a lesson's text: a dot for each training, those that diverge at the top."""

import math

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPen

from tinynet_gui.core.lessons.map_row import Dots
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.numbers import plain
from tinynet_gui.ui.style.theme import Theme
from tinynet_gui.ui.style.zoom import drawn_width, px, readable

WIDTH, HEIGHT, RADIUS, MARGIN = 600, 360, 1.6, 4  # px; no wider than the text
DIVERGED = 0.06  # of the height, above the others


class DotsObject:
    """A dot for each number, which goes upwards logarithmically; its source is its alternative text."""

    is_tall = True

    def __init__(self, dots: Dots, words: str, font: QFont, theme: Theme) -> None:
        self.source, self._dots, self._font, self._theme = words, dots, QFont(font), theme
        self._font.setPointSizeF(0.8 * font.pointSizeF())
        readable(self._font)
        finite = [math.log10(number) for number in dots.numbers if 0 < number < math.inf]
        self._bottom, self._top = (min(finite), max(finite)) if finite else (0.0, 1.0)
        self._ends = plain(dots.low, 3), plain(dots.high, 3)  # of both axes, in the language that is spoken now
        self._heights, self._diverged = (plain(10**self._bottom, 2), plain(10**self._top, 2)), _("diverged")

    def is_on_base_line(self) -> bool:
        return True

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
        painter.setPen(QPen(self._theme.color("border"), drawn_width(1)))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        painter.drawLine(area.bottomLeft(), area.topLeft())
        painter.setPen(self._theme.color("muted"))
        self._write(painter, rect, area, inner, line)
        painter.setPen(Qt.PenStyle.NoPen)
        span, count = (self._top - self._bottom) or 1.0, len(self._dots.numbers)
        for place, number in enumerate(self._dots.numbers):
            x = area.left() + (place + 0.5) / count * area.width()
            is_finite = number < math.inf
            share = (math.log10(max(number, 1e-300)) - self._bottom) / span if is_finite else 0.0
            y = inner.bottom() - max(share, 0.0) * inner.height() if is_finite else area.top() + px(RADIUS)
            if not math.isnan(number):
                painter.setBrush(self._theme.color("accent" if is_finite else "error"))
                painter.drawEllipse(QPointF(x, y), px(RADIUS), px(RADIUS))

    def _write(self, painter: QPainter, rect: QRectF, area: QRectF, inner: QRectF, line: float) -> None:
        """Write the ends and the names of both axes, and what is at the top."""
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
        painter.setPen(self._theme.color("error"))
        painter.drawText(QRectF(area.left() + px(MARGIN), rect.top(), area.width(), line), self._diverged)
