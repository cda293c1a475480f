"""How long the window stands still while something is computed aside."""

from collections.abc import Callable

from tests.benchmarks.records import Record, record
from tests.benchmarks.window import GapMeter, close_window, let_run, open_window, wait_for_kernel

ROUNDS = 3
DEAD_SETTINGS = {"training.optimizer": "adam", "training.learning_rate": 1_000.0, "training.stop_step": 10_000}


def gap_beside_search_for_deaths() -> list[Record]:
    """The longest time between turns of the event loop while deaths are searched for and the window is resized.

    Beside it, the same resizing with nothing computed.
    """
    window = open_window(10)
    window.session.set_engine("compiled")
    wait_for_kernel(window)
    window.session.edit(DEAD_SETTINGS)
    longest, alone = 0.0, 0.0
    for _ in range(ROUNDS):
        window.session.reset()
        window.session.fast_forward()
        while not window.program.jobs.is_running("deaths"):
            let_run(0.01)
        meter = GapMeter()
        meter.start()
        width = 0
        searched = 0
        while window.program.jobs.is_running("deaths"):
            window.banner.why_wanted.emit()
            width = 40 - width
            window.resize(1_240 + width, 800)
            let_run(0.02)
            searched += 1
        longest = max(longest, *meter.gaps_ms)
        meter.gaps_ms.clear()
        for _ in range(searched):
            width = 40 - width
            window.resize(1_240 + width, 800)
            let_run(0.02)
        meter.stop()
        alone = max(alone, *meter.gaps_ms)
    close_window(window)
    against = f"resizing with nothing computed aside, {alone:.0f} ms"
    return [record("gap_beside_search_for_deaths", longest, "ms", against, longest / alone)]


BENCHMARKS: dict[str, Callable[[], list[Record]]] = {"gap_beside_search_for_deaths": gap_beside_search_for_deaths}
