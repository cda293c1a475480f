"""The engine for the next steps, PyTorch's autograd or a compiled loop, and what a step costs."""

from typing import TYPE_CHECKING

from tinynet_gui.core.config import Config
from tinynet_gui.core.network.frozen import frozen_masks
from tinynet_gui.core.run.replay import Moment
from tinynet_gui.core.training.batches import batch_length
from tinynet_gui.core.training.engines import EngineChoice, EngineName
from tinynet_gui.core.training.pace import PACES, TUTORIAL_PACE, Pace
from tinynet_gui.core.training.steps import take_steps
from tinynet_gui.core.training.trainer import Trainer
from tinynet_gui.core.values import dataclass

if TYPE_CHECKING:
    from tinynet_gui.core.step.dissection import Dissection

MOST_WORK = 500_000  # parameters times samples of a step: PyTorch keeps up with the tutorial's pace up to this
FIRST_GUESS_S = 1e-2  # seconds for a step, before it is measured: cautious, true of a wide network
LARGEST_RISE = 3.0  # of a cost at once: a thread that was held up says little about the steps


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


def dissect_moment(moment: Moment, engine: EngineName) -> "Dissection":
    """Dissect the step after a moment of a run, as an engine takes it."""
    from tinynet_gui.core.step.dissection import dissect

    rule, state = moment.rule, moment.state
    masks = frozen_masks(rule.frozen, [array.shape for array in state.parameters])

    def take(trainer: Trainer) -> None:
        take_steps(trainer, engine, 1)

    return dissect(rule.config, state, masks, take, engine == "PyTorch", rule.dataset)
