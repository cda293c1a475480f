"""Wording shared by many sentences: lists, and the names of hidden neurons and layers."""

from collections.abc import Sequence

from tinynet_gui.core.text.numbers import counted, subscript


def listed(names: Sequence[str], last: str = "and") -> str:
    """Join names as in a sentence: A, B and C."""
    return f" {last} ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def first_few(texts: Sequence[str], most: int, noun: str) -> list[str]:
    """Return at most `most` texts, then the number of the others: A, B, 3 more runs."""
    more = len(texts) - most
    return [*texts[:most], counted(more, f"more {noun}")] if more > 0 else [*texts]


def neuron_symbol(layer: int, index: int, hidden_layers: int, x: str = "x") -> str:
    """Write a neuron's symbol: h₃, or h₃[2] with several hidden layers; ŷ for the output, x for layer −1."""
    if layer in (-1, hidden_layers):
        return x if layer < 0 else "ŷ"
    return f"h{subscript(index + 1)}" + (f"[{layer + 1}]" if hidden_layers > 1 else "")


def hidden_layer(layer: int, hidden_layers: int) -> str:
    """Name a hidden layer: Hidden layer 2, or Hidden layer if it is the only one."""
    return "Hidden layer" if hidden_layers == 1 else numbered_layer(layer).capitalize()


def numbered_layer(layer: int) -> str:
    """Name a hidden layer within a sentence, by its number from 1: hidden layer 2."""
    return f"hidden layer {layer + 1}"
