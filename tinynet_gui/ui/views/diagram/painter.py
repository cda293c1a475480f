"""Paint one snapshot of a network into a diagram layout."""

from collections.abc import Callable, Sequence, Set
from typing import Any

import numpy as np
from PySide6 import QtCore, QtGui

from tinynet_gui.core.config import NetworkConfig
from tinynet_gui.core.network.refs import LayerRef, NeuronRef, Ref, WeightRef
from tinynet_gui.core.step.flow import Flow
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.values import AnyFloats
from tinynet_gui.ui.style.theme import theme, zoom
from tinynet_gui.ui.views.diagram import boxes, flow_painter, headings, pens, strips
from tinynet_gui.ui.views.diagram.layout import DiagramLayout, DrawnEdges, LayerColumn
from tinynet_gui.ui.widgets.pictures import draw_with

Paint = Callable[..., object]  # of a painter, and then of all that its drawing depends on
Draw = Callable[..., None]  # of a painter, and then of such a function and its arguments


def directly(painter: QtGui.QPainter, paint: Paint, *arguments: Any) -> None:
    """Draw without caching, for exports at another resolution."""
    paint(painter, *arguments)


class Layers:
    """A pixmap cache per paint function, invalidated by its arguments, theme, zoom and the picture's size or scale."""

    def __init__(self) -> None:
        self._kept: dict[Paint, tuple[tuple[Any, ...], QtGui.QPixmap]] = {}

    def draw(self, painter: QtGui.QPainter, paint: Paint, *arguments: Any) -> None:
        """Draw through the function's cached pixmap."""
        picture = painter.device()
        assert isinstance(picture, QtGui.QPixmap)
        key = (arguments, theme(), zoom(), picture.size(), picture.devicePixelRatioF())
        kept, layer = self._kept.get(paint, ((), picture))
        if kept != key:
            layer = QtGui.QPixmap(picture.size())
            layer.setDevicePixelRatio(picture.devicePixelRatioF())
            layer.fill(QtCore.Qt.GlobalColor.transparent)
            with QtGui.QPainter(layer) as own:
                own.setRenderHints(painter.renderHints())
                paint(own, *arguments)
            self._kept[paint] = (key, layer)
        painter.drawPixmap(0, 0, layer)


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
    draw: Draw = directly,
) -> None:
    """Draw headings, edges, neurons with their curves, biases, locks on frozen parts, notes and the legend.

    A flow's numbers replace the curves, and the edges show its values. Neurons in `off` are switched off: grey.
    `draw` is used for what no weight changes, so that it can be cached.
    """
    painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
    idle = [boxes.idle_ends(e, snapshot, off, with_dead=flow is None) for e in edges]
    faint = [ends if flow is None else ends | (e.weights == 0) for ends, e in zip(idle, edges, strict=True)]
    numbers = {} if flow is None else flow.boxes
    deaths_mean = ""
    with np.errstate(all="ignore"):  # a diverging network is drawn as far as possible
        boxes.paint_edges(painter, layout, edges, faint)
        _paint_activation_links(painter, layout)
        full = [c for c in layout.columns[1:] if not c.is_strip and (c.kind, c.layer) not in numbers]
        kept = tuple(column for column in full if draw is not directly and boxes.can_be_kept(column))
        boxes.paint_boxes(painter, [column for column in full if column not in kept])
        if not notes.of_input:
            _paint_input(painter, layout.columns[0])
        draw(painter, boxes.paint_boxes_but_seams, kept)
        symbols = {place: of_boxes.symbol for place, of_boxes in numbers.items()}
        draw(painter, _paint_seams_and_words, layout, kept, snapshot.config.network, symbols, not notes.of_input)
        for column in layout.columns:
            off_here = {ref.index for ref in off if ref.layer == column.layer}
            of_column = numbers.get((column.kind, column.layer))
            if column.is_strip:
                strips.paint_strip(painter, column, snapshot, of_column, off_here)
            elif of_column is not None:
                flow_painter.paint_numbers(painter, column, of_column, off_here)
                if column.kind != "activation":
                    boxes.paint_biases(painter, column, snapshot, off_here)
            elif column.kind != "input":
                deaths_mean = max(deaths_mean, boxes.paint_curves(painter, column, snapshot, deaths, off_here), key=len)
            if column.kind in ("activation", "both"):
                pens.paint_neuron_colors(painter, column)
    if texts := strips.strip_texts(layout, snapshot):
        draw(painter, strips.paint_strip_numbers, texts)
    if flow is not None:
        flow_painter.paint_way(painter, layout, flow)
    flow_painter.paint_notes(painter, layout, notes)
    headings.paint_locks(painter, layout, frozen, snapshot)
    lacks = flow is not None and not flow_painter.all_have_room(layout, flow, notes)
    words = headings.legend_words(layout, edges, flow, dead=deaths_mean, frozen=bool(frozen), lacks_numbers=lacks)
    draw(painter, headings.paint_legend, layout, words)


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


def _paint_activation_links(painter: QtGui.QPainter, layout: DiagramLayout) -> None:
    """Draw thin lines from pre-activations to activations; only some of a strip's."""
    painter.setPen(pens.flat_pen(theme().color("faint"), 1.0))
    for before, after in zip(layout.columns, layout.columns[1:], strict=False):
        if after.kind == "activation":
            every = max(1, round(LINK_PITCH * len(after.y) / (after.bottom - after.top))) if after.is_strip else 1
            rows = after.y[every // 2 :: every].tolist()
            painter.drawLines([QtCore.QLineF(before.right, y, after.left, y) for y in rows])


def _paint_input(painter: QtGui.QPainter, column: LayerColumn) -> None:
    draw_with(painter, pens.flat_pen(theme().color("border"), 1.2), theme().color("field"))
    painter.drawEllipse(QtCore.QRectF(*column.rectangle(0)))


def _paint_seams_and_words(
    painter: QtGui.QPainter,
    layout: DiagramLayout,
    kept: Sequence[LayerColumn],
    network: NetworkConfig,
    symbols: headings.Symbols,
    has_x: bool,
) -> None:
    """Outline boxes where edges end; write headings, the input's x and the index of each neuron with a curve."""
    boxes.paint_seams(painter, kept)
    headings.paint_headings(painter, layout, network, symbols)
    if has_x:
        font = QtGui.QFont(painter.font())
        font.setItalic(True)
        font.setPointSizeF(pens.words_font(1.25).pointSizeF())
        painter.setFont(font)
        painter.setPen(theme().color("ink"))
        painter.drawText(QtCore.QRectF(*layout.columns[0].rectangle(0)), QtCore.Qt.AlignmentFlag.AlignCenter, "x")
    for column in layout.columns[1:]:
        if (column.kind, column.layer) not in symbols:
            boxes.paint_indices(painter, column, range(len(column.y)))
