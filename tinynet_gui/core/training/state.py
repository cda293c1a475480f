"""The state from which training can continue, and the values of one forward and backward pass."""

from collections.abc import Iterable
from functools import cached_property

import numpy as np

from tinynet_gui.core.choices.loops import training_loop
from tinynet_gui.core.choices.optimizers import OPTIMIZERS
from tinynet_gui.core.config import Config, NetworkConfig, TrainingConfig
from tinynet_gui.core.network.forward import Forward, Layer
from tinynet_gui.core.network.initializations import INITIALIZATIONS, Draws, TorchDraws, TwisterDraws
from tinynet_gui.core.network.refs import ParameterRef
from tinynet_gui.core.values import Array, frozen_dataclass, owned


def generator_for(config: NetworkConfig) -> Draws:
    """Return a generator to reuse for the initial weights of this and similar networks."""
    return TorchDraws() if config.needs_torch else TwisterDraws(rounding=config.rounding)


def initial_parameters(config: NetworkConfig, draws: Draws | None = None) -> tuple[Array, ...]:
    """Return the initial weights and biases, as in `TrainerState.parameters`; read-only.

    They are the configuration's `first_weights`, if it has any. Else they equal the result of
    ``torch.manual_seed(seed)``, ``torch.rand(drawn_before)`` and the tutorial's
    ``nn.Sequential(nn.Linear(1, n), nn.ReLU(), nn.Linear(n, 1))``, each tensor times ``weight_scale``, where torch
    rounds as ``rounding`` says.
    `draws` is a generator to reuse, from `generator_for`.
    """
    if config.first_weights is not None:
        return config.first_weights.parameters
    way = INITIALIZATIONS[config.initialization]
    draws = draws or generator_for(config)
    draws.seed(config.seed)
    draws.skip(config.drawn_before)
    arrays: list[Array] = []
    for inputs, outputs in zip(config.widths, config.widths[1:], strict=False):
        arrays += way.draw(draws, outputs, inputs)
    for array in arrays:
        if config.weight_scale != 1:
            array[...] *= config.weight_scale  # in float32, as in torch
        array.flags.writeable = False
    return tuple(arrays)


@frozen_dataclass(eq=False)
class TrainerState:
    """Everything that changes during a run, shared by all engines. Compared by identity.

    The order of the mini-batches is a function of the seed and the step (see `core.training.dataset.epoch_order`), so
    there is no generator to keep.

    Attributes
    ----------
    step
        The number of updates made.
    parameters
        weight, bias, weight, bias, ... in the order of ``network.parameters()``; float32, owned, read-only.
    slots
        For each name of `slots_of`, one array per parameter; zeros before the first step.
    """

    step: int
    parameters: tuple[Array, ...]
    slots: tuple[tuple[Array, ...], ...]

    @cached_property
    def nbytes(self) -> int:
        """The size of all arrays in bytes."""
        return sum(array.nbytes for arrays in (self.parameters, *self.slots) for array in arrays)

    def with_parameters(self, values: Iterable[tuple[ParameterRef, float]]) -> "TrainerState":
        """Return the state with some parameters set by hand."""
        arrays = list(self.parameters)
        for ref, value in values:
            array = arrays[ref.array].copy()
            array[ref.index] = value
            arrays[ref.array] = owned(array)
        return TrainerState(self.step, tuple(arrays), self.slots)


def initial_state(config: Config, draws: Draws | None = None) -> TrainerState:
    """Return the state before the first step, its weights drawn by `draws` if given."""
    parameters = initial_parameters(config.network, draws)
    slots = tuple(tuple(owned(np.zeros(array.shape)) for array in parameters) for _ in slots_of(config.training))
    return TrainerState(0, parameters, slots)


def slots_of(training: TrainingConfig) -> tuple[str, ...]:
    """Return the names of a state's slots: the optimiser's, and ``grad`` where the loop never resets its gradients."""
    return (*OPTIMIZERS[training.optimizer].slots, *(["grad"] if training_loop(training).keeps_gradients else []))


@frozen_dataclass
class Pass:
    """A forward and a backward pass of n samples. Every array is float32.

    Attributes
    ----------
    values
        Every value on the way forward, a column for each sample.
    errors, sample_losses, loss
        ŷ − y and each sample's own loss, shape (n,); their mean.
    output_gradients
        ∂L/∂ŷ for each sample, shape (n,); including the mean's 1/n.
    gradients
        ∂L/∂w of each layer, without weight decay and L1 penalty.
    """

    values: Forward
    errors: Array
    sample_losses: Array
    loss: float
    output_gradients: Array
    gradients: tuple[Layer, ...]
