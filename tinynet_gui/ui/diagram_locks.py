"""Small locks in the network diagram, on what is frozen."""

from collections.abc import Set

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from tinynet_gui.ui.diagram_layout import DiagramLayout
from tinynet_gui.ui.icons import make_icon
from tinynet_gui.ui.selection import EdgeRef, LayerRef, Ref
from tinynet_gui.ui.theme import Theme

SIZE = 9.0


def paint_locks(painter: QPainter, layout: DiagramLayout, frozen: Set[Ref], theme: Theme) -> None:
    """Draw a lock on each frozen edge, in the box of each frozen neuron, below the heading of each frozen layer."""
    icon = make_icon("lock", theme.muted)
    for ref in frozen:
        column = layout.arrivals(ref.layer)
        match ref:
            case EdgeRef():
                start = layout.departures(ref.layer)
                x, y = (start.right + column.left) / 2, float(start.y[ref.input] + column.y[ref.output]) / 2
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme.color("card", 0.85))
                painter.drawEllipse(QPointF(x, y), SIZE / 2 + 2, SIZE / 2 + 2)
            case LayerRef():
                left, top, width, height = layout.heading(column)
                x, y = left + width / 2, top + height + SIZE / 2
            case _:
                left, top, width, height = column.rectangle(ref.index)
                x, y = left + width - SIZE / 2 - 2, top + min(height, SIZE + 4) / 2
        icon.paint(painter, QRectF(x - SIZE / 2, y - SIZE / 2, SIZE, SIZE).toRect())
