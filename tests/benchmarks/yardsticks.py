"""What the program's figures stand against: the same without the program, on the same machine in the same run."""

import subprocess
import sys
from collections.abc import Callable
from time import get_clock_info, perf_counter, thread_time

import numpy as np

from tests.benchmarks.effort import Effort, repeated
from tests.benchmarks.kernel import swarm_starts
from tests.benchmarks.records import median
from tinynet_gui.core.config import Config
from tinynet_gui.core.training.compiled.kernel import run, run_many

IMPORT_OF_LIBRARIES = "the import of Qt, NumPy and pyqtgraph in a fresh interpreter"
IMPORT_OF_TORCH = "a fresh interpreter's bare import torch"
Clock = Callable[[], float]
# What one thread does by itself is told by the processor's time, whoever else is there; on Windows that is too coarse.
THREADS_TIME: Clock = thread_time if get_clock_info("thread_time").resolution < 1e-4 else perf_counter
MACHINES_WORK = "a loop of 200,000 turns in Python and a product of two 500 x 500 matrices"


def import_s(*modules: str) -> float:
    """Return how long a fresh interpreter takes to import some modules, and to end."""
    command = [sys.executable, "-c", f"import {', '.join(imported(*modules))}"]
    return ms_of(lambda: subprocess.run(command, check=True)) / 1e3


def imported(*modules: str) -> tuple[str, ...]:
    """Return modules that are imported to see how it goes, or something small in their place."""
    return ("json",) if Effort.is_quick else modules


def machines_work_ms() -> float:
    """Return how long a fixed piece of work takes, which stands for the machine's speed where nothing else does."""
    return median(repeated(lambda: ms_of(_work, THREADS_TIME), 5))


def _work() -> None:
    total = 0
    for k in range(200_000):
        total += k & 7
    matrix = np.full((500, 500), 1 / total, np.float32)
    _ = matrix @ matrix


def training_ms(config: Config, steps: int, seeds: int = 1) -> float:
    """Return how long so many steps take by the compiled loop; of several seeds, all at once on all cores."""
    starts = swarm_starts(seeds, config)

    def train() -> None:
        if seeds == 1:
            run(starts[0].config, starts[0].dataset, starts[0].state, steps)
        else:
            run_many(starts, steps, steps)

    return median(repeated(lambda: ms_of(train), 5))


def ms_of(act: Callable[[], object], clock: Clock = perf_counter) -> float:
    """Return how long something takes."""
    started = clock()
    act()
    return 1e3 * (clock() - started)
