"""One run in compiled code: the trainer's state in, the state after n steps out."""

import numpy as np

from tinynet_gui.core.config import Config
from tinynet_gui.core.numerics.arrays import Array, Ints, Stop
from tinynet_gui.core.training.batches import batch_length
from tinynet_gui.core.training.compiled.batch import Memory, Setup
from tinynet_gui.core.training.compiled.elementwise import LOSS_CODES, activation_codes
from tinynet_gui.core.training.compiled.layout import aligned_zeros, pack, unpack
from tinynet_gui.core.training.compiled.train_layers import train_layers
from tinynet_gui.core.training.compiled.train_one_hidden import train_one_hidden
from tinynet_gui.core.training.compiled.update import live_values, optimizer_code
from tinynet_gui.core.training.dataset import Dataset
from tinynet_gui.core.training.state import TrainerState
from tinynet_gui.core.values import dataclass


@dataclass(frozen=True)
class KernelRun:
    """The result of `run`.

    Attributes
    ----------
    state
        After the last step; if the loss became NaN or infinite, the last state at which it was finite.
    losses
        The loss of the batch before the update at steps ``start + i * stride``, float32, read-only.
    diverged_at
        The step at which the loss was NaN or infinite, or None.
    """

    state: TrainerState
    losses: Array
    diverged_at: int | None = None


def run(
    config: Config,
    dataset: Dataset,
    state: TrainerState,
    steps: int,
    stride: int = 1,
    *,
    stop: Stop | None = None,
    progress: Ints | None = None,
) -> KernelRun:
    """Take steps from a state, and stop at the first loss that is not finite.

    `ValueError` if `steps` is negative, or `stride` below 1.

    Parameters
    ----------
    config, dataset, state
        A run as `core.training.trainer.Trainer` has it. The state is not written to.
    steps, stride
        How many steps to take; every `stride`-th loss is returned.
    stop
        One element; when another thread makes it nonzero, the result so far is returned.
    progress
        One element: the steps taken so far, to read during the call.
    """
    if steps < 0 or stride < 1:
        raise ValueError(f"{steps} steps at a stride of {stride}: at least 0 and 1 are allowed")
    losses = np.empty(-(-steps // stride), dtype=np.float32)
    after, diverged, _ = _advanced(config, dataset, state, steps, stride, losses, stop, progress)
    losses = losses[: -(-(after.step - state.step) // stride)]
    losses.flags.writeable = False
    return KernelRun(after, losses, None if diverged < 0 else state.step + diverged)


def run_each(
    config: Config, dataset: Dataset, state: TrainerState, steps: int, stop: Stop | None = None
) -> tuple[TrainerState, tuple[Array, ...]]:
    """Take steps from a state as `run` does, and keep the parameters after each.

    Returns the state after the last step; and each parameter with a new first axis for the steps taken, float32.
    """
    losses = np.empty(steps, dtype=np.float32)
    after, _, each = _advanced(config, dataset, state, steps, 1, losses, stop, keeps_each=True)
    return after, unpack(config.network.widths, each[: after.step - state.step])


def _advanced(
    config: Config,
    dataset: Dataset,
    state: TrainerState,
    steps: int,
    stride: int,
    losses: Array,
    stop: Stop | None,
    progress: Ints | None = None,
    keeps_each: bool = False,
) -> tuple[TrainerState, int, Array]:
    """Take steps by the loop compiled for such a network; return the state there, and the rest as the loop does."""
    network, training = config.network, config.training
    setup = Setup(
        LOSS_CODES[training.loss],
        optimizer_code(training),
        activation_codes(network),
        np.array(network.widths, dtype=np.int64),
        live_values(training),
        dataset.x_train[:, 0].copy(),
        dataset.y_train[:, 0].copy(),
        batch_length(config, len(dataset.x_train)),
        config.data.seed,
        state.step,
        stride,
    )
    parameters, *slots = (pack(network.widths, arrays) for arrays in (state.parameters, *state.slots))
    first, second, *_ = (*slots, np.empty(0, np.float32), np.empty(0, np.float32))
    memory = Memory(parameters, aligned_zeros(parameters.size), first, second)
    each = np.empty((steps if keeps_each else 0, parameters.size), dtype=np.float32)
    stop = np.zeros(1, dtype=np.uint8) if stop is None else stop
    progress = np.zeros(1, dtype=np.int64) if progress is None else progress
    is_tutorials = len(network.hidden) == 1 and network.activations[0].is_relu
    train = train_one_hidden if is_tutorials else train_layers
    taken, diverged = train(setup, steps, memory, losses, stop, progress, each)
    unpacked, *memories = (unpack(network.widths, flat) for flat in (parameters, *slots))
    return TrainerState(state.step + taken, unpacked, tuple(memories)), diverged, each
