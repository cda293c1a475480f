"""Frozen parameters: freezing a neuron or a layer freezes everything in it."""

from collections.abc import Collection, Sequence, Set

import numpy as np

from tinynet_gui.core.network.refs import LayerRef, NeuronRef, ParameterRef, Ref, WeightRef
from tinynet_gui.core.numerics.arrays import Flags

Masks = tuple[Flags, ...]


def parameters_of(ref: Ref) -> tuple[ParameterRef, ...]:
    """Return the parameters that belong to a weight, a neuron or a layer.

    A neuron's are its incoming weights and its bias; its outgoing weights belong to the next layer's neurons.
    """
    match ref:
        case WeightRef():
            return (ParameterRef(ref.layer, "weight", (ref.output, ref.input)),)
        case NeuronRef():
            return ParameterRef(ref.layer, "weight", (ref.index,)), ParameterRef(ref.layer, "bias", (ref.index,))
    return ParameterRef(ref.layer, "weight", ()), ParameterRef(ref.layer, "bias", ())


def frozen_masks(frozen: Collection[Ref], shapes: Sequence[tuple[int, ...]]) -> Masks | None:
    """Return a mask for each parameter array of these shapes, True where it is frozen; None if nothing is."""
    if not frozen:
        return None
    masks = tuple(np.zeros(shape, dtype=bool) for shape in shapes)
    for ref in frozen:
        for parameter in parameters_of(ref):
            masks[parameter.array][parameter.index] = True
    return masks


def holder_of(ref: Ref, frozen: Set[Ref]) -> Ref | None:
    """Return the frozen element that includes it: itself, its neuron or its layer; None if there is none."""
    return next((wider for wider in _around(ref) if wider in frozen), None)


def is_partly_frozen(ref: Ref, frozen: Set[Ref]) -> bool:
    """Whether anything in it is frozen."""
    return any(ref in _around(other) for other in frozen)


def is_frozen(parameter: ParameterRef, frozen: Set[Ref]) -> bool:
    """Whether training leaves this weight or bias unchanged."""
    layer, index = parameter.layer, parameter.index
    ref = WeightRef(layer, *index) if parameter.kind == "weight" else NeuronRef(layer, *index)
    return holder_of(ref, frozen) is not None


def _around(ref: Ref) -> tuple[Ref, ...]:
    """Return it and its enclosing elements, from the narrowest to the widest."""
    match ref:
        case WeightRef():
            return ref, NeuronRef(ref.layer, ref.output), LayerRef(ref.layer)
        case NeuronRef():
            return ref, LayerRef(ref.layer)
    return (ref,)
