"""How a setting's value is written: as the panel shows it beside its label, or alone in few words."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from tinynet_gui.core.choices.optimizers import OPTIMIZERS
from tinynet_gui.core.choices.schedules import SCHEDULES
from tinynet_gui.core.config import SETTINGS, Config, DataConfig, TrainingConfig
from tinynet_gui.core.config.config import DRAWING, changed_paths
from tinynet_gui.core.config.targets import FORMULA, TARGETS
from tinynet_gui.core.network.initializations import INITIALIZATIONS
from tinynet_gui.core.text.language import N_, gettext as _, ngettext, with_signs, within_sentence
from tinynet_gui.core.text.numbers import count_text, exact, in_full
from tinynet_gui.core.text.shortened import shortened

MAX_CHARACTERS = 24  # of a formula or of where points come from
EACH_LAYER = N_("Neurons in each layer")
ROUNDED = {"once": N_("once"), "twice": N_("twice")}


def setting_label(path: str, *configs: Config) -> str:
    """Return the label of a setting; in configurations with several layers it says whose the neurons are."""
    is_deep = path == "network.hidden" and any(len(config.network.hidden) > 1 for config in configs)
    return _(EACH_LAYER) if is_deep else SETTINGS[path].label


def setting_value(config: Config, path: str) -> str:
    """Write the value of a setting, with all its digits: 0.01, “8, 8”, Adam, 30 %."""
    value = config.get(path)
    match value:
        case bool():
            return _("yes") if value else _("no")
        case int() | float() if SETTINGS[path].unit == "%":
            return with_signs(f"{(100 * Decimal(exact(value))).normalize():f} %")
        case int():
            words = {"training.batch_size": _("all"), "training.patience": _("off")}
            return words.get(path, "0") if not value else count_text(value)
        case float():
            return in_full(value)
        case tuple():
            return ", ".join(_label(path, one) for one in value) or _("none")
        case str():
            return _label(path, value)
        case None:
            return _("generated") if path == "data.points" else _("drawn")
    return shortened(source_text(config.data) if path == "data.points" else value.origin, 2 * MAX_CHARACTERS)


def setting_in_short(config: Config, path: str) -> str:
    """Write a setting so that it can be read alone: lr 0.01, “8, 8”, 10 neurons, seed 7, Adam, noise 0.5."""
    value, text = config.get(path), setting_value(config, path)
    match path, value:
        case "network.hidden", ():
            return _("no hidden layer")
        case ("network.hidden", (count,)) | ("data.sample_count", count):
            words = ngettext("{count} neuron", "{count} neurons", count)
            words = words if path == "network.hidden" else ngettext("{count} sample", "{count} samples", count)
            return words.format(count=count_text(count))
        case ("data.target", "formula") | ("data.formula", _):
            return shortened(config.data.formula, MAX_CHARACTERS)
        case "data.points" | "network.first_weights", None:
            return setting_in_short(config, "data.target" if path == "data.points" else "network.seed")
        case "data.points", _:
            return shortened(_(value.origin) if value.origin else _("edited samples"), MAX_CHARACTERS)
        case "training.batch_size", 0:
            return _("all samples")
    if isinstance(SETTINGS[path].choices, Mapping) and path != "data.standardise":
        return text
    label, short = SETTINGS[path].label, SETTINGS[path].short
    return short.format(text) if short else f"{label if len(label) <= 2 else within_sentence(label)} {text}"


def _label(path: str, value: Any) -> str:
    choices: Any = ROUNDED if path == "network.rounding" else SETTINGS[path].choices
    if not isinstance(choices, Mapping):
        return str(value)
    return _(choices[value]) if isinstance(choices[value], str) else str(choices[value].label)


def source_text(data: DataConfig) -> str:
    """Say how many samples there are and where they come from, such as “20 points, made from x²”."""
    count = data.sample_count if data.points is None else len(data.points)
    # Translators: {origin} is such as “made from x²”, or a file's name.
    words = ngettext("{count} point, {origin}", "{count} points, {origin}", count)
    return words.format(count=count_text(count), origin=origin_text(data))


def origin_text(data: DataConfig) -> str:
    """Say where samples come from, such as “made from x²”."""
    target = data.target_formula if data.target == FORMULA else TARGETS[data.target].label
    if data.points is not None and data.points.origin:
        return _(data.points.origin)
    return _("made from {target}").format(target=target)


SEED = ("network.seed", "network.drawn_before")
FIRST_WEIGHTS = (*SEED, "network.rounding")  # the random numbers a network begins with
_READ = [*(rule.fields for rule in OPTIMIZERS.values()), *(schedule.fields for schedule in SCHEDULES.values())]
OF_CHOICES = {f"training.{name}" for fields in _READ for name in fields}


def used_of_choices(training: TrainingConfig) -> set[str]:
    """Return those of `OF_CHOICES`, which single optimisers and schedules read, that a configuration's own read."""
    fields = OPTIMIZERS[training.optimizer].fields + SCHEDULES[training.schedule].fields
    return {f"training.{name}" for name in fields}


def paths_in_effect(config: Config) -> frozenset[str]:
    """Return the dotted paths of the settings that affect a training of this configuration."""
    data, network, training = config.data, config.network, config.training
    idle = OF_CHOICES - used_of_choices(training)
    if network.first_weights is not None:
        idle.update(FIRST_WEIGHTS, ("network.initialization", "network.weight_scale"))
    elif not network.is_random:
        is_drawn = INITIALIZATIONS[network.initialization].is_random
        idle.update(FIRST_WEIGHTS, {"network.initialization" if is_drawn else "network.weight_scale"})
    elif network.needs_torch:  # torch itself draws them
        idle.add("network.rounding")
    if data.target != FORMULA:
        idle.add("data.formula")
    if data.points is not None:
        idle |= DRAWING | {"data.held_out"}
        if training.batch_size == 0:  # else it sets the order of the samples
            idle.add("data.seed")
    if not network.hidden:
        idle.add("network.activation")
    if not data.holds_out:
        idle.add("training.patience")
    return frozenset(SETTINGS) - idle


def differing_paths(one: Config, other: Config) -> Iterator[str]:
    """Yield the paths of the settings that differ between two configurations and have an effect."""
    if one is other:
        return iter(())
    in_effect = paths_in_effect(one) | paths_in_effect(other)
    return (path for path in changed_paths(one, other) if path in in_effect)
