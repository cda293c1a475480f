"""From the time line's drag to the moment on screen: exact, in all views, painted."""

from collections.abc import Callable
from time import perf_counter

import numpy as np
from PySide6.QtCore import QEventLoop
from PySide6.QtWidgets import QApplication

from tests.benchmarks.effort import so_many
from tests.benchmarks.records import Record, percentile, record
from tests.benchmarks.window import PATIENCE_S, close_window, let_run, open_window, wait_for_kernel
from tinynet_gui.core.training.engines import EngineChoice
from tinynet_gui.ui.window.main_window import MainWindow

DRAGS = 100


def scrub(name: str, n_hidden: int, steps: int, goal_ms: float, engine: EngineChoice = "compiled") -> list[Record]:
    """Drag through a run that was trained to a step: along, back, and to places far apart."""
    window, steps, drags = open_window(n_hidden), so_many(steps, 100), so_many(DRAGS, 6)
    wait_for_kernel(window)
    window.session.set_engine(engine)
    window.session.edit({"training.learning_rate": 0.001})
    window.session.fast_forward(steps)
    while window.session.state.run.step < steps:
        let_run(0.1)
    let_run(0.5)
    along = np.linspace(0, steps - 1, drags // 2).astype(int)
    far = np.random.default_rng(0).integers(0, steps, drags - len(along))
    delays_ms = [_delay_ms(window, int(step)) for step in (*along, *far)]
    close_window(window)
    p95 = percentile(delays_ms[5:], 0.95)
    return [record(name, p95, "ms", f"the goal of {goal_ms:g} ms", p95 / goal_ms)]


def _delay_ms(window: MainWindow, step: int) -> float:
    started = perf_counter()
    window.session.look_at(step)
    while window.session.state.past is None:
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        if perf_counter() - started > PATIENCE_S:
            raise TimeoutError(f"step {step} has not come")
    for view in (window.diagram, window.function_plot.plot.viewport(), window.loss_plot.plot.viewport()):
        view.repaint()
    delay_ms = 1e3 * (perf_counter() - started)
    let_run(0.01)
    return delay_ms


BENCHMARKS: dict[str, Callable[[], list[Record]]] = {
    "scrub_p95_10": lambda: scrub("scrub_p95_10", 10, 10_000, 33.0),
    "scrub_p95_1000": lambda: scrub("scrub_p95_1000", 1_000, 10_000, 100.0),
    "scrub_million": lambda: scrub("scrub_million", 10, 1_000_000, 300.0),
    "scrub_million_1000": lambda: scrub("scrub_million_1000", 1_000, 1_000_000, 300.0),
    "scrub_pytorch": lambda: scrub("scrub_pytorch", 10, 10_000, 100.0, "pytorch"),
}
