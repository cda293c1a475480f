"""The loss over the held-out samples, of states that a run went through."""

from collections.abc import Iterable

from tinynet_gui.core.config import Config
from tinynet_gui.core.data.dataset import Dataset
from tinynet_gui.core.network.forward import as_layers
from tinynet_gui.core.training.passes import held_out_loss
from tinynet_gui.core.training.state import TrainerState


def held_out_losses(config: Config, dataset: Dataset, states: Iterable[TrainerState]) -> list[tuple[int, float]]:
    """Return step and held-out loss of each state; nothing if no samples are held out."""
    losses = ((state.step, held_out_loss(config, dataset, as_layers(state.parameters))) for state in states)
    return [(step, float(loss)) for step, loss in losses if loss is not None]
