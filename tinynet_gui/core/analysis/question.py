"""What can be asked about a moment of a run."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

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
        The mean losses of equal stretches of the steps so far.
    checkpoints
        The record of the run up to this moment, from which its steps can be taken again.
    neuron
        (layer, index) of a dead neuron, or None for the run as a whole.
    counts
        Of how many losses each of `losses` is the mean; None if all are of as many.
    """

    snapshot: Snapshot
    losses: npt.NDArray[np.floating[Any]]
    checkpoints: tuple[Checkpoint, ...]
    neuron: tuple[int, int] | None = None
    counts: npt.NDArray[np.int64] | None = None
