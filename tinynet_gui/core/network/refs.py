"""References to a neuron, a weight, a layer or a parameter, and which of them are frozen."""

from collections.abc import Collection, Sequence, Set
from typing import Literal

import numpy as np

from tinynet_gui.core.network.forward import Layer
from tinynet_gui.core.text.language import N_, gettext as _
from tinynet_gui.core.values import Array, Flags, frozen_dataclass

ParameterKind = Literal["weight", "bias"]


WEIGHT = N_("weight {number} of neuron {neuron} of layer {layer}")
BIAS = N_("bias of neuron {neuron} of layer {layer}")


@frozen_dataclass
class NeuronRef:
    """A neuron: `layer` counts affine layers from 0, `index` its outputs; the last layer's is the output ŷ."""

    layer: int
    index: int

    def __str__(self) -> str:
        return _("neuron {number} of layer {layer}").format(number=self.index + 1, layer=self.layer + 1)


@frozen_dataclass
class WeightRef:
    """A weight of affine layer `layer` (0: the one after the input), by its matrix indices."""

    layer: int
    output: int
    input: int

    def __str__(self) -> str:
        return _(WEIGHT).format(number=self.input + 1, neuron=self.output + 1, layer=self.layer + 1)


@frozen_dataclass
class LayerRef:
    """All of an affine layer, counted from 0: its weight and its bias; the last one is the output's."""

    layer: int

    def __str__(self) -> str:
        return _("layer {number}").format(number=self.layer + 1)


Ref = NeuronRef | WeightRef | LayerRef


@frozen_dataclass
class ParameterRef:
    """The place of a parameter.

    `layer` counts affine layers from 0. `index` is (neuron, input) in a weight, (neuron,) in a bias; a shorter one is
    a whole row, an empty one the whole array.
    """

    layer: int
    kind: ParameterKind
    index: tuple[int, ...]

    @property
    def array(self) -> int:
        """Its index among the arrays weight, bias, weight, bias, ..., the order of ``network.parameters()``."""
        return 2 * self.layer + (self.kind == "bias")

    @property
    def symbol(self) -> str:
        return "w" if self.kind == "weight" else "b"

    @property
    def neuron(self) -> int:
        return self.index[0]

    @property
    def input(self) -> int:
        """The input that a weight multiplies; 0 for a bias."""
        return self.index[1] if self.kind == "weight" else 0

    @property
    def part(self) -> WeightRef | NeuronRef:
        """The weight, or the neuron whose bias it is."""
        return WeightRef(self.layer, *self.index) if self.kind == "weight" else NeuronRef(self.layer, *self.index)

    def __str__(self) -> str:
        if self.kind == "weight":
            return str(self.part)
        return _(BIAS).format(neuron=self.neuron + 1, layer=self.layer + 1)


def fits(layers: Sequence[Layer], ref: Ref | None) -> bool:
    """Whether a network has this neuron, weight or layer."""
    return fits_widths((layers[0].weight.shape[1], *(len(layer.bias) for layer in layers)), ref)


def fits_widths(widths: Sequence[int], ref: Ref | None) -> bool:
    """Whether a network with layers of these widths, including the input's, has this neuron, weight or layer."""
    if ref is None or not 0 <= ref.layer < len(widths) - 1:
        return False
    inputs, neurons = widths[ref.layer], widths[ref.layer + 1]
    match ref:
        case WeightRef():
            return bool(ref.output < neurons and ref.input < inputs)
        case NeuronRef():
            return bool(ref.index < neurons)
    return True


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


def frozen_masks(frozen: Collection[Ref], parameters: Sequence[Array]) -> Masks | None:
    """Return a mask for each array of parameters, True where it is frozen; None if nothing is."""
    if not frozen:
        return None
    masks = tuple(np.zeros(array.shape, dtype=bool) for array in parameters)
    for ref in frozen:
        for parameter in parameters_of(ref):
            masks[parameter.array][parameter.index] = True
    return masks


def holder_of(ref: Ref, frozen: Set[Ref]) -> Ref | None:
    """Return the frozen element that contains it: itself, its neuron or its layer; None if there is none."""
    return next((wider for wider in _enclosing(ref) if wider in frozen), None)


def is_partly_frozen(ref: Ref, frozen: Set[Ref]) -> bool:
    """Whether anything in it is frozen."""
    return any(ref in _enclosing(other) for other in frozen)


def is_frozen(parameter: ParameterRef, frozen: Set[Ref]) -> bool:
    """Whether training leaves this weight or bias unchanged."""
    return holder_of(parameter.part, frozen) is not None


def _enclosing(ref: Ref) -> tuple[Ref, ...]:
    """Return it and its enclosing elements, from the narrowest to the widest."""
    match ref:
        case WeightRef():
            return ref, NeuronRef(ref.layer, ref.output), LayerRef(ref.layer)
        case NeuronRef():
            return ref, LayerRef(ref.layer)
    return (ref,)
