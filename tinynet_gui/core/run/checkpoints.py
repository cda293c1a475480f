"""The record of a run: states from which its steps can be taken again, in bounded memory."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from tinynet_gui.core.config import Config
from tinynet_gui.core.training.state import TrainerState

Masks = tuple[npt.NDArray[np.bool_], ...]

MOST_CHECKPOINTS = 512
FEWEST_CHECKPOINTS = 4
MEMORY_BUDGET = 64 * 2**20  # bytes of parameters and optimiser memory; wide networks have fewer checkpoints


@dataclass(frozen=True)
class Checkpoint:
    """A state of the run, and how the steps that follow it were taken.

    Attributes
    ----------
    state
        Parameters, optimiser memory and step.
    config
        The settings from here on.
    frozen
        What was held at its value from here on, as for `core.training.trainer.Trainer.set_frozen`, or None.
    is_edited
        Whether parameters were set by hand at this step: then the steps before do not lead here.
    """

    state: TrainerState
    config: Config
    frozen: Masks | None = None
    is_edited: bool = False


class Recording:
    """Checkpoints of one run, evenly spread over its steps, with every change from outside among them.

    Between two neighbours nothing was changed: the steps from one, taken again with its settings, lead to the
    next (unless that is edited: then to the state before the edit). When there are too many, the one whose
    neighbours lie closest together is left out; changes stay. A run that is changed at more places than half
    of the record can hold loses its beginning.
    """

    def __init__(self, start: Checkpoint) -> None:
        self._checkpoints = [start]
        size = sum(a.nbytes for arrays in (start.state.parameters, *start.state.slots) for a in arrays)
        self._most = min(max(MEMORY_BUDGET // size, FEWEST_CHECKPOINTS), MOST_CHECKPOINTS)

    @property
    def checkpoints(self) -> tuple[Checkpoint, ...]:
        """From the earliest to the latest."""
        return tuple(self._checkpoints)

    def add_state(self, state: TrainerState) -> None:
        """Add a state that the run has come to by itself."""
        latest = self._checkpoints[-1]
        if state.step > latest.state.step:
            self._add(Checkpoint(state, latest.config, latest.frozen))

    def add(self, checkpoint: Checkpoint) -> None:
        """Add a state with the settings there; of several changes at one step the last one counts."""
        latest = self._checkpoints[-1]
        if not checkpoint.is_edited and _same_steps(latest, checkpoint):
            self.add_state(checkpoint.state)
            return
        if latest.state.step == checkpoint.state.step and len(self._checkpoints) > 1 and self._is_change(-1):
            checkpoint = replace(checkpoint, is_edited=checkpoint.is_edited or latest.is_edited)
            self._checkpoints.pop()
        self._add(checkpoint)

    def _add(self, checkpoint: Checkpoint) -> None:
        self._checkpoints.append(checkpoint)
        if len(self._checkpoints) <= self._most:
            return
        changes = [place for place in range(1, len(self._checkpoints)) if self._is_change(place)]
        if len(changes) > self._most // 2:
            del self._checkpoints[: changes[0]]
            return
        steps = np.array([c.state.step for c in self._checkpoints])
        gaps = (steps[2:] - steps[:-2]).astype(np.float64)
        gaps[[place - 1 for place in changes if place < len(steps) - 1]] = np.inf
        del self._checkpoints[int(np.argmin(gaps)) + 1]

    def _is_change(self, place: int) -> bool:
        here, before = self._checkpoints[place], self._checkpoints[place - 1]
        return here.is_edited or not _same_steps(before, here)


def _same_steps(a: Checkpoint, b: Checkpoint) -> bool:
    """Whether steps are taken alike from here: where the training stops makes no difference to them."""
    stop = "training.stop_step"
    if a.config is not b.config and a.config != b.config.replace(stop, a.config.get(stop)):
        return False
    if a.frozen is None or b.frozen is None:
        return a.frozen is b.frozen
    return all(np.array_equal(x, y) for x, y in zip(a.frozen, b.frozen, strict=True))
