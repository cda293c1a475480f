"""The derivatives of the loss by torch, every entry of them."""

from collections.abc import Callable

import numpy as np
import torch

from tinynet_gui.core.choices.losses import LOSSES
from tinynet_gui.core.config import Config
from tinynet_gui.core.numerics.arrays import Floats
from tinynet_gui.core.training.dataset import Dataset
from tinynet_gui.core.training.state import TrainerState
from tinynet_gui.core.training.torch_network import activation_module


def output_by_torch(config: Config, state: TrainerState, x: torch.Tensor) -> Callable[[torch.Tensor], torch.Tensor]:
    """Return the output at x, (points, 1), in float64 as a function of all parameters, (parameters,)."""
    function = activation_module(config.network.activation)
    sizes = [p.size for p in state.parameters]

    def output(flat: torch.Tensor) -> torch.Tensor:
        parts = [p.reshape(a.shape) for p, a in zip(torch.split(flat, sizes), state.parameters, strict=True)]
        value = x
        for index in range(0, len(parts), 2):
            value = torch.nn.functional.linear(value, parts[index], parts[index + 1])
            value = function(value) if index < len(parts) - 2 else value
        return value

    return output


def loss_by_torch(config: Config, dataset: Dataset, state: TrainerState) -> Callable[[torch.Tensor], torch.Tensor]:
    """Return the full-batch loss in float64 as a function of all parameters, (parameters,)."""
    x, y = torch.tensor(dataset.x_train).double(), torch.tensor(dataset.y_train).double()
    output, criterion = (
        output_by_torch(config, state, x),
        getattr(torch.nn, LOSSES[config.training.loss].torch_module)(),
    )
    return lambda flat: criterion(output(flat), y)


def derivatives_by_torch(config: Config, dataset: Dataset, state: TrainerState) -> tuple[Floats, Floats]:
    """Return the gradient of the full-batch loss, (parameters,), and its Hessian, (parameters, parameters)."""
    loss = loss_by_torch(config, dataset, state)
    flat = torch.tensor(np.concatenate([p.ravel() for p in state.parameters])).double().requires_grad_()
    (gradient,) = torch.autograd.grad(loss(flat), flat)
    hessian_of: Callable[..., torch.Tensor] = torch.autograd.functional.hessian
    return gradient.numpy(), hessian_of(loss, flat).numpy()
