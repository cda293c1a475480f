"""The result of checking a lesson's goal on many seeds, for the views. Imports neither torch nor numba."""

from collections.abc import Mapping

from tinynet_gui.core.config import Config
from tinynet_gui.core.values import dataclass


@dataclass(frozen=True)
class GoalChecked:
    """Says in words if a goal is reached, with the settings of a run that misses it, if one does.

    Attributes
    ----------
    numbers
        ``goal.seeds``, ``goal.reached``, ``goal.share``, ``goal.low`` and ``goal.high``: the share with its 95 %
        interval by Clopper and Pearson.
    """

    is_met: bool
    text: str
    numbers: Mapping[str, float]
    counterexample: Config | None


@dataclass(frozen=True)
class Unmet:
    """Why a goal is not reached yet, and the settings of a run that shows it, if one was trained for it."""

    text: str
    counterexample: Config | None = None
