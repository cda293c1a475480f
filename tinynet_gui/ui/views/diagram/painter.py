"""Paint one snapshot of a network into a diagram layout: columns, headings, locks on frozen parts and the legend."""

from collections.abc import Iterable, Mapping, Sequence, Set

import numpy as np
from PySide6 import QtCore, QtGui

from tinynet_gui.core.config import NetworkConfig
from tinynet_gui.core.network.refs import LayerRef, NeuronRef, Ref, WeightRef
from tinynet_gui.core.step.flow import ColumnKind, Flow
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.values import AnyFloats
from tinynet_gui.ui.style.theme import make_icon, theme
from tinynet_gui.ui.views.diagram import boxes, flow_painter, pens, strips
from tinynet_gui.ui.views.diagram.layout import DiagramLayout, DrawnEdges, LayerColumn, Rectangle, place_of_column
from tinynet_gui.ui.widgets.pictures import ANTIALIASED, directly, draw_with

LINES_Y = (22.0, 38.0)  # the baselines of title and formula
TITLE_MARGIN = 14.0  # beside a title, for a lock
INSIDE = 2.0  # a pinned layer's outline, beside its text
Symbols = Mapping[tuple[ColumnKind, int], str]  # what a column's numbers are, by its kind and layer


def paint_headings(painter: QtGui.QPainter, layout: DiagramLayout, network: NetworkConfig, symbols: Symbols) -> None:
    """Write a title and a formula above each column, and what its numbers mean if it has any."""
    formula_font = pens.numbers_font(0.8)
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
    font = pens.words_font(0.92)
    font.setWeight(QtGui.QFont.Weight.DemiBold)
    return font


def _longest(forms: Iterable[str], font: QtGui.QFont, room: float) -> str:
    """Return the first form that fits, or "": half a formula is misleading."""
    width_of = QtGui.QFontMetricsF(font).horizontalAdvance
    return next((form for form in forms if width_of(form) <= room - 2 * INSIDE), "")


def heading(column: LayerColumn, network: NetworkConfig, room: float) -> tuple[str, str]:
    if column.kind == "input":
        return _longest([_("input")], title_font(), room), "x"
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


LOCK_SIZE = 10.0


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
                x, y = column.x - width / 2 - LOCK_SIZE / 2 - 2, LINES_Y[0] - 4
            case _:
                left, top, width, height = column.rectangle(ref.index)
                x, y = left + width - LOCK_SIZE / 2 - 3, top + min(height, LOCK_SIZE + 6) / 2
        painter.drawEllipse(QtCore.QPointF(x, y), LOCK_SIZE / 2 + 1, LOCK_SIZE / 2 + 1)
        icon.paint(painter, QtCore.QRectF(x - LOCK_SIZE / 2, y - LOCK_SIZE / 2, LOCK_SIZE, LOCK_SIZE).toRect())


LEFT, RIGHT, BELOW = 14.0, 12.0, 13.0
SIGNS = {"positive": 1.0, "negative": -1.0}
SHORT, LONG = {"positive": "+", "negative": "−"}, {"positive": _("positive"), "negative": _("negative: dashed")}
LINE, LINE_GAP, WORD_GAP, SAMPLE = 18.0, 5.0, 12.0, 3.0
MAX_LINES = 3
LACKS_NUMBERS = _("point at a neuron: its numbers")
SEPARATOR = " · "


def paint_legend(painter: QtGui.QPainter, layout: DiagramLayout, words: Sequence[str]) -> None:
    """Explain colours and `words` along the lower edge, as far as there is room."""
    painter.setFont(pens.words_font(0.86))
    metrics = QtGui.QFontMetricsF(painter.font())
    lines = legend_lines(layout, metrics, words)
    y = layout.height - BELOW - (len(lines) - 1) * metrics.height()
    x = LEFT
    for sign, value in SIGNS.items():
        sample = QtGui.QPainterPath(QtCore.QPointF(x, y - 4))
        sample.lineTo(x + LINE, y - 4)
        boxes.draw_signed(painter, sample, value, SAMPLE)
        painter.setPen(theme().color("muted"))
        word = _sign(layout, sign)
        painter.drawText(QtCore.QPointF(x + LINE + LINE_GAP, y), word)
        x += LINE + LINE_GAP + metrics.horizontalAdvance(word) + WORD_GAP
    for place, line in enumerate(lines):
        painter.drawText(QtCore.QPointF(LEFT if place else x, y + place * metrics.height()), line)


def legend_lines(layout: DiagramLayout, metrics: QtGui.QFontMetricsF, words: Sequence[str]) -> list[str]:
    """Break the words into the lines that fit; the last words are dropped first, and none is cut."""
    signs = sum(LINE + LINE_GAP + metrics.horizontalAdvance(_sign(layout, sign)) + WORD_GAP for sign in SIGNS)
    whole, most, lines = layout.width - LEFT - RIGHT, 1 if layout.is_low else MAX_LINES, [""]
    for word in words:
        longer = f"{lines[-1]}{SEPARATOR}{word}" if lines[-1] else word
        room = whole - (signs if len(lines) == 1 else 0.0)
        if metrics.horizontalAdvance(longer) <= room:
            lines[-1] = longer
        elif metrics.horizontalAdvance(word) <= whole and len(lines) < most:
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
        words.insert(1, _("lock: frozen"))
    drawn, total = sum(len(e.weights) for e in edges), sum(e.total for e in edges)
    if drawn < total:
        text = _("the {drawn} strongest of {total} edges")
        words.insert(1, text.format(drawn=count_text(drawn), total=count_text(total)))
    if lacks_numbers:
        words.insert(1, LACKS_NUMBERS)
    return words


def _words(layout: DiagramLayout, dead: str) -> list[str]:
    words = [_("thick: large weight"), _("bar: its bias")]
    if _has_strip(layout):
        return [*words, _("strip: one line a neuron, x →, colour: value")]
    words += [dead] if dead else []
    return [*words, _("dot: its colour in the plot"), _("each curve fills its box")]


def _words_of_flow(layout: DiagramLayout, flow: Flow) -> list[str]:
    way = {"forward": "→ ", "backward": "← ", "": ""}[flow.way]
    words = [way + _("edges: {caption}").format(caption=flow.caption), _("thick: large in its layer"), _("bar: bias")]
    return [*words, _("strip: one line a neuron, colour: its number")] if _has_strip(layout) else words


def _sign(layout: DiagramLayout, sign: str) -> str:
    return (SHORT if layout.is_low else LONG)[sign]


def _has_strip(layout: DiagramLayout) -> bool:
    return any(column.is_strip for column in layout.columns)


LINK_PITCH = 24.0  # between the lines from a strip to its activations


def paint_network(
    painter: QtGui.QPainter,
    layout: DiagramLayout,
    edges: tuple[DrawnEdges, ...],
    snapshot: Snapshot,
    deaths: boxes.DeathSteps,
    frozen: Set[Ref],
    flow: Flow | None = None,
    *,
    off: Set[NeuronRef] = frozenset(),
    notes: flow_painter.Notes,
    draw: boxes.Draw = directly,
) -> None:
    """Draw headings, edges, neurons with their curves, biases, locks on frozen parts, notes and the legend.

    A flow's numbers replace the curves, and the edges show its values. Neurons in `off` are switched off: grey.
    `draw` is used for what may be cached, or show an earlier moment.
    """
    painter.setRenderHint(ANTIALIASED)
    masks = boxes.idle_masks(snapshot, off, with_dead=flow is None)
    idle = [boxes.idle_ends(e, masks) for e in edges]
    faint = [ends if flow is None else ends | (e.weights == 0) for ends, e in zip(idle, edges, strict=True)]
    numbers, deaths_mean = {} if flow is None else flow.boxes, ""
    words, legend = (0.0, 0.0, layout.width, LINES_Y[1] + 5), (0.0, layout.height / 1.5, layout.width, layout.height)
    with np.errstate(all="ignore"):  # a diverging network is drawn as far as possible
        boxes.paint_edges(painter, layout, edges, faint, draw)
        symbols = {place: of_boxes.symbol for place, of_boxes in numbers.items()}
        draw(painter, words, paint_headings, layout, snapshot.config.network, symbols)
        if not notes.of_input:
            draw(painter, place_of_column(layout, layout.columns[0]), _paint_input, layout, symbols)
        for turn, column in enumerate(layout.columns[1:], 2):
            place = place_of_column(layout, column)
            off_here = {ref.index for ref in off if ref.layer == column.layer}
            of_column = numbers.get((column.kind, column.layer))
            if of_column is None:
                what = (_paint_column, layout, column, off_here, deaths)
                told = draw(painter, place, *what, moment=(draw, place, turn, snapshot), turn=turn)
                deaths_mean = max(deaths_mean, told, key=len)
                continue
            draw(painter, place, _paint_links, layout, column, turn=turn)
            if column.is_strip:
                strips.paint_strip(painter, column, snapshot, of_column)
                strips.paint_frame(painter, layout, column, len(_dead(column, snapshot)), off_here)
            else:
                flow_painter.paint_numbers(painter, column, of_column, off_here)
                if column.kind != "activation":
                    boxes.paint_biases(painter, column, snapshot, off_here)
            if column.has_activation:
                draw(painter, place, pens.paint_neuron_colors, column, turn=turn)
    if flow is not None:
        flow_painter.paint_way(painter, layout, flow)
    flow_painter.paint_notes(painter, layout, notes)
    if frozen:
        paint_locks(painter, layout, frozen, snapshot)
    lacks = flow is not None and not flow_painter.all_have_room(layout, flow, notes)
    told = legend_words(layout, edges, flow, dead=deaths_mean, frozen=bool(frozen), lacks_numbers=lacks)
    draw(painter, legend, paint_legend, layout, told)


def paint_selection(painter: QtGui.QPainter, layout: DiagramLayout, ref: Ref, values: Sequence[AnyFloats]) -> None:
    """Highlight the selected neuron, edge or layer on top of the drawing of `paint_network`.

    `values` are the edges', per layer in the shape of its weight.
    """
    painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
    painter.setBrush(QtCore.Qt.BrushStyle.NoBrush)
    if isinstance(ref, WeightRef):
        value = float(values[ref.layer][ref.output, ref.input])
        path = boxes.one_edge(layout, ref)
        painter.setPen(pens.flat_pen(theme().color("ink"), boxes.THICKEST + 2.5))
        painter.drawPath(path)
        boxes.draw_signed(painter, path, value, boxes.THICKEST)
        return
    painter.setPen(pens.flat_pen(theme().color("ink"), 2.0))
    for column in layout.columns:
        if column.layer != ref.layer:
            continue
        if isinstance(ref, LayerRef):
            painter.drawRoundedRect(QtCore.QRectF(*layout.heading(column)), 4, 4)
            around = QtCore.QRectF(column.left, column.top, column.box[0], column.bottom - column.top)
            painter.setPen(pens.flat_pen(theme().color("muted"), 1.0))
            painter.drawRoundedRect(around.adjusted(-7, -4, 7, 3), 6, 6)
            painter.setPen(pens.flat_pen(theme().color("ink"), 2.0))
            continue
        left, top, width, height = column.rectangle(ref.index)
        if column.is_strip:
            top, height = top - 2, max(height, 1.0) + 4
        painter.drawRoundedRect(QtCore.QRectF(left - 1, top, width + 2, height), 4, 4)


def _paint_column(
    painter: QtGui.QPainter,
    layout: DiagramLayout,
    column: LayerColumn,
    off: Set[int],
    deaths: boxes.DeathSteps,
    draw: boxes.Draw,
    place: Rectangle,
    turn: int,
    snapshot: Snapshot,
) -> str:
    """Draw a column without numbers; return the legend entry for marks of deaths, or ""."""
    told, dead = "", _dead(column, snapshot)
    draw(painter, place, _paint_boxes, layout, column, turn=turn)
    if column.is_strip:
        strips.paint_strip(painter, column, snapshot)
        draw(painter, place, strips.paint_frame, layout, column, len(dead), off, turn=turn)
    else:
        idle = {*off, *dead}
        boxes.paint_curves(painter, column, snapshot, idle, off)
        if idle and column.has_activation:
            told = draw(painter, place, boxes.paint_words, column, idle, deaths, off, turn=turn)
    if column.has_activation:
        draw(painter, place, pens.paint_neuron_colors, column, turn=turn)
    return told


def _dead(column: LayerColumn, snapshot: Snapshot) -> list[int]:
    return np.flatnonzero(snapshot.dead[column.layer]).tolist() if column.has_activation else []


def _paint_boxes(painter: QtGui.QPainter, layout: DiagramLayout, column: LayerColumn) -> None:
    """Draw what training does not change in a column: its links, boxes and indices."""
    _paint_links(painter, layout, column)
    if not column.is_strip:
        boxes.paint_boxes(painter, column)
        boxes.paint_indices(painter, column, range(len(column.y)))


def _paint_links(painter: QtGui.QPainter, layout: DiagramLayout, before: LayerColumn) -> None:
    """Draw lines from pre-activations to their activations; only some of a strip."""
    after = layout.departures(before.layer + 1)
    if after is not before:
        every = max(1, round(LINK_PITCH * len(after.y) / (after.bottom - after.top))) if after.is_strip else 1
        rows = after.y[every // 2 :: every].tolist()
        painter.setPen(pens.flat_pen(theme().color("faint"), 1.0))
        painter.drawLines([QtCore.QLineF(before.right, y, after.left, y) for y in rows])


def _paint_input(painter: QtGui.QPainter, layout: DiagramLayout, symbols: Symbols) -> None:
    node, last = QtCore.QRectF(*layout.columns[0].rectangle(0)), layout.columns[-1]
    draw_with(painter, pens.flat_pen(theme().color("border"), 1.2), theme().color("field"))
    painter.drawEllipse(node)
    has_title_only = layout.is_low and not symbols.get((last.kind, last.layer))
    font = title_font() if has_title_only else pens.numbers_font(0.8)  # as the last heading
    font.setItalic(True)
    font.setPointSizeF(pens.words_font(1.25).pointSizeF())
    painter.setFont(font)
    painter.setPen(theme().color("ink"))
    painter.drawText(node, QtCore.Qt.AlignmentFlag.AlignCenter, "x")
