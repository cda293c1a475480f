"""What is pointed at in a network: a neuron, a weight, a whole layer."""

from dataclasses import dataclass

from tinynet_gui.core.run.snapshot import Snapshot


@dataclass(frozen=True)
class NeuronRef:
    """A neuron: `layer` counts affine layers from 0, `index` its outputs; the last layer's is the output ŷ."""

    layer: int
    index: int


@dataclass(frozen=True)
class WeightRef:
    """A weight of affine layer `layer` (0: the one after the input), by its matrix indices."""

    layer: int
    output: int
    input: int


@dataclass(frozen=True)
class LayerRef:
    """All of an affine layer, counted from 0: its weight and its bias; the last one is the output's."""

    layer: int


Ref = NeuronRef | WeightRef | LayerRef


def fits(snapshot: Snapshot, ref: Ref | None) -> bool:
    """Whether there is such a neuron, edge or layer in the snapshot's network."""
    if ref is None or not 0 <= ref.layer < len(snapshot.layers):
        return False
    neurons, inputs = snapshot.layers[ref.layer].weight.shape
    match ref:
        case WeightRef():
            return bool(ref.output < neurons and ref.input < inputs)
        case NeuronRef():
            return bool(ref.index < neurons)
    return True
