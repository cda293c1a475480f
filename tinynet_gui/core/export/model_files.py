"""A network's weights and biases as files: PyTorch's format, and a table of numbers."""

from collections.abc import Iterator, Sequence
from io import BytesIO

import numpy as np

from tinynet_gui.core.arrays import Array
from tinynet_gui.core.text.csv_text import Cell, csv_text

HEADER = ("parameter", "neuron", "input", "value")


def parameter_names(count: int) -> list[str]:
    """Return PyTorch's names for the arrays of Linear, activation, ..., Linear: ``0.weight``, ``0.bias``, ..."""
    return [f"{2 * (place // 2)}.{('weight', 'bias')[place % 2]}" for place in range(count)]


def state_dict_bytes(parameters: Sequence[Array]) -> bytes:
    """Return a file for ``network.load_state_dict(torch.load(file, weights_only=True))``. Imports torch.

    Parameters
    ----------
    parameters
        As in `core.training.state.TrainerState`.
    """
    import torch

    tensors = [torch.tensor(array) for array in parameters]
    content = BytesIO()
    torch.save(dict(zip(parameter_names(len(tensors)), tensors, strict=True)), content)
    return content.getvalue()


def numbers_csv(parameters: Sequence[Array]) -> str:
    """Return a table of all weights and biases, each number in as few digits as it takes to read the same one again.

    Neurons and inputs are counted from 0, as PyTorch does; a bias has no input.
    """
    return csv_text(HEADER, _rows(parameters))


def _rows(parameters: Sequence[Array]) -> Iterator[list[Cell]]:
    for name, array in zip(parameter_names(len(parameters)), parameters, strict=True):
        for index, value in np.ndenumerate(array):
            neuron, source = (*index, None)[:2]
            yield [name, neuron, source, value]
