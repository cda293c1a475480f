"""What a map offers for its axes, and whether it is one that has a name; no Qt."""

from tinynet_gui.core.config import Config
from tinynet_gui.core.maps.axes import Along, Axis, Direction, is_there, value_of
from tinynet_gui.core.maps.choice import MapChoice, usual_range
from tinynet_gui.core.network.refs import LayerRef, NeuronRef, ParameterRef, Ref, WeightRef, fits_widths
from tinynet_gui.core.training.state import TrainerState

MOST_WEIGHTS = 6  # of a neuron to or from each side, that are offered as axes


def is_like(named: MapChoice, choice: MapChoice) -> bool:
    """Whether a map is one that has a name, whatever its ranges and weights are."""
    pairs = (named.x.along, choice.x.along), (named.y.along, choice.y.along)
    alike = all(one == other or None is not _kind(one) == _kind(other) for one, other in pairs)
    return alike and (named.color, named.from_start) == (choice.color, choice.from_start)


def _kind(along: Along) -> str | None:
    """Return what two axes have in common that lead along different weights, or towards different runs."""
    return along.kind if isinstance(along, Direction) else "parameter" if isinstance(along, ParameterRef) else None


def axis_around(along: Along, config: Config, state: TrainerState | None) -> Axis:
    """Return an axis with its usual ends around the present setting or weight; around 0 if none is there or known."""
    match along:
        case _ if not is_there(along, config):
            value = 0.0
        case str():
            value = value_of(config, along)
        case ParameterRef() if state is not None:
            value = float(state.parameters[along.array][along.index])
        case _:
            value = 0.0
    return Axis(along, *usual_range(along, value))


def go_together(*axes: Axis) -> bool:
    """Whether axes can be combined: a setting that makes a new network does not go with a weight or a direction."""
    return all(isinstance(axis.along, str) for axis in axes) or not any(axis.starts_anew for axis in axes)


def two_weights(config: Config, pinned: Ref | None) -> tuple[ParameterRef, ParameterRef]:
    """Return the first weight and the bias of the pinned neuron, by default of the first one."""
    if not fits_widths(config.network.widths, pinned):  # it belongs to another network
        pinned = None
    match pinned:
        case NeuronRef():
            return _weight(pinned.layer, pinned.index, 0), ParameterRef(pinned.layer, "bias", (pinned.index,))
        case WeightRef():
            weight = _weight(pinned.layer, pinned.output, pinned.input)
            return weight, ParameterRef(pinned.layer, "bias", (pinned.output,))
        case LayerRef():
            return _weight(pinned.layer, 0, 0), ParameterRef(pinned.layer, "bias", (0,))
    return _weight(0, 0, 0), ParameterRef(0, "bias", (0,))


def weights_near(config: Config, pinned: Ref | None) -> list[ParameterRef]:
    """Return weights to and from the pinned neuron, by default of the first one, and its bias."""
    weight, bias = two_weights(config, pinned)
    widths, layer, neuron = config.network.widths, bias.layer, bias.index[0]
    to = [_weight(layer, neuron, k) for k in range(min(widths[layer], MOST_WEIGHTS))]
    last = layer + 1 == len(widths) - 1
    away = [] if last else [_weight(layer + 1, k, neuron) for k in range(min(widths[layer + 2], MOST_WEIGHTS))]
    return list(dict.fromkeys([weight, *to, bias, *away]))


def _weight(layer: int, output: int, source: int) -> ParameterRef:
    return ParameterRef(layer, "weight", (output, source))
