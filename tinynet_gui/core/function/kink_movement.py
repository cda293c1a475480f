"""How far the kinks of a hidden layer have moved: whether training places its neurons, or only weighs them."""

from collections.abc import Sequence

import numpy as np

from tinynet_gui.core.choices.activations import ActivationNames, activations_of
from tinynet_gui.core.network.forward import Layer


def kink_movement(
    before: Sequence[Layer], after: Sequence[Layer], activation: ActivationNames, low: float, high: float
) -> float | None:
    """Return the median distance that the kinks −b/w have moved which were between two x before, in units of x.

    None unless there was one, there is one hidden layer, its activation has a kink, and all its parameters are finite.
    """
    if len(before) != 2 or not activations_of(activation, 1)[0].has_kink:
        return None
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        old, new = (-layers[0].bias.astype(np.float64) / layers[0].weight[:, 0] for layers in (before, after))
    moved = np.abs(new - old)[(low < old) & (old < high)]
    return float(np.median(moved)) if len(moved) and not np.isnan(moved).any() else None
