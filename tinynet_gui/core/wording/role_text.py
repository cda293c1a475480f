"""What a neuron, a weight or a layer does in the network, in a sentence."""

import numpy as np

from tinynet_gui.core.function.summaries import dead_masks, is_dead
from tinynet_gui.core.network.forward import forward
from tinynet_gui.core.network.refs import LayerRef, NeuronRef, Ref, WeightRef
from tinynet_gui.core.text.numbers import counted, plain
from tinynet_gui.core.training.snapshot import Snapshot

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
    """Say what a neuron that is two straight pieces adds to the curve on either side of its kink."""
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
