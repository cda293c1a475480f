"""The engines that take a run's steps, by name: the same arithmetic, with different last bits.

PyTorch is the reference. The compiled loop takes one network's steps; ``Compiled ×16`` takes those of sixteen small
networks side by side, as experiments do, and sums in another order.
"""

from typing import TYPE_CHECKING, Literal, get_args

from tinynet_gui.core.config import Config
from tinynet_gui.core.numerics.arrays import Stop
from tinynet_gui.core.training.dataset import Dataset
from tinynet_gui.core.training.side_by_side import goes_side_by_side
from tinynet_gui.core.training.state import TrainerState

if TYPE_CHECKING:
    from tinynet_gui.core.training.compiled.kernel import KernelRun

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
