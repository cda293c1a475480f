"""The loss over the held-out samples, of states that a run went through."""

from collections.abc import Iterable

import numpy as np

from tinynet_gui.core.config import Config
from tinynet_gui.core.data.dataset import Dataset
from tinynet_gui.core.network.forward import output_curve
from tinynet_gui.core.run.snapshot import as_layers
from tinynet_gui.core.training.losses import LOSSES
from tinynet_gui.core.training.state import TrainerState


def held_out_losses(config: Config, dataset: Dataset, states: Iterable[TrainerState]) -> list[tuple[int, float]]:
    """Return step and held-out loss of each state; nothing if no samples are held out."""
    if not len(dataset.x_held_out):
        return []
    x, y = dataset.x_held_out[:, 0], dataset.y_held_out[:, 0].astype(np.float64)
    sample_loss, losses = LOSSES[config.training.loss].function, []
    with np.errstate(all="ignore"):  # a diverged network is a state, not an error
        for state in states:
            output = output_curve(as_layers(state.parameters), config.network.activation, x)
            losses.append((state.step, float(np.mean(sample_loss(output - y)))))
    return losses
