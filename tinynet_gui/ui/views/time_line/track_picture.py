"""The painting of the time line at one moment, at a zoom of 1."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPolygonF

from tinynet_gui.core.run.marks import Mark, MarkKind
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.numbers import count_text, step_text
from tinynet_gui.core.values import frozen_dataclass
from tinynet_gui.ui.style.theme import drawn_font, drawn_width, small_font, theme
from tinynet_gui.ui.widgets.pictures import draw_with

EVEN_STEPS = 10  # the first steps, about evenly spaced on the logarithmic scale
TICK_GAP = 14.0  # px between two numbers
MIN_TICK = 80.0  # px between two on the linear scale: fewer are calmer
MIN_TICKS = 3  # after 0, if their numbers fit
LARGE = 1_000_000
STRETCH = 0.1  # of the line, to either side of the current step: the initial loop


@frozen_dataclass
class TimeScale:
    """Maps the steps from 0 to `last` to a line from `left` to `right`, in px.

    If logarithmic, step s is at log(1 + s / 10), which gives the first steps more space.
    """

    last: int
    left: float
    right: float
    is_log: bool = False

    def x_of(self, step: int) -> float:
        """Return a step's position, clamped to the line."""
        step = min(step, self.last)
        share = step / max(self.last, 1)
        if self.is_log and step:
            share = math.log1p(step / EVEN_STEPS) / math.log1p(self.last / EVEN_STEPS)
        return (1 - share) * self.left + share * self.right

    def step_at(self, x: float) -> int:
        """Return the step nearest to a position, clamped to the line."""
        share = min(max((x - self.left) / max(self.right - self.left, 1e-9), 0.0), 1.0)
        if self.is_log:
            return min(round(EVEN_STEPS * math.expm1(share * math.log1p(self.last / EVEN_STEPS))), self.last)
        return round(share * self.last)

    def moved(self, step: int, share: float) -> int:
        """Return the step a share of the line further on, at least one step."""
        step_there = self.step_at(self.x_of(step) + share * (self.right - self.left))
        nearest = step + (1 if share > 0 else -1)
        return min(max(max(step_there, nearest) if share > 0 else min(step_there, nearest), 0), self.last)


def stretch_around(step: int, *scales: TimeScale) -> tuple[int, int]:
    """Return the first and last step of a range a tenth of the line either way, on any of the scales.

    A range chosen on one scale may be invisible on another: ten of 10,000 steps are a fifth of a logarithmic line.
    """
    ends = [(scale.moved(step, -STRETCH), scale.moved(step, STRETCH)) for scale in scales]
    return min(first for first, _ in ends), max(last for _, last in ends)


@frozen_dataclass
class Tick:
    """A step with its number below the line; `x` is the step's position, `left` and `right` the ends of the text."""

    step: int
    x: float
    text: str
    left: float
    right: float


def _tick(step: int, text: str, scale: TimeScale, width_of: Callable[[str], float], room: tuple[float, float]) -> Tick:
    x, width = scale.x_of(step), width_of(text)
    left = min(max(x - width / 2, room[0]), room[1] - width)
    return Tick(step, x, text, left, left + width)


def ticks_of(scale: TimeScale, width_of: Callable[[str], float], room: tuple[float, float]) -> tuple[Tick, ...]:
    """Return round steps whose numbers do not overlap, in ascending order.

    `width_of` measures a text, and `room` limits all texts horizontally, both in px.
    """
    in_millions = scale.last >= LARGE and not scale.is_log
    placed: list[Tick] = []
    for step in _decades(scale.last) if scale.is_log else _multiples(scale):
        tick = _tick(step, step_text(step, in_millions), scale, width_of, room)
        if not any(_are_close(tick, other, TICK_GAP) for other in placed):
            placed.append(tick)
    return tuple(sorted(placed, key=lambda tick: tick.step))


def _are_close(one: Tick, other: Tick, gap: float) -> bool:
    return one.right + gap > other.left and other.right + gap > one.left


def _multiples(scale: TimeScale) -> Iterator[int]:
    """Yield the multiples of 1, 2 or 5 times a power of ten that are far enough apart."""
    most = max((scale.right - scale.left) / MIN_TICK, MIN_TICKS)
    unit = 1
    while scale.last / unit > most:
        unit = unit * 5 // 2 if str(unit)[0] == "2" else unit * 2  # 1, 2, 5, 10, 20, ...
    yield from range(0, scale.last + 1, unit)


def _decades(last: int) -> Iterator[int]:
    """Yield 0 and the powers of ten, then the steps in between, if they fit."""
    yield 0
    for factor in (1, 5, 2):
        step = factor
        while step <= last:
            yield step
            step *= 10


RADIUS, ROOM = 3.5, 5.0  # px of a mark's shape, and half of its space
COUNT_RADIUS, WIDE_RADIUS, COUNT_HEIGHT = 9.0, 12.0, 13.0  # px of the glyph of several marks, and of very many
CLOSE = 13.0  # px: marks closer than this have one glyph
WIDEST = 24.0  # px of the line covered by one glyph
MAX_COUNTED = 99
MAX_LINES = 8  # of a glyph's text

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


@frozen_dataclass
class Glyph:
    """One mark, or several overlapping ones, at a position of the line."""

    x: float
    marks: tuple[Mark, ...]

    @property
    def count(self) -> int:
        """The number of events; each death of a neuron counts."""
        return sum(mark.count for mark in self.marks)

    @property
    def radius(self) -> float:
        """Half of its width, in px."""
        if self.count == 1:
            return ROOM
        return COUNT_RADIUS if self.count <= MAX_COUNTED else WIDE_RADIUS

    @property
    def text(self) -> str:
        text = _("step {step}: {what}")
        lines = [text.format(step=count_text(mark.step), what=mark.text) for mark in self.marks[:MAX_LINES]]
        more = len(self.marks) - MAX_LINES
        return "\n".join([*lines, _("and {count} more").format(count=count_text(more))] if more > 0 else lines)

    def nearest(self, scale: TimeScale, x: float) -> int:
        """Return the step of its mark nearest to a position."""
        return min((mark.step for mark in self.marks), key=lambda step: abs(scale.x_of(step) - x))


def glyphs_of(marks: Sequence[Mark], scale: TimeScale) -> tuple[Glyph, ...]:
    """Place marks, ordered by step, above the line; overlapping ones share a glyph."""
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


def paint_glyph(painter: QPainter, glyph: Glyph, y: float, is_pointed_at: bool) -> None:
    kinds = {mark.kind for mark in glyph.marks}
    kind = next(kind for kind in COLORS if kind in kinds)
    color = theme().color(COLORS[kind])
    if glyph.count > 1:
        _paint_count(painter, glyph, y, color, is_pointed_at)
        return
    radius, center = RADIUS + is_pointed_at, QPointF(glyph.x, y)
    if kind in _STROKES:
        painter.setPen(QPen(color, drawn_width(1.8), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        for x1, y1, x2, y2 in _STROKES[kind]:
            painter.drawLine(center + QPointF(x1, y1) * radius, center + QPointF(x2, y2) * radius)
        return
    draw_with(painter, None, color)
    if kind in _POLYGONS:
        painter.drawPolygon(QPolygonF([center + QPointF(*corner) * radius for corner in _POLYGONS[kind]]))
    else:
        painter.drawEllipse(center, radius, radius)


def _paint_count(painter: QPainter, glyph: Glyph, y: float, color: QColor, is_pointed_at: bool) -> None:
    box = QRectF(0, 0, 2 * glyph.radius, COUNT_HEIGHT)
    box.moveCenter(QPointF(glyph.x, y))
    draw_with(painter, QPen(color, drawn_width(1.2 + is_pointed_at)), theme().color("card"))
    painter.drawRoundedRect(box.adjusted(1, 0.5, -1, -0.5), 5, 5)
    painter.setFont(drawn_font(small_font(0.72)))
    count = f"{glyph.count}" if glyph.count <= MAX_COUNTED else f"{MAX_COUNTED}+"
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, count)


Loop = tuple[int, int]
TrackLayout = tuple[TimeScale, tuple[Glyph, ...], tuple[Tick, ...]]

MARK_Y, LINE_Y, TEXT_Y = 8.0, 21.0, 28.0  # px from the top: the marks, the line, the top of the numbers
HANDLE = 5.0  # px: radius
LOOP_HANDLE = 5.0  # px: width of one end of the looped stretch
LINE_WIDTH = 2.5
TICK = 3.0  # px of a small stroke at the line, to either side
PAD = 6.0  # px beside the number under the mouse


def tick_font() -> QFont:
    return drawn_font(small_font(0.8))


@frozen_dataclass
class TrackPicture:
    """The content of the picture; `hovered` and `mouse_x` are None unless the mouse is over the line."""

    scale: TimeScale
    glyphs: tuple[Glyph, ...]
    ticks: tuple[Tick, ...]
    value: int
    loop: Loop | None
    hovered: Glyph | None
    mouse_x: float | None
    has_focus: bool

    def paint(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(tick_font())
        self._paint_line(painter)
        self._paint_ticks(painter)
        for glyph in self.glyphs:
            paint_glyph(painter, glyph, MARK_Y, glyph == self.hovered)
        if self.loop is not None:
            self._paint_loop(painter, self.loop)
        self._paint_handle(painter)

    @property
    def pointed_step(self) -> int | None:
        """The step under the mouse; over a glyph that of its mark."""
        if self.mouse_x is None:
            return None
        glyph = self.hovered
        return self.scale.step_at(self.mouse_x) if glyph is None else glyph.nearest(self.scale, self.mouse_x)

    @property
    def _color(self) -> str:
        return "accent" if self.value < self.scale.last else "muted"

    def _paint_line(self, painter: QPainter) -> None:
        here = self.scale.x_of(self.value)
        for color, left, right in (("control", here, self.scale.right), (self._color, self.scale.left, here)):
            pen = QPen(theme().color(color), drawn_width(LINE_WIDTH), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            painter.drawLine(QPointF(left, LINE_Y), QPointF(right, LINE_Y))

    def _paint_ticks(self, painter: QPainter) -> None:
        metrics = QFontMetricsF(painter.font())
        baseline = TEXT_Y + metrics.ascent()
        here = None
        if (step := self.pointed_step) is not None:
            room = 0.0, self.scale.right + self.scale.left
            here = _tick(step, count_text(step), self.scale, metrics.horizontalAdvance, room)
        for tick in self.ticks:
            painter.setPen(QPen(theme().color("control"), drawn_width(1)))
            painter.drawLine(QPointF(tick.x, LINE_Y + TICK), QPointF(tick.x, LINE_Y + 2 * TICK))
            if here is None or not _are_close(tick, here, PAD):
                painter.setPen(theme().color("muted"))
                painter.drawText(QPointF(tick.left, baseline), tick.text)
        if here is not None:
            painter.setPen(QPen(theme().color("ink"), drawn_width(1)))
            painter.drawText(QPointF(here.left, baseline), here.text)
            painter.drawLine(QPointF(here.x, LINE_Y - TICK), QPointF(here.x, LINE_Y + 2 * TICK))

    def _paint_loop(self, painter: QPainter, loop: Loop) -> None:
        first, last = (self.scale.x_of(step) for step in loop)
        high, low = LINE_Y - HANDLE, LINE_Y + HANDLE
        draw_with(painter, None, theme().color("accent", 0.22))
        painter.drawRect(QRectF(QPointF(first, high), QPointF(last, low)))
        painter.setBrush(theme().color("accent"))
        for x, outside in ((first, first - LOOP_HANDLE), (last, last + LOOP_HANDLE)):
            corners = ((x, high - 1), (x, low + 1), (outside, low - 2), (outside, high + 2))
            painter.drawPolygon(QPolygonF([QPointF(*corner) for corner in corners]))

    def _paint_handle(self, painter: QPainter) -> None:
        center = QPointF(self.scale.x_of(self.value), LINE_Y)
        if self.has_focus:
            draw_with(painter, None, theme().color("accent", 0.3))
            painter.drawEllipse(center, HANDLE + 4, HANDLE + 4)
        outline = QPen(theme().color("accent" if self.has_focus else self._color), drawn_width(2))
        draw_with(painter, outline, theme().color("card"))
        painter.drawEllipse(center, HANDLE, HANDLE)
