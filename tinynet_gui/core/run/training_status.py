"""The state of a training, apart from its snapshots."""

from typing import Literal

from tinynet_gui.core.training.engines import EngineName
from tinynet_gui.core.values import dataclass

LoadPhase = Literal["absent", "compiling", "ready", "failed"]
Phase = Literal["unusable", "loading", "ready", "running", "paused", "finished", "diverged"]


@dataclass(frozen=True)
class TrainingStatus:
    """The state of a training.

    Attributes
    ----------
    stop_at
        The step at which it will stop by itself.
    steps_per_second
        Measured; 0 when it is not running.
    engine
        The engine that takes the steps.
    compiled, pytorch
        Whether the compiled loop and PyTorch can be used.
    trouble
        Why one of them cannot, a line each; else "".
    is_fast_forward
        Whether it runs to its stop as fast as it can, whatever the pace.
    """

    phase: Phase = "loading"
    stop_at: int = 0
    steps_per_second: float = 0.0
    engine: EngineName = "PyTorch"
    compiled: LoadPhase = "absent"
    pytorch: LoadPhase = "absent"
    is_fast_forward: bool = False
    trouble: str = ""
