"""Small locks in the network diagram, on frozen parts."""

from collections.abc import Set

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFontMetricsF, QPainter

from tinynet_gui.core.network.refs import LayerRef, Ref, WeightRef
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.ui.style.icons import make_icon
from tinynet_gui.ui.style.theme import Theme
from tinynet_gui.ui.views.diagram.headings import LINES_Y, heading, title_font
from tinynet_gui.ui.views.diagram.layout import DiagramLayout
from tinynet_gui.ui.widgets.painting import draw_with

SIZE = 10.0


def paint_locks(painter: QPainter, layout: DiagramLayout, frozen: Set[Ref], snapshot: Snapshot, theme: Theme) -> None:
    """Draw a lock on each frozen edge, in the box of each frozen neuron, before the title of each frozen layer."""
    icon = make_icon("lock", theme.muted)
    draw_with(painter, None, theme.color("card", 0.85))
    for ref in frozen:
        column = layout.arrivals(ref.layer)
        match ref:
            case WeightRef():
                start = layout.departures(ref.layer)
                x, y = (start.right + column.left) / 2, float(start.y[ref.input] + column.y[ref.output]) / 2
            case LayerRef():
                title, _ = heading(column, snapshot.config.network, layout.heading(column)[2])
                width = QFontMetricsF(title_font()).horizontalAdvance(title)
                x, y = column.x - width / 2 - SIZE / 2 - 2, LINES_Y[0] - 4
            case _:
                left, top, width, height = column.rectangle(ref.index)
                x, y = left + width - SIZE / 2 - 3, top + min(height, SIZE + 6) / 2
        painter.drawEllipse(QPointF(x, y), SIZE / 2 + 1, SIZE / 2 + 1)
        icon.paint(painter, QRectF(x - SIZE / 2, y - SIZE / 2, SIZE, SIZE).toRect())
