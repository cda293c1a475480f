"""Neurons that give 0 on every training sample: which ones, and which update caused it."""

from typing import Literal

import numpy as np

from tinynet_gui.core.choices.activations import ActivationNames
from tinynet_gui.core.choices.optimizers import OPTIMIZERS, PLAIN
from tinynet_gui.core.config import Config, TrainingConfig
from tinynet_gui.core.function.summaries import dead_masks
from tinynet_gui.core.network.forward import active_counts, as_layers
from tinynet_gui.core.numerics.arrays import Array, owned
from tinynet_gui.core.run.replay import Moment
from tinynet_gui.core.text.words import listed
from tinynet_gui.core.training.dataset import Dataset
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.training.state import TrainerState
from tinynet_gui.core.values import dataclass

Culprit = Literal["its own weights", "the layers before", "either", "both together", "the samples"]


@dataclass(frozen=True)
class Death:
    """The update, or the change by hand, after which a ReLU neuron was active on no training sample.

    Attributes
    ----------
    step
        How many updates had been made when it was first dead: the update's own number, from 1. For a change by hand,
        the step at which it was made.
    layer, index
        Which neuron.
    weights_before, weights_after, bias_before, bias_after
        Its parameters around that update, float32 of shape (inputs,), read-only.
    samples_before
        On how many training samples it was still active before.
    culprit
        The cause: its own new weights and bias alone, those of the layers before it alone, either (each would have been
        enough), or both together (neither would have been enough); or a change of the samples: with the old ones it
        would be alive.
    before
        The moment just before, from which the microscope can look at the update.
    is_by_hand
        Whether no update caused it, but parameters or samples changed by hand.
    """

    step: int
    layer: int
    index: int
    weights_before: Array
    weights_after: Array
    bias_before: float
    bias_after: float
    samples_before: int
    culprit: Culprit
    before: Moment
    is_by_hand: bool = False


@dataclass(frozen=True)
class DeathBetween:
    """A neuron whose exact step of death was not found, as the search would have taken too long.

    Attributes
    ----------
    first
        The step at which it was last known to be active; None if it was dead at every step that was checked.
    last
        The step from which it is known to have stayed dead.
    """

    first: int | None
    last: int
    layer: int
    index: int


def dead_neurons(snapshot: Snapshot) -> tuple[tuple[int, int], ...]:
    """Return (layer, index) of every hidden neuron that gives 0 on all training samples, as only ReLU can."""
    masks = dead_masks(snapshot)
    return tuple((layer, int(index)) for layer, mask in enumerate(masks) for index in np.flatnonzero(mask))


def is_mostly_dead(snapshot: Snapshot) -> bool:
    """Whether at least half of the hidden neurons are dead."""
    neurons = sum(snapshot.config.network.hidden)
    return neurons > 0 and 2 * len(dead_neurons(snapshot)) >= neurons


def is_final(config: Config, layer: int) -> bool:
    """Whether a neuron that has died stays dead: its gradient is 0, and nothing else moves it."""
    return not movers_of_the_dead(config, layer)


def movers_of_the_dead(config: Config, layer: int) -> tuple[str, ...]:
    """Return, in words, what still moves a dead neuron although no gradient reaches it.

    Empty in the first layer, whose inputs are fixed, if the rule takes no step for a gradient of 0: plain gradient
    descent and RMSprop without weight decay and L1 penalty.
    """
    training = config.training
    movers = pulls_of(training)
    movers += filter(None, [OPTIMIZERS[training.optimizer].moves_on(training)])
    if layer > 0:
        movers.append("the layers before it" if layer > 1 else "the layer before it")
    return tuple(movers)


def pulls_of(training: TrainingConfig) -> list[str]:
    """Return, in words, what pulls all weights and biases towards 0."""
    pulls = {"weight decay": training.weight_decay, "the L1 penalty": training.l1}
    return [name for name, factor in pulls.items() if factor]


def chance_of_the_dead(config: Config, layer: int) -> str:
    """Return a clause for the end of a sentence: can a dead neuron come back?

    Weight decay alone multiplies all its weights and its bias by 1 − ηδ: above 0, that changes no sign.
    """
    training = config.training
    is_plain = OPTIMIZERS[training.optimizer].rule(training) is PLAIN
    keeps_signs = is_plain and training.learning_rate * training.weight_decay < 1
    movers = [name for name in movers_of_the_dead(config, layer) if not (keeps_signs and name == "weight decay")]
    return f"only {listed(movers)} can still bring it back" if movers else "by itself it cannot come back"


def make_death(before: Moment, after: TrainerState, layer: int, index: int, *, is_by_hand: bool = False) -> Death:
    """Describe the death of a neuron between a state in which it is active and one in which it is dead."""
    dataset = before.rule.dataset
    last, activation = before.state, before.rule.config.network.activation
    old, new = _parameters(last, layer, index), _parameters(after, layer, index)
    by_itself = _active_samples(dataset, activation, _with_parameters(last, layer, index, *new), layer, index) == 0
    by_others = _active_samples(dataset, activation, _with_parameters(after, layer, index, *old), layer, index) == 0
    culprits: dict[tuple[bool, bool], Culprit] = {
        (True, False): "its own weights",
        (False, True): "the layers before",
        (True, True): "either",
        (False, False): "both together",
    }
    would_live = _active_samples(dataset, activation, after, layer, index) > 0  # but for the changed samples
    return Death(
        step=after.step,
        layer=layer,
        index=index,
        weights_before=owned(old[0]),
        weights_after=owned(new[0]),
        bias_before=float(old[1]),
        bias_after=float(new[1]),
        samples_before=_active_samples(dataset, activation, last, layer, index),
        culprit="the samples" if would_live else culprits[by_itself, by_others],
        before=before,
        is_by_hand=is_by_hand,
    )


def _with_parameters(state: TrainerState, layer: int, index: int, weights: Array, bias: np.float32) -> TrainerState:
    """Return a state with one neuron's incoming weights and bias replaced."""
    arrays = list(state.parameters)
    for place, value in ((2 * layer, weights), (2 * layer + 1, bias)):
        arrays[place] = arrays[place].copy()
        arrays[place][index] = value
    return TrainerState(state.step, tuple(arrays), ())


def _active_samples(dataset: Dataset, activation: ActivationNames, state: TrainerState, layer: int, index: int) -> int:
    return int(active_counts(as_layers(state.parameters), activation, dataset.x_train[:, 0])[layer][index])


def _parameters(state: TrainerState, layer: int, index: int) -> tuple[Array, np.float32]:
    return state.parameters[2 * layer][index], state.parameters[2 * layer + 1][index]
