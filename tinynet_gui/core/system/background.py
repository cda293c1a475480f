"""Background work: another thread can stop it, and it gives way to the window."""

import os
import sys
import threading
from collections import deque
from time import perf_counter

import numpy as np
import numpy.typing as npt

LONGEST_WAIT_S = 0.1  # background work goes on after this, whatever the window does
NICENESS = 10  # of threads on all cores, above that of the thread that starts them
LOWEST = 19
PORTION_S = 0.006  # of work between two waits, beside a window that is always busy


class UiPriority:
    """Belongs to one thread. The others wait while it is taken, and then have a portion of time for themselves."""

    def __init__(self, longest_wait_s: float = LONGEST_WAIT_S, portion_s: float = PORTION_S) -> None:
        self._longest_wait_s, self._portion_s = longest_wait_s, portion_s
        self._owner, self._is_taken = 0, False
        # No lock is shared with the thread that goes first: it would wait for a holder that has no processor.
        self._waiting: deque[threading.Lock] = deque()
        self._own = threading.local()

    def take(self) -> None:
        """Go first; only ever in one thread."""
        self._owner, self._is_taken = threading.get_ident(), True

    def let_go(self) -> None:
        """Let the others continue. Calling it twice is harmless."""
        self._is_taken = False
        while self._waiting:
            self._waiting.popleft().release()

    def hurry(self, seconds: float) -> None:
        """Let this thread go on for some time without waiting: the window itself waits for its result."""
        self._own.portion_ends = perf_counter() + seconds

    def give(self) -> None:
        """Wait while another thread goes first; if none does, this takes a fraction of a microsecond."""
        if not self._is_taken or threading.get_ident() == self._owner:
            return
        if perf_counter() >= getattr(self._own, "portion_ends", 0.0):
            held = threading.Lock()
            held.acquire()
            self._waiting.append(held)
            if self._is_taken:  # still
                held.acquire(timeout=self._longest_wait_s)
            self._own.portion_ends = perf_counter() + self._portion_s


WINDOW = UiPriority()  # one per process, like the interpreter's lock
yield_to_window = WINDOW.give


def go_last() -> None:
    """Yield the core to the window's thread when it wants to paint: there may be no other one free."""
    if sys.platform == "linux":  # where each thread has its own niceness, and Qt's priorities do nothing
        thread = threading.get_native_id()
        lower = os.getpriority(os.PRIO_PROCESS, thread) + NICENESS  # a thread cannot go back to a higher priority
        os.setpriority(os.PRIO_PROCESS, thread, min(lower, LOWEST))


class StoppedError(Exception):
    """Another thread has asked to stop: nobody waits for the result."""


def raise_if_stopped(stop: npt.NDArray[np.uint8] | None) -> None:
    """Let the window go first; raise `StoppedError` if another thread has made the element of `stop` nonzero."""
    yield_to_window()
    if stop is not None and stop[0]:
        raise StoppedError
