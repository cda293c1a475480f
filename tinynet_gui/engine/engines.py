"""Which of the two ways to train takes the next steps: PyTorch's autograd or the compiled loop."""

import math
from time import perf_counter
from types import ModuleType
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from tinynet_gui.core.arrays import Array
from tinynet_gui.core.training.state import TrainerState
from tinynet_gui.engine.pace import FRAME_RATE, Pace

if TYPE_CHECKING:
    from tinynet_gui.core.training.trainer import Trainer

EngineChoice = Literal["auto", "pytorch", "compiled"]
EngineName = Literal["PyTorch", "Compiled"]

ENGINE_CHOICES: dict[EngineChoice, str] = {"auto": "Auto", "pytorch": "PyTorch", "compiled": "Compiled"}
FRAME_SHARE = 0.7  # of a frame's time that PyTorch may take, before Auto changes to the compiled loop
FIRST_GUESS_S = 1e-2  # seconds for a step, until it has been measured: careful, a wide network takes that
LARGEST_RISE = 3.0  # of a cost at once: a thread that was held up says little of the steps
TRIALS = 3  # measurements before Auto believes that PyTorch is too slow


class StepCost:
    """What a step costs with one engine, in seconds: lately, and at best."""

    def __init__(self) -> None:
        self.lately = FIRST_GUESS_S
        self.best = FIRST_GUESS_S
        self.measurements = 0

    def measure(self, seconds_per_step: float) -> None:
        """Take in one measurement."""
        self.lately = min(max(seconds_per_step, 1e-8), LARGEST_RISE * self.lately)
        self.best = self.lately if self.measurements == 0 else min(self.best, self.lately)
        self.measurements += 1


class Engines:
    """Takes steps with the engine that the user's choice and the pace call for.

    Both engines work on the same state, so they can change between any two calls. Until the compiled loop
    has been loaded, PyTorch serves.
    """

    def __init__(self) -> None:
        self.choice: EngineChoice = "auto"
        self.needs_pytorch = False  # for what the compiled loop cannot do: parameters that are frozen
        self._kernel: ModuleType | None = None
        self._costs: dict[EngineName, StepCost] = {"PyTorch": StepCost(), "Compiled": StepCost()}

    def load_kernel(self) -> None:
        """Import the compiled loop; quick if it is imported elsewhere in the process already."""
        from tinynet_gui.core.training.compiled import kernel

        self._kernel = kernel

    def forget_speeds(self) -> None:
        """Another network: what a step costs is not known any more."""
        self._costs = {"PyTorch": StepCost(), "Compiled": StepCost()}

    def engine_for(self, pace: Pace) -> EngineName:
        """Return which engine takes the next steps at a pace.

        Auto is PyTorch as long as it keeps up with the frames, and the compiled loop above.
        """
        if self._kernel is None or self.choice == "pytorch" or self.needs_pytorch:
            return "PyTorch"
        if self.choice == "compiled":
            return "Compiled"
        if pace.steps_per_second is not None:
            return "PyTorch"
        if pace.steps_per_frame is None:
            return "Compiled"
        cost = self._costs["PyTorch"]
        keeps_up = pace.steps_per_frame * cost.best <= FRAME_SHARE / FRAME_RATE
        return "PyTorch" if keeps_up or cost.measurements < TRIALS else "Compiled"

    def steps_within(self, seconds: float, pace: Pace) -> int:
        """Return about how many steps fit into some time, at least 1."""
        return max(1, int(seconds / self._costs[self.engine_for(pace)].lately))

    def run(
        self, trainer: "Trainer", steps: int, pace: Pace, stop: npt.NDArray[np.uint8], record_every: int = 10**9
    ) -> tuple[Array, list[TrainerState]]:
        """Take steps as `Trainer.run` does, whichever engine it is.

        Returns
        -------
        tuple
            The losses, and what the run was at every `record_every`-th step (at first oftener) where the compiled
            loop
            has taken them: PyTorch takes few steps from one frame to the next.
        """
        engine = self.engine_for(pace)
        if engine == "PyTorch":
            trainer.prepare()  # once, and not to be taken for the cost of a step
        before, started = trainer.step, perf_counter()
        if engine == "Compiled" and self._kernel is not None:
            losses, states = self._run_compiled(trainer, steps, stop, record_every)
        else:
            losses, states = trainer.run(steps, stop), []
        if trainer.step > before:
            self._costs[engine].measure((perf_counter() - started) / (trainer.step - before))
        return losses, states

    def _run_compiled(
        self, trainer: "Trainer", steps: int, stop: npt.NDArray[np.uint8], record_every: int
    ) -> tuple[Array, list[TrainerState]]:
        """Take steps with the compiled loop, from a state with a finite loss to one with a finite loss.

        The loop sees the loss before each update. If the last update was the fatal one, all steps but that are
        taken once more: the way back would be too long for PyTorch's replay.
        """
        assert self._kernel is not None
        trainer.diverged_at = None  # whatever stopped it before, this is another try
        trainer.settle()
        if trainer.diverged_at is not None:
            return np.empty(0, dtype=np.float32), []
        states, losses = [trainer.state()], []
        end, diverged_at = trainer.step + steps, None
        while states[-1].step < end and diverged_at is None:
            step = states[-1].step
            until = min(end, _next_recorded(step, record_every))
            done = self._kernel.run(trainer.config, trainer.dataset, states[-1], until - step, stop=stop)
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
            done = self._kernel.run(trainer.config, trainer.dataset, states[-2], taken)
            states[-1], losses[-1] = done.state, done.losses
            trainer.adopt(done.state, diverged_at)
        recorded = [state for state in states[1:] if state.step == _next_recorded(state.step - 1, record_every)]
        return np.concatenate(losses) if losses else np.empty(0, dtype=np.float32), recorded


def _next_recorded(step: int, record_every: int) -> int:
    """The next step that is recorded: every so many, and before the first of them, where most happens, 1, 2, 4, ..."""
    power = 1 << step.bit_length()
    return power if power < record_every else (step // record_every + 1) * record_every
