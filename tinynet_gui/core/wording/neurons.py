"""Neurons, weights, layers and samples in words: their names, and their roles."""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from tinynet_gui.core.function.neurons import dead_masks, is_dead
from tinynet_gui.core.network.forward import Layer, forward
from tinynet_gui.core.network.refs import LayerRef, NeuronRef, ParameterRef, Ref, WeightRef
from tinynet_gui.core.text.numbers import counted, hidden_layer, neuron_symbol, numbered_layer, plain
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.values import Array, frozen_dataclass, largest


def neuron_name(snapshot: Snapshot, ref: NeuronRef) -> str:
    """h₃, or h₃ with its layer in brackets where there are several hidden layers; ŷ for the output."""
    return neuron_symbol(ref.layer, ref.index, len(snapshot.activations))


def input_name(snapshot: Snapshot, layer: int, index: int) -> str:
    """Name one input of an affine layer: x (x̃ if standardised), or a neuron of the layer before."""
    return neuron_symbol(layer - 1, index, len(snapshot.activations), "x̃" if snapshot.dataset.scaling.has_x else "x")


def short_name(snapshot: Snapshot, layer: int, index: int) -> str:
    """h₃ in any layer, ŷ for the output, x for the input (layer −1): where the layer is clear from context."""
    return neuron_symbol(layer, index, len(snapshot.activations)).partition("[")[0]


def vector_name(snapshot: Snapshot, layer: int) -> str:
    """Name a layer's vector of outputs: h, or h[2] where there are several hidden layers; ŷ, and x for layer −1."""
    if layer < 0 or layer == len(snapshot.layers) - 1:
        return short_name(snapshot, layer, 0)
    return "h" if len(snapshot.activations) == 1 else f"h[{layer + 1}]"


def layer_name(snapshot: Snapshot, layer: int) -> str:
    """Hidden layer 2, Hidden layer if it is the only one, Output layer."""
    if layer == len(snapshot.layers) - 1:
        return "Output layer"
    return hidden_layer(layer, len(snapshot.activations))


def number_name(place: ParameterRef, hidden_layers: int, x: str = "x") -> str:
    """Name a weight or a bias as a heading: Weight from x to h₃, Bias of h₃; `x` is the input's name."""
    target = neuron_symbol(place.layer, place.neuron, hidden_layers)
    if place.kind == "bias":
        return f"Bias of {target}"
    return f"Weight from {neuron_symbol(place.layer - 1, place.input, hidden_layers, x)} to {target}"


def title_of(snapshot: Snapshot, ref: Ref | ParameterRef) -> str:
    """Name it as a heading: Neuron h₃, Weight from x to h₃, Output ŷ, Hidden layer · Linear(1, 10)."""
    match ref:
        case WeightRef():
            return title_of(snapshot, ParameterRef(ref.layer, "weight", (ref.output, ref.input)))
        case ParameterRef():
            return number_name(ref, len(snapshot.activations), input_name(snapshot, 0, 0))
        case LayerRef():
            n_out, n_in = snapshot.layers[ref.layer].weight.shape
            return f"{layer_name(snapshot, ref.layer)} · Linear({n_in},\u00a0{n_out})"
    name = short_name(snapshot, ref.layer, ref.index)
    if name == "ŷ":
        return "Output ŷ"
    place = "" if len(snapshot.activations) == 1 else f" of {numbered_layer(ref.layer)}"
    return f"Neuron {name}{place}"


LISTED = 12  # incoming weights, outgoing weights or biases to list, the largest ones
MOST_LISTED = 1_000  # of each when all are wanted

Group = Literal["in", "bias", "out"]


@frozen_dataclass
class ListedParameter:
    """One weight or bias of the inspected element: its place, its role (incoming, bias or outgoing), its name."""

    ref: ParameterRef
    group: Group
    label: str


def is_hidden(snapshot: Snapshot, ref: Ref) -> bool:
    return isinstance(ref, NeuronRef) and ref.layer < len(snapshot.layers) - 1


def values_in(layers: tuple[Layer, ...], parameters: Sequence[ListedParameter]) -> Array:
    """Return the values of parameters in `layers`, which may hold gradients; a float32 copy in their order."""
    return np.array([getattr(layers[p.ref.layer], p.ref.kind)[p.ref.index] for p in parameters], dtype=np.float32)


def listed_parameters(snapshot: Snapshot, ref: Ref, limit: int = LISTED) -> tuple[ListedParameter, ...]:
    """Return the parameters to list of an element, the `limit` largest if there are more.

    Of a neuron: incoming weights, bias, outgoing weights. Of a layer: the weights by row, then the biases.
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


DIGITS = 3  # of the numbers in a sentence
MOST_OF = 0.5  # the share of a slope that is most of it
SUM = "The network's answer: what the neurons before it give, each times its weight, and a bias."
HINT = "Point at a neuron or a line to see here what it does, and its numbers. A click pins it."
TAP_HINT = "Tap a neuron or a line: it is pinned, and here you see what it does, and its numbers."


def role_text(snapshot: Snapshot, ref: Ref) -> str:
    """Say what something does, in the units of the data."""
    last = len(snapshot.layers) - 1
    match ref:
        case WeightRef(layer, output, _):
            return _weight_text(snapshot, layer, output)
        case LayerRef(layer):
            return _layer_text(snapshot, layer)
        case NeuronRef(layer, _) if layer == last:
            return SUM if last else "A straight line: x times a weight, and a bias."
        case NeuronRef(layer, index):
            return _neuron_text(snapshot, layer, index)


def _weight_text(snapshot: Snapshot, layer: int, output: int) -> str:
    is_first, is_last = layer == 0, layer == len(snapshot.layers) - 1
    if is_first and is_last:
        return "The slope of the straight line."
    if is_last:
        return "What the neuron gives is multiplied by it, and added to the network's answer."
    if is_first:
        slopes = snapshot.config.network.activations[0].slopes
        bends = "" if slopes is not None and slopes[0] == slopes[1] else ", and, with its bias, where it bends"
        return f"It multiplies x: how steep neuron {output + 1} is{bends}."
    return f"What the one neuron gives is multiplied by it on its way into neuron {output + 1} of the next layer."


def _layer_text(snapshot: Snapshot, layer: int) -> str:
    neurons, inputs = snapshot.layers[layer].weight.shape
    each = ", each" if neurons > 1 else ""
    text = f"{counted(neurons, 'neuron')}{each} with {counted(inputs, 'weight')} and a bias"
    dead = 0 if layer == len(snapshot.layers) - 1 else int(dead_masks(snapshot)[layer].sum())
    return f"{text}; {dead:,} of them {'is' if dead == 1 else 'are'} dead." if dead else f"{text}."


def _neuron_text(snapshot: Snapshot, layer: int, index: int) -> str:
    name = f"Neuron {index + 1}"
    if is_dead(snapshot, layer, index):
        return f"{name} is dead: it gives 0 on every sample."
    if len(snapshot.layers) == 2 and snapshot.config.network.activations[0].slopes is not None:
        return f"{name} {_arm_text(snapshot, index)}"
    given = forward(snapshot.layers, snapshot.config.network.activation, snapshot.dataset.x_train).activations[layer]
    low, high = (plain(float(end), DIGITS) for end in (given[index].min(), given[index].max()))
    return f"{name} gives {low} on every sample." if low == high else f"{name} gives {low} to {high} on the samples."


def _arm_text(snapshot: Snapshot, index: int) -> str:
    """Say what a piecewise linear neuron adds to the curve on either side of its kink."""
    first, second = snapshot.curve_layers
    slopes = snapshot.config.network.activations[0].slopes or (0.0, 0.0)
    weights, biases = first.weight[:, 0].astype(np.float64), first.bias.astype(np.float64)
    outward = second.weight[0].astype(np.float64)
    w, b, v = weights[index], biases[index], outward[index]
    if w * v == 0:
        return "adds the same everywhere: one of its two weights is 0."
    left, right = (v * w * slopes[int(side * w > 0)] for side in (-1, 1))
    if left == right:
        return f"adds a straight line that {_climbs(right)}."
    kink = f"x = {plain(-b / w, DIGITS)}"
    if left and right:
        return f"adds a line that {_climbs(left)} up to {kink}, and {_climbs(right)} beyond."
    flat, side = ("left", "right") if right else ("right", "left")
    verb = "lifts" if v > 0 else "lowers"
    text = f"adds nothing {flat} of {kink}. The further {side} of it, the more it {verb} the curve: by "
    text += f"{plain(abs(left + right), DIGITS)} for each unit of x."
    x = snapshot.dataset.scaling.x_of(snapshot.dataset.x_train)
    end = x.max() if side == "right" else x.min()
    bent = np.where(weights * end + biases > 0, slopes[1], slopes[0])
    all_of_it = float(np.sum(outward * weights * bent))
    is_on = w * end + b > 0
    share = (left + right) / all_of_it if is_on and all_of_it else 0.0
    return f"{text} It carries the {side} arm." if MOST_OF <= share <= 2 - MOST_OF else text


def _climbs(slope: float) -> str:
    return f"{'rises' if slope > 0 else 'falls'} by {plain(abs(slope), DIGITS)} for each unit of x"
