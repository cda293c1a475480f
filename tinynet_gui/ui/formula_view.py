"""Formulas set properly: matrices in tall brackets with their numbers under each other at the point."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPainterPath, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QApplication, QFrame, QScrollArea, QSizePolicy, QWidget

from tinynet_gui.core.latex import Matrix, Symbol, Term, as_plain
from tinynet_gui.ui.theme import Theme

BRACKET = 10.0  # px from where a bracket may begin to what it holds
INSIDE = 3.5  # px from a bracket's tips to what it holds
GAP = 9.0  # px between the columns of a matrix
INDENT = 14.0  # px before the lines after the first
BREAKS = (" = ", " + ", " − ")  # a new line may begin with one of these
DOTS = ("⋮", "⋯", "⋱")
UPRIGHT = set("0123456789.−+-∞⁻⁰¹²³⁴⁵⁶⁷⁸⁹·⋮⋯⋱= ()")


@dataclass(frozen=True)
class Box:
    """A set piece: its width, how far it reaches above and below the axis (the height of a minus), its drawing."""

    width: float
    up: float
    down: float
    draw: Callable[[QPainter, float, float], None]


class Setter:
    """Sets terms in a font; widths of texts are remembered, as the same digits come again and again."""

    def __init__(self, font: QFont) -> None:
        self.font = font
        self.italic = QFont(font)
        self.italic.setItalic(True)
        self._metrics, self._italic_metrics = QFontMetricsF(self.font), QFontMetricsF(self.italic)
        self.axis = self._metrics.strikeOutPos()
        self.up, self.down = self._metrics.ascent() - self.axis, self._metrics.descent() + self.axis
        self._widths: dict[str, float] = {}

    def row(self, terms: Sequence[Term]) -> list[Box]:
        """Set terms one after the other; brackets grow with what they hold."""
        levels: list[list[Box]] = [[]]
        for term in terms:
            if isinstance(term, Matrix):
                levels[-1].append(self.matrix(term))
            elif term.plain == "(":
                levels.append([])
            elif term.plain == ")" and len(levels) > 1:
                inner = levels.pop()
                levels[-1].append(self.bracketed(side_by_side(inner)))
            else:
                levels[-1].append(self.text(term.plain))
        return [box for level in levels for box in level]

    def text(self, text: str) -> Box:
        """Set a name in italics; numbers, operators and the names of functions stand upright."""
        is_name = len(text) <= 4 and not set(text) <= UPRIGHT and text[0] in "xŷuh"
        font = self.italic if is_name else self.font
        width = self._italic_metrics.horizontalAdvance(text) + 1 if is_name else self._advance(text)

        def draw(painter: QPainter, x: float, y: float) -> None:
            painter.setFont(font)
            painter.drawText(QPointF(x, y + self.axis), text)

        return Box(width, self.up, self.down, draw)

    def bracketed(self, inner: Box) -> Box:
        """Put a pair of round brackets around something, as tall as it is."""
        half = max(inner.up, inner.down)

        def draw(painter: QPainter, x: float, y: float) -> None:
            inner.draw(painter, x + BRACKET, y)
            width = inner.width + 2 * BRACKET
            draw_bracket(painter, x + BRACKET - INSIDE, y, half, -1)
            draw_bracket(painter, x + width - BRACKET + INSIDE, y, half, 1)

        return Box(inner.width + 2 * BRACKET, half + 1, half + 1, draw)

    def matrix(self, term: Matrix) -> Box:
        """Set a matrix: each column lined up at its decimal points, each row at the height of a text."""
        half_row = max(self.up, self.down)
        columns = [self._column([row[place].plain for row in term.rows]) for place in range(len(term.rows[0]))]
        inner_width = sum(width for width, _ in columns) + GAP * (len(columns) - 1)
        half = half_row * len(term.rows)

        def draw(painter: QPainter, x: float, y: float) -> None:
            painter.setFont(self.font)
            left = x
            for width, cells in columns:
                for place, (text, offset) in enumerate(cells):
                    middle = y - half + (2 * place + 1) * half_row
                    painter.drawText(QPointF(left + offset, middle + self.axis), text)
                left += width + GAP

        return self.bracketed(Box(inner_width, half, half, draw))

    def _column(self, texts: list[str]) -> tuple[float, list[tuple[str, float]]]:
        """Return a column's width, and each text with its offset from the left."""
        heads = {text: self._advance(text.partition(".")[0]) for text in texts if text not in DOTS}
        left = max(heads.values(), default=0.0)
        right = max((self._advance(text) - head for text, head in heads.items()), default=0.0)
        width = max([left + right, *(self._advance(text) for text in texts if text in DOTS)])
        middle = [(width - self._advance(text)) / 2 for text in texts]
        return width, [(t, m if t in DOTS else left - heads[t]) for t, m in zip(texts, middle, strict=True)]

    def _advance(self, text: str) -> float:
        if text not in self._widths:
            if len(self._widths) > 20_000:
                self._widths.clear()
            self._widths[text] = self._metrics.horizontalAdvance(text)
        return self._widths[text]


def side_by_side(boxes: Sequence[Box]) -> Box:
    """Join boxes on their axis."""

    def draw(painter: QPainter, x: float, y: float) -> None:
        for box in boxes:
            box.draw(painter, x, y)
            x += box.width

    return Box(
        sum(box.width for box in boxes),
        max((box.up for box in boxes), default=0.0),
        max((box.down for box in boxes), default=0.0),
        draw,
    )


def draw_bracket(painter: QPainter, x: float, y: float, half: float, way: int) -> None:
    """Draw a round bracket with its tips at x; it bulges by `way`: −1 to the left, 1 to the right."""
    depth = min(BRACKET - INSIDE - 1.5, 2.0 + half / 12)
    path = QPainterPath(QPointF(x, y - half + 1))
    back = x + way * depth * 4 / 3
    path.cubicTo(QPointF(back, y - half * 0.5), QPointF(back, y + half * 0.5), QPointF(x, y + half - 1))
    painter.strokePath(path, QPen(painter.pen().color(), 1.2))


def break_lines(setter: Setter, terms: Sequence[Term], width: float) -> list[Box]:
    """Set terms in lines of at most this width; a line is broken only before an operator outside brackets."""
    pieces: list[list[Term]] = [[]]
    depth = 0
    for term in terms:
        if isinstance(term, Symbol):
            depth += (term.plain == "(") - (term.plain == ")")
            if depth == 0 and term.plain in BREAKS and pieces[-1]:
                pieces.append([])
        pieces[-1].append(term)
    lines: list[Box] = []
    for piece in pieces:
        box = side_by_side(setter.row(piece))
        if lines and lines[-1].width + box.width + (INDENT if len(lines) > 1 else 0) <= width:
            lines[-1] = side_by_side([lines[-1], box])
        else:
            lines.append(box)
    return lines


class _Page(QWidget):
    """What the scroll area moves about: the formula itself."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.lines: list[Box] = []
        self.spacing = 5.0

    def size_needed(self) -> QSize:
        """As large as the lines are."""
        width = max((line.width + (INDENT if i else 0) for i, line in enumerate(self.lines)), default=0.0)
        height = sum(line.up + line.down + self.spacing for line in self.lines)
        return QSize(int(width) + 3, int(height) + 3)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the lines that can be seen."""
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(self.theme.color("ink"))
            seen, top = event.rect(), 1.0
            for place, line in enumerate(self.lines):
                height = line.up + line.down + self.spacing
                if QRect(0, int(top), self.width(), int(height) + 1).intersects(seen):
                    line.draw(painter, INDENT if place else 1.0, top + line.up)
                top += height


class FormulaView(QScrollArea):
    """Shows one formula, in as many lines as it needs; what is wider still can be scrolled sideways."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._terms: tuple[Term, ...] = ()
        self._setter = Setter(QApplication.font())
        self._page = _Page(theme)
        self.setWidget(self._page)

    def show_theme(self, theme: Theme) -> None:
        """Take on the colours of a theme."""
        self._page.theme = theme
        self._page.update()

    def show_terms(self, terms: tuple[Term, ...]) -> None:
        """Show another formula."""
        if terms != self._terms:
            self._terms = terms
            self.setAccessibleDescription(as_plain(terms))
            self._set()

    @property
    def terms(self) -> tuple[Term, ...]:
        """What is shown."""
        return self._terms

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break the lines anew."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._set()

    def _set(self) -> None:
        width = self.viewport().width()
        self._page.lines = break_lines(self._setter, self._terms, width - 4)
        needed = self._page.size_needed()
        self._page.resize(max(needed.width(), width), needed.height())
        self._page.update()
        bar = self.horizontalScrollBar().sizeHint().height() if needed.width() > width else 0
        self.setFixedHeight(needed.height() + bar)
