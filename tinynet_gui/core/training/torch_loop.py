"""The tutorial's training loop on torch.nn, autograd and torch.optim.

It knows nothing of threads, time or windows: `run` takes steps, `state` and `load` save and restore its state exactly.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

from tinynet_gui.core.choices.activations import ACTIVATIONS
from tinynet_gui.core.choices.gradient_changes import GradientChange, active_changes
from tinynet_gui.core.choices.loops import training_loop
from tinynet_gui.core.choices.losses import LOSSES
from tinynet_gui.core.choices.optimizers import OPTIMIZERS, optimizer_options
from tinynet_gui.core.choices.schedules import rate_at
from tinynet_gui.core.config import Config, NetworkConfig, TrainingConfig
from tinynet_gui.core.network.forward import Forward, as_layers
from tinynet_gui.core.training import start
from tinynet_gui.core.values import Array, Flags, Stop, owned


def make_network(config: NetworkConfig, parameters: Sequence[Array] | None = None) -> nn.Sequential:
    """Build Linear, activation, ..., Linear, with these weights and biases, or those drawn from the seed."""
    arrays, modules = parameters or start.initial_parameters(config), list[nn.Module]()
    for *numbers, name in zip(arrays[::2], arrays[1::2], (*config.activation_names, ""), strict=True):
        modules += [_linear(*numbers), activation_module(name)] if name else [_linear(*numbers)]
    return nn.Sequential(*modules)


def _linear(weight: Array, bias: Array) -> nn.Linear:
    """Make a layer without its constructor, which would draw weights: half a millisecond, even on no device."""
    layer = nn.Linear.__new__(nn.Linear)
    nn.Module.__init__(layer)
    layer.out_features, layer.in_features = weight.shape
    layer.weight, layer.bias = nn.Parameter(torch.tensor(weight)), nn.Parameter(torch.tensor(bias))
    return layer


def activation_module(name: str) -> nn.Module:
    """Return an activation as a module: torch.nn's own, or one made from the record's code, as in a script."""
    record, names = ACTIVATIONS[name], vars(nn)
    if record.torch_code:
        names = {"__name__": __name__, "nn": nn, "torch": torch}
        exec(record.torch_code, names)
    module: nn.Module = names[record.torch_module]()
    return module


def make_criterion(config: TrainingConfig, reduction: str = "") -> nn.Module:
    """Return the loss as a torch.nn module, by default averaged over the batch, or as the loop has it."""
    reduction = reduction or ("sum" if training_loop(config).sums else "mean")
    criterion: nn.Module = getattr(nn, LOSSES[config.loss].torch_module)(reduction=reduction)
    return criterion


def compared(config: TrainingConfig, outputs: torch.Tensor, y: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return outputs and targets, broadcast here if the loop does so by mistake: the criterion would warn."""
    if not training_loop(config).broadcasts:
        return outputs, y
    shape = len(outputs), len(y)
    return outputs.expand(shape), y[:, 0].expand(shape)


def make_optimizer(config: TrainingConfig, network: nn.Sequential) -> torch.optim.Optimizer:
    optimizer_class = getattr(torch.optim, OPTIMIZERS[config.optimizer].torch_class)
    options = {"foreach": False, **optimizer_options(config)}  # as PyTorch would decide at each step
    optimizer: torch.optim.Optimizer = optimizer_class(network.parameters(), **options)
    return optimizer


def torch_pass(config: Config, parameters: Sequence[Array], x: Array, y: Array) -> start.Pass:
    """Like `core.training.snapshot.forward_and_back`, with torch's modules and autograd."""
    network = make_network(config.network, parameters)
    pre_activations: list[torch.Tensor] = []
    activations: list[torch.Tensor] = []
    value, target = torch.tensor(x[:, None]), torch.tensor(y[:, None])
    for module in network:
        value = module(value)
        (pre_activations if isinstance(module, nn.Linear) else activations).append(value)
    output = pre_activations.pop()
    both = compared(config.training, output, target)
    loss = make_criterion(config.training)(*both)
    output_gradients, *gradients = torch.autograd.grad(loss, [output, *network.parameters()])
    alone = make_criterion(config.training, reduction="none")
    return start.Pass(
        values=Forward(_columns(pre_activations), _columns(activations), _columns([output])[0][0]),
        errors=owned((output - target).detach()[:, 0].numpy()),
        sample_losses=owned(alone(*both).detach().mean(dim=1).numpy()),
        loss=loss.item(),
        output_gradients=owned(output_gradients[:, 0].numpy()),
        gradients=as_layers([owned(gradient.numpy()) for gradient in gradients]),
    )


def _columns(values: Sequence[torch.Tensor]) -> tuple[Array, ...]:
    """Transpose torch's (samples, width) to our (width, samples)."""
    return tuple(owned(value.detach().numpy().T) for value in values)


CHECKPOINT_STEPS = 256  # the most steps to replay after a divergence, to find the last finite state


class TorchLoop:
    """One run in torch: a network, a criterion, an optimiser, and the number of steps taken.

    `Trainer` makes it for the steps that PyTorch takes, and validates its arguments; `diverged_at` is as there.
    """

    def __init__(self, config: Config, dataset: start.Dataset, state: start.TrainerState) -> None:
        self._config = config
        self._network = make_network(config.network, state.parameters)
        self._criterion = make_criterion(config.training)
        self._parameters = list(self._network.parameters())
        self._take_samples(dataset)
        self._checkpoint: start.TrainerState | None = None
        self._kept: list[torch.Tensor] = []  # gradients that were not reset
        self.step = state.step
        self.diverged_at: int | None = None
        self._frozen: list[torch.Tensor] | None = None
        self.load(state)

    def run(self, steps: int, stop: Stop | None = None) -> Array:
        """Take steps, like `Trainer.run`."""
        self.diverged_at = None
        losses: list[float] = []
        for _ in range(steps):
            if stop is not None and stop[0]:
                break
            x, y = self._batch()
            outputs = self._network(x)
            loss = self._criterion(*compared(self._config.training, outputs, y))
            value = loss.item()
            if not math.isfinite(value):
                self._return_to_last_finite()
                break
            if self._checkpoint is None or self.step - self._checkpoint.step >= CHECKPOINT_STEPS:
                self._checkpoint = self.state()
            self._optimizer.zero_grad()
            loss.backward()
            self._change_gradients()
            self._optimizer.param_groups[0]["lr"] = rate_at(self._config.training, self.step)
            if self._frozen is None:
                self._optimizer.step()
            else:
                self._step_with_frozen(self._frozen)
            self.step += 1
            losses.append(value)
        kept = losses if self.diverged_at is None else losses[: max(0, len(losses) - 1)]
        return np.array(kept, dtype=np.float32)

    def apply_live(self, config: Config, dataset: start.Dataset) -> None:
        """Apply a configuration that differs in live fields and points only. Call `settle` first."""
        self._checkpoint = None  # a replay cannot pass a change from outside
        self._config = config
        self._take_samples(dataset)
        self._optimizer.param_groups[0].update(optimizer_options(config.training))

    def set_frozen(self, masks: tuple[Flags, ...] | None) -> None:
        """Like `Trainer.set_frozen`, without validation. Call `settle` first."""
        self._checkpoint = None
        self._frozen = None if masks is None else [torch.tensor(mask, dtype=torch.bool) for mask in masks]

    def state(self) -> start.TrainerState:
        """Return everything that changes during training, copied."""
        slots = []
        for name in OPTIMIZERS[self._config.training.optimizer].slots:
            kept = ((p, self._optimizer.state[p].get(name)) for p in self._parameters)
            slots.append(tuple(owned(np.zeros(p.shape) if memory is None else memory.numpy()) for p, memory in kept))
        if training_loop(self._config.training).keeps_gradients:
            slots.append(tuple(owned(kept.numpy()) for kept in self._kept))
        return start.TrainerState(self.step, tuple(owned(p.detach().numpy()) for p in self._parameters), tuple(slots))

    def load(self, state: start.TrainerState) -> None:
        optimizer = OPTIMIZERS[self._config.training.optimizer]
        if training_loop(self._config.training).keeps_gradients:
            self._kept = [torch.tensor(array) for array in state.slots[-1]]
        with torch.no_grad():
            for parameter, array in zip(self._parameters, state.parameters, strict=True):
                parameter.copy_(torch.tensor(array))
        # a new optimiser: torch 2.6 sets up Adagrad's memory in its constructor, not at the first step
        self._optimizer = make_optimizer(self._config.training, self._network)
        if state.step > 0:
            for index, parameter in enumerate(self._parameters):
                memory: dict[str, Any] = self._optimizer.state[parameter]
                if optimizer.counts_steps:
                    memory["step"] = torch.tensor(float(state.step))
                for name, arrays in zip(optimizer.slots, state.slots, strict=False):
                    memory[name] = torch.tensor(arrays[index])
        self.step = state.step
        self.diverged_at = None
        self._checkpoint = None

    def settle(self) -> None:
        """Check whether the last update made the loss diverge, which would show only at the next step."""
        if self.diverged_at is None and not math.isfinite(self._loss()):
            self._return_to_last_finite()

    def _change_gradients(self) -> None:
        """Make the changes before the optimiser's; the reported loss excludes penalties, like weight decay.

        Where the loop forgets to reset them, the gradients are those of this step's loss and penalties, and all
        earlier ones.
        """
        changes = active_changes(self._config.training)
        if not (changes or self._kept):
            return
        gradients = [p.grad for p in self._parameters if p.grad is not None]
        self._make([change for change in changes if change.place == "loss"])
        for gradient, kept in zip(gradients, self._kept, strict=False):
            gradient.add_(kept)
        self._make([change for change in changes if change.place != "loss"])
        if self._kept:
            self._kept = [gradient.clone() for gradient in gradients]

    def _make(self, changes: Sequence[GradientChange]) -> None:
        for change in changes:
            if change.in_torch is not None:
                change.in_torch(self._parameters, change.value(self._config.training))

    def _step_with_frozen(self, frozen: list[torch.Tensor]) -> None:
        """Take the optimiser's step, then restore the frozen entries."""
        kept = [p.detach().clone() for p in self._parameters]
        self._optimizer.step()
        with torch.no_grad():
            for parameter, mask, before in zip(self._parameters, frozen, kept, strict=True):
                parameter.copy_(torch.where(mask, before, parameter))

    def _batch(self) -> tuple[torch.Tensor, torch.Tensor]:
        if self._steps_per_epoch == 1:
            return self._x, self._y
        chosen = torch.from_numpy(start.batch_samples(self._config, self.step, len(self._x)))
        return self._x[chosen], self._y[chosen]

    def _take_samples(self, dataset: start.Dataset) -> None:
        # torch.tensor copies: the dataset stays read-only
        self._x, self._y = torch.tensor(dataset.x_train), torch.tensor(dataset.y_train)
        self._steps_per_epoch = start.steps_per_epoch(self._config, len(self._x))

    def _loss(self) -> float:
        with torch.no_grad():
            return float(self._criterion(*compared(self._config.training, self._network(self._x), self._y)).item())

    def _return_to_last_finite(self) -> None:
        diverged_at = self.step
        if self._checkpoint is not None and diverged_at > self._checkpoint.step:
            steps = diverged_at - 1 - self._checkpoint.step
            self.load(self._checkpoint)
            self.run(steps)
        self.diverged_at = diverged_at
