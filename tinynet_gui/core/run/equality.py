"""Bitwise equality of runs and of states."""

from collections.abc import Sequence

from tinynet_gui.core.numerics.arrays import Array
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.training.state import TrainerState


def are_equal(one: Run, other: Run) -> bool:
    """Whether two runs began alike, had the same events, and reached the same state at the same step."""
    return (
        one.step == other.step
        and one.start == other.start
        and one.events == other.events
        and one.diverged_at == other.diverged_at
        and len(one.checkpoints[:1]) == len(other.checkpoints[:1])
        and all(same_state(*states) for states in zip(one.checkpoints[-1:], other.checkpoints[-1:], strict=True))
    )


def same_state(one: TrainerState, other: TrainerState) -> bool:
    """Whether two states agree bit for bit; optimiser memory is compared only between optimisers of one kind."""
    kinds = [(one.parameters, other.parameters)]
    if len(one.slots) == len(other.slots):
        kinds += zip(one.slots, other.slots, strict=True)
    return one.step == other.step and all(same_bits(*arrays) for arrays in kinds)


def same_bits(ones: Sequence[Array], others: Sequence[Array]) -> bool:
    """Whether arrays have the same shapes and the same bits."""
    return len(ones) == len(others) and all(
        a.shape == b.shape and a.tobytes() == b.tobytes() for a, b in zip(ones, others, strict=True)
    )
