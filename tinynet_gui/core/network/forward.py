"""The network as plain arrays: its parameters and its output."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import prod

import numpy as np

from tinynet_gui.core.choices.activations import ActivationNames, activations_of
from tinynet_gui.core.system.background import raise_if_stopped
from tinynet_gui.core.values import AnyArray, Array, Flags, Floats, Ints, Stop, frozen_dataclass, owned

BLOCK_VALUES = 32_768  # values per layer that `output_curve` computes at once: 128 KiB


@frozen_dataclass
class Layer:
    """One affine map u = W v + b: `weight` is (outputs, inputs), `bias` is (outputs,), both float32."""

    weight: Array
    bias: Array


def as_layers(arrays: Sequence[Array]) -> tuple[Layer, ...]:
    """Group weight, bias, weight, bias, ... into layers, read-only."""
    for array in arrays:
        array.flags.writeable = False
    return tuple(Layer(w, b) for w, b in zip(arrays[::2], arrays[1::2], strict=True))


def parameter_shapes(widths: Sequence[int]) -> tuple[tuple[int, ...], ...]:
    """Return the shapes of weight, bias, weight, bias, ... between layers of these widths."""
    return tuple(shape for inputs, outputs in pairwise(widths) for shape in ((outputs, inputs), (outputs,)))


def unflattened(flat: AnyArray, widths: Sequence[int]) -> list[AnyArray]:
    """View numbers of shape (..., parameters) as weight, bias, weight, bias, ..., each with the leading axes."""
    shapes = parameter_shapes(widths)
    parts = np.split(flat, np.cumsum([prod(shape) for shape in shapes])[:-1], axis=-1)
    return [part.reshape(*flat.shape[:-1], *shape) for part, shape in zip(parts, shapes, strict=True)]


@frozen_dataclass
class Forward:
    """Every value of the forward pass from x to ŷ; one row per hidden neuron, one column per x.

    `pre_activations[l]` and `activations[l]` have shape (width of hidden layer l, points), `output` has shape
    (points,), all float32.
    """

    pre_activations: tuple[Array, ...]
    activations: tuple[Array, ...]
    output: Array


def forward(layers: Sequence[Layer], activation: ActivationNames, x: Array) -> Forward:
    """Send x, of shape (points,), through the network.

    With at most one hidden layer the bits of a value depend neither on the processor nor on how many points and
    networks are computed at once. Between two hidden layers BLAS sums in an order that depends on all of these.

    Parameters
    ----------
    layers
        The hidden layers in order, then the output layer.
    activation
        A name in `ACTIVATIONS`, or one for each hidden layer.
    """
    hidden = layers[:-1]
    pre_activations: list[Array] = []
    activations: list[Array] = []
    value = np.ascontiguousarray(x, dtype=np.float32).reshape(1, -1)
    with np.errstate(over="ignore", invalid="ignore"):  # a diverged network is a state, not an error
        for layer, record in zip(hidden, activations_of(activation, len(hidden)), strict=True):
            pre_activation = _product(layer.weight, value)
            pre_activation += layer.bias[..., None]
            pre_activations.append(pre_activation)
            activations.append(np.asarray(record.function(pre_activation), dtype=np.float32))
            value = activations[-1]
        output = (_product(layers[-1].weight, value) + layers[-1].bias[..., None])[..., 0, :]
    return Forward(tuple(pre_activations), tuple(activations), output)


def _product(weight: Array, value: Array) -> Array:
    """Return W v: `weight` is (..., outputs, inputs), `value` (..., inputs, points).

    BLAS is used only where it is much faster: from several inputs to several outputs.
    """
    outputs, inputs = weight.shape[-2:]
    if outputs > 1 and inputs > 1:
        return weight @ value
    terms = weight.reshape(*weight.shape[:-2], -1, 1) * value  # (..., outputs or inputs, points)
    while outputs == 1 and inputs > 1:
        half = inputs // 2
        inputs -= half
        terms[..., :half, :] += terms[..., inputs : inputs + half, :]
    return terms[..., :outputs, :]


def active_counts(layers: Sequence[Layer], activation: ActivationNames, x: Array) -> tuple[Ints, ...]:
    """For each hidden layer and neuron, return at how many x, shape (points,), its pre-activation is above 0.

    A leading axis of weights and biases, for many networks at once, also leads the counts.
    """
    at_x = forward(layers, activation, x)
    return tuple(np.count_nonzero(u > 0, axis=-1) for u in at_x.pre_activations)


def where_dead(activation: ActivationNames, counts: Sequence[Ints]) -> tuple[Flags, ...]:
    """Return which neurons are dead, from the counts of training samples on which they are active."""
    records = activations_of(activation, len(counts))
    return tuple((layer == 0) & record.switches_off for layer, record in zip(counts, records, strict=True))


def output_curve(layers: Sequence[Layer], activation: ActivationNames, x: Array) -> Array:
    """Return the network's output at x, both of shape (points,).

    The same values as `forward`'s, a few points at a time: intermediate values then stay in the cache, which is four
    times faster at 1,000 neurons. A leading axis of weights and biases, for many networks, also leads the output.
    """
    blocks = -(-len(x) * max(layer.bias.size for layer in layers) // BLOCK_VALUES)
    parts = np.array_split(x, max(1, min(blocks, len(x))))
    return np.concatenate([forward(layers, activation, part).output for part in parts], axis=-1)


@frozen_dataclass
class Curves:
    """The outputs of networks at x: arrays of shape (points,), one per network."""

    x: Array
    outputs: tuple[Array, ...]


def output_curves(networks: Sequence[tuple[Sequence[Layer], ActivationNames]], x: Array, stop: Stop) -> Curves:
    """Compute the outputs of networks, each with its activations; `StoppedError` if `stop` became nonzero."""
    outputs = []
    for layers, activation in networks:
        raise_if_stopped(stop)
        outputs.append(output_curve(layers, activation, x))
    return Curves(x, tuple(outputs))


def without_neurons(layers: Sequence[Layer], neurons: Iterable[tuple[int, int]]) -> tuple[Layer, ...]:
    """Return the network with hidden neurons, (layer, index), switched off: their outgoing weights count as 0."""
    weights = [layer.weight.copy() for layer in layers]
    for layer, index in neurons:
        weights[layer + 1][:, index] = 0.0
    return tuple(Layer(weight, layer.bias) for weight, layer in zip(weights, layers, strict=True))


def evaluate(layers: Sequence[Layer], activation: ActivationNames, values: Sequence[float]) -> Array:
    """Return the network's output for each value, float32 of shape (values,), read-only."""
    return owned(forward(layers, activation, np.array(values, dtype=np.float32)).output)


@frozen_dataclass
class LayerProbe:
    """The values at one affine layer and its activation.

    Attributes
    ----------
    inputs
        v, the values of the layer before (x itself for the first), float32 of shape (inputs,).
    pre_activations
        u = W v + b, float32 of shape (neurons,).
    activations
        h, float32 of shape (neurons,); for the output layer, which has no activation, the same as u.
    off
        Which neurons output 0, as only ReLU's do, as their pre-activation is not above 0; bool of shape (neurons,).
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


@frozen_dataclass
class Probe:
    """The network at one x; `layers` has the hidden layers in order, then the output layer."""

    x: float
    layers: tuple[LayerProbe, ...]

    @property
    def output(self) -> float:
        return float(self.layers[-1].activations[0])


def probe(layers: Sequence[Layer], activation: ActivationNames, x: float) -> Probe:
    """Send one x, rounded to float32, through the network; the values are those of `forward`."""
    point = np.array([x], dtype=np.float32)
    values = forward(layers, activation, point)
    inputs = [point, *(h[:, 0] for h in values.activations)]
    pre_activations = [*(u[:, 0] for u in values.pre_activations), values.output]
    activations = [*inputs[1:], values.output]
    can_be_off = [*(record.switches_off for record in activations_of(activation, len(layers) - 1)), False]
    probes = []
    for layer, v, u, h, may_be_off in zip(layers, inputs, pre_activations, activations, can_be_off, strict=True):
        arrays = v, u, h, (u <= 0) & may_be_off
        for array in arrays:
            array.flags.writeable = False
        probes.append(LayerProbe(layer, *arrays))
    return Probe(float(point[0]), tuple(probes))
