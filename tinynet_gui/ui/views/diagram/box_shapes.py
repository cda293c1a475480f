"""Draws the boxes of neurons: fields with outlines, on top of the edges that end at them.

They are kept as two layers that give the same picture to the bit as if they were drawn on the edges. For that, nothing
in a layer may share a pixel with anything else in it where an edge is below: at the seams, the middles of a box's
sides, one layer has the field and the other the outline. An outline's corners may meet themselves in a pixel, so the
first layer has both there, and a box with too little between its corners for an edge is not kept.
"""

from collections.abc import Iterable

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QPainter, QRegion

from tinynet_gui.ui.style.theme import Theme
from tinynet_gui.ui.views.diagram.edges import THICKEST
from tinynet_gui.ui.views.diagram.layout import LayerColumn
from tinynet_gui.ui.views.diagram.pens import flat_pen
from tinynet_gui.ui.widgets.painting import draw_with

CORNER = 4.0
SEAM = 2 * (THICKEST / 2 + 1.5)  # the height of a seam, on which the thickest edge ends
EVERYWHERE = QRect(-10_000, -10_000, 20_000, 20_000)


def can_be_kept(column: LayerColumn) -> bool:
    """Whether a seam fits between the corners of a column's boxes."""
    return column.box[1] >= SEAM + 2 * CORNER + 2.0


def paint_boxes(painter: QPainter, columns: Iterable[LayerColumn], theme: Theme) -> None:
    """Draw each neuron's box."""
    draw_with(painter, flat_pen(theme.color("border"), 1.0), theme.color("field"))
    _draw_boxes(painter, columns)


def paint_boxes_but_seams(painter: QPainter, columns: Iterable[LayerColumn], theme: Theme) -> None:
    """Draw each neuron's box, but with no outline at its seams."""
    draw_with(painter, None, theme.color("field"))
    _draw_boxes(painter, columns)
    draw_with(painter, flat_pen(theme.color("border"), 1.0))
    painter.setClipRegion(QRegion(EVERYWHERE) - _seams(columns))
    _draw_boxes(painter, columns)
    painter.setClipping(False)


def paint_seams(painter: QPainter, columns: Iterable[LayerColumn], theme: Theme) -> None:
    """Draw the outlines that are left out there."""
    draw_with(painter, flat_pen(theme.color("border"), 1.0))
    painter.setClipRegion(_seams(columns))
    _draw_boxes(painter, columns)
    painter.setClipping(False)


def _draw_boxes(painter: QPainter, columns: Iterable[LayerColumn]) -> None:
    for column in columns:
        width, height = column.box
        for y in column.y.tolist():
            painter.drawRoundedRect(QRectF(column.left, y - height / 2, width, height), CORNER, CORNER)


def _seams(columns: Iterable[LayerColumn]) -> QRegion:
    seams = QRegion()
    for column in columns:
        for y in column.y.tolist():
            for x in (column.left, column.right):
                seams += QRectF(x - 2, y - SEAM / 2, 4, SEAM).toAlignedRect()
    return seams
