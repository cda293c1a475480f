"""The data of a compiled run, and the samples of each of its steps.

A mini-batch is the next few samples in the order of `core.training.batches.epoch_order`, as in PyTorch's trainer.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tinynet_gui.core.numerics.arrays import Array, Floats, Ints
from tinynet_gui.core.training.compiled.compile import compiled, inlined, int64

_GOLDEN_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_FACTOR1, _FACTOR2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_SHIFT1, _SHIFT2, _SHIFT3 = np.uint64(30), np.uint64(27), np.uint64(31)
_BUCKET_SHIFT = np.uint64(58)
_BUCKETS = 64  # by the leading six bits of a key

NO_EPOCH, FIRST = int64(-1), int64(0)


class Setup(NamedTuple):
    """The constants of a run.

    The codes of loss, optimiser and each hidden layer's activation are those of `elementwise` and `update`, `live` is
    that of `update.live_values`. `x` and `y` are all training samples, a step takes `size` of them. The run begins at
    step `start` and records every `stride`-th loss.
    """

    loss: int
    optimizer: int
    activations: Ints
    widths: Ints
    live: Floats
    x: Array
    y: Array
    size: int
    seed: int
    start: int
    stride: int


class Batch(NamedTuple):
    """The samples of one step.

    `x` and `y` are padded to a multiple of 16 with copies of the first, `weights` is 1 / count for a sample and 0 for
    padding. `order` and `keys`, as long as all samples, hold the epoch's order.
    """

    x: Array
    y: Array
    weights: Array
    order: Ints
    keys: npt.NDArray[np.uint64]


class Memory(NamedTuple):
    """The arrays that a step changes, flat, in the layout of `layout`; unused slots are empty."""

    parameters: Array
    gradients: Array
    first: Array
    second: Array


@compiled
def next_batch(setup: Setup, batch: Batch, step: int, epoch: int) -> tuple[int, int]:
    """Gather the samples of a step, given the epoch whose order is stored (`NO_EPOCH` for none).

    Returns the number of samples, and the epoch.
    """
    samples = setup.x.size
    if setup.size == samples:
        if epoch == NO_EPOCH:
            for s in range(samples):
                batch.order[s] = s
            _gather(setup, batch, FIRST, samples)
        return samples, FIRST
    per_epoch = -(-samples // setup.size)
    if epoch != step // per_epoch:
        epoch = step // per_epoch
        fill_epoch_order(setup.seed, epoch, batch.order, batch.keys)
    begin = (step - epoch * per_epoch) * setup.size
    count = min(setup.size, samples - begin)
    _gather(setup, batch, begin, count)
    return count, epoch


@compiled
def _gather(setup: Setup, batch: Batch, begin: int, count: int) -> None:
    weight = np.float32(1.0) / np.float32(count)
    for s in range(batch.x.size):
        sample = batch.order[begin + s] if s < count else batch.order[begin]
        batch.x[s] = setup.x[sample]
        batch.y[s] = setup.y[sample]
        batch.weights[s] = weight if s < count else np.float32(0.0)


@compiled
def fill_epoch_order(seed: int, epoch: int, order: Ints, keys: npt.NDArray[np.uint64]) -> None:
    """Write an epoch's order of the samples; `keys` is scratch of the same length.

    The keys are all different, as splitmix64 is a bijection, and spread evenly, so once they are sorted by their
    leading bits, an insertion sort moves each of them by a few places only.
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
