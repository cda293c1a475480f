"""Paces the training: how many steps to take before the next check, and when."""

import math
from collections import deque
from collections.abc import Callable
from time import perf_counter
from typing import TYPE_CHECKING

from tinynet_gui.core.config import Config
from tinynet_gui.core.network.refs import frozen_masks
from tinynet_gui.core.run.replay import Moment
from tinynet_gui.core.training import engines
from tinynet_gui.core.training.start import batch_length
from tinynet_gui.core.training.trainer import Trainer, advance
from tinynet_gui.core.values import frozen_dataclass

if TYPE_CHECKING:
    from tinynet_gui.core.step.dissection import Dissection


TRAINING_SHARE = 0.82  # the training's least share of the time between frames, however slowly they are drawn
LONGEST_INTERVAL_S = 0.5


class FrameThrottle:
    """Decides when the next frame may be sent.

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
        """Record a sent frame that took `making_s` seconds to make."""
        self._published = self._now() - making_s
        self._in_flight = frame_id

    def acknowledged(self, frame_id: int, training_share: float = TRAINING_SHARE) -> None:
        """Record that a frame is on screen; one older than the last published is ignored.

        `training_share` is 0 if training waits for the frame rather than the other way round.
        """
        if frame_id != self._in_flight:
            return
        self._in_flight = None
        cost = self._now() - self._published
        interval = min(max(1 / engines.FRAME_RATE, cost / (1 - training_share)), LONGEST_INTERVAL_S)
        self._next = self._published + interval


class RateMeter:
    """Steps per second over the last half second."""

    WINDOW_S = 0.5

    def __init__(self, now: Callable[[], float] = perf_counter) -> None:
        self._now = now
        self._marks: deque[tuple[float, int]] = deque()

    def restart(self, step: int) -> None:
        """Forget the past; training continues from this step now."""
        self._marks.clear()
        self._marks.append((self._now(), step))

    def mark(self, step: int) -> None:
        now = self._now()
        self._marks.append((now, step))
        while len(self._marks) > 2 and self._marks[1][0] <= now - self.WINDOW_S:
            self._marks.popleft()

    @property
    def steps_per_second(self) -> float:
        if len(self._marks) < 2:
            return 0.0
        (t0, s0), (t1, s1) = self._marks[0], self._marks[-1]
        return (s1 - s0) / (t1 - t0) if t1 > t0 else 0.0


MAX_WORK = 500_000  # parameters times samples of a step: PyTorch keeps up with the tutorial's pace up to this
FIRST_GUESS_S = 1e-2  # for a step, before it is measured: cautious, as in a wide network
LARGEST_RISE = 3.0  # limits the growth of a cost per measurement: the thread may only have stalled


def engine_for(
    choice: engines.EngineChoice, pace: engines.Pace, config: Config, sample_count: int, *, to_the_end: bool = False
) -> engines.EngineName:
    """Return the engine for a run's next steps: the same for the same actions, on any machine.

    Auto is PyTorch for a pace in steps per second, and up to the tutorial's pace of 100 steps a frame for networks with
    which it keeps up; the compiled loop above that, and when going to the end.
    """
    if choice != "auto":
        return "PyTorch" if choice == "pytorch" else "Compiled"
    if to_the_end or (pace.steps_per_frame is None and pace.steps_per_second is None):
        return "Compiled"
    if pace.steps_per_second is not None:
        return "PyTorch"
    most_steps = engines.PACES[engines.TUTORIAL_PACE].steps_per_frame or 0
    work = config.network.parameter_count * batch_length(config, sample_count)
    is_slow_enough = pace.steps_per_frame is not None and pace.steps_per_frame <= most_steps
    return "PyTorch" if is_slow_enough and work <= MAX_WORK else "Compiled"


@frozen_dataclass
class Usable:
    """The engines that can be used: None for one that may still be loaded."""

    pytorch: bool | None = None
    compiled: bool | None = None

    def engine(self, wanted: engines.EngineName, has_frozen: bool) -> engines.EngineName | None:
        """Return the engine for the next step: the one wanted, or the other one if that is unavailable.

        None while it may still be loaded, and if no engine can take the step: only PyTorch can freeze parameters.
        """
        if wanted == "PyTorch" or has_frozen or self.compiled is False:
            if self.pytorch is False and not has_frozen and self.compiled:
                return "Compiled" if wanted == "PyTorch" else wanted
            return "PyTorch" if self.pytorch else None
        return wanted if self.compiled else None


class StepCosts:
    """A moving estimate of a step's cost with each engine, in seconds: it limits the length of a chunk of steps."""

    def __init__(self) -> None:
        self._costs: dict[engines.EngineName, float] = {}
        self._lowest: dict[engines.EngineName, float] = {}

    def measure(self, engine: engines.EngineName, seconds_per_step: float) -> None:
        self._lowest[engine] = min(seconds_per_step, self.lowest(engine) or math.inf)
        self._costs[engine] = min(max(seconds_per_step, 1e-8), LARGEST_RISE * self._costs.get(engine, FIRST_GUESS_S))

    def lowest(self, engine: engines.EngineName) -> float:
        """Return the lowest cost measured, 0 before any."""
        return self._lowest.get(engine, 0.0)

    def steps_within(self, engine: engines.EngineName, seconds: float) -> int:
        """Estimate how many steps fit into `seconds`, at least 1."""
        return max(1, int(seconds / self._costs.get(engine, FIRST_GUESS_S)))


def dissect_moment(moment: Moment, engine: engines.EngineName) -> "Dissection":
    """Dissect the step after a moment of a run, as an engine takes it."""
    from tinynet_gui.core.step.dissection import dissect

    rule, state = moment.rule, moment.state
    masks = frozen_masks(rule.frozen, state.parameters)

    def take(trainer: Trainer) -> None:
        advance(trainer, engine, 1)

    return dissect(rule.config, state, masks, take, engine == "PyTorch", rule.dataset)


CHUNK_S = 0.008  # a chunk of steps takes about this long, so that a pause acts within it


class StepScheduler:
    """Cuts a training into chunks of steps: so many per second, per frame, or as many as possible."""

    def __init__(self, now: Callable[[], float] = perf_counter) -> None:
        self._now = now
        self._chosen = self._pace = engines.PACES[engines.TUTORIAL_PACE]
        self._throttle = FrameThrottle(now)
        self._frame_steps = 0  # taken since the last frame
        self._next_step_at = 0.0
        self.costs = StepCosts()

    def begin_run(self) -> None:
        """Forget the measured cost of a step: another run begins."""
        self.costs = StepCosts()
        self._frame_steps = 0

    def choose(self, pace: engines.Pace) -> None:
        self._chosen = self._pace = pace
        self._next_step_at = 0.0

    def start(self, at_full_speed: bool) -> None:
        """Start at the chosen pace, or at full speed this once."""
        self._pace = engines.PACES[engines.FULL_SPEED] if at_full_speed else self._chosen
        self._next_step_at = 0.0

    def chunk(self, engine: engines.EngineName, most: int) -> int:
        """Return how many steps to take now, at least 0 and at most `most`."""
        steps = self.costs.steps_within(engine, CHUNK_S)
        if self._pace.steps_per_second is not None:
            now = self._now()
            if now < self._next_step_at:
                return 0
            steps = 1
            self._next_step_at = max(self._next_step_at, now - 1.0) + 1 / self._pace.steps_per_second
            if self._next_step_at < now:  # the first step, or the thread stalled
                self._next_step_at = now + 1 / self._pace.steps_per_second
        elif self._pace.steps_per_frame is not None:
            steps = min(steps, self._pace.steps_per_frame - self._frame_steps)
        return max(0, min(steps, most))

    def took(self, steps: int) -> None:
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
        self._frame_steps = 0
        self._throttle.published(frame_id, making_s)

    def acknowledged(self, frame_id: int, engine: engines.EngineName | None) -> None:
        """Record that a frame is on screen.

        The compiled loop holds no lock, and a training at a limited pace waits for the frame anyway: only PyTorch at
        full speed needs its share of the time.
        """
        at_full_speed = self._pace.steps_per_frame is None and self._pace.steps_per_second is None
        self._throttle.acknowledged(frame_id, TRAINING_SHARE if at_full_speed and engine == "PyTorch" else 0.0)

    def _is_frame_complete(self) -> bool:
        return self._frame_steps >= (self._pace.steps_per_frame or 1)
