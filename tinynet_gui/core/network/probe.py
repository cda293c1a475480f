"""One x sent through the network: every value at every node and edge."""

from collections.abc import Sequence

import numpy as np

from tinynet_gui.core.choices.activations import ActivationNames, activations_of
from tinynet_gui.core.network.forward import Layer, forward
from tinynet_gui.core.numerics.arrays import Array, Flags, Floats
from tinynet_gui.core.values import dataclass


@dataclass(frozen=True)
class LayerProbe:
    """The values at one affine layer and its activation.

    Attributes
    ----------
    layer
        The weights and biases at that time.
    inputs
        v, the values of the layer before (x itself for the first), float32 of shape (inputs,).
    pre_activations
        u = W v + b, float32 of shape (neurons,).
    activations
        h, float32 of shape (neurons,); for the output layer, which has no activation, the same as u.
    off
        Which neurons output 0 because their pre-activation is not above 0, as only ReLU's do; bool of shape (neurons,).
    """

    layer: Layer
    inputs: Array
    pre_activations: Array
    activations: Array
    off: Flags

    @property
    def edges(self) -> Floats:
        """The value that each edge carries, w·v: exact products, float64 of shape (neurons, inputs)."""
        return self.layer.weight.astype(np.float64) * self.inputs


@dataclass(frozen=True)
class Probe:
    """The network at one x; `layers` has the hidden layers in order, then the output layer."""

    x: float
    layers: tuple[LayerProbe, ...]

    @property
    def output(self) -> float:
        """The network's output ŷ(x)."""
        return float(self.layers[-1].activations[0])


def probe(layers: Sequence[Layer], activation: ActivationNames, x: float) -> Probe:
    """Send one x through the network.

    The values come from `core.network.forward.forward`; x is rounded to float32.
    """
    point = np.array([x], dtype=np.float32)
    values = forward(layers, activation, point)
    inputs = [point, *(h[:, 0] for h in values.activations)]
    pre_activations = [*(u[:, 0] for u in values.pre_activations), values.output]
    activations = [*inputs[1:], values.output]
    can_be_off = [*(record.switches_off for record in activations_of(activation, len(layers) - 1)), False]
    probes = []
    for index, layer in enumerate(layers):
        u = pre_activations[index]
        off = u <= 0 if can_be_off[index] else np.zeros(len(u), dtype=bool)
        arrays = (inputs[index], u, activations[index], off)
        for array in arrays:
            array.flags.writeable = False
        probes.append(LayerProbe(layer, *arrays))
    return Probe(float(point[0]), tuple(probes))
