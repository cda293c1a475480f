"""What of the function plot is in view: everything, nearly flat networks larger, or what the user has chosen."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QAction

from tinynet_gui.core.arrays import Array
from tinynet_gui.core.data.dataset import plot_range
from tinynet_gui.core.run.snapshot import Snapshot
from tinynet_gui.ui.views.function_plot.layers import FunctionLayers
from tinynet_gui.ui.views.function_plot.runs import RunCurve
from tinynet_gui.ui.views.function_plot.scene import Scene
from tinynet_gui.ui.widgets.plots.plot_menu import PlotMenu
from tinynet_gui.ui.widgets.plots.range_dialog import LARGEST, Ends

HIGHEST, LEAST_RANGE = 1e12, 1e-4  # of y; from one end of the view to the other
FIT_MARGIN = 0.2  # above and below the networks, of their own range
GUESS_ROOM = 0.75  # above and below, of the range of y: where a guess goes beyond the samples, nothing else is known
RUNS_MARGIN = 0.05  # above and below other runs, of the range without them


class FunctionView(QObject):
    """Chooses the ranges of x and y, and nobody else does; a range of y that is not its own is the user's, and stays.

    Attributes
    ----------
    menu
        What a right-click on the plot offers.
    """

    def __init__(self, plot: pg.PlotWidget, layers: FunctionLayers) -> None:
        super().__init__(plot)
        self._plot, self._runs, self._guess = plot, layers.runs, layers.guess
        self._scene: Scene | None = None
        self._fitted: list[float] | None = None  # the y that are in view since this has fitted them to the networks
        plot.setLimits(xMin=-LARGEST, xMax=LARGEST, minXRange=LEAST_RANGE)
        plot.setLimits(yMin=-HIGHEST, yMax=HIGHEST, minYRange=LEAST_RANGE)
        fit, within = QAction("Fit y to the networks", self), QAction("Train on a range of x only …", self)
        for action, name, slot in (
            (fit, "actionFitNetworks", self.fit_to_networks),
            (within, "actionTrainWithin", layers.editor.ask_for_training_range),
        ):
            action.setObjectName(name)
            action.triggered.connect(slot)
        self.menu = PlotMenu(plot, ("x", "y"), (fit, within), layers.editor.menu_at)
        self.menu.everything_wanted.connect(self.show_everything)
        self.menu.range_chosen.connect(self.show_range)
        self._guess.reach_changed.connect(self.show_everything)
        plot.scene().sigMouseClicked.connect(self._on_mouse_clicked)

    def show_scene(self, scene: Scene) -> None:
        """Take what is looked at; what is in view stays."""
        self._scene = scene

    def let_go(self) -> None:
        """Let go of what was fitted to another moment."""
        if self.is_own():
            self.choose_y()

    def show_runs(self, curves: Sequence[RunCurve]) -> None:
        """Draw what the networks of other runs make of x, or none; a y axis that is not the user's fits them, too."""
        if self._scene is None or not (curves or self._runs.curves):
            return
        is_own = self.is_own()
        self._runs.show_curves(curves)
        if is_own:
            self.choose_y()
        self._runs.changed.emit()

    def is_own(self) -> bool:
        """Whether the range of y is one that was chosen here."""
        if self._scene is None:
            return False
        in_view, own = self._plot.getViewBox().viewRange()[1], (self._whole_y_range(self._scene), self._fitted)
        return any(np.allclose(in_view, ends) for ends in own if ends is not None)

    def choose_y(self) -> None:
        """Show everything; or, where untrained networks lie beside each other, these: they are nearly flat."""
        if self._scene is None:
            return
        moments, snapshot = [curve.step for curve in self._runs.curves], self._scene.snapshot
        self._fitted = None
        if moments and not any(moments) and snapshot is not None and snapshot.step == 0:
            self.fit_to_networks()
            self._fitted = self._plot.getViewBox().viewRange()[1]
        else:
            self._plot.setYRange(*self._whole_y_range(self._scene), padding=0)

    @Slot()
    def fit_to_networks(self) -> None:
        """Let the y axis show what the networks make of the range that is trained on, and nothing more."""
        self._fitted = None
        if self._scene is not None and self._scene.snapshot is not None:
            low, high = self._runs.reach_with(_inside(self._scene.snapshot))
            margin = FIT_MARGIN * (high - low)
            self._plot.setYRange(low - margin, high + margin, padding=0)

    @Slot()
    def show_everything(self) -> None:
        """Bring the view back to the plotted range."""
        if self._scene is not None:
            self._plot.setXRange(*self._guess.x_with(*plot_range(self._scene.config.data)), padding=0)
            self._plot.setYRange(*self._whole_y_range(self._scene), padding=0)

    @Slot(object, object)
    def show_range(self, x: Ends, y: Ends) -> None:
        """Show what the user has chosen."""
        self._plot.setRange(xRange=x, yRange=y, padding=0)

    def _on_mouse_clicked(self, event: Any) -> None:
        if event.double():
            self.show_everything()

    def _whole_y_range(self, scene: Scene) -> tuple[float, float]:
        """The range of y that shows everything, also other runs."""
        low, high = scene.y_range
        if self._runs.reach is not None:
            margin = RUNS_MARGIN * (high - low)
            low, high = min(low, self._runs.reach[0] - margin), max(high, self._runs.reach[1] + margin)
        if self._guess.reaches_beyond(*scene.config.data.x_range):
            margin = GUESS_ROOM * (high - low)
            low, high = low - margin, high + margin
        return self._guess.y_with(low, high)


def _inside(snapshot: Snapshot) -> Array:
    """The network's output within the range of x that is trained on."""
    low, high = snapshot.config.data.x_range
    return snapshot.output[(snapshot.grid >= low) & (snapshot.grid <= high)]
