"""Taking steps from any state of a run, by the rule that holds there."""

from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np

from tinynet_gui.core.network.frozen import frozen_masks
from tinynet_gui.core.network.refs import Ref
from tinynet_gui.core.numerics.arrays import Array, Stop, owned
from tinynet_gui.core.run.events import StepRule
from tinynet_gui.core.system.stopping import go_on
from tinynet_gui.core.training.engines import run_compiled
from tinynet_gui.core.training.state import TrainerState

if TYPE_CHECKING:
    from tinynet_gui.core.training.trainer import Trainer


class Stepper:
    """Takes steps from any state with a rule's engine, with the same bits each time."""

    def __init__(self, stop: Stop | None = None) -> None:
        self._stop = stop
        self._trainer: Trainer | None = None
        self._frozen: Collection[Ref] = ()
        self._reached: TrainerState | None = None  # where the trainer is

    def take(self, rule: StepRule, state: TrainerState, steps: int) -> TrainerState:
        """Return the state after `steps` steps, or the last one before the run diverges."""
        return self.take_with_losses(rule, state, steps)[0]

    def take_with_losses(self, rule: StepRule, state: TrainerState, steps: int) -> tuple[TrainerState, Array]:
        """Take steps as `take` does.

        Returns the state after them, and the loss of each step's batch before its update, float32 of shape (steps
        taken,).
        """
        if steps == 0:
            return state, owned(np.empty(0))
        if rule.engine == "PyTorch":
            after, losses = self._by_torch(rule, state, steps)
        else:
            done = run_compiled(rule.engine, rule.config, rule.dataset, state, steps, self._stop)
            after, losses = done.state, done.losses
        go_on(self._stop)
        return after, losses

    def take_each(self, rule: StepRule, state: TrainerState, steps: int) -> tuple[TrainerState, tuple[Array, ...]]:
        """Take steps as `take` does, and keep the parameters after each.

        Returns the state after the last step; and each parameter with a new first axis for the steps taken, float32.
        """
        if rule.engine == "Compiled":
            from tinynet_gui.core.training.compiled import kernel

            after = kernel.run_each(rule.config, rule.dataset, state, steps, self._stop)
            go_on(self._stop)
            return after
        states = [state]
        for _ in range(steps):
            next_state = self.take(rule, states[-1], 1)
            if next_state.step == states[-1].step:
                break  # diverged
            states.append(next_state)
        each = zip(*(s.parameters for s in states[1:]), strict=True)
        return states[-1], tuple(np.stack(arrays) for arrays in each)

    def _by_torch(self, rule: StepRule, state: TrainerState, steps: int) -> tuple[TrainerState, Array]:
        from tinynet_gui.core.training.trainer import Trainer

        trainer, dataset = self._trainer, rule.dataset
        if trainer is None or trainer.config != rule.config or trainer.dataset is not dataset:
            self._trainer = trainer = Trainer(rule.config, dataset)
            self._frozen, self._reached = (), None
        if state is not self._reached:
            trainer.load(state)
        if rule.frozen != self._frozen:
            trainer.set_frozen(frozen_masks(rule.frozen, [array.shape for array in state.parameters]))
            self._frozen = rule.frozen
        losses = trainer.run(steps, self._stop)
        if trainer.step < state.step:
            trainer.load(state)  # whose own loss is not finite: no step begins there
        self._reached = trainer.state()
        return self._reached, losses
