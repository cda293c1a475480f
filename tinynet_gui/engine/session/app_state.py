"""All that the window shows, as one value."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from tinynet_gui.core.config import Config
from tinynet_gui.core.run.past import PastMoment, branch
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.run.session import Session
from tinynet_gui.core.run.snapshot import Snapshot
from tinynet_gui.core.run.training_status import TrainingStatus


@dataclass(frozen=True)
class Playing:
    """The past is played: forwards (1) or backwards (−1), in a loop between two steps, or on into training."""

    direction: Literal[1, -1] = 1
    loop: tuple[int, int] | None = None
    goes_on: bool = False


@dataclass(frozen=True, eq=False)
class AppState:
    """What is so now.

    Attributes
    ----------
    session
        Everything that can change and is worth keeping.
    status
        What the training is doing.
    snapshot
        The moment that is looked at; None before a run's first one has come. While a setting is being moved it
        may still be of the run before. Of the past it may be one nearby, until `past` is there.
    latest
        The moment to which the run has come.
    past
        The step of the past that is looked at, to the bit; None before it has been made again, and at the latest.
    playing
        Whether the past is played, and which way.
    session_number
        Which session it is since the program began: another one has other runs by the same numbers.
    aside
        The user's own session, as it was when one took its place for a while, as a lesson's does; else None.
    """

    session: Session
    status: TrainingStatus
    snapshot: Snapshot | None = None
    latest: Snapshot | None = None
    past: PastMoment | None = None
    playing: Playing | None = None
    session_number: int = 0
    aside: Session | None = None

    @property
    def own_session(self) -> Session:
        """The user's own session, be it looked at or aside: what is worth keeping."""
        return self.aside or self.session

    @property
    def run(self) -> Run:
        """The run that is looked at."""
        return self.session.run

    @property
    def config(self) -> Config:
        """Its settings at the moment that is looked at."""
        return self.session.config

    @property
    def looks_back(self) -> bool:
        """Whether a step of the past is looked at."""
        return self.session.looks_back

    @cached_property
    def run_so_far(self) -> Run:
        """The run up to the moment that is looked at, as if it had come no further."""
        return self.run if self.past is None else branch(self.run, self.past, self.run.id)

    @property
    def is_moving(self) -> bool:
        """Whether what is looked at goes on by itself: a training, or the past that is played."""
        return self.is_running or self.playing is not None

    @property
    def is_running(self) -> bool:
        """Whether steps are being taken, or will be as soon as PyTorch is loaded."""
        return self.status.phase == "running"
