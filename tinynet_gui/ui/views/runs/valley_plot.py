"""The loss along the straight line from one run to another, drawn small."""

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from tinynet_gui.core.landscape.valley import Valley
from tinynet_gui.ui.style.theme import Theme, small_font
from tinynet_gui.ui.style.zoom import drawn_width, px, whole_px
from tinynet_gui.ui.widgets.naming import named

WIDTH, HEIGHT, LEAST_HEIGHT = 128, 84, 30  # px
MARGIN = 4  # px
DESCRIPTION = "The training loss, from 0 up, along the straight line from the first run to the second"


class ValleyPlot(QWidget):
    """Two curves over t, from 0 at the bottom to the higher one's top: as they are, faint, and matched.

    Where a loss is not finite, its curve leaves the picture.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        named(
            self, "valleyPlot", DESCRIPTION, f"{DESCRIPTION}: as they are, and with the neurons of the second matched."
        )
        self.setFont(small_font(0.8))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Maximum)
        self._theme, self._valley = theme, None

    _valley: Valley | None

    def show_theme(self, theme: Theme) -> None:
        """Apply the colours of a theme."""
        self._theme = theme
        self.updateGeometry()
        self.update()

    def show_valley(self, valley: Valley | None) -> None:
        """Draw what lies between two runs, or nothing."""
        self._valley = valley
        self.setVisible(valley is not None)
        self.update()

    def curves(self) -> tuple[list[QPointF], ...]:
        """The curves as they are drawn, in pixels: as they are, and matched."""
        if self._valley is None:
            return ()
        lines = [self._valley.as_they_are.losses, self._valley.matched.losses]
        area, losses = self._area(), np.array(lines, np.float64)
        top = np.max(losses, where=np.isfinite(losses), initial=np.finfo(np.float32).tiny)
        heights = np.where(np.isfinite(losses), losses / top, 2)
        x = area.left() + self._valley.t * area.width()
        y = area.bottom() - heights * area.height()
        return tuple([QPointF(*at) for at in zip(x.tolist(), row.tolist(), strict=True)] for row in y)

    def _area(self) -> QRectF:
        margin, key = px(MARGIN), self.fontMetrics().height()
        return QRectF(self.rect()).adjusted(margin, margin, -margin, -margin - key)

    def sizeHint(self) -> QSize:
        """The same for all runs."""
        return QSize(whole_px(WIDTH), whole_px(HEIGHT))

    def minimumSizeHint(self) -> QSize:
        """As wide, and so low that it leaves the runs their room."""
        return QSize(whole_px(WIDTH), whole_px(LEAST_HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ground, both curves and their key."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area, colors = self._area(), (self._theme.color("faint"), self._theme.color("accent"))
        painter.setPen(QPen(self._theme.color("border"), drawn_width(1)))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        painter.setClipRect(area.adjusted(-px(MARGIN), -px(MARGIN), px(MARGIN), px(1)))
        for curve, color in zip(self.curves(), colors, strict=False):
            painter.setPen(QPen(color, drawn_width(1.6)))
            painter.drawPolyline(curve)
        painter.setClipping(False)
        below = QRectF(area.left(), area.bottom(), area.width(), self.rect().bottom() - area.bottom())
        for words, side, color in (
            ("as they are", Qt.AlignmentFlag.AlignLeft, self._theme.color("muted")),
            ("matched", Qt.AlignmentFlag.AlignRight, colors[1]),
        ):
            painter.setPen(color)
            painter.drawText(below, int(side | Qt.AlignmentFlag.AlignBottom), words)
