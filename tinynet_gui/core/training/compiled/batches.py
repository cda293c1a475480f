"""The samples of each step, in the order of their epoch, for the compiled loop."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tinynet_gui.core.training.compiled.arguments import Setup
from tinynet_gui.core.training.compiled.compile import compiled, inlined, int64
from tinynet_gui.core.values import Array, Ints

_GOLDEN_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_FACTOR1, _FACTOR2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_SHIFT1, _SHIFT2, _SHIFT3 = np.uint64(30), np.uint64(27), np.uint64(31)
_BUCKET_SHIFT = np.uint64(58)
_BUCKETS = 64  # by the leading six bits of a key

NO_EPOCH, FIRST = int64(-1), int64(0)


class Batch(NamedTuple):
    """The samples of one step.

    `x` and `y` are padded to a multiple of 16 with copies of the first; `weights` are 1 / count for samples, 0 for
    padding. `order` and `keys`, as long as all samples, hold the epoch's order.
    """

    x: Array
    y: Array
    weights: Array
    order: Ints
    keys: npt.NDArray[np.uint64]


@compiled
def next_batch(setup: Setup, batch: Batch, step: int, epoch: int) -> tuple[int, int]:
    """Gather the samples of a step; `epoch` is the one whose order is stored, or `NO_EPOCH`.

    Returns the number of errors, one for each sample or of all pairs, and the epoch.
    """
    samples = setup.x.size
    if setup.size == samples:
        if epoch == NO_EPOCH:
            for s in range(samples):
                batch.order[s] = s
            _gather(setup, batch, FIRST, samples)
        return error_count(setup, samples), FIRST
    per_epoch = -(-samples // setup.size)
    if epoch != step // per_epoch:
        epoch = step // per_epoch
        fill_epoch_order(setup.seed, epoch, batch.order, batch.keys)
    begin = (step - epoch * per_epoch) * setup.size
    count = min(setup.size, samples - begin)
    _gather(setup, batch, begin, count)
    return error_count(setup, count), epoch


@inlined
def error_count(setup: Setup, count: int) -> int:
    """Return how many errors so many outputs have: one each, or where targets are broadcast one with every y."""
    return count * count if setup.broadcasts else count


@compiled
def _gather(setup: Setup, batch: Batch, begin: int, count: int) -> None:
    rows = error_count(setup, count)
    weight = np.float32(1.0) if setup.sums else np.float32(1.0) / np.float32(rows)
    for s in range(batch.x.size):
        place = s if s < rows else 0
        first, second = (place // count, place % count) if setup.broadcasts else (place, place)
        batch.x[s] = setup.x[batch.order[begin + first]]
        batch.y[s] = setup.y[batch.order[begin + second]]
        batch.weights[s] = weight if s < rows else np.float32(0.0)


@compiled
def fill_epoch_order(seed: int, epoch: int, order: Ints, keys: npt.NDArray[np.uint64]) -> None:
    """Write an epoch's order of the samples; `keys` is scratch of the same length.

    The keys are distinct, as splitmix64 is a bijection, and evenly spread, so that after a bucket sort by their leading
    bits an insertion sort moves each by a few places only.
    """
    stream = _splitmix64(_splitmix64(np.uint64(seed)) + np.uint64(epoch))
    ends = np.zeros(_BUCKETS, dtype=np.int64)
    for i in range(order.size):
        ends[np.int64(_splitmix64(stream + np.uint64(i) * _GOLDEN_GAMMA) >> _BUCKET_SHIFT)] += 1
    for bucket in range(1, _BUCKETS):
        ends[bucket] += ends[bucket - 1]
    for i in range(order.size):
        key = _splitmix64(stream + np.uint64(i) * _GOLDEN_GAMMA)
        leading = np.int64(key >> _BUCKET_SHIFT)
        ends[leading] -= 1
        keys[ends[leading]] = key
        order[ends[leading]] = i
    for i in range(1, order.size):
        key, sample = keys[i], order[i]
        place = i
        while place > 0 and keys[place - 1] > key:
            keys[place], order[place] = keys[place - 1], order[place - 1]
            place -= 1
        keys[place], order[place] = key, sample


@inlined
def _splitmix64(z: np.uint64) -> np.uint64:
    z = z + _GOLDEN_GAMMA
    z = (z ^ (z >> _SHIFT1)) * _FACTOR1
    z = (z ^ (z >> _SHIFT2)) * _FACTOR2
    return z ^ (z >> _SHIFT3)
