"""The headings of the diagram's columns: each layer's name and formula. A click there selects the layer."""

from collections.abc import Iterable, Mapping

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter

from tinynet_gui.core.config.sections import NetworkConfig
from tinynet_gui.core.step.flow import ColumnKind
from tinynet_gui.ui.style.theme import Theme
from tinynet_gui.ui.views.diagram.layout import DiagramLayout, LayerColumn
from tinynet_gui.ui.views.diagram.pens import numbers_font, words_font

LINES_Y = (22.0, 38.0)  # of the title and the formula
TITLE_MARGIN = 14.0  # beside a title; it fits a lock
INSIDE = 2.0  # a pinned layer's outline, beside its text
Symbols = Mapping[tuple[ColumnKind, int], str]  # of the numbers in a column's boxes, by its kind and layer


def paint_headings(
    painter: QPainter, layout: DiagramLayout, network: NetworkConfig, symbols: Symbols, theme: Theme
) -> None:
    """Write a title and a formula above each column; if its boxes contain numbers, their meaning."""
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
            painter.setPen(theme.color(color))
            painter.setFont(font)
            fitting = _longest((text, text.rpartition("= ")[2]), font, room)  # or its right side
            painter.drawText(QRectF(left, y - 12, room, 16), Qt.AlignmentFlag.AlignCenter, fitting)


def title_font() -> QFont:
    """Return the font of a column's title."""
    font = words_font(0.92)
    font.setWeight(QFont.Weight.DemiBold)
    return font


def _longest(forms: Iterable[str], font: QFont, room: float) -> str:
    """Return the first form that fits, or nothing: half a formula says nothing."""
    width_of = QFontMetricsF(font).horizontalAdvance
    return next((form for form in forms if width_of(form) <= room - 2 * INSIDE), "")


def heading(column: LayerColumn, network: NetworkConfig, room: float) -> tuple[str, str]:
    """Return a column's title, shortened if it does not fit, and its formula."""
    if column.kind == "input":
        return _longest(["input"], title_font(), room), "x"
    if column.kind == "activation":
        activation = network.activations[column.layer]
        return _longest([activation.label], title_font(), room), activation.formula
    n_in, n_out = network.widths[column.layer : column.layer + 2]
    title = f"Linear({n_in}, {n_out})"
    if QFontMetricsF(title_font()).horizontalAdvance(title) > room - 2 * TITLE_MARGIN:
        title = _longest([f"{n_in} → {n_out}", f"{n_in}→{n_out}", f"{n_out}"], title_font(), room)
    inner = "x" if column.layer == 0 else "h"
    if column.kind == "both":
        return title, network.activations[column.layer].label
    if column.kind == "output" and not title.startswith("L"):
        return title, "ŷ"
    return title, f"ŷ = W{inner} + b" if column.kind == "output" else f"u = W{inner} + b"
