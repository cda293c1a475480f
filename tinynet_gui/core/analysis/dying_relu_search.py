"""When the dead neurons of a run died, found by taking recorded steps again."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from tinynet_gui.core.analysis.dying_relu import Death, Replay, is_final, make_death
from tinynet_gui.core.data.dataset import Dataset
from tinynet_gui.core.network.forward import active_counts
from tinynet_gui.core.run.checkpoints import Checkpoint
from tinynet_gui.core.run.snapshot import as_layers
from tinynet_gui.core.training.state import TrainerState

MOST_WORK = 2e9  # multiplications that a search may take: a second or two
LEAVING = 50_000  # to leave the compiled loop after a step costs as much as so many multiplications
PYTORCH_WORK = 8.0  # where something is frozen PyTorch takes the steps again, and this much longer
KEPT_BYTES = 32 * 2**20  # of states on the way

MakeReplay = Callable[[Checkpoint], Replay]
Activity = tuple[npt.NDArray[np.bool_], ...]  # for each hidden layer, which neurons are active on any sample


class DeathSearch:
    """Looks for deaths in a record.

    Wherever there is a checkpoint it is known which neurons are dead; the steps between two of them are taken
    again to find the update. Where the dead cannot return (`dying_relu.is_final`) that is a bisection. Elsewhere every
    step since a neuron's last recorded sign of life is looked at, as it may have come back for a while;
    unless that takes too long: then the steps right after that sign are bisected.

    Parameters
    ----------
    checkpoints, end
        The record of a run (`core.run.checkpoints.Recording.checkpoints`) and the state that it has come to, in which
        the neurons that are asked for are dead.
    make_replay
        Makes what takes the steps that follow a checkpoint again: as they were taken, or in compiled code.
    most_work
        How much may be looked at step by step, in multiplications.
    stop
        One element; when another thread makes it nonzero, what is found from then on means nothing.
    """

    def __init__(
        self,
        dataset: Dataset,
        checkpoints: Sequence[Checkpoint],
        end: TrainerState,
        make_replay: MakeReplay,
        most_work: float = MOST_WORK,
        stop: npt.NDArray[np.uint8] | None = None,
    ) -> None:
        self._work_left = most_work
        self._stop = np.zeros(1, dtype=np.uint8) if stop is None else stop
        ends = [(c.state, c.is_edited) for c in checkpoints[1:]]
        if not checkpoints or checkpoints[-1].state.step < end.step:
            ends.append((end, False))
        self._stretches = [
            _Stretch(dataset, start, *stop_at, make_replay, self._stop)
            for start, stop_at in zip(checkpoints, ends, strict=False)
        ]

    @property
    def is_over(self) -> bool:
        """Whether it has been stopped, or has taken all the work that it may."""
        return bool(self._stop[0]) or self._work_left < 0

    def find(self, layer: int, index: int) -> Death | None:
        """Return how a neuron that is dead now died; None if it is so since the record begins."""
        alive = [place for place, stretch in enumerate(self._stretches) if stretch.activity_at(0)[layer][index]]
        since = self._stretches[alive[-1] if alive else 0 :]
        walks = self._may_walk(since, layer)
        for stretch in reversed(since if walks else since[:1]):
            offset = stretch.last_active(layer, index, walks)
            self._work_left -= 0.0 if walks else 2 * stretch.work
            if offset is not None:
                return stretch.death(offset, layer, index)
        return None

    def _may_walk(self, stretches: Sequence["_Stretch"], layer: int) -> bool:
        """Whether there is time to look at every step of these stretches; if so, it is set aside."""
        work = sum(stretch.walking_work for stretch in stretches if not is_final(stretch.start.config, layer))
        if work > self._work_left:
            return False
        self._work_left -= work
        return True


class _Stretch:
    """Steps with no change from outside, from a checkpoint to the next one; what is taken again is remembered.

    `end` is where they led to or, if it ends by hand, what was then made of that.
    """

    def __init__(
        self,
        dataset: Dataset,
        start: Checkpoint,
        end: TrainerState,
        ends_by_hand: bool,
        make_replay: MakeReplay,
        stop: npt.NDArray[np.uint8],
    ) -> None:
        self.start = start
        self._dataset, self._end, self._ends_by_hand = dataset, end, ends_by_hand
        self._make_replay, self._stop = make_replay, stop
        self._steps = end.step - start.state.step
        self._states = {0: start.state}
        self._replay: Replay | None = None
        self._activity: dict[int, Activity] = {}
        self._is_walked = False
        if not ends_by_hand:
            self._states[self._steps] = end

    @property
    def work(self) -> float:
        """About how much it takes to take all steps again at once, in multiplications of the compiled loop."""
        a_step = self.start.config.network.parameter_count * len(self._dataset.x_train)
        return self._by_pytorch * self._steps * a_step

    @property
    def walking_work(self) -> float:
        """About how much it takes to look at every step, if that has not been done yet."""
        return 0.0 if self._is_walked else self.work + self._by_pytorch * self._steps * LEAVING

    def last_active(self, layer: int, index: int, walks: bool) -> int | None:
        """Return after how many of the steps the neuron was active for the last time; None if it never was."""
        if self._ends_by_hand and self.activity_at(self._steps)[layer][index]:
            return self._steps
        if walks and not is_final(self.start.config, layer):
            self._walk()
            alive = [offset for offset in range(self._steps) if self._activity[offset][layer][index]]
            return alive[-1] if alive else None
        if not self._steps or not self.activity_at(0)[layer][index]:
            return None
        active, dead = 0, self._steps
        while dead - active > 1:
            middle = (active + dead) // 2
            if self.activity_at(middle)[layer][index]:
                active = middle
            else:
                dead = middle
        return active

    def death(self, offset: int, layer: int, index: int) -> Death:
        """Describe a neuron's death after so many of the steps: by the next update, or by hand if there is none."""
        before = Checkpoint(self._state_at(offset), self.start.config, self.start.frozen)
        is_by_hand = offset == self._steps
        after = self._end if is_by_hand else self._state_at(offset + 1)
        return make_death(self._dataset, before, after, layer, index, is_by_hand=is_by_hand)

    def activity_at(self, offset: int) -> Activity:
        """Which neurons are active on any training sample after so many of the steps."""
        if offset not in self._activity:
            self._activity[offset] = self._activity_of(self._state_at(offset))
        return self._activity[offset]

    def _activity_of(self, state: TrainerState) -> Activity:
        counts = active_counts(
            as_layers(state.parameters), self.start.config.network.activation, self._dataset.x_train[:, 0]
        )
        return tuple(layer > 0 for layer in counts)

    def _walk(self) -> None:
        state = self.start.state
        for offset in range(0 if self._is_walked else self._steps):
            self._activity[offset] = self._activity_of(state)
            if not self._stop[0]:
                state = self._take_again(state, 1)
        self._is_walked = True

    def _state_at(self, offset: int) -> TrainerState:
        if offset in self._states:
            return self._states[offset]
        known = max(place for place in self._states if place < offset)
        state = self._take_again(self._states[known], offset - known)
        size = sum(array.nbytes for arrays in (state.parameters, *state.slots) for array in arrays)
        if len(self._states) * size < KEPT_BYTES:
            self._states[offset] = state
        return state

    def _take_again(self, state: TrainerState, steps: int) -> TrainerState:
        if self._replay is None:
            self._replay = self._make_replay(self.start)
        return self._replay(state, steps)

    @property
    def _by_pytorch(self) -> float:
        return 1.0 if self.start.frozen is None else PYTORCH_WORK
