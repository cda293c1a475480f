"""A map as a short text, for a setting's line and for sessions: ``lr:0.001:1/scale:0.1:10/end``."""

import math
from typing import get_args

from tinynet_gui.core.maps.axes import LOGARITHMIC, VARIED, Along, Axis, Direction, DirectionKind, MapError
from tinynet_gui.core.maps.choice import USUAL_LIMIT, MapChoice
from tinynet_gui.core.maps.colors import COLORS
from tinynet_gui.core.network.refs import ParameterRef
from tinynet_gui.core.text.numbers import exact
from tinynet_gui.core.text.shortened import written
from tinynet_gui.core.wording.setting_line import NAMES

MOST_CHARACTERS = 200
COLORS_BETWEEN = "colors"
_PATHS = {NAMES[path]: path for path in VARIED}
_KINDS: tuple[DirectionKind, ...] = get_args(DirectionKind)


def map_text(choice: MapChoice) -> str:
    """Write a map in a few characters."""
    parts = [f"{_along_text(a.along)}:{exact(a.low)}:{exact(a.high)}" for a in (choice.x, choice.y)]
    parts.append(choice.color)
    if choice.limit != USUAL_LIMIT:
        parts.append(f"below:{exact(choice.limit)}")
    if choice.ends is not None:
        parts.append(f"{COLORS_BETWEEN}:{exact(choice.ends[0])}:{exact(choice.ends[1])}")
    parts += ["start"] * choice.from_start + ["contours"] * choice.has_contours
    return "/".join(parts)


def read_map(text: str) -> MapChoice:
    """Read what `map_text` writes.

    Raises
    ------
    MapError
        If it is none; the message names the part, and what is allowed.
    """
    if len(text) > MOST_CHARACTERS:
        raise MapError(f"map: {len(text):,} characters are not allowed: at most {MOST_CHARACTERS}")
    x, y, color, *others = [*text.split("/"), "", ""]
    if color not in COLORS:
        raise MapError(f"map: {written(color)} is not one of {', '.join(COLORS)}")
    limit, from_start, has_contours, ends = USUAL_LIMIT, False, False, None
    for part in filter(None, others):
        name, _, value = part.partition(":")
        if name == "below":
            limit = _positive(value)
        elif name == COLORS_BETWEEN:
            ends = _read_ends(part, is_log=COLORS[color].is_log)
        elif part == "start":
            from_start = True
        elif part == "contours":
            has_contours = True
        else:
            raise MapError(f"map: {written(part)} is not one of below, {COLORS_BETWEEN}, start, contours")
    return MapChoice(_read_axis(x), _read_axis(y), color, limit, from_start, has_contours, ends)


def _along_text(along: Along) -> str:
    match along:
        case ParameterRef():
            return ".".join(map(str, (along.symbol, along.layer, *along.index)))
        case Direction():
            return f"{along.kind}.{along.run_id}" if along.kind == "towards" else along.kind
    return NAMES[along]


def _read_axis(text: str) -> Axis:
    along = _read_along(text.partition(":")[0])
    return Axis(along, *_read_ends(text, is_log=along in LOGARITHMIC))


def _read_ends(text: str, *, is_log: bool) -> tuple[float, float]:
    name, *ends = text.split(":")
    try:
        low, high = map(float, ends)
    except ValueError:
        raise MapError(f"map: {written(text)} has not two numbers behind its name") from None
    if not (math.isfinite(low) and math.isfinite(high) and low < high and (low > 0 or not is_log)):
        raise MapError(f"map: from {low:g} to {high:g} is not allowed for {name}")
    return low, high


def _read_along(name: str) -> Along:
    if name in _PATHS:
        return _PATHS[name]
    kind, *numbers = name.split(".")
    if not numbers and kind in _KINDS and kind != "towards":
        return Direction(kind)
    if len(numbers) <= 4 and all(n.isascii() and n.isdigit() and len(n) < 10 for n in numbers):
        whole = tuple(map(int, numbers))
        if kind == "towards" and len(whole) == 1:
            return Direction("towards", whole[0])
        if (kind, len(whole)) in (("w", 3), ("b", 2)):
            return ParameterRef(whole[0], "weight" if kind == "w" else "bias", whole[1:])
    raise MapError(f"map: {written(name)} is no setting, weight or direction")


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise MapError(f"map: {written(text)} is not a loss above 0")
    return value
