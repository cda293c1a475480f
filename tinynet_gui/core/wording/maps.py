"""Maps in words: as a short line of text, their axes, and their points."""

import math
from collections.abc import Mapping, Sequence
from typing import get_args

from tinynet_gui.core.config import SETTINGS, Config
from tinynet_gui.core.maps import axes, colors, standpoint
from tinynet_gui.core.network.refs import ParameterRef
from tinynet_gui.core.text.language import capitalised, gettext as _, pgettext, within_sentence
from tinynet_gui.core.text.numbers import count_text, exact, in_full, loss_text, plain
from tinynet_gui.core.text.shortened import written
from tinynet_gui.core.wording.neurons import parameter_name
from tinynet_gui.core.wording.setting_line import NAMES

MAX_CHARACTERS = 300
COLORS_BETWEEN = "colors"
BRIGHTEST = 1e38  # largest end of a scale of colours: about float32's largest number
_PATHS = {NAMES[path]: path for path in axes.VARIED}
_KINDS: tuple[axes.DirectionKind, ...] = get_args(axes.DirectionKind)


def map_text(choice: axes.MapChoice) -> str:
    """Serialise a map to a few characters."""
    parts = [f"{_along_text(a.along)}:{exact(a.low)}:{exact(a.high)}" for a in (choice.x, choice.y)]
    parts.append(choice.color)
    if choice.limit != axes.USUAL_LIMIT:
        parts.append(f"below:{exact(choice.limit)}")
    if choice.ends is not None:
        parts.append(f"{COLORS_BETWEEN}:{exact(choice.ends[0])}:{exact(choice.ends[1])}")
    if choice.from_start:
        parts.append("start")
    if choice.has_contours:
        parts.append("contours")
    return "/".join(parts)


def read_map(text: str) -> axes.MapChoice:
    """Parse the text of `map_text`.

    `MapError` if it is invalid; the message names the part, and what is allowed.
    """
    if len(text) > MAX_CHARACTERS:
        words = _("map: {count} characters are not allowed: at most {most}")
        raise axes.MapError(words.format(count=count_text(len(text)), most=MAX_CHARACTERS))
    x, y, color, *others = [*text.split("/"), "", ""]
    if color not in colors.COLORS:
        raise _not_one_of(color, ", ".join(colors.COLORS))
    limit, from_start, has_contours, ends = axes.USUAL_LIMIT, False, False, None
    for part in filter(None, others):
        name, _colon, value = part.partition(":")
        if name == "below":
            limit = _read_limit(value)
        elif name == COLORS_BETWEEN:
            ends = _read_color_ends(part, colors.COLORS[color])
        elif part == "start":
            from_start = True
        elif part == "contours":
            has_contours = True
        else:
            raise _not_one_of(part, f"below, {COLORS_BETWEEN}, start, contours")
    return axes.MapChoice(_read_axis(x), _read_axis(y), color, limit, from_start, has_contours, ends)


def _not_one_of(part: str, names: str) -> axes.MapError:
    return axes.MapError(_("map: {value} is not one of {names}").format(value=written(part), names=names))


def _along_text(along: axes.Along) -> str:
    match along:
        case ParameterRef():
            return ".".join(map(str, (along.symbol, along.layer, *along.index)))
        case axes.Direction():
            return f"{along.kind}.{along.run_id}" if along.kind == "towards" else along.kind
    return NAMES[along]


def _read_axis(text: str) -> axes.Axis:
    along, ends = _read_along(text.partition(":")[0]), _read_ends(text)
    try:
        return axes.Axis(along, *ends)
    except axes.MapError as error:
        raise axes.MapError(f"map: {error}") from None


def _read_color_ends(text: str, color: colors.Color) -> tuple[float, float]:
    low, high = _read_ends(text)
    least = max(color.least, -BRIGHTEST)
    if not (least <= low < high <= BRIGHTEST and axes.are_told_apart(low, high)):
        words = _(
            "map: colors from {low} to {high} is not allowed: the lower number first, both from {least} to {most}"
        )
        said = {"low": exact(low), "high": exact(high), "least": exact(least), "most": exact(BRIGHTEST)}
        raise axes.MapError(words.format(**said))
    return low, high


def _read_ends(text: str) -> tuple[float, float]:
    try:
        low, high = map(float, text.split(":")[1:])
    except ValueError:
        raise axes.MapError(_("map: {value} needs two numbers after its name").format(value=written(text))) from None
    return low, high


def _read_along(name: str) -> axes.Along:
    if name in _PATHS:
        return _PATHS[name]
    kind, *numbers = name.split(".")
    if not numbers and kind in _KINDS and kind != "towards":
        return axes.Direction(kind)
    if len(numbers) <= 4 and all(n.isascii() and n.isdigit() and len(n) < 10 for n in numbers):
        whole = tuple(map(int, numbers))
        if kind == "towards" and len(whole) == 1:
            return axes.Direction("towards", whole[0])
        if (kind, len(whole)) in (("w", 3), ("b", 2)):
            return ParameterRef(whole[0], "weight" if kind == "w" else "bias", whole[1:])
    raise axes.MapError(_("map: {value} is not a setting, weight or direction").format(value=written(name)))


def _read_limit(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not axes.SMALLEST <= value <= axes.LARGEST:
        words = _("map: {value} is not a loss from {least} to {most}")
        said = {"least": exact(axes.SMALLEST), "most": exact(axes.LARGEST)}
        raise axes.MapError(words.format(value=written(text), **said))
    return value


def along_label(along: axes.Along, config: Config, names: Mapping[int, str] | None = None) -> str:
    """Name what changes along an axis: Learning rate, Weight from x to h₃, Sharpest direction, Towards run 4.

    `config` is of the network whose weights are meant; a run whose number has no entry in `names` is called by it.
    """
    match along:
        case axes.Direction(kind="towards"):
            name = (names or {}).get(along.run_id, "")
            words = _("Towards {name}") if name else _("Towards run {number}")
            return words.format(name=name, number=along.run_id)
        case axes.Direction():
            return pgettext("direction", axes.DIRECTIONS[along.kind])
        case ParameterRef():
            hidden_layers = len(config.network.hidden)
            if along.layer > hidden_layers or (along.layer == hidden_layers and along.neuron > 0):
                return capitalised(str(along))  # of another network
            return parameter_name(along, hidden_layers, "x" if config.data.standardise == "none" else "x̃")
    return SETTINGS[along].label


def missing_text(along: axes.Along, config: Config) -> str:
    """Say that a network lacks what changes along an axis."""
    if along == axes.WIDTH:
        return _("This map needs a network with exactly one hidden layer.")
    # Translators: {name} is such as “weight from x to h₃”.
    words = _("This network has no {name}. With it, the map comes back.")
    return words.format(name=_within_a_sentence(along_label(along, config)))


def point_text(names: tuple[str, str], choice: axes.MapChoice, x: float, y: float, number: float | None) -> str:
    """Describe a point of a map, such as “learning rate 0.0123, initial scale 2.5: loss 0.03450”.

    Parameters
    ----------
    names
        Of both axes, from `along_label`.
    number
        NaN where there is none; None if it is not known yet.
    """
    said = {"x_name": _within_a_sentence(names[0]), "x": coordinate_text(choice.x, x)}
    said |= {"y_name": _within_a_sentence(names[1]), "y": coordinate_text(choice.y, y)}
    if number is None:
        return _("{x_name} {x}, {y_name} {y}").format(**said)
    found = colors.COLORS[choice.color].text(number, choice.limit)
    # Translators: such as “learning rate 0.0123, initial scale 2.5: loss 0.03450”.
    return _("{x_name} {x}, {y_name} {y}: {found}").format(**said, found=found)


def coordinate_text(axis: axes.Axis, value: float) -> str:
    """Write a coordinate with enough digits that typing it gives the same point."""
    return count_text(value) if axis.is_whole else in_full(value)


def _within_a_sentence(name: str) -> str:
    return name if len(name) < 2 or name[1].isupper() else within_sentence(name)


IN_PLANE = 1e-9  # rounding noise


def off_plane_texts(off: standpoint.OffPlane) -> Sequence[str]:
    """Say how far a run is from a plane, at the moment where it matters most; shorter texts follow."""
    if off.distance < IN_PLANE:
        return (_("The run has not left this plane."),)
    texts = (
        _(
            "The run's path is not in the picture: at step {step} it is {distance} away from this plane; its loss is "
            "{loss}, the plane's nearest {plane_loss}."
        ),
        _(
            "At step {step} the run is {distance} away from this plane; its loss is {loss}, the plane's nearest "
            "{plane_loss}."
        ),
        _("At step {step} the run is {distance} away from this plane."),
    )
    said = {"step": count_text(off.step), "distance": plain(off.distance, 2)}
    said |= {"loss": loss_text(off.loss), "plane_loss": loss_text(off.plane_loss)}
    return tuple(text.format(**said) for text in texts)
