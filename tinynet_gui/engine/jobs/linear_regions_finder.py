"""Finds the kinks of the current moment: synchronously if that is quick, else when training pauses."""

import sys
from collections import deque
from time import perf_counter, thread_time

from PySide6.QtCore import QObject, Signal, Slot

from tinynet_gui.core.function.linear_regions import LinearRegions, find_linear_regions
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.training.start import plot_range
from tinynet_gui.core.values import frozen_dataclass
from tinynet_gui.engine.jobs.jobs import Job, Jobs
from tinynet_gui.qt import single_shot

AT_ONCE_S = 0.004  # every frame is searched if that takes no longer than this,
SHARE = 0.1  # and no more than this share of the time between frames
SHORT_S = 0.05  # other searches up to this long run in the GUI thread
IDLE_MS = 150  # without a new moment for this long, training counts as paused
SMALL = 3_000  # with so few weights a search is quick on any machine
KEY = "linear regions"
REMEMBERED = 3  # the quickest of the last searches is the estimate: one slowed down from outside has no effect
# Thread time ignores other load; but on Windows it ticks only every 1/64 s, longer than most searches.
search_time = perf_counter if sys.platform == "win32" else thread_time


class LinearRegionsFinder(QObject):
    """Finds the kinks of the latest moment requested; emits `found : Snapshot, LinearRegions`.

    Searches are timed: the kinks of a network of a thousand neurons can be found for each frame, but those of three
    layers of a thousand take half a second, too long to delay a frame.
    """

    found = Signal(object, object)

    def __init__(self, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._snapshot: Snapshot | None = None
        self._kind: tuple[object, ...] = ()
        self._durations: deque[float] = deque(maxlen=REMEMBERED)
        self._asked_at = perf_counter()
        self._idle = single_shot(self, IDLE_MS, self._search_now)

    @Slot(object)
    def find(self, snapshot: Snapshot) -> None:
        """Find a moment's kinks and linear regions: `found` is emitted before this returns, or later."""
        self._snapshot = snapshot
        kind = (snapshot.config.network.hidden, snapshot.config.network.activation)
        if kind != self._kind:
            self._kind = kind
            self._durations.clear()
        now = perf_counter()
        between_s, self._asked_at = now - self._asked_at, now
        if self._expected_s() <= max(AT_ONCE_S, min(SHARE * between_s, SHORT_S)):
            self._idle.stop()
            self._jobs.cancel(KEY)
            self._show(_search(snapshot))
        else:
            self._idle.start()

    def stop(self) -> None:
        self._idle.stop()
        self._jobs.cancel(KEY)

    def _expected_s(self) -> float:
        """Return the expected time of a search; infinite while unknown."""
        if self._snapshot is None or not self._snapshot.config.network.is_piecewise_linear:
            return 0.0
        if sum(layer.weight.size for layer in self._snapshot.layers) <= SMALL:
            return 0.0
        return min(self._durations, default=float("inf"))

    @Slot()
    def _search_now(self) -> None:
        if self._snapshot is None:
            return
        if self._expected_s() <= SHORT_S:
            self._show(_search(self._snapshot))
        else:
            self._jobs.submit(KEY, _search_in_background, self._snapshot, on_result=self._show)

    def _show(self, search: "_Search") -> None:
        if search.snapshot is self._snapshot:
            self._durations.append(search.seconds)
            self.found.emit(search.snapshot, search.regions)


@frozen_dataclass
class _Search:
    snapshot: Snapshot
    regions: LinearRegions
    seconds: float


def _search(snapshot: Snapshot) -> _Search:
    started = search_time()
    activation = snapshot.config.network.activation
    regions = find_linear_regions(snapshot.curve_layers, activation, *plot_range(snapshot.config.data))
    return _Search(snapshot, regions, search_time() - started)


def _search_in_background(snapshot: Snapshot, job: Job) -> _Search:
    search = _search(snapshot)
    return search if search.seconds > SHORT_S else _search(snapshot)  # the first one ran with cold processor caches
