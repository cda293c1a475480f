"""The loss over the held-out samples, at states that a run went through."""

from collections.abc import Iterable
from dataclasses import field

import numpy as np

from tinynet_gui.core.config import Config
from tinynet_gui.core.network.forward import as_layers
from tinynet_gui.core.numerics.arrays import Array, Ints
from tinynet_gui.core.training.dataset import Dataset
from tinynet_gui.core.training.passes import held_out_loss
from tinynet_gui.core.training.state import TrainerState
from tinynet_gui.core.values import dataclass

CAPACITY = 1024  # losses; if there are more, they are kept at greater intervals


@dataclass(frozen=True, eq=False)
class HeldOutLosses:
    """A run's known held-out losses; between these steps it is unknown.

    Attributes
    ----------
    steps, losses
        In order, at most `CAPACITY`: int64 and float32 of shape (losses,).
    """

    steps: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    losses: Array = field(default_factory=lambda: np.empty(0, dtype=np.float32))

    def with_losses(self, found: Iterable[tuple[int, float]]) -> "HeldOutLosses":
        """Add or replace the losses of some steps; values that are not finite are left out."""
        finite = [(step, loss) for step, loss in found if np.isfinite(loss)]
        if not finite:
            return self
        steps = np.append(self.steps, [step for step, _ in finite])
        losses = np.append(self.losses, np.array([loss for _, loss in finite], dtype=np.float32))
        order = np.argsort(steps, kind="stable")
        steps, losses, stride = steps[order], losses[order], 1
        while True:  # the latest of each step; if that is too many, of every two steps, four, ... after step 0
            is_latest = np.append(np.diff(-(-steps // stride)) > 0, True)
            steps, losses, stride = steps[is_latest], losses[is_latest], 2 * stride
            if len(steps) <= CAPACITY:
                return HeldOutLosses(steps, losses)


def held_out_losses(config: Config, dataset: Dataset, states: Iterable[TrainerState]) -> list[tuple[int, float]]:
    """Return step and held-out loss of each state; nothing if no samples are held out."""
    losses = ((state.step, held_out_loss(config, dataset, as_layers(state.parameters))) for state in states)
    return [(step, float(loss)) for step, loss in losses if loss is not None]
