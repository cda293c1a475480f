"""The loss over the held-out samples, of states that a run went through."""

from collections.abc import Callable, Iterable

import numpy as np
import numpy.typing as npt

from tinynet_gui.core.config import Config
from tinynet_gui.core.data.dataset import Dataset
from tinynet_gui.core.network.forward import output_curve
from tinynet_gui.core.run.snapshot import as_layers
from tinynet_gui.core.training.state import TrainerState

Errors = npt.NDArray[np.float64]

SAMPLE_LOSSES: dict[str, Callable[[Errors], Errors]] = {  # of each error ŷ − y
    "mse": np.square,
    "l1": np.abs,
    "huber": lambda e: np.where(np.abs(e) < 1, 0.5 * e * e, np.abs(e) - 0.5),
}


def held_out_losses(config: Config, dataset: Dataset, states: Iterable[TrainerState]) -> list[tuple[int, float]]:
    """Return step and held-out loss of each state; nothing if no samples are held out."""
    if not len(dataset.x_held_out):
        return []
    x, y = dataset.x_held_out[:, 0], dataset.y_held_out[:, 0].astype(np.float64)
    sample_loss, losses = SAMPLE_LOSSES[config.training.loss], []
    with np.errstate(all="ignore"):  # a diverged network is a state, not an error
        for state in states:
            output = output_curve(as_layers(state.parameters), config.network.activation, x)
            losses.append((state.step, float(np.mean(sample_loss(output - y)))))
    return losses
