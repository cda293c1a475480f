"""The x of the samples, before y is known."""

import numpy as np

from tinynet_gui.core.numerics.arrays import Array


def draw_inputs(seed: int, count: int, x_min: float, x_max: float) -> tuple[Array, np.random.RandomState]:
    """Draw x as the tutorial does: ``np.random.seed(seed)``, then ``np.random.uniform(x_min, x_max)``.

    Returns x, float32 of shape (count,), and the separate generator in its state after the draw.
    """
    random = np.random.RandomState(seed)
    return random.uniform(x_min, x_max, size=(count, 1)).astype("float32")[:, 0], random
