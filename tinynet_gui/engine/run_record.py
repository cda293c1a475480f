"""What is kept of the current run: its losses, what was changed on the way, and states to go back to."""

from dataclasses import dataclass

from tinynet_gui.core.arrays import owned
from tinynet_gui.core.config import SETTINGS, Config, changed_paths
from tinynet_gui.core.run.checkpoints import Checkpoint, Recording
from tinynet_gui.core.run.loss_history import LossHistory
from tinynet_gui.core.text.numbers import plain
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
        for step, loss in frame.held_out:
            self.validation_losses.append(step, owned([loss]))
        if snapshot.validation_loss is not None:
            self.validation_losses.append(snapshot.step, owned([snapshot.validation_loss]))
        if self.recording is None:
            self.recording = Recording(Checkpoint(snapshot.state, snapshot.config))
        for checkpoint in frame.checkpoints:
            self.recording.add(checkpoint)
        self.recording.add_state(snapshot.state)

    def mark_settings(self, step: int, before: Config, after: Config) -> None:
        """Note which live settings were changed; at which step to stop says nothing of the run."""
        texts = [
            f"{SETTINGS[path].label} {before.get(path):g} → {after.get(path):g}"
            for path in changed_paths(before, after)
            if path != "training.stop_step"
        ]
        if texts:
            self._mark(step, ", ".join(texts))

    def mark_parameter(self, step: int, label: str, value: float, *, goes_on: bool) -> None:
        """Note that a parameter was set by hand; what goes on with the latest mark takes its place."""
        if goes_on and self.marks:
            step = self.marks.pop().step
        self._mark(step, f"{label[0].upper()}{label[1:]} → {plain(value)}")

    def _mark(self, step: int, text: str) -> None:
        if step > 0:  # before the first step nothing has been done otherwise
            self.marks = [*self.marks[-MOST_MARKS + 1 :], Mark(step, text)]
