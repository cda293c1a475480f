"""The losses of a run, in bounded memory, with their extremes and their means."""

from copy import copy
from dataclasses import dataclass

import numpy as np

from tinynet_gui.core.numerics.arrays import Array, Floats, Ints

CAPACITY = 1024  # buckets; when they are full, neighbours merge and each covers twice as many steps


@dataclass(frozen=True)
class LossChunk:
    """The losses of consecutive steps, condensed to the lowest, the highest and the sum of each `stride` steps.

    Bucket i holds the steps from ``(first_bucket + i) * stride`` on. `stride` is a power of two; `low` and `high` are
    float32, infinite where no loss was finite; `total` is the sum of the finite ones, float64, and `count` their
    number, int64. `last_step` is −1 if there were no losses.
    """

    first_bucket: int
    stride: int
    last_step: int
    low: Array
    high: Array
    total: Floats
    count: Ints


def condense(first_step: int, losses: Array) -> LossChunk:
    """Condense the losses of the steps first_step, first_step + 1, ... to at most about `CAPACITY` buckets.

    The buckets of a history are at least as wide, so nothing is lost when it takes them in: a million losses go from
    thread to thread as a few kilobytes.
    """
    if not len(losses):
        empty = np.empty(0, dtype=np.float32)
        return LossChunk(0, 1, -1, empty, empty, np.empty(0), np.empty(0, dtype=np.int64))
    stride = 1
    while len(losses) > 2 * CAPACITY * stride:
        stride *= 2
    buckets = np.arange(first_step, first_step + len(losses)) // stride
    starts = _group_starts(buckets)
    finite = np.isfinite(losses)
    low = np.minimum.reduceat(np.where(finite, losses, np.float32(np.inf)), starts)
    high = np.maximum.reduceat(np.where(finite, losses, np.float32(-np.inf)), starts)
    total = np.add.reduceat(np.where(finite, losses, np.float32(0)).astype(np.float64), starts)
    count = np.add.reduceat(finite.astype(np.int64), starts)
    return LossChunk(int(buckets[0]), stride, first_step + len(losses) - 1, low, high, total, count)


def _group_starts(buckets: Ints) -> Ints:
    """Return where each run of equal numbers begins."""
    return np.concatenate(([0], np.flatnonzero(np.diff(buckets)) + 1))


class LossHistory:
    """Loss by step, as the lowest, the highest and the mean value in each of at most `CAPACITY` equal buckets.

    While a run is shorter than `CAPACITY` steps every value is kept unchanged. Values need not come in order, nor for
    every step; those that are not finite are left out. A history is immutable: its methods return new ones.
    """

    def __init__(self) -> None:
        self.stride = 1
        self._last_step = 0
        self._low = np.full(CAPACITY, np.inf, dtype=np.float32)
        self._high = np.full(CAPACITY, -np.inf, dtype=np.float32)
        self._total = np.zeros(CAPACITY)
        self._count = np.zeros(CAPACITY, dtype=np.int64)

    def with_losses(self, first_step: int, losses: Array) -> "LossHistory":
        """Add the losses of the steps first_step, first_step + 1, ...; float32 of shape (steps,)."""
        return self.with_chunk(condense(first_step, losses))

    def with_chunk(self, chunk: LossChunk) -> "LossHistory":
        """Add condensed losses."""
        if chunk.last_step < 0:
            return self
        longer = copy(self)
        longer._low, longer._high = self._low.copy(), self._high.copy()
        longer._total, longer._count = self._total.copy(), self._count.copy()
        longer._take_up(chunk)
        return longer

    def until(self, step: int, latest: Array) -> "LossHistory":
        """Return the history as it was when its run reached a step, if it received the losses in order.

        Parameters
        ----------
        latest
            The losses of the steps from ``bucket_start(step)`` to the one before `step`, float32.
        """
        shorter = copy(self)
        known = self.bucket_start(step) // self.stride
        before = np.arange(CAPACITY) < known
        shorter._low, shorter._high = np.where(before, self._low, np.inf), np.where(before, self._high, -np.inf)
        shorter._low, shorter._high = shorter._low.astype(np.float32), shorter._high.astype(np.float32)
        shorter._total, shorter._count = np.where(before, self._total, 0.0), np.where(before, self._count, 0)
        shorter._last_step = max(0, step - 1)
        return shorter.with_losses(known * self.stride, latest)

    def bucket_start(self, step: int) -> int:
        """Return the first step of the bucket that a step is condensed into."""
        return step // self.stride * self.stride

    def columns(self) -> tuple[Array, Array, Floats, Ints]:
        """Return the lowest and highest loss, the sum and the count of each bucket up to the last step's."""
        length = self._last_step // self.stride + 1
        return self._low[:length], self._high[:length], self._total[:length], self._count[:length]

    @classmethod
    def of_columns(
        cls,
        stride: int,
        last_step: int,
        low: Array,
        high: Array,
        total: Floats,
        count: Ints,
    ) -> "LossHistory":
        """Return the history with these `columns`; ValueError if they are not valid."""
        length = last_step // stride + 1
        if stride & (stride - 1) or not 1 <= length <= CAPACITY or not len(low) == len(count) == length:
            raise ValueError(f"{len(low):,} buckets of {stride:,} steps are no losses of {last_step:,} steps")
        is_empty = (count == 0) & (low == np.inf) & (high == -np.inf) & (total == 0)
        is_filled = (count > 0) & np.isfinite(low) & (low <= high) & (high < np.inf) & np.isfinite(total)
        if not (is_empty | is_filled).all():
            raise ValueError("losses that are not finite")
        history = cls()
        history.stride, history._last_step = stride, last_step
        history._low[:length], history._high[:length] = low, high
        history._total[:length], history._count[:length] = total, count
        return history

    def _take_up(self, chunk: LossChunk) -> None:
        while chunk.last_step // self.stride >= CAPACITY or self.stride < chunk.stride:
            self._merge_neighbours()
        self._last_step = max(self._last_step, chunk.last_step)
        buckets = (chunk.first_bucket + np.arange(len(chunk.low))) * chunk.stride // self.stride
        starts = _group_starts(buckets)
        places = buckets[starts]
        self._low[places] = np.minimum(self._low[places], np.minimum.reduceat(chunk.low, starts))
        self._high[places] = np.maximum(self._high[places], np.maximum.reduceat(chunk.high, starts))
        self._total[places] += np.add.reduceat(chunk.total, starts)
        self._count[places] += np.add.reduceat(chunk.count, starts)

    @property
    def last_step(self) -> int:
        """The last step it has received, whether or not its loss was finite."""
        return self._last_step

    def means(self) -> tuple[Ints, Floats, Ints]:
        """Return the first step, mean and count of each bucket that has losses, in order of the steps."""
        filled = np.flatnonzero(self._count)
        return filled * self.stride, self._total[filled] / self._count[filled], self._count[filled]

    def curve(self, max_points: int = 2 * CAPACITY) -> tuple[Floats, Array]:
        """Return steps and losses to draw, at most `max_points` of each.

        A bucket of more than one step appears as two points, at its first and its last step: its highest and its lowest
        loss, in the order that follows the trend.
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

    def at(self, step: float) -> tuple[int, int, float, float] | None:
        """Return the first and last step of the bucket that holds a step, and its lowest and highest loss.

        None if no loss is known there.
        """
        bucket = int(step // self.stride)
        if not 0 <= bucket < CAPACITY or not np.isfinite(self._low[bucket]):
            return None
        first, last = bucket * self.stride, min((bucket + 1) * self.stride - 1, self._last_step)
        return first, last, float(self._low[bucket]), float(self._high[bucket])

    def _merge_neighbours(self) -> None:
        half = CAPACITY // 2
        self._low[:half] = np.minimum(self._low[::2], self._low[1::2])
        self._high[:half] = np.maximum(self._high[::2], self._high[1::2])
        self._total[:half] = self._total[::2] + self._total[1::2]
        self._count[:half] = self._count[::2] + self._count[1::2]
        self._low[half:], self._high[half:], self._total[half:], self._count[half:] = np.inf, -np.inf, 0, 0
        self.stride *= 2
