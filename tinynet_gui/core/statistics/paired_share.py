"""In which share of pairs one of two is lower, and how sure that is. Imports neither torch nor numba.

The interval is that of C. J. Clopper and E. S. Pearson, The use of confidence or fiducial limits illustrated in the
case of the binomial, Biometrika 26 (1934), over the pairs that are no ties. It is exact: whatever the true share is,
the interval holds it in at least so many cases as it says. So it lies to one side of one half by chance alone in at
most 5 of 100, as the sign test does.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

CONFIDENCE = 0.95
BISECTIONS = 60  # a float64 has no more digits


@dataclass(frozen=True)
class PairedShare:
    """What came of pairs: in how many the first is lower, in how many the second, in how many neither is.

    `confidence` is that of its interval.
    """

    lower: int
    higher: int
    ties: int
    confidence: float = CONFIDENCE

    @property
    def pairs(self) -> int:
        """How many there are."""
        return self.lower + self.higher + self.ties

    @property
    def share(self) -> float:
        """The share of pairs in which the first is lower; ties count half."""
        return (self.lower + self.ties / 2) / self.pairs

    @property
    def interval(self) -> tuple[float, float]:
        """Between what the true share lies, of the pairs that are no ties."""
        return clopper_pearson(self.lower, self.lower + self.higher, self.confidence)

    @property
    def is_sure(self) -> bool:
        """Whether one half is not within the interval."""
        low, high = self.interval
        return not low <= 0.5 <= high


def paired_share(ones: npt.ArrayLike, others: npt.ArrayLike, confidence: float = CONFIDENCE) -> PairedShare:
    """Compare losses pair by pair, both of shape (pairs,); infinite ones, and those that are no number, are worst."""
    a, b = (np.nan_to_num(np.asarray(x, dtype=np.float64), nan=np.inf, posinf=np.inf) for x in (ones, others))
    return PairedShare(int((a < b).sum()), int((a > b).sum()), int((a == b).sum()), confidence)


def clopper_pearson(successes: int, trials: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Return the ends of the interval of a share, of which so many successes in so many trials are known.

    The lower end is the share with which so many or more are as improbable as (1 − confidence)/2, the upper one that
    with which so many or fewer are; found by bisection in the binomial sum.
    """
    tail = (1 - confidence) / 2
    low = 0.0 if successes == 0 else _where(lambda p: _at_most(trials - successes, trials, 1 - p) < tail)
    high = 1.0 if successes == trials else _where(lambda p: _at_most(successes, trials, p) >= tail)
    return low, high


def _at_most(successes: int, trials: int, share: float) -> float:
    """The probability of so many successes or fewer, for a share between 0 and 1: a sum of binomial terms."""
    k = np.arange(successes + 1)
    ways = _log_ways(trials)[: successes + 1]
    return float(np.exp(ways + k * math.log(share) + (trials - k) * math.log1p(-share)).sum())


@lru_cache(maxsize=16)
def _log_ways(trials: int) -> npt.NDArray[np.float64]:
    """The logarithms of the binomial coefficients of so many trials."""
    factorials: npt.NDArray[np.float64] = np.array([math.lgamma(k + 1) for k in range(trials + 1)])
    return np.asarray(factorials[-1] - factorials - factorials[::-1])


def _where(holds: Callable[[float], bool]) -> float:
    """Return up to which share from 0 to 1 something holds that holds for small ones."""
    low, high = 0.0, 1.0
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        if not low < middle < high:
            break
        low, high = (middle, high) if holds(middle) else (low, middle)
    return (low + high) / 2
