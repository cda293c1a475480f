"""From process start to a usable window, against the import of the libraries alone."""

import os
import subprocess
import sys
import tempfile
import time
from functools import cache, partial
from pathlib import Path

from tests.benchmarks.effort import Effort, repeated, so_many
from tests.benchmarks.records import Benchmarks, Record, beside, median
from tests.benchmarks.started import LIBRARIES
from tests.benchmarks.yardsticks import IMPORT_OF_LIBRARIES, IMPORT_OF_TORCH, import_s
from tinynet_gui.core.system.machine import HOME

ROUNDS = 7
TIMEOUT_S = 600
STARTED = Path(__file__).with_name("started.py").read_text(encoding="utf-8")


def moments_of(*how: str, program: str = sys.executable) -> dict[str, float]:
    """Start the program, as one who has never used it; return when, from then, it came to what it says."""
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {HOME: folder}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        started = time.time()
        command = [program, "-c", STARTED, *how]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=TIMEOUT_S)
    moments = {word: float(value) for word, value in map(str.split, done.stdout.splitlines())}
    return {word: value - started if value > 1e6 else value for word, value in moments.items()}


_said_at_once = cache(partial(moments_of, "parts", "start", "load", "memory", "map", "quick"))


def started(*how: str) -> dict[str, float]:
    """Return what the program says that is started so; when all is quick, it is started once for all."""
    return _said_at_once() if Effort.is_quick else moments_of(*how)


def startup() -> list[Record]:
    """Time to the window, to the untrained network drawn and Start usable, and to the first steps drawn.

    Start is pressed as soon as that can be done.
    """
    runs = repeated(lambda: (started("start"), import_s("torch"), import_s(*LIBRARIES)), ROUNDS)
    starts, of_torch, of_libraries = zip(*runs, strict=True)
    torch_s, libraries_s = median(of_torch), median(of_libraries)
    records = []
    names = {"startup_visible": "painted", "startup": "usable", "startup_first_steps": "trained"}
    for name, word in names.items():
        value = median([start[word] for start in starts])
        records.append(beside(name, value, "s", IMPORT_OF_TORCH, torch_s))
        records.append(beside(f"{name}_to_qt", value, "s", IMPORT_OF_LIBRARIES, libraries_s))
    return records


def start_parts() -> list[Record]:
    """What a start needs besides the libraries' import: the import of our modules, and the making of the window.

    All by processor time: nothing waits there.
    """
    runs = repeated(lambda: started("parts"), ROUNDS)
    libraries, ours, window = (median([run[word] for run in runs]) for word in ("libraries", "ours", "window"))
    what = "the import of Qt, NumPy and pyqtgraph in the same process"
    values = {"start_ours": ours, "start_window": window, "start_parts": ours + window}
    return [beside(name, value, "s", what, libraries) for name, value in values.items()]


def longest_gap_import() -> list[Record]:
    """The gaps between two turns of the event loop, from the first window to PyTorch and its first optimiser."""
    pairs = [(started("load"), 1e3 * import_s("torch")) for _ in range(so_many(ROUNDS))]
    runs, torch_ms = [run for run, _ in pairs], median([alone for _, alone in pairs])
    longest, p99 = (median([run[word] for run in runs]) for word in ("longest", "p99"))
    values = {"": longest, "_worst": max(run["longest"] for run in runs), "_p99": p99}
    return [beside(f"longest_gap_import{n}", v, "ms", IMPORT_OF_TORCH, torch_ms) for n, v in values.items()]


BENCHMARKS: Benchmarks = {"startup": startup, "start_parts": start_parts, "longest_gap_import": longest_gap_import}
