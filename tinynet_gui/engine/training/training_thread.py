"""The training thread seen from the GUI thread: commands go in, frames come out."""

from collections.abc import Callable
from functools import partial
from typing import TypeVarTuple

from PySide6.QtCore import QObject, QThread, Signal, Slot

from tinynet_gui.core.config import Config
from tinynet_gui.core.network.refs import ParameterRef, Ref
from tinynet_gui.core.run.replay import Moment
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.training.engines import EngineName, Pace
from tinynet_gui.engine.training.step_scheduler import Usable
from tinynet_gui.engine.training.worker import Worker

SHUTDOWN_MS = 120_000  # generous: a slow machine may be in the middle of a large network


class OwnThread(QThread):
    """A thread with an event loop for one worker object, whose slots run here when called by queued signals.

    Qt aborts the process if a running thread is destroyed: `shut_down` before that.
    """

    def __init__(self, name: str, worker: QObject, parent: QObject) -> None:
        super().__init__(parent)
        self._is_shut_down = False
        self.setObjectName(name)
        worker.moveToThread(self)
        self.finished.connect(worker.deleteLater)

    def begin(self, priority: QThread.Priority = QThread.Priority.InheritPriority) -> None:
        """Start the thread unless it runs; a no-op after `shut_down`."""
        if not self._is_shut_down and not self.isRunning():
            self.start(priority)

    def shut_down(self) -> None:
        """End the thread and wait for it; idempotent. RuntimeError if it does not end: a slot is still running."""
        self._is_shut_down = True
        self.quit()
        if not self.wait(SHUTDOWN_MS):
            raise RuntimeError(f"the {self.objectName()} thread did not end within {SHUTDOWN_MS / 1000:g} s")


Ts = TypeVarTuple("Ts")


class TrainingThread(QObject):
    """Owns one thread with one worker in it. Every command is a queued signal and returns at once.

    Acknowledge a frame once it is on screen. `dissected` has the moment before a step, and that step taken
    apart; `failed` the number of the current command, and the traceback of an exception.
    """

    frame_ready = Signal(object)
    failed = Signal(int, str)
    dissected = Signal(object, object)

    _commanded = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.latest_command = 0  # frames that answer an older one do not show what the training does now
        self.worker = Worker()
        self._thread = OwnThread("training", self.worker, self)
        self._commanded.connect(self.worker.obey)
        self.worker.dissected.connect(self.dissected)
        self.worker.frame_ready.connect(self.frame_ready)
        self.worker.failed.connect(self.failed)

    def open(self) -> None:
        self._thread.begin()

    def begin(self, run: Run) -> None:
        self._send(self.worker.begin, self._next_command(), run)

    def forget(self) -> None:
        """Forget all runs: those of another session have the same numbers."""
        self._send(self.worker.forget)

    def apply_live(self, config: Config) -> None:
        self._send(self.worker.apply_live, config)

    def set_parameter(self, ref: ParameterRef, value: float) -> None:
        self._send(self.worker.set_parameter, ref, value)

    def freeze(self, frozen: frozenset[Ref]) -> None:
        self._send(self.worker.freeze, frozen)

    def set_pace(self, pace: Pace) -> None:
        self._send(self.worker.set_pace, pace)

    def set_engine(self, engine: EngineName) -> None:
        self._send(self.worker.set_engine, engine)

    def set_usable(self, usable: Usable) -> None:
        """Set which engines can be used; they must have been imported into the process."""
        self._send(self.worker.set_usable, usable)

    def start(self, stop_at: int, at_full_speed: bool) -> None:
        self._send(self.worker.start, self._next_command(), stop_at, at_full_speed)

    def pause(self) -> None:
        self._send(self.worker.pause, self._next_command())

    def take_steps(self, steps: int) -> None:
        self._send(self.worker.take_steps, self._next_command(), steps)

    def dissect(self, moment: Moment | None) -> None:
        self._send(self.worker.dissect, self._next_command(), moment)

    def acknowledge(self, frame_id: int) -> None:
        self._commanded.emit(partial(self.worker.acknowledge, frame_id))  # need not interrupt

    def _next_command(self) -> int:
        self.latest_command += 1
        return self.latest_command

    def _send(self, method: Callable[[*Ts], None], *arguments: *Ts) -> None:
        self.worker.interrupt[0] = 1
        self._commanded.emit(partial(method, *arguments))

    @Slot()
    def shut_down(self) -> None:
        if self._thread.isRunning():
            self.pause()
        self._thread.shut_down()
