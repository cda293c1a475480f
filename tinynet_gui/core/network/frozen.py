"""What is held at its numbers: to freeze a neuron or a layer freezes what lies within it."""

from collections.abc import Set
from typing import Literal

from tinynet_gui.core.network.refs import LayerRef, NeuronRef, Ref, WeightRef


def places_of(ref: Ref) -> list[tuple[int, str, tuple[int, ...]]]:
    """The parameters that belong to a weight, a neuron or a layer: affine layer, "weight" or "bias", index.

    A shorter index is a whole row, an empty one the whole array. A neuron's are its weights in and its bias; its
    weights out belong to the next layer's neurons.
    """
    match ref:
        case WeightRef():
            return [(ref.layer, "weight", (ref.output, ref.input))]
        case NeuronRef():
            return [(ref.layer, "weight", (ref.index,)), (ref.layer, "bias", (ref.index,))]
    return [(ref.layer, "weight", ()), (ref.layer, "bias", ())]


def holder_of(ref: Ref, frozen: Set[Ref]) -> Ref | None:
    """What holds it: itself, else its neuron, else its layer; None if it is not held as a whole."""
    return next((wider for wider in _around(ref) if wider in frozen), None)


def is_partly_frozen(ref: Ref, frozen: Set[Ref]) -> bool:
    """Whether something within it is frozen."""
    return any(ref in _around(other) for other in frozen)


def is_frozen(layer: int, kind: Literal["weight", "bias"], index: tuple[int, ...], frozen: Set[Ref]) -> bool:
    """Whether training leaves this parameter as it is."""
    ref = WeightRef(layer, *index) if kind == "weight" else NeuronRef(layer, *index)
    return holder_of(ref, frozen) is not None


def _around(ref: Ref) -> tuple[Ref, ...]:
    """Itself, and what it lies within, from the narrowest to the widest."""
    match ref:
        case WeightRef():
            return ref, NeuronRef(ref.layer, ref.output), LayerRef(ref.layer)
        case NeuronRef():
            return ref, LayerRef(ref.layer)
    return (ref,)
