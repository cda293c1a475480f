"""The state of the whole window, as one value."""

from functools import cached_property
from typing import Literal

from tinynet_gui.core.config import Config
from tinynet_gui.core.run.past import PastMoment, branch
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.run.session import Session
from tinynet_gui.core.run.training_status import TrainingStatus
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.values import dataclass


@dataclass(frozen=True)
class Playing:
    """The past is being played: forwards (1) or backwards (−1), in a loop between two steps, or on into training."""

    direction: Literal[1, -1] = 1
    loop: tuple[int, int] | None = None
    goes_on: bool = False


@dataclass(frozen=True, eq=False)
class AppState:
    """The current state.

    Attributes
    ----------
    session
        Everything that can change and is worth keeping.
    status
        The state of the training.
    snapshot
        The current moment; None before a run's first one has come. While a setting is being dragged it may still belong
        to the previous run. For a past step it may be a nearby one, until `past` is there.
    latest
        The latest moment of the run.
    past
        The past step in view, exact to the bit; None until it has been recomputed, and at the latest step.
    playing
        Whether the past is being played, and how.
    session_number
        Counts the sessions since the program began: another session reuses the same run numbers.
    suspended_session
        The user's own session while another one temporarily takes its place, such as a lesson's; else None.
    question_is_open, shows_runs
        Whether a lesson waits for a guess: nothing on the screen may give the answer away. Whether it is one about the
        runs that are ticked, which their curves do not answer.
    """

    session: Session
    status: TrainingStatus
    snapshot: Snapshot | None = None
    latest: Snapshot | None = None
    past: PastMoment | None = None
    playing: Playing | None = None
    session_number: int = 0
    suspended_session: Session | None = None
    question_is_open: bool = False
    shows_runs: bool = False

    @property
    def own_session(self) -> Session:
        """The user's own session, current or suspended: the one worth keeping."""
        return self.suspended_session or self.session

    @property
    def run(self) -> Run:
        """The current run."""
        return self.session.run

    @property
    def config(self) -> Config:
        """The settings at the current moment."""
        return self.session.config

    @property
    def shows_preview(self) -> bool:
        """Whether the end of the training may be shown while settings change."""
        return self.session.view.shows_preview and not self.question_is_open

    @property
    def shows_twin(self) -> bool:
        """Whether the lazy twin may be shown."""
        return self.session.view.shows_twin and not self.question_is_open

    @property
    def shows_modes(self) -> bool:
        """Whether the modes of its error may be shown."""
        return self.session.view.shows_modes and not self.question_is_open

    @property
    def looks_back(self) -> bool:
        """Whether the current step is a past one."""
        return self.session.looks_back

    @cached_property
    def run_so_far(self) -> Run:
        """The run up to the current moment, as if it had come no further."""
        return self.run if self.past is None else branch(self.run, self.past, self.run.id)

    @property
    def is_moving(self) -> bool:
        """Whether the view moves on by itself: in training, or while the past is played."""
        return self.is_running or self.playing is not None

    @property
    def is_running(self) -> bool:
        """Whether steps are being taken, or will be as soon as PyTorch is loaded."""
        return self.status.phase == "running"
