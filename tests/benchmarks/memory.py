"""How much memory the process has: at first sight, after a map was looked at, after a million steps."""

import subprocess
import sys
from pathlib import Path

from tests.benchmarks.effort import SOAK, repeated, so_many
from tests.benchmarks.opened import close_window, let_run, open_window
from tests.benchmarks.records import Benchmarks, Record, beside, median, record
from tests.benchmarks.started import LIBRARIES
from tests.benchmarks.startup import started
from tests.benchmarks.yardsticks import imported
from tinynet_gui.ui.window.main_window import MainWindow

STATUS = Path("/proc/self/status")  # of the process: on Linux alone
RESIDENT = f"print(open({str(STATUS)!r}).read().split('VmRSS:')[1].split()[0])"
ALLOWED_MB = 50.0  # that may stay of a map
ROUNDS = 3


def memory_start() -> list[Record]:
    """The program in a process of its own, at first sight, with PyTorch and the compiled loop loaded."""
    pairs = repeated(lambda: (started("memory")["memory"], _bare_mb()), ROUNDS)
    ours, bare = map(median, zip(*pairs, strict=True))
    return [beside("memory_start", ours, "MB", "the imports of its libraries alone, PyTorch and LLVM too", bare)]


def _bare_mb() -> float:
    code = f"import {', '.join(imported(*LIBRARIES, 'torch', 'llvmlite.binding'))}; {RESIDENT}"
    return int(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True).stdout) / 1024


def memory_after_map() -> list[Record]:
    """How much more it has than before, once a map on the stage was finished and left."""
    runs = repeated(lambda: started("memory", "map"), ROUNDS)
    stays = median([run["after_map"] - run["memory"] for run in runs])
    return [beside("memory_after_map", stays, "MB", "what may stay", ALLOWED_MB)]


def memory_growth(name: str, steps: int) -> list[Record]:
    """How much the process grows over so many steps with the window drawing, after a tenth of them."""
    window = open_window(10)
    window.session.start()
    before, after = (_mb_at(window, step) for step in (so_many(steps // 10), so_many(steps + steps // 10, 100)))
    close_window(window)
    return [record(name, after - before, "MB", f"the process after the first {steps // 10:,} steps", after / before)]


def _mb_at(window: MainWindow, step: int) -> float:
    """Wait for a step; return what this process has then."""
    while window.session.state.snapshot is None or window.session.state.snapshot.step < step:
        let_run(0.2)
    return int(STATUS.read_text(encoding="ascii").split("VmRSS:")[1].split()[0]) / 1024


ON_LINUX: Benchmarks = {
    "memory_start": memory_start,
    "memory_after_map": memory_after_map,
    "memory_growth": lambda: memory_growth("memory_growth", 100_000),
    SOAK: lambda: memory_growth(SOAK, 1_000_000),
}
BENCHMARKS: Benchmarks = ON_LINUX if STATUS.exists() else {}
