"""The state from which a training can continue."""

from collections.abc import Iterable
from functools import cached_property

import numpy as np

from tinynet_gui.core.choices.optimizers import OPTIMIZERS
from tinynet_gui.core.config import Config
from tinynet_gui.core.network.draws import Draws
from tinynet_gui.core.network.refs import ParameterRef
from tinynet_gui.core.numerics.arrays import Array, owned
from tinynet_gui.core.training.initial_parameters import initial_parameters
from tinynet_gui.core.values import dataclass


@dataclass(frozen=True, eq=False)
class TrainerState:
    """Parameters, optimiser memory and the step: everything that changes during a run. Equal to itself alone.

    The order of the mini-batches is a function of the seed and the step (see `core.training.batches.epoch_order`), so
    there is no generator to keep. All engines share this state.

    Attributes
    ----------
    step
        How many updates have been made.
    parameters
        weight, bias, weight, bias, ... in the order of ``network.parameters()``; float32, owned, read-only.
    slots
        For each of the optimiser's `slots`, one array per parameter, in the same order and shapes;
        zeros before the first step. Empty for plain SGD.
    """

    step: int
    parameters: tuple[Array, ...]
    slots: tuple[tuple[Array, ...], ...]

    @cached_property
    def nbytes(self) -> int:
        """The size of its arrays in bytes."""
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
    """Return the state before the first step: the seed's weights, drawn by `draws` if given, and no memory yet."""
    parameters = initial_parameters(config.network, draws)
    slots = tuple(
        tuple(owned(np.zeros(array.shape)) for array in parameters) for _ in OPTIMIZERS[config.training.optimizer].slots
    )
    return TrainerState(0, parameters, slots)
