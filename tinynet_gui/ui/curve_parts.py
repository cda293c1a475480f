"""The output curve taken apart: each neuron's contribution, and the kinks on the x axis."""

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QObject

from tinynet_gui.core.contributions import contributions, stacked
from tinynet_gui.core.data import plot_range
from tinynet_gui.core.pieces import find_pieces
from tinynet_gui.core.snapshot import Snapshot
from tinynet_gui.ui.plot_parts import line_pen
from tinynet_gui.ui.selection import NeuronRef, Selection
from tinynet_gui.ui.theme import Theme

MOST_NEURONS = 100  # contributions of wider layers are not drawn: they would be a solid block
MOST_WEIGHTS = 3_000  # kinks of larger networks are not searched for in each frame


class CurveParts(QObject):
    """Draws contributions w′·h(x) and kinks into a plot, in the colour of each neuron's sign."""

    def __init__(self, plot: pg.PlotWidget, selection: Selection, theme: Theme) -> None:
        super().__init__(plot)
        self._plot, self._selection, self._theme = plot, selection, theme
        self._snapshot: Snapshot | None = None
        self._shows_parts = False
        self._is_stacked = False
        self._kinks, self._bends = np.empty(0), np.empty(0)
        self._refs: list[NeuronRef] = []
        self._positive, self._negative = pg.PlotCurveItem(), pg.PlotCurveItem()
        self._marks = pg.ScatterPlotItem(symbol="t1", size=9, pxMode=True, hoverable=True, tip=None)
        for item, z in ((self._positive, 1.5), (self._negative, 1.5), (self._marks, 50)):
            item.setZValue(z)
            plot.addItem(item, ignoreBounds=True)
        self._marks.sigHovered.connect(self._on_marks_hovered)
        self._marks.sigClicked.connect(self._on_marks_clicked)
        plot.getViewBox().sigYRangeChanged.connect(self._draw_marks)

    def show_theme(self, theme: Theme) -> None:
        """Take on the colours of a theme."""
        self._theme = theme
        self._positive.setPen(line_pen(theme, "positive", 1, alpha=0.55))
        self._negative.setPen(line_pen(theme, "negative", 1, alpha=0.55))
        self._draw_marks()

    def set_parts_shown(self, shown: bool) -> None:
        """Draw the contributions, or only the kinks."""
        self._shows_parts = shown
        self._draw()

    def set_stacked(self, stacked: bool) -> None:
        """Draw each contribution on top of those before it, from the output's bias up to the output."""
        self._is_stacked = stacked
        self._draw()

    def show_snapshot(self, snapshot: Snapshot | None) -> None:
        """Take another moment's curve apart."""
        self._snapshot = snapshot
        self._draw()

    def kink_positions(self) -> list[tuple[float, NeuronRef]]:
        """What is marked on the axis: x, and whose kink it is."""
        return list(zip(self._kinks.tolist(), self._refs, strict=True))

    def _draw(self) -> None:
        snapshot = self._snapshot
        self._kinks, self._bends, self._refs = np.empty(0), np.empty(0), []
        curves = np.empty((0, 0))
        if snapshot is not None and snapshot.activations:
            if self._shows_parts and len(snapshot.activations[-1]) <= MOST_NEURONS:
                curves = contributions(snapshot, snapshot.neuron_grid)
                if self._is_stacked:
                    curves = stacked(curves, float(snapshot.layers[-1].bias[0]))[1:]
            if sum(layer.weight.size for layer in snapshot.layers) <= MOST_WEIGHTS:
                activation = snapshot.config.network.activation
                kinks = find_pieces(snapshot.layers, activation, *plot_range(snapshot.config.data)).kinks
                self._kinks, self._bends = kinks.x, kinks.bend
                self._refs = [
                    NeuronRef(*place) for place in zip(kinks.layer.tolist(), kinks.index.tolist(), strict=True)
                ]
        positive = np.zeros(0, dtype=bool) if snapshot is None else snapshot.layers[-1].weight[0, : len(curves)] >= 0
        for item, chosen in ((self._positive, positive), (self._negative, ~positive)):
            rows = curves[chosen] if len(curves) else np.empty((0, 0))
            item.setVisible(bool(len(rows)))
            if len(rows) and snapshot is not None:
                connect = np.ones(rows.shape, dtype=np.int32)
                connect[:, -1] = 0
                item.setData(np.tile(snapshot.neuron_grid, len(rows)), rows.ravel(), connect=connect.ravel())
        self._draw_marks()

    def _draw_marks(self) -> None:
        if self._snapshot is None:
            self._marks.setData([], [])
            return
        bottom = self._plot.getViewBox().viewRange()[1][0]
        height = 5 * self._plot.getViewBox().viewPixelSize()[1]
        names = np.where(np.abs(self._bends) < 1e-9, "faint", np.where(self._bends > 0, "positive", "negative"))
        brushes = {name: pg.mkBrush(self._theme.color(name)) for name in ("faint", "positive", "negative")}
        self._marks.setData(
            self._kinks,
            np.full(len(self._kinks), bottom + height),
            brush=[brushes[name] for name in names],
            pen=pg.mkPen(None),
            data=self._refs,
        )

    def _on_marks_hovered(self, _item: object, points: list[pg.SpotItem]) -> None:
        if len(points):
            self._selection.hover(points[0].data())

    def _on_marks_clicked(self, _item: object, points: list[pg.SpotItem]) -> None:
        if len(points):
            self._selection.pin(points[0].data())
