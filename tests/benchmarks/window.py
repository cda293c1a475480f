"""The real window while it trains: its speed, its smoothness, its paints, its memory."""

from collections.abc import Callable
from functools import partial
from itertools import cycle
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from PySide6.QtCore import QEventLoop, QObject, QPoint, QPointF, Qt, QTimer, Slot
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.benchmarks.effort import SMALL, Effort, lasting, layers, repeated, so_many
from tests.benchmarks.kernel import tutorial_loop
from tests.benchmarks.records import Benchmarks, Record, beside_goal, median, percentile, record
from tinynet_gui.core.config import Config
from tinynet_gui.core.run.session import new_session
from tinynet_gui.core.training.dataset import points_of
from tinynet_gui.core.training.engines import EngineChoice
from tinynet_gui.core.training.pace import FULL_SPEED
from tinynet_gui.ui.views.experiments.controller import EXPERIMENT
from tinynet_gui.ui.views.function_plot.function_plot import FunctionPlot
from tinynet_gui.ui.views.panel.number_fields import NumberBox
from tinynet_gui.ui.window.main_window import MainWindow

ROUNDS = 3
FRAME_GOAL_MS = 33.0
PAINT_GOAL_MS = 8.0
THEME_GOAL_MS = 100.0
PATIENCE_S = 60.0
STATUS = Path("/proc/self/status")  # of the process: on Linux alone
_kept: list[MainWindow] = []


class GapMeter(QObject):
    """Measures the time between turns of the GUI thread's event loop, in ms."""

    def __init__(self) -> None:
        super().__init__()
        self.gaps_ms: list[float] = []
        self._last = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(1)
        self._timer.timeout.connect(self.turn)

    def start(self) -> None:
        """Begin to measure."""
        self._last = perf_counter()
        self._timer.start()

    def stop(self) -> None:
        """Measure no more; the time since the last turn counts too, so that there always is one."""
        self._timer.stop()
        self.turn()

    @Slot()
    def turn(self) -> None:
        """Note how long it took."""
        now = perf_counter()
        self.gaps_ms.append(1e3 * (now - self._last))
        self._last = now


def let_run(seconds: float) -> None:
    """Let the event loop turn for some time."""
    loop = QEventLoop()
    QTimer.singleShot(round(1e3 * lasting(seconds)), loop.quit)
    loop.exec()


def open_window(n_hidden: int) -> MainWindow:
    """Show a window with one hidden layer, at full speed, standing at step 0; when all is quick, one serves for all."""
    hidden = (so_many(n_hidden, SMALL),)
    config = Config().with_changes({"network.hidden": hidden, "training.stop_step": many_steps()})
    if _kept:
        window = _kept[0]
        window.session.take_over(new_session(config))
    else:
        window = MainWindow(config, remember=False)
        window.show()
    if Effort.is_quick and not _kept:
        _kept.append(window)
        window.resize(window.minimumSizeHint())
    window.session.set_pace(FULL_SPEED)
    window.session.set_engine("pytorch")
    while window.session.state.snapshot is None:
        let_run(0.05)
    return window


def many_steps() -> int:
    """Return how many steps are more than are taken meanwhile."""
    return so_many(100_000_000, 100_000)


def close_window(window: MainWindow) -> None:
    """Close a window and let Qt destroy it, or keep it for the next who opens one."""
    if window in _kept:
        window.session.pause()
        window.frame.layout.show(window.views["loss_plot"])  # what is out of sight is not computed of the next network
        return
    window.close()
    window.deleteLater()
    let_run(0.05)


def close_all() -> None:
    """Close the window that was kept, if any."""
    while _kept:
        close_window(_kept.pop())


def live_ratio(n_hidden: int) -> list[Record]:
    """Steps a second with the window drawing at full speed, against the tutorial's bare loop."""
    window, bare = open_window(n_hidden), tutorial_loop(Config().replace("network.hidden", (n_hidden,)))
    live_rates, bare_rates = [], []
    for _ in range(so_many(ROUNDS)):
        bare_rates.append(_steps_per_second(bare, lasting(1.5)))
        window.session.start()
        let_run(0.5)
        before, started = window.session.state.snapshot, perf_counter()
        let_run(3.0)
        after, elapsed = window.session.state.snapshot, perf_counter() - started
        assert before is not None
        assert after is not None
        live_rates.append((after.step - before.step) / elapsed)
        window.session.pause()
        let_run(0.2)
    close_window(window)
    ratio = median([live / alone for live, alone in zip(live_rates, bare_rates, strict=True)])
    against = "the tutorial's bare loop, with no window"
    return [record(f"live_ratio_{n_hidden}", median(live_rates), "steps/s", against, ratio)]


def sharpness_share(n_hidden: int, engine: EngineChoice) -> list[Record]:
    """Steps a second with the sharpness in sight, against the same window without it, in turns."""
    window = open_window(n_hidden)
    wait_for_kernel(window)
    window.session.set_engine(engine)
    rates: tuple[list[float], list[float]] = ([], [])  # without it, and with it
    for _ in range(so_many(4 * ROUNDS)):
        for is_shown, found in enumerate(rates):
            window.session.set_view(shows_sharpness=bool(is_shown))
            window.session.reset()
            window.session.start()
            let_run(0.5)
            before, started = window.session.state.run.step, perf_counter()
            let_run(1.5)
            steps = max(1, window.session.state.run.step - before)  # none in a very short time
            found.append(steps / (perf_counter() - started))
            window.session.pause()
    close_window(window)
    ratio = median([shown / alone for alone, shown in zip(*rates, strict=True)])
    name = f"sharpness_share_{engine}_{n_hidden}"
    return [record(name, median(rates[1]), "steps/s", "the same window with the sharpness switched off", ratio)]


def _steps_per_second(take_steps: Callable[[int], None], seconds: float) -> float:
    started, steps = perf_counter(), 0
    while perf_counter() - started < seconds:
        take_steps(50)
        steps += 50
    return steps / (perf_counter() - started)


def frame_gap(name: str, window: MainWindow) -> list[Record]:
    """The 99th percentile of the time between turns of the GUI's event loop while training at full speed."""
    meter = GapMeter()
    window.session.start()
    let_run(1.0)
    meter.start()
    let_run(8.0)
    meter.stop()
    assert window.session.state.is_running
    close_window(window)
    return beside_goal(name, percentile(meter.gaps_ms, 0.99), FRAME_GOAL_MS)


def idle_paint(n_hidden: int) -> list[Record]:
    """One full repaint of diagram and plots, with nothing kept from the paint before."""
    window = open_window(n_hidden)
    window.session.fast_forward(300)
    let_run(1.5)
    views = (window.views["function_plot"].plot.viewport(), window.views["loss_plot"].plot.viewport())
    times_ms = []
    for _ in range(so_many(60)):
        started = perf_counter()
        window.views["diagram"].redraw()
        window.views["diagram"].repaint()
        for view in views:
            view.repaint()
        times_ms.append(1e3 * (perf_counter() - started))
        let_run(0.01)
    close_window(window)
    return beside_goal(f"idle_paint_{n_hidden}", median(times_ms), PAINT_GOAL_MS)


def theme_change(beside: bool) -> list[Record]:
    """From the choice of other colours to the painted window; also beside a large training."""
    window = open_window(1_000 if beside else 10)
    if beside:
        large = {"network.hidden": layers((1_000, 1_000)), "data.sample_count": 200}
        window.session.set_config(Config().with_changes(large))
        wait_for_kernel(window)
        window.session.fast_forward(many_steps())
    let_run(2.0)
    schemes = cycle(("dark", "light"))
    value = median(repeated(lambda: _scheme_ms(window, next(schemes)), 10))
    close_window(window)
    return beside_goal("theme_change_beside" if beside else "theme_change", value, THEME_GOAL_MS)


def window_make() -> list[Record]:
    """The making of a window where there is no other, beside what its style sheet alone takes once it is shown."""
    close_window(open_window(10))  # what the first one loads and compiles
    makes_ms, sheets_ms = [], []
    for _ in range(so_many(11)):
        started = perf_counter()
        window = MainWindow(remember=False)
        makes_ms.append(1e3 * (perf_counter() - started))
        window.show()
        let_run(0.5)
        sheet, started = window.styleSheet(), perf_counter()
        window.setStyleSheet(sheet)
        sheets_ms.append(1e3 * (perf_counter() - started))
        close_window(window)
    value = median(makes_ms)
    return [record("window_make", value, "ms", "setting its style sheet once more", value / median(sheets_ms))]


def _scheme_ms(window: MainWindow, scheme: str) -> float:
    started = perf_counter()
    window.set_scheme(scheme)
    QApplication.processEvents()
    taken_ms = 1e3 * (perf_counter() - started)
    let_run(0.1)
    return taken_ms


def frame_gap_swarm() -> list[Record]:
    """The same while a swarm of seeds keeps all cores busy."""
    window, meter = open_window(10), GapMeter()
    wait_for_kernel(window)
    meter.start()
    started = perf_counter()
    while perf_counter() - started < lasting(8.0):
        if not window.program.jobs.is_running(EXPERIMENT):
            window.views["experiments"].run_wanted.emit("swarm", so_many(1_000, SMALL))
        let_run(0.05)
    meter.stop()
    window.program.jobs.stop(EXPERIMENT)
    close_window(window)
    return beside_goal("frame_gap_p99_swarm", percentile(meter.gaps_ms, 0.99), FRAME_GOAL_MS)


def ghost_p95(n_hidden: int, goal_ms: float) -> list[Record]:
    """From a change of the learning rate to the ghost on screen, painted, while the control keeps moving."""
    window = open_window(n_hidden)
    window.session.edit({"training.stop_step": 10_000})
    wait_for_kernel(window)
    let_run(1.0)
    box = window.views["panel"].findChild(NumberBox, "learningRate")
    assert box is not None
    rates, ghost = (0.0005 + 0.00001 * np.arange(so_many(60, 6))).tolist(), window.views["function_plot"].layers.ghost
    delays_ms = [_delay_ms(window, partial(box.setValue, rate), lambda: ghost.preview) for rate in rates]
    close_window(window)
    return beside_goal(f"ghost_p95_{n_hidden}", percentile(delays_ms[5:], 0.95), goal_ms)


def drag_p95(
    name: str, goal_ms: float, found: Callable[[FunctionPlot], Any], *, with_seeds: bool = False
) -> list[Record]:
    """From a move of the mouse with a sample to what follows it on screen, painted, while it is being dragged."""
    window, move = _dragging(10)
    plot = window.views["function_plot"]
    plot.switches.seeds.setChecked(with_seeds)
    let_run(1.0)
    delays_ms = [_delay_ms(window, partial(move, k), partial(found, plot)) for k in range(so_many(60, 6))]
    QTest.mouseRelease(plot.plot.viewport(), Qt.MouseButton.LeftButton)
    window.actions_["actionEditData"].trigger()
    close_window(window)
    return beside_goal(name, percentile(delays_ms[5:], 0.95), goal_ms)


def _dragging(n_hidden: int) -> tuple[MainWindow, Callable[[int], None]]:
    """Return a window in which a sample is held, and what moves it on."""
    window = open_window(n_hidden)
    window.session.edit({"training.stop_step": 10_000})
    wait_for_kernel(window)
    window.actions_["actionEditData"].trigger()
    let_run(1.0)
    plot = window.views["function_plot"].plot
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
    window.views["function_plot"].plot.viewport().repaint()
    delay_ms = 1e3 * (perf_counter() - started)
    let_run(0.02)
    return delay_ms


def wait_for_kernel(window: MainWindow) -> None:
    while window.session.state.status.compiled != "ready":
        let_run(0.05)


def train_to(window: MainWindow, step: int) -> None:
    """Let the compiled loop take the steps up to this one."""
    wait_for_kernel(window)
    window.session.set_engine("compiled")
    window.session.fast_forward(step)
    while window.session.state.run.step < step or window.session.state.is_running:
        let_run(0.02)


def memory_growth() -> list[Record]:
    """How much the process grows over a million steps with the window drawing."""
    window = open_window(10)
    window.session.start()
    _run_until(window, so_many(100_000))
    before = _resident_mb()
    _run_until(window, so_many(1_100_000, 100))
    after = _resident_mb()
    close_window(window)
    return [record("memory_growth", after - before, "MB", "the process after the first 100,000 steps", after / before)]


def _run_until(window: MainWindow, step: int) -> None:
    while window.session.state.snapshot is None or window.session.state.snapshot.step < step:
        let_run(0.2)


def _resident_mb() -> float:
    status = STATUS.read_text(encoding="ascii")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


ENGINES: tuple[EngineChoice, ...] = ("compiled", "pytorch")
BENCHMARKS: Benchmarks = {
    "live_ratio_10": lambda: live_ratio(10),
    "live_ratio_1000": lambda: live_ratio(1_000),
    **{
        f"sharpness_share_{engine}_{n_hidden}": partial(sharpness_share, n_hidden, engine)
        for engine in ENGINES
        for n_hidden in (10, 1_000)
    },
    "frame_gap_p99_10": lambda: frame_gap("frame_gap_p99_10", open_window(10)),
    "frame_gap_p99_1000": lambda: frame_gap("frame_gap_p99_1000", open_window(1_000)),
    "idle_paint_10": lambda: idle_paint(10),
    "idle_paint_1000": lambda: idle_paint(1_000),
    "theme_change": lambda: theme_change(beside=False),
    "theme_change_beside": lambda: theme_change(beside=True),
    "window_make": window_make,
    "frame_gap_p99_swarm": frame_gap_swarm,
    "ghost_p95_10": lambda: ghost_p95(10, 33.0),
    "ghost_p95_1000": lambda: ghost_p95(1_000, 100.0),
    "ghost_drag_p95_10": lambda: drag_p95("ghost_drag_p95_10", 33.0, lambda plot: plot.layers.ghost.preview),
    "band_p95_10": lambda: drag_p95("band_p95_10", 100.0, lambda plot: plot.layers.band.band, with_seeds=True),
    **({"memory_growth": memory_growth} if STATUS.exists() else {}),
}
