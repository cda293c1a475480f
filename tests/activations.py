"""Activations of hidden layers, one for all of them or one for each, and PyTorch's modules of them."""

from hypothesis import strategies as st
from torch import nn

from tinynet_gui.core.choices.activations import ACTIVATIONS, ActivationNames, names_by_layer
from tinynet_gui.core.training.torch_loop import activation_module

_OF_EACH = ("tanh", "relu", "identity", "leaky_relu", "silu", "relu")
ALL_AND_MIXED = (*ACTIVATIONS, "mixed")


def for_layers(activation: str, layers: int) -> ActivationNames:
    """Return an activation for all of so many hidden layers; of “mixed” one for each."""
    return activation if activation != "mixed" else _OF_EACH[:layers] or _OF_EACH[0]


@st.composite
def activation_names(draw: st.DrawFn, layers: int) -> ActivationNames:
    """One for all of so many hidden layers or, if there are any, one for each."""
    one = st.sampled_from(list(ACTIVATIONS))
    names: ActivationNames = draw(st.one_of(one, st.tuples(*[one] * layers)) if layers else one)
    return names


def modules_of(activation: ActivationNames, layers: int) -> list[nn.Module]:
    """Return PyTorch's module for each of so many hidden layers."""
    return [activation_module(name) for name in names_by_layer(activation, layers)]
