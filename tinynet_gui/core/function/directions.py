"""How many neurons it looks like: the different directions that do the work of a hidden layer."""

from collections.abc import Sequence

import numpy as np

from tinynet_gui.core.network.activations import ACTIVATIONS
from tinynet_gui.core.network.forward import Layer

TOLERANCE = 0.01  # of the range of x: kinks no farther from a group's strongest are one with it
SHARE = 0.99


def directions(layers: Sequence[Layer], activation: str, low: float, high: float) -> int | None:
    """Count the different directions that carry 99 % of the curve's bend on [low, high].

    A neuron w'·h(w·x + b) has the direction of (w, b): the place of its kink, −b/w, and the side to which it is active,
    the sign of w. From a small initial scale the neurons of a layer turn into a few directions before they grow
    (Maennel et al., "Gradient descent quantizes ReLU network features", 2018; Boursier & Flammarion, "Early alignment
    in two-layer networks training is a two-edged sword", 2024): a hundred neurons then do the work of two.

    A neuron bends the curve by w'·|w| times the difference of the activation's slopes, if its kink lies inside the
    interval. The neuron that bends most takes all those of its side with it whose kinks are within `TOLERANCE` of the
    interval from its own; of the rest the one that bends most begins the next group, and so on. A group bends by its
    neurons' sum, in which opposite ones cancel. The result is the smallest number of groups that together bend by
    `SHARE` of what all groups do. It changes with neither the units of x and y nor the scale between w and w'. There is
    room for about a hundred groups: of 1,000 neurons from a scale of 1 it says so, however different they are.

    Returns
    -------
    int or None
        0 if nothing bends inside. None unless there is one hidden layer, its activation has a kink, and all parameters
        are finite.

    Raises
    ------
    ValueError
        Unless low is below high and both are finite.
    """
    if not (np.isfinite(low) and np.isfinite(high) and low < high):
        raise ValueError(f"no interval from {low} to {high}")
    finite = all(np.isfinite(array).all() for layer in layers for array in (layer.weight, layer.bias))
    if len(layers) != 2 or not ACTIVATIONS[activation].has_kink or not finite:
        return None
    w, b, out = (a.astype(np.float64) for a in (layers[0].weight[:, 0], layers[0].bias, layers[1].weight[0]))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        kinks, bends = -b / w, out * w  # but for their sign, which is the same on one side
    inside = np.flatnonzero((kinks > low) & (kinks < high))
    left = inside[np.argsort(-np.abs(bends[inside]), kind="stable")]  # the strongest first
    groups: list[float] = []
    while len(left):
        is_alike = (w[left] > 0) == (w[left[0]] > 0)
        is_alike &= np.abs(kinks[left] - kinks[left[0]]) <= TOLERANCE * (high - low)
        groups.append(abs(float(bends[left[is_alike]].sum())))
        left = left[~is_alike]
    carried = np.cumsum(sorted(groups, reverse=True))
    return int(np.searchsorted(carried, SHARE * carried[-1]) + 1) if groups and carried[-1] > 0 else 0
