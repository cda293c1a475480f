"""How many neurons it looks like: the different directions that do the work of a hidden layer."""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from tinynet_gui.core.choices.activations import ActivationNames, activations_of
from tinynet_gui.core.network.forward import Layer
from tinynet_gui.core.training.dataset import points_of
from tinynet_gui.core.training.snapshot import Snapshot

TOLERANCE = 0.01  # of the range of x: kinks no farther from a group's strongest are one with it
SHARE = 0.99
ENDS: tuple[tuple[int, Literal["left", "right"]], ...] = ((-1, "left"), (1, "right"))  # of the kinks within reach


def directions_of(snapshot: Snapshot) -> int | None:
    """Count them between a moment's first and last training sample; None also if all samples have one x."""
    low, high = points_of(snapshot.config.data).x_range
    return directions(snapshot.curve_layers, snapshot.config.network.activation, low, high) if low < high else None


def directions(layers: Sequence[Layer], activation: ActivationNames, low: float, high: float) -> int | None:
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

    `ValueError` unless low is below high and both are finite.

    Returns
    -------
    int or None
        0 if nothing bends inside. None unless there is one hidden layer, its activation has a kink, and all parameters
        are finite.
    """
    if not (np.isfinite(low) and np.isfinite(high) and low < high):
        raise ValueError(f"no interval from {low} to {high}")
    finite = all(np.isfinite(array).all() for layer in layers for array in (layer.weight, layer.bias))
    if len(layers) != 2 or not activations_of(activation, 1)[0].has_kink or not finite:
        return None
    w, b, out = (a.astype(np.float64) for a in (layers[0].weight[:, 0], layers[0].bias, layers[1].weight[0]))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        kinks, bends = -b / w, out * w  # but for their sign, which is the same on one side
    groups: list[float] = []
    for is_of_side in (w > 0, w < 0):
        side = np.flatnonzero(is_of_side & (kinks > low) & (kinks < high))
        side = side[np.argsort(kinks[side])]
        bent, reach = bends[side], TOLERANCE * (high - low)
        first, last = (np.searchsorted(kinks[side], kinks[side] + way * reach, where).tolist() for way, where in ENDS)
        is_free = np.ones(len(side), dtype=bool)
        for strongest in np.argsort(-np.abs(bent), kind="stable").tolist():
            if is_free[strongest]:
                near = slice(first[strongest], last[strongest])
                groups.append(abs(float(bent[near].sum(where=is_free[near]))))
                is_free[near] = False
    carried = np.cumsum(sorted(groups, reverse=True))
    return int(np.searchsorted(carried, SHARE * carried[-1]) + 1) if groups and carried[-1] > 0 else 0
