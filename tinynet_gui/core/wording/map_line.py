"""A map as a short text, for a setting's line and for sessions: ``lr:0.001:1/scale:0.1:10/end``."""

import math
from typing import get_args

from tinynet_gui.core.maps.axes import (
    LARGEST,
    SMALLEST,
    VARIED,
    Along,
    Axis,
    Direction,
    DirectionKind,
    MapError,
    are_told_apart,
)
from tinynet_gui.core.maps.choice import USUAL_LIMIT, MapChoice
from tinynet_gui.core.maps.colors import COLORS, Color
from tinynet_gui.core.network.refs import ParameterRef
from tinynet_gui.core.text.numbers import exact
from tinynet_gui.core.text.shortened import written
from tinynet_gui.core.wording.setting_line import NAMES

MOST_CHARACTERS = 300
COLORS_BETWEEN = "colors"
BRIGHTEST = 1e38  # that a scale of colours may end at: about float32's largest
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
    if choice.from_start:
        parts.append("start")
    if choice.has_contours:
        parts.append("contours")
    return "/".join(parts)


def read_map(text: str) -> MapChoice:
    """Read what `map_text` writes.

    `MapError` if it is none; the message names the part, and what is allowed.
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
            limit = _read_limit(value)
        elif name == COLORS_BETWEEN:
            ends = _read_color_ends(part, COLORS[color])
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
    along, ends = _read_along(text.partition(":")[0]), _read_ends(text)
    try:
        return Axis(along, *ends)
    except MapError as error:
        raise MapError(f"map: {error}") from None


def _read_color_ends(text: str, color: Color) -> tuple[float, float]:
    low, high = _read_ends(text)
    least = max(color.least, -BRIGHTEST)
    if not (least <= low < high <= BRIGHTEST and are_told_apart(low, high)):
        allowed = f"the lower number first, both from {exact(least)} to {exact(BRIGHTEST)}"
        raise MapError(f"map: colors from {exact(low)} to {exact(high)} is not allowed: {allowed}")
    return low, high


def _read_ends(text: str) -> tuple[float, float]:
    try:
        low, high = map(float, text.split(":")[1:])
    except ValueError:
        raise MapError(f"map: {written(text)} needs two numbers after its name") from None
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
    raise MapError(f"map: {written(name)} is not a setting, weight or direction")


def _read_limit(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not SMALLEST <= value <= LARGEST:
        raise MapError(f"map: {written(text)} is not a loss from {exact(SMALLEST)} to {exact(LARGEST)}")
    return value
