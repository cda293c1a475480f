"""When the next frame may go out, and how many steps a second are taken."""

from collections import deque
from collections.abc import Callable
from time import perf_counter

from tinynet_gui.core.training.pace import FRAME_RATE

TRAINING_SHARE = 0.82  # of the time between two frames, if the window is slow to draw them
LONGEST_INTERVAL_S = 0.5


class FrameThrottle:
    """Says when the next frame may be sent.

    One frame is in flight at a time; the next is sent no sooner than the screen can show it. A training at full speed
    also keeps its share of the time: torch releases the interpreter lock at every operation and must win it back from a
    window that paints. While a frame is being drawn, training hardly advances, so the cost of a frame counts as lost to
    it.
    """

    def __init__(self, now: Callable[[], float] = perf_counter) -> None:
        self._now = now
        self._in_flight: int | None = None
        self._published = 0.0
        self._next = 0.0

    @property
    def is_in_flight(self) -> bool:
        """Whether a frame has been published and not yet acknowledged."""
        return self._in_flight is not None

    def seconds_until_due(self) -> float:
        """Return how long to wait before the next frame, if none is in flight; 0 if it may be sent now."""
        return max(0.0, self._next - self._now())

    def published(self, frame_id: int, making_s: float) -> None:
        """A frame has been sent; making it took `making_s` seconds."""
        self._published = self._now() - making_s
        self._in_flight = frame_id

    def acknowledged(self, frame_id: int, training_share: float = TRAINING_SHARE) -> None:
        """A frame is on screen; an older one than the last published does not count.

        `training_share` is 0 if training waits for the frame rather than the other way round.
        """
        if frame_id != self._in_flight:
            return
        self._in_flight = None
        cost = self._now() - self._published
        interval = min(max(1 / FRAME_RATE, cost / (1 - training_share)), LONGEST_INTERVAL_S)
        self._next = self._published + interval


class RateMeter:
    """Steps a second over the last half second."""

    WINDOW_S = 0.5

    def __init__(self, now: Callable[[], float] = perf_counter) -> None:
        self._now = now
        self._marks: deque[tuple[float, int]] = deque()

    def restart(self, step: int) -> None:
        """Forget the past; training continues from this step now."""
        self._marks.clear()
        self._marks.append((self._now(), step))

    def mark(self, step: int) -> None:
        """Training has reached this step."""
        now = self._now()
        self._marks.append((now, step))
        while len(self._marks) > 2 and self._marks[1][0] <= now - self.WINDOW_S:
            self._marks.popleft()

    @property
    def steps_per_second(self) -> float:
        """The measured rate, 0 before there is anything to measure."""
        if len(self._marks) < 2:
            return 0.0
        (t0, s0), (t1, s1) = self._marks[0], self._marks[-1]
        return (s1 - s0) / (t1 - t0) if t1 > t0 else 0.0
