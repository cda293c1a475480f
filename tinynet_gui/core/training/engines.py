"""The engines that take a run's steps, by name: the same arithmetic, up to rounding.

PyTorch is the reference. The compiled loop trains one network; ``Compiled ×16`` trains sixteen small ones side by side,
for experiments, and sums in another order.
"""

from typing import TYPE_CHECKING, Literal, get_args

from tinynet_gui.core.config import Config
from tinynet_gui.core.text.language import N_, gettext as _, ngettext
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.core.training.start import Dataset, TrainerState, goes_side_by_side
from tinynet_gui.core.values import Stop, frozen_dataclass

if TYPE_CHECKING:
    from tinynet_gui.core.training.compiled.kernel import KernelRun


EngineName = Literal["PyTorch", "Compiled", "Compiled ×16"]
ENGINES: tuple[EngineName, ...] = get_args(EngineName)
N_("Compiled ×16")  # names are translated where they are shown
EngineChoice = Literal["auto", "pytorch", "compiled"]

ENGINE_CHOICES: dict[EngineChoice, str] = {"auto": N_("Auto"), "pytorch": "PyTorch", "compiled": N_("Compiled")}


def engine_of_experiments(config: Config, sample_count: int) -> EngineName:
    """Return the engine with which experiments train this configuration."""
    return "Compiled ×16" if goes_side_by_side(config, sample_count) else "Compiled"


def run_compiled(
    engine: EngineName, config: Config, dataset: Dataset, state: TrainerState, steps: int, stop: Stop | None = None
) -> "KernelRun":
    """Take steps with a compiled loop, imported on first use; keep all losses.

    The plain loop takes over runs that the sixteenfold loop does not support.
    """
    from tinynet_gui.core.training.compiled import kernel

    if engine == "Compiled ×16" and goes_side_by_side(config, len(dataset.x_train)):
        return kernel.run_in_lanes([kernel.Start(config, dataset, state)], steps, stop=stop)[0]
    return kernel.run(config, dataset, state, steps, stop=stop)


FRAME_RATE = 60  # frames a second at most: screens show no more


@frozen_dataclass
class Pace:
    """How fast to train: set one of the two numbers at most; with neither, as fast as possible."""

    steps_per_second: int | None = None
    steps_per_frame: int | None = None

    @property
    def label(self) -> str:
        if (count := self.steps_per_second) is not None:
            words = ngettext("{count} step a second", "{count} steps a second", count)
        elif (count := self.steps_per_frame) is not None:
            words = ngettext("{count} step a frame", "{count} steps a frame", count)
        else:
            return _("as fast as it goes")
        return words.format(count=count_text(count))


PACES: tuple[Pace, ...] = (
    *(Pace(steps_per_second=n) for n in (1, 3, 10, 30)),
    *(Pace(steps_per_frame=n) for n in (1, 3, 10, 30, 100, 300, 1_000, 10_000, 100_000)),
    Pace(),
)
TUTORIAL_PACE = next(i for i, pace in enumerate(PACES) if pace.steps_per_frame == 100)
FULL_SPEED = len(PACES) - 1
