"""The numbers that a map can show as colours, by name. To add one, add its record here."""

import math
from collections.abc import Callable

import numpy as np

from tinynet_gui.core.config import Config
from tinynet_gui.core.network.forward import Layer, active_counts, where_dead
from tinynet_gui.core.text.language import N_, gettext as _, ngettext, pgettext, translated
from tinynet_gui.core.text.numbers import count_text, loss_text, plain
from tinynet_gui.core.training.snapshot import held_out_loss
from tinynet_gui.core.training.start import Dataset
from tinynet_gui.core.values import AnyFloats, Array, Ints, frozen_dataclass


@frozen_dataclass(eq=False)
class Networks:
    """Networks of one shape on the same samples, trained or not.

    Attributes
    ----------
    config, dataset
        Common to all, but for learning rates, weight decays and first weights.
    layers
        With a first axis for the networks.
    losses
        Over all training samples, float32 of shape (networks,).
    diverged_at, reached_at
        int64 of shape (networks,): the first step at which the loss was not finite, or below the limit; else −1.
    """

    config: Config
    dataset: Dataset
    layers: tuple[Layer, ...]
    losses: Array
    diverged_at: Ints
    reached_at: Ints


@translated("label", "about", "said", "short_label", "missing", "infinite")
@frozen_dataclass
class Color:
    """A number that a map shows as a colour, and its texts.

    Attributes
    ----------
    label, short_label
        Its displayed name, and a shorter one; "" for the name's beginning.
    of
        Returns the number for each network, shape (networks,); NaN where there is none.
    said
        The text for a point, with `{number}`, and `{limit}` if it has one.
    written
        Formats the number, with its unit if it has one.
    missing
        The meaning of NaN; "" if it only means that the settings are not allowed.
    infinite
        The meaning of infinity, which stands for a training that diverges.
    in_key
        Labels of infinity and NaN below the scale, a dozen letters at most.
    is_trained
        Whether the networks are trained first, to the stop step.
    is_log
        Whether the scale of colours is logarithmic.
    least
        The lowest number on the scale.
    shows_diverged
        Whether its number says when a run diverged; else diverged runs have a colour outside the scale.
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
    infinite: str = N_("diverged")
    in_key: tuple[str, str] = _("diverged"), pgettext("no number", "none")
    is_trained: bool = True
    is_log: bool = True
    is_whole: bool = False
    least: float = 1e-12
    shows_diverged: bool = False
    has_limit: bool = False
    needs_held_out: bool = False

    def title(self, limit: float) -> str:
        """Return its name with the limit, if it has one: first step below a loss of 0.1."""
        # Translators: such as “first step below a loss of 0.1”.
        return _("{label} of {limit}").format(label=self.label, limit=plain(limit)) if self.has_limit else self.label

    def text(self, number: float, limit: float) -> str:
        """Describe the number at a point: diverged at step 1,234."""
        said = self.infinite if math.isinf(number) else self.said
        if math.isnan(number):
            said = self.missing or _("not allowed")
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


def _dead_text(number: float) -> str:
    count = round(number)
    return ngettext("{count} dead neuron", "{count} dead neurons", count).format(count=count_text(count))


COLORS: dict[str, Color] = {
    "loss": Color(
        N_("loss there"),
        N_("The loss at each point, with nothing trained."),
        lambda n: n.losses,
        N_("loss {number}"),
        loss_text,
        infinite=N_("loss not finite"),
        in_key=(_("not finite"), pgettext("no number", "none")),
        is_trained=False,
    ),
    "end": Color(
        N_("loss at the end"),
        N_("The training loss where training from there ends."),
        lambda n: n.losses,
        N_("loss {number}"),
        loss_text,
        N_("loss"),
    ),
    "diverged": Color(
        N_("step it diverged at"),
        N_("The run's step at which the loss was no longer finite."),
        lambda n: _or_none(n.diverged_at),
        N_("diverged at step {number}"),
        count_text,
        missing=N_("never diverged"),
        in_key=("", _("never")),
        is_whole=True,
        least=1,
        shows_diverged=True,
    ),
    "reached": Color(
        N_("first step below a loss"),
        N_("The run's step at which the loss is below the limit for the first time from there on."),
        lambda n: _or_none(n.reached_at),
        N_("below {limit} at step {number}"),
        count_text,
        missing=N_("never below {limit}"),
        in_key=(_("diverged"), _("never")),
        is_whole=True,
        least=1,
        has_limit=True,
    ),
    "dead": Color(
        N_("dead neurons at the end"),
        N_("How many hidden neurons are 0 at every training sample where training from there ends."),
        _dead,
        "{number}",
        _dead_text,
        N_("dead neurons"),
        is_log=False,
        is_whole=True,
        least=0,
    ),
    "held_out": Color(
        N_("held-out loss at the end"),
        N_("The loss over the held-out samples where training ends."),
        _held_out,
        N_("held-out loss {number}"),
        loss_text,
        N_("held-out loss"),
        missing=N_("no held-out samples"),
        needs_held_out=True,
    ),
}
