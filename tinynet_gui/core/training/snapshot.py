"""One moment of a run, with everything that views show of it."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from tinynet_gui.core.choices.loops import divisor, training_loop
from tinynet_gui.core.choices.losses import LOSSES, batch_loss, of_errors
from tinynet_gui.core.config import Config
from tinynet_gui.core.network.forward import Layer, active_counts, as_layers, forward, output_curve, where_dead
from tinynet_gui.core.training.start import Dataset, Pass, TrainerState, plot_grid, steps_per_epoch
from tinynet_gui.core.values import AnyArray, Array, Flags, Ints, frozen_dataclass, owned


def _loss(config: Config, layers: Sequence[Layer], x: Array, y: Array) -> Array:
    with np.errstate(over="ignore", invalid="ignore"):  # a diverged network is a state, not an error
        return batch_loss(config.training, output_curve(layers, config.network.activation, x[:, 0]), y[:, 0])


def training_loss(config: Config, dataset: Dataset, layers: Sequence[Layer]) -> Array:
    """Return the loss over all training samples, as the loop has it: one number, as a float32 array of shape ().

    A new first axis of each weight and bias stands for many networks, and is that of the result. Infinite where the
    loss overflows float32.
    """
    return _loss(config, layers, dataset.x_train, dataset.y_train)


def loss_at(config: Config, dataset: Dataset, state: TrainerState) -> float:
    """Return the loss over all training samples at a state."""
    return float(training_loss(config, dataset, as_layers(state.parameters)))


def held_out_loss(config: Config, dataset: Dataset, layers: Sequence[Layer]) -> Array | None:
    """Return the loss over the held-out samples, as `training_loss` does; None if there are none."""
    return _loss(config, layers, dataset.x_held_out, dataset.y_held_out) if len(dataset.x_held_out) else None


def forward_and_back(
    config: Config, parameters: Sequence[Array], x: Array, y: Array, *, by_torch: bool = False
) -> Pass:
    """Run the forward and the backward pass for samples x and y, float32 of shape (n,).

    Parameters
    ----------
    parameters
        In the order of ``TrainerState.parameters``.
    by_torch
        Whether torch computes everything; else the results agree with torch's up to float32 rounding.
    """
    if by_torch:
        from tinynet_gui.core.training.torch_loop import torch_pass

        return torch_pass(config, parameters, x, y)
    layers, activations, training = as_layers(parameters), config.network.activations, config.training
    loss = LOSSES[training.loss]
    values = forward(layers, config.network.activation, x)
    inputs = (x[None, :], *values.activations)
    gradients: list[Array] = []
    with np.errstate(all="ignore"):  # a diverged network is a state, not an error
        errors = owned(values.output - y)
        slopes, each = loss.derivative(errors), loss.function(errors)
        if training_loop(training).broadcasts:
            slopes, each = (of_errors(facet, training, errors, y) for facet in (loss.derivative, loss.function))
        output_gradients = owned(slopes / np.float32(divisor(training, len(x))))
        by_pre: Array = output_gradients[None, :]
        for place in reversed(range(len(layers))):
            gradients += [by_pre.sum(axis=1), by_pre @ inputs[place].T]
            if place > 0:
                slope = activations[place - 1].derivative(values.pre_activations[place - 1])
                by_pre = np.asarray((layers[place].weight.T @ by_pre) * slope, np.float32)
        sample_losses, mean = owned(each), float(batch_loss(training, values.output, y))
    return Pass(values, errors, sample_losses, mean, output_gradients, as_layers([*map(owned, reversed(gradients))]))


NEURON_POINTS = 49  # points of a neuron's own miniature curve; every eighth of the output's grid


@frozen_dataclass
class Snapshot:
    """One moment of a run. Every array is an owned, read-only float32 copy.

    Attributes
    ----------
    run_id
        Every new network and new data set starts a new run.
    state
        From which the run continues exactly.
    epoch
        Full passes over the training samples.
    train_loss, validation_loss
        Over all training samples, and over the held-out ones (None if there are none).
    layers, gradients
        The parameters of each layer, hidden layers first, and the derivative of `train_loss` by each, without
        weight decay and L1 penalty.
    grid, output
        The plotted x, shape (401,), and the network's output there.
    neuron_grid, pre_activations, activations
        A coarser x, shape (49,), and for each hidden layer the curves of its neurons, (width, 49).
    active_counts
        For each hidden neuron, the number of training samples on which its pre-activation is above 0.
    diverged_at
        The step at which the loss was not finite, or None. The snapshot then shows the last finite step; or this one,
        if the run began there or was set to it by hand.
    """

    run_id: int
    config: Config
    dataset: Dataset
    state: TrainerState
    epoch: int
    train_loss: float
    validation_loss: float | None
    layers: tuple[Layer, ...]
    gradients: tuple[Layer, ...]
    grid: Array
    output: Array
    neuron_grid: Array
    pre_activations: tuple[Array, ...]
    activations: tuple[Array, ...]
    active_counts: tuple[Ints, ...]
    diverged_at: int | None = None

    @cached_property
    def curve_layers(self) -> tuple[Layer, ...]:
        """The network in the units of the data: the source of curves and kinks."""
        return self.dataset.scaling.in_units_of_data(self.layers)

    @cached_property
    def dead(self) -> tuple[Flags, ...]:
        """Which neurons of each hidden layer are dead, bool of shape (width,)."""
        return where_dead(self.config.network.activation, self.active_counts)

    @property
    def step(self) -> int:
        return self.state.step


def look_alike(one: Snapshot | None, other: Snapshot | None) -> bool:
    """Return whether two moments differ at most in settings for later steps; two missing moments are alike."""
    if one is None or other is None:
        return one is other
    return one.output is other.output and one.run_id == other.run_id


def make_snapshot(
    run_id: int,
    config: Config,
    dataset: Dataset,
    state: TrainerState,
    diverged_at: int | None = None,
    *,
    by_torch: bool = False,
) -> Snapshot:
    """Compute the snapshot of a state; with `by_torch`, torch computes loss and gradients."""
    activation = config.network.activation
    layers = as_layers(state.parameters)
    x = dataset.x_train[:, 0]
    held_out = held_out_loss(config, dataset, layers)
    here = forward_and_back(config, state.parameters, x, dataset.y_train[:, 0], by_torch=by_torch)
    neuron_grid = plot_grid(config.data, NEURON_POINTS)
    drawn = dataset.scaling.in_units_of_data(layers)
    curves = forward(drawn, activation, neuron_grid)
    grid = plot_grid(config.data)
    output = output_curve(drawn, activation, grid)
    counts = active_counts(layers, activation, x)
    arrays: tuple[AnyArray, ...] = (grid, output, neuron_grid, *counts)
    for array in (*arrays, *curves.pre_activations, *curves.activations):
        array.flags.writeable = False
    return Snapshot(
        run_id=run_id,
        config=config,
        dataset=dataset,
        state=state,
        epoch=state.step // steps_per_epoch(config, len(x)),
        train_loss=here.loss,
        validation_loss=None if held_out is None else float(held_out),
        layers=layers,
        gradients=here.gradients,
        grid=grid,
        output=output,
        neuron_grid=neuron_grid,
        pre_activations=curves.pre_activations,
        activations=curves.activations,
        active_counts=counts,
        diverged_at=diverged_at,
    )
