"""The derivatives of the loss by torch, every entry of them."""

from collections.abc import Callable

import numpy as np
import torch

from tests.activations import modules_of
from tinynet_gui.core.choices.losses import LOSSES
from tinynet_gui.core.config import Config
from tinynet_gui.core.training.start import Dataset, TrainerState
from tinynet_gui.core.values import Floats


def output_by_torch(config: Config, state: TrainerState, x: torch.Tensor) -> Callable[[torch.Tensor], torch.Tensor]:
    """Return the output at x, (points, 1), in float64 as a function of all parameters, (parameters,)."""
    functions = [*modules_of(config.network.activation, len(config.network.hidden)), torch.nn.Identity()]
    sizes = [p.size for p in state.parameters]

    def output(flat: torch.Tensor) -> torch.Tensor:
        parts = [p.reshape(a.shape) for p, a in zip(torch.split(flat, sizes), state.parameters, strict=True)]
        value = x
        for function, weight, bias in zip(functions, parts[::2], parts[1::2], strict=True):
            value = function(torch.nn.functional.linear(value, weight, bias))
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
    return gradient.numpy(), hessian_of(loss, flat, vectorize=True).numpy()
