"""The headings of the diagram's columns: each layer's name and formula. A click there selects the layer."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter

from tinynet_gui.core.choices.activations import ACTIVATIONS
from tinynet_gui.core.step.flow import Flow
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.ui.style.theme import Theme
from tinynet_gui.ui.views.diagram.layout import DiagramLayout, LayerColumn
from tinynet_gui.ui.views.diagram.pens import numbers_font, words_font

LINES_Y = (22.0, 38.0)  # of the title and the formula
TITLE_MARGIN = 14.0  # beside a title; it fits a lock


def paint_headings(
    painter: QPainter, layout: DiagramLayout, snapshot: Snapshot, theme: Theme, flow: Flow | None = None
) -> None:
    """Write a title and a formula above each column; if its boxes contain numbers, their meaning."""
    formula_font = numbers_font(0.8)
    room = layout.pitch
    for column in layout.columns:
        title, formula = heading(column, snapshot, room)
        boxes = flow.boxes.get((column.kind, column.layer)) if flow is not None else None
        if boxes is not None and boxes.symbol:
            formula = boxes.symbol
        has_symbol = boxes is not None and bool(boxes.symbol)
        lines = [
            (title, LINES_Y[0], title_font(), "ink"),
            (formula, LINES_Y[1], formula_font, "muted" if boxes is None else "accent"),
        ]
        if layout.is_low:
            lines = [(formula, LINES_Y[0], formula_font, "accent")] if has_symbol else lines[:1]
        for text, y, font, color in lines:
            painter.setPen(theme.color(color))
            painter.setFont(font)
            metrics = painter.fontMetrics()
            shorter = text if metrics.horizontalAdvance(text) <= room else text.rpartition("= ")[2]  # its right side
            elided = metrics.elidedText(shorter, Qt.TextElideMode.ElideRight, int(room))
            painter.drawText(QRectF(column.x - room / 2, y - 12, room, 16), Qt.AlignmentFlag.AlignCenter, elided)


def title_font() -> QFont:
    """Return the font of a column's title."""
    font = words_font(0.92)
    font.setWeight(QFont.Weight.DemiBold)
    return font


def heading(column: LayerColumn, snapshot: Snapshot, room: float) -> tuple[str, str]:
    """Return a column's title, shortened if it does not fit, and its formula."""
    if column.kind == "input":
        return "input", "x"
    activation = ACTIVATIONS[snapshot.config.network.activation]
    if column.kind == "activation":
        return activation.label, activation.formula
    n_out, n_in = snapshot.layers[column.layer].weight.shape
    title = f"Linear({n_in}, {n_out})"
    if QFontMetricsF(title_font()).horizontalAdvance(title) > room - 2 * TITLE_MARGIN:
        title = f"{n_in} → {n_out}"
    inner = "x" if column.layer == 0 else "h"
    if column.kind == "both":
        return title, activation.label
    if column.kind == "output" and title[0] != "L":
        return title, "ŷ"
    return title, f"ŷ = W{inner} + b" if column.kind == "output" else f"u = W{inner} + b"
