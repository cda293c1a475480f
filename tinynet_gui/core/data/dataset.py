"""The samples of a run, made from their description alone."""

from dataclasses import dataclass

import numpy as np

from tinynet_gui.core.arrays import Array
from tinynet_gui.core.config import DataConfig
from tinynet_gui.core.data.formula import parse_formula
from tinynet_gui.core.data.sampling import draw_inputs

GRID_POINTS = 401
MARGIN = 0.25  # how far the plotted range reaches beyond the data's on each side, as a share of it


@dataclass(frozen=True, eq=False)
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
