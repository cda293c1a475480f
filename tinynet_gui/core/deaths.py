"""Neurons that give 0 on every training sample: which they are, and which update did it."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from tinynet_gui.core.arrays import Array, owned
from tinynet_gui.core.config import Config
from tinynet_gui.core.data import Dataset
from tinynet_gui.core.facts import is_dead
from tinynet_gui.core.network import Layer, forward
from tinynet_gui.core.recording import Checkpoint, Masks
from tinynet_gui.core.snapshot import Snapshot
from tinynet_gui.core.state import TrainerState

Replay = Callable[[TrainerState, int], TrainerState]  # a state, and how many steps from there


@dataclass(frozen=True)
class Death:
    """The update, or the change by hand, after which a ReLU neuron was active on no training sample any more.

    Attributes
    ----------
    step
        How many updates had been made when it was first dead: the update's own number, from 1. Of a change by
        hand, the step at which it was made.
    layer, index
        Which neuron.
    weights_before, weights_after, bias_before, bias_after
        Its parameters around that update, float32 of shape (inputs,), read-only.
    samples_before
        On how many training samples it was still active before.
    by_its_own_update
        Whether its own new weights and bias would have done it alone; else the layers before it have moved
        what comes in.
    before
        The run just before, from where the microscope can look at the update.
    is_by_hand
        Whether it was no update that did it, but parameters set by hand.
    """

    step: int
    layer: int
    index: int
    weights_before: Array
    weights_after: Array
    bias_before: float
    bias_after: float
    samples_before: int
    by_its_own_update: bool
    before: Checkpoint
    is_by_hand: bool = False


def dead_neurons(snapshot: Snapshot) -> tuple[tuple[int, int], ...]:
    """Return (layer, index) of every hidden neuron that gives 0 on all training samples, as only ReLU can."""
    return tuple(
        (layer, index)
        for layer, counts in enumerate(snapshot.active_counts)
        for index in range(len(counts))
        if is_dead(snapshot, layer, index)
    )


def find_death(
    dataset: Dataset,
    before: Checkpoint,
    steps: int,
    layer: int,
    index: int,
    replay: Replay | None = None,
    end: TrainerState | None = None,
    looks_at_all: bool = True,
) -> Death | None:
    """Find the update at which a neuron died for good, within a stretch of a run.

    Where the dead cannot return (see `is_final`) it is found by bisection. Otherwise every step of the stretch
    is looked at, for the last time that the neuron was active.

    Parameters
    ----------
    before, steps
        The stretch: a state of the run with the settings there, and how many steps were taken from it. Where it
        diverges, it ends.
    replay
        Takes the steps again: `trainer_replay` (the default) or `kernel_replay`, whichever the run used.
    end
        The state after these steps, where it is known; it counts, whatever rounding makes of a replay.
    looks_at_all
        False to bisect in any case. That finds an update that killed the neuron, but if it came back to life
        and died once more, not always the last one.

    Returns
    -------
    Death | None
        None if the neuron is not dead at the end of the stretch, or was dead throughout.
    """
    if before.config.network.activation != "relu":
        return None
    replay = trainer_replay(before.config, before.frozen) if replay is None else replay
    start = before.state

    def is_active(state: TrainerState) -> bool:
        return _active_samples(dataset, state, layer, index) > 0

    if end is None:
        end = replay(start, steps)
    steps = end.step - start.step  # fewer if the run diverges on the way
    if steps < 1 or is_active(end):
        return None
    bisects = is_final(before.config, layer) or not looks_at_all
    search = _last_active_by_bisection if bisects else _last_active_by_walking
    last = search(start, steps, replay, is_active)
    if last is None:
        return None
    after = end if last.step == end.step - 1 else replay(last, 1)
    return make_death(dataset, replace(before, state=last), after, layer, index)


def is_final(config: Config, layer: int) -> bool:
    """Whether a neuron that has died stays dead.

    In the first layer under plain gradient descent with no weight decay it does: its inputs are fixed and its
    gradient is 0.
    """
    training = config.training
    return layer == 0 and training.optimizer == "sgd" and training.weight_decay == 0


def make_death(
    dataset: Dataset, before: Checkpoint, after: TrainerState, layer: int, index: int, *, is_by_hand: bool = False
) -> Death:
    """Describe what happened to a neuron between a state with it active and one with it dead."""
    last = before.state
    old, new = _parameters(last, layer, index), _parameters(after, layer, index)
    alone = list(last.parameters)  # its own parameters as they are after, everything else as before
    for place, changed in ((2 * layer, new[0]), (2 * layer + 1, new[1])):
        alone[place] = alone[place].copy()
        alone[place][index] = changed
    return Death(
        step=after.step,
        layer=layer,
        index=index,
        weights_before=owned(old[0]),
        weights_after=owned(new[0]),
        bias_before=float(old[1]),
        bias_after=float(new[1]),
        samples_before=_active_samples(dataset, last, layer, index),
        by_its_own_update=_active_samples(dataset, TrainerState(0, tuple(alone), ()), layer, index) == 0,
        before=before,
        is_by_hand=is_by_hand,
    )


def trainer_replay(config: Config, frozen: Masks | None = None) -> Replay:
    """Return a replay on PyTorch, as `core.trainer.Trainer` runs."""
    from tinynet_gui.core.trainer import Trainer

    trainer = Trainer(config)
    trainer.set_frozen(frozen)

    def replay(state: TrainerState, steps: int) -> TrainerState:
        trainer.load(state)
        trainer.run(steps)
        return trainer.state()

    return replay


def kernel_replay(config: Config, dataset: Dataset) -> Replay:
    """Return a replay in compiled code; ask `core.compiled.cache.is_compiled` first, or it compiles."""
    from tinynet_gui.core.compiled import kernel

    return lambda state, steps: kernel.run(config, dataset, state, steps).state


def _last_active_by_bisection(
    before: TrainerState, steps: int, replay: Replay, is_active: Callable[[TrainerState], bool]
) -> TrainerState | None:
    if not is_active(before):
        return None
    alive, left = before, steps  # the neuron is dead `left` steps after `alive`
    while left > 1:
        middle = replay(alive, left // 2)
        if is_active(middle):
            alive, left = middle, left - left // 2
        else:
            left //= 2
    return alive


def _last_active_by_walking(
    before: TrainerState, steps: int, replay: Replay, is_active: Callable[[TrainerState], bool]
) -> TrainerState | None:
    state, last = before, None
    for _ in range(steps):
        if is_active(state):
            last = state
        state = replay(state, 1)
    return last


def _active_samples(dataset: Dataset, state: TrainerState, layer: int, index: int) -> int:
    layers = [Layer(w, b) for w, b in zip(state.parameters[::2], state.parameters[1::2], strict=True)]
    u = forward(layers, "relu", dataset.x_train[:, 0]).pre_activations[layer]
    return int(np.count_nonzero(u[index] > 0))


def _parameters(state: TrainerState, layer: int, index: int) -> tuple[Array, np.float32]:
    return state.parameters[2 * layer][index], state.parameters[2 * layer + 1][index]
