"""The tutorial's network in torch.nn, with the weights drawn by the seed."""

from collections.abc import Sequence

import torch
from torch import nn

from tinynet_gui.core.choices.activations import ACTIVATIONS
from tinynet_gui.core.choices.losses import LOSSES
from tinynet_gui.core.choices.optimizers import OPTIMIZERS, optimizer_options
from tinynet_gui.core.config import Config, NetworkConfig, TrainingConfig
from tinynet_gui.core.network.forward import Forward, as_layers
from tinynet_gui.core.numerics.arrays import Array, owned
from tinynet_gui.core.training.initial_parameters import initial_parameters
from tinynet_gui.core.training.network_pass import Pass


def make_network(config: NetworkConfig, parameters: Sequence[Array] | None = None) -> nn.Sequential:
    """Build Linear, activation, ..., Linear.

    Parameters
    ----------
    parameters
        Its weights and biases; by default those that the configuration's seed draws.
    """
    modules: list[nn.Module] = []
    for n_in, n_out, name in zip(config.widths, config.widths[1:], (*config.activation_names, ""), strict=False):
        modules.append(nn.Linear(n_in, n_out, device="meta"))  # with nothing drawn
        modules += [activation_module(name)] if name else []
    network = nn.Sequential(*modules)
    values = map(torch.tensor, parameters or initial_parameters(config))
    network.load_state_dict(dict(zip(network.state_dict(), values, strict=True)), assign=True)
    return network


def activation_module(name: str) -> nn.Module:
    """Return an activation as a module: torch.nn's, or that of its record's own lines, as a script has it."""
    record, names = ACTIVATIONS[name], vars(nn)
    if record.torch_code:
        names = {"__name__": __name__, "nn": nn, "torch": torch}
        exec(record.torch_code, names)
    module: nn.Module = names[record.torch_module]()
    return module


def make_criterion(config: TrainingConfig, reduction: str = "mean") -> nn.Module:
    """Return the loss as a torch.nn module that averages over the batch, or with another of torch's reductions."""
    criterion: nn.Module = getattr(nn, LOSSES[config.loss].torch_module)(reduction=reduction)
    return criterion


def make_optimizer(config: TrainingConfig, network: nn.Sequential) -> torch.optim.Optimizer:
    """Return the configured optimiser over all parameters."""
    optimizer_class = getattr(torch.optim, OPTIMIZERS[config.optimizer].torch_class)
    optimizer: torch.optim.Optimizer = optimizer_class(network.parameters(), **optimizer_options(config))
    return optimizer


def torch_pass(config: Config, parameters: Sequence[Array], x: Array, y: Array) -> Pass:
    """Like `core.training.passes.forward_and_back`, with torch's modules and autograd."""
    network = make_network(config.network, parameters)
    pre_activations: list[torch.Tensor] = []
    activations: list[torch.Tensor] = []
    value, target = torch.tensor(x[:, None]), torch.tensor(y[:, None])
    for module in network:
        value = module(value)
        (pre_activations if isinstance(module, nn.Linear) else activations).append(value)
    output = pre_activations.pop()
    loss = make_criterion(config.training)(output, target)
    output_gradients, *gradients = torch.autograd.grad(loss, [output, *network.parameters()])
    alone = make_criterion(config.training, reduction="none")
    return Pass(
        values=Forward(_columns(pre_activations), _columns(activations), _columns([output])[0][0]),
        errors=owned((output - target).detach()[:, 0].numpy()),
        sample_losses=owned(alone(output, target).detach()[:, 0].numpy()),
        loss=loss.item(),
        output_gradients=owned(output_gradients[:, 0].numpy()),
        gradients=as_layers([owned(gradient.numpy()) for gradient in gradients]),
    )


def _columns(values: Sequence[torch.Tensor]) -> tuple[Array, ...]:
    """Turn PyTorch's arrays, a row for each sample, into ours, a column for each sample."""
    return tuple(owned(value.detach().numpy().T) for value in values)
