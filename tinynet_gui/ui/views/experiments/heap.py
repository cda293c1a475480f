"""Dots heaped up over a logarithmic axis: the place of each."""

import math

import numpy as np
import numpy.typing as npt

from tinynet_gui.core.numerics.arrays import Floats
from tinynet_gui.core.values import dataclass

SMALLEST, LARGEST = 1e-12, 1e12  # drawn in place of a loss of 0 and an infinite one
BINS = 24
BEYOND = 2  # bins from the largest finite loss to the diverged runs


@dataclass(frozen=True)
class Heap:
    """The places of dots, float64 of shape (dots,), over base-10 logarithms.

    `low` and `high` are the ends of the axis that shows all of them, and the limit.
    """

    x: Floats
    heights: Floats
    low: float
    high: float


def log_of(losses: npt.ArrayLike) -> Floats:
    """Return base-10 logarithms; 0 and infinite losses are replaced by numbers that can be drawn."""
    return np.log10(np.clip(np.asarray(losses, dtype=np.float64), SMALLEST, LARGEST))


def heaped(losses: npt.ArrayLike, limit: float | None = None) -> Heap:
    """Heap losses up in bins of equal width; with a limit, those below it are to its left, all others to its right."""
    logs = log_of(losses)
    finite = logs[logs < math.log10(LARGEST)]
    edge = None if limit is None else float(log_of(limit))
    known = finite if edge is None else np.append(finite, edge)
    low, high = (float(known.min()), float(known.max())) if len(known) else (-1.0, 0.0)
    width = max(high - low, 0.3) / BINS
    last = BINS + BEYOND
    first_right = 0
    if edge is not None:  # it is the edge between two bins
        first_right = math.ceil((edge - low) / width)
        low, last = edge - first_right * width, last + 1
    bins = np.minimum(np.floor((logs - low) / width), last).astype(int)
    if limit is not None:  # rounding must not put one on the wrong side
        below = np.asarray(losses, dtype=np.float64) < limit
        bins = np.where(below, np.minimum(bins, first_right - 1), np.maximum(bins, first_right))
    heights = np.zeros(len(bins))
    seen: dict[int, int] = {}
    for index in np.argsort(logs, kind="stable"):
        heights[index] = seen[bins[index]] = seen.get(bins[index], 0) + 1
    return Heap(low + (bins + 0.5) * width, heights, low - width, low + (last + 2) * width)
