"""The times of a learner's progress in a lesson."""

import math
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from tinynet_gui.core.values import dataclass

LATEST = 4_000_000_000  # minute: in the year 9575
LONGEST_S = 1e9


@dataclass(frozen=True)
class Times:
    """Minutes are of UTC, since 1970; seconds are of playing: a lesson that was left for a week has not gone on.

    `ValueError` if a time is impossible.

    Attributes
    ----------
    begun, finished
        The minute; None if it has not come, or was not recorded.
    played
        For how many seconds the lesson has been played, up to the last change.
    asked, took
        By step: when its question was asked, in seconds of playing, and after how many it was answered or skipped.
    """

    begun: int | None = None
    finished: int | None = None
    played: float = 0.0
    asked: Mapping[int, float] = field(default_factory=dict)
    took: Mapping[int, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        seconds = self.played, *self.asked.values(), *self.took.values()
        minutes = (minute for minute in (self.begun, self.finished) if minute is not None)
        if not all(0 <= each <= LONGEST_S for each in seconds) or not all(0 <= each <= LATEST for each in minutes):
            raise ValueError("there are no such times")

    def to_plain(self) -> dict[str, Any]:
        """Return them as plain values."""
        by_step = {name: {str(place): value for place, value in getattr(self, name).items()} for name in _BY_STEP}
        return {"begun": self.begun, "finished": self.finished, "played": self.played, **by_step}

    @classmethod
    def from_plain(cls, plain: Any) -> "Times":
        """Read them; raise ValueError or TypeError if the values are invalid."""
        begun, finished = (None if plain[name] is None else math.floor(plain[name]) for name in ("begun", "finished"))
        asked, took = ({int(place): float(value) for place, value in plain[name].items()} for name in _BY_STEP)
        return cls(begun, finished, float(plain["played"]), asked, took)


_BY_STEP = ("asked", "took")
