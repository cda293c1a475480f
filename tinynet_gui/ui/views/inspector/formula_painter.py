"""Draws a laid out formula: its texts and brackets, and the areas behind marked or selected parts."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen

from tinynet_gui.ui.views.inspector.typeset import BRACKET, INSIDE, Area, FormulaLine, Piece, TypesetFormula

TIPS = 0.35  # the share of a bracket's width between its tips and its content


class FontRuler:
    """Measures texts in a font; widths are cached, as the same digits come again and again."""

    def __init__(self, font: QFont) -> None:
        self.upright, self.italic = QFont(font), QFont(font)
        self.italic.setItalic(True)
        self._metrics, self._italic_metrics = QFontMetricsF(self.upright), QFontMetricsF(self.italic)
        self.axis = self._metrics.strikeOutPos()  # above the base line
        # How far a text extends above and below the axis.
        self.half = max(self._metrics.ascent() - self.axis, self._metrics.descent() + self.axis)
        self._widths: dict[str, float] = {}

    def width(self, text: str, is_name: bool = False) -> float:
        """Return the width of a text; a name in italics is a little wider."""
        if is_name:
            return self._italic_metrics.horizontalAdvance(text) + 1
        if text not in self._widths:
            if len(self._widths) > 20_000:
                self._widths.clear()
            self._widths[text] = self._metrics.horizontalAdvance(text)
        return self._widths[text]


def draw_areas(painter: QPainter, areas: Sequence[Area], color: QColor) -> None:
    """Fill areas, without smoothing, so that touching ones show no seam."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    for area in areas:
        painter.fillRect(QRectF(*area), color)


def draw_formula(painter: QPainter, page: TypesetFormula, ruler: FontRuler, color: QColor, seen: QRectF) -> None:
    """Draw the visible lines."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(color)
    for line in page.lines:
        if line.axis + line.half < seen.top() or line.axis - line.half > seen.bottom():
            continue
        painter.setFont(ruler.upright)
        for piece in line.pieces:
            _draw_piece(painter, page, ruler, line, piece)


def _draw_piece(painter: QPainter, page: TypesetFormula, ruler: FontRuler, line: FormulaLine, piece: Piece) -> None:
    kind, width, half, text, columns = piece.size
    base = line.axis + ruler.axis
    match kind:
        case "text":
            painter.drawText(QPointF(piece.x, base), text)
        case "name":
            painter.setFont(ruler.italic)
            painter.drawText(QPointF(piece.x, base), text)
            painter.setFont(ruler.upright)
        case "open":
            _draw_bracket(painter, piece.right - TIPS * width, line.axis, half - 1, -1)
        case "close":
            _draw_bracket(painter, piece.x + TIPS * width, line.axis, half - 1, 1)
        case "matrix":
            _draw_bracket(painter, piece.x + BRACKET - INSIDE, line.axis, half - 1, -1)
            _draw_bracket(painter, piece.right - BRACKET + INSIDE, line.axis, half - 1, 1)
            for column in columns:
                left, y = piece.x + column.left, base - (len(column.texts) - 1) / 2 * page.row
                for entry, offset in column.texts:
                    painter.drawText(QPointF(left + offset, y), entry)
                    y += page.row


def _draw_bracket(painter: QPainter, x: float, y: float, half: float, way: int) -> None:
    """Draw a round bracket with its tips at x; it bulges by `way`: −1 to the left, 1 to the right."""
    depth = min(BRACKET - INSIDE - 1.5, 2.0 + half / 12)
    path = QPainterPath(QPointF(x, y - half + 1))
    back = x + way * depth * 4 / 3
    path.cubicTo(QPointF(back, y - half * 0.5), QPointF(back, y + half * 0.5), QPointF(x, y + half - 1))
    painter.strokePath(path, QPen(painter.pen().color(), 1.2))
