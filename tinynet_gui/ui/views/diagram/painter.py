"""Draws one snapshot of a network into a diagram layout."""

from collections.abc import Mapping, Sequence, Set
from typing import Any

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QImage, QPainter, QPainterPath

from tinynet_gui.core.analysis.summaries import dead_masks
from tinynet_gui.core.network.refs import LayerRef, Ref, WeightRef
from tinynet_gui.core.run.snapshot import Snapshot
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.ui.style.theme import Theme, small_font
from tinynet_gui.ui.views.diagram.colors import paint_neuron_colors
from tinynet_gui.ui.views.diagram.edges import THICKEST, dead_ends, one_edge, paint_edges
from tinynet_gui.ui.views.diagram.flow import Boxes, Flow
from tinynet_gui.ui.views.diagram.flow_painter import paint_notes, paint_numbers, paint_way
from tinynet_gui.ui.views.diagram.headings import paint_headings
from tinynet_gui.ui.views.diagram.layout import Column, DiagramLayout, DrawnEdges
from tinynet_gui.ui.views.diagram.legend import paint_legend
from tinynet_gui.ui.views.diagram.locks import paint_locks
from tinynet_gui.ui.views.diagram.pens import flat_pen, hairline, sign_color

ROOM_FOR_A_WORD = (40.0, 18.0)  # a box must be so large for the word "dead" in it
FEW_NEURONS = 12  # a layer of at most so many has its curves drawn a little thicker
BIAS_LENGTH, BIAS_WIDTH = 16.0, 4.0
SHADES = 128  # of each sign, in the strip of a wide layer


def paint_network(
    painter: QPainter,
    layout: DiagramLayout,
    edges: tuple[DrawnEdges, ...],
    snapshot: Snapshot,
    theme: Theme,
    deaths: Mapping[tuple[int, int], int],
    frozen: Set[Ref],
    flow: Flow | None = None,
) -> None:
    """Draw headings, edges, neurons with their curves, biases, locks on what is frozen, and the legend.

    With a flow its numbers stand in the place of the curves, and the edges are those of its values.
    """
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    paint_headings(painter, layout, snapshot, theme, flow)
    faint = [dead_ends(e, snapshot) if flow is None else e.weights == 0 for e in edges]
    with np.errstate(all="ignore"):  # a network on its way to infinity is drawn as far as it can be
        paint_edges(painter, layout, edges, faint, theme)
        _paint_activation_links(painter, layout, theme)
        for column in layout.columns:
            numbers = flow.boxes.get((column.kind, column.layer)) if flow is not None else None
            if column.kind == "input":
                _paint_input(painter, column, theme)
            elif column.is_strip:
                _paint_strip(painter, column, snapshot, theme, numbers)
            elif numbers is not None:
                paint_numbers(painter, column, numbers, theme)
                if column.kind != "activation":
                    _paint_biases(painter, column, snapshot, theme)
            else:
                _paint_boxes(painter, column, snapshot, theme, deaths)
            if column.kind in ("activation", "both"):
                paint_neuron_colors(painter, column, theme)
    if flow is not None:
        paint_way(painter, layout, flow, theme)
        paint_notes(painter, layout, flow, theme)
    paint_locks(painter, layout, frozen, snapshot, theme)
    paint_legend(painter, layout, edges, theme, dead=bool(deaths), frozen=bool(frozen), flow=flow)


def paint_selection(
    painter: QPainter, layout: DiagramLayout, ref: Ref, values: Sequence[npt.NDArray[np.floating[Any]]], theme: Theme
) -> None:
    """Light up the selected neuron, edge or layer on top of what `paint_network` has drawn.

    `values` are what the edges show, for each layer in the shape of its weight.
    """
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if isinstance(ref, WeightRef):
        value = float(values[ref.layer][ref.output, ref.input])
        path = one_edge(layout, ref)
        painter.setPen(flat_pen(theme.color("ink"), THICKEST + 2.5))
        painter.drawPath(path)
        painter.setPen(flat_pen(sign_color(theme, value), THICKEST))
        painter.drawPath(path)
        return
    painter.setPen(flat_pen(theme.color("ink"), 2.0))
    for column in layout.columns:
        if column.layer != ref.layer:
            continue
        if isinstance(ref, LayerRef):
            painter.drawRoundedRect(QRectF(*layout.heading(column)), 4, 4)
            around = QRectF(column.left, column.top, column.box[0], column.bottom - column.top)
            painter.setPen(hairline(theme.color("muted")))
            painter.drawRoundedRect(around.adjusted(-7, -4, 7, 3), 6, 6)
            painter.setPen(flat_pen(theme.color("ink"), 2.0))
            continue
        left, top, width, height = column.rectangle(ref.index)
        if column.is_strip:
            top, height = top - 2, max(height, 1.0) + 4
        painter.drawRoundedRect(QRectF(left - 1, top, width + 2, height), 4, 4)


def _paint_activation_links(painter: QPainter, layout: DiagramLayout, theme: Theme) -> None:
    """Draw the thin lines from each neuron's pre-activation to its activation."""
    painter.setPen(hairline(theme.color("faint")))
    for before, after in zip(layout.columns, layout.columns[1:], strict=False):
        if after.kind != "activation":
            continue
        if after.is_strip:
            for y in (after.top, after.bottom):
                painter.drawLine(QPointF(before.right, y), QPointF(after.left, y))
        else:
            for y in after.y.tolist():
                painter.drawLine(QPointF(before.right, y), QPointF(after.left, y))


def _paint_input(painter: QPainter, column: Column, theme: Theme) -> None:
    painter.setPen(flat_pen(theme.color("border"), 1.2))
    painter.setBrush(theme.color("field"))
    rect = QRectF(*column.rectangle(0))
    painter.drawEllipse(rect)
    font = QFont(painter.font())
    font.setItalic(True)
    font.setPointSizeF(small_font(1.25).pointSizeF())
    painter.setFont(font)
    painter.setPen(theme.color("ink"))
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, "x")


def _curves(column: Column, snapshot: Snapshot) -> npt.NDArray[np.float32]:
    """The curves that a column shows, one row a neuron."""
    if column.kind == "output":
        return snapshot.output[None, ::8]
    source = snapshot.pre_activations if column.kind == "linear" else snapshot.activations
    return source[column.layer]


def _paint_boxes(
    painter: QPainter,
    column: Column,
    snapshot: Snapshot,
    theme: Theme,
    deaths: Mapping[tuple[int, int], int],
) -> None:
    """Draw each neuron as a box with its own curve, scaled to the box, and its bias as a bar.

    `deaths` are the steps at which neurons died, as far as they are known.
    """
    curves = _curves(column, snapshot)
    width, height = column.box
    painter.setPen(flat_pen(theme.color("border"), 1.0))
    painter.setBrush(theme.color("field"))
    for index in range(len(column.y)):
        painter.drawRoundedRect(QRectF(*column.rectangle(index)), 4, 4)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    low, high = curves.min(axis=1, keepdims=True), curves.max(axis=1, keepdims=True)
    span = high - low
    flat = span <= 1e-6 * np.maximum(np.abs(high), 1e-6)
    share = np.where(flat, 0.5, (curves - low) / np.where(flat, 1.0, span))
    share = np.where(flat & (high == 0), 0.06, share)  # nothing comes out: a line at the bottom
    x = column.left + 4 + np.linspace(0, width - 8, curves.shape[1])
    y = column.y[:, None] + (0.5 - share) * (height - 7)
    dead = np.zeros(len(column.y), bool)
    if column.kind in ("activation", "both"):
        dead = dead_masks(snapshot)[column.layer]
    few = len(column.y) <= FEW_NEURONS
    for chosen, color in ((~dead, "ink"), (dead, "faint")):
        rows = np.flatnonzero(chosen & np.isfinite(y).all(axis=1))
        if len(rows):
            painter.setPen(flat_pen(theme.color(color), 1.3) if few else hairline(theme.color(color)))
            painter.drawPath(_polylines(x, y[rows]))
    if column.kind != "activation":
        _paint_biases(painter, column, snapshot, theme)
    if dead.any() and width >= ROOM_FOR_A_WORD[0] and height >= ROOM_FOR_A_WORD[1]:
        painter.setPen(theme.color("muted"))
        painter.setFont(small_font(0.78))
        for row in np.flatnonzero(dead):
            step = deaths.get((column.layer, int(row)))
            word = "dead" if step is None else f"† {count_text(step)}"
            painter.drawText(QPointF(column.left + 5, column.y[row] + 2.0), word)


def _polylines(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> QPainterPath:
    """One path of many curves over the same x; y has one row a curve."""
    connect = np.ones(y.shape, dtype=np.int32)
    connect[:, -1] = 0
    path: QPainterPath = pg.arrayToQPath(np.tile(x, len(y)), y.ravel(), connect=connect.ravel())
    return path


def _paint_biases(painter: QPainter, column: Column, snapshot: Snapshot, theme: Theme) -> None:
    bias = snapshot.layers[column.layer].bias
    largest = float(np.max(np.abs(bias)))
    if not np.isfinite(largest) or largest == 0:
        return
    length = min(BIAS_LENGTH, column.box[1])
    painter.setPen(Qt.PenStyle.NoPen)
    for value, y in zip(bias.tolist(), column.y.tolist(), strict=True):
        half = max(1.0, length * abs(value) / largest) / 2
        painter.setBrush(theme.color("positive" if value >= 0 else "negative"))
        painter.drawRect(QRectF(column.left - BIAS_WIDTH / 2, y - half, BIAS_WIDTH, 2 * half))
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _paint_strip(
    painter: QPainter, column: Column, snapshot: Snapshot, theme: Theme, numbers: Boxes | None = None
) -> None:
    """Draw a wide layer as an image: one line a neuron, x to the right, colour for its value.

    With numbers, a line has one colour, that of its neuron's number.
    """
    rectangle = QRectF(column.left, column.top, column.box[0], column.bottom - column.top)
    rows = max(1, round(rectangle.height()))
    values = _curves(column, snapshot) if numbers is None else numbers.values[:, None]
    painter.drawImage(rectangle, _heat_image(_thinned(values, rows), theme))
    if column.kind != "activation":
        bias = snapshot.layers[column.layer].bias[:, None]
        side = QRectF(column.left - BIAS_WIDTH - 2, column.top, BIAS_WIDTH, rectangle.height())
        painter.drawImage(side, _heat_image(_thinned(bias, rows), theme))
    painter.setPen(flat_pen(theme.color("border"), 1.0))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(rectangle)
    painter.setPen(theme.color("muted"))
    painter.setFont(small_font(0.8))
    dead = int(dead_masks(snapshot)[column.layer].sum()) if column.kind in ("activation", "both") else 0
    if dead:
        room = QRectF(column.x - 60, column.bottom + 1, 120, 14)
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter, f"{count_text(dead)} dead")


def _thinned(values: npt.NDArray[np.floating[Any]], rows: int) -> npt.NDArray[np.floating[Any]]:
    """Keep at most so many rows: of the neurons that share a line of pixels, the one with the largest value."""
    count = len(values)
    if count <= rows:
        return values
    starts = (np.arange(rows) * count) // rows
    peak = np.abs(values).max(axis=1)
    widths = np.diff(np.append(starts, count))
    slots = starts[:, None] + np.minimum(np.arange(widths.max()), widths[:, None] - 1)
    kept: npt.NDArray[np.floating[Any]] = values[slots[np.arange(rows), peak[slots].argmax(axis=1)]]
    return kept


def _heat_image(values: npt.NDArray[np.floating[Any]], theme: Theme) -> QImage:
    largest = float(np.max(np.abs(values), initial=0.0))
    scale = SHADES / largest if np.isfinite(largest) and largest > 0 else 0.0
    with np.errstate(invalid="ignore"):
        index = np.nan_to_num(values * scale).astype(np.int32).clip(-SHADES, SHADES) + SHADES
    pixels = np.ascontiguousarray(_palette(theme)[index])
    height, width = pixels.shape
    return QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGB32).copy()


_palettes: dict[Theme, npt.NDArray[np.uint32]] = {}


def _palette(theme: Theme) -> npt.NDArray[np.uint32]:
    """2 * SHADES + 1 colours from negative over the field's own to positive, as 0xffRRGGBB."""
    if theme not in _palettes:
        share = np.linspace(0, 1, SHADES + 1)[:, None] ** 0.7
        middle, negative, positive = (_rgb(theme, name) for name in ("field", "negative", "positive"))
        down, up = middle + (negative - middle) * share, middle + (positive - middle) * share
        rgb = np.concatenate([down[:0:-1], up]).round().astype(np.uint32)
        rgb[:, 0] <<= 16
        rgb[:, 1] <<= 8
        _palettes[theme] = rgb.sum(axis=1, dtype=np.uint32) | np.uint32(0xFF000000)
    return _palettes[theme]


def _rgb(theme: Theme, name: str) -> npt.NDArray[np.float64]:
    color = theme.color(name)
    return np.array([color.red(), color.green(), color.blue()], dtype=np.float64)
