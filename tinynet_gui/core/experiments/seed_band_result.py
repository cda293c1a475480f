"""What comes of the trainings of many seeds, for the views. Imports neither torch nor numba."""

from dataclasses import dataclass, field

from tinynet_gui.core.arrays import Array
from tinynet_gui.core.config import Config


@dataclass(frozen=True, eq=False)
class SeedBand:
    """Of the final curves of many seeds, at each x by itself: the middle eight in ten of their values, and the median.

    Attributes
    ----------
    seeds, diverged
        How many were trained, and how many of them diverged: those have no curve.
    x, low, median, high
        float32 of shape (points,), read-only; empty but for x if all of them diverged.
    """

    config: Config
    seeds: int
    diverged: int
    x: Array = field(repr=False)
    low: Array = field(repr=False)
    median: Array = field(repr=False)
    high: Array = field(repr=False)
