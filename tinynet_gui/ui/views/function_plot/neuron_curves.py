"""Many thin curves over the same x, each in a colour of its own."""

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from tinynet_gui.core.numerics.arrays import Floats
from tinynet_gui.ui.style.zoom import line_px
from tinynet_gui.ui.widgets.picture_scale import pixel_scale


class NeuronCurves(pg.GraphicsObject):  # type: ignore[misc]  # pyqtgraph has no types
    """Draws hairlines without smoothing: a hundred of a hundred points in 2 ms, where one item each took 15."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[QPolygonF] = []
        self.colors: list[QColor] = []
        self._bounds = QRectF()

    def set_curves(self, x: Floats, y: Floats, colors: Sequence[QColor]) -> None:
        """Draw other curves.

        Parameters
        ----------
        x, y
            Shape (points,) and (curves, points). A curve that is not finite everywhere is left out.
        colors
            One for each curve.
        """
        finite = np.flatnonzero(np.isfinite(y).all(axis=1))
        self.lines = [pg.functions.arrayToQPolygonF(x, y[row]) for row in finite.tolist()]
        self.colors = [colors[row] for row in finite.tolist()]
        self.prepareGeometryChange()
        self._bounds = QRectF()
        if self.lines:
            low, high = float(y[finite].min()), float(y[finite].max())
            self._bounds = QRectF(float(x[0]), low, float(x[-1] - x[0]), high - low)
        self.update()

    def boundingRect(self) -> QRectF:
        """What the curves cover."""
        return self._bounds

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Draw one curve after the other."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        pen = QPen()
        pen.setCosmetic(True)
        pen.setWidthF(line_px(1) * pixel_scale())
        for line, color in zip(self.lines, self.colors, strict=True):
            pen.setColor(color)
            painter.setPen(pen)
            painter.drawPolyline(line)
