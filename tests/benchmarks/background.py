"""How long the window stands still while something is computed in the background: one of each kind of job."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from PySide6.QtCore import QTimer, Slot

from tests.benchmarks.effort import smaller, so_many
from tests.benchmarks.opened import GapMeter, close_window, let_run, open_window, wait_for_kernel
from tests.benchmarks.records import Benchmarks, Record, beside, median, percentile
from tinynet_gui.core.experiments.table import ExperimentRequest, run_experiment
from tinynet_gui.core.function.linear_regions import LinearRegions, find_linear_regions
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.run.train import preview_end
from tinynet_gui.core.training.engines import EngineChoice
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.training.start import plot_range
from tinynet_gui.engine.jobs.computations import explain, search_for_deaths
from tinynet_gui.engine.jobs.jobs import Job, with_report, with_stop
from tinynet_gui.ui.window.main_window import MainWindow

ROUNDS = 5
ROUND_S = 2.0  # in each of them so long with something computed, and as long without
FRAME_MS = 16
KEY = "benchmark"

Work = tuple[Any, ...]  # what `Jobs.submit` is given: a function and its arguments


@dataclass(frozen=True)
class Background:
    """Something to compute in the background, with the settings of its run; maybe of one trained to its end."""

    ask: Callable[[MainWindow], Work]
    settings: dict[str, Any] = field(default_factory=dict)
    engine: EngineChoice = "compiled"
    is_trained: bool = False


def _deaths(window: MainWindow) -> Work:
    return search_for_deaths, *_moment(window)


def _explanation(window: MainWindow) -> Work:
    return explain, *_moment(window), None


def _moment(window: MainWindow) -> tuple[Run, Snapshot]:
    state = window.session.state
    assert state.snapshot is not None
    return state.run, state.snapshot


def _preview(window: MainWindow) -> Work:
    return with_stop(preview_end), window.session.config, None


def _linear_regions(window: MainWindow) -> Work:
    def find(snapshot: Snapshot, job: Job) -> LinearRegions:
        low, high = plot_range(snapshot.config.data)
        return find_linear_regions(snapshot.layers, snapshot.config.network.activation, low, high)

    return find, window.session.state.snapshot


def _experiment(kind: str, runs: int, window: MainWindow) -> Work:
    return with_report(run_experiment), ExperimentRequest(kind, window.session.config, so_many(runs, 2))


DEADLY = {"training.optimizer": "adam", "training.learning_rate": 1_000.0}
FLAT = {"network.hidden": (1_000, 1_000), "training.learning_rate": 0.0, "training.stop_step": 100}
BACKGROUND = {
    "deaths": Background(_deaths, DEADLY | {"training.stop_step": 10_000}, is_trained=True),
    "deaths_by_pytorch": Background(_deaths, DEADLY | {"training.stop_step": 3_000}, engine="pytorch", is_trained=True),
    "divergence": Background(_explanation, {"training.learning_rate": 10.0}, is_trained=True),
    "plateau_of_a_million": Background(_explanation, FLAT, is_trained=True),
    "preview": Background(_preview, {"training.stop_step": 10_000}),
    "preview_of_1000": Background(_preview, {"training.stop_step": 10_000, "network.hidden": (1_000,)}),
    "linear_regions": Background(_linear_regions, {"network.hidden": (1_000, 1_000, 1_000)}),
    "swarm": Background(partial(_experiment, "swarm", 1_000), {"training.stop_step": 10_000}),
    "ladder": Background(
        partial(_experiment, "ladder", 3), {"data.noise": 0.5, "data.sample_count": 20, "training.stop_step": 1_000}
    ),
    "depth": Background(partial(_experiment, "depth", 4), {"training.stop_step": 1_000}),
}


class TurnMeter(GapMeter):
    """Repaints a window at each frame, and measures the GUI thread's turns of the event loop, in ms."""

    def __init__(self, window: MainWindow, at_each_frame: Callable[[], None]) -> None:
        super().__init__()
        self._window, self._at_each_frame = window, at_each_frame
        self._frames = QTimer(self)
        self._frames.setInterval(FRAME_MS)
        self._frames.timeout.connect(self._repaint)

    def measure(self, seconds: float) -> None:
        """Do so for some time."""
        self._frames.start()
        self.start()
        let_run(seconds)
        self._frames.stop()
        self.stop()

    @Slot()
    def _repaint(self) -> None:
        self._window.views.diagram.redraw()
        self._window.update()
        for plot in (self._window.views.function_plot.plot, self._window.views.loss_plot.plot):
            plot.viewport().update()
        self._at_each_frame()


def gap_beside(name: str) -> list[Record]:
    """The turns of the event loop while something is computed in the background and all of the window is painted anew.

    The longest and the 99th percentile, each in the middle one of several rounds, beside the same painting with nothing
    computed.
    """
    work = BACKGROUND[name]
    window = _prepared(work)
    acts: tuple[Callable[[], None], ...] = (partial(_compute_again, window, work), lambda: None)
    rounds: list[list[list[float]]] = [[], []]  # beside it, and alone
    for _ in range(so_many(ROUNDS)):
        for gaps_ms, act in zip(rounds, acts, strict=True):
            meter = TurnMeter(window, act)
            meter.measure(ROUND_S)
            gaps_ms.append(meter.gaps_ms)
            window.program.jobs.cancel(KEY)
            let_run(0.5)
    close_window(window)
    records = []
    for what, share in (("longest", 1.0), ("p99", 0.99)):
        value, alone = (median([percentile(gaps, share) for gaps in gaps_ms]) for gaps_ms in rounds)
        against = "painting with nothing computed in the background"
        records.append(beside(f"gap_{what}_beside_{name}", value, "ms", against, max(alone, 1e-3)))
    return records


def _prepared(work: Background) -> MainWindow:
    """Open a window in which it can be computed, and wait until it rests."""
    window = open_window(10)
    window.session.set_engine(work.engine)
    wait_for_kernel(window)
    config = window.session.config
    settings = {"training.stop_step": config.training.stop_step, **work.settings}
    window.session.set_config(config.with_changes(smaller(settings)))
    let_run(0.5)
    if work.is_trained:
        window.session.fast_forward()
        while window.session.state.status.phase not in ("finished", "diverged"):
            let_run(0.1)
    while not _stands_still(window):
        let_run(0.1)
    let_run(1.0)
    return window


def _stands_still(window: MainWindow) -> bool:
    """Whether the run of now is in sight, which may begin a moment after a setting, and nothing is computed of it."""
    state = window.session.state
    is_there = state.snapshot is not None and state.snapshot.run_id == state.run.id
    return is_there and not any(map(window.program.jobs.is_running, ("deaths", "preview")))


def _compute_again(window: MainWindow, work: Background) -> None:
    """Have it computed, unless it is being so."""
    if not window.program.jobs.is_running(KEY):
        function, *arguments = work.ask(window)
        show = window.views.experiments.show_progress
        window.program.jobs.submit(KEY, function, *arguments, on_result=lambda _: None, on_progress=show)


BENCHMARKS: Benchmarks = {f"gap_beside_{name}": partial(gap_beside, name) for name in BACKGROUND}
