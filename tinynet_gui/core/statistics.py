"""Medians, paired tests, and intervals for shares, exact or with a known error."""

import math
from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np

from tinynet_gui.core.values import ArrayLike, Floats, frozen_dataclass


def quantiles(values: ArrayLike, shares: Sequence[float]) -> Floats:
    """Return the quantiles of `values` over the first axis, as numpy's default has them: linear between neighbours.

    numpy.quantile gives NaN between two infinite values, and between a finite and an infinite one.
    """
    ordered = np.sort(np.asarray(values, dtype=np.float64), axis=0)
    rows = []
    for share in shares:
        place = share * (len(ordered) - 1)
        low, high = ordered[int(place)], ordered[int(np.ceil(place))]
        part = place - int(place)
        with np.errstate(invalid="ignore"):
            rows.append(np.where((low == high) | (part == 0), low, low + part * (high - low)))
    return np.stack(rows)


CONFIDENCE = 0.95
BISECTIONS = 60  # a float64 has no more digits than this gives


@frozen_dataclass
class PairedShare:
    """The outcome of pairs: how often the first is lower, how often the second, and how often neither.

    `confidence` applies to the interval.
    """

    lower: int
    higher: int
    ties: int
    confidence: float = CONFIDENCE

    @property
    def pairs(self) -> int:
        return self.lower + self.higher + self.ties

    @property
    def share(self) -> float:
        """The share of pairs in which the first is lower; ties count half."""
        return (self.lower + self.ties / 2) / self.pairs

    @property
    def interval(self) -> tuple[float, float]:
        """The interval for the true share, over the pairs without ties."""
        return clopper_pearson(self.lower, self.lower + self.higher, self.confidence)

    @property
    def is_sure(self) -> bool:
        """Whether the interval excludes one half."""
        low, high = self.interval
        return not low <= 0.5 <= high


def paired_share(ones: ArrayLike, others: ArrayLike, confidence: float = CONFIDENCE) -> PairedShare:
    """Compare losses pair by pair, both of shape (pairs,); infinite ones and NaN count as the worst."""
    a, b = (np.nan_to_num(np.asarray(x, dtype=np.float64), nan=np.inf, posinf=np.inf) for x in (ones, others))
    return PairedShare(int((a < b).sum()), int((a > b).sum()), int((a == b).sum()), confidence)


def clopper_pearson(successes: int, trials: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Return the interval for a share, given the number of successes among trials.

    At its lower end, this many successes or more have the probability (1 − confidence)/2; at its upper end, this many
    or fewer do. Both ends are found by bisection of the binomial sum. It contains the true share at least as often as
    stated (C. J. Clopper, E. S. Pearson, "The use of confidence or fiducial limits illustrated in the case of the
    binomial", Biometrika 26, 1934).
    """
    tail = (1 - confidence) / 2
    low = 0.0 if successes == 0 else _largest_share(lambda p: _binomial_cdf(trials - successes, trials, 1 - p) < tail)
    high = 1.0 if successes == trials else _largest_share(lambda p: _binomial_cdf(successes, trials, p) >= tail)
    return low, high


def _binomial_cdf(successes: int, trials: int, share: float) -> float:
    k = np.arange(successes + 1)
    ways = _log_binomials(trials)[: successes + 1]
    return float(np.exp(ways + k * math.log(share) + (trials - k) * math.log1p(-share)).sum())


@lru_cache(maxsize=16)
def _log_binomials(trials: int) -> Floats:
    factorials: Floats = np.array([math.lgamma(k + 1) for k in range(trials + 1)])
    return np.asarray(factorials[-1] - factorials - factorials[::-1])


def _largest_share(holds: Callable[[float], bool]) -> float:
    """Bisect for the largest share in [0, 1] at which a monotone condition still holds."""
    low, high = 0.0, 1.0
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        if not low < middle < high:
            break
        low, high = (middle, high) if holds(middle) else (low, middle)
    return (low + high) / 2


SWAPS = 10_000  # drawn at random, where there are more ways than that
SMALLEST_SHARE = 1e-12  # of the best constant's loss: anything below counts as this


def scores(losses: ArrayLike, constant_loss: float) -> Floats:
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
    """Return the two-sided p-value of a paired permutation test; arrays of shape (rates, seeds).

    If both kinds of network were alike, either could have produced the other's result for a seed. So the two are
    swapped in some of the seeds, in all possible ways or in many random ones, and compared each time at their own best
    rates, *chosen anew*. The p-value is how often they are at least as far apart as measured. As the choice is
    repeated, it needs no separate seeds (E. J. G. Pitman, "Significance tests which may be applied to samples from any
    populations", 1937).
    """
    seeds = one.shape[1]
    if 2**seeds <= SWAPS:
        swapped = (np.arange(2**seeds)[:, None] >> np.arange(seeds)) & 1
    else:
        swapped = np.random.RandomState(0).randint(0, 2, (SWAPS, seeds))
        swapped[0] = 0  # the measured result is one of the ways
    moved = swapped @ (other - one).T / seeds  # (ways, rates)
    apart = (other.mean(axis=1) - moved).min(axis=1) - (one.mean(axis=1) + moved).min(axis=1)
    return float(np.mean(np.abs(apart) >= abs(advantage(one, other)) - 1e-12))
