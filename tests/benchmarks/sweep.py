"""An experiment from the click to its result, against the compiled loop's own time for its steps."""

from collections.abc import Callable
from functools import partial
from time import perf_counter

from PySide6.QtWidgets import QTabWidget

from tests.benchmarks.effort import repeated, so_many
from tests.benchmarks.records import Record, median, record
from tests.benchmarks.window import close_window, let_run, open_window, wait_for_kernel
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.dataset import make_dataset
from tinynet_gui.core.experiments.depth import DEPTHS, hidden_of_size, learning_rates
from tinynet_gui.core.experiments.ladder import WIDTHS
from tinynet_gui.core.experiments.trained_runs import BATCH, seeds_of, stride_of
from tinynet_gui.core.training.compiled.many import Start, run_many
from tinynet_gui.core.training.state import initial_state
from tinynet_gui.ui.views.experiments.controller import EXPERIMENT
from tinynet_gui.ui.window.main_window import MainWindow

ROUNDS = 5
SEEDS = {"swarm": 256, "ladder": 20, "depth": 20}


def _config() -> Config:
    return Config().replace("training.stop_step", so_many(Config().training.stop_step, 10))


def _seeds(kind: str) -> int:
    return so_many(SEEDS[kind], 2)


def _configs(kind: str) -> list[Config]:
    """Return what the experiment trains."""
    config = _config()
    if kind == "ladder":
        return [c for width in WIDTHS for c in seeds_of(config.replace("network.hidden", (width,)), _seeds(kind))]
    if kind == "depth":
        shapes = [
            config.replace("network.hidden", hidden_of_size(depth, config.network.parameter_count)) for depth in DEPTHS
        ]
        rates = learning_rates(config.training.learning_rate)
        tries = [shape.replace("training.learning_rate", rate) for shape in shapes for rate in rates]
        return [c for one in tries for c in seeds_of(one, _seeds(kind))]
    return seeds_of(config, _seeds(kind))


def _loop_s(kind: str) -> float:
    """Measure the loop alone, on all cores, with as many networks at once as the experiment has."""
    configs, dataset = _configs(kind), make_dataset(_config().data)
    starts = [Start(config, dataset, initial_state(config)) for config in configs]
    batches = [starts[k : k + BATCH] for k in range(0, len(starts), BATCH)]
    began = perf_counter()
    for batch in batches:
        run_many(batch, _config().training.stop_step, stride_of(_config()))
    return perf_counter() - began


def _click_to_result_s(window: MainWindow, kind: str) -> float:
    began = perf_counter()
    window.experiments.run_wanted.emit(kind, _seeds(kind))
    while window.program.jobs.is_running(EXPERIMENT):
        let_run(0.001)
    return perf_counter() - began


def sweep_overhead(kind: str) -> list[Record]:
    """From the click to the result in the window, which draws it as it grows."""
    window = open_window(10)
    window.session.set_config(_config())
    wait_for_kernel(window)
    tabs = window.findChild(QTabWidget, "resultTabs")
    assert isinstance(tabs, QTabWidget)
    tabs.setCurrentWidget(window.experiments)  # where the button is
    let_run(1.0)
    pairs = repeated(lambda: (_click_to_result_s(window, kind), _loop_s(kind)), ROUNDS)
    close_window(window)
    seconds = median([whole for whole, _ in pairs])
    loop = median([alone for _, alone in pairs])
    ratio = median([whole / alone for whole, alone in pairs])
    against = f"the compiled loop's own time on all cores, {loop:.3f} s"
    return [record(f"sweep_overhead_{kind}", seconds, "s, from the click to the result", against, ratio)]


BENCHMARKS: dict[str, Callable[[], list[Record]]] = {
    "sweep_overhead": partial(sweep_overhead, "swarm"),
    "sweep_overhead_ladder": partial(sweep_overhead, "ladder"),
    "sweep_overhead_depth": partial(sweep_overhead, "depth"),
}
