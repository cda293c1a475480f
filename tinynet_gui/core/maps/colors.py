"""What a map can show of the network at each of its points, by name. To add one, add its record here."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tinynet_gui.core.config import Config
from tinynet_gui.core.data.dataset import Dataset
from tinynet_gui.core.function.summaries import where_dead
from tinynet_gui.core.network.forward import Layer, active_counts
from tinynet_gui.core.numerics.arrays import Array, Ints
from tinynet_gui.core.training.passes import held_out_loss


@dataclass(frozen=True, eq=False)
class Networks:
    """Networks of one shape and the same samples, trained or as they are.

    Attributes
    ----------
    config, dataset
        Of all of them; learning rates, weight decays and first weights may differ.
    layers
        With a first axis for the networks.
    losses
        Over all training samples, float32 of shape (networks,).
    diverged_at, reached_at
        int64 of shape (networks,): the step at which the loss was not finite, or below the limit; −1 if it never
        was.
    """

    config: Config
    dataset: Dataset
    layers: tuple[Layer, ...]
    losses: Array
    diverged_at: Ints
    reached_at: Ints


@dataclass(frozen=True)
class Color:
    """A number that a map shows as a colour.

    Attributes
    ----------
    label
        Its name, as the user reads it.
    about
        What it is, in a sentence.
    of
        Returns the number for each network, shape (networks,); NaN where there is none.
    is_trained
        Whether the networks are trained first, to where training stops.
    is_log
        Whether equal ratios are equal distances on the scale of colours.
    is_whole
        Whether it is a whole number.
    shows_diverged
        Whether it says when a run diverged; else those that diverged have a colour outside the scale.
    """

    label: str
    about: str
    of: Callable[[Networks], npt.NDArray[np.floating]]
    is_trained: bool = True
    is_log: bool = True
    is_whole: bool = False
    shows_diverged: bool = False


def _or_none(steps: Ints) -> npt.NDArray[np.floating]:
    return np.where(steps < 0, np.nan, steps.astype(np.float64))


def _dead(networks: Networks) -> npt.NDArray[np.floating]:
    activation, x = networks.config.network.activation, networks.dataset.x_train[:, 0]
    masks = where_dead(activation, active_counts(networks.layers, activation, x))
    return np.asarray(np.sum([np.count_nonzero(mask, axis=-1) for mask in masks], axis=0), np.float64)


def _held_out(networks: Networks) -> npt.NDArray[np.floating]:
    found = held_out_loss(networks.config, networks.dataset, networks.layers)
    return np.full(len(networks.diverged_at), np.nan) if found is None else found


COLORS: dict[str, Color] = {
    "loss": Color("loss there", "The loss at each point, with nothing trained.", lambda n: n.losses, is_trained=False),
    "end": Color("loss at the end", "The training loss where training from there ends.", lambda n: n.losses),
    "diverged": Color(
        "step it diverged at",
        "The run's step at which the loss was no longer finite.",
        lambda n: _or_none(n.diverged_at),
        is_whole=True,
        shows_diverged=True,
    ),
    "reached": Color(
        "first step below a loss",
        "The run's step at which the loss is below the limit for the first time from there on.",
        lambda n: _or_none(n.reached_at),
        is_whole=True,
    ),
    "dead": Color(
        "dead neurons at the end",
        "How many hidden neurons are 0 at every training sample where training from there ends.",
        _dead,
        is_log=False,
        is_whole=True,
    ),
    "held_out": Color("held-out loss at the end", "The loss over the held-out samples where training ends.", _held_out),
}
