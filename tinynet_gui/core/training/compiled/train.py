"""The compiled training loop: batches, losses, updates, and the way back from a diverged step."""

import numpy as np
import numpy.typing as npt

from tinynet_gui.core.arrays import Array
from tinynet_gui.core.training.compiled.batch import Batch, Job, Memory
from tinynet_gui.core.training.compiled.compile import compiled, entry_point, int64
from tinynet_gui.core.training.compiled.elementwise import RELU
from tinynet_gui.core.training.compiled.layers import BLOCK, Scratch, layers_steps
from tinynet_gui.core.training.compiled.layout import padded
from tinynet_gui.core.training.compiled.one_hidden import one_hidden_steps
from tinynet_gui.core.training.compiled.products import START
from tinynet_gui.core.training.compiled.vector import LANES

Ints = npt.NDArray[np.int64]

CHUNK_STEPS = 1024
NOT_DIVERGED = int64(-1)
CHUNK_COST = 1 << 22  # weights times samples: how much is done at most between two looks at `stop`


@compiled
def _zeros(size: int) -> Array:
    """Return zeros that begin at a multiple of 64 bytes."""
    spare = np.zeros(size + LANES, dtype=np.float32)
    offset = -spare.ctypes.data % (4 * LANES) // 4
    return spare[offset : offset + size]


@compiled
def _scratch(widths: Ints) -> Scratch:
    values, transposed = START, START
    for layer in range(widths.size - 1):
        values += BLOCK * padded(widths[layer])
        transposed += padded(widths[layer + 1]) * padded(widths[layer])
    return Scratch(_zeros(values), _zeros(values), _zeros(values), _zeros(transposed), _zeros(BLOCK))


@compiled
def _copy(source: Memory, target: Memory) -> None:
    for i in range(source.parameters.size):
        target.parameters[i] = source.parameters[i]
    for i in range(source.first.size):
        target.first[i] = source.first[i]
    for i in range(source.second.size):
        target.second[i] = source.second[i]


@entry_point(
    "UniTuple(int64, 2)(int64, int64, int64, int64[::1], float64[::1], float32[::1], float32[::1],"
    "int64, int64, int64, int64, int64, float32[::1], float32[::1], float32[::1], float32[::1],"
    "uint8[::1], int64[::1])"
)
def train(
    activation: int,
    loss: int,
    optimizer: int,
    widths: Ints,
    live: npt.NDArray[np.float64],
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
    stop: npt.NDArray[np.uint8],
    progress: Ints,
) -> tuple[int, int]:
    """Take steps in place until they are done, `stop` is set or the loss is not finite.

    Parameters
    ----------
    activation, loss, optimizer
        Codes of `elementwise` and `update`.
    widths
        (1, *hidden, 1).
    live
        From `update.live_values`.
    x, y
        The training samples, float32 of shape (samples,).
    batch_size, seed
        Samples a step, 0 for all; the seed of their order.
    start, steps, stride
        The step of the state, how many to take, and at which distance to record the loss.
    parameters, first, second
        The state, flat, in the layout of `layout`.
    losses
        Takes the loss before the update at steps start, start + stride, ...
    stop, progress
        One element each: a request from another thread, and the steps taken so far for it to read.

    Returns
    -------
    tuple of two int
        The steps taken; how many it took to a loss that is not finite, or -1. The state is then that of
        one step before, if a step was taken at all.
    """
    samples = x.size
    size = samples if batch_size == 0 or batch_size >= samples else batch_size
    job = Job(activation, loss, optimizer, widths, live, x, y, size, seed, start, stride)
    rows = padded(size)
    batch = Batch(_zeros(rows), _zeros(rows), _zeros(rows), np.arange(samples), np.empty(samples, dtype=np.uint64))
    memory = Memory(parameters, _zeros(parameters.size), first, second)
    is_one_hidden = activation == RELU and widths.size == 3
    slopes, moments = _zeros(rows), _zeros(rows)
    scratch = _scratch(widths[:1] if is_one_hidden else widths)
    # States to return to: at the beginning of this chunk and of the one before.
    older = Memory(_zeros(parameters.size), memory.gradients, _zeros(first.size), _zeros(second.size))
    newer = Memory(_zeros(parameters.size), memory.gradients, _zeros(first.size), _zeros(second.size))
    older_start, newer_start = START, START
    chunk = max(1, min(CHUNK_STEPS, CHUNK_COST // (parameters.size * size)))
    done, target, diverged_at = START, steps, NOT_DIVERGED
    while done < target:
        if diverged_at == NOT_DIVERGED:
            if stop[0] != 0:
                break
            older, newer = newer, older
            older_start, newer_start = newer_start, done
            _copy(memory, newer)
        end = min(target, done + chunk)
        if is_one_hidden:
            done = one_hidden_steps(job, batch, memory, slopes, moments, done, end, losses)
        else:
            done = layers_steps(job, batch, memory, scratch, done, end, losses)
        if done < end:  # go back, and take all steps but the last again
            diverged_at = done
            if diverged_at == 0:
                break
            target = diverged_at - 1
            if diverged_at > newer_start:
                _copy(newer, memory)
                done = newer_start
            else:
                _copy(older, memory)
                done = older_start
        elif diverged_at == NOT_DIVERGED:
            progress[0] = done
    return done, diverged_at


@entry_point(
    "int64(int64, int64, int64, int64[::1], float64[::1], float32[::1], float32[::1],"
    "int64, int64, int64, float32[::1], float32[::1], float32[::1], uint8[::1], float32[:,::1])"
)
def train_each(
    activation: int,
    loss: int,
    optimizer: int,
    widths: Ints,
    live: npt.NDArray[np.float64],
    x: Array,
    y: Array,
    batch_size: int,
    seed: int,
    start: int,
    parameters: Array,
    first: Array,
    second: Array,
    stop: npt.NDArray[np.uint8],
    each: Array,
) -> int:
    """Take a step for each row of `each`, float32 of shape (steps, parameters), which takes the parameters after it.

    It ends early as `train` does; its parameters are explained there. Returns the steps taken.
    """
    losses, progress = np.empty(1, dtype=np.float32), np.zeros(1, dtype=np.int64)
    for i in range(len(each)):
        taken, _ = train(
            activation,
            loss,
            optimizer,
            widths,
            live,
            x,
            y,
            batch_size,
            seed,
            start + i,
            1,
            1,
            parameters,
            first,
            second,
            losses,
            stop,
            progress,
        )
        if taken == 0:
            return i
        each[i] = parameters
    return len(each)
