"""The parameters of a neuron, an edge or a layer, and those listed with their names."""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from tinynet_gui.core.network.forward import Layer
from tinynet_gui.core.network.refs import LayerRef, NeuronRef, ParameterRef, Ref, WeightRef
from tinynet_gui.core.numerics.arrays import Array, largest
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.values import dataclass
from tinynet_gui.core.wording.neuron_names import input_name, neuron_name, short_name

LISTED = 12  # incoming weights, outgoing weights or biases to list, the largest ones
MOST_LISTED = 1_000  # of each when all are wanted

Group = Literal["in", "bias", "out"]


@dataclass(frozen=True)
class ListedParameter:
    """One weight or bias of the inspected element: its place, its role (incoming, bias or outgoing), its name."""

    ref: ParameterRef
    group: Group
    label: str


def is_hidden(snapshot: Snapshot, ref: Ref) -> bool:
    """Whether this is a neuron of a hidden layer."""
    return isinstance(ref, NeuronRef) and ref.layer < len(snapshot.layers) - 1


def values_in(layers: tuple[Layer, ...], parameters: Sequence[ListedParameter]) -> Array:
    """Return the values of parameters in `layers`, which may hold gradients; a float32 copy in their order."""
    return np.array([getattr(layers[p.ref.layer], p.ref.kind)[p.ref.index] for p in parameters], dtype=np.float32)


def listed_parameters(snapshot: Snapshot, ref: Ref, limit: int = LISTED) -> tuple[ListedParameter, ...]:
    """Return the parameters to list of an element: of many weights or biases the `limit` largest.

    For a neuron the incoming weights, the bias and the outgoing weights; for a layer the weights by row, then the
    biases.
    """
    match ref:
        case WeightRef():
            return (ListedParameter(ParameterRef(ref.layer, "weight", (ref.output, ref.input)), "in", "weight w"),)
        case LayerRef():
            return _listed_of_layer(snapshot, ref.layer, limit)
    rows = []
    for i in largest(snapshot.layers[ref.layer].weight[ref.index], limit):
        label = f"from {input_name(snapshot, ref.layer, i)}"
        rows.append(ListedParameter(ParameterRef(ref.layer, "weight", (ref.index, i)), "in", label))
    rows.append(ListedParameter(ParameterRef(ref.layer, "bias", (ref.index,)), "bias", "bias b"))
    if is_hidden(snapshot, ref):
        for i in largest(snapshot.layers[ref.layer + 1].weight[:, ref.index], limit):
            label = f"to {neuron_name(snapshot, NeuronRef(ref.layer + 1, i))}"
            rows.append(ListedParameter(ParameterRef(ref.layer + 1, "weight", (i, ref.index)), "out", label))
    return tuple(rows)


def _listed_of_layer(snapshot: Snapshot, layer: int, limit: int) -> tuple[ListedParameter, ...]:
    here = snapshot.layers[layer]
    rows = []
    for i in largest(here.weight.ravel(), limit):
        neuron, source = divmod(i, here.weight.shape[1])
        label = f"{short_name(snapshot, layer - 1, source)} → {short_name(snapshot, layer, neuron)}"
        rows.append(ListedParameter(ParameterRef(layer, "weight", (neuron, source)), "in", label))
    for i in largest(here.bias, limit):
        label = f"bias {short_name(snapshot, layer, i)}"
        rows.append(ListedParameter(ParameterRef(layer, "bias", (i,)), "bias", label))
    return tuple(rows)


def not_listed_text(snapshot: Snapshot, ref: Ref, limit: int = LISTED) -> str:
    """Say how many weights or biases are not listed; "" if none."""
    if isinstance(ref, WeightRef):
        return ""
    here = snapshot.layers[ref.layer]
    if isinstance(ref, LayerRef):
        counts = ((here.weight.size, "weights"), (len(here.bias), "biases"))
    else:
        outputs = len(snapshot.layers[ref.layer + 1].bias) if is_hidden(snapshot, ref) else 0
        counts = ((here.weight.shape[1], "in"), (outputs, "out"))
    than = f"all smaller than the {limit:,} listed"
    return "; ".join(f"{count - limit:,} more {what}, {than}" for count, what in counts if count > limit)
