"""What is chosen and shown in the experiments' view."""

from tinynet_gui.core.experiments.experiment import ExperimentResult
from tinynet_gui.core.values import dataclass


@dataclass(frozen=True)
class ExperimentsState:
    """An experiment and its number of runs, its result, if any, and whether all of its text is shown."""

    kind: str
    runs: int
    result: ExperimentResult | None = None
    has_details: bool = False
