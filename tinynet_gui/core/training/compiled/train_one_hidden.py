"""The compiled training loop for the tutorial's network: one hidden ReLU layer."""

from tinynet_gui.core.numerics.arrays import Array, Floats, Ints, Stop
from tinynet_gui.core.training.compiled.batch import Setup
from tinynet_gui.core.training.compiled.compile import entry_point
from tinynet_gui.core.training.compiled.layout import padded
from tinynet_gui.core.training.compiled.one_hidden import Sums, one_hidden_steps
from tinynet_gui.core.training.compiled.train import SIGNATURE, samples_a_step, take_steps_by, zeros

_take_steps = take_steps_by(one_hidden_steps)


@entry_point(SIGNATURE)
def train_one_hidden(
    activation: int,
    loss: int,
    optimizer: int,
    widths: Ints,
    live: Floats,
    x: Array,
    y: Array,
    batch_size: int,
    seed: int,
    start: int,
    steps: int,
    stride: int,
    parameters: Array,
    first: Array,
    second: Array,
    losses: Array,
    stop: Stop,
    progress: Ints,
    each: Array,
) -> tuple[int, int]:
    """Take steps as described by `take_steps_by`."""
    size = samples_a_step(batch_size, x.size)
    setup = Setup(activation, loss, optimizer, widths, live, x, y, size, seed, start, stride)
    sums = Sums(zeros(padded(size)), zeros(padded(size)))
    return _take_steps(setup, sums, steps, parameters, first, second, losses, stop, progress, each)
