"""The loss of a network without some of its neurons."""

from collections.abc import Iterable

from tinynet_gui.core.network.forward import without_neurons
from tinynet_gui.core.training.passes import training_loss
from tinynet_gui.core.training.snapshot import Snapshot


def loss_without(snapshot: Snapshot, neurons: Iterable[tuple[int, int]]) -> float:
    """Return the loss over all training samples with hidden neurons, (layer, index), switched off."""
    return float(training_loss(snapshot.config, snapshot.dataset, without_neurons(snapshot.layers, neurons)))
