"""The share of pairs in which one of two is lower, and how sure that is. Imports neither torch nor numba.

The interval is that of C. J. Clopper and E. S. Pearson, The use of confidence or fiducial limits illustrated in the
case of the binomial, Biometrika 26 (1934), over the pairs without ties. It is exact: for any true share, the interval
contains it at least as often as stated. So it lies on one side of one half by chance alone in at most 5 of 100 cases,
like the sign test.
"""

import math
from collections.abc import Callable
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from tinynet_gui.core.numerics.arrays import Floats
from tinynet_gui.core.values import dataclass

CONFIDENCE = 0.95
BISECTIONS = 60  # a float64 has no more digits than this gives


@dataclass(frozen=True)
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
        """The number of pairs."""
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


def paired_share(ones: npt.ArrayLike, others: npt.ArrayLike, confidence: float = CONFIDENCE) -> PairedShare:
    """Compare losses pair by pair, both of shape (pairs,); infinite ones and NaN count as the worst."""
    a, b = (np.nan_to_num(np.asarray(x, dtype=np.float64), nan=np.inf, posinf=np.inf) for x in (ones, others))
    return PairedShare(int((a < b).sum()), int((a > b).sum()), int((a == b).sum()), confidence)


def clopper_pearson(successes: int, trials: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Return the ends of the interval for a share, given the number of successes in a number of trials.

    At the lower end, this many successes or more have the probability (1 − confidence)/2; at the upper end, this many
    or fewer do. Both are found by bisection in the binomial sum.
    """
    tail = (1 - confidence) / 2
    low = 0.0 if successes == 0 else _where(lambda p: _at_most(trials - successes, trials, 1 - p) < tail)
    high = 1.0 if successes == trials else _where(lambda p: _at_most(successes, trials, p) >= tail)
    return low, high


def _at_most(successes: int, trials: int, share: float) -> float:
    """Return the probability of at most this many successes, for a share between 0 and 1: a sum of binomial terms."""
    k = np.arange(successes + 1)
    ways = _log_ways(trials)[: successes + 1]
    return float(np.exp(ways + k * math.log(share) + (trials - k) * math.log1p(-share)).sum())


@lru_cache(maxsize=16)
def _log_ways(trials: int) -> Floats:
    """Return the logarithms of the binomial coefficients for a number of trials."""
    factorials: Floats = np.array([math.lgamma(k + 1) for k in range(trials + 1)])
    return np.asarray(factorials[-1] - factorials - factorials[::-1])


def _where(holds: Callable[[float], bool]) -> float:
    """Return the largest share in [0, 1] for which something holds that holds for all smaller ones."""
    low, high = 0.0, 1.0
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        if not low < middle < high:
            break
        low, high = (middle, high) if holds(middle) else (low, middle)
    return (low + high) / 2
