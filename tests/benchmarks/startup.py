"""From process start to a usable window, against a bare ``import torch``."""

import os
import subprocess
import sys
import tempfile
import time
from functools import cache, partial

from tests.benchmarks.effort import Effort, repeated, so_many
from tests.benchmarks.records import Benchmarks, Record, median, record
from tinynet_gui.core.system.users_home import HOME

ROUNDS = 7

# Runs the real main(); says when the window is first painted, when the untrained network is drawn and Start can be
# used, when steps have been taken and drawn, and how long the event loop's turns are until PyTorch is ready.
_CHILD = """
import sys, time
from PySide6.QtCore import QEvent, QObject, QTimer
from tinynet_gui import app
from tinynet_gui.ui.window import main_window

presses_start, waits_for_pytorch, is_quick = (word in sys.argv for word in ("start", "load", "quick"))
if is_quick:
    sys.modules["torch"] = None  # it would be imported to the end before the program's own
said = set()

def is_over():
    return not (presses_start and "trained" not in said or waits_for_pytorch and "p99" not in said)

def say(word, value):
    if word not in said:
        said.add(word)
        print(word, value, flush=True)

class Paints(QObject):
    def __init__(self, window):
        super().__init__()
        self.window = window

    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint:
            QTimer.singleShot(0, self.painted)
        return False

    def painted(self):
        say("painted", time.time())
        state = self.window.session.state
        if state.snapshot is not None and state.snapshot.step > 0:
            say("trained", time.time())
            if is_over():
                self.window.close()
        elif state.snapshot is not None and state.status.phase == "ready":
            say("usable", time.time())
            if presses_start:
                self.window.actions_["actionStart"].trigger()

class WatchedWindow(main_window.MainWindow):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.paints = Paints(self)
        self.views["diagram"].installEventFilter(self.paints)
        self.turns = []
        if waits_for_pytorch:
            self.ticks = QTimer(self)
            self.ticks.timeout.connect(self.tick)
            self.ticks.start(1)

    def tick(self):
        if not self.isVisible():
            return
        self.turns.append(time.perf_counter())
        status = self.session.state.status
        if (status.compiled if is_quick else status.pytorch) == "ready":
            gaps = sorted(1000 * (b - a) for a, b in zip(self.turns, self.turns[1:]))
            say("longest", gaps[-1])
            say("p99", gaps[int(0.99 * len(gaps))])
            if is_over():
                self.close()

main_window.MainWindow = WatchedWindow
app.main([])
"""


def moments_of(*how: str, program: str = sys.executable) -> dict[str, float]:
    """Start the program, as one who has never used it; return when, from then, it came to what it says."""
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {HOME: folder}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        started = time.time()
        command = [program, "-c", _CHILD, *how]
        output = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    moments = {word: float(value) for word, value in map(str.split, output.splitlines())}
    return {word: value - started if value > 1e6 else value for word, value in moments.items()}


_said_at_once = cache(partial(moments_of, "start", "load", "quick"))


def _started(how: str) -> dict[str, float]:
    return _said_at_once() if Effort.is_quick else moments_of(how)


def _import_s() -> float:
    started = time.time()
    subprocess.run([sys.executable, "-c", f"import {'json' if Effort.is_quick else 'torch'}"], check=True)
    return time.time() - started


def startup() -> list[Record]:
    """Time to the window, to the untrained network drawn and Start usable, and to the first steps drawn.

    Start is pressed as soon as that can be done.
    """
    runs = repeated(lambda: (_started("start"), _import_s()), ROUNDS)
    against = "a fresh interpreter's bare import torch"
    records = []
    names = {"startup_visible": "painted", "startup": "usable", "startup_first_steps": "trained"}
    for name, word in names.items():
        value, ratio = median([run[word] for run, _ in runs]), median([run[word] / alone for run, alone in runs])
        records.append(record(name, value, "s", against, ratio))
    return records


def longest_gap_import() -> list[Record]:
    """The gaps between two turns of the event loop, from the first window to PyTorch and its first optimiser."""
    runs = [_started("load") for _ in range(so_many(ROUNDS))]
    longest, p99 = (median([run[word] for run in runs]) for word in ("longest", "p99"))
    worst = max(run["longest"] for run in runs)
    return [
        record("longest_gap_import", longest, "ms", "100 ms", longest / 100),
        record("longest_gap_import_worst", worst, "ms", "100 ms", worst / 100),
        record("longest_gap_import_p99", p99, "ms", "33 ms", p99 / 33),
    ]


BENCHMARKS: Benchmarks = {"startup": startup, "longest_gap_import": longest_gap_import}
