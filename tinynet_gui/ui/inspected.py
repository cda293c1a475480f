"""Which parameters belong to a neuron, an edge or a layer, and which of them are listed under what name."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from tinynet_gui.core.arrays import Array, largest
from tinynet_gui.core.network import Layer
from tinynet_gui.core.snapshot import Snapshot
from tinynet_gui.ui.ref_names import input_name, neuron_name, short_name
from tinynet_gui.ui.selection import EdgeRef, LayerRef, NeuronRef, Ref

LISTED = 8  # so many weights into or out of a neuron are listed, the largest ones
LISTED_OF_LAYER = 12  # and so many weights and so many biases of a layer

Group = Literal["in", "bias", "out"]


@dataclass(frozen=True)
class Parameter:
    """One weight or bias of what is inspected.

    Attributes
    ----------
    position
        Its place in `values_of`.
    layer, kind, index
        The affine layer, "weight" or "bias", and (neuron, input) or (neuron,).
    group
        Whether it leads in, is the bias, or leads out.
    """

    position: int
    layer: int
    kind: Literal["weight", "bias"]
    index: tuple[int, ...]
    group: Group
    label: str


def is_hidden(snapshot: Snapshot, ref: Ref) -> bool:
    """Whether this is a neuron of a hidden layer."""
    return isinstance(ref, NeuronRef) and ref.layer < len(snapshot.layers) - 1


def values_of(layers: tuple[Layer, ...], ref: Ref) -> Array:
    """Return a neuron's weights in, bias and weights out; a layer's weights by row, then its biases; an edge's weight.

    Works for parameters and gradients alike; a float32 copy of shape (parameters,).
    """
    here = layers[ref.layer]
    match ref:
        case EdgeRef():
            return np.array([here.weight[ref.output, ref.input]])
        case LayerRef():
            return np.concatenate([here.weight.ravel(), here.bias])
    parts = [here.weight[ref.index], here.bias[ref.index : ref.index + 1]]
    if ref.layer < len(layers) - 1:
        parts.append(layers[ref.layer + 1].weight[:, ref.index])
    return np.concatenate(parts)


def listed(snapshot: Snapshot, ref: Ref) -> tuple[Parameter, ...]:
    """Return what a table of it lists: all parameters, or of many weights or biases the largest."""
    match ref:
        case EdgeRef():
            return (Parameter(0, ref.layer, "weight", (ref.output, ref.input), "in", "weight w"),)
        case LayerRef():
            return _listed_of_layer(snapshot, ref.layer)
    values = values_of(snapshot.layers, ref)
    inputs = snapshot.layers[ref.layer].weight.shape[1]
    rows = [
        Parameter(i, ref.layer, "weight", (ref.index, i), "in", f"from {input_name(snapshot, ref.layer, i)}")
        for i in largest(values[:inputs], LISTED)
    ]
    rows.append(Parameter(inputs, ref.layer, "bias", (ref.index,), "bias", "bias b"))
    for i in largest(values[inputs + 1 :], LISTED):
        label = f"to {neuron_name(snapshot, NeuronRef(ref.layer + 1, i))}"
        rows.append(Parameter(inputs + 1 + i, ref.layer + 1, "weight", (i, ref.index), "out", label))
    return tuple(rows)


def _listed_of_layer(snapshot: Snapshot, layer: int) -> tuple[Parameter, ...]:
    here = snapshot.layers[layer]
    rows = []
    for i in largest(here.weight.ravel(), LISTED_OF_LAYER):
        neuron, source = divmod(i, here.weight.shape[1])
        label = f"{short_name(snapshot, layer - 1, source)} → {short_name(snapshot, layer, neuron)}"
        rows.append(Parameter(i, layer, "weight", (neuron, source), "in", label))
    for i in largest(here.bias, LISTED_OF_LAYER):
        label = f"bias {short_name(snapshot, layer, i)}"
        rows.append(Parameter(here.weight.size + i, layer, "bias", (i,), "bias", label))
    return tuple(rows)


def left_out_text(snapshot: Snapshot, ref: Ref) -> str:
    """Say how many weights or biases are not in the table, or nothing."""
    if isinstance(ref, EdgeRef):
        return ""
    here = snapshot.layers[ref.layer]
    limit = LISTED_OF_LAYER if isinstance(ref, LayerRef) else LISTED
    if isinstance(ref, LayerRef):
        counts = ((here.weight.size, "weights"), (len(here.bias), "biases"))
    else:
        outputs = len(snapshot.layers[ref.layer + 1].bias) if is_hidden(snapshot, ref) else 0
        counts = ((here.weight.shape[1], "in"), (outputs, "out"))
    parts = [
        f"{count - limit:,} more {what}, all smaller than the {limit} listed" for count, what in counts if count > limit
    ]
    return "; ".join(parts)
