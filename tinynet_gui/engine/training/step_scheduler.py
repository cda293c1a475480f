"""How many steps to take before the next check, and when, so that training keeps its pace."""

from collections.abc import Callable
from time import perf_counter

from tinynet_gui.core.training.engines import EngineName
from tinynet_gui.core.training.pace import FULL_SPEED, PACES, TUTORIAL_PACE, Pace
from tinynet_gui.engine.training.backends import StepCosts
from tinynet_gui.engine.training.frame_timing import TRAINING_SHARE, FrameThrottle

CHUNK_S = 0.008  # a chunk of steps takes about this long, so that a pause acts within it


class StepScheduler:
    """Cuts a training into chunks of steps: so many per second, per frame, or as many as possible.

    Attributes
    ----------
    costs
        The cost of a step of the current run.
    """

    def __init__(self, now: Callable[[], float] = perf_counter) -> None:
        self._now = now
        self._chosen = self._pace = PACES[TUTORIAL_PACE]
        self._throttle = FrameThrottle(now)
        self._frame_steps = 0  # taken since the last frame
        self._next_step_at = 0.0
        self.costs = StepCosts()

    def begin_run(self) -> None:
        """Begin another run: the cost of its steps is unknown."""
        self.costs = StepCosts()
        self._frame_steps = 0

    def choose(self, pace: Pace) -> None:
        """Use this pace from now on."""
        self._chosen = self._pace = pace
        self._next_step_at = 0.0

    def start(self, at_full_speed: bool) -> None:
        """Go at the chosen pace, or once at full speed."""
        self._pace = PACES[FULL_SPEED] if at_full_speed else self._chosen
        self._next_step_at = 0.0

    def chunk(self, engine: EngineName, most: int) -> int:
        """Return how many steps to take now, at least 0 and at most `most`."""
        steps = self.costs.steps_within(engine, CHUNK_S)
        if self._pace.steps_per_second is not None:
            now = self._now()
            if now < self._next_step_at:
                return 0
            steps = 1
            self._next_step_at = max(self._next_step_at, now - 1.0) + 1 / self._pace.steps_per_second
            if self._next_step_at < now:  # the first step, or the thread was held up
                self._next_step_at = now + 1 / self._pace.steps_per_second
        elif self._pace.steps_per_frame is not None:
            steps = min(steps, self._pace.steps_per_frame - self._frame_steps)
        return max(0, min(steps, most))

    def took(self, steps: int) -> None:
        """Count steps that have been taken."""
        self._frame_steps += steps

    def is_frame_due(self) -> bool:
        """Whether the next frame may be sent: its steps are taken, and the previous one is on screen."""
        return self._is_frame_complete() and not self._throttle.is_in_flight and self._throttle.seconds_until_due() <= 0

    def wait_s(self) -> float | None:
        """Return when to check again, in seconds from now; None: when the frame in flight has been acknowledged."""
        if self._pace.steps_per_second is not None:
            return max(0.0, self._next_step_at - self._now())
        if self._pace.steps_per_frame is not None and self._is_frame_complete():
            return None if self._throttle.is_in_flight else self._throttle.seconds_until_due()
        return 0.0

    def published(self, frame_id: int, making_s: float) -> None:
        """A frame has been sent; making it took `making_s` seconds."""
        self._frame_steps = 0
        self._throttle.published(frame_id, making_s)

    def acknowledged(self, frame_id: int, engine: EngineName | None) -> None:
        """A frame is on screen.

        The compiled loop holds no lock, and a training at a limited pace waits for the frame anyway: only PyTorch at
        full speed needs its share of the time.
        """
        at_full_speed = self._pace.steps_per_frame is None and self._pace.steps_per_second is None
        self._throttle.acknowledged(frame_id, TRAINING_SHARE if at_full_speed and engine == "PyTorch" else 0.0)

    def _is_frame_complete(self) -> bool:
        return self._frame_steps >= (self._pace.steps_per_frame or 1)
