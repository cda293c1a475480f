"""The compiled training loop: batches, losses, updates, and recovery from a diverged step.

It is compiled twice, for networks with one hidden ReLU layer and for all others: in `train_one_hidden` and
`train_layers`, which take the same arguments.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import types

from tinynet_gui.core.numerics.arrays import Array, Ints, Stop
from tinynet_gui.core.training.compiled.batch import Batch, Memory, Setup
from tinynet_gui.core.training.compiled.compile import compiled, int64, spliced
from tinynet_gui.core.training.compiled.layout import padded
from tinynet_gui.core.training.compiled.products import START
from tinynet_gui.core.training.compiled.vector import LANES

_FLOATS = types.float32[::1]
_SETUP = types.NamedTuple(
    (*[types.int64] * 2, *[types.int64[::1]] * 2, types.float64[::1], _FLOATS, _FLOATS, *[types.int64] * 4), Setup
)
SIGNATURE = types.UniTuple(types.int64, 2)(  # of what `take_steps` takes but the scratch memory
    *(_SETUP, types.int64, types.NamedUniTuple(_FLOATS, 4, Memory)),
    *(_FLOATS, types.uint8[::1], types.int64[::1], types.float32[:, ::1]),
)
CHUNK_STEPS = 1024
NOT_DIVERGED = int64(-1)
CHUNK_COST = 1 << 22  # weights times samples: the most work between two checks of `stop`


@compiled
def zeros(size: int) -> Array:
    """Return zeros that begin at a multiple of 64 bytes."""
    spare = np.zeros(size + LANES, dtype=np.float32)
    offset = -spare.ctypes.data % (4 * LANES) // 4
    return spare[offset : offset + size]


@compiled
def _copy(source: Memory, target: Memory) -> None:
    for i in range(source.parameters.size):
        target.parameters[i] = source.parameters[i]
    for i in range(source.first.size):
        target.first[i] = source.first[i]
    for i in range(source.second.size):
        target.second[i] = source.second[i]


def take_steps_by(steps_of: Callable[..., int]) -> Callable[..., tuple[int, int]]:
    """Return the loop around `one_hidden_steps` or `layers_steps`, for compiled code to call."""

    @spliced
    def take_steps(
        setup: Setup, scratch: Any, steps: int, memory: Memory, losses: Array, stop: Stop, progress: Ints, each: Array
    ) -> tuple[int, int]:
        """Take steps in place until they are done, `stop` is set or the loss is not finite.

        Parameters
        ----------
        setup
            The run: loss, optimiser and each hidden layer's activation by the codes of `elementwise` and `update`; the
            widths, (1, *hidden, 1); the numbers of `update.live_values`; the training samples, float32 of shape
            (samples,); the samples a step and the seed of their order; the step of the state; the distance between
            recorded losses.
        scratch
            Scratch memory for `steps_of`.
        memory
            The state, and room for its gradients.
        losses
            Receives the loss before the update at steps start, start + stride, ...
        stop, progress
            One element each: a request from another thread, and the steps taken so far for it to read.
        each
            Receives the parameters after each step, float32 of shape (steps, parameters); may have no rows.

        Returns
        -------
        tuple of two int
            The steps taken; the number of steps to a loss that is not finite, or -1. The state is then that of one step
            earlier, if a step was taken at all and `each` has no rows.
        """
        samples, rows = setup.x.size, padded(setup.size)
        batch = Batch(zeros(rows), zeros(rows), zeros(rows), np.arange(samples), np.empty(samples, dtype=np.uint64))
        parameters, first, second = memory.parameters, memory.first, memory.second
        # States to return to: at the beginning of this chunk and of the one before.
        older = Memory(zeros(parameters.size), memory.gradients, zeros(first.size), zeros(second.size))
        newer = Memory(zeros(parameters.size), memory.gradients, zeros(first.size), zeros(second.size))
        older_start, newer_start = START, START
        keeps_each = each.shape[0] > 0
        chunk = 1 if keeps_each else max(1, min(CHUNK_STEPS, CHUNK_COST // (parameters.size * setup.size)))
        done, target, diverged_at = START, steps, NOT_DIVERGED
        while done < target:
            if diverged_at == NOT_DIVERGED:
                if stop[0] != 0:
                    break
                older, newer = newer, older
                older_start, newer_start = newer_start, done
                _copy(memory, newer)
            end = min(target, done + chunk)
            done = steps_of(setup, batch, memory, scratch, done, end, losses)
            if done < end:  # go back, and take all steps but the last again
                diverged_at = done
                if diverged_at == 0 or keeps_each:
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
                if keeps_each:
                    for k in range(parameters.size):  # numba takes seconds to compile the assignment of a row
                        each[done - 1, k] = parameters[k]
        return done, diverged_at

    return take_steps
