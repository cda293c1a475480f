"""The losses of a run, in bounded memory, with their extremes."""

import numpy as np
import numpy.typing as npt

from tinynet_gui.core.arrays import Array

CAPACITY = 1024  # buckets; when they are full, neighbours merge and each covers twice as many steps


class LossHistory:
    """Loss by step, as the lowest and highest value in each of at most `CAPACITY` equal buckets.

    While a run is shorter than `CAPACITY` steps every value is kept as it is. Values need not come in
    order, nor for every step; values that are not finite are left out.
    """

    def __init__(self) -> None:
        self.stride = 1
        self._last_step = 0
        self._low = np.full(CAPACITY, np.inf, dtype=np.float32)
        self._high = np.full(CAPACITY, -np.inf, dtype=np.float32)

    def append(self, first_step: int, losses: Array) -> None:
        """Add the losses of the steps first_step, first_step + 1, ...; float32 of shape (steps,)."""
        if not len(losses):
            return
        while (first_step + len(losses) - 1) // self.stride >= CAPACITY:
            self._merge_neighbours()
        self._last_step = max(self._last_step, first_step + len(losses) - 1)
        finite = np.isfinite(losses)
        buckets = np.arange(first_step, first_step + len(losses)) // self.stride
        starts = np.concatenate(([0], np.flatnonzero(np.diff(buckets)) + 1))  # of each bucket's own losses
        lows = np.minimum.reduceat(np.where(finite, losses, np.inf), starts)
        highs = np.maximum.reduceat(np.where(finite, losses, -np.inf), starts)
        self._low[buckets[starts]] = np.minimum(self._low[buckets[starts]], lows)
        self._high[buckets[starts]] = np.maximum(self._high[buckets[starts]], highs)

    def curve(self, max_points: int = 2 * CAPACITY) -> tuple[npt.NDArray[np.float64], Array]:
        """Return steps and losses to draw, at most `max_points` of each.

        A bucket of more than one step appears as two points, at its first and its last step: its highest and
        its lowest loss, in the order in which the losses are going.
        """
        stride, low, high = self.stride, self._low, self._high
        while 2 * np.count_nonzero(np.isfinite(low)) > max_points:
            stride, low, high = 2 * stride, np.minimum(low[::2], low[1::2]), np.maximum(high[::2], high[1::2])
        filled = np.flatnonzero(np.isfinite(low))
        if stride == 1:
            return filled.astype(np.float64), low[filled]
        steps = np.repeat(filled * float(stride), 2)
        steps[1::2] = np.minimum(steps[1::2] + stride - 1, self._last_step)
        pairs = np.column_stack((high[filled], low[filled]))
        rising = np.diff(pairs.sum(axis=1), prepend=np.inf) > 0
        pairs[rising] = pairs[rising, ::-1]
        return steps, pairs.ravel()

    def at(self, step: float) -> tuple[float, float] | None:
        """Return the lowest and highest loss of the bucket that holds a step, or None if it is empty."""
        bucket = int(step // self.stride)
        if not 0 <= bucket < CAPACITY or not np.isfinite(self._low[bucket]):
            return None
        return float(self._low[bucket]), float(self._high[bucket])

    def _merge_neighbours(self) -> None:
        half = CAPACITY // 2
        self._low[:half] = np.minimum(self._low[::2], self._low[1::2])
        self._high[:half] = np.maximum(self._high[::2], self._high[1::2])
        self._low[half:], self._high[half:] = np.inf, -np.inf
        self.stride *= 2
