"""What is said of a training besides its moments."""

from dataclasses import dataclass
from typing import Literal

from tinynet_gui.core.training.engines import EngineName

LoadPhase = Literal["absent", "compiling", "ready", "failed"]
Phase = Literal["unusable", "loading", "ready", "running", "paused", "finished", "diverged"]


@dataclass(frozen=True)
class TrainingStatus:
    """What the training is doing.

    Attributes
    ----------
    stop_at
        The step at which it will stop by itself.
    steps_per_second
        Measured; 0 when it is not running.
    engine
        What takes the steps.
    compiled, pytorch
        Whether the compiled loop and PyTorch can be used.
    trouble
        Why one of them cannot, a line each; else "".
    is_fast_forward
        Running to its stop as fast as it goes, whatever the pace.
    """

    phase: Phase = "loading"
    stop_at: int = 0
    steps_per_second: float = 0.0
    engine: EngineName = "PyTorch"
    compiled: LoadPhase = "absent"
    pytorch: LoadPhase = "absent"
    is_fast_forward: bool = False
    trouble: str = ""
