"""The picture of the time line at one moment, at a zoom of 1."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPen, QPolygonF

from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.core.values import dataclass
from tinynet_gui.ui.style.theme import Theme, small_font
from tinynet_gui.ui.style.zoom import drawn_font, drawn_width
from tinynet_gui.ui.views.time_line.glyphs import Glyph, paint_glyph
from tinynet_gui.ui.views.time_line.scale import Tick, TimeScale
from tinynet_gui.ui.widgets.painting import draw_with

Loop = tuple[int, int]

MARK_Y, LINE_Y, TEXT_Y = 8.0, 21.0, 28.0  # px from the top: the marks, the line, the top of the numbers
HANDLE = 5.0  # px: radius
LOOP_HANDLE = 5.0  # px: width of one end of the looped stretch
LINE_WIDTH = 2.5
TICK = 3.0  # px of a small stroke at the line, to either side
PAD = 6.0  # px beside the number under the mouse


def tick_font() -> QFont:
    """Return the font of the numbers below the line."""
    return drawn_font(small_font(0.8))


@dataclass(frozen=True)
class TrackPicture:
    """The content of the picture.

    Attributes
    ----------
    value
        The current step: in the accent's colour if it is not the last one.
    loop
        The looped stretch, if there is one.
    hovered, mouse_x
        The glyph under the mouse, and the mouse's place, if it is over the line.
    """

    scale: TimeScale
    glyphs: tuple[Glyph, ...]
    ticks: tuple[Tick, ...]
    value: int
    loop: Loop | None
    hovered: Glyph | None
    mouse_x: float | None
    has_focus: bool

    def paint(self, painter: QPainter, theme: Theme) -> None:
        """Draw it."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(tick_font())
        self._paint_line(painter, theme)
        self._paint_ticks(painter, theme)
        for glyph in self.glyphs:
            paint_glyph(painter, glyph, MARK_Y, theme, glyph == self.hovered)
        if self.loop is not None:
            self._paint_loop(painter, theme, self.loop)
        self._paint_handle(painter, theme)

    @property
    def pointed_step(self) -> int | None:
        """The step under the mouse: over a mark that of the mark."""
        if self.mouse_x is None:
            return None
        glyph = self.hovered
        return self.scale.step_at(self.mouse_x) if glyph is None else glyph.nearest(self.scale, self.mouse_x)

    @property
    def _color(self) -> str:
        return "accent" if self.value < self.scale.last else "muted"

    def _paint_line(self, painter: QPainter, theme: Theme) -> None:
        here = self.scale.x_of(self.value)
        for color, left, right in (("control", here, self.scale.right), (self._color, self.scale.left, here)):
            painter.setPen(
                QPen(theme.color(color), drawn_width(LINE_WIDTH), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
            )
            painter.drawLine(QPointF(left, LINE_Y), QPointF(right, LINE_Y))

    def _paint_ticks(self, painter: QPainter, theme: Theme) -> None:
        """Write round steps and the one under the mouse, which replaces those that it would cover."""
        metrics = QFontMetricsF(painter.font())
        baseline = TEXT_Y + metrics.ascent()
        step = self.pointed_step
        here = None if step is None else self._tick_of(step, metrics)
        for tick in self.ticks:
            painter.setPen(QPen(theme.color("control"), drawn_width(1)))
            painter.drawLine(QPointF(tick.x, LINE_Y + TICK), QPointF(tick.x, LINE_Y + 2 * TICK))
            if here is None or not _are_close(tick, here, metrics):
                painter.setPen(theme.color("muted"))
                painter.drawText(QPointF(tick.left, baseline), tick.text)
        if here is not None:
            painter.setPen(QPen(theme.color("ink"), drawn_width(1)))
            painter.drawText(QPointF(here.left, baseline), here.text)
            painter.drawLine(QPointF(here.x, LINE_Y - TICK), QPointF(here.x, LINE_Y + 2 * TICK))

    def _tick_of(self, step: int, metrics: QFontMetricsF) -> Tick:
        text, x = count_text(step), self.scale.x_of(step)
        width = metrics.horizontalAdvance(text)
        left = min(max(x - width / 2, 0.0), self.scale.right + self.scale.left - width)
        return Tick(step, x, text, left)

    def _paint_loop(self, painter: QPainter, theme: Theme, loop: Loop) -> None:
        first, last = (self.scale.x_of(step) for step in loop)
        high, low = LINE_Y - HANDLE, LINE_Y + HANDLE
        draw_with(painter, None, theme.color("accent", 0.22))
        painter.drawRect(QRectF(QPointF(first, high), QPointF(last, low)))
        painter.setBrush(theme.color("accent"))
        for x, outside in ((first, first - LOOP_HANDLE), (last, last + LOOP_HANDLE)):
            corners = ((x, high - 1), (x, low + 1), (outside, low - 2), (outside, high + 2))
            painter.drawPolygon(QPolygonF([QPointF(*corner) for corner in corners]))

    def _paint_handle(self, painter: QPainter, theme: Theme) -> None:
        center = QPointF(self.scale.x_of(self.value), LINE_Y)
        if self.has_focus:
            draw_with(painter, None, theme.color("accent", 0.3))
            painter.drawEllipse(center, HANDLE + 4, HANDLE + 4)
        outline = QPen(theme.color("accent" if self.has_focus else self._color), drawn_width(2))
        draw_with(painter, outline, theme.color("card"))
        painter.drawEllipse(center, HANDLE, HANDLE)


def _are_close(one: Tick, other: Tick, metrics: QFontMetricsF) -> bool:
    ends = (tick.left + metrics.horizontalAdvance(tick.text) + PAD for tick in (one, other))
    return next(ends) > other.left and next(ends) > one.left
