"""What a training needs to go on from where it stands."""

from dataclasses import dataclass

from tinynet_gui.core.arrays import Array


@dataclass(frozen=True)
class TrainerState:
    """Parameters, optimiser memory and the step: everything of a run that changes.

    The order of the mini-batches is a function of the seed and the step (see `core.data.batches.epoch_order`),
    so there is no generator to keep. All engines take and give it.

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

    @property
    def nbytes(self) -> int:
        """The size of its arrays in bytes."""
        return sum(array.nbytes for arrays in (self.parameters, *self.slots) for array in arrays)
