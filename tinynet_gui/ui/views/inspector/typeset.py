"""Formula layout and painting: where each term and matrix entry goes, and which part is at a point.

Positions are in logical pixels from the page's top left. Formula libraries return a picture; here a formula can be
selected like text, and its numbers located.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple, Protocol

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen

from tinynet_gui.core.text.formula import Matrix, Part, Submatrix, Symbol, Term, TermPlace, pairs
from tinynet_gui.core.text.language import decimal_sign
from tinynet_gui.core.values import frozen_dataclass

BRACKET = 9.0  # from the leftmost point of a matrix's bracket to its content
INSIDE = 3.0  # from the tips of the bracket to the content
LOW, TALL = 6.0, 13.0  # the width of a bracket around text, and of one around a matrix
GAP = 9.0  # between the columns of a matrix
MARGIN = 3.0  # around the page
INDENT = 14.0  # before the lines after the first
SPACING = 3.0  # between lines
BREAKS = (" = ", " + ", " − ")  # a new line may begin with one of these
DOTS = ("⋮", "⋯", "⋱")
UPRIGHT = set("0123456789.,−+-∞⁻⁰¹²³⁴⁵⁶⁷⁸⁹·⋮⋯⋱= ()")

PieceKind = Literal["text", "name", "open", "close", "matrix"]


class Ruler(Protocol):
    """Measures texts; names are italic."""

    @property
    def half(self) -> float:
        """Half the height of a text: it extends so far above and below the math axis, where a minus sign is."""

    def width(self, text: str, is_name: bool = False) -> float:
        """Return the width of a text."""


class MatrixColumn(NamedTuple):
    """A matrix's column: `left` is relative to the matrix; each text with its offset in the column."""

    left: float
    width: float
    texts: tuple[tuple[str, float], ...]


class Size(NamedTuple):
    """A term's size, before it is placed; it extends `half` above and below the axis."""

    kind: PieceKind
    width: float
    half: float
    text: str = ""
    columns: tuple[MatrixColumn, ...] = ()


class Piece(NamedTuple):
    """A term placed on a line."""

    term: int
    x: float
    size: Size

    @property
    def right(self) -> float:
        return self.x + self.size.width


@frozen_dataclass
class FormulaLine:
    """Adjacent pieces without gaps; the line extends `half` above and below the axis."""

    axis: float
    half: float
    pieces: tuple[Piece, ...]


@frozen_dataclass
class TypesetFormula:
    """A laid out formula; `row` is the height of a matrix's row."""

    lines: tuple[FormulaLine, ...] = ()
    width: float = 0.0
    height: float = 0.0
    row: float = 0.0


class Area(NamedTuple):
    x: float
    y: float
    width: float
    height: float


def set_formula(ruler: Ruler, terms: Sequence[Term], width: float) -> TypesetFormula:
    """Lay terms out in lines of at most this width, broken only before operators outside brackets."""
    sizes = [_matrix(ruler, term) if isinstance(term, Matrix) else _text(ruler, term) for term in terms]
    for first, last in pairs(terms):  # from the inside out: brackets grow with their content
        heights = (size.half + (size.kind not in ("text", "name")) for size in sizes[first + 1 : last])
        half = max(heights, default=sizes[first].half)
        wide = LOW if half == sizes[first].half else TALL
        sizes[first], sizes[last] = Size("open", wide, half), Size("close", wide, half)
    lines: list[FormulaLine] = []
    top = right = MARGIN
    for first, last in _lines(terms, sizes, width - MARGIN):
        x, half = INDENT if lines else MARGIN, max(size.half for size in sizes[first:last])
        pieces = []
        for term in range(first, last):
            pieces.append(Piece(term, x, sizes[term]))
            x += sizes[term].width
        lines.append(FormulaLine(top + half, half, tuple(pieces)))
        top, right = top + 2 * half + SPACING, max(right, x)
    return TypesetFormula(tuple(lines), right + MARGIN, top - (SPACING if lines else 0) + MARGIN, 2 * ruler.half)


def place_at(page: TypesetFormula, x: float, y: float) -> TermPlace | None:
    """Return the part at or nearest to a point; None if there is none.

    Between a matrix's brackets that is one of its numbers; on the brackets it is the whole matrix.
    """
    if not page.lines:
        return None
    line = min(page.lines, key=lambda line: abs(y - line.axis) - line.half)
    piece = min(line.pieces, key=lambda piece: max(piece.x - x, x - piece.right))
    left, right = _inner_range(piece)
    columns = piece.size.columns
    if not columns or not left <= x <= right:
        return TermPlace(piece.term)
    column = sum(x > piece.x + column.left - GAP / 2 for column in columns[1:])
    rows = len(columns[0].texts)
    row = int((y - line.axis) / page.row + rows / 2)
    return TermPlace(piece.term, (min(max(row, 0), rows - 1), column))


def areas(page: TypesetFormula, part: Part) -> list[Area]:
    """Return adjacent, non-overlapping rectangles behind a part of the formula."""
    if isinstance(part, Submatrix):
        return [_entries(page, *placed, part) for placed in _placed(page) if placed[1].term == part.term]
    return [_area(*placed) for placed in _placed(page) if part.first <= placed[1].term <= part.last]


def marked_areas(page: TypesetFormula, terms: Sequence[Term]) -> list[Area]:
    found = []
    for line, piece in _placed(page):
        term = terms[piece.term]
        if isinstance(term, Matrix):
            marked = [(r, c) for r, row in enumerate(term.rows) for c, entry in enumerate(row) if entry.is_marked]
            found += [_entries(page, line, piece, Submatrix(piece.term, (r, r), (c, c))) for r, c in marked]
        elif term.is_marked:
            found.append(_area(line, piece))
    return found


def _placed(page: TypesetFormula) -> list[tuple[FormulaLine, Piece]]:
    return [(line, piece) for line in page.lines for piece in line.pieces]


def _area(line: FormulaLine, piece: Piece) -> Area:
    return Area(piece.x, line.axis - piece.size.half, piece.size.width, 2 * piece.size.half)


def _text(ruler: Ruler, term: Symbol) -> Size:
    text = _written(term)
    is_name = len(text) <= 4 and text[0] in "xyŷuh" and not set(text) <= UPRIGHT
    return Size("name" if is_name else "text", ruler.width(text, is_name), ruler.half + 1, text)


def _written(term: Symbol) -> str:
    """Write a term with the language's decimal sign."""
    return re.sub(r"(?<=\d)\.(?=\d)", decimal_sign(), term.plain)


def _matrix(ruler: Ruler, term: Matrix) -> Size:
    """Lay out a matrix: columns aligned at their decimal points, rows as high as a text."""
    left, columns = BRACKET, []
    for place in range(len(term.rows[0])):
        width, texts = _column(ruler, [_written(row[place]) for row in term.rows])
        columns.append(MatrixColumn(left, width, texts))
        left += width + GAP
    return Size("matrix", left - GAP + BRACKET, ruler.half * len(term.rows) + 1, columns=tuple(columns))


def _column(ruler: Ruler, texts: list[str]) -> tuple[float, tuple[tuple[str, float], ...]]:
    heads = {text: ruler.width(text.partition(decimal_sign())[0]) for text in texts if text not in DOTS}
    left = max(heads.values(), default=0.0)
    right = max((ruler.width(text) - head for text, head in heads.items()), default=0.0)
    width = max([left + right, *(ruler.width(text) for text in texts if text in DOTS)])
    return width, tuple((t, (width - ruler.width(t)) / 2 if t in DOTS else left - heads[t]) for t in texts)


def _lines(terms: Sequence[Term], sizes: Sequence[Size], width: float) -> Iterator[tuple[int, int]]:
    starts, depth = [0], 0
    for place, (term, size) in enumerate(zip(terms, sizes, strict=True)):
        depth += (size.kind == "open") - (size.kind == "close")
        if depth == 0 and place and isinstance(term, Symbol) and term.plain in BREAKS:
            starts.append(place)
    begin, used = 0, MARGIN
    for start, end in zip(starts, [*starts[1:], len(terms)], strict=True):
        wide = sum(size.width for size in sizes[start:end])
        if start > begin and used + wide > width:
            yield begin, start
            begin, used = start, INDENT
        used += wide
    if terms:
        yield begin, len(terms)


def _inner_range(piece: Piece) -> tuple[float, float]:
    return piece.x + BRACKET - INSIDE, piece.right - BRACKET + INSIDE


def _entries(page: TypesetFormula, line: FormulaLine, piece: Piece, part: Submatrix) -> Area:
    (top, bottom), (first, last) = part.rows, (piece.size.columns[column] for column in part.columns)
    left, right = _inner_range(piece)
    left = max(left, piece.x + first.left - GAP / 2)
    right = min(right, piece.x + last.left + last.width + GAP / 2)
    y = line.axis + (top - len(first.texts) / 2) * page.row
    return Area(left, y, right - left, (bottom + 1 - top) * page.row)


TIPS = 0.35  # the share of a bracket's width between its tips and its content


class FontRuler:
    """Measures texts in a font, caching widths: the same digits recur."""

    def __init__(self, font: QFont) -> None:
        self.upright, self.italic = QFont(font), QFont(font)
        self.italic.setItalic(True)
        metrics, self._italic_metrics = QFontMetricsF(self.upright), QFontMetricsF(self.italic)
        self.axis = metrics.strikeOutPos()  # above the base line
        # How far a text extends above and below the axis.
        self.half = max(metrics.ascent() - self.axis, metrics.descent() + self.axis)
        self._width = lru_cache(maxsize=20_000)(metrics.horizontalAdvance)

    def width(self, text: str, is_name: bool = False) -> float:
        return self._italic_metrics.horizontalAdvance(text) + 1 if is_name else self._width(text)


def draw_areas(painter: QPainter, areas: Sequence[Area], color: QColor) -> None:
    """Fill areas without antialiasing, so that adjacent ones show no seam."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    for area in areas:
        painter.fillRect(QRectF(*area), color)


def draw_formula(painter: QPainter, page: TypesetFormula, ruler: FontRuler, color: QColor, seen: QRectF) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(color)
    for line in page.lines:
        if line.axis + line.half >= seen.top() and line.axis - line.half <= seen.bottom():
            for piece in line.pieces:
                _draw_piece(painter, page, ruler, line, piece)


def _draw_piece(painter: QPainter, page: TypesetFormula, ruler: FontRuler, line: FormulaLine, piece: Piece) -> None:
    kind, width, half, text, columns = piece.size
    base = line.axis + ruler.axis
    painter.setFont(ruler.italic if kind == "name" else ruler.upright)
    match kind:
        case "text" | "name":
            painter.drawText(QPointF(piece.x, base), text)
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
    """Draw a round bracket with its tips at x, bulging to the left (`way` −1) or right (1)."""
    depth = min(BRACKET - INSIDE - 1.5, 2.0 + half / 12)
    path = QPainterPath(QPointF(x, y - half + 1))
    back = x + way * depth * 4 / 3
    path.cubicTo(QPointF(back, y - half * 0.5), QPointF(back, y + half * 0.5), QPointF(x, y + half - 1))
    painter.strokePath(path, QPen(painter.pen().color(), 1.2))
