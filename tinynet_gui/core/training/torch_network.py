"""The tutorial's network in torch.nn, with the seed's own weights."""

from typing import Any

import torch
from torch import nn

from tinynet_gui.core.config import NetworkConfig, TrainingConfig
from tinynet_gui.core.network.activations import ACTIVATIONS
from tinynet_gui.core.network.initializations import INITIALIZATIONS
from tinynet_gui.core.training.losses import LOSSES
from tinynet_gui.core.training.optimizers import OPTIMIZERS


def make_network(config: NetworkConfig) -> nn.Sequential:
    """Build Linear, activation, ..., Linear with weights drawn from the configuration's seed.

    The weights are those that ``torch.manual_seed(seed)`` followed by the tutorial's
    ``nn.Sequential(nn.Linear(1, n), nn.ReLU(), nn.Linear(n, 1))`` gives. They are drawn from a
    generator of their own: torch's global one is not touched.
    """
    modules: list[nn.Module] = []
    for n_in, n_out in zip(config.widths, config.widths[1:], strict=False):
        modules.append(nn.Linear(n_in, n_out, device="meta").to_empty(device="cpu"))
        modules.append(getattr(nn, ACTIVATIONS[config.activation].torch_module)())
    network = nn.Sequential(*modules[:-1])
    generator = torch.Generator().manual_seed(config.seed)
    initialize = INITIALIZATIONS[config.initialization].draw
    for linear in linear_layers(network):
        initialize(linear, generator)
    return network


def linear_layers(network: nn.Sequential) -> list[nn.Linear]:
    """Return the layers that have parameters."""
    return [module for module in network if isinstance(module, nn.Linear)]


def make_criterion(config: TrainingConfig, reduction: str = "mean") -> nn.Module:
    """Return the loss as a torch.nn module that averages over the batch, or reduces it in another of torch's ways."""
    criterion: nn.Module = getattr(nn, LOSSES[config.loss].torch_module)(reduction=reduction)
    return criterion


def optimizer_options(config: TrainingConfig) -> dict[str, Any]:
    """Return the options of torch.optim's class, which can also be changed in mid-run."""
    own = {name: value(config) for name, value in OPTIMIZERS[config.optimizer].options.items()}
    return {"lr": config.learning_rate, "weight_decay": config.weight_decay, **own}


def make_optimizer(config: TrainingConfig, network: nn.Sequential) -> torch.optim.Optimizer:
    """Return the configured optimiser over all parameters."""
    optimizer_class = getattr(torch.optim, OPTIMIZERS[config.optimizer].torch_class)
    optimizer: torch.optim.Optimizer = optimizer_class(network.parameters(), **optimizer_options(config))
    return optimizer
