"""What can be asked about a moment of a run."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tinynet_gui.core.arrays import Array
from tinynet_gui.core.run.checkpoints import Checkpoint
from tinynet_gui.core.run.snapshot import Snapshot


@dataclass(frozen=True)
class Question:
    """What to explain about a moment of a run.

    Attributes
    ----------
    snapshot
        The moment.
    losses
        The losses so far, evenly spaced over the steps, float32.
    checkpoints
        The record of the run up to this moment, from which its steps can be taken again.
    neuron
        (layer, index) of a dead neuron, or None for the run as a whole.
    """

    snapshot: Snapshot
    losses: Array
    checkpoints: tuple[Checkpoint, ...]
    neuron: tuple[int, int] | None = None


def evenly_spaced(steps: npt.NDArray[np.float64], losses: Array, count: int = 400) -> Array:
    """Return a loss curve at so many evenly spaced steps, float32, for `Question.losses`."""
    if not len(steps):
        return np.empty(0, dtype=np.float32)
    at = np.linspace(steps[0], steps[-1], min(count, int(steps[-1] - steps[0]) + 1))
    return np.interp(at, steps, losses).astype(np.float32)
