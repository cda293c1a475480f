"""What a map can show of the network at each of its points, by name. To add one, add its record here."""

import math
from collections.abc import Callable

import numpy as np

from tinynet_gui.core.arrays import AnyFloats, Array, Ints
from tinynet_gui.core.config import Config
from tinynet_gui.core.network.forward import Layer, active_counts, where_dead
from tinynet_gui.core.text.numbers import count_text, counted, loss_text, plain
from tinynet_gui.core.training.dataset import Dataset
from tinynet_gui.core.training.snapshot import held_out_loss
from tinynet_gui.core.values import frozen_dataclass


@frozen_dataclass(eq=False)
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


@frozen_dataclass
class Color:
    """A number that a map shows as a colour, and all that is said of it.

    Attributes
    ----------
    label, short_label
        Its name, as the user reads it, and where there is little room; "" for the name's beginning.
    about
        What it is, in a sentence.
    of
        Returns the number for each network, shape (networks,); NaN where there is none.
    said
        What is said of a point: with `{number}`, and `{limit}` if it has one.
    written
        Writes the number, with its unit if it has one.
    missing
        What NaN means; "" if only that the settings are not allowed.
    infinite
        What infinity means; where training diverges, the number is infinite.
    in_key
        What infinity and NaN are called below the scale, where there is room for a dozen letters.
    is_trained
        Whether the networks are trained first, to where training stops.
    is_log
        Whether equal ratios are equal distances on the scale of colours.
    is_whole
        Whether it is a whole number.
    least
        The lowest number on the scale.
    shows_diverged
        Whether it says when a run diverged; else those that diverged have a colour outside the scale.
    has_limit
        Whether it depends on the limit of the loss.
    needs_held_out
        Whether it is offered only where samples are held out.
    """

    label: str
    about: str
    of: Callable[[Networks], AnyFloats]
    said: str
    written: Callable[[float], str] = plain
    short_label: str = ""
    missing: str = ""
    infinite: str = "diverged"
    in_key: tuple[str, str] = "diverged", "none"
    is_trained: bool = True
    is_log: bool = True
    is_whole: bool = False
    least: float = 1e-12
    shows_diverged: bool = False
    has_limit: bool = False
    needs_held_out: bool = False

    def title(self, limit: float) -> str:
        """Name it with its limit, if it has one: first step below a loss of 0.1."""
        return f"{self.label} of {plain(limit)}" if self.has_limit else self.label

    def text(self, number: float, limit: float) -> str:
        """Say of a point what its number is: diverged at step 1,234."""
        said = self.infinite if math.isinf(number) else self.said
        if math.isnan(number):
            said = self.missing or "not allowed"
        return said.format(number=self.written(number) if math.isfinite(number) else "", limit=plain(limit))


def _or_none(steps: Ints) -> AnyFloats:
    return np.where(steps < 0, np.nan, steps.astype(np.float64))


def _dead(networks: Networks) -> AnyFloats:
    activation, x = networks.config.network.activation, networks.dataset.x_train[:, 0]
    masks = where_dead(activation, active_counts(networks.layers, activation, x))
    return np.asarray(np.sum([np.count_nonzero(mask, axis=-1) for mask in masks], axis=0), np.float64)


def _held_out(networks: Networks) -> AnyFloats:
    found = held_out_loss(networks.config, networks.dataset, networks.layers)
    return np.full(len(networks.diverged_at), np.nan) if found is None else found


COLORS: dict[str, Color] = {
    "loss": Color(
        "loss there",
        "The loss at each point, with nothing trained.",
        lambda n: n.losses,
        "loss {number}",
        loss_text,
        infinite="loss not finite",
        in_key=("not finite", "none"),
        is_trained=False,
    ),
    "end": Color(
        "loss at the end",
        "The training loss where training from there ends.",
        lambda n: n.losses,
        "loss {number}",
        loss_text,
        "loss",
    ),
    "diverged": Color(
        "step it diverged at",
        "The run's step at which the loss was no longer finite.",
        lambda n: _or_none(n.diverged_at),
        "diverged at step {number}",
        count_text,
        missing="never diverged",
        in_key=("", "never"),
        is_whole=True,
        least=1,
        shows_diverged=True,
    ),
    "reached": Color(
        "first step below a loss",
        "The run's step at which the loss is below the limit for the first time from there on.",
        lambda n: _or_none(n.reached_at),
        "below {limit} at step {number}",
        count_text,
        missing="never below {limit}",
        in_key=("diverged", "never"),
        is_whole=True,
        least=1,
        has_limit=True,
    ),
    "dead": Color(
        "dead neurons at the end",
        "How many hidden neurons are 0 at every training sample where training from there ends.",
        _dead,
        "{number}",
        lambda number: counted(round(number), "dead neuron"),
        "dead neurons",
        is_log=False,
        is_whole=True,
        least=0,
    ),
    "held_out": Color(
        "held-out loss at the end",
        "The loss over the held-out samples where training ends.",
        _held_out,
        "held-out loss {number}",
        loss_text,
        "held-out loss",
        missing="no held-out samples",
        needs_held_out=True,
    ),
}
