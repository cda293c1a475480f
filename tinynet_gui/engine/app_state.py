"""All that the window shows, as one value."""

from dataclasses import dataclass

from tinynet_gui.core.config import Config
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.run.session import Session
from tinynet_gui.core.run.snapshot import Snapshot
from tinynet_gui.core.run.training_status import TrainingStatus


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
        may still be of the run before.
    """

    session: Session
    status: TrainingStatus
    snapshot: Snapshot | None = None

    @property
    def run(self) -> Run:
        """The run that is looked at."""
        return self.session.run

    @property
    def config(self) -> Config:
        """Its settings, as the user has last asked for them."""
        return self.session.config

    @property
    def is_running(self) -> bool:
        """Whether steps are being taken, or will be as soon as PyTorch is loaded."""
        return self.status.phase == "running"
