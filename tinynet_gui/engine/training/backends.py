"""The engine for the next steps, and how it takes them: PyTorch's autograd or a compiled loop."""

import math
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from tinynet_gui.core.config import Config
from tinynet_gui.core.network.frozen import frozen_masks
from tinynet_gui.core.numerics.arrays import Array, Stop
from tinynet_gui.core.run.replay import Moment
from tinynet_gui.core.step.dissection import Dissection, dissect
from tinynet_gui.core.training.batches import batch_length
from tinynet_gui.core.training.engines import EngineChoice, EngineName, run_compiled
from tinynet_gui.core.training.pace import PACES, TUTORIAL_PACE, Pace
from tinynet_gui.core.training.state import TrainerState
from tinynet_gui.core.training.trainer import Trainer

MOST_WORK = 500_000  # parameters times samples of a step: PyTorch keeps up with the tutorial's pace up to this
FIRST_GUESS_S = 1e-2  # seconds for a step, before it is measured: cautious, true of a wide network
LARGEST_RISE = 3.0  # of a cost at once: a thread that was held up says little about the steps
PYTORCH_RECORDS = 64  # steps: PyTorch recomputes a past state in some 15 ms from a known one


def engine_for(
    choice: EngineChoice, pace: Pace, config: Config, sample_count: int, *, to_the_end: bool = False
) -> EngineName:
    """Return the engine for a run's next steps: the same for the same actions, on any machine.

    Auto is PyTorch for a pace in steps per second, and up to the tutorial's pace of 100 steps a frame for networks with
    which it keeps up; the compiled loop above that, and when going to the end.
    """
    if choice != "auto":
        return "PyTorch" if choice == "pytorch" else "Compiled"
    if to_the_end or (pace.steps_per_frame is None and pace.steps_per_second is None):
        return "Compiled"
    if pace.steps_per_second is not None:
        return "PyTorch"
    most_steps = PACES[TUTORIAL_PACE].steps_per_frame or 0
    work = config.network.parameter_count * batch_length(config, sample_count)
    is_slow_enough = pace.steps_per_frame is not None and pace.steps_per_frame <= most_steps
    return "PyTorch" if is_slow_enough and work <= MOST_WORK else "Compiled"


@dataclass(frozen=True)
class Usable:
    """The engines that can be used: None for one that may still be loaded."""

    pytorch: bool | None = None
    compiled: bool | None = None

    def engine(self, wanted: EngineName, has_frozen: bool) -> EngineName | None:
        """Return the engine for the next step: the one wanted, or the other one if that is unavailable.

        None while it may still be loaded, and if no engine can take the step: only PyTorch can freeze parameters.
        """
        if wanted == "PyTorch" or has_frozen or self.compiled is False:
            if self.pytorch is False and not has_frozen and self.compiled:
                return "Compiled" if wanted == "PyTorch" else wanted
            return "PyTorch" if self.pytorch else None
        return wanted if self.compiled else None


class StepCosts:
    """Recent cost of a step with each engine, in seconds, as measured: it limits the length of a chunk of steps."""

    def __init__(self) -> None:
        self._costs: dict[EngineName, float] = {}

    def measure(self, engine: EngineName, seconds_per_step: float) -> None:
        """Add one measurement."""
        self._costs[engine] = min(max(seconds_per_step, 1e-8), LARGEST_RISE * self._costs.get(engine, FIRST_GUESS_S))

    def steps_within(self, engine: EngineName, seconds: float) -> int:
        """Return about how many steps fit into some time, at least 1."""
        return max(1, int(seconds / self._costs.get(engine, FIRST_GUESS_S)))


def take_steps(
    trainer: Trainer,
    engine: EngineName,
    steps: int,
    stop: Stop,
    costs: StepCosts,
    record_every: int = 10**9,
) -> tuple[Array, list[TrainerState]]:
    """Take steps like `Trainer.run`, with either engine.

    Returns
    -------
    tuple
        The losses, and the states along the way. A compiled loop records every `record_every`-th step (at first more
        often). PyTorch records the end, at most once every `PYTORCH_RECORDS` steps: its steps are so slow that a past
        moment must not be many of them away from a known one.
    """
    before, started = trainer.step, perf_counter()
    if engine == "PyTorch":
        losses = trainer.run(steps, stop)
        is_recorded = before // PYTORCH_RECORDS != trainer.step // PYTORCH_RECORDS and trainer.diverged_at is None
        states = [trainer.state()] if is_recorded else []
    else:
        losses, states = _take_compiled(trainer, engine, steps, stop, record_every)
    if trainer.step > before:
        costs.measure(engine, (perf_counter() - started) / (trainer.step - before))
    return losses, states


def dissect_moment(moment: Moment, engine: EngineName) -> Dissection:
    """Dissect the step after a moment of a run, as an engine takes it."""
    rule, state = moment.rule, moment.state
    masks = frozen_masks(rule.frozen, [array.shape for array in state.parameters])

    def take(trainer: Trainer) -> None:
        take_steps(trainer, engine, 1, np.zeros(1, dtype=np.uint8), StepCosts())

    return dissect(rule.config, state, masks, take, engine == "PyTorch", rule.dataset)


def _take_compiled(
    trainer: Trainer, engine: EngineName, steps: int, stop: Stop, record_every: int
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
