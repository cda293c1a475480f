"""What of the loss plot is in view: all that is drawn, or what the user has typed."""

import math

import numpy as np
from PySide6.QtCore import QObject, Signal

from tinynet_gui.ui.views.loss_plot.layers import LossLayers
from tinynet_gui.ui.views.loss_plot.scene import SMALLEST, LossScene
from tinynet_gui.ui.widgets.plots.plot import Plot
from tinynet_gui.ui.widgets.plots.plot_hand import PlotHand
from tinynet_gui.ui.widgets.plots.plot_menu import PlotMenu
from tinynet_gui.ui.widgets.plots.range_dialog import Range

LOG_MARGIN = 0.15  # decades of air, so that the outermost ticks have room for their numbers


class LossView(QObject):
    """Chooses the ranges of x and y, and nobody else does.

    Attributes
    ----------
    menu
        What a right-click on the plot offers.
    typed
        The ranges of x and y that the user has typed, or None.

    Signals
    -------
    changed
        The user has chosen what is in view.
    """

    changed = Signal()

    def __init__(self, plot: Plot, layers: LossLayers) -> None:
        super().__init__(plot)
        self._plot, self._layers = plot, layers
        self._in_view: tuple[Range, Range] | None = None
        self.typed: tuple[Range, Range] | None = None
        plot.setMouseEnabled(x=False, y=False)
        self.menu = PlotMenu(plot, ("step", "loss"))
        self.menu.everything_wanted.connect(self.show_everything)
        self.menu.range_chosen.connect(self.show_range)
        PlotHand(plot, self.menu, "Loss plot")

    def show_everything(self) -> None:
        """Bring the view back to all that is drawn, and let it follow."""
        self.typed = self._in_view = None
        self.changed.emit()

    def let_go(self) -> None:
        """Let go of what was typed: it was of another axis, or of another run."""
        self.typed = None

    def show_scene(self, scene: LossScene) -> None:
        """Follow what is drawn, unless a range was typed."""
        x_min, x_max, y_min, y_max = scene.everything
        ends = self.typed or (Range(x_min, x_max), Range(y_min, y_max))
        if self._in_view != ends:
            self._in_view = ends
            self._plot.setRange(xRange=ends[0], yRange=ends[1], padding=0)

    def everything(self, scene: LossScene) -> tuple[float, float, float, float]:
        """Return the x and y of a view that has all in it: half decades or round numbers, so that it changes seldom."""
        preview, runs = self._layers.ghost.preview, self._layers.runs
        values = np.concatenate([scene.losses, scene.held_out.losses, *(y for _, y in runs.curves)])
        if preview is not None and preview.diverged_at is None:
            values = np.concatenate([values, preview.losses])
        ends = [float(scene.stop_at), *scene.steps[-1:], *([preview.end_step] if preview else [])]
        ends += [float(run.history.last_step) for run in runs.losses]
        x_max = 1.01 * max(ends)
        if not len(values):
            return 0.0, x_max, -2.0 if scene.is_log else 0.0, 1.0
        low, high = self._layers.modes.in_view(float(values.min()), float(values.max()))
        if scene.is_log:
            bottom = math.floor(2 * math.log10(max(low, SMALLEST))) / 2 - LOG_MARGIN
            top = math.ceil(2 * math.log10(max(high, SMALLEST))) / 2 + LOG_MARGIN
            return 0.0, x_max, bottom, max(top, bottom + 1.0)
        unit = 10.0 ** math.floor(math.log10(max(high, SMALLEST)))
        return 0.0, x_max, 0.0, 1.05 * unit * math.ceil(high / unit * 2) / 2

    def show_range(self, x: Range, y: Range) -> None:
        """Show what the user has typed."""
        self.typed = x, y
        self.changed.emit()
