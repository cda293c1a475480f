"""A network's weights and biases as files: PyTorch's format, and a table of numbers."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from io import BytesIO

import numpy as np

from tinynet_gui.core.data.scaling import AS_THEY_ARE, Scaling
from tinynet_gui.core.numerics.arrays import Array
from tinynet_gui.core.text.csv_text import Cell, csv_text

HEADER = ("parameter", "neuron", "input", "value")


def parameter_names(count: int) -> list[str]:
    """Return PyTorch's names for the arrays of Linear, activation, ..., Linear: ``0.weight``, ``0.bias``, ..."""
    return [f"{2 * layer}.{kind}" for layer in range(count // 2) for kind in ("weight", "bias")]


def state_dict_bytes(parameters: Sequence[Array], scaling: Scaling = AS_THEY_ARE) -> bytes:
    """Return a file for ``network.load_state_dict(torch.load(file, weights_only=True))``. Imports torch.

    Parameters
    ----------
    parameters
        As in `core.training.state.TrainerState`.
    scaling
        What the network was trained with: if not `AS_THEY_ARE`, its μ and σ are in the file too, and
        ``load_state_dict`` needs ``strict=False``.
    """
    import torch

    tensors = [torch.tensor(array) for array in parameters]
    scales = {name: torch.tensor(scale, dtype=torch.float64) for name, scale in scales_of(scaling).items()}
    content = BytesIO()
    torch.save(dict(zip(parameter_names(len(tensors)), tensors, strict=True)) | scales, content)
    return content.getvalue()


def numbers_csv(parameters: Sequence[Array], scaling: Scaling = AS_THEY_ARE) -> str:
    """Return a table of all weights and biases, each number in as few digits as it takes to read the same one again.

    Neurons and inputs are counted from 0, as PyTorch does; a bias has no input. μ and σ, if any, have neither.
    """
    return csv_text(HEADER, _rows(parameters, scaling))


def scales_of(scaling: Scaling) -> dict[str, float]:
    """Return μ and σ by their names in the exported code; those of y only if y is standardised."""
    has = {"x": scaling.has_x, "y": scaling.has_y}
    return {name: value for name, value in asdict(scaling).items() if has[name[0]]}


def _rows(parameters: Sequence[Array], scaling: Scaling) -> Iterator[list[Cell]]:
    for name, array in zip(parameter_names(len(parameters)), parameters, strict=True):
        for index, value in np.ndenumerate(array):
            yield [name, index[0], index[1] if len(index) > 1 else None, value]
    for name, scale in scales_of(scaling).items():
        yield [name, None, None, scale]
