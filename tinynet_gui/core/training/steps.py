"""Taking a trainer's steps with any engine, and recording states along the way."""

import math

import numpy as np

from tinynet_gui.core.numerics.arrays import Array, Stop
from tinynet_gui.core.training.engines import EngineName, run_compiled
from tinynet_gui.core.training.state import TrainerState
from tinynet_gui.core.training.trainer import Trainer

PYTORCH_RECORDS = 64  # steps: PyTorch recomputes a past state in some 15 ms from a known one


def take_steps(
    trainer: Trainer, engine: EngineName, steps: int, stop: Stop | None = None, record_every: int = 10**9
) -> tuple[Array, list[TrainerState]]:
    """Take steps like `Trainer.run`, with any engine.

    Returns
    -------
    tuple
        The losses, and the states along the way. A compiled loop records every `record_every`-th step (at first more
        often). PyTorch records the end, at most once every `PYTORCH_RECORDS` steps: its steps are so slow that a past
        moment must not be many of them away from a known one.
    """
    if engine != "PyTorch":
        return _take_compiled(trainer, engine, steps, stop, record_every)
    before = trainer.step
    losses = trainer.run(steps, stop)
    is_recorded = before // PYTORCH_RECORDS != trainer.step // PYTORCH_RECORDS and trainer.diverged_at is None
    return losses, [trainer.state()] if is_recorded else []


def _take_compiled(
    trainer: Trainer, engine: EngineName, steps: int, stop: Stop | None, record_every: int
) -> tuple[Array, list[TrainerState]]:
    """Take steps with a compiled loop, from a state with a finite loss to one with a finite loss.

    The loop sees the loss before each update. If the last update was the fatal one, all steps but that are taken again:
    the way back would be too long for PyTorch's replay.
    """
    trainer.diverged_at = None  # whatever stopped it before, this is another try
    trainer.settle()
    if trainer.diverged_at is not None:
        return np.empty(0, dtype=np.float32), []
    states, losses = [trainer.state()], []
    end, diverged_at = trainer.step + steps, None
    while states[-1].step < end and diverged_at is None:
        step = states[-1].step
        until = min(end, _next_recorded(step, record_every))
        done = run_compiled(engine, trainer.config, trainer.dataset, states[-1], until - step, stop)
        diverged_at = done.diverged_at
        if done.state.step == step:
            break
        states.append(done.state)
        losses.append(done.losses)
    trainer.adopt(states[-1], diverged_at)
    if diverged_at is None and not math.isfinite(trainer.loss()):
        diverged_at = trainer.step
    if diverged_at == trainer.step and len(states) > 1:
        taken = diverged_at - 1 - states[-2].step
        done = run_compiled(engine, trainer.config, trainer.dataset, states[-2], taken)
        states[-1], losses[-1] = done.state, done.losses
        trainer.adopt(done.state, diverged_at)
    recorded = [state for state in states[1:] if state.step == _next_recorded(state.step - 1, record_every)]
    return np.concatenate(losses) if losses else np.empty(0, dtype=np.float32), recorded


def _next_recorded(step: int, record_every: int) -> int:
    """Return the next step to record: multiples of `record_every`, and before the first of them 1, 2, 4, ..."""
    power = 1 << step.bit_length()
    return power if power < record_every else (step // record_every + 1) * record_every
