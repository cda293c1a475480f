"""The microscope: how smooth the window is while it is open, and how long a move takes to be on screen."""

from collections.abc import Callable
from time import perf_counter

from PySide6.QtWidgets import QApplication

from tests.benchmarks.effort import layers, so_many
from tests.benchmarks.records import Record, median, record
from tests.benchmarks.window import FRAME_GOAL_MS, close_window, frame_gap, let_run, open_window
from tinynet_gui.core.network.refs import NeuronRef
from tinynet_gui.ui.window.main_window import MainWindow

ROUNDS = 10


def _open(*hidden: int) -> MainWindow:
    """A window with the microscope in sight and a step taken apart."""
    hidden, window = layers(hidden), open_window(hidden[0])
    if len(hidden) > 1:
        window.session.edit({"network.hidden": hidden})
    window.actions_["actionMicroscope"].trigger()
    while window.microscope.dissection is None or window.microscope.dissection.config.network.hidden != hidden:
        let_run(0.05)
    let_run(0.5)
    return window


def show_phase(*hidden: int) -> list[Record]:
    """From the key to the next move in the diagram and in words, painted, with a neuron pinned."""
    window = _open(*hidden)
    window.selection.pin(NeuronRef(0, 3))
    times_ms = []
    for turn in range(4 * so_many(ROUNDS)):
        started = perf_counter()
        window.microscope.set_phase((turn + 1) % 4)
        window.diagram.repaint()
        window.microscope.repaint()
        QApplication.processEvents()
        times_ms.append(1e3 * (perf_counter() - started))
    close_window(window)
    value = median(times_ms)
    name = "microscope_move_" + "_".join(map(str, hidden))
    return [record(name, value, "ms", f"the goal of {FRAME_GOAL_MS:g} ms", value / FRAME_GOAL_MS)]


BENCHMARKS: dict[str, Callable[[], list[Record]]] = {
    "frame_gap_p99_microscope": lambda: frame_gap("frame_gap_p99_microscope", _open(10)),
    "frame_gap_p99_microscope_1000": lambda: frame_gap("frame_gap_p99_microscope_1000", _open(1_000)),
    "microscope_move_10": lambda: show_phase(10),
    "microscope_move_1000": lambda: show_phase(1_000),
    "microscope_move_8_8_8": lambda: show_phase(8, 8, 8),
}
