"""The output curve taken apart: ŷ(x) = b' + Σ w'ᵢ·hᵢ(x), one curve for each neuron of the last hidden layer.

A product of two float32 numbers has at most 48 binary digits, so float64 holds each contribution without any rounding:
the values drawn, printed and added up here are exactly w' times h.
"""

from collections.abc import Sequence

import numpy as np

from tinynet_gui.core.network.forward import Layer
from tinynet_gui.core.numerics.arrays import Array, Floats, Ints


def weighted(layers: Sequence[Layer], last: Array) -> Floats:
    """Return what each neuron of the last hidden layer adds to the network's output.

    Added up and with the output layer's bias they are the output layer's affine map without its rounding;
    `core.network.forward.forward`, which adds in float32, differs from it by the float32 rounding of that sum.

    These are w'ᵢ·hᵢ(x), exact products, float64 of the shape of `last`.

    Parameters
    ----------
    last
        The last hidden layer's output hᵢ(x), or x itself without one: float32 of shape (neurons, points).
    """
    with np.errstate(invalid="ignore"):  # a diverged network is a state, not an error
        products: Floats = layers[-1].weight[0].astype(np.float64)[:, None] * last
    return products


def stacked(parts: Floats, bias: float) -> Floats:
    """Stack the contributions on top of each other, beginning at the output's bias.

    Returns float64 of shape (neurons + 1, points): row 0 is the bias, row i the bias plus the first i contributions,
    the last row the output.
    """
    first = np.full((1, parts.shape[1]), bias, dtype=np.float64)
    return np.cumsum(np.concatenate((first, parts)), axis=0)


def largest_parts(parts: Floats, most: int) -> Ints:
    """Return the indices of the contributions that reach farthest from 0, at most `most`, in ascending order.

    Parameters
    ----------
    parts
        As from `weighted`. One that is not finite everywhere comes last: it cannot be drawn.
    """
    reach = np.abs(parts).max(axis=1, initial=0.0)
    reach = np.where(np.isfinite(reach), reach, -1.0)
    return np.sort(np.argsort(-reach, kind="stable")[:most])


def evenly_chosen(count: int, most: int) -> Ints:
    """Return every k-th index below `count`, including the last, with the smallest k that gives at most `most`."""
    every = max(1, -(-count // most))
    return np.arange(count - 1, -1, -every)[::-1]
