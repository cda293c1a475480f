"""The loss of a network without some of its neurons."""

from collections.abc import Iterable

from tinynet_gui.core.network.forward import without_neurons
from tinynet_gui.core.training.passes import network_loss
from tinynet_gui.core.training.snapshot import Snapshot


def loss_without(snapshot: Snapshot, neurons: Iterable[tuple[int, int]]) -> float:
    """Return the loss over all training samples with hidden neurons, (layer, index), switched off."""
    layers, config = without_neurons(snapshot.layers, neurons), snapshot.config
    x, y = snapshot.dataset.x_train[:, 0], snapshot.dataset.y_train[:, 0]
    return float(network_loss(layers, config.network.activation, config.training.loss, x, y))
