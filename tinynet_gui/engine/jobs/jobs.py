"""Background jobs: plain functions in threads, with callbacks in the GUI thread."""

import threading
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from time import perf_counter
from typing import Any, Literal, TypeVar, TypeVarTuple

import numpy as np
import shiboken6
from PySide6.QtCore import QObject, QThread, Signal, Slot

from tinynet_gui.core.system.background import WINDOW, StoppedError
from tinynet_gui.core.system.machine import give_memory_back
from tinynet_gui.core.values import Stop
from tinynet_gui.engine.training.training_thread import OwnThread
from tinynet_gui.qt import single_shot

R = TypeVar("R")
Ts = TypeVarTuple("Ts")

REPORT_INTERVAL_S = 0.1  # a quicker job reports no progress
MAX_DRAWING = 0.1  # the largest share of the time spent drawing reports
SLOW_S = 0.15  # a request in progress for longer is cancelled by the next one
MEMORY = "memory"  # the key of the job that trims memory
IDLE_MS = 1_000  # idle time after a slow job before freed memory is returned to the system


class Job:
    """A background function's handle for cancellation and progress, passed as its last argument.

    `stop`, uint8 of shape (1,), becomes nonzero when the function should return early: compiled loops can poll it.
    """

    def __init__(self, tell: Callable[["Job"], None]) -> None:
        self.stop: Stop = np.zeros(1, dtype=np.uint8)
        self._notify = tell
        self._lock = threading.Lock()
        self._is_report_pending = False
        self._begun = perf_counter()
        self._next_report_at = self._begun + REPORT_INTERVAL_S
        self._share: float = 0.0
        self._partial: object = None

    def report(self, share: float, partial: object = None) -> None:
        """Report the share done, and the result so far, or None if it is unchanged.

        Reports are throttled: only the latest is delivered, and none shortly before the result, so that drawing them
        can neither keep the window busy nor delay the result.
        """
        now = perf_counter()
        is_almost_done = (now - self._begun) * (1 - share) < REPORT_INTERVAL_S * share  # at the same pace
        with self._lock:
            self._share = share
            self._partial = self._partial if partial is None else partial
            is_report_due = not self._is_report_pending and now >= self._next_report_at and not is_almost_done
            self._is_report_pending = self._is_report_pending or is_report_due
        if is_report_due:
            self._notify(self)

    def deliver(self, draw: Callable[[float, Any], object]) -> None:
        """Draw the pending report; the longer that takes, the later the next one may follow."""
        begun = perf_counter()
        with self._lock:
            report, self._partial = (self._share, self._partial), None
        draw(*report)
        took = perf_counter() - begun
        with self._lock:
            self._is_report_pending, self._next_report_at = False, begun + max(REPORT_INTERVAL_S, took / MAX_DRAWING)


def with_stop(function: Callable[[*Ts, Stop], R]) -> Callable[[*Ts, Job], R]:
    """Return a background function from one of core, which takes `stop` last."""
    return lambda *given: function(*given[:-1], given[-1].stop)


def with_report(function: Callable[[*Ts, Stop, Callable[..., None]], R]) -> Callable[[*Ts, Job], R]:
    """Return a background function from one of core, which takes `stop` and `report` last."""
    return lambda *given: function(*given[:-1], given[-1].stop, given[-1].report)


@dataclass
class _Request:
    """A request; it never leaves the GUI thread, as its callbacks may hold the last reference to a widget."""

    task: Callable[[], object]
    job: Job
    on_result: Callable[[Any], None]
    on_progress: Callable[[float, Any], None] | None
    on_error: Callable[[str], None] | None
    timeout_ms: int | None
    begun: float = field(default_factory=perf_counter)
    is_wanted: bool = True

    def end_early(self) -> None:
        self.job.stop[0] = 1
        self.is_wanted = False


class _Worker(QObject):
    """Lives in the thread of one key, and calls the functions there."""

    progressed = Signal(object)
    ended = Signal(object, str)  # the result, and the traceback of an exception

    @Slot(object, object)
    def work(self, task: Callable[[], object], job: Job) -> None:
        result, trouble = None, ""
        try:
            result = None if job.stop[0] else task()
        except StoppedError:
            pass
        except Exception:
            trouble = traceback.format_exc()
        self.ended.emit(result, trouble)


class _Lane(QObject):
    """The requests under one key: one in progress, and the latest pending one.

    The slots run in the GUI thread, and so do the callbacks.
    """

    failed = Signal(str)
    has_arrived = Signal()
    slow_one_ended = Signal()

    _work_wanted = Signal(object, object)

    def __init__(self, key: str, priority: QThread.Priority, parent: QObject) -> None:
        super().__init__(parent)
        self._current: _Request | None = None
        self._waiting: _Request | None = None
        self._timeout = single_shot(self, 0, self._cancel_current)
        self.worker = _Worker()
        self._thread = OwnThread(key, self.worker, self)
        self._work_wanted.connect(self.worker.work)
        self.worker.progressed.connect(self._on_progressed)
        self.worker.ended.connect(self._on_ended)
        self._thread.begin(priority)

    @property
    def is_running(self) -> bool:
        return self._waiting is not None or (self._current is not None and self._current.is_wanted)

    def submit(self, request: _Request, gives_way: bool) -> None:
        """Begin now, or after the request in progress, which is cancelled if it `gives_way` or is slow."""
        self._waiting = request
        if self._current is None:
            self._begin_next()
        elif gives_way or perf_counter() - self._current.begun > SLOW_S:
            self._current.end_early()

    def stop(self) -> None:
        """Ask the request in progress to return early; its result is delivered."""
        if self._current is not None:
            self._current.job.stop[0] = 1

    def cancel(self) -> None:
        self._waiting = None
        self._cancel_current()

    def shut_down(self) -> None:
        self.cancel()
        self._timeout.stop()
        self._thread.shut_down()

    def _begin_next(self) -> None:
        self._current, self._waiting = self._waiting, None
        if self._current is not None:
            self._current.begun = perf_counter()
            if self._current.timeout_ms is not None:
                self._timeout.start(self._current.timeout_ms)
            self._work_wanted.emit(self._current.task, self._current.job)

    @Slot()
    def _cancel_current(self) -> None:
        if self._current is not None:
            self._current.end_early()

    @Slot(object)
    def _on_progressed(self, job: Job) -> None:
        self.has_arrived.emit()
        request = self._current
        if request is not None and request.job is job and request.is_wanted:
            job.deliver(partial(_call, request.on_progress))

    @Slot(object, str)
    def _on_ended(self, result: object, trouble: str) -> None:
        """Begin the pending request; then call back for the one that has ended, unless it was cancelled."""
        self.has_arrived.emit()
        self._timeout.stop()
        ended = self._current
        assert ended is not None
        if perf_counter() - ended.begun > SLOW_S:
            self.slow_one_ended.emit()
        self._begin_next()
        if ended.is_wanted:
            callback, value = (ended.on_error, trouble) if trouble else (ended.on_result, result)
            _call(callback, value)
        if trouble:
            self.failed.emit(trouble)


class Jobs(QObject):
    """Runs plain functions in separate threads, one for each key: under a key the latest request wins.

    So a preview does not wait for an experiment of a minute. Create a `GuiCollector` beside it. `failed` has the
    traceback of an exception in a function.
    """

    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lanes: dict[str, _Lane] = {}
        self._is_shut_down = False
        self._turn = single_shot(self, 0, self._release)  # after the pending events
        self._idle = single_shot(self, IDLE_MS, self._tidy_up, "memoryGivenBack")

    @Slot()
    def yield_to_window(self) -> None:
        """Block background Python code until the event loop has finished its turn."""
        if not self._turn.isActive() and not self._is_shut_down:
            WINDOW.take()
            self._turn.start()

    @Slot()
    def _release(self) -> None:
        WINDOW.release()

    @Slot()
    def _tidy_up_soon(self) -> None:
        if not self._is_shut_down:
            self._idle.start()

    @Slot()
    def _tidy_up(self) -> None:
        """Return freed memory to the system when no job is in progress."""
        if any(lane.is_running for lane in self._lanes.values()):
            self._idle.start()
        else:
            self.submit(MEMORY, lambda job: give_memory_back(), on_result=lambda _: None)

    def submit(
        self,
        key: str,
        function: Callable[[*Ts, Job], R],
        *arguments: *Ts,
        on_result: Callable[[R], None],
        on_progress: Callable[[float, Any], None] | None = None,
        on_error: Callable[[str], None] | None = None,
        timeout_ms: int | None = None,
        replaces: Literal["now", "when slow"] = "now",
        priority: QThread.Priority = QThread.Priority.InheritPriority,
    ) -> None:
        """Run ``function(*arguments, job)`` in the background; a no-op after `shut_down`.

        Parameters
        ----------
        key
            The kind of request. A new one replaces the pending one of its key, and cancels the one in progress.
        function, arguments
            Must not hold Qt objects, which might be destroyed in the other thread.
        on_result, on_progress, on_error
            Called in the GUI thread with the result; with the share done and the result so far; with the traceback of
            an exception. No longer called once the request is replaced or cancelled, or their own QObject destroyed.
        timeout_ms
            Timeout, after which the request is cancelled.
        replaces
            Whether to cancel the request in progress now, or only once it has taken `SLOW_S`. Then one that is almost
            done still finishes, so that answers follow a continuous drag.
        priority
            Of the thread; only the first request of a key sets it.
        """
        if self._is_shut_down:
            return
        if key not in self._lanes:
            self._lanes[key] = _Lane(key, priority, self)
            self._lanes[key].failed.connect(self._on_failed)
            self._lanes[key].has_arrived.connect(self.yield_to_window)
            if key != MEMORY:
                self._lanes[key].slow_one_ended.connect(self._tidy_up_soon)
        lane = self._lanes[key]
        job = Job(lane.worker.progressed.emit)
        request = _Request(lambda: function(*arguments, job), job, on_result, on_progress, on_error, timeout_ms)
        lane.submit(request, replaces == "now")

    def stop(self, key: str) -> None:
        """Ask the request in progress to return early; `on_result` follows with the result so far."""
        if key in self._lanes:
            self._lanes[key].stop()

    def cancel(self, key: str) -> None:
        """Drop the requests of a key; no callback follows."""
        if key in self._lanes:
            self._lanes[key].cancel()

    def is_running(self, key: str) -> bool:
        """Whether a request is in progress or pending."""
        return key in self._lanes and self._lanes[key].is_running

    def shut_down(self) -> None:
        """End all threads and wait, without callbacks; idempotent. RuntimeError names a thread that does not end."""
        self._is_shut_down = True
        self._turn.stop()
        self._idle.stop()
        self._release()
        for lane in self._lanes.values():
            lane.cancel()
        shut_down_all(self._lanes.values())

    @Slot(str)
    def _on_failed(self, text: str) -> None:
        if not self._is_shut_down:
            self.failed.emit(text)


def shut_down_all(owners: Iterable[Any]) -> None:
    """Shut down all owners of threads; RuntimeError names the threads that do not end."""
    troubles: list[str] = []
    for owner in owners:
        try:
            owner.shut_down()
        except RuntimeError as error:
            troubles.append(str(error))
    if troubles:
        raise RuntimeError("; ".join(troubles))


def _call(callback: Callable[..., None] | None, *values: object) -> None:
    """Call back, unless Qt has destroyed the receiver."""
    receiver = getattr(callback, "__self__", None)
    if callback is not None and not (isinstance(receiver, QObject) and not shiboken6.isValid(receiver)):
        callback(*values)
