"""When the dead neurons of a run died, found in its record."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from tinynet_gui.core.config import Config
from tinynet_gui.core.data import Dataset
from tinynet_gui.core.deaths import Death, Replay, find_death, is_final, make_death
from tinynet_gui.core.network import forward
from tinynet_gui.core.recording import Checkpoint, Masks
from tinynet_gui.core.snapshot import as_layers
from tinynet_gui.core.state import TrainerState

MOST_WORK = 2e9  # multiplications that all searches together may take: a second or two
LEAVING = 50_000  # to leave the compiled loop after a step costs as much as so many multiplications
PYTORCH_WORK = 8.0  # where something is frozen PyTorch takes the steps again, and this much longer

MakeReplay = Callable[[Config, Masks | None], Replay]


@dataclass(frozen=True)
class _Stretch:
    """Steps with no change from outside, from a checkpoint to the next one."""

    start: Checkpoint
    end: TrainerState
    ends_by_hand: bool  # `end` was then made from what the steps lead to

    @property
    def steps(self) -> int:
        return self.end.step - self.start.state.step


class DeathSearch:
    """Looks for deaths in a record.

    Wherever there is a checkpoint it is known which neurons are dead; the steps between two of them are taken
    again to find the update. Those of all stretches since a neuron's last sign of life are looked at one by
    one, as it may have come back for a while, unless that takes too long: then the first of them is bisected.

    Parameters
    ----------
    checkpoints, end
        The record of a run (`core.recording.Recording.checkpoints`) and the state that it has come to, in which
        the neurons that are asked for are dead.
    make_replay
        Makes what takes the steps of a stretch again, from its settings and what was frozen.
    most_work
        How much one search may take, in multiplications.
    """

    def __init__(
        self,
        dataset: Dataset,
        checkpoints: Sequence[Checkpoint],
        end: TrainerState,
        make_replay: MakeReplay,
        most_work: float = MOST_WORK,
    ) -> None:
        self._dataset = dataset
        self._make_replay = make_replay
        self._most_work = most_work
        ends = [(c.state, c.is_edited) for c in checkpoints[1:]]
        if not checkpoints or checkpoints[-1].state.step < end.step:
            ends.append((end, False))
        self._stretches = [_Stretch(start, *stop) for start, stop in zip(checkpoints, ends, strict=False)]
        self._counts = [self._active_samples(stretch.start.state) for stretch in self._stretches]

    def find(self, layer: int, index: int) -> Death | None:
        """Return how a neuron that is dead now died; None if it is so since the record begins."""
        alive = [place for place, counts in enumerate(self._counts) if counts[layer][index] > 0]
        first = alive[-1] if alive else 0
        since = self._stretches[first:]
        is_short = sum(self._work(stretch, layer) for stretch in since) <= self._most_work
        for stretch in reversed(since if is_short else since[:1]):
            is_first = stretch is since[0]
            if stretch.ends_by_hand:
                death = self._find_by_hand(stretch, layer, index)
                if death is not None:
                    return death
            if stretch.steps < 1 or (not (is_first and alive) and is_final(stretch.start.config, layer)):
                continue
            death = find_death(
                self._dataset,
                stretch.start,
                stretch.steps,
                layer,
                index,
                self._replay(stretch),
                None if stretch.ends_by_hand else stretch.end,
                looks_at_all=is_short,
            )
            if death is not None:
                return death
        return None

    def _find_by_hand(self, stretch: _Stretch, layer: int, index: int) -> Death | None:
        """Return the death, if the neuron was active until parameters were set by hand."""
        before = stretch.start.state
        if stretch.steps:
            before = self._replay(stretch)(before, stretch.steps)
        if self._active_samples(before)[layer][index] == 0 or self._active_samples(stretch.end)[layer][index] > 0:
            return None
        return make_death(
            self._dataset, replace(stretch.start, state=before), stretch.end, layer, index, is_by_hand=True
        )

    def _replay(self, stretch: _Stretch) -> Replay:
        return self._make_replay(stretch.start.config, stretch.start.frozen)

    def _active_samples(self, state: TrainerState) -> list[npt.NDArray[np.int64]]:
        """For each hidden layer and neuron, on how many training samples it is active."""
        values = forward(as_layers(state.parameters), "relu", self._dataset.x_train[:, 0])
        return [np.count_nonzero(u > 0, axis=1) for u in values.pre_activations]

    def _work(self, stretch: _Stretch, layer: int) -> float:
        """About how much it takes to look through a stretch, in multiplications of the compiled loop."""
        config = stretch.start.config
        a_step = config.network.parameter_count * len(self._dataset.x_train)
        by_pytorch = 1.0 if stretch.start.frozen is None else PYTORCH_WORK
        return by_pytorch * stretch.steps * (2.0 * a_step if is_final(config, layer) else a_step + LEAVING)
