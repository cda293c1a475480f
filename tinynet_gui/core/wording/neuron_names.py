"""What neurons, weights, layers and samples are called."""

from dataclasses import astuple

from tinynet_gui.core.config import DataConfig
from tinynet_gui.core.config.targets import FORMULA, TARGETS
from tinynet_gui.core.data.scaling import Scaling
from tinynet_gui.core.network.refs import LayerRef, NeuronRef, Ref, WeightRef
from tinynet_gui.core.run.snapshot import Snapshot
from tinynet_gui.core.text.numbers import MINUS, counted, plain
from tinynet_gui.core.text.words import hidden_layer, hidden_neuron, numbered_layer


def neuron_name(snapshot: Snapshot, ref: NeuronRef) -> str:
    """h₃, or h₃ with its layer in brackets where there are several hidden layers; ŷ for the output."""
    hidden_layers = len(snapshot.activations)
    return "ŷ" if ref.layer == hidden_layers else hidden_neuron(ref.layer, ref.index, hidden_layers)


def input_name(snapshot: Snapshot, layer: int, index: int) -> str:
    """What an affine layer takes in at a place: x (x̃ where it is standardised), or a neuron of the layer before."""
    if layer == 0 and snapshot.dataset.scaling.has_x:
        return "x̃"
    return "x" if layer == 0 else neuron_name(snapshot, NeuronRef(layer - 1, index))


def short_name(snapshot: Snapshot, layer: int, index: int) -> str:
    """h₃ in any layer, ŷ for the output, x for the input (layer −1): where it is clear which layer is meant."""
    if layer < 0:
        return "x"
    return "ŷ" if layer == len(snapshot.layers) - 1 else hidden_neuron(layer, index, 1)


def vector_name(snapshot: Snapshot, layer: int) -> str:
    """All numbers that a layer gives: h, or h[2] where there are several hidden layers; ŷ, and x for layer −1."""
    if layer < 0 or layer == len(snapshot.layers) - 1:
        return short_name(snapshot, layer, 0)
    return "h" if len(snapshot.activations) == 1 else f"h[{layer + 1}]"


def layer_name(snapshot: Snapshot, layer: int) -> str:
    """Hidden layer 2, Hidden layer if it is the only one, Output layer."""
    if layer == len(snapshot.layers) - 1:
        return "Output layer"
    return hidden_layer(layer, len(snapshot.activations))


def title_of(snapshot: Snapshot, ref: Ref) -> str:
    """Name it as a heading: Neuron h₃, Weight from x to h₃, Output ŷ, Hidden layer · Linear(1, 10)."""
    match ref:
        case WeightRef():
            source, target = input_name(snapshot, ref.layer, ref.input), NeuronRef(ref.layer, ref.output)
            return f"Weight from {source} to {neuron_name(snapshot, target)}"
        case LayerRef():
            n_out, n_in = snapshot.layers[ref.layer].weight.shape
            return f"{layer_name(snapshot, ref.layer)} · Linear({n_in},\N{NO-BREAK SPACE}{n_out})"
    name = short_name(snapshot, ref.layer, ref.index)
    if name == "ŷ":
        return "Output ŷ"
    place = "" if len(snapshot.activations) == 1 else f" of {numbered_layer(ref.layer)}"
    return f"Neuron {name}{place}"


def source_text(data: DataConfig) -> str:
    """Say how many samples there are and where they come from, such as “20 points, made from x²”."""
    count = data.sample_count if data.points is None else len(data.points)
    return f"{counted(count, 'point')}, {origin_text(data)}"


def origin_text(data: DataConfig) -> str:
    """Say where samples come from, such as “made from x²”."""
    target = data.target_formula if data.target == FORMULA else TARGETS[data.target].label
    return (data.points.origin if data.points is not None else "") or f"made from {target}"


def scaling_texts(scaling: Scaling) -> tuple[str, str]:
    """Write what a network sees of x and what its ŷ means, such as “x̃ = (x − 1.2)/0.5”; "" where it is as it is."""
    x_mean, x_deviation, y_mean, y_deviation = map(plain, astuple(scaling))
    seen = f"x̃ = (x {MINUS} {x_mean})/{x_deviation}".replace(f"{MINUS} {MINUS}", "+ ") if scaling.has_x else ""
    meant = f"y = {y_deviation}·ŷ + {y_mean}".replace(f"+ {MINUS}", f"{MINUS} ") if scaling.has_y else ""
    return seen, meant
