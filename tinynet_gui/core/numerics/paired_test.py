"""Is one of two kinds of network better, or was it luck? A paired permutation test.

Both are trained from the same seeds, at the same learning rates, and compared at their own best rates: the rate with
the smallest mean logarithm of the loss over the seeds. If the two kinds were alike, either could have produced the
other's result for a seed. So the test swaps the two in some of the seeds, in all possible ways or in many random ones,
*chooses the rates anew* each time, and counts how often the difference is at least as large as the measured one.
Because the choice is repeated with each swap, it needs no separate seeds, and the error rate holds for any number of
seeds.

E. J. G. Pitman, Significance tests which may be applied to samples from any populations, 1937.
"""

import numpy as np
import numpy.typing as npt

from tinynet_gui.core.numerics.arrays import Floats

SWAPS = 10_000  # drawn at random, where there are more ways than that
SMALLEST_SHARE = 1e-12  # of the best constant's loss: anything below counts as this


def scores(losses: npt.ArrayLike, constant_loss: float) -> Floats:
    """Return the logarithms of losses; a run that diverged or learned nothing counts as the best constant."""
    top = constant_loss or 1.0
    return np.log(np.clip(np.nan_to_num(np.asarray(losses, dtype=np.float64), nan=top), SMALLEST_SHARE * top, top))


def best_rate(logarithms: Floats) -> int:
    """Return which of the rates, the rows of an array of shape (rates, seeds), has the smallest mean."""
    return int(np.argmin(logarithms.mean(axis=1)))


def advantage(one: Floats, other: Floats) -> float:
    """Return how much lower `one` is than `other`, each at its best rate; arrays of shape (rates, seeds)."""
    return float(other.mean(axis=1).min() - one.mean(axis=1).min())


def p_value(one: Floats, other: Floats) -> float:
    """Return how often random swaps put the two at least as far apart, in either direction."""
    seeds = one.shape[1]
    if 2**seeds <= SWAPS:
        swapped = (np.arange(2**seeds)[:, None] >> np.arange(seeds)) & 1
    else:
        swapped = np.random.RandomState(0).randint(0, 2, (SWAPS, seeds))
        swapped[0] = 0  # the measured result is one of the ways
    moved = swapped @ (other - one).T / seeds  # (ways, rates)
    apart = (other.mean(axis=1) - moved).min(axis=1) - (one.mean(axis=1) + moved).min(axis=1)
    return float(np.mean(np.abs(apart) >= abs(advantage(one, other)) - 1e-12))
