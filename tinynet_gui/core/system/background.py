"""Background work: cancellation, and yielding to the window's thread."""

import os
import sys
import threading
from collections import deque
from time import perf_counter

from tinynet_gui.core.values import Stop

LONGEST_WAIT_S = 0.1  # background work goes on after this, whatever the window does
NICENESS = 10  # of threads on all cores, above that of the thread that starts them
LOWEST = 19
PORTION_S = 0.006  # of work between two waits, beside a window that is always busy


class UiPriority:
    """Lets one thread go first: the others wait while it holds the priority, then get a time slice.

    Python's threads share the interpreter lock. A paint releases and retakes it at each longer Qt call, dozens of
    times, and a thread that computes in Python may keep it for 5 ms each time: a paint of 15 ms took 150. So the
    window's thread takes the priority, and background Python code calls `give` between short portions. Compiled code
    holds no lock and need not.
    """

    def __init__(self, longest_wait_s: float = LONGEST_WAIT_S, portion_s: float = PORTION_S) -> None:
        self._longest_wait_s, self._portion_s = longest_wait_s, portion_s
        self._owner, self._is_taken = 0, False
        # No lock is shared with the thread that goes first: it would wait for a holder that has no processor.
        self._waiting: deque[threading.Lock] = deque()
        self._own = threading.local()

    def take(self) -> None:
        """Take the priority; only ever in one thread."""
        self._owner, self._is_taken = threading.get_ident(), True

    def release(self) -> None:
        """Release the priority; idempotent."""
        self._is_taken = False
        while self._waiting:
            self._waiting.popleft().release()

    def hurry(self, seconds: float) -> None:
        """Exempt this thread from waiting for some seconds, because the window waits for its result."""
        self._own.portion_ends = perf_counter() + seconds

    def give(self) -> None:
        """Wait while another thread holds the priority; otherwise this takes a fraction of a microsecond."""
        if not self._is_taken or threading.get_ident() == self._owner:
            return
        if perf_counter() >= getattr(self._own, "portion_ends", 0.0):
            held = threading.Lock()
            held.acquire()
            self._waiting.append(held)
            if self._is_taken:  # not released meanwhile
                held.acquire(timeout=self._longest_wait_s)
            self._own.portion_ends = perf_counter() + self._portion_s


WINDOW = UiPriority()  # one per process, like the interpreter's lock
yield_to_window = WINDOW.give


def go_last() -> None:
    """Lower this thread's priority below the window's: there may be no other core free."""
    if sys.platform == "linux":  # where each thread has its own niceness, and Qt's priorities do nothing
        thread = threading.get_native_id()
        lower = os.getpriority(os.PRIO_PROCESS, thread) + NICENESS  # a thread cannot go back to a higher priority
        os.setpriority(os.PRIO_PROCESS, thread, min(lower, LOWEST))


class StoppedError(Exception):
    """The computation was cancelled by another thread."""


def raise_if_stopped(stop: Stop | None) -> None:
    """Yield to the window; raise `StoppedError` if another thread has made the element of `stop` nonzero."""
    yield_to_window()
    if stop is not None and stop[0]:
        raise StoppedError
