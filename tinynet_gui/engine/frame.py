"""What the worker sends to the session's controller."""

from dataclasses import dataclass
from typing import Literal

from tinynet_gui.core.run.events import Event, StepRule
from tinynet_gui.core.run.loss_history import LossChunk
from tinynet_gui.core.run.snapshot import Snapshot
from tinynet_gui.core.training.engines import EngineName
from tinynet_gui.core.training.state import TrainerState

Stand = Literal["started anew", "running", "paused", "stop step", "diverged"]


@dataclass(frozen=True)
class Frame:
    """One moment of a run, and what has come of it since the frame before.

    Attributes
    ----------
    frame_id
        To be acknowledged once it is on screen.
    command
        The number of the last command that the worker had heard.
    losses
        Of the steps since the frame before it.
    events
        What was done to the run since then, each at the step at which it acted.
    checkpoints
        States on the way, as the steps came to them: at regular steps, and where numbers were set by hand.
    engine
        What takes the steps at present.
    steps_per_second
        Measured over the last half second of training; 0 when not running.
    stand
        What the training does from here.
    diverged_by
        The rule of the step after which the loss was not finite, whatever has been changed since; else None.
    held_out
        Step and held-out loss of states on the way since the frame before it.
    """

    frame_id: int
    command: int
    snapshot: Snapshot
    losses: LossChunk
    events: tuple[Event, ...]
    checkpoints: tuple[TrainerState, ...]
    engine: EngineName
    steps_per_second: float
    stand: Stand
    diverged_by: StepRule | None
    held_out: tuple[tuple[int, float], ...] = ()
