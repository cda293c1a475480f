"""The real window while it trains: its speed, and how smooth it stays."""

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from statistics import mean
from time import perf_counter

from tests.benchmarks.bare_frame import BARE_FRAME, bare_frame
from tests.benchmarks.effort import SMALL, lasting, so_many
from tests.benchmarks.kernel import tutorial_loop
from tests.benchmarks.opened import GapMeter, close_window, let_run, open_window, wait_for_kernel
from tests.benchmarks.records import Benchmarks, Record, beside, median, percentile, record
from tinynet_gui.core.config import Config
from tinynet_gui.core.training.engines import EngineChoice
from tinynet_gui.ui.views.experiments.controller import EXPERIMENT
from tinynet_gui.ui.window.main_window import MainWindow

ROUNDS = 3


def live_ratio(n_hidden: int) -> list[Record]:
    """Steps a second with the window drawing at full speed, against the tutorial's bare loop just before and after."""
    window, bare = open_window(n_hidden), tutorial_loop(Config().replace("network.hidden", (n_hidden,)))
    live_rates, bare_rates = [], [_steps_per_second(bare, lasting(1.0))]
    for _ in range(so_many(2 * ROUNDS)):
        window.session.start()
        let_run(0.5)
        before, started = window.session.state.snapshot, perf_counter()
        let_run(2.0)
        after, elapsed = window.session.state.snapshot, perf_counter() - started
        assert before is not None
        assert after is not None
        live_rates.append((after.step - before.step) / elapsed)
        window.session.pause()
        let_run(0.2)
        bare_rates.append(_steps_per_second(bare, lasting(1.0)))
    close_window(window)
    ratio = median([live / mean(alone) for live, alone in zip(live_rates, pairwise(bare_rates), strict=True)])
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
    return gap_beside_frame(name, window, meter)


def gap_beside_frame(name: str, window: MainWindow, meter: GapMeter) -> list[Record]:
    """Close a window; return the 99th percentile of what was measured, beside a bare frame."""
    window.session.pause()
    let_run(0.2)
    frame_ms = sum(bare_frame(window))
    close_window(window)
    return [beside(name, percentile(meter.gaps_ms, 0.99), "ms", BARE_FRAME, frame_ms)]


def frame_gap_swarm() -> list[Record]:
    """The same while a swarm of seeds keeps all cores busy."""
    window, meter = open_window(10), GapMeter()
    wait_for_kernel(window)
    meter.start()
    started = perf_counter()
    while perf_counter() - started < lasting(8.0):
        if not window.program.jobs.is_running(EXPERIMENT):
            window.views.experiments.run_wanted.emit("swarm", so_many(1_000, SMALL))
        let_run(0.05)
    meter.stop()
    window.program.jobs.stop(EXPERIMENT)
    return gap_beside_frame("frame_gap_p99_swarm", window, meter)


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
    "frame_gap_p99_swarm": frame_gap_swarm,
}
