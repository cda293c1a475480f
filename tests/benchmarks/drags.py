"""What follows a setting, or a sample, while it is being dragged: the ghost, the band of seeds."""

from collections.abc import Callable
from functools import partial
from time import perf_counter
from typing import Any

import numpy as np
from PySide6.QtCore import QEventLoop, QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.benchmarks.bare_frame import bare_frame
from tests.benchmarks.effort import so_many
from tests.benchmarks.opened import PATIENCE_S, close_window, let_run, open_window, wait_for_kernel
from tests.benchmarks.records import Benchmarks, Record, beside, percentile
from tests.benchmarks.yardsticks import training_ms
from tests.not_none import not_none
from tinynet_gui.core.training.start import points_of
from tinynet_gui.ui.views.function_plot.function_plot import FunctionPlot
from tinynet_gui.ui.widgets.fields.number_fields import NumberField
from tinynet_gui.ui.window.main_window import MainWindow

STEPS = 10_000


def ghost_p95(n_hidden: int) -> list[Record]:
    """From a change of the learning rate to the ghost on screen, painted, while the control keeps moving."""
    window = open_window(n_hidden)
    window.session.edit({"training.stop_step": STEPS})
    wait_for_kernel(window)
    let_run(1.0)
    box = window.views.panel.findChild(NumberField, "learningRate")
    assert box is not None
    rates, ghost = (0.0005 + 0.00001 * np.arange(so_many(60, 6))).tolist(), window.views.function_plot.layers.ghost
    delays_ms = [_delay_ms(window, partial(box.setValue, rate), lambda: ghost.preview) for rate in rates]
    return _beside_training(f"ghost_p95_{n_hidden}", window, delays_ms)


def drag_p95(name: str, found: Callable[[FunctionPlot], Any], *, with_seeds: bool = False) -> list[Record]:
    """From a move of the mouse with a sample to what follows it on screen, painted, while it is being dragged."""
    window, move = _dragging(10)
    plot = window.views.function_plot
    plot.switches.seeds.setChecked(with_seeds)
    let_run(1.0)
    delays_ms = [_delay_ms(window, partial(move, k), partial(found, plot)) for k in range(so_many(60, 6))]
    QTest.mouseRelease(plot.plot.viewport(), Qt.MouseButton.LeftButton)
    window.actions_["actionEditData"].trigger()
    return _beside_training(name, window, delays_ms, not_none(plot.layers.band.band).seeds if with_seeds else 1)


def _beside_training(name: str, window: MainWindow, delays_ms: list[float], seeds: int = 1) -> list[Record]:
    """Close a window; return the 95th percentile beside what had to be: training so often, and painting a plot."""
    config, paint_ms = window.session.config, bare_frame(window).function
    close_window(window)
    trainings_ms = training_ms(config, so_many(STEPS, 100), seeds)
    what = f"{seeds} training{'s' * (seeds > 1)} of {STEPS} steps by the compiled loop and a paint of a bare plot"
    return [beside(name, percentile(delays_ms[5:], 0.95), "ms", what, trainings_ms + paint_ms)]


def _dragging(n_hidden: int) -> tuple[MainWindow, Callable[[int], None]]:
    """Return a window in which a sample is held, and what moves it on."""
    window = open_window(n_hidden)
    window.session.edit({"training.stop_step": STEPS})
    wait_for_kernel(window)
    window.actions_["actionEditData"].trigger()
    let_run(1.0)
    plot = window.views.function_plot.plot
    points = points_of(window.session.config.data)
    scene = plot.getViewBox().mapViewToScene(QPointF(points.x[3], points.y[3]))
    start = plot.mapFromScene(scene)
    QTest.mousePress(plot.viewport(), Qt.MouseButton.LeftButton, pos=start)
    return window, lambda k: QTest.mouseMove(plot.viewport(), start + QPoint(k + 1, -k))


def _delay_ms(window: MainWindow, act: Callable[[], None], found: Callable[[], Any]) -> float:
    """How long it takes from an act to what is found of the configuration that it makes, painted."""
    before, started = window.session.config, perf_counter()
    act()
    while True:
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        shown = found()
        if window.session.config != before and shown is not None and shown.config == window.session.config:
            break
        if perf_counter() - started > PATIENCE_S:
            raise TimeoutError("nothing came")
    window.views.function_plot.plot.viewport().repaint()
    delay_ms = 1e3 * (perf_counter() - started)
    let_run(0.02)
    return delay_ms


BENCHMARKS: Benchmarks = {
    "ghost_p95_10": lambda: ghost_p95(10),
    "ghost_p95_1000": lambda: ghost_p95(1_000),
    "ghost_drag_p95_10": lambda: drag_p95("ghost_drag_p95_10", lambda plot: plot.layers.ghost.preview),
    "band_p95_10": lambda: drag_p95("band_p95_10", lambda plot: plot.layers.band.band, with_seeds=True),
}
