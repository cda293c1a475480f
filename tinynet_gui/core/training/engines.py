"""The engines that take a run's steps, by name: the same arithmetic, with different last bits.

PyTorch is the reference. The compiled loop takes one network's steps; ``Compiled ×16`` takes those of sixteen small
networks side by side, as experiments do, and sums in another order.
"""

from collections.abc import Collection
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from tinynet_gui.core.config import Config
from tinynet_gui.core.network.frozen import frozen_masks
from tinynet_gui.core.network.refs import Ref
from tinynet_gui.core.numerics.arrays import Array, Stop, owned
from tinynet_gui.core.training.dataset import Dataset, make_dataset
from tinynet_gui.core.training.side_by_side import goes_side_by_side
from tinynet_gui.core.training.state import TrainerState

if TYPE_CHECKING:
    from tinynet_gui.core.training.compiled.kernel import KernelRun
    from tinynet_gui.core.training.trainer import Trainer

EngineName = Literal["PyTorch", "Compiled", "Compiled ×16"]
ENGINES: tuple[EngineName, ...] = get_args(EngineName)
EngineChoice = Literal["auto", "pytorch", "compiled"]

ENGINE_CHOICES: dict[EngineChoice, str] = {"auto": "Auto", "pytorch": "PyTorch", "compiled": "Compiled"}


def engine_of_experiments(config: Config, sample_count: int) -> EngineName:
    """Return the engine that an experiment uses for such a run."""
    return "Compiled ×16" if goes_side_by_side(config, sample_count) else "Compiled"


def run_compiled(
    engine: EngineName, config: Config, dataset: Dataset, state: TrainerState, steps: int, stop: Stop | None = None
) -> "KernelRun":
    """Take steps with one of the compiled loops, which this imports; all losses are kept.

    The plain loop takes over what the sixteenfold loop does not support.
    """
    from tinynet_gui.core.training.compiled import kernel

    if engine == "Compiled ×16" and goes_side_by_side(config, len(dataset.x_train)):
        return kernel.run_in_lanes([kernel.Start(config, dataset, state)], steps, stop=stop)[0]
    return kernel.run(config, dataset, state, steps, stop=stop)


class Stepper:
    """Takes steps from any state with a given engine, with the same bits each time."""

    def __init__(self) -> None:
        self._trainer: Trainer | None = None
        self._frozen: Collection[Ref] = ()
        self._reached: TrainerState | None = None  # where the trainer is

    def take(
        self,
        engine: EngineName,
        config: Config,
        frozen: Collection[Ref],
        state: TrainerState,
        steps: int,
        stop: Stop | None = None,
        dataset: Dataset | None = None,
    ) -> TrainerState:
        """Return the state after `steps` steps; ends early when `stop` becomes nonzero, or when the run diverges.

        By default the samples are those that a run of this configuration begins with.
        """
        return self.take_with_losses(engine, config, frozen, state, steps, stop, dataset)[0]

    def take_with_losses(
        self,
        engine: EngineName,
        config: Config,
        frozen: Collection[Ref],
        state: TrainerState,
        steps: int,
        stop: Stop | None = None,
        dataset: Dataset | None = None,
    ) -> tuple[TrainerState, Array]:
        """Take steps as `take` does.

        Returns
        -------
        TrainerState, Array
            The state after them, and the loss of each step's batch before its update, float32 of shape (steps taken,).
        """
        if steps == 0:
            return state, owned(np.empty(0))
        dataset = make_dataset(config.data) if dataset is None else dataset
        if engine != "PyTorch":
            done = run_compiled(engine, config, dataset, state, steps, stop)
            return done.state, done.losses
        from tinynet_gui.core.training.trainer import Trainer

        if self._trainer is None or self._trainer.config != config or self._trainer.dataset is not dataset:
            self._trainer, self._frozen, self._reached = Trainer(config, dataset), (), None
        if state is not self._reached:
            self._trainer.load(state)
        if frozen != self._frozen:
            self._trainer.set_frozen(frozen_masks(frozen, [array.shape for array in state.parameters]))
            self._frozen = frozen
        losses = self._trainer.run(steps, stop)
        if self._trainer.step < state.step:
            self._trainer.load(state)  # whose own loss is not finite: no step begins there
        self._reached = self._trainer.state()
        return self._reached, losses

    def take_each(
        self,
        engine: EngineName,
        config: Config,
        frozen: Collection[Ref],
        state: TrainerState,
        steps: int,
        stop: Stop | None = None,
        dataset: Dataset | None = None,
    ) -> tuple[TrainerState, tuple[Array, ...]]:
        """Take steps as `take` does, and keep the parameters after each.

        Returns
        -------
        TrainerState, tuple of float32 arrays
            The state after the last step; each parameter with a new first axis for the steps taken.
        """
        if engine == "Compiled":
            from tinynet_gui.core.training.compiled import kernel

            samples = make_dataset(config.data) if dataset is None else dataset
            return kernel.run_each(config, samples, state, steps, stop)
        states = [state]
        for _ in range(steps):
            after = self.take(engine, config, frozen, states[-1], 1, stop, dataset)
            if after.step == states[-1].step:
                break  # stopped, or diverged
            states.append(after)
        each = zip(*(s.parameters for s in states[1:]), strict=True)
        return states[-1], tuple(np.stack(arrays) for arrays in each)
