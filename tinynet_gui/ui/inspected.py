"""Which parameters belong to a neuron or an edge, what they are called, and how their numbers are written and read."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tinynet_gui.core.arrays import Array
from tinynet_gui.core.latex import number
from tinynet_gui.core.network import Layer
from tinynet_gui.core.snapshot import Snapshot
from tinynet_gui.ui.describe import neuron_name
from tinynet_gui.ui.numbers import signed
from tinynet_gui.ui.selection import EdgeRef, NeuronRef, Ref

LISTED = 8  # so many weights of a wide layer are listed, the largest ones
_TO_PLAIN = str.maketrans("−⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "--0123456789")

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


def fits(snapshot: Snapshot, ref: Ref | None) -> bool:
    """Whether there is such a neuron or edge in the snapshot's network."""
    if ref is None or not 0 <= ref.layer < len(snapshot.layers):
        return False
    neurons, inputs = snapshot.layers[ref.layer].weight.shape
    if isinstance(ref, EdgeRef):
        return bool(ref.output < neurons and ref.input < inputs)
    return bool(ref.index < neurons)


def is_hidden(snapshot: Snapshot, ref: Ref) -> bool:
    """Whether this is a neuron of a hidden layer."""
    return isinstance(ref, NeuronRef) and ref.layer < len(snapshot.layers) - 1


def title_of(snapshot: Snapshot, ref: Ref) -> str:
    """Name it as a heading: Neuron h₃, Weight from x to h₃, Output ŷ."""
    if isinstance(ref, EdgeRef):
        source, target = _source(snapshot, ref.layer, ref.input), NeuronRef(ref.layer, ref.output)
        return f"Weight from {source} to {neuron_name(snapshot, target)}"
    if not is_hidden(snapshot, ref):
        return "Output ŷ"
    if len(snapshot.activations) == 1:
        return f"Neuron {neuron_name(snapshot, ref)}"
    name = neuron_name(snapshot, ref).partition("[")[0]
    return f"Neuron {name} of hidden layer {ref.layer + 1}"


def values_of(layers: tuple[Layer, ...], ref: Ref) -> Array:
    """Return all its weights in, its bias and its weights out; of an edge its weight alone.

    Works for parameters and gradients alike; a float32 copy of shape (parameters,).
    """
    here = layers[ref.layer]
    if isinstance(ref, EdgeRef):
        return np.array([here.weight[ref.output, ref.input]])
    parts = [here.weight[ref.index], here.bias[ref.index : ref.index + 1]]
    if ref.layer < len(layers) - 1:
        parts.append(layers[ref.layer + 1].weight[:, ref.index])
    return np.concatenate(parts)


def listed(snapshot: Snapshot, ref: Ref) -> tuple[Parameter, ...]:
    """Return what a table of it lists: all parameters, or of many weights in or out the `LISTED` largest."""
    if isinstance(ref, EdgeRef):
        return (Parameter(0, ref.layer, "weight", (ref.output, ref.input), "in", "weight w"),)
    values = values_of(snapshot.layers, ref)
    inputs = snapshot.layers[ref.layer].weight.shape[1]
    rows = [
        Parameter(i, ref.layer, "weight", (ref.index, i), "in", f"from {_source(snapshot, ref.layer, i)}")
        for i in _largest(values[:inputs])
    ]
    rows.append(Parameter(inputs, ref.layer, "bias", (ref.index,), "bias", "bias b"))
    for i in _largest(values[inputs + 1 :]):
        label = f"to {neuron_name(snapshot, NeuronRef(ref.layer + 1, i))}"
        rows.append(Parameter(inputs + 1 + i, ref.layer + 1, "weight", (i, ref.index), "out", label))
    return tuple(rows)


def left_out_text(snapshot: Snapshot, ref: Ref) -> str:
    """Say how many weights are not in the table, or nothing."""
    if isinstance(ref, EdgeRef):
        return ""
    inputs = snapshot.layers[ref.layer].weight.shape[1]
    outputs = len(snapshot.layers[ref.layer + 1].bias) if is_hidden(snapshot, ref) else 0
    parts = [
        f"{count - LISTED:,} more {way}, all smaller than the {LISTED} listed"
        for count, way in ((inputs, "in"), (outputs, "out"))
        if count > LISTED
    ]
    return "; ".join(parts)


def value_text(value: float, digits: int | None) -> str:
    """Write a number with so many decimals and a sign; with None, all of the float32 number."""
    if digits is not None or not math.isfinite(value):
        return signed(value, digits or 4)
    return ("" if np.signbit(value) else "+") + number(value, None).plain


def read_value(text: str) -> float:
    """Read a number as a user types it, or as `value_text` writes it.

    Raises
    ------
    ValueError
        If it is no number, or too large for float32.
    """
    plain = text.strip().translate(_TO_PLAIN).replace("·10", "e").replace(",", ".")
    try:
        value = float(plain.replace("_", "?"))
    except ValueError:
        raise ValueError(f"“{text.strip()}” is not a number: write one such as −0.25 or 1e-3") from None
    if not math.isfinite(value) or abs(value) > float(np.finfo(np.float32).max):
        raise ValueError(f"“{text.strip()}” is not allowed: a finite number, at most 3.4·10³⁸, is")
    return value


def _source(snapshot: Snapshot, layer: int, index: int) -> str:
    return "x" if layer == 0 else neuron_name(snapshot, NeuronRef(layer - 1, index))


def _largest(values: Array) -> list[int]:
    """The places of the largest values by size, in order."""
    if len(values) <= LISTED:
        return list(range(len(values)))
    order = np.argsort(-np.abs(values), kind="stable")[:LISTED]
    return [int(place) for place in np.sort(order)]
