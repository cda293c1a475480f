"""The pace of a training: steps per second, steps per frame, or as fast as it can."""

from tinynet_gui.core.text.numbers import counted
from tinynet_gui.core.values import dataclass

FRAME_RATE = 60  # frames a second at most: no screen shows more of them


@dataclass(frozen=True)
class Pace:
    """Exactly one of the two numbers is set, or neither: as fast as it goes."""

    label: str
    steps_per_second: int | None = None
    steps_per_frame: int | None = None


_STEPS_PER_FRAME = (1, 3, 10, 30, 100, 300, 1_000, 10_000, 100_000)

PACES: tuple[Pace, ...] = (
    *(Pace(f"{counted(n, 'step')} a second", steps_per_second=n) for n in (1, 3, 10, 30)),
    *(Pace(f"{counted(n, 'step')} a frame", steps_per_frame=n) for n in _STEPS_PER_FRAME),
    Pace("as fast as it goes"),
)
TUTORIAL_PACE = next(i for i, pace in enumerate(PACES) if pace.steps_per_frame == 100)
FULL_SPEED = len(PACES) - 1
