"""The compiled training loop for the tutorial's network: one hidden ReLU layer."""

from tinynet_gui.core.numerics.arrays import Array, Ints, Stop
from tinynet_gui.core.training.compiled.batch import Memory, Setup
from tinynet_gui.core.training.compiled.compile import entry_point
from tinynet_gui.core.training.compiled.layout import padded
from tinynet_gui.core.training.compiled.one_hidden import Sums, one_hidden_steps
from tinynet_gui.core.training.compiled.train import SIGNATURE, take_steps_by, zeros

_take_steps = take_steps_by(one_hidden_steps)


@entry_point(SIGNATURE)
def train_one_hidden(
    setup: Setup, steps: int, memory: Memory, losses: Array, stop: Stop, progress: Ints, each: Array
) -> tuple[int, int]:
    """Take steps as described by `take_steps_by`."""
    sums = Sums(zeros(padded(setup.size)), zeros(padded(setup.size)))
    return _take_steps(setup, sums, steps, memory, losses, stop, progress, each)
