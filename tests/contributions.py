"""What each neuron of the last hidden layer adds to the output of a network, from its forward pass."""

from collections.abc import Sequence

from tinynet_gui.core.choices.activations import ActivationNames
from tinynet_gui.core.function.neurons import weighted_activations
from tinynet_gui.core.network.forward import Layer, forward
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.values import Array, Floats


def contributions(snapshot: Snapshot, x: Array) -> Floats:
    return contributions_of(snapshot.curve_layers, snapshot.config.network.activation, x)


def contributions_of(layers: Sequence[Layer], activation: ActivationNames, x: Array) -> Floats:
    values = forward(layers, activation, x).activations
    return weighted_activations(layers, values[-1] if values else x.reshape(1, -1))
