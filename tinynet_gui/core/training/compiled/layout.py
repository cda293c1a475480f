"""A network's parameters as the one flat array that compiled code works on.

For each hidden layer its weight transposed, (inputs, padded outputs), and its bias; then the output
layer's weight, (padded inputs,), and its bias in the first of 16. Padding is zero and stays zero.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from tinynet_gui.core.numerics.arrays import Array, owned
from tinynet_gui.core.training.compiled.compile import shared
from tinynet_gui.core.training.compiled.vector import LANES

ALIGNMENT = 64  # bytes: a vector of 16 float32 then lies in one cache line


@shared
def padded(width: int) -> int:
    """Return the next multiple of 16."""
    return -(-width // LANES) * LANES


def aligned_zeros(size: int) -> Array:
    """Return zeros, float32 of shape (size,), that begin at a multiple of 64 bytes."""
    spare = np.zeros(size + ALIGNMENT // 4, dtype=np.float32)
    offset = -spare.ctypes.data % ALIGNMENT // 4
    return spare[offset : offset + size]


def pack(widths: Sequence[int], arrays: Sequence[Array]) -> Array:
    """Return weight, bias, weight, bias, ... of a network with these widths as one flat array.

    `ValueError` if the arrays' shapes do not fit the widths.
    """
    shapes = [shape for n_in, n_out in _pairs(widths) for shape in ((n_out, n_in), (n_out,))]
    if [array.shape for array in arrays] != shapes:
        raise ValueError(f"the arrays do not have the network's shapes {shapes}")
    size = sum((n_in + 1) * padded(n_out) for n_in, n_out in _pairs(widths[:-1]))
    flat = aligned_zeros(size + padded(widths[-2]) + LANES)
    for view, array in zip(_views(widths, flat), arrays, strict=True):
        view[:] = array
    return flat


def unpack(widths: Sequence[int], flat: Array) -> tuple[Array, ...]:
    """Return the arrays that `pack` took, as owned copies; from n flat arrays each with n as its first axis."""
    return tuple(owned(view) for view in _views(widths, flat))


def _pairs(widths: Sequence[int]) -> list[tuple[int, int]]:
    return list(pairwise(widths))


def _views(widths: Sequence[int], flat: Array) -> list[Array]:
    """Return views of the flat array, one for each parameter, in the parameters' shapes."""
    views: list[Array] = []
    at = 0
    for n_in, n_out in _pairs(widths[:-1]):
        wide = padded(n_out)
        weight = flat[..., at : at + n_in * wide].reshape(*flat.shape[:-1], n_in, wide)
        at += n_in * wide
        views += [weight.swapaxes(-1, -2)[..., :n_out, :], flat[..., at : at + n_out]]
        at += wide
    last = widths[-2]
    views += [flat[..., None, at : at + last], flat[..., at + padded(last) :][..., :1]]
    return views
