"""The tutorial's training loop on torch.nn, autograd and torch.optim.

Knows nothing of threads, time or windows: `run` takes steps, `state` and `load` take the whole state
out and put it back exactly.
"""

import math
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import torch

from tinynet_gui.core.arrays import Array, owned
from tinynet_gui.core.config import Config, needs_reset
from tinynet_gui.core.data.batches import batch_samples, steps_per_epoch
from tinynet_gui.core.data.dataset import Dataset, make_dataset
from tinynet_gui.core.run.snapshot import Snapshot, make_snapshot
from tinynet_gui.core.training.optimizers import OPTIMIZERS
from tinynet_gui.core.training.state import TrainerState
from tinynet_gui.core.training.torch_network import make_criterion, make_network, make_optimizer, optimizer_options

CHECKPOINT_STEPS = 256  # how far back at most a diverged run is replayed to find its last finite state


class Trainer:
    """One run: a configuration, its samples, a network and how far it has been trained.

    Parameters
    ----------
    dataset
        The samples; by default those that the configuration describes.

    Attributes
    ----------
    config, dataset
        What is trained; `config` changes only in its live fields, by `apply_live`.
    step
        How many updates have been made.
    diverged_at
        The step at which the loss was NaN or infinite, or None. The trainer then stands at the last
        step at which it was finite, and another `run` tries again from there.
    """

    def __init__(self, config: Config, dataset: Dataset | None = None) -> None:
        self.config = config
        self.dataset: Dataset = make_dataset(config.data) if dataset is None else dataset
        self.step = 0
        self.diverged_at: int | None = None
        self._network = make_network(config.network)
        self._criterion = make_criterion(config.training)
        self._made_optimizer: torch.optim.Optimizer | None = None
        self._parameters = list(self._network.parameters())
        # torch.tensor copies: the dataset stays read-only
        self._x, self._y = torch.tensor(self.dataset.x_train), torch.tensor(self.dataset.y_train)
        self._checkpoint: TrainerState | None = None
        self._frozen: list[torch.Tensor] | None = None

    @property
    def steps_per_epoch(self) -> int:
        """Updates in one pass over the training samples."""
        return steps_per_epoch(self.config, len(self._x))

    @property
    def epoch(self) -> int:
        """Full passes over the training samples so far."""
        return self.step // self.steps_per_epoch

    def prepare(self) -> None:
        """Make the optimiser, if there is none yet.

        The first optimiser in a process makes torch import its compiler, which takes as long as torch itself
        did. `run` prepares when it has to; a program with a window can do so while the user looks around.
        """
        if self._made_optimizer is None:
            self._made_optimizer = make_optimizer(self.config.training, self._network)

    def run(self, steps: int, stop: npt.NDArray[np.uint8] | None = None) -> Array:
        """Take steps, and stop at the first loss that is not finite.

        Parameters
        ----------
        stop
            One element; when another thread makes it nonzero, no further step is taken.

        Returns
        -------
        Array
            The loss of each step's batch before its update, float32 of shape (steps taken,):
            element i is the loss after ``step + i`` updates.
        """
        self.diverged_at = None
        losses: list[float] = []
        optimizer = self._optimizer
        for _ in range(steps):
            if stop is not None and stop[0]:
                break
            x, y = self._batch()
            outputs = self._network(x)
            loss = self._criterion(outputs, y)
            value = loss.item()
            if not math.isfinite(value):
                self._return_to_last_finite()
                break
            if self._checkpoint is None or self.step - self._checkpoint.step >= CHECKPOINT_STEPS:
                self._checkpoint = self.state()
            optimizer.zero_grad()
            loss.backward()
            if self._frozen is None:
                optimizer.step()
            else:
                self._step_around(self._frozen, optimizer)
            self.step += 1
            losses.append(value)
        kept = losses if self.diverged_at is None else losses[: max(0, len(losses) - 1)]
        return np.array(kept, dtype=np.float32)

    def apply_live(self, config: Config) -> None:
        """Take over a configuration that differs in live fields only; acts on the next step.

        Raises
        ------
        ValueError
            If it differs in a field that needs new data or a new network.
        """
        if needs_reset(self.config, config):
            raise ValueError("this change needs a new run; only live fields can change in mid-run")
        self._forget_checkpoint()
        self.config = config
        if self._made_optimizer is not None:
            self._made_optimizer.param_groups[0].update(optimizer_options(config.training))

    def set_frozen(self, masks: tuple[npt.NDArray[np.bool_], ...] | None) -> None:
        """Hold parameters at their values from the next step on, or let all of them move again.

        A frozen entry keeps its value to the last bit, whatever the optimiser or weight decay would do; its
        gradient and the optimiser's memory of it go on. The masks are not part of `state`.

        Parameters
        ----------
        masks
            A mask for each parameter, in the order and the shapes of ``TrainerState.parameters``, True where it
            is frozen. None, or masks with nothing frozen: every step is an ordinary one.

        Raises
        ------
        ValueError
            If the masks do not have the parameters' shapes.
        """
        shapes = [tuple(p.shape) for p in self._parameters]
        if masks is not None and [m.shape for m in masks] != shapes:
            raise ValueError(f"the masks do not have the network's shapes {shapes}")
        self._forget_checkpoint()
        frozen = masks is not None and any(mask.any() for mask in masks)
        self._frozen = (
            [torch.tensor(mask, dtype=torch.bool) for mask in masks] if masks is not None and frozen else None
        )

    @property
    def has_frozen(self) -> bool:
        """Whether any parameter is held at its value."""
        return self._frozen is not None

    def edit(self, layer: int, kind: Literal["weight", "bias"], index: tuple[int, ...], value: float) -> None:
        """Set one parameter by hand; training goes on from there with the optimiser's memory as it is.

        Parameters
        ----------
        index
            (neuron, input) of a weight, (neuron,) of a bias. A frozen one can be set too.

        Raises
        ------
        ValueError
            If there is no such parameter, or the value is not a finite float32 number.
        """
        place = 2 * layer + (kind == "bias")
        shape = tuple(self._parameters[place].shape) if 0 <= place < len(self._parameters) else ()
        if len(index) != len(shape) or not all(0 <= i < n for i, n in zip(index, shape, strict=True)) or not shape:
            raise ValueError(f"there is no {kind} {list(index)} in layer {layer}")
        if not abs(value) <= float(np.finfo(np.float32).max):  # also catches NaN
            raise ValueError(f"{value} is not a finite float32 number")
        self._forget_checkpoint()
        with torch.no_grad():
            self._parameters[place][index] = value
        self.diverged_at = None

    def state(self) -> TrainerState:
        """Return everything that changes during training, as owned copies."""
        slots = []
        for name in OPTIMIZERS[self.config.training.optimizer].slots:
            memory = [self._memory(p).get(name) for p in self._parameters]
            slots.append(
                tuple(
                    owned(np.zeros(p.shape) if kept is None else kept.numpy())
                    for p, kept in zip(self._parameters, memory, strict=True)
                )
            )
        return TrainerState(self.step, tuple(owned(p.detach().numpy()) for p in self._parameters), tuple(slots))

    def load(self, state: TrainerState) -> None:
        """Put a state back: the next steps are exactly those that followed when it was taken.

        Raises
        ------
        ValueError
            If its arrays do not have this network's shapes or this optimiser's slots.
        """
        optimizer = OPTIMIZERS[self.config.training.optimizer]
        shapes = [tuple(p.shape) for p in self._parameters]
        if any([a.shape for a in arrays] != shapes for arrays in (state.parameters, *state.slots)):
            raise ValueError(f"the state's arrays do not have the network's shapes {shapes}")
        if len(state.slots) != len(optimizer.slots):
            raise ValueError(f"the state has {len(state.slots)} optimiser slots, not {len(optimizer.slots)}")
        with torch.no_grad():
            for parameter, array in zip(self._parameters, state.parameters, strict=True):
                parameter.copy_(torch.tensor(array))
        if self._made_optimizer is not None:
            self._made_optimizer.state.clear()
        if state.step > 0:  # before the first step torch.optim has made no memory yet
            for index, parameter in enumerate(self._parameters):
                memory = self._optimizer.state[parameter]
                if optimizer.counts_steps:
                    memory["step"] = torch.tensor(float(state.step))
                for name, arrays in zip(optimizer.slots, state.slots, strict=True):
                    memory[name] = torch.tensor(arrays[index])
        self.step = state.step
        self.diverged_at = None
        self._checkpoint = None

    def adopt(self, state: TrainerState, diverged_at: int | None) -> None:
        """Stand where another trainer has come to from this one's state, and how it fared."""
        self.load(state)
        self.diverged_at = diverged_at

    def settle(self) -> None:
        """See to it that the loss here is finite: the last step may have gone wrong, and nobody has seen it yet."""
        if self.diverged_at is None and not math.isfinite(self.loss()):
            self._return_to_last_finite()

    def snapshot(self, run_id: int) -> Snapshot:
        """Return this moment for the views: losses, parameters, gradients, curves."""
        self.settle()
        loss, gradients = self._loss_and_gradients()
        return make_snapshot(
            run_id,
            self.config,
            self.dataset,
            state=self.state(),
            epoch=self.epoch,
            losses=(loss, self.held_out_loss()),
            gradients=gradients,
            diverged_at=self.diverged_at,
        )

    @property
    def _optimizer(self) -> torch.optim.Optimizer:
        self.prepare()
        assert self._made_optimizer is not None
        return self._made_optimizer

    def _memory(self, parameter: torch.Tensor) -> dict[str, Any]:
        """What the optimiser keeps for a parameter; nothing before the first step."""
        return {} if self._made_optimizer is None else self._made_optimizer.state[parameter]

    def _step_around(self, frozen: list[torch.Tensor], optimizer: torch.optim.Optimizer) -> None:
        """Take the optimiser's step, and put back what is frozen."""
        kept = [p.detach().clone() for p in self._parameters]
        optimizer.step()
        with torch.no_grad():
            for parameter, mask, before in zip(self._parameters, frozen, kept, strict=True):
                parameter.copy_(torch.where(mask, before, parameter))

    def _forget_checkpoint(self) -> None:
        """Make sure that no replay goes through a change from outside: it would not be the same."""
        self.settle()
        self._checkpoint = None

    def _batch(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the samples of the next step: all of them, or the epoch's next few."""
        if self.steps_per_epoch == 1:
            return self._x, self._y
        chosen = torch.from_numpy(batch_samples(self.config, self.step, len(self._x)))
        return self._x[chosen], self._y[chosen]

    def loss(self) -> float:
        """Return the loss over all training samples, here and now."""
        with torch.no_grad():
            return float(self._criterion(self._network(self._x), self._y).item())

    def _loss_and_gradients(self) -> tuple[float, list[Array]]:
        """The loss over all training samples and its derivative by each parameter, here and now."""
        loss = self._criterion(self._network(self._x), self._y)
        gradients = torch.autograd.grad(loss, self._parameters)
        return loss.item(), [owned(g.numpy()) for g in gradients]

    def held_out_loss(self) -> float | None:
        """Return the loss over the held-out samples, here and now; None if there are none."""
        if not len(self.dataset.x_held_out):
            return None
        with torch.no_grad():
            outputs = self._network(torch.tensor(self.dataset.x_held_out))
            return float(self._criterion(outputs, torch.tensor(self.dataset.y_held_out)).item())

    def _return_to_last_finite(self) -> None:
        """Replay from the last checkpoint up to the step before the loss left the finite numbers."""
        diverged_at = self.step
        if self._checkpoint is not None and diverged_at > self._checkpoint.step:
            steps = diverged_at - 1 - self._checkpoint.step
            self.load(self._checkpoint)
            self.run(steps)
        self.diverged_at = diverged_at
