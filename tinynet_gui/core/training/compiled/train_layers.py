"""The compiled training loop for a network with any hidden layers and any activation."""

from tinynet_gui.core.numerics.arrays import Array, Ints, Stop
from tinynet_gui.core.training.compiled.batch import Memory, Setup
from tinynet_gui.core.training.compiled.compile import compiled, entry_point
from tinynet_gui.core.training.compiled.layers import BLOCK, Scratch, layers_steps
from tinynet_gui.core.training.compiled.layout import padded
from tinynet_gui.core.training.compiled.products import START
from tinynet_gui.core.training.compiled.train import SIGNATURE, take_steps_by, zeros


@compiled
def _scratch(widths: Ints) -> Scratch:
    values, transposed = START, START
    for layer in range(widths.size - 1):
        values += BLOCK * padded(widths[layer])
        transposed += padded(widths[layer + 1]) * padded(widths[layer])
    return Scratch(zeros(values), zeros(values), zeros(values), zeros(transposed), zeros(BLOCK))


_take_steps = take_steps_by(layers_steps)


@entry_point(SIGNATURE)
def train_layers(
    setup: Setup, steps: int, memory: Memory, losses: Array, stop: Stop, progress: Ints, each: Array
) -> tuple[int, int]:
    """Take steps as described by `take_steps_by`."""
    return _take_steps(setup, _scratch(setup.widths), steps, memory, losses, stop, progress, each)
