"""One run in compiled code: the trainer's state in, the state after n steps out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tinynet_gui.core.choices.activations import ACTIVATIONS
from tinynet_gui.core.config import Config
from tinynet_gui.core.numerics.arrays import Array, Floats, Ints, Stop
from tinynet_gui.core.training.compiled.elementwise import ACTIVATION_CODES, LOSS_CODES
from tinynet_gui.core.training.compiled.layout import pack, unpack
from tinynet_gui.core.training.compiled.train_layers import train_layers
from tinynet_gui.core.training.compiled.train_one_hidden import train_one_hidden
from tinynet_gui.core.training.compiled.update import live_values, optimizer_code
from tinynet_gui.core.training.dataset import Dataset
from tinynet_gui.core.training.state import TrainerState


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

    Raises
    ------
    ValueError
        If `steps` is negative, or `stride` below 1.
    """
    if steps < 0 or stride < 1:
        raise ValueError(f"{steps} steps at a stride of {stride}: at least 0 and 1 are allowed")
    widths = config.network.widths
    parameters, slots, first, second = _packed(widths, state)
    losses = np.empty(-(-steps // stride), dtype=np.float32)
    taken, diverged = _loop_for(config)(
        *_job(config, dataset),
        state.step,
        steps,
        stride,
        parameters,
        first,
        second,
        losses,
        np.zeros(1, dtype=np.uint8) if stop is None else stop,
        np.zeros(1, dtype=np.int64) if progress is None else progress,
        np.empty((0, 0), dtype=np.float32),
    )
    after = TrainerState(state.step + taken, unpack(widths, parameters), tuple(unpack(widths, slot) for slot in slots))
    losses = losses[: -(-taken // stride)]
    losses.flags.writeable = False
    return KernelRun(after, losses, None if diverged < 0 else state.step + diverged)


def run_each(
    config: Config, dataset: Dataset, state: TrainerState, steps: int, stop: Stop | None = None
) -> tuple[TrainerState, tuple[Array, ...]]:
    """Take steps from a state as `run` does, and keep the parameters after each.

    Returns
    -------
    TrainerState, tuple of float32 arrays
        The state after the last step; and each parameter with a new first axis for the steps taken.
    """
    widths = config.network.widths
    parameters, slots, first, second = _packed(widths, state)
    each = np.empty((steps, parameters.size), dtype=np.float32)
    taken, _ = _loop_for(config)(
        *_job(config, dataset),
        state.step,
        steps,
        1,
        parameters,
        first,
        second,
        np.empty(steps, dtype=np.float32),
        np.zeros(1, dtype=np.uint8) if stop is None else stop,
        np.zeros(1, dtype=np.int64),
        each,
    )
    after = TrainerState(state.step + taken, unpack(widths, parameters), tuple(unpack(widths, slot) for slot in slots))
    return after, unpack(widths, each[:taken])


def _loop_for(config: Config) -> Callable[..., tuple[int, int]]:
    """Return the loop compiled for such a network."""
    is_tutorials = len(config.network.hidden) == 1 and ACTIVATIONS[config.network.activation].is_relu
    return train_one_hidden if is_tutorials else train_layers


def _packed(widths: Sequence[int], state: TrainerState) -> tuple[Array, list[Array], Array, Array]:
    """Return the flat parameters, the optimiser's memory, and that memory as the two slots of compiled code."""
    slots = [pack(widths, slot) for slot in state.slots]
    first, second, *_ = (*slots, np.empty(0, np.float32), np.empty(0, np.float32))
    return pack(widths, state.parameters), slots, first, second


def _job(config: Config, dataset: Dataset) -> tuple[int, int, int, Ints, Floats, Array, Array, int, int]:
    """Return a run's constants as compiled code takes them: the first arguments of the loops."""
    training = config.training
    return (
        ACTIVATION_CODES[config.network.activation],
        LOSS_CODES[training.loss],
        optimizer_code(training),
        np.array(config.network.widths, dtype=np.int64),
        live_values(training),
        dataset.x_train[:, 0].copy(),
        dataset.y_train[:, 0].copy(),
        training.batch_size,
        config.data.seed,
    )
