"""Trial trainings in the background, to see whether advice helps before it is given."""

import math

from tinynet_gui.core.config import Config
from tinynet_gui.core.numerics.arrays import Array, Stop
from tinynet_gui.core.run.events import StepRule
from tinynet_gui.core.run.stepper import Stepper
from tinynet_gui.core.training.batches import batch_length
from tinynet_gui.core.training.dataset import Dataset
from tinynet_gui.core.training.engines import EngineName
from tinynet_gui.core.training.state import TrainerState, initial_state

FEWEST_STEPS = 1_000  # for each trial; PyTorch takes a fifth of a second
MOST_ARITHMETIC = 2_000_000_000  # parameters x samples x steps: about a second of compiled code


def affordable_steps(config: Config, samples: int, *, is_compiled: bool) -> int:
    """Return for how many steps settings can be tried in about a second."""
    cheap = MOST_ARITHMETIC // (config.network.parameter_count * batch_length(config, samples)) if is_compiled else 0
    return max(cheap, FEWEST_STEPS)


class Trials:
    """Takes steps as a trial; raises `StoppedError` once another thread has asked to stop.

    Attributes
    ----------
    stop
        What it asks with.
    """

    def __init__(self, stop: Stop | None) -> None:
        from tinynet_gui.core.training.compiled.cache import is_compiled

        self.stop, self._stepper = stop, Stepper(stop)
        # the compiled loop, unless it would have to be compiled first
        self._engine: EngineName = "Compiled" if is_compiled() else "PyTorch"

    def steps(self, config: Config, samples: int, wanted: int) -> int:
        """Return for how many steps to try settings: as many as wanted, if that takes about a second at most."""
        return min(wanted, affordable_steps(config, samples, is_compiled=self._engine != "PyTorch"))

    def take(
        self, config: Config, state: TrainerState, steps: int, dataset: Dataset | None = None
    ) -> tuple[TrainerState, Array]:
        """Take steps as `Stepper.take_with_losses` does."""
        rule = StepRule(config, engine=self._engine, scaling=None if dataset is None else dataset.scaling)
        return self._stepper.take_with_losses(rule, state, steps)

    def loss_after(self, config: Config, steps: int) -> float:
        """Train from the start, and return the mean loss of the last tenth of the steps: infinite if it diverges."""
        state, losses = self.take(config, initial_state(config), steps)
        return float(losses[-max(1, steps // 10) :].mean(dtype="float64")) if state.step == steps else math.inf
