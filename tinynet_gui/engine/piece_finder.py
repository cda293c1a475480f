"""Finds the kinks of the moment that is shown: at once where that is quick, else when the training stands still."""

import traceback
from collections import deque
from time import perf_counter, thread_time

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from tinynet_gui.core.analysis.linear_regions import LinearRegions, find_linear_regions
from tinynet_gui.core.data.dataset import plot_range
from tinynet_gui.core.network.activations import ACTIVATIONS
from tinynet_gui.core.run.snapshot import Snapshot
from tinynet_gui.engine.own_thread import OwnThread

AT_ONCE_S = 0.004  # a search that takes no longer is made for each frame,
SHARE = 0.1  # and one that takes no more than this share of the time from frame to frame
SHORT_S = 0.05  # and one that takes no longer in the GUI's thread
STILL_MS = 150  # when no other moment has come for so long, the training stands still
SMALL = 3_000  # with so many weights a search is quick on any machine
REMEMBERED = 3  # searches; the quickest counts, so that one that was disturbed stops nothing


class _Searcher(QObject):
    """Lives in the pieces thread."""

    finished = Signal(object, object, float)  # Snapshot, LinearRegions or None, seconds
    failed = Signal(str)

    @Slot(object)
    def search(self, snapshot: Snapshot) -> None:
        """Find one moment's pieces."""
        try:
            pieces, seconds = _timed_search(snapshot)
            if seconds <= SHORT_S:
                pieces, seconds = _timed_search(snapshot)  # the first one found nothing in the processor's caches
            self.finished.emit(snapshot, pieces, seconds)
        except Exception:
            self.finished.emit(snapshot, None, 0.0)
            self.failed.emit(traceback.format_exc())


class PieceFinder(QObject):
    """Answers for the latest moment it was asked about; earlier ones are dropped.

    How long a search takes is measured: the kinks of a network of a thousand neurons can be found for each
    frame, those of three layers of a thousand take half a second, for which nobody waits.

    Signals
    -------
    found : Snapshot, LinearRegions
    failed : str
        The traceback of an exception.
    """

    found = Signal(object, object)
    failed = Signal(str)

    _search_wanted = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._snapshot: Snapshot | None = None
        self._kind: tuple[object, ...] = ()
        self._durations: deque[float] = deque(maxlen=REMEMBERED)
        self._is_under_way = False
        self._asked_at = perf_counter()
        self._still = QTimer(self)
        self._still.setSingleShot(True)
        self._still.setInterval(STILL_MS)
        self._still.timeout.connect(self._search_now)
        self._searcher = _Searcher()
        self._thread = OwnThread("pieces", self._searcher, self)
        self._search_wanted.connect(self._searcher.search)
        self._searcher.finished.connect(self._on_finished)
        self._searcher.failed.connect(self.failed)

    @Slot(object)
    def find(self, snapshot: Snapshot) -> None:
        """Find a moment's kinks and pieces: `found` is emitted before this returns, or later."""
        self._snapshot = snapshot
        kind = (snapshot.config.network.hidden, snapshot.config.network.activation)
        if kind != self._kind:
            self._kind = kind
            self._durations.clear()
        now = perf_counter()
        between_s, self._asked_at = now - self._asked_at, now
        if self._expected_s() <= max(AT_ONCE_S, min(SHARE * between_s, SHORT_S)):
            self._still.stop()
            self._search_here(snapshot)
        else:
            self._still.start()

    def shut_down(self) -> None:
        """End the thread and wait for it."""
        self._still.stop()
        self._snapshot = None
        self._thread.shut_down()

    def _expected_s(self) -> float:
        """How long a search is going to take; without bounds while nothing is known."""
        if self._snapshot is None or ACTIVATIONS[self._snapshot.config.network.activation].slopes is None:
            return 0.0
        if sum(layer.weight.size for layer in self._snapshot.layers) <= SMALL:
            return 0.0
        return min(self._durations, default=float("inf"))

    @Slot()
    def _search_now(self) -> None:
        """The training stands still."""
        if self._snapshot is None or self._is_under_way:
            return
        if self._expected_s() <= SHORT_S:
            self._search_here(self._snapshot)
        else:
            self._is_under_way = True
            self._thread.begin()
            self._search_wanted.emit(self._snapshot)

    def _search_here(self, snapshot: Snapshot) -> None:
        pieces, seconds = _timed_search(snapshot)
        self._durations.append(seconds)
        self.found.emit(snapshot, pieces)

    @Slot(object, object, float)
    def _on_finished(self, snapshot: Snapshot, pieces: LinearRegions | None, seconds: float) -> None:
        self._is_under_way = False
        if snapshot is self._snapshot:
            if pieces is not None:
                self._durations.append(seconds)
                self.found.emit(snapshot, pieces)
        elif not self._still.isActive():
            self._search_now()


def _timed_search(snapshot: Snapshot) -> tuple[LinearRegions, float]:
    """Find the pieces, and what that takes by itself: what else the machine does at the same time is not counted."""
    started = thread_time()
    pieces = find_linear_regions(snapshot.layers, snapshot.config.network.activation, *plot_range(snapshot.config.data))
    return pieces, thread_time() - started
