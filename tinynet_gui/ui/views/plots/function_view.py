"""What of the function plot is in view: everything, nearly flat networks larger, or what the user has chosen."""

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QObject, Slot

from tinynet_gui.core.arrays import Array
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.dataset import plot_grid, plot_range
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.run.snapshot import Snapshot
from tinynet_gui.ui.views.plots.predicted_curve import PredictedCurve
from tinynet_gui.ui.views.plots.run_curves import RunCurves
from tinynet_gui.ui.widgets.plots.range_dialog import LARGEST, Ends

HIGHEST, LEAST_RANGE = 1e12, 1e-4  # of y; from one end of the view to the other
FIT_MARGIN = 0.2  # above and below the networks, of their own range
GUESS_ROOM = 0.75  # above and below, of the range of y: where a guess goes beyond the samples, nothing else is known
RUNS_MARGIN = 0.05  # above and below other runs, of the range without them


class FunctionView(QObject):
    """Chooses the ranges of x and y; a range of y that is not its own choice is the user's, and stays.

    Parameters
    ----------
    runs
        The curves of other runs, which are to be in view, too.
    guess
        The curve that the user draws, and the range of x that it is drawn over, likewise.
    """

    def __init__(self, plot: pg.PlotWidget, runs: RunCurves, guess: PredictedCurve) -> None:
        super().__init__(plot)
        self._plot, self._runs, self._guess = plot, runs, guess
        self._snapshot: Snapshot | None = None
        self._x_range: tuple[float, float] | None = None
        self._x_trained = 0.0, 1.0
        self._y_range = 0.0, 1.0
        self._fitted: list[float] | None = None  # the y that are in view since this has fitted them to the networks
        plot.setLimits(xMin=-LARGEST, xMax=LARGEST, minXRange=LEAST_RANGE)
        plot.setLimits(yMin=-HIGHEST, yMax=HIGHEST, minYRange=LEAST_RANGE)

    def show_config(self, config: Config, points: Points, truth: Array) -> None:
        """Take samples, and the true function over `plot_grid`, or empty if there is none; what is in view stays."""
        grid, (low, high) = plot_grid(config.data), config.data.x_range
        inside = truth[(grid >= low) & (grid <= high)] if len(truth) else truth
        self._x_range, self._x_trained = plot_range(config.data), config.data.x_range
        rows = max(1, len(config.network.hidden))
        self._y_range = _range_with_margin(np.concatenate([inside, points.y]), rows)

    def show_snapshot(self, snapshot: Snapshot | None) -> None:
        """Take the moment that is looked at; without one, let go of what was fitted to that before."""
        self._snapshot = snapshot
        if snapshot is None and self.is_own():
            self.choose_y()

    def is_own(self) -> bool:
        """Whether the range of y is one that was chosen here."""
        in_view, own = self._plot.getViewBox().viewRange()[1], (self._whole_y_range(), self._fitted)
        return self._x_range is not None and any(np.allclose(in_view, ends) for ends in own if ends is not None)

    def choose_y(self) -> None:
        """Show everything; or, where untrained networks lie beside each other, these: they are nearly flat."""
        moments = [curve.step for curve in self._runs.curves]
        self._fitted = None
        if moments and not any(moments) and self._snapshot is not None and self._snapshot.step == 0:
            self.fit_to_networks()
            self._fitted = self._plot.getViewBox().viewRange()[1]
        else:
            self._plot.setYRange(*self._whole_y_range(), padding=0)

    @Slot()
    def fit_to_networks(self) -> None:
        """Let the y axis show what the networks make of the range that is trained on, and nothing more."""
        self._fitted = None
        if self._snapshot is not None:
            low, high = self._runs.reach_with(_inside(self._snapshot))
            margin = FIT_MARGIN * (high - low)
            self._plot.setYRange(low - margin, high + margin, padding=0)

    @Slot()
    def show_everything(self) -> None:
        """Bring the view back to the plotted range."""
        if self._x_range is not None:
            self._plot.setXRange(*self._guess.x_with(*self._x_range), padding=0)
            self._plot.setYRange(*self._whole_y_range(), padding=0)

    @Slot(object, object)
    def show_range(self, x: Ends, y: Ends) -> None:
        """Show what the user has chosen."""
        self._plot.setRange(xRange=x, yRange=y, padding=0)

    def holds_network(self) -> bool:
        """Whether any of the network's output is within the plotted range of y."""
        if self._snapshot is None:
            return True
        low, high = self._y_range
        output = self._snapshot.output.astype(np.float64)  # the view may reach beyond float32
        return bool(((output >= low) & (output <= high)).any())

    def _whole_y_range(self) -> tuple[float, float]:
        """The range of y that shows everything, also other runs."""
        low, high = self._y_range
        if self._runs.reach is not None:
            margin = RUNS_MARGIN * (high - low)
            low, high = min(low, self._runs.reach[0] - margin), max(high, self._runs.reach[1] + margin)
        if self._guess.reaches_beyond(*self._x_trained):
            margin = GUESS_ROOM * (high - low)
            low, high = low - margin, high + margin
        return self._guess.y_with(low, high)


def _inside(snapshot: Snapshot) -> Array:
    """The network's output within the range of x that is trained on."""
    low, high = snapshot.config.data.x_range
    return snapshot.output[(snapshot.grid >= low) & (snapshot.grid <= high)]


def _range_with_margin(y: Array, rows: int) -> tuple[float, float]:
    """The range of y to show, with room for so many rows of kinks at its foot."""
    y = y[np.isfinite(y)]
    low, high = (float(np.min(y)), float(np.max(y))) if len(y) else (0.0, 1.0)
    span = (high - low) or 6.0
    return low - (0.1 + 0.05 * rows) * span, high + 0.24 * span
