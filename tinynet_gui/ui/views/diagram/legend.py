"""The legend at the diagram's lower edge: the meaning of its colours, lines and curves."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF
from PySide6.QtGui import QFontMetricsF, QPainter, QPainterPath

from tinynet_gui.core.step.flow import Flow
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.ui.style.theme import Theme
from tinynet_gui.ui.views.diagram.edges import draw_signed
from tinynet_gui.ui.views.diagram.layout import DiagramLayout, DrawnEdges
from tinynet_gui.ui.views.diagram.pens import words_font

LEFT, RIGHT, BELOW = 14.0, 12.0, 13.0
SIGNS = {"positive": 1.0, "negative": -1.0}
SHORT, LONG = {"positive": "+", "negative": "−"}, {"positive": "positive", "negative": "negative: dashed"}
LINE, LINE_GAP, WORD_GAP, SAMPLE = 18.0, 5.0, 12.0, 3.0
MOST_LINES = 3
LACKS_NUMBERS = "point at a neuron: its numbers"
SEPARATOR = " · "


def paint_legend(painter: QPainter, layout: DiagramLayout, words: Sequence[str], theme: Theme) -> None:
    """Explain colours at the lower edge, and what the words say, as far as there is room."""
    painter.setFont(words_font(0.86))
    metrics = QFontMetricsF(painter.font())
    lines = legend_lines(layout, metrics, words)
    y = layout.height - BELOW - (len(lines) - 1) * metrics.height()
    x = LEFT
    for sign, value in SIGNS.items():
        sample = QPainterPath(QPointF(x, y - 4))
        sample.lineTo(x + LINE, y - 4)
        draw_signed(painter, sample, value, SAMPLE, theme)
        painter.setPen(theme.color("muted"))
        word = _sign(layout, sign)
        painter.drawText(QPointF(x + LINE + LINE_GAP, y), word)
        x += LINE + LINE_GAP + metrics.horizontalAdvance(word) + WORD_GAP
    for place, line in enumerate(lines):
        painter.drawText(QPointF(LEFT if place else x, y + place * metrics.height()), line)


def legend_lines(layout: DiagramLayout, metrics: QFontMetricsF, words: Sequence[str]) -> list[str]:
    """Break the words into the lines that fit; the last words are dropped first, and none is cut."""
    signs = sum(LINE + LINE_GAP + metrics.horizontalAdvance(_sign(layout, sign)) + WORD_GAP for sign in SIGNS)
    lines = [""]
    for word in words:
        longer = f"{lines[-1]}{SEPARATOR}{word}" if lines[-1] else word
        room = layout.width - LEFT - RIGHT - (signs if len(lines) == 1 else 0.0)
        if metrics.horizontalAdvance(longer) <= room:
            lines[-1] = longer
        elif metrics.horizontalAdvance(word) <= layout.width - LEFT - RIGHT and len(lines) < (
            1 if layout.is_low else MOST_LINES
        ):
            lines.append(word)
        else:
            break
    return lines


def legend_words(
    layout: DiagramLayout,
    edges: Sequence[DrawnEdges],
    flow: Flow | None,
    *,
    dead: str,
    frozen: bool,
    lacks_numbers: bool = False,
) -> list[str]:
    """Return the meaning of thickness, bars and curves, or of a flow and its direction; the most important first."""
    words = _words(layout, dead) if flow is None else _words_of_flow(layout, flow)
    if frozen:
        words.insert(1, "lock: frozen")
    drawn, total = sum(len(e.weights) for e in edges), sum(e.total for e in edges)
    if drawn < total:
        words.insert(1, f"the {count_text(drawn)} strongest of {count_text(total)} edges")
    if lacks_numbers:
        words.insert(1, LACKS_NUMBERS)
    return words


def _words(layout: DiagramLayout, dead: str) -> list[str]:
    words = ["thick: large weight", "bar: its bias"]
    if _has_strip(layout):
        return [*words, "strip: one line a neuron, x →, colour: value"]
    words += [dead] if dead else []
    return [*words, "dot: its colour in the plot", "each curve fills its box"]


def _words_of_flow(layout: DiagramLayout, flow: Flow) -> list[str]:
    way = {"forward": "→ ", "backward": "← ", "": ""}[flow.way]
    words = [f"{way}edges: {flow.caption}", "thick: large in its layer", "bar: bias"]
    return [*words, "strip: one line a neuron, colour: its number"] if _has_strip(layout) else words


def _sign(layout: DiagramLayout, sign: str) -> str:
    return (SHORT if layout.is_low else LONG)[sign]


def _has_strip(layout: DiagramLayout) -> bool:
    return any(column.is_strip for column in layout.columns)
