"""What a network loses with some of its neurons."""

from collections.abc import Iterable

from tinynet_gui.core.network.forward import without_neurons
from tinynet_gui.core.run.snapshot import Snapshot
from tinynet_gui.core.training.passes import network_loss


def loss_without(snapshot: Snapshot, neurons: Iterable[tuple[int, int]]) -> float:
    """Return the loss over all training samples where what hidden neurons give, (layer, index), counts for nothing."""
    layers, config = without_neurons(snapshot.layers, neurons), snapshot.config
    x, y = snapshot.dataset.x_train[:, 0], snapshot.dataset.y_train[:, 0]
    return float(network_loss(layers, config.network.activation, config.training.loss, x, y))
