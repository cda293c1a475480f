"""The current state of one run: between two steps anything may change, and any engine takes the next.

torch is imported only when PyTorch takes a step; `torch_loop` is the tutorial's loop itself.
"""

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from tinynet_gui.core.config import Config, needs_reset
from tinynet_gui.core.network.forward import parameter_shapes
from tinynet_gui.core.network.refs import ParameterRef
from tinynet_gui.core.training.engines import EngineName, run_compiled
from tinynet_gui.core.training.snapshot import Snapshot, loss_at, make_snapshot
from tinynet_gui.core.training.start import Dataset, TrainerState, initial_state, make_dataset, slots_of
from tinynet_gui.core.values import Array, Flags, Stop

if TYPE_CHECKING:
    from tinynet_gui.core.training.torch_loop import TorchLoop


class Trainer:
    """A configuration, its samples, and a state from which training continues.

    Parameters
    ----------
    dataset
        By default the samples that a run of the configuration begins with.

    Attributes
    ----------
    config, dataset
        The current settings and samples; `apply_live` changes live fields and points.
    is_by_torch
        Whether torch, or numpy (the default, equal up to rounding), computes a snapshot's loss and gradients.
    diverged_at
        The step at which the loss was NaN or infinite, or None. The trainer is then at the last step with a finite
        loss, and another `run` tries again from there.
    """

    def __init__(self, config: Config, dataset: Dataset | None = None) -> None:
        self.config = config
        self.dataset: Dataset = make_dataset(config.data) if dataset is None else dataset
        self.diverged_at: int | None = None
        self.is_by_torch = False
        self._masks: tuple[Flags, ...] | None = None
        self._state: TrainerState | None = initial_state(config)  # None: the torch loop has moved past it
        self._loop: TorchLoop | None = None
        self._loop_is_here = False  # whether the torch loop has the current state
        self._shown: tuple[Snapshot, bool] | None = None  # the last snapshot, and whether torch computed it

    @property
    def step(self) -> int:
        """The number of updates made."""
        return self.state().step if self._state is not None or self._loop is None else self._loop.step

    def run(self, steps: int, stop: Stop | None = None) -> Array:
        """Take steps with PyTorch, up to the first loss that is not finite, or until another thread sets ``stop[0]``.

        Returns
        -------
        Array
            The loss of each step's batch before its update, float32 of shape (steps taken,): element i is the loss
            after ``step + i`` updates.
        """
        if self._loop is None:
            from tinynet_gui.core.training.torch_loop import TorchLoop

            self._loop = TorchLoop(self.config, self.dataset, self.state())
            self._loop.set_frozen(self._masks)
        elif not self._loop_is_here:
            self._loop.load(self.state())
        self._loop_is_here = True
        losses = self._loop.run(steps, stop)
        self._update_from(self._loop)
        return losses

    def apply_live(self, config: Config) -> None:
        """Apply a configuration for the following steps.

        `ValueError` if it differs in a field that needs new data or a new network.
        """
        if needs_reset(self.config, config):
            raise ValueError("this change needs a new run; only live fields can change in mid-run")
        self.settle()
        scaling = None if config.data.standardise == "none" else self.dataset.scaling
        self.config, self.dataset = config, make_dataset(config.data, scaling)
        if self._loop is not None:
            self._loop.apply_live(config, self.dataset)

    def set_frozen(self, masks: tuple[Flags, ...] | None) -> None:
        """Freeze parameters at their values from the next step on, or unfreeze all.

        A frozen entry keeps its exact value; its gradient and its optimiser memory are still updated. The masks are
        not part of `state`.

        `ValueError` if the masks do not have the parameters' shapes.

        Parameters
        ----------
        masks
            True where frozen, in the order and the shapes of ``TrainerState.parameters``; None to freeze nothing.
        """
        shapes = parameter_shapes(self.config.network.widths)
        if masks is not None and tuple(m.shape for m in masks) != shapes:
            raise ValueError(f"the masks do not have the network's shapes {shapes}")
        self.settle()
        self._masks = masks if masks is not None and any(mask.any() for mask in masks) else None
        if self._loop is not None:
            self._loop.set_frozen(self._masks)

    @property
    def has_frozen(self) -> bool:
        return self._masks is not None

    def edit(self, ref: ParameterRef, value: float) -> None:
        """Set one parameter by hand, even a frozen one; the optimiser's memory is unchanged.

        `ValueError` if there is no such parameter, or the value is not a finite float32 number.
        """
        shapes = parameter_shapes(self.config.network.widths)
        shape = shapes[ref.array] if 0 <= ref.array < len(shapes) else ()
        if len(ref.index) != len(shape) or not all(0 <= i < n for i, n in zip(ref.index, shape, strict=True)):
            raise ValueError(f"there is no {ref.kind} {list(ref.index)} in layer {ref.layer}")
        if not abs(value) <= float(np.finfo(np.float32).max):  # also catches NaN
            raise ValueError(f"{value} is not a finite float32 number")
        self.settle()
        self.load(self.state().with_parameters([(ref, value)]))

    def state(self) -> TrainerState:
        if self._state is None:
            assert self._loop is not None
            self._state = self._loop.state()
        return self._state

    def load(self, state: TrainerState, diverged_at: int | None = None) -> None:
        """Restore a state: the next steps are exactly those that followed it.

        `diverged_at` is that of a compiled loop which came to this state.

        `ValueError` if its arrays do not have this network's shapes or this optimiser's slots.
        """
        slots, shapes = slots_of(self.config.training), parameter_shapes(self.config.network.widths)
        if any(tuple(a.shape for a in arrays) != shapes for arrays in (state.parameters, *state.slots)):
            raise ValueError(f"the state's arrays do not have the network's shapes {shapes}")
        if len(state.slots) != len(slots):
            raise ValueError(f"the state has {len(state.slots)} optimiser slots, not {len(slots)}")
        self._state, self._loop_is_here, self.diverged_at = state, False, diverged_at

    def settle(self) -> None:
        """Check whether the last update made the loss diverge, which would show only at the next step."""
        if self._loop is not None and self._loop_is_here:
            self._loop.settle()
            self._update_from(self._loop)
        elif self.diverged_at is None and not math.isfinite(self.loss()):
            self.diverged_at = self.step

    def loss(self) -> float:
        """Return the loss over all training samples at the current state."""
        return loss_at(self.config, self.dataset, self.state())

    def snapshot(self, run_id: int) -> Snapshot:
        """Return the current moment for the views; while the state is the same, only its settings are replaced."""
        self.settle()
        if self._shown is not None:
            last, is_by_torch = self._shown
            is_same = last.state is self.state() and last.dataset is self.dataset and is_by_torch == self.is_by_torch
            if is_same and (last.run_id, last.diverged_at) == (run_id, self.diverged_at):
                return replace(last, config=self.config)
        made_of = run_id, self.config, self.dataset, self.state(), self.diverged_at
        self._shown = make_snapshot(*made_of, by_torch=self.is_by_torch), self.is_by_torch
        return self._shown[0]

    def _update_from(self, loop: "TorchLoop") -> None:
        if self._state is not None and self._state.step != loop.step:
            self._state = None
        self.diverged_at = loop.diverged_at


PYTORCH_RECORDS = 64  # steps, which PyTorch recomputes in some 15 ms


def advance(
    trainer: Trainer, engine: EngineName, steps: int, stop: Stop | None = None, record_every: int = 10**9
) -> tuple[Array, list[TrainerState]]:
    """Take steps like `Trainer.run`, with any engine.

    Returns
    -------
    tuple
        The losses, and the recorded states: with a compiled loop every `record_every`-th step (at first more often);
        with PyTorch the end, at most every `PYTORCH_RECORDS` steps, so that recomputing a past moment stays quick.
    """
    if engine != "PyTorch":
        return _take_compiled(trainer, engine, steps, stop, record_every)
    before = trainer.step
    losses = trainer.run(steps, stop)
    is_recorded = before // PYTORCH_RECORDS != trainer.step // PYTORCH_RECORDS and trainer.diverged_at is None
    return losses, [trainer.state()] if is_recorded else []


def _take_compiled(
    trainer: Trainer, engine: EngineName, steps: int, stop: Stop | None, record_every: int
) -> tuple[Array, list[TrainerState]]:
    """Take steps with a compiled loop, between states with a finite loss.

    The loop sees the loss before each update. If the last update was the fatal one, all steps but that are taken again:
    the way back would be too long for PyTorch's replay.
    """
    trainer.diverged_at = None  # whatever stopped it before, this is another try
    trainer.settle()
    if trainer.diverged_at is not None:
        return np.empty(0, dtype=np.float32), []
    states, losses = [trainer.state()], []
    end, diverged_at = trainer.step + steps, None
    while states[-1].step < end and diverged_at is None:
        step = states[-1].step
        until = min(end, _next_recorded(step, record_every))
        done = run_compiled(engine, trainer.config, trainer.dataset, states[-1], until - step, stop)
        diverged_at = done.diverged_at
        if done.state.step == step:
            break
        states.append(done.state)
        losses.append(done.losses)
    trainer.load(states[-1], diverged_at)
    if diverged_at is None and not math.isfinite(trainer.loss()):
        diverged_at = trainer.step
    if diverged_at == trainer.step and len(states) > 1:
        taken = diverged_at - 1 - states[-2].step
        done = run_compiled(engine, trainer.config, trainer.dataset, states[-2], taken)
        states[-1], losses[-1] = done.state, done.losses
        trainer.load(done.state, diverged_at)
    recorded = [state for state in states[1:] if state.step == _next_recorded(state.step - 1, record_every)]
    return np.concatenate(losses) if losses else np.empty(0, dtype=np.float32), recorded


def _next_recorded(step: int, record_every: int) -> int:
    """Return the next step to record: multiples of `record_every`, and before the first of them 1, 2, 4, ..."""
    power = 1 << step.bit_length()
    return power if power < record_every else (step // record_every + 1) * record_every
