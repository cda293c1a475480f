"""The worker's messages to the session's controller."""

import dataclasses
from dataclasses import field
from typing import Literal

import numpy as np

from tinynet_gui.core.run.events import Event, StepRule
from tinynet_gui.core.run.loss_history import LossChunk, condense
from tinynet_gui.core.run.run import Phase
from tinynet_gui.core.training.engines import EngineName
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.training.start import TrainerState
from tinynet_gui.core.values import Array, frozen_dataclass

WorkerStatus = Literal["restarted", "running", "paused", "stop step", "no better", "diverged"]
# The phase of a run after a frame that ends its training.
ENDS: dict[WorkerStatus, Phase] = {"stop step": "finished", "no better": "no better", "diverged": "diverged"}


@frozen_dataclass
class Frame:
    """One moment of a run, and its progress since the previous frame.

    Attributes
    ----------
    frame_id
        To acknowledge once it is on screen.
    command
        The number of the last command that the worker had received.
    losses
        Of the steps since the previous frame.
    events
        Changes to the run since then, each at the step at which it acted.
    checkpoints
        States since then, bit for bit: at regular steps, and where values were set by hand.
    engine
        The engine that takes the steps at present.
    steps_per_second
        Measured over the last half second of training; 0 when not running.
    status
        Whether training goes on after this moment, or why not.
    diverged_by
        The rule of the step after which the loss was not finite, even if settings changed since; else None.
    held_out
        Step and held-out loss of states since the previous frame.
    step_seconds
        The time per step, with what is recorded of it, in the run's fastest chunk by this engine; 0 before any.
    """

    frame_id: int
    command: int
    snapshot: Snapshot
    losses: LossChunk
    events: tuple[Event, ...]
    checkpoints: tuple[TrainerState, ...]
    engine: EngineName
    steps_per_second: float
    status: WorkerStatus
    diverged_by: StepRule | None
    held_out: tuple[tuple[int, float], ...] = ()
    step_seconds: float = 0.0


@dataclasses.dataclass
class RunProgress:
    """A run's progress since a frame, to send with the next one.

    `losses` are arrays of shape (steps,), float32, of the steps from `first_step` on; the rest is as in `Frame`.
    """

    first_step: int
    losses: list[Array] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    checkpoints: list[TrainerState] = field(default_factory=list)
    held_out: list[tuple[int, float]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.losses or self.events or self.checkpoints)

    def condensed_losses(self) -> LossChunk:
        losses = np.concatenate(self.losses) if self.losses else np.empty(0, dtype=np.float32)
        return condense(self.first_step, losses)
