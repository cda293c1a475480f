"""Paint what surrounds the network: column headings, locks on frozen parts, and the legend."""

from collections.abc import Iterable, Mapping, Sequence, Set

from PySide6 import QtCore, QtGui

from tinynet_gui.core.config.sections import NetworkConfig
from tinynet_gui.core.network.refs import LayerRef, Ref, WeightRef
from tinynet_gui.core.step.flow import ColumnKind, Flow
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.ui.style.theme import make_icon, theme
from tinynet_gui.ui.views.diagram.boxes import draw_signed
from tinynet_gui.ui.views.diagram.layout import DiagramLayout, DrawnEdges, LayerColumn
from tinynet_gui.ui.views.diagram.pens import numbers_font, words_font
from tinynet_gui.ui.widgets.pictures import draw_with

LINES_Y = (22.0, 38.0)  # of the title and the formula
TITLE_MARGIN = 14.0  # beside a title; it fits a lock
INSIDE = 2.0  # a pinned layer's outline, beside its text
Symbols = Mapping[tuple[ColumnKind, int], str]  # of the numbers in a column's boxes, by its kind and layer


def paint_headings(painter: QtGui.QPainter, layout: DiagramLayout, network: NetworkConfig, symbols: Symbols) -> None:
    """Write a title and a formula above each column, and what its numbers mean if it has any."""
    formula_font = numbers_font(0.8)
    for column in layout.columns:
        left, _, room, _ = layout.heading(column)
        title, formula = heading(column, network, room)
        symbol = symbols.get((column.kind, column.layer))
        lines = [
            (title, LINES_Y[0], title_font(), "ink"),
            (symbol or formula, LINES_Y[1], formula_font, "muted" if symbol is None else "accent"),
        ]
        if layout.is_low:
            lines = [(symbol, LINES_Y[0], formula_font, "accent")] if symbol else lines[:1]
        for text, y, font, color in lines:
            painter.setPen(theme().color(color))
            painter.setFont(font)
            fitting = _longest((text, text.rpartition("= ")[2]), font, room)  # or its right side
            painter.drawText(QtCore.QRectF(left, y - 12, room, 16), QtCore.Qt.AlignmentFlag.AlignCenter, fitting)


def title_font() -> QtGui.QFont:
    font = words_font(0.92)
    font.setWeight(QtGui.QFont.Weight.DemiBold)
    return font


def _longest(forms: Iterable[str], font: QtGui.QFont, room: float) -> str:
    """Return the first form that fits, or "": half a formula is misleading."""
    width_of = QtGui.QFontMetricsF(font).horizontalAdvance
    return next((form for form in forms if width_of(form) <= room - 2 * INSIDE), "")


def heading(column: LayerColumn, network: NetworkConfig, room: float) -> tuple[str, str]:
    if column.kind == "input":
        return _longest(["input"], title_font(), room), "x"
    if column.kind == "activation":
        activation = network.activations[column.layer]
        return _longest([activation.label], title_font(), room), activation.formula
    n_in, n_out = network.widths[column.layer : column.layer + 2]
    title = f"Linear({n_in}, {n_out})"
    if QtGui.QFontMetricsF(title_font()).horizontalAdvance(title) > room - 2 * TITLE_MARGIN:
        title = _longest([f"{n_in} → {n_out}", f"{n_in}→{n_out}", f"{n_out}"], title_font(), room)
    inner = "x" if column.layer == 0 else "h"
    if column.kind == "both":
        return title, network.activations[column.layer].label
    if column.kind == "output" and not title.startswith("L"):
        return title, "ŷ"
    return title, f"ŷ = W{inner} + b" if column.kind == "output" else f"u = W{inner} + b"


SIZE = 10.0


def paint_locks(painter: QtGui.QPainter, layout: DiagramLayout, frozen: Set[Ref], snapshot: Snapshot) -> None:
    """Draw a lock on each frozen edge, in each frozen neuron's box, before each frozen layer's title."""
    icon = make_icon("lock", theme().muted)
    draw_with(painter, None, theme().color("card", 0.85))
    for ref in frozen:
        column = layout.arrivals(ref.layer)
        match ref:
            case WeightRef():
                start = layout.departures(ref.layer)
                x, y = (start.right + column.left) / 2, float(start.y[ref.input] + column.y[ref.output]) / 2
            case LayerRef():
                title, _ = heading(column, snapshot.config.network, layout.heading(column)[2])
                width = QtGui.QFontMetricsF(title_font()).horizontalAdvance(title)
                x, y = column.x - width / 2 - SIZE / 2 - 2, LINES_Y[0] - 4
            case _:
                left, top, width, height = column.rectangle(ref.index)
                x, y = left + width - SIZE / 2 - 3, top + min(height, SIZE + 6) / 2
        painter.drawEllipse(QtCore.QPointF(x, y), SIZE / 2 + 1, SIZE / 2 + 1)
        icon.paint(painter, QtCore.QRectF(x - SIZE / 2, y - SIZE / 2, SIZE, SIZE).toRect())


LEFT, RIGHT, BELOW = 14.0, 12.0, 13.0
SIGNS = {"positive": 1.0, "negative": -1.0}
SHORT, LONG = {"positive": "+", "negative": "−"}, {"positive": "positive", "negative": "negative: dashed"}
LINE, LINE_GAP, WORD_GAP, SAMPLE = 18.0, 5.0, 12.0, 3.0
MOST_LINES = 3
LACKS_NUMBERS = "point at a neuron: its numbers"
SEPARATOR = " · "


def paint_legend(painter: QtGui.QPainter, layout: DiagramLayout, words: Sequence[str]) -> None:
    """Explain colours and `words` along the lower edge, as far as there is room."""
    painter.setFont(words_font(0.86))
    metrics = QtGui.QFontMetricsF(painter.font())
    lines = legend_lines(layout, metrics, words)
    y = layout.height - BELOW - (len(lines) - 1) * metrics.height()
    x = LEFT
    for sign, value in SIGNS.items():
        sample = QtGui.QPainterPath(QtCore.QPointF(x, y - 4))
        sample.lineTo(x + LINE, y - 4)
        draw_signed(painter, sample, value, SAMPLE)
        painter.setPen(theme().color("muted"))
        word = _sign(layout, sign)
        painter.drawText(QtCore.QPointF(x + LINE + LINE_GAP, y), word)
        x += LINE + LINE_GAP + metrics.horizontalAdvance(word) + WORD_GAP
    for place, line in enumerate(lines):
        painter.drawText(QtCore.QPointF(LEFT if place else x, y + place * metrics.height()), line)


def legend_lines(layout: DiagramLayout, metrics: QtGui.QFontMetricsF, words: Sequence[str]) -> list[str]:
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
    """Return legend entries for the weights and curves, or for a flow and its direction; most important first."""
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
