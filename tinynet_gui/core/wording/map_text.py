"""The words of a map: what its axes are called, and what it says of one of its points."""

from collections.abc import Mapping

from tinynet_gui.core.config import SETTINGS, Config
from tinynet_gui.core.maps.axes import DIRECTIONS, WIDTH, Along, Axis, Direction
from tinynet_gui.core.maps.choice import MapChoice
from tinynet_gui.core.maps.colors import COLORS
from tinynet_gui.core.network.refs import ParameterRef
from tinynet_gui.core.text.numbers import count_text, in_full
from tinynet_gui.core.wording.neuron_names import number_name


def along_label(along: Along, config: Config, names: Mapping[int, str] | None = None) -> str:
    """Name what changes along an axis: Learning rate, Weight from x to h₃, Sharpest direction, Towards run 4.

    Parameters
    ----------
    config
        Of the network whose weights are meant.
    names
        Of the runs, by their numbers; one that has none is called by its number.
    """
    match along:
        case Direction(kind="towards"):
            return f"Towards {(names or {}).get(along.run_id, f'run {along.run_id}')}"
        case Direction():
            return DIRECTIONS[along.kind]
        case ParameterRef():
            hidden_layers = len(config.network.hidden)
            if along.layer > hidden_layers or (along.layer == hidden_layers and along.neuron > 0):
                return str(along).capitalize()  # of another network; this one has no such layer
            return number_name(along, hidden_layers, "x" if config.data.standardise == "none" else "x̃")
    return SETTINGS[along].label


def missing_text(along: Along, config: Config) -> str:
    """Say that a network does not have what changes along an axis."""
    if along == WIDTH:
        return "This map needs a network with exactly one hidden layer."
    name = _within_a_sentence(along_label(along, config))
    return f"This network has no {name}. With it, the map comes back."


def point_text(names: tuple[str, str], choice: MapChoice, x: float, y: float, number: float | None) -> str:
    """Describe a point of a map, such as “learning rate 0.0123, initial scale 2.5: loss 0.03450”.

    Parameters
    ----------
    names
        Of both axes, as `along_label` has them.
    number
        NaN where there is none; None if it is not known yet.
    """
    axes = zip(names, (choice.x, choice.y), (x, y), strict=True)
    place = ", ".join(f"{_within_a_sentence(name)} {coordinate_text(axis, value)}" for name, axis, value in axes)
    return place if number is None else f"{place}: {COLORS[choice.color].text(number, choice.limit)}"


def coordinate_text(axis: Axis, value: float) -> str:
    """Write a coordinate: with all its digits, so that typing it gives the same point."""
    return count_text(value) if axis.is_whole else in_full(value)


def _within_a_sentence(name: str) -> str:
    return name if len(name) < 2 or name[1].isupper() else name[0].lower() + name[1:]
