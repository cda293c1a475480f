"""Experiments: a swarm from the click to its result, against the compiled loop alone; one sample left out."""

from time import perf_counter

import numpy as np
from PySide6.QtWidgets import QTabWidget

from tests.benchmarks.effort import repeated, so_many
from tests.benchmarks.opened import close_window, let_run, open_window, wait_for_kernel
from tests.benchmarks.records import Benchmarks, Record, median, record
from tinynet_gui.core.config import Config
from tinynet_gui.core.experiments.base import GROUP, seeds_of, stride_of
from tinynet_gui.core.experiments.influence import ORDERS, leave_one_out
from tinynet_gui.core.training.compiled.kernel import Start, run, run_many
from tinynet_gui.core.training.start import Dataset, initial_state, make_dataset
from tinynet_gui.ui.views.experiments.controller import EXPERIMENT
from tinynet_gui.ui.window.main_window import MainWindow

ROUNDS, SEEDS = 9, 256


def _config() -> Config:
    return Config().replace("training.stop_step", so_many(Config().training.stop_step, 10))


def _loop_s() -> float:
    """Measure the loop alone, on all cores, with as many networks at once as the experiment has."""
    dataset = make_dataset(_config().data)
    starts = [Start(one, dataset, initial_state(one)) for one in seeds_of(_config(), so_many(SEEDS, 2))]
    groups = [starts[k : k + GROUP] for k in range(0, len(starts), GROUP)]
    began = perf_counter()
    for group in groups:
        run_many(group, _config().training.stop_step, stride_of(_config()))
    return perf_counter() - began


def _click_to_result_s(window: MainWindow) -> float:
    began = perf_counter()
    window.views.experiments.run_wanted.emit("swarm", so_many(SEEDS, 2))
    while window.program.jobs.is_running(EXPERIMENT):
        let_run(0.001)
    return perf_counter() - began


def swarm_overhead() -> list[Record]:
    """From the click to the result in the window, which draws it as it grows."""
    window = open_window(10)
    window.session.set_config(_config())
    wait_for_kernel(window)
    tabs = window.findChild(QTabWidget, "resultTabs")
    assert isinstance(tabs, QTabWidget)
    tabs.setCurrentWidget(window.views.experiments)  # where the button is
    let_run(1.0)
    pairs = repeated(lambda: (_click_to_result_s(window), _loop_s()), ROUNDS)
    close_window(window)
    seconds = median([whole for whole, _ in pairs])
    loop = median([alone for _, alone in pairs])
    ratio = median([whole / alone for whole, alone in pairs])
    against = f"the compiled loop's own time on all cores, {loop:.3f} s"
    return [record("swarm_overhead", seconds, "s", against, ratio)]


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


BENCHMARKS: Benchmarks = {"swarm_overhead": swarm_overhead, "influence_20": influence_20}
