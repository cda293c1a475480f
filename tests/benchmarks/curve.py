"""The search for all kinks of a curve."""

from collections.abc import Sequence
from functools import partial
from time import perf_counter

import numpy as np

from tests.benchmarks.effort import layers, repeated, so_many
from tests.benchmarks.records import Benchmarks, Record, beside, median
from tests.benchmarks.yardsticks import ms_of
from tinynet_gui.core.config import Config
from tinynet_gui.core.function.linear_regions import find_linear_regions
from tinynet_gui.core.network.forward import Layer
from tinynet_gui.core.training.start import plot_range
from tinynet_gui.core.training.trainer import Trainer
from tinynet_gui.core.values import Array

MOMENTS, STEPS_BETWEEN = 5, 30
POINTS = 2_000


def search(*hidden: int) -> list[Record]:
    """One search for all kinks, at several steps of a training."""
    trainer, times_ms = Trainer(Config().replace("network.hidden", layers(hidden))), []
    for _ in range(so_many(MOMENTS, 2)):
        trainer.run(STEPS_BETWEEN)
        snapshot, started = trainer.snapshot(1), perf_counter()
        find_linear_regions(snapshot.layers, snapshot.config.network.activation, *plot_range(snapshot.config.data))
        times_ms.append(1e3 * (perf_counter() - started))
    bare_ms = median(repeated(lambda: ms_of(lambda: _values(snapshot.layers)), 5))
    name = "find_pieces_" + "_".join(map(str, hidden))
    return [beside(name, median(times_ms), "ms", f"{POINTS} values of the network by NumPy", bare_ms)]


def _values(layers: Sequence[Layer]) -> Array:
    values = np.linspace(-3, 3, POINTS, dtype=np.float32)[None]
    for layer in layers:
        values = layer.weight @ np.maximum(values, 0) + layer.bias[:, None]
    return values


NETWORKS = ((100,), (1_000,), (32, 32, 32), (100, 100), (300, 300), (1_000, 1_000, 1_000))
BENCHMARKS: Benchmarks = {f"find_pieces_{'_'.join(map(str, hidden))}": partial(search, *hidden) for hidden in NETWORKS}
