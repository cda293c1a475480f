"""What comes of a whole training, for the views. Imports neither torch nor numba."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from tinynet_gui.core.arrays import Array
from tinynet_gui.core.config import Config

Cause = Literal["", "diverged", "dead neurons", "plateau", "slow"]


@dataclass(frozen=True)
class RunOutcome:
    """The end of one training of an experiment.

    Attributes
    ----------
    final_loss, validation_loss
        Over all training and all held-out samples; infinite if the run diverged, None without held-out ones.
    losses
        The loss curve, thinned out, float32.
    output
        The trained network's output over `plot_grid`, float32 of shape (401,).
    neurons, dead_at_start
        How many hidden neurons there are in the first layer, and how many of them were active on no training
        sample at the beginning.
    worst_dead_share
        The share of dead neurons at the end, in the hidden layer where it is largest.
    diverged_at
        The step at which the loss was no longer finite, or None.
    """

    config: Config
    final_loss: float
    validation_loss: float | None
    losses: Array
    output: Array
    neurons: int
    dead_at_start: int
    worst_dead_share: float
    diverged_at: int | None


@dataclass(frozen=True)
class Spread:
    """The quartiles of a set of losses; infinite ones count as the largest."""

    low: float
    median: float
    high: float


@dataclass(frozen=True)
class SwarmResult:
    """Many seeds of one setting.

    Attributes
    ----------
    causes
        Why each run failed, "" for those that did not.
    dead_at_start, dead_in_theory
        Share of the first layer's neurons that are active on no sample before the first step: counted, and as
        the initialisation has it (None where there is no formula for it).
    """

    outcomes: tuple[RunOutcome, ...]
    causes: tuple[Cause, ...]
    spread: Spread
    dead_at_start: float
    dead_in_theory: float | None


@dataclass(frozen=True)
class Rung:
    """One width of a ladder, over all its seeds.

    Attributes
    ----------
    best_fit
        The loss of the best continuous line with as many kinks as there are neurons. No network of this
        width can be better.
    within_reach
        The loss of the best line with one kink less. A network of this width can be that good: it makes the
        line's slope with the neuron that is left over. Both are None where they were not searched.
    """

    width: int
    outcomes: tuple[RunOutcome, ...]
    training: Spread
    validation: Spread | None
    best_fit: float | None
    within_reach: float | None


@dataclass(frozen=True)
class LadderResult:
    """Training and validation loss by the number of neurons."""

    rungs: tuple[Rung, ...]


@dataclass(frozen=True)
class Contestant:
    """One shape of the contest between shallow and deep.

    Attributes
    ----------
    steps
        The steps of the columns of `curves`, float64 of shape (points,).
    curves
        Quartiles of the loss over the seeds, float32 of shape (3, points).
    seconds_per_step
        Of the compiled loop, measured on one run alone.
    final
        Quartiles after the last step.
    """

    hidden: tuple[int, ...]
    parameters: int
    outcomes: tuple[RunOutcome, ...]
    steps: npt.NDArray[np.float64]
    curves: Array
    seconds_per_step: float
    final: Spread


@dataclass(frozen=True)
class DepthResult:
    """Shallow against deep at about equal parameter count, over many seeds."""

    contestants: tuple[Contestant, ...]


ExperimentResult = SwarmResult | LadderResult | DepthResult
