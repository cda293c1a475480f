"""The network as PyTorch prints it, and why its arrays have the shapes that they have."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tinynet_gui.core.choices.activations import ACTIVATIONS, ActivationNames, names_by_layer
from tinynet_gui.core.network.forward import Layer
from tinynet_gui.core.text.words import numbered_layer
from tinynet_gui.core.values import dataclass

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class ModuleText:
    """One module of the ``nn.Sequential``, in print.

    Attributes
    ----------
    title
        The module's own repr, such as ``Linear(in_features=1, out_features=5, bias=True)``.
    layer
        Which affine layer the module is, or which one's pre-activations it takes.
    parameters
        What ``print(parameter)`` prints for its weight and its bias; empty for an activation.
    shapes
        Sentences that explain it, one for each parameter.
    """

    title: str
    layer: int
    parameters: tuple[str, ...]
    shapes: tuple[str, ...]


def module_texts(layers: Sequence[Layer], activation: ActivationNames) -> tuple[ModuleText, ...]:
    """Return Linear, activation, ..., Linear as PyTorch prints them.

    Imports torch. Nothing is drawn from its random generator.
    """
    from tinynet_gui.core.training.torch_network import activation_module

    texts, names = [], names_by_layer(activation, len(layers) - 1)
    for index, layer in enumerate(layers):
        linear = _linear(layer)
        sentences = (weight_shape(layers, index), bias_shape(layers, index))
        texts.append(ModuleText(str(linear), index, tuple(map(str, linear.parameters())), sentences))
        if index < len(layers) - 1:
            function, label = activation_module(names[index]), ACTIVATIONS[names[index]].label
            sentence = f"{label} has no weights and no bias, nothing to learn: its list is empty."
            texts.append(ModuleText(str(function), index, (), (sentence,)))
    return tuple(texts)


def entry_span(printed: str, index: Sequence[int]) -> tuple[int, int] | None:
    """Return where in a printed vector or matrix an entry stands, or a row: its first character and its end.

    None where torch has abbreviated the tensor.
    """
    if "..." in printed:
        return None
    rows = [row.span() for row in re.finditer(r"\[[^\[\]]*\]", printed)]  # what is in no further brackets
    place = list(index)
    start, end = rows[place.pop(0)] if "[[" in printed else rows[0]
    if not place:
        return start, end
    entry = list(re.finditer(r"[^\s,\[\]]+", printed[start:end]))[place[0]]
    return start + entry.start(), start + entry.end()


def weight_shape(layers: Sequence[Layer], index: int) -> str:
    """Say what the rows and columns of a layer's weight are, and why it is a row or a column."""
    rows, columns = layers[index].weight.shape
    neurons, inputs = _neurons(layers, index), _inputs(layers, index)
    text = f"weight has the shape ({rows}, {columns}): a row for {neurons}, a column for {inputs}."
    if rows == columns == 1:
        return f"{text} One number in and one number out: a matrix of a single number."
    if columns == 1:
        return f"{text} Each neuron takes in a single number, so the matrix is one column, {rows} high."
    if rows == 1:
        return f"{text} A single number comes out of {columns}, so the matrix is one row, {columns} long."
    return f"{text} Each neuron takes in {columns} numbers: its weights are one row."


def bias_shape(layers: Sequence[Layer], index: int) -> str:
    """Say why a layer's bias is a plain list."""
    count = len(layers[index].bias)
    if count == 1:
        return "bias has the shape (1,): one number, because one number comes out."
    return f"bias has the shape ({count},): one number for {_neurons(layers, index)}, a list with no rows or columns."


def _linear(layer: Layer) -> "nn.Linear":
    import torch
    from torch import nn

    n_out, n_in = layer.weight.shape
    linear = nn.Linear(n_in, n_out, device="meta")  # with no memory, it draws no weights
    linear.weight = nn.Parameter(torch.tensor(layer.weight))
    linear.bias = nn.Parameter(torch.tensor(layer.bias))
    return linear


def _neurons(layers: Sequence[Layer], index: int) -> str:
    if index == len(layers) - 1:
        return "the output ŷ"
    count = len(layers[index].bias)
    name = "the hidden layer" if len(layers) == 2 else numbered_layer(index)
    return f"the one neuron of {name}" if count == 1 else f"each of the {count} neurons of {name}"


def _inputs(layers: Sequence[Layer], index: int) -> str:
    return "the input x" if index == 0 else _neurons(layers, index - 1)
