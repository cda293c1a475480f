"""Where would trainings from other initial weights end? Tells the effect of the seed from that of the data."""

from dataclasses import dataclass, field

import numpy as np

from tinynet_gui.core.config import Config
from tinynet_gui.core.experiments.trained_runs import group_size, seeds_of, stacked_layers
from tinynet_gui.core.network.forward import output_curve
from tinynet_gui.core.numerics.arrays import Array, Stop, owned
from tinynet_gui.core.numerics.quantiles import quantiles
from tinynet_gui.core.system.ui_priority import give_way
from tinynet_gui.core.training.dataset import make_dataset
from tinynet_gui.core.training.initial_parameters import generator_for
from tinynet_gui.core.training.state import initial_state

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

    Returns
    -------
    SeedBand or None
        None if `stop` became nonzero.
    """
    from tinynet_gui.core.training.compiled import kernel

    configs, curves = seeds_of(config, seeds), list[Array]()
    dataset, draws = make_dataset(config.data), generator_for(config.network)
    size, steps = group_size(config), config.training.stop_step
    for first in range(0, seeds, size):
        give_way()
        starts = [kernel.Start(c, dataset, initial_state(c, draws)) for c in configs[first : first + size]]
        runs = kernel.run_many(starts, steps, steps, stop=stop)
        if stop[0]:
            return None
        ended = [run.state for run in runs if run.diverged_at is None]
        if ended:
            outputs = output_curve(
                dataset.scaling.in_units_of_data(stacked_layers(ended)), config.network.activation, x
            )
            curves += [output for output in outputs if np.isfinite(output).all()]
    if curves:
        low, median, high = (owned(q) for q in quantiles(np.stack(curves), SHARES))
    else:
        low = median = high = owned(np.empty(0))
    return SeedBand(config, seeds, seeds - len(curves), owned(x), low, median, high)
