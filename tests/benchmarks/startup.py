"""From process start to a usable window, against a bare ``import torch``."""

import subprocess
import sys
import time
from collections.abc import Callable

from tests.benchmarks.records import Record, median, record

ROUNDS = 7

# Runs the real main(); says when the diagram is first painted, when Start can be used, and when steps have been taken.
_CHILD = """
import time
from PySide6.QtCore import QEvent, QObject
from tinynet_gui import app
from tinynet_gui.ui.window import main_window

class FirstPaint(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint:
            print("painted", time.time(), flush=True)
            watched.removeEventFilter(self)
        return False

class WatchedWindow(main_window.MainWindow):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.first_paint = FirstPaint()
        self.diagram.installEventFilter(self.first_paint)
        self.session.changed.connect(self.on_changed)

    def on_changed(self, old, new):
        if new.status.phase == "ready" != old.status.phase:
            print("usable", time.time(), flush=True)
            self.actions_["actionStart"].trigger()
        if new.run.step > 0 and old.run.step == 0:
            print("trained", time.time(), flush=True)
            self.close()

main_window.MainWindow = WatchedWindow
app.main([])
"""


def startup() -> list[Record]:
    """Time to the window on screen, to Start usable and, with Start pressed at once, to the first steps drawn."""
    painted, usable, trained, imported = [], [], [], []
    for _ in range(ROUNDS + 1):
        started = time.time()
        output = subprocess.run([sys.executable, "-c", _CHILD], capture_output=True, text=True, check=True).stdout
        moments = dict(line.split() for line in output.splitlines())
        painted.append(float(moments["painted"]) - started)
        usable.append(float(moments["usable"]) - started)
        trained.append(float(moments["trained"]) - started)
        started = time.time()
        subprocess.run([sys.executable, "-c", "import torch"], check=True)
        imported.append(time.time() - started)
    against = "a fresh interpreter's bare import torch"
    records = []
    for name, values in (
        ("startup_visible", painted),
        ("startup", usable),
        ("startup_first_steps", trained),
    ):
        pairs = [value / alone for value, alone in zip(values[1:], imported[1:], strict=True)]  # the first warms up
        records.append(record(name, median(values[1:]), "s", against, median(pairs)))
    return records


BENCHMARKS: dict[str, Callable[[], list[Record]]] = {"startup": startup}
