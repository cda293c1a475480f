"""Leave one sample out, against as many trainings one after the other."""

from collections.abc import Callable
from time import perf_counter

import numpy as np

from tests.benchmarks.effort import repeated
from tests.benchmarks.records import Record, median, record
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.dataset import Dataset, make_dataset
from tinynet_gui.core.experiments.influence import ORDERS, leave_one_out
from tinynet_gui.core.training.compiled.kernel import run
from tinynet_gui.core.training.state import initial_state

ROUNDS = 9


def _experiment_s() -> float:
    began = perf_counter()
    leave_one_out(Config(), 1, np.zeros(1, dtype=np.uint8), lambda *_: None)
    return perf_counter() - began


def _one_after_the_other_s() -> float:
    """Train without each of the tutorial's 20 samples, each time by the compiled loop for one network."""
    config = Config()
    whole, state = make_dataset(config.data), initial_state(config)
    began = perf_counter()
    for place in range(len(whole.x_train)):
        x, y = (np.delete(values, place, axis=0) for values in (whole.x_train, whole.y_train))
        run(config, Dataset(x, y, whole.x_held_out, whole.y_held_out), state, config.training.stop_step)
    return perf_counter() - began


def influence_20() -> list[Record]:
    """The whole experiment, with what it trains besides: all samples in their own order and in some others."""
    pairs = repeated(lambda: (_one_after_the_other_s(), _experiment_s()), ROUNDS)
    seconds, ratio = median([whole for _, whole in pairs]), median([alone / whole for alone, whole in pairs])
    alone = median([alone for alone, _ in pairs])
    against = (
        f"20 trainings one after the other by the compiled loop, {1e3 * alone:.1f} ms; it makes {ORDERS + 1} more; "
        "ratio: how many times as fast"
    )
    return [record("influence_20", 1e3 * seconds, "ms", against, ratio)]


BENCHMARKS: dict[str, Callable[[], list[Record]]] = {"influence_20": influence_20}
