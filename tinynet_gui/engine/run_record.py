"""What is kept of the current run: its losses, what was changed on the way, and states to go back to."""

from dataclasses import dataclass

from tinynet_gui.core.arrays import owned
from tinynet_gui.core.history import LossHistory
from tinynet_gui.core.recording import Checkpoint, Recording
from tinynet_gui.engine.frame import Frame

MOST_MARKS = 200


@dataclass(frozen=True)
class Mark:
    """Something was changed in mid-run, at this step."""

    step: int
    text: str


class RunRecord:
    """One run as it has been seen so far; every frame adds to it. Bounded in memory.

    Attributes
    ----------
    losses, validation_losses
        By step.
    marks
        What was changed in mid-run, in order.
    recording
        States from which its steps can be taken again; None before the first frame.
    """

    def __init__(self) -> None:
        self.losses = LossHistory()
        self.validation_losses = LossHistory()
        self.marks: list[Mark] = []
        self.recording: Recording | None = None

    def add(self, frame: Frame) -> None:
        """Take in what a frame of this run tells."""
        snapshot = frame.snapshot
        self.losses.append_chunk(frame.losses)
        if snapshot.validation_loss is not None:
            self.validation_losses.append(snapshot.step, owned([snapshot.validation_loss]))
        if self.recording is None:
            self.recording = Recording(Checkpoint(snapshot.state, snapshot.config))
        for checkpoint in frame.checkpoints:
            self.recording.add(checkpoint)
        self.recording.add_state(snapshot.state)

    def mark(self, step: int, text: str, *, replaces_latest: bool = False) -> None:
        """Note a change; one that goes on with the latest takes its place."""
        if replaces_latest and self.marks:
            self.marks[-1] = Mark(self.marks[-1].step, text)
        else:
            self.marks = [*self.marks[-MOST_MARKS + 1 :], Mark(step, text)]
