"""What neurons, weights, layers and samples are called."""

from tinynet_gui.core.network.refs import LayerRef, NeuronRef, ParameterRef, Ref, WeightRef
from tinynet_gui.core.text.words import hidden_layer, neuron_symbol, numbered_layer
from tinynet_gui.core.training.snapshot import Snapshot


def neuron_name(snapshot: Snapshot, ref: NeuronRef) -> str:
    """h₃, or h₃ with its layer in brackets where there are several hidden layers; ŷ for the output."""
    return neuron_symbol(ref.layer, ref.index, len(snapshot.activations))


def input_name(snapshot: Snapshot, layer: int, index: int) -> str:
    """What an affine layer takes in at a place: x (x̃ where it is standardised), or a neuron of the layer before."""
    return neuron_symbol(layer - 1, index, len(snapshot.activations), "x̃" if snapshot.dataset.scaling.has_x else "x")


def short_name(snapshot: Snapshot, layer: int, index: int) -> str:
    """h₃ in any layer, ŷ for the output, x for the input (layer −1): where it is clear which layer is meant."""
    return neuron_symbol(layer, index, len(snapshot.activations)).partition("[")[0]


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
