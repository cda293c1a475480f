"""Says along the diagram's lower edge what its colours, lines and curves mean."""

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainter

from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.ui.style.theme import Theme, small_font
from tinynet_gui.ui.views.diagram.flow import Flow
from tinynet_gui.ui.views.diagram.layout import DiagramLayout, DrawnEdges
from tinynet_gui.ui.views.diagram.pens import flat_pen


def paint_legend(
    painter: QPainter,
    layout: DiagramLayout,
    edges: tuple[DrawnEdges, ...],
    theme: Theme,
    *,
    dead: bool,
    frozen: bool,
    flow: Flow | None = None,
) -> None:
    """Say what colours, thickness, bars and curves mean, along the lower edge; of a flow, what it is and its way."""
    painter.setFont(small_font(0.86))
    y = layout.height - 13
    x = 14.0
    for sign in ("positive", "negative"):
        painter.setPen(flat_pen(theme.color(sign), 3.0))
        painter.drawLine(QPointF(x, y - 4), QPointF(x + 18, y - 4))
        painter.setPen(theme.color("muted"))
        painter.drawText(QPointF(x + 23, y), sign)
        x += 23 + painter.fontMetrics().horizontalAdvance(sign) + 12
    words = _words(layout, dead) if flow is None else _words_of_flow(layout, flow)
    if frozen:
        words.insert(-1, "lock = frozen")  # before the longest: in two lines they all find room
    drawn, total = sum(len(e.weights) for e in edges), sum(e.total for e in edges)
    if drawn < total:
        words.append(f"the {count_text(drawn)} strongest of {count_text(total)} edges")
    metrics, room = painter.fontMetrics(), layout.width - x - 8
    lines = [""]
    for word in words:
        longer = f"{lines[-1]} · {word}" if lines[-1] else word
        if lines[-1] and metrics.horizontalAdvance(longer) > room:
            lines.append(word)
        else:
            lines[-1] = longer
    for place, line in enumerate(lines):
        painter.drawText(QPointF(x, y - (len(lines) - 1 - place) * metrics.height()), line)


def _words(layout: DiagramLayout, dead: bool) -> list[str]:
    words = ["thick = large weight", "bar at a neuron = its bias"]
    if _has_strip(layout):
        return [*words, "strip: one line a neuron, x to the right, colour = value"]
    words += ["each curve is scaled to its box", "dot = its colour in the plot"]
    return [*words, *(["† step at which it died"] if dead else [])]


def _words_of_flow(layout: DiagramLayout, flow: Flow) -> list[str]:
    way = {"forward": "→ ", "backward": "← ", "": ""}[flow.way]
    words = [f"{way}edges: {flow.caption}", "thick = large in its layer", "bar = bias"]
    return [*words, "strip: one line a neuron, colour = its number"] if _has_strip(layout) else words


def _has_strip(layout: DiagramLayout) -> bool:
    return any(column.is_strip for column in layout.columns)
