"""A frame without the program: bare plots, and a scene of as much as the diagram draws.

Nothing of the program paints here: what makes it quicker leaves this as it is.
"""

from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import NamedTuple

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QApplication, QWidget

from tests.benchmarks.effort import repeated
from tests.benchmarks.yardsticks import Clock, ms_of
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.ui.window.main_window import MainWindow

BARE_SCENE = "a bare QPainter scene of as many lines, boxes, curves and texts"
BARE_FRAME = "a frame of bare pyqtgraph plots and a bare QPainter scene"
ROUNDS = 20
LOSSES = 300  # points of a bare plot's curve
LINE = {"pen": {"color": "b", "width": 1}, "antialias": True}  # dashes, or two pixels, would take ten times as long
MANY = 100  # neurons, of which the diagram draws strips


class Painted(NamedTuple):
    """How many ms each part of a frame took."""

    diagram: float
    function: float
    loss: float


@dataclass(frozen=True)
class Drawing:
    """How much the diagram draws of a network (counted at 4e5ec15): some edges thick, all others as thin as can be."""

    texts: int
    boxes: int
    dots: int
    curves: int
    thin_edges: int
    images: int = 0
    lines: int = 12
    thick_edges: int = 16


OF_TEN = Drawing(texts=33, boxes=32, dots=11, curves=10, thin_edges=4)
OF_MANY = Drawing(texts=18, boxes=4, dots=1, curves=0, thin_edges=224, images=4)
THIN_AT_ONCE = 30  # edges


class BareScene(QWidget):
    """Draws as much as the diagram, in other places, widths and numbers each time."""

    def __init__(self, drawing: Drawing) -> None:
        super().__init__()
        self._drawing, self._frame = drawing, 0
        x = np.linspace(0, 1, 49)
        self._waves = [QPolygonF([QPointF(30 * a, 10 * np.sin((5 + k) * a)) for a in x.tolist()]) for k in range(5)]
        self._image = QImage(20, 200, QImage.Format.Format_RGB32)
        self._image.fill(Qt.GlobalColor.gray)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw one after the other."""
        self._frame += 1
        drawing, shift, right, bottom = self._drawing, self._frame % 5, self.width() - 60, self.height() - 20
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for k in range(drawing.thick_edges):
                painter.setPen(QPen(Qt.GlobalColor.darkCyan, 0.6 + (k + shift) % 16 / 4))
                painter.drawPath(self._edges(range(k, k + 1)))
            for k in range(0, drawing.thin_edges, THIN_AT_ONCE):
                painter.setPen(QPen(Qt.GlobalColor.darkCyan, 1))
                painter.drawPath(self._edges(range(k, min(drawing.thin_edges, k + THIN_AT_ONCE))))
            for k in range(drawing.lines):
                painter.setPen(QPen(Qt.GlobalColor.gray, 1))
                painter.drawLine(QPointF(40, 15 * k + shift), QPointF(right, 15 * k))
            for k in range(drawing.images):
                painter.drawImage(QRectF(60 + 50 * k, 20, 20, bottom - 20), self._image)
            for k in range(drawing.boxes):
                painter.setPen(QPen(Qt.GlobalColor.black, 1))
                painter.setBrush(Qt.GlobalColor.white)
                painter.drawRoundedRect(QRectF(60 + 80 * (k % 3), 10 * k + shift, 50, 22), 4, 4)
            for k in range(drawing.dots):
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(Qt.GlobalColor.darkYellow)
                painter.drawEllipse(QPointF(50, 30 * k + shift), 4, 4)
            for k in range(drawing.curves):
                painter.setPen(QPen(Qt.GlobalColor.darkRed, 1.4))
                painter.save()
                painter.translate(150, 30 * k)
                painter.drawPolyline(self._waves[(k + shift) % 5])
                painter.restore()
            for k in range(drawing.texts):
                painter.setPen(Qt.GlobalColor.black)
                place = QRectF(60 + 80 * (k % 3), 10 * k, 50, 22)
                painter.drawText(place, Qt.AlignmentFlag.AlignCenter, f"{k + 0.01 * self._frame:.2f}")

    def _edges(self, numbers: range) -> QPainterPath:
        path, left, right, bottom = QPainterPath(), self.width() / 3, self.width() / 1.5, self.height() - 20
        for number in numbers:
            start, end = (31 * number + self._frame) % bottom, (17 * number) % bottom
            path.moveTo(left, start)
            path.cubicTo((left + right) / 2, start, (left + right) / 2, end, right, end)
        return path


class BareFrame:
    """Bare plots and a bare scene: as large as a window's, with the same curves, samples, lines, boxes and texts."""

    def __init__(self, window: MainWindow) -> None:
        snapshot = window.session.state.snapshot
        assert snapshot is not None
        widths = snapshot.config.network.hidden
        scene = BareScene(OF_MANY if max(widths) > MANY else OF_TEN)
        samples, steps = snapshot.dataset, np.arange(LOSSES)
        function, loss = pg.PlotWidget(), pg.PlotWidget()
        function.plot(snapshot.grid, np.sin(snapshot.grid), **LINE)
        function.plot(samples.x_train[:, 0], samples.y_train[:, 0], pen=None, symbol="o", symbolSize=7)
        self._output = function.plot(snapshot.grid, snapshot.output, **LINE)
        self._losses = loss.plot(steps, np.exp(-steps / LOSSES), **LINE)
        for plot in (function, loss):
            plot.showGrid(y=True)
            plot.autoRange()  # now, and not again with other values
        self._parts = (scene, function, loss)
        plots = (window.views[name].plot.viewport() for name in ("function_plot", "loss_plot"))
        for bare, like in zip(self._parts, (window.views.diagram, *plots), strict=True):
            bare.resize(like.size())
            bare.show()
        QApplication.processEvents()

    def paint(self, moment: Snapshot, clock: Clock = perf_counter) -> Painted:
        """Paint another moment; return how long it took."""
        self._output.setData(moment.grid, moment.output)
        self._losses.setData(np.arange(LOSSES), np.exp(-np.arange(LOSSES) / (LOSSES + moment.step)))
        scene, *plots = self._parts
        return Painted(*(ms_of(part.repaint, clock) for part in (scene, *(plot.viewport() for plot in plots))))

    def close(self) -> None:
        """Let Qt destroy it."""
        for part in self._parts:
            part.close()
            part.deleteLater()


def bare_frame(window: MainWindow) -> Painted:
    """Return how long a bare frame takes beside a window."""
    frame, snapshot = BareFrame(window), window.session.state.snapshot
    assert snapshot is not None
    times = repeated(lambda: frame.paint(snapshot), ROUNDS)
    frame.close()
    return Painted(*map(median, zip(*times, strict=True)))
