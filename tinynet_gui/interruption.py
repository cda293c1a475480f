"""Ctrl+C, a closed terminal, the end of the session: the program ends as if its window had been closed.

Python would raise an exception at an arbitrary place, in the midst of a paint, and only once Python code runs again: in
Qt's event loop that may be never.
"""

import contextlib
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

NAMES = ("SIGINT", "SIGTERM", "SIGHUP")  # the last is unknown to Windows


class Interruption:
    """Notices these signals; one that is ignored from the start (nohup) stays ignored."""

    def __init__(self) -> None:
        self.has_come = False
        self._bytes: socket.socket | None = None  # one for each signal
        self._notifier: Any = None

    @contextlib.contextmanager
    def caught(self) -> Iterator[None]:
        """Catch the signals within the context."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        numbers = [getattr(signal, name) for name in NAMES if hasattr(signal, name)]
        before = {number: signal.getsignal(number) for number in numbers}
        self._bytes, writing = socket.socketpair()
        for end in (self._bytes, writing):
            end.setblocking(False)
        wakeup = signal.set_wakeup_fd(writing.fileno(), warn_on_full_buffer=False)
        for number in numbers:
            if before[number] != signal.SIG_IGN or number == signal.SIGINT:  # jobs started with & ignore that one
                signal.signal(number, self._on_signal)
        try:
            yield
        finally:
            self._notifier = None
            for number in numbers:
                signal.signal(number, before[number])
            signal.set_wakeup_fd(wakeup)
            self._bytes.close()
            writing.close()

    def call(self, slot: Callable[[], object]) -> None:
        """Call a slot in Qt's event loop when a signal comes, or if one has come already."""
        from PySide6.QtCore import QSocketNotifier, QTimer

        if self._bytes is None:
            return
        reading = self._bytes

        def look() -> None:
            with contextlib.suppress(BlockingIOError):
                reading.recv(4096)  # by now Python has run the signal's own handler
            if self.has_come:
                slot()

        self._notifier = QSocketNotifier(reading.fileno(), QSocketNotifier.Type.Read)
        self._notifier.activated.connect(look)
        if self.has_come:
            QTimer.singleShot(0, slot)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.has_come = True
