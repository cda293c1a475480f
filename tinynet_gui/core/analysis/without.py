"""What a network loses with some of its neurons."""

from collections.abc import Iterable

import numpy as np

from tinynet_gui.core.network.forward import forward, without_neurons
from tinynet_gui.core.run.snapshot import Snapshot
from tinynet_gui.core.training.losses import mean_loss


def loss_without(snapshot: Snapshot, neurons: Iterable[tuple[int, int]]) -> float:
    """Return the loss over all training samples where what hidden neurons give, (layer, index), counts for nothing."""
    layers = without_neurons(snapshot.layers, neurons)
    x, y = snapshot.dataset.x_train[:, 0], snapshot.dataset.y_train[:, 0]
    with np.errstate(all="ignore"):  # a diverged network is a state, not an error
        output = forward(layers, snapshot.config.network.activation, x).output
        return mean_loss(snapshot.config.training.loss, output - y)
