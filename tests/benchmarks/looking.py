"""Where one looks, until it is painted: moves of the microscope, drags of the time line, what lies between two runs."""

from time import perf_counter

import numpy as np
from PySide6.QtCore import QEventLoop
from PySide6.QtWidgets import QApplication

from tests.benchmarks.bare_frame import BARE_FRAME, BARE_SCENE, bare_frame
from tests.benchmarks.effort import layers, so_many
from tests.benchmarks.opened import PATIENCE_S, close_window, let_run, open_window, train_to
from tests.benchmarks.records import Benchmarks, Record, beside, median, percentile
from tests.benchmarks.window import frame_gap
from tests.benchmarks.yardsticks import MACHINES_WORK, machines_work_ms, training_ms
from tinynet_gui.core.network.refs import NeuronRef
from tinynet_gui.ui.window.main_window import MainWindow

ROUNDS, DRAGS = 10, 100


def _open(*hidden: int) -> MainWindow:
    """A window with the microscope in sight and a step taken apart."""
    hidden, window = layers(hidden), open_window(hidden[0])
    if len(hidden) > 1:
        window.session.edit({"network.hidden": hidden})
    window.actions_["actionMicroscope"].trigger()
    while (
        window.views.microscope.dissection is None or window.views.microscope.dissection.config.network.hidden != hidden
    ):
        let_run(0.05)
    let_run(0.5)
    return window


def show_phase(*hidden: int) -> list[Record]:
    """From the key to the next move in the diagram and in words, painted, with a neuron pinned."""
    window = _open(*hidden)
    window.context.selection.pin(NeuronRef(0, 3))
    times_ms = []
    for turn in range(4 * so_many(ROUNDS)):
        started = perf_counter()
        window.views.microscope.set_phase((turn + 1) % 4)
        window.views.diagram.repaint()
        window.views.microscope.repaint()
        QApplication.processEvents()
        times_ms.append(1e3 * (perf_counter() - started))
    bare_ms = bare_frame(window).diagram
    close_window(window)
    return [beside("microscope_move_" + "_".join(map(str, hidden)), median(times_ms), "ms", BARE_SCENE, bare_ms)]


def scrub(name: str, n_hidden: int, steps: int, *, with_twin: bool = False) -> list[Record]:
    """Drag through a run that was trained to a step: along, back, and to places far apart."""
    window, steps, drags = open_window(n_hidden), so_many(steps, 100), so_many(DRAGS, 6)
    window.session.edit({"training.learning_rate": 0.001})
    train_to(window, steps)
    window.session.set_view(shows_twin=with_twin)
    let_run(0.5)
    along = np.linspace(0, steps - 1, drags // 2).astype(int)
    far = np.random.default_rng(0).integers(0, steps, drags - len(along))
    delays_ms = [_delay_ms(window, int(step)) for step in (*along, *far)]
    bare_ms = sum(bare_frame(window)) + training_ms(window.session.config, steps // 100)
    close_window(window)
    what = f"a hundredth of its steps by the compiled loop and {BARE_FRAME}"
    return [beside(name, percentile(delays_ms[5:], 0.95), "ms", what, bare_ms)]


def _delay_ms(window: MainWindow, step: int) -> float:
    started = perf_counter()
    window.session.look_at(step)
    while window.session.state.past is None:
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        if perf_counter() - started > PATIENCE_S:
            raise TimeoutError(f"step {step} has not come")
    for view in (
        window.views.diagram,
        window.views.function_plot.plot.viewport(),
        window.views.loss_plot.plot.viewport(),
    ):
        view.repaint()
    delay_ms = 1e3 * (perf_counter() - started)
    let_run(0.01)
    return delay_ms


def valley(n_hidden: int) -> list[Record]:
    """From the click to the answer, one valley or two, of two seeds that were trained."""
    window, steps = open_window(n_hidden), so_many(10_000, 100)
    window.session.edit({"training.learning_rate": 0.01, "training.stop_step": steps})
    for seed in (3, 4):
        window.session.edit({"network.seed": seed})
        let_run(0.5)
        train_to(window, steps)
    window.frame.layout.show(window.views.runs)
    let_run(0.5)
    *_, one, other = (run.id for run in window.session.state.session.kept_runs)
    times_ms = []
    for _ in range(so_many(ROUNDS)):
        started = perf_counter()
        window.views.runs.table.valley_asked.emit(one, other)
        while not window.views.runs.answer.valley.isVisible():
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
            if perf_counter() - started > PATIENCE_S:
                raise TimeoutError("there is no answer")
        window.views.runs.answer.repaint()
        times_ms.append(1e3 * (perf_counter() - started))
    close_window(window)
    return [beside(f"valley_{n_hidden}", median(times_ms), "ms", MACHINES_WORK, machines_work_ms())]


BENCHMARKS: Benchmarks = {
    "frame_gap_p99_microscope": lambda: frame_gap("frame_gap_p99_microscope", _open(10)),
    "frame_gap_p99_microscope_1000": lambda: frame_gap("frame_gap_p99_microscope_1000", _open(1_000)),
    "microscope_move_10": lambda: show_phase(10),
    "microscope_move_1000": lambda: show_phase(1_000),
    "microscope_move_8_8_8": lambda: show_phase(8, 8, 8),
    "scrub_p95_10": lambda: scrub("scrub_p95_10", 10, 10_000),
    "scrub_p95_1000": lambda: scrub("scrub_p95_1000", 1_000, 10_000),
    "twin_scrub_10": lambda: scrub("twin_scrub_10", 10, 10_000, with_twin=True),
    "twin_scrub_1000": lambda: scrub("twin_scrub_1000", 1_000, 10_000, with_twin=True),
    "scrub_million": lambda: scrub("scrub_million", 10, 1_000_000),
    "scrub_million_1000": lambda: scrub("scrub_million_1000", 1_000, 1_000_000),
    "valley_40": lambda: valley(40),
}
