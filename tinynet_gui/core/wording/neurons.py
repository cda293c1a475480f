"""Neurons, weights, layers and samples in words: their names, and their roles."""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from tinynet_gui.core.function.neurons import is_dead
from tinynet_gui.core.network.forward import Layer, forward
from tinynet_gui.core.network.refs import LayerRef, NeuronRef, ParameterRef, Ref, WeightRef
from tinynet_gui.core.text.language import N_, gettext as _, ngettext, pgettext
from tinynet_gui.core.text.numbers import count_text, hidden_layer, neuron_symbol, plain
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
        return _("Output layer")
    return hidden_layer(layer, len(snapshot.activations))


def parameter_name(place: ParameterRef, hidden_layers: int, x: str = "x") -> str:
    """Name a weight or a bias as a heading: Weight from x to h₃, Bias of h₃; `x` is the input's name."""
    target = neuron_symbol(place.layer, place.neuron, hidden_layers)
    if place.kind == "bias":
        return _("Bias of {target}").format(target=target)
    source = neuron_symbol(place.layer - 1, place.input, hidden_layers, x)
    return _("Weight from {source} to {target}").format(source=source, target=target)


def title_of(snapshot: Snapshot, ref: Ref | ParameterRef) -> str:
    """Name it as a heading: Neuron h₃, Weight from x to h₃, Output ŷ, Hidden layer · Linear(1, 10)."""
    match ref:
        case WeightRef():
            return title_of(snapshot, ParameterRef(ref.layer, "weight", (ref.output, ref.input)))
        case ParameterRef():
            return parameter_name(ref, len(snapshot.activations), input_name(snapshot, 0, 0))
        case LayerRef():
            n_out, n_in = snapshot.layers[ref.layer].weight.shape
            return f"{layer_name(snapshot, ref.layer)} · Linear({n_in},\u00a0{n_out})"
    name = short_name(snapshot, ref.layer, ref.index)
    if name == "ŷ":
        return _("Output ŷ")
    if len(snapshot.activations) == 1:
        return pgettext("heading", "Neuron {name}").format(name=name)
    return _("Neuron {name} of hidden layer {number}").format(name=name, number=ref.layer + 1)


LISTED = 12  # incoming weights, outgoing weights or biases to list, the largest ones
MAX_LISTED = 1_000  # of each when all are wanted

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
            return (ListedParameter(ParameterRef(ref.layer, "weight", (ref.output, ref.input)), "in", _("weight w")),)
        case LayerRef():
            return _listed_of_layer(snapshot, ref.layer, limit)
    rows = []
    for i in largest(snapshot.layers[ref.layer].weight[ref.index], limit):
        label = _("from {name}").format(name=input_name(snapshot, ref.layer, i))
        rows.append(ListedParameter(ParameterRef(ref.layer, "weight", (ref.index, i)), "in", label))
    rows.append(ListedParameter(ParameterRef(ref.layer, "bias", (ref.index,)), "bias", _("bias b")))
    if is_hidden(snapshot, ref):
        for i in largest(snapshot.layers[ref.layer + 1].weight[:, ref.index], limit):
            label = _("to {name}").format(name=neuron_name(snapshot, NeuronRef(ref.layer + 1, i)))
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
        label = _("bias {name}").format(name=short_name(snapshot, layer, i))
        rows.append(ListedParameter(ParameterRef(layer, "bias", (i,)), "bias", label))
    return tuple(rows)


def not_listed_text(snapshot: Snapshot, ref: Ref, limit: int = LISTED) -> str:
    """Say how many weights or biases are not listed; "" if none."""
    if isinstance(ref, WeightRef):
        return ""
    here = snapshot.layers[ref.layer]
    if isinstance(ref, LayerRef):
        counts = {
            _("{count} more weights, all smaller than the {limit} listed"): here.weight.size,
            _("{count} more biases, all smaller than the {limit} listed"): len(here.bias),
        }
    else:
        outputs = len(snapshot.layers[ref.layer + 1].bias) if is_hidden(snapshot, ref) else 0
        counts = {
            _("{count} more in, all smaller than the {limit} listed"): here.weight.shape[1],
            _("{count} more out, all smaller than the {limit} listed"): outputs,
        }
    more = {words: count_text(count - limit) for words, count in counts.items() if count > limit}
    return "; ".join(words.format(count=count, limit=count_text(limit)) for words, count in more.items())


DIGITS = 3  # of the numbers in a sentence
MAJORITY = 0.5  # the share of a slope that is most of it
HINT = _("Point at a neuron or a line to see here what it does, and its numbers. A click pins it.")
TAP_HINT = _("Tap a neuron or a line: it is pinned, and here you see what it does, and its numbers.")


def role_text(snapshot: Snapshot, ref: Ref) -> str:
    """Say what something does, in the units of the data."""
    last = len(snapshot.layers) - 1
    match ref:
        case WeightRef(layer, output, _):
            return _weight_text(snapshot, layer, output)
        case LayerRef(layer):
            return _layer_text(snapshot, layer)
        case NeuronRef(layer, _) if layer == last:
            if not last:
                return _("A straight line: x times a weight, and a bias.")
            return _("The network's answer: what the neurons before it give, each times its weight, and a bias.")
        case NeuronRef(layer, index):
            return _neuron_text(snapshot, layer, index)


def _weight_text(snapshot: Snapshot, layer: int, output: int) -> str:
    is_first, is_last = layer == 0, layer == len(snapshot.layers) - 1
    if is_first and is_last:
        return _("The slope of the straight line.")
    if is_last:
        return _("What the neuron gives is multiplied by it, and added to the network's answer.")
    if is_first:
        slopes = snapshot.config.network.activations[0].slopes
        words = _("It multiplies x: how steep neuron {number} is, and, with its bias, where it bends.")
        if slopes is not None and slopes[0] == slopes[1]:
            words = _("It multiplies x: how steep neuron {number} is.")
    else:
        words = _("What the one neuron gives is multiplied by it on its way into neuron {number} of the next layer.")
    return words.format(number=output + 1)


def _layer_text(snapshot: Snapshot, layer: int) -> str:
    neurons, inputs = snapshot.layers[layer].weight.shape
    if neurons == 1:
        words = ngettext("1 neuron with {count} weight and a bias", "1 neuron with {count} weights and a bias", inputs)
    else:
        words = ngettext(
            "{neurons} neurons, each with {count} weight and a bias",
            "{neurons} neurons, each with {count} weights and a bias",
            inputs,
        )
    text = words.format(neurons=count_text(neurons), count=count_text(inputs))
    dead = 0 if layer == len(snapshot.layers) - 1 else int(snapshot.dead[layer].sum())
    # Translators: {layer} is such as “10 neurons, each with 3 weights and a bias”.
    words = ngettext("{layer}; {count} of them is dead.", "{layer}; {count} of them are dead.", dead)
    return words.format(layer=text, count=count_text(dead)) if dead else f"{text}."


def _neuron_text(snapshot: Snapshot, layer: int, index: int) -> str:
    number = index + 1
    if is_dead(snapshot, layer, index):
        return _("Neuron {number} is dead: it gives 0 on every sample.").format(number=number)
    if len(snapshot.layers) == 2 and snapshot.config.network.activations[0].slopes is not None:
        return _arm_text(snapshot, index)
    given = forward(snapshot.layers, snapshot.config.network.activation, snapshot.dataset.x_train).activations[layer]
    low, high = (plain(float(end), DIGITS) for end in (given[index].min(), given[index].max()))
    words = _("Neuron {number} gives {low} on every sample.")
    if low != high:
        words = _("Neuron {number} gives {low} to {high} on the samples.")
    return words.format(number=number, low=low, high=high)


def _arm_text(snapshot: Snapshot, index: int) -> str:
    """Say what a piecewise linear neuron adds to the curve on either side of its kink."""
    first, second = snapshot.curve_layers
    slopes = snapshot.config.network.activations[0].slopes or (0.0, 0.0)
    weights, biases = first.weight[:, 0].astype(np.float64), first.bias.astype(np.float64)
    outward = second.weight[0].astype(np.float64)
    w, b, v = weights[index], biases[index], outward[index]
    if w * v == 0:
        return _("Neuron {number} adds the same everywhere: one of its two weights is 0.").format(number=index + 1)
    left, right = (v * w * slopes[int(side * w > 0)] for side in (-1, 1))
    said = {"number": index + 1, "kink": plain(-b / w, DIGITS)}
    said |= {"left": plain(abs(left), DIGITS), "right": plain(abs(right), DIGITS)}
    if left == right:
        rises = _("Neuron {number} adds a straight line that rises by {left} for each unit of x.")
        falls = _("Neuron {number} adds a straight line that falls by {left} for each unit of x.")
        return (rises if left > 0 else falls).format(**said)
    if left and right:
        return _(_BENT[bool(left > 0), bool(right > 0)]).format(**said)
    is_right = bool(right)
    text = _(_ONE_SIDED[is_right, bool(v > 0)]).format(**said, slope=plain(abs(left + right), DIGITS))
    x = snapshot.dataset.scaling.x_of(snapshot.dataset.x_train)
    end = x.max() if is_right else x.min()
    bent = np.where(weights * end + biases > 0, slopes[1], slopes[0])
    all_of_it = float(np.sum(outward * weights * bent))
    is_on = w * end + b > 0
    share = (left + right) / all_of_it if is_on and all_of_it else 0.0
    if not MAJORITY <= share <= 2 - MAJORITY:
        return text
    arm = _("It carries the right arm.") if is_right else _("It carries the left arm.")
    return f"{text} {arm}"


_BENT = {  # by whether the line rises left of the kink, and right of it
    (True, True): N_(
        "Neuron {number} adds a line that rises by {left} for each unit of x up to x = {kink}, and rises by {right} "
        "for each unit of x beyond."
    ),
    (True, False): N_(
        "Neuron {number} adds a line that rises by {left} for each unit of x up to x = {kink}, and falls by {right} "
        "for each unit of x beyond."
    ),
    (False, True): N_(
        "Neuron {number} adds a line that falls by {left} for each unit of x up to x = {kink}, and rises by {right} "
        "for each unit of x beyond."
    ),
    (False, False): N_(
        "Neuron {number} adds a line that falls by {left} for each unit of x up to x = {kink}, and falls by {right} "
        "for each unit of x beyond."
    ),
}
_ONE_SIDED = {  # by whether it is right of the kink that the neuron adds something, and whether that lifts the curve
    (True, True): N_(
        "Neuron {number} adds nothing left of x = {kink}. The further right of it, the more it lifts the curve: by "
        "{slope} for each unit of x."
    ),
    (True, False): N_(
        "Neuron {number} adds nothing left of x = {kink}. The further right of it, the more it lowers the curve: by "
        "{slope} for each unit of x."
    ),
    (False, True): N_(
        "Neuron {number} adds nothing right of x = {kink}. The further left of it, the more it lifts the curve: by "
        "{slope} for each unit of x."
    ),
    (False, False): N_(
        "Neuron {number} adds nothing right of x = {kink}. The further left of it, the more it lowers the curve: by "
        "{slope} for each unit of x."
    ),
}
