"""Where would trainings from other initial weights end? Tells the effect of the seed from that of the data."""

from dataclasses import field

import numpy as np

from tinynet_gui.core.config import Config
from tinynet_gui.core.experiments.trained_runs import seeds_of, train_all
from tinynet_gui.core.network.forward import output_curve
from tinynet_gui.core.numerics.arrays import Array, Stop, owned
from tinynet_gui.core.numerics.quantiles import quantiles
from tinynet_gui.core.values import dataclass

SHARES = (0.1, 0.5, 0.9)


@dataclass(frozen=True, eq=False)
class SeedBand:
    """The final curves of many seeds: the median and the middle eight in ten of their values, at each x separately.

    Attributes
    ----------
    seeds, diverged
        How many were trained, and how many of them diverged and so have no curve.
    x, low, median, high
        float32 of shape (points,), read-only; all but x are empty if every training diverged.
    """

    config: Config
    seeds: int
    diverged: int
    x: Array = field(repr=False)
    low: Array = field(repr=False)
    median: Array = field(repr=False)
    high: Array = field(repr=False)


def seed_band(config: Config, seeds: int, x: Array, stop: Stop) -> SeedBand | None:
    """Train `seeds` seeds, starting with the configuration's own, to its stop step by the compiled loop.

    Returns None if `stop` became nonzero.
    """
    curves = list[Array]()
    for group in train_all(seeds_of(config, seeds), stop, keep_every=1):
        outputs = (output_curve(run.layers, config.network.activation, x) for run in group if run.diverged_at is None)
        curves += [output for output in outputs if np.isfinite(output).all()]
    if stop[0]:
        return None
    if curves:
        low, median, high = (owned(q) for q in quantiles(np.stack(curves), SHARES))
    else:
        low = median = high = owned(np.empty(0))
    return SeedBand(config, seeds, seeds - len(curves), owned(x), low, median, high)
