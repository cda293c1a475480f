"""The search for all kinks of a curve."""

from functools import partial
from time import perf_counter

from tests.benchmarks.effort import layers, so_many
from tests.benchmarks.records import Benchmarks, Record, median, record
from tinynet_gui.core.config import Config
from tinynet_gui.core.function.linear_regions import find_linear_regions
from tinynet_gui.core.training.dataset import plot_range
from tinynet_gui.core.training.trainer import Trainer
from tinynet_gui.engine.jobs.linear_regions_finder import AT_ONCE_S

MOMENTS, STEPS_BETWEEN = 5, 30


def search(*hidden: int) -> list[Record]:
    """One search for all kinks, at several steps of a training."""
    trainer, times_ms = Trainer(Config().replace("network.hidden", layers(hidden))), []
    for _ in range(so_many(MOMENTS, 2)):
        trainer.run(STEPS_BETWEEN)
        snapshot, started = trainer.snapshot(1), perf_counter()
        find_linear_regions(snapshot.layers, snapshot.config.network.activation, *plot_range(snapshot.config.data))
        times_ms.append(1e3 * (perf_counter() - started))
    name, value = "find_pieces_" + "_".join(map(str, hidden)), median(times_ms)
    limit = 1e3 * AT_ONCE_S
    return [record(name, value, "ms", f"the {limit:g} ms up to which each frame is searched", value / limit)]


NETWORKS = ((100,), (1_000,), (32, 32, 32), (100, 100), (300, 300), (1_000, 1_000, 1_000))
BENCHMARKS: Benchmarks = {f"find_pieces_{'_'.join(map(str, hidden))}": partial(search, *hidden) for hidden in NETWORKS}
