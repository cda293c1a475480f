"""What the loss plot shows at a time, and what draws it."""

from collections.abc import Sequence
from dataclasses import field

import numpy as np
import pyqtgraph as pg

from tinynet_gui.core.run.held_out import HeldOutLosses
from tinynet_gui.core.run.loss_history import LossHistory
from tinynet_gui.core.run.marks import Mark
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.values import dataclass
from tinynet_gui.ui.widgets.plots.layer import PlotLayer

SMALLEST = 1e-12  # a loss of 0 is drawn here on the logarithmic axis


@dataclass(frozen=True, eq=False)
class LossScene:
    """The losses of a run, and how they are looked at.

    Attributes
    ----------
    steps, losses
        Of the training, thinned to what the plot can show.
    marks
        Where live fields were changed.
    snapshot
        The moment that is looked at.
    is_log
        Whether the y axis is logarithmic.
    everything
        The least and the largest x and y, on the axes, of a view that has all in it.
    """

    history: LossHistory | None = None
    steps: np.ndarray = field(default_factory=lambda: np.empty(0))
    losses: np.ndarray = field(default_factory=lambda: np.empty(0))
    held_out: HeldOutLosses = field(default_factory=HeldOutLosses)
    marks: Sequence[Mark] = ()
    snapshot: Snapshot | None = None
    stop_at: int = 1
    is_log: bool = True
    everything: tuple[float, float, float, float] = (0.0, 1.0, 0.0, 1.0)

    @property
    def is_of_batches(self) -> bool:
        """Whether each step sees a part of the samples only, so that its loss is not the loss over all."""
        return self.snapshot is not None and self.snapshot.config.training.batch_size > 0

    def scaled(self, losses: np.ndarray) -> np.ndarray:
        """Return where losses lie on the y axis."""
        return np.log10(np.maximum(losses, SMALLEST)) if self.is_log else losses


def most_points(plot: pg.PlotWidget) -> int:
    """Return how many points of a curve a plot can show."""
    return 2 * max(200, round(float(plot.getViewBox().width())))


class LossLayer(PlotLayer):
    """A layer of the loss plot: it is shown each scene."""

    def __init__(self, plot: pg.PlotWidget) -> None:
        super().__init__(plot)
        self._scene = LossScene()

    def show_scene(self, scene: LossScene) -> None:
        """Draw what is looked at now."""
        self._scene = scene
