"""The settings of a configuration that have an effect: others belong to another optimiser, or to unused options."""

from collections.abc import Iterator

from tinynet_gui.core.choices.optimizers import OPTIMIZERS
from tinynet_gui.core.config.config import Config, changed_paths
from tinynet_gui.core.config.sections import SETTINGS
from tinynet_gui.core.config.targets import FORMULA
from tinynet_gui.core.network.initializations import INITIALIZATIONS

SEED = ("network.seed", "network.drawn_before")
FIRST_WEIGHTS = (*SEED, "network.rounding")  # the random numbers a network begins with
_DRAWING = frozenset(f"data.{name}" for name in ("target", "formula", "sample_count", "x_min", "x_max", "noise"))
_OPTIMIZERS_OWN = {f"training.{name}" for optimizer in OPTIMIZERS.values() for name in optimizer.fields}


def paths_in_effect(config: Config) -> frozenset[str]:
    """Return the dotted paths of the settings that affect a training of this configuration."""
    data, network, training = config.data, config.network, config.training
    idle = _OPTIMIZERS_OWN - {f"training.{name}" for name in OPTIMIZERS[training.optimizer].fields}
    if network.first_weights is not None:
        idle.update(FIRST_WEIGHTS, ("network.initialization", "network.weight_scale"))
    elif not network.is_random:
        is_drawn = INITIALIZATIONS[network.initialization].is_random
        idle.update(FIRST_WEIGHTS, {"network.initialization" if is_drawn else "network.weight_scale"})
    elif network.needs_torch:  # it rounds as it does
        idle.add("network.rounding")
    if data.target != FORMULA:
        idle.add("data.formula")
    if data.points is not None:
        idle |= _DRAWING | {"data.held_out"}
        if training.batch_size == 0:  # else it sets the order of the samples
            idle.add("data.seed")
    if not network.hidden:
        idle.add("network.activation")
    return frozenset(SETTINGS) - idle


def differing_paths(one: Config, other: Config) -> Iterator[str]:
    """Yield the paths of the settings that differ between two configurations and have an effect."""
    if one is other:
        return iter(())
    in_effect = paths_in_effect(one) | paths_in_effect(other)
    return (path for path in changed_paths(one, other) if path in in_effect)
