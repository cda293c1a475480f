"""The marks above the time line: a shape and a colour for each kind, and one for several close together."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from tinynet_gui.core.run.marks import Mark, MarkKind
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.core.values import dataclass
from tinynet_gui.ui.style.theme import Theme, small_font
from tinynet_gui.ui.style.zoom import drawn_font, drawn_width
from tinynet_gui.ui.views.time_line.scale import TimeScale
from tinynet_gui.ui.widgets.painting import draw_with

RADIUS, ROOM = 3.5, 5.0  # px of a mark's shape, and half of its space
COUNT_RADIUS, WIDE_RADIUS, COUNT_HEIGHT = 9.0, 12.0, 13.0  # px of the glyph of several marks, and of very many
CLOSE = 13.0  # px: marks closer than this have one glyph
WIDEST = 24.0  # px of the line covered by one glyph
MOST_COUNTED = 99
MOST_LINES = 8  # of a glyph's text

COLORS: dict[MarkKind, str] = {  # the most important first
    "divergence": "error",
    "death": "error",
    "setting": "accent",
    "by hand": "accent",
    "freezing": "accent",
    "branch": "accent",
    "best held out": "data",
    "samples": "data",
    "plateau": "muted",
}
_POLYGONS: dict[MarkKind, tuple[tuple[float, float], ...]] = {
    "divergence": ((0, -1.1), (1.1, 0.9), (-1.1, 0.9)),  # pointing up
    "setting": ((0, -1.2), (1.2, 0), (0, 1.2), (-1.2, 0)),
    "best held out": ((0, 1.1), (1.1, -0.9), (-1.1, -0.9)),  # pointing down
    "samples": ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)),
    "plateau": ((-1.4, -0.4), (1.4, -0.4), (1.4, 0.4), (-1.4, 0.4)),
}
_STROKES: dict[MarkKind, tuple[tuple[float, float, float, float], ...]] = {
    "death": ((-0.9, -0.9, 0.9, 0.9), (-0.9, 0.9, 0.9, -0.9)),
    "freezing": ((-0.6, -1, -0.6, 1), (0.6, -1, 0.6, 1)),
    "branch": ((-1.3, 0, -0.2, 0), (-0.2, 0, 1.1, -1), (-0.2, 0, 1.1, 1)),
}


@dataclass(frozen=True)
class Glyph:
    """One mark or several, at a place of the line."""

    x: float
    marks: tuple[Mark, ...]

    @property
    def count(self) -> int:
        """The number of events it stands for; each death of a neuron is one."""
        return sum(mark.count for mark in self.marks)

    @property
    def radius(self) -> float:
        """Half of its space, in px."""
        if self.count == 1:
            return ROOM
        return COUNT_RADIUS if self.count <= MOST_COUNTED else WIDE_RADIUS

    @property
    def text(self) -> str:
        """The texts of its marks, one per line."""
        lines = [f"step {count_text(mark.step)}: {mark.text}" for mark in self.marks[:MOST_LINES]]
        more = len(self.marks) - MOST_LINES
        return "\n".join([*lines, f"and {count_text(more)} more"] if more > 0 else lines)

    def nearest(self, scale: TimeScale, x: float) -> int:
        """Return the step of its mark nearest to a place."""
        return min((mark.step for mark in self.marks), key=lambda step: abs(scale.x_of(step) - x))


def glyphs_of(marks: Sequence[Mark], scale: TimeScale) -> tuple[Glyph, ...]:
    """Place marks, in the order of their steps, above the line; overlapping ones share a glyph."""
    glyphs: list[Glyph] = []
    end = scale.left - WIDE_RADIUS
    for group in _groups([(scale.x_of(mark.step), mark) for mark in marks]):
        glyph = Glyph((group[0][0] + group[-1][0]) / 2, tuple(mark for _, mark in group))
        glyphs.append(replace(glyph, x=max(glyph.x, end + glyph.radius)))
        end = glyphs[-1].x + glyph.radius
    end = scale.right + WIDE_RADIUS
    for place, glyph in reversed(list(enumerate(glyphs))):  # those pushed beyond the end
        glyphs[place] = replace(glyph, x=min(glyph.x, end - glyph.radius))
        end = glyphs[place].x - glyph.radius
    return tuple(glyphs)


def _groups(placed: list[tuple[float, Mark]]) -> Iterator[list[tuple[float, Mark]]]:
    group: list[tuple[float, Mark]] = []
    for x, mark in placed:
        if group and (x - group[-1][0] >= CLOSE or x - group[0][0] > WIDEST):
            yield group
            group = []
        group.append((x, mark))
    if group:
        yield group


def paint_glyph(painter: QPainter, glyph: Glyph, y: float, theme: Theme, is_pointed_at: bool) -> None:
    """Draw a glyph, a bit larger under the mouse."""
    kinds = {mark.kind for mark in glyph.marks}
    kind = next(kind for kind in COLORS if kind in kinds)
    color = theme.color(COLORS[kind])
    if glyph.count > 1:
        _paint_count(painter, glyph, y, color, theme, is_pointed_at)
        return
    radius = RADIUS + is_pointed_at
    if kind in _STROKES:
        painter.setPen(QPen(color, drawn_width(1.8), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        for x1, y1, x2, y2 in _STROKES[kind]:
            painter.drawLine(
                QPointF(glyph.x + radius * x1, y + radius * y1), QPointF(glyph.x + radius * x2, y + radius * y2)
            )
        return
    draw_with(painter, None, color)
    if kind in _POLYGONS:
        corners = [QPointF(glyph.x + radius * dx, y + radius * dy) for dx, dy in _POLYGONS[kind]]
        painter.drawPolygon(QPolygonF(corners))
    else:
        painter.drawEllipse(QPointF(glyph.x, y), radius, radius)


def _paint_count(painter: QPainter, glyph: Glyph, y: float, color: QColor, theme: Theme, is_pointed_at: bool) -> None:
    box = QRectF(0, 0, 2 * glyph.radius, COUNT_HEIGHT)
    box.moveCenter(QPointF(glyph.x, y))
    draw_with(painter, QPen(color, drawn_width(1.2 + is_pointed_at)), theme.color("card"))
    painter.drawRoundedRect(box.adjusted(1, 0.5, -1, -0.5), 5, 5)
    painter.setFont(drawn_font(small_font(0.72)))
    count = f"{glyph.count}" if glyph.count <= MOST_COUNTED else f"{MOST_COUNTED}+"
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, count)
