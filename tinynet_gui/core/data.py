"""The samples of a run, made from their description alone."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tinynet_gui.core.arrays import Array
from tinynet_gui.core.config import Config, DataConfig
from tinynet_gui.core.formula import parse_formula
from tinynet_gui.core.inputs import draw_inputs

GRID_POINTS = 401
MARGIN = 0.25  # how far the plotted range reaches beyond the data's on each side, as a share of it


@dataclass(frozen=True)
class Dataset:
    """The samples, read-only. Each array is float32 of shape (samples, 1)."""

    x_train: Array
    y_train: Array
    x_held_out: Array
    y_held_out: Array


def make_dataset(config: DataConfig) -> Dataset:
    """Draw the samples that a configuration describes.

    x is drawn as in the tutorial: ``np.random.seed(seed)`` followed by
    ``np.random.uniform(x_min, x_max, size=(sample_count, 1)).astype('float32')``, on a generator of
    its own. Noise and the choice of the held-out samples are drawn after it, so that they change
    neither x nor each other.

    Returns
    -------
    Dataset
        ``round(held_out * sample_count)`` samples are held out, and at least one is trained on.
    """
    n = config.sample_count
    inputs, random = draw_inputs(config.seed, n, config.x_min, config.x_max)
    x = inputs[:, None]
    noise = random.standard_normal(size=(n, 1)).astype("float32")
    order = random.permutation(n)

    y: Array = parse_formula(config.target_formula)(x)
    y = np.add(y, np.float32(config.noise) * noise, dtype=np.float32)
    held_out = min(round(config.held_out * n), n - 1)
    is_held_out = np.zeros(n, dtype=bool)
    is_held_out[order[:held_out]] = True
    parts = (x[~is_held_out], y[~is_held_out], x[is_held_out], y[is_held_out])
    for part in parts:
        part.flags.writeable = False
    return Dataset(*parts)


def plot_range(config: DataConfig) -> tuple[float, float]:
    """Return the range of x that the plots show: the data's range and a margin on both sides."""
    margin = MARGIN * (config.x_max - config.x_min)
    return config.x_min - margin, config.x_max + margin


def plot_grid(config: DataConfig, points: int = GRID_POINTS) -> Array:
    """Return evenly spaced x over the plotted range, float32 of shape (points,)."""
    return np.linspace(*plot_range(config), points, dtype=np.float32)


def steps_per_epoch(config: Config, sample_count: int) -> int:
    """Return how many batches make one pass over the training samples; the last may be smaller."""
    size = config.training.batch_size
    return 1 if size == 0 or size >= sample_count else -(-sample_count // size)


def batch_samples(config: Config, step: int, sample_count: int) -> npt.NDArray[np.int64]:
    """Return which training samples the step after `step` updates takes: all of them, or the epoch's next few."""
    per_epoch = steps_per_epoch(config, sample_count)
    if per_epoch == 1:
        return np.arange(sample_count)
    epoch, position = divmod(step, per_epoch)
    size = config.training.batch_size
    return epoch_order(config.data.seed, epoch, sample_count)[position * size : (position + 1) * size]


def epoch_order(seed: int, epoch: int, count: int) -> npt.NDArray[np.int64]:
    """Return the order in which an epoch goes through the samples, a permutation of range(count).

    A pure function of its arguments, so that a run can be taken up at any step: sample i gets the
    key splitmix64(splitmix64(seed) + epoch, i), and the keys are sorted. The finaliser is that of
    Steele, Lea & Flood, "Fast splittable pseudorandom number generators" (2014).
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
