"""The order in which a run's steps take the samples."""

import numpy as np
import numpy.typing as npt

from tinynet_gui.core.config import Config
from tinynet_gui.core.numerics.arrays import Ints


def batch_length(config: Config, sample_count: int) -> int:
    """Return the number of samples in a step; the last one of an epoch may have fewer."""
    size = config.training.batch_size
    return sample_count if size == 0 else min(size, sample_count)


def steps_per_epoch(config: Config, sample_count: int) -> int:
    """Return how many batches make one pass over the training samples; the last may be smaller."""
    return -(-sample_count // batch_length(config, sample_count))


def batch_samples(config: Config, step: int, sample_count: int) -> Ints:
    """Return the training samples used by the step after `step` updates: all of them, or the epoch's next few."""
    per_epoch = steps_per_epoch(config, sample_count)
    if per_epoch == 1:
        return np.arange(sample_count)
    epoch, position = divmod(step, per_epoch)
    size = config.training.batch_size
    return epoch_order(config.data.seed, epoch, sample_count)[position * size : (position + 1) * size]


def epoch_order(seed: int, epoch: int, count: int) -> Ints:
    """Return the order in which an epoch goes through the samples, a permutation of range(count).

    A pure function of its arguments, so that a run can continue from any step: sample i gets the key
    splitmix64(splitmix64(seed) + epoch, i), and the keys are sorted. The finaliser is that of Steele, Lea & Flood,
    "Fast splittable pseudorandom number generators" (2014).
    """
    with np.errstate(over="ignore"):
        stream = _splitmix64(_splitmix64(np.uint64(seed)) + np.uint64(epoch))
        keys = _splitmix64(stream + np.arange(count, dtype=np.uint64) * _GOLDEN_GAMMA)
    return np.argsort(keys, kind="stable")


_GOLDEN_GAMMA = np.uint64(0x9E3779B97F4A7C15)


def _splitmix64(z: npt.NDArray[np.uint64] | np.uint64) -> npt.NDArray[np.uint64]:
    z = z + _GOLDEN_GAMMA
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(z ^ (z >> np.uint64(31)))
