"""The loss of a network over some samples; and the whole pass forward and back.

The reference is torch, which is imported only where its own numbers are needed.
"""

from collections.abc import Sequence

import numpy as np

from tinynet_gui.core.choices.activations import ActivationNames
from tinynet_gui.core.choices.losses import LOSSES, mean_loss
from tinynet_gui.core.config import Config
from tinynet_gui.core.network.forward import Layer, as_layers, forward, output_curve
from tinynet_gui.core.numerics.arrays import Array, owned
from tinynet_gui.core.training.dataset import Dataset
from tinynet_gui.core.training.network_pass import Pass

Losses = Array


def network_loss(layers: Sequence[Layer], activation: ActivationNames, loss: str, x: Array, y: Array) -> Losses:
    """Return the loss over samples x and y, float32 of shape (samples,): one number, as an array of shape ().

    Many networks at once have a new first axis in each weight and bias, and so has their loss. It is infinite where it
    overflows float32.
    """
    with np.errstate(over="ignore", invalid="ignore"):  # a diverged network is a state, not an error
        return mean_loss(loss, output_curve(layers, activation, x) - y)


def training_loss(config: Config, dataset: Dataset, layers: Sequence[Layer]) -> Losses:
    """Return the loss over all training samples, as `network_loss` does."""
    x, y = dataset.x_train[:, 0], dataset.y_train[:, 0]
    return network_loss(layers, config.network.activation, config.training.loss, x, y)


def held_out_loss(config: Config, dataset: Dataset, layers: Sequence[Layer]) -> Losses | None:
    """Return the loss over the held-out samples, as `network_loss` does; None if there are none."""
    if not len(dataset.x_held_out):
        return None
    x, y = dataset.x_held_out[:, 0], dataset.y_held_out[:, 0]
    return network_loss(layers, config.network.activation, config.training.loss, x, y)


def forward_and_back(
    config: Config, parameters: Sequence[Array], x: Array, y: Array, *, by_torch: bool = False
) -> Pass:
    """Send samples x and y, float32 of shape (n,), through a network and back.

    Parameters
    ----------
    parameters
        In the order of ``TrainerState.parameters``.
    by_torch
        Whether torch computes everything; if not, the results agree with torch's up to float32 rounding.
    """
    if by_torch:
        from tinynet_gui.core.training.torch_network import torch_pass

        return torch_pass(config, parameters, x, y)
    layers, activations, loss = as_layers(parameters), config.network.activations, config.training.loss
    values = forward(layers, config.network.activation, x)
    inputs = (x[None, :], *values.activations)
    gradients: list[Array] = []
    with np.errstate(all="ignore"):  # a diverged network is a state, not an error
        errors = owned(values.output - y)
        output_gradients = owned(LOSSES[loss].derivative(errors) / np.float32(len(x)))
        by_pre: Array = output_gradients[None, :]
        for place in reversed(range(len(layers))):
            gradients += [by_pre.sum(axis=1), by_pre @ inputs[place].T]
            if place > 0:
                slope = activations[place - 1].derivative(values.pre_activations[place - 1])
                by_pre = np.asarray((layers[place].weight.T @ by_pre) * slope, np.float32)
        sample_losses, mean = owned(LOSSES[loss].function(errors)), float(mean_loss(loss, errors))
    return Pass(values, errors, sample_losses, mean, output_gradients, as_layers([*map(owned, reversed(gradients))]))
