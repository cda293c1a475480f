"""What the worker sends to the lab."""

from dataclasses import dataclass
from typing import Literal

from tinynet_gui.core.run.checkpoints import Checkpoint
from tinynet_gui.core.run.loss_history import LossChunk
from tinynet_gui.core.run.snapshot import Snapshot
from tinynet_gui.engine.engines import EngineName

Event = Literal["started anew", "running", "paused", "stop step", "diverged"]


@dataclass(frozen=True)
class Frame:
    """One moment of the run, and the losses of the steps since the frame before it.

    Attributes
    ----------
    frame_id
        To be acknowledged once it is on screen.
    command
        The number of the last command that the worker had heard.
    losses
        Of the steps since the frame before it.
    checkpoints
        Recorded since the frame before it, in order: at regular steps, and wherever the run was changed.
    engine
        What takes the steps at present.
    steps_per_second
        Measured over the last half second of training; 0 when not running.
    event
        What the training does from here.
    held_out
        Step and held-out loss of states on the way since the frame before it.
    """

    frame_id: int
    command: int
    snapshot: Snapshot
    losses: LossChunk
    checkpoints: tuple[Checkpoint, ...]
    engine: EngineName
    steps_per_second: float
    event: Event
    held_out: tuple[tuple[int, float], ...] = ()
