"""The real program in a process of its own, which prints what it took and when it had come how far.

The text of this file is run with `python -c`, so that the folder that runs without Python can run it, too. Its
arguments say what is wanted: `parts` of the start, `start` (pressed as soon as that can be done), `load` (how long the
event loop's turns are until PyTorch is ready), `memory` (then) and `map` (and after one); `quick`: all of it in little.
"""

import importlib
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

LIBRARIES = ("numpy", "PySide6.QtWidgets", "PySide6.QtSvg", "pyqtgraph")
LAST_WORDS = {"parts": "painted", "start": "trained", "load": "p99", "memory": "memory", "map": "after_map"}
IS_QUICK = "quick" in sys.argv
REST_S = 0.05 if IS_QUICK else 2.0  # for what is done a little later
said = set[str]()


def say(word: str, value: float) -> None:
    """Print a word and a number, once."""
    if word not in said:
        said.add(word)
        print(word, value, flush=True)


def is_over() -> bool:
    """Whether everything that was wanted has been said."""
    return all(word in said for how, word in LAST_WORDS.items() if how in sys.argv)


def resident_mb() -> float:
    """Return how much memory this process has, on Linux; elsewhere 0."""
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            return int(status.read().split("VmRSS:")[1].split()[0]) / 1024
    except OSError:
        return 0.0


def say_memory(window: Any) -> Iterator[None]:
    """Say it once PyTorch and the compiled loop are there, and once a map on the stage was finished and left."""
    yield from until(lambda: is_loaded(window))
    yield from rest()
    say("memory", resident_mb())
    if "map" in sys.argv:
        window.session.edit({"training.stop_step": 10 if IS_QUICK else 1_000})
        if IS_QUICK:
            window.resize(window.minimumSizeHint())
        view = window.views.map
        window.frame.layout.show(view)
        window.frame.arranger.maximize(view)
        view.controls.named_wanted.emit("failure")
        yield from rest()  # it takes the stage's size
        yield from until(lambda: view.picture is not None and view.picture.spacing == 1)
        window.frame.arranger.restore()
        window.frame.layout.show(window.views.loss_plot)
        yield from rest()
        say("after_map", resident_mb())


def is_loaded(window: Any) -> bool:
    """Whether all that comes later is there; in little PyTorch never is."""
    status = window.session.state.status
    return status.compiled == "ready" and (IS_QUICK or status.pytorch == "ready")


def until(is_so: Callable[[], bool]) -> Iterator[None]:
    """Wait for something."""
    while not is_so():
        yield


def rest() -> Iterator[None]:
    """Wait for some time."""
    end = time.perf_counter() + REST_S
    yield from until(lambda: time.perf_counter() > end)


def main() -> None:
    """Run the program with a window that is watched; the parts of its start are told in the processor's time."""
    began = time.process_time()
    importlib.import_module("tinynet_gui")
    if "parts" in sys.argv:
        for library in LIBRARIES:
            importlib.import_module(library)
    had_libraries = time.process_time()
    from PySide6.QtCore import QEvent, QObject, QTimer

    from tinynet_gui.app import application
    from tinynet_gui.ui.window import main_window

    say("libraries", had_libraries - began)
    say("ours", time.process_time() - had_libraries)

    class Watch(QObject):
        def __init__(self, window: main_window.MainWindow) -> None:
            super().__init__(window)
            self.window, self.turns, self.memory = window, list[float](), say_memory(window)
            window.views.diagram.installEventFilter(self)
            self.timer = QTimer(self)
            self.timer.timeout.connect(self.tick)
            if "load" in sys.argv or "memory" in sys.argv:
                self.timer.start(1)

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint:
                QTimer.singleShot(0, self.painted)
            return False

        def painted(self) -> None:
            say("painted", time.time())
            state = self.window.session.state
            if state.snapshot is not None and state.snapshot.step > 0:
                say("trained", time.time())
            elif state.snapshot is not None and state.status.phase == "ready":
                say("usable", time.time())
                if "start" in sys.argv:
                    self.window.actions_["actionStart"].trigger()
            self.end()

        def tick(self) -> None:
            if not self.window.isVisible():
                return
            status = self.window.session.state.status
            if "p99" not in said:
                self.turns.append(time.perf_counter())
                if (status.compiled if IS_QUICK else status.pytorch) == "ready":
                    gaps = sorted(1000 * (b - a) for a, b in zip(self.turns, self.turns[1:], strict=False))
                    say("longest", gaps[-1])
                    say("p99", gaps[int(0.99 * len(gaps))])
            elif "memory" in sys.argv:
                next(self.memory, None)
            self.end()

        def end(self) -> None:
            if is_over():
                self.window.close()

    class WatchedWindow(main_window.MainWindow):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            started = time.process_time()
            super().__init__(*args, **kwargs)
            say("window", time.process_time() - started)
            self.watch = Watch(self)

    if IS_QUICK:
        modules: dict[str, Any] = sys.modules
        modules["torch"] = None  # it would be imported to the end before the program's own
    vars(main_window).update(MainWindow=WatchedWindow)
    application.main([])


if __name__ == "__main__":
    main()
