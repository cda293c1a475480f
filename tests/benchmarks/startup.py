"""From process start to a usable window, against a bare ``import torch``."""

import os
import subprocess
import sys
import time
from collections.abc import Callable

from tests.benchmarks.records import Record, median, record

ROUNDS = 7

# Runs the real main(); says when the window is first painted, when the untrained network is drawn and Start can be
# used, when steps have been taken and drawn, and how long the event loop's turns are until PyTorch is ready.
_CHILD = """
import sys, time
from PySide6.QtCore import QEvent, QObject, QTimer
from tinynet_gui import app
from tinynet_gui.ui.window import main_window

presses_start, waits_for_pytorch = sys.argv[1] == "start", sys.argv[1] == "load"
said = set()

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
            self.window.close()
        elif state.snapshot is not None and state.status.phase == "ready":
            say("usable", time.time())
            if presses_start:
                self.window.actions_["actionStart"].trigger()

class WatchedWindow(main_window.MainWindow):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.paints = Paints(self)
        self.diagram.installEventFilter(self.paints)
        self.turns = []
        if waits_for_pytorch:
            self.ticks = QTimer(self)
            self.ticks.timeout.connect(self.tick)
            self.ticks.start(1)

    def tick(self):
        if not self.isVisible():
            return
        self.turns.append(time.perf_counter())
        if self.session.state.status.pytorch == "ready":
            gaps = sorted(1000 * (b - a) for a, b in zip(self.turns, self.turns[1:]))
            say("longest", gaps[-1])
            say("p99", gaps[int(0.99 * len(gaps))])
            self.close()

main_window.MainWindow = WatchedWindow
app.main([])
"""


def _said(how: str) -> dict[str, float]:
    started = time.time()
    command = [sys.executable, "-c", _CHILD, how]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    output = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    moments = {word: float(value) for word, value in map(str.split, output.splitlines())}
    return {word: value - started if value > 1e6 else value for word, value in moments.items()}


def startup() -> list[Record]:
    """Time to the window, to the untrained network drawn and Start usable, and to the first steps drawn.

    Start is pressed as soon as that can be done.
    """
    runs: list[dict[str, float]] = []
    imported: list[float] = []
    for _ in range(ROUNDS + 1):
        runs.append(_said("start"))
        started = time.time()
        subprocess.run([sys.executable, "-c", "import torch"], check=True)
        imported.append(time.time() - started)
    against = "a fresh interpreter's bare import torch"
    records = []
    names = {"startup_visible": "painted", "startup": "usable", "startup_first_steps": "trained"}
    for name, word in names.items():
        values = [run[word] for run in runs[1:]]  # the first warms up
        pairs = [value / alone for value, alone in zip(values, imported[1:], strict=True)]
        records.append(record(name, median(values), "s", against, median(pairs)))
    return records


def longest_gap_import() -> list[Record]:
    """The gaps between two turns of the event loop, from the first window to PyTorch and its first optimiser."""
    runs = [_said("load") for _ in range(ROUNDS)]
    longest, p99 = (median([run[word] for run in runs]) for word in ("longest", "p99"))
    worst = max(run["longest"] for run in runs)
    return [
        record("longest_gap_import", longest, "ms", "100 ms", longest / 100),
        record("longest_gap_import_worst", worst, "ms", "100 ms", worst / 100),
        record("longest_gap_import_p99", p99, "ms", "33 ms", p99 / 33),
    ]


BENCHMARKS: dict[str, Callable[[], list[Record]]] = {"startup": startup, "longest_gap_import": longest_gap_import}
