"""The mouse in the function plot: what it is over is selected, a click pins it."""

from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtWidgets import QApplication

from tinynet_gui.core.network.refs import Ref
from tinynet_gui.ui.views.function_plot.layers import FunctionLayers
from tinynet_gui.ui.widgets.selection import Selection


class PlotPointer(QObject):
    """Selects what is drawn under the mouse, and lets go of it, but of nothing that was selected elsewhere."""

    def __init__(self, plot: pg.PlotWidget, selection: Selection, layers: FunctionLayers) -> None:
        super().__init__(plot)
        self._plot, self._selection, self._layers = plot, selection, layers
        self._mine: Ref | None = None
        plot.scene().sigMouseMoved.connect(self._on_mouse_moved)
        plot.scene().sigMouseClicked.connect(self._on_mouse_clicked)
        plot.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let go when the mouse leaves the plot."""
        if event.type() == QEvent.Type.Leave:
            self._point_at(None)
        return False

    def _on_mouse_moved(self, position: QPointF) -> None:
        if QApplication.mouseButtons() == Qt.MouseButton.NoButton:  # while something is dragged nothing else lights up
            self._point_at(self._ref_at(position))

    def _on_mouse_clicked(self, event: Any) -> None:
        if event.double() or event.button() != Qt.MouseButton.LeftButton:
            return
        ref = self._ref_at(event.scenePos())
        if ref is not None:
            self._selection.pin(None if ref == self._selection.pinned else ref)

    def _ref_at(self, position: QPointF) -> Ref | None:
        box = self._plot.getViewBox()
        if not box.sceneBoundingRect().contains(position):
            return None
        point = box.mapSceneToView(position)
        return self._drawn_at(point.x(), point.y())

    def _drawn_at(self, x: float, y: float) -> Ref | None:
        """What is drawn at a point of the plot; on a handle the selection stays, so that it can be taken hold of."""
        mark = self._layers.kinks.marks.ref_at(x, y)
        if mark is None and self._layers.handles.are_near(x, y):
            return self._selection.hovered
        return mark or self._layers.parts.curve_at(x, y)

    def _point_at(self, ref: Ref | None) -> None:
        if ref is not None or self._selection.hovered == self._mine:
            self._selection.hover(ref)
            self._mine = ref
