"""The microscope's names for things: the parameter it follows, neurons, samples, numbers."""

import re

from tinynet_gui.core.network.refs import LayerRef, NeuronRef, ParameterRef, Ref, WeightRef
from tinynet_gui.core.step.dissection import Dissection
from tinynet_gui.core.text.formula_terms import number
from tinynet_gui.core.text.numbers import plain
from tinynet_gui.core.text.worked import DIGITS


def parameter_of(dissection: Dissection, ref: Ref | None) -> ParameterRef:
    """Return the weight of an edge, the bias of a neuron, a layer's first weight; else the output layer's first."""
    layers = dissection.layers
    if ref is None or ref.layer >= len(layers):
        return ParameterRef(len(layers) - 1, "weight", (0, 0))
    rows, columns = layers[ref.layer].weight.shape
    match ref:
        case WeightRef() if ref.output < rows and ref.input < columns:
            return ParameterRef(ref.layer, "weight", (ref.output, ref.input))
        case NeuronRef() if ref.index < rows:
            return ParameterRef(ref.layer, "bias", (ref.index,))
        case LayerRef():
            return ParameterRef(ref.layer, "weight", (0, 0))
    return ParameterRef(len(layers) - 1, "weight", (0, 0))


def sample_label(dissection: Dissection, position: int) -> str:
    """Name one sample of the batch, with its number among all training samples."""
    x = plain(float(dissection.x[position]), 3)
    return f"sample {dissection.samples[position] + 1}: x = {x}"


def batch_label(dissection: Dissection | None) -> str:
    """Name the whole batch, with its size."""
    return "whole batch" if dissection is None else f"whole batch ({len(dissection.samples):,})"


def short(value: float, digits: int = DIGITS) -> str:
    """Write a number with a few significant digits."""
    if value == 0:
        return "0"  # no −0
    return re.sub(r"\.?0+(?=·10)", "", plain(value, digits))  # 10⁻⁸ needs no decimals


def in_float32(value: float, digits: int = DIGITS) -> str:
    """Write a number with all the digits of a float32, ignoring `digits`."""
    return number(value, None).plain if value else "0"
