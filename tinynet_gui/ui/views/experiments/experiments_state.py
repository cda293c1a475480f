"""What is chosen and shown in the experiments' view."""

from dataclasses import dataclass

from tinynet_gui.core.experiments.experiment import ExperimentResult


@dataclass(frozen=True)
class ExperimentsState:
    """An experiment and its number of runs, its result, if any, and whether all of its text is shown."""

    kind: str
    runs: int
    result: ExperimentResult | None = None
    has_details: bool = False
