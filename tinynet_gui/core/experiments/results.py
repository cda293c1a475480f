"""What comes of a whole training, for the views. Imports neither torch nor numba."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from tinynet_gui.core.arrays import Array
from tinynet_gui.core.config import Config
from tinynet_gui.core.network.forward import Layer

FEWEST_SEEDS = 7  # for a verdict: with six, chance alone puts one ahead in all of them in 2 of 64 cases
FEWEST_SEEDS_OF_WIDTHS = 8  # with seven, the clearest difference of two widths has p = 2/128
ORDERS = 19  # in which all samples are trained, besides their own
MEASUREMENTS = 21  # of the time of a step
FAILED_SHARE = 0.1  # of the way from the best constant to the best within reach is left

Cause = Literal["", "diverged", "dead neurons", "plateau", "slow"]


@dataclass(frozen=True)
class TrainedRun:
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
    layers
        The trained network in the units of the data, where it is kept: of the runs of a swarm whose curves are drawn.
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
    layers: tuple[Layer, ...] = ()


@dataclass(frozen=True)
class Spread:
    """The quartiles of a set of losses; infinite ones count as the largest."""

    low: float
    median: float
    high: float


@dataclass(frozen=True)
class Reach:
    """What a run is measured against.

    Attributes
    ----------
    constant
        The loss of the best constant: of having learned nothing.
    best
        The smallest loss that is known to be within this network's reach.
    kinks
        `best` is of a line with so many kinks; None if it is of the best seed.
    limit
        A run with a larger loss has failed.
    """

    constant: float
    best: float
    kinks: int | None
    limit: float


@dataclass(frozen=True)
class DeadShare:
    """Neurons of the first layer that are active on no sample before the first step.

    Attributes
    ----------
    neurons, dead
        Counted, over all seeds.
    theory
        The probability that the initialisation gives a neuron, or None where there is no formula for it.
    by_chance
        The shares between which such a count falls in 95 of 100 cases if the theory is right; None without one.
    """

    neurons: int
    dead: int
    theory: float | None
    by_chance: tuple[float, float] | None


@dataclass(frozen=True)
class SwarmResult:
    """Many seeds of one setting; `causes` says why each run failed, "" for those that did not."""

    config: Config
    runs: tuple[TrainedRun, ...]
    causes: tuple[Cause, ...]
    reach: Reach
    spread: Spread
    dead_at_start: DeadShare


@dataclass(frozen=True)
class WidthResult:
    """One number of neurons, over all its seeds.

    Attributes
    ----------
    best_found
        The loss of the best line found with as many kinks as there are neurons, by the search or by training.
    at_least
        No line with so many kinks, and so no network of this width, has a smaller loss.
    within_reach
        The loss of the best line found with one kink less. A network of this width can be that good: it makes the
        line's slope with the neuron that is left over. All three are None where they were not searched.
    """

    width: int
    runs: tuple[TrainedRun, ...]
    training: Spread
    validation: Spread | None
    best_found: float | None
    at_least: float | None
    within_reach: float | None

    @property
    def may_be_beaten(self) -> bool:
        """Whether it is not known that no line with so many kinks is better than the best found."""
        return self.best_found is not None and self.at_least is not None and self.best_found > 1.001 * self.at_least

    @property
    def judged(self) -> Spread:
        """What it is judged by: the loss on the held-out samples, or without them on those of the training."""
        return self.training if self.validation is None else self.validation


@dataclass(frozen=True)
class WidthChoice:
    """The smallest width that cannot be told apart from the one with the lowest median loss.

    Attributes
    ----------
    best, smallest
        Their numbers of neurons; the same where every narrower network is worse.
    p
        Of the two, by the paired permutation test: how often chance puts two widths that are alike so far apart.
    """

    best: int
    smallest: int
    p: float


@dataclass(frozen=True)
class WidthsResult:
    """Training and validation loss by the number of neurons; no choice is made of too few seeds."""

    config: Config
    widths: tuple[WidthResult, ...]
    choice: WidthChoice | None = None


@dataclass(frozen=True)
class ShapeResult:
    """One shape of network in the comparison of shallow and deep.

    Attributes
    ----------
    rates
        The learning rates that were tried.
    rate
        The one with the smallest geometric mean of the losses after the last step.
    finals
        The loss after the last step, float64 of shape (rates, seeds); infinite for runs that diverged.
    losses
        The loss curves, float32 of shape (rates, seeds, points); infinite from where a run diverged.
    steps
        The steps of the points, float64.
    seconds_per_step
        Of the compiled loop on one run alone: the quartiles of several measurements.
    runs, curves, final
        At `rate`: the runs, the quartiles of their curves, shape (3, points), and those after the last step.
    """

    hidden: tuple[int, ...]
    parameters: int
    rates: tuple[float, ...]
    rate: float
    finals: npt.NDArray[np.float64]
    losses: Array
    steps: npt.NDArray[np.float64]
    seconds_per_step: Spread
    runs: tuple[TrainedRun, ...]
    curves: npt.NDArray[np.float64]
    final: Spread


@dataclass(frozen=True)
class Verdict:
    """Which shape is ahead of all others, if it is not by chance.

    Attributes
    ----------
    best, second
        Places of the shapes with the smallest typical losses: geometric means over the seeds.
    typical
        Of each shape at its best rate: the geometric mean of the loss over the seeds.
    p
        The largest p-value of the best against another.
    is_sure
        The best is ahead, with the error rate that `depth_sweep` states.
    """

    best: int
    second: int
    typical: tuple[float, ...]
    p: float
    is_sure: bool


@dataclass(frozen=True)
class DepthResult:
    """Shallow against deep at about equal parameter count, from the same seeds.

    Attributes
    ----------
    by_steps, by_time
        After the last step, and after the time that the fastest shape takes for it; None until all shapes are there.
    constant
        The loss of the best constant.
    """

    config: Config
    shapes: tuple[ShapeResult, ...]
    constant: float
    by_steps: Verdict | None
    by_time: Verdict | None
    seconds: float


@dataclass(frozen=True)
class SampleInfluence:
    """What training without one sample changes.

    Attributes
    ----------
    place
        Of the sample among those of the training.
    x, y
        The sample.
    influence
        How far the final curve moves: the root mean square of the difference over evenly spaced x from the leftmost
        sample of the training to the rightmost, in units of y. Infinite if one of the two trainings diverged, 0 if
        both did.
    loss_with, loss_without
        The mean loss over all other samples, of the network that was trained with this one and of that which was
        not; infinite where the training diverged.
    died, lived
        Hidden neurons, (layer, index), that are dead at the end without the sample and not with it, and the other way
        round. Each network is asked about the samples that it was trained on.
    output
        What the network without it gives over `plot_grid`, float32 of shape (401,); NaN if the training diverged.
    diverged_at
        The step at which the loss was no longer finite, or None.
    layers
        The network that was trained without it, where it is kept: not of a large one.
    """

    place: int
    x: float
    y: float
    influence: float
    loss_with: float
    loss_without: float
    died: tuple[tuple[int, int], ...]
    lived: tuple[tuple[int, int], ...]
    output: Array
    diverged_at: int | None
    layers: tuple[Layer, ...] = ()


@dataclass(frozen=True)
class InfluenceResult:
    """One setting trained without each sample in turn.

    Attributes
    ----------
    sample_count
        How many samples there are to train on; with one there is nothing to leave out.
    samples
        Those that have been left out so far, in their order.
    output, diverged_at, layers
        Of the network that was trained with all, as in `SampleInfluence`.
    by_order
        How far the curve moves at most when all samples are given in other orders, which changes the rounding, and
        with mini-batches also what is in each.
    chance
        An influence up to this says nothing of the sample: some times `by_order`, or the rounding of a number.
    """

    config: Config
    sample_count: int
    samples: tuple[SampleInfluence, ...]
    output: Array
    diverged_at: int | None
    by_order: float
    chance: float
    layers: tuple[Layer, ...] = ()

    @property
    def ranked(self) -> tuple[SampleInfluence, ...]:
        """The samples, the most influential first."""
        return tuple(sorted(self.samples, key=lambda one: -one.influence))

    @property
    def most(self) -> SampleInfluence | None:
        """The most influential one, or None if none has more influence than chance."""
        first = self.ranked[:1]
        return first[0] if first and first[0].influence > self.chance else None
