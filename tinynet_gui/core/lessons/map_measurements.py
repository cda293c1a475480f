"""What lessons read from the current map, and its rows of dots in their text."""

import math
import re
from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any
from urllib.parse import quote, unquote

import numpy as np

from tinynet_gui.core.maps.axes import WIDTH, MapChoice, MapError
from tinynet_gui.core.maps.colors import COLORS
from tinynet_gui.core.maps.networks import is_quick, numbers_at
from tinynet_gui.core.maps.standpoint import Plane, Standpoint
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.values import Flags, Floats, frozen_dataclass

MAP_ROW, DOTS = "map_row", "dots:"
MAX_DOTS = 1_000
_PICTURE = re.compile(rf"(!\[[^\[\]]*\]\(){MAP_ROW}:([^()\s]*)\)")


@frozen_dataclass
class Dots:
    """The numbers along a row of the map, from its left end to its right; infinite where training diverges.

    `across` and `upwards` name the horizontal and the vertical axis.
    """

    low: float
    high: float
    numbers: Sequence[float]
    across: str = ""
    upwards: str = ""


def row_y(name: str) -> float | None:
    """Return the y of a row from the name of its picture; None for another picture. ValueError if it is malformed."""
    kind, _, height = name.partition(":")
    return float(height) if kind == MAP_ROW else None


def with_dots(text: str, scope: Any) -> str:
    """Return a text with the numbers of its rows filled in.

    A row ``![words](map_row:1)``, at 1 on the axis upwards, becomes a picture named by the axes, both ends and the
    numbers: ``![words](dots:Learning%20rate:loss:0.001:3:9.1,0.2,inf)``.
    """

    def filled(match: re.Match[str]) -> str:
        dots: Dots = scope[MAP_ROW](float(match[2]))
        numbers = ",".join(f"{number:.3g}" for number in dots.numbers)
        return f"{match[1]}{DOTS}{quote(dots.across)}:{quote(dots.upwards)}:{dots.low:g}:{dots.high:g}:{numbers})"

    return _PICTURE.sub(filled, text)


def read_dots(name: str) -> Dots | None:
    """Return the dots encoded in a picture's name; None for any other."""
    try:
        *axes, low, high, numbers = name.removeprefix(DOTS).split(":")
        across, upwards = map(unquote, axes or ("", ""))
        dots = Dots(float(low), float(high), [float(number) for number in numbers.split(",")], across, upwards)
    except ValueError:
        return None
    is_row = name.startswith(DOTS) and -math.inf < dots.low < dots.high < math.inf and len(dots.numbers) <= MAX_DOTS
    return dots if is_row else None


ROW, FINER_ROW = 256, 4096  # points from the left end to the right one
AT_ONCE = 16  # points: the compiled loop takes as long for one
MAX_WORK = 10**9  # steps times neurons times samples of a reading: some 50 ms, as the window waits for it


def map_measurements(choice: MapChoice, snapshot: Snapshot) -> dict[str, float | Callable[..., float]]:
    """Return the measurements of a map through a moment, by name."""
    x, y = choice.x, choice.y
    return {
        "map_low": x.low,
        "map_high": x.high,
        "map_bottom": y.low,
        "map_top": y.high,
        "map_at": cache(partial(number_on_map, choice, snapshot)),  # each place is trained once
        "map_edge": cache(partial(edge_on_map, choice, snapshot)),
        "map_turns": cache(partial(turns_on_map, choice, snapshot)),
        "map_finer_turns": cache(partial(turns_on_map, choice, snapshot, points=FINER_ROW)),
    }


def number_on_map(choice: MapChoice, snapshot: Snapshot, x: float, y: float) -> float:
    """Return the number that a map shows at a point; NaN if there is none, or computing it takes long."""
    plane = _plane(choice, snapshot, 1)
    return math.nan if plane is None else float(_numbers(choice, plane, np.array([x]), y)[0])


def edge_on_map(choice: MapChoice, snapshot: Snapshot, y: float) -> float:
    """Return the lowest of `ROW` x along a map at which training diverges at this y; NaN if there is none."""
    x, _numbers, diverges = _row(choice, snapshot, y, ROW)
    return float(x[np.argmax(diverges)]) if diverges.any() else math.nan


def dots_on_map(choice: MapChoice, snapshot: Snapshot, y: float) -> Dots:
    """Return a row of a map at this y, infinite where training diverges; empty if computing it takes long."""
    _x, numbers, diverges = _row(choice, snapshot, y, ROW)
    shown = np.where(diverges, np.inf, numbers).tolist()
    return Dots(choice.x.low, choice.x.high, shown, choice.x.name, COLORS[choice.color].title(choice.limit))


def turns_on_map(choice: MapChoice, snapshot: Snapshot, y: float, points: int = ROW) -> float:
    """Return how often training changes between converging and diverging along these points of a map, at this y."""
    x, _numbers, diverges = _row(choice, snapshot, y, points)
    return float(np.count_nonzero(diverges[1:] != diverges[:-1])) if len(x) else math.nan


def _row(choice: MapChoice, snapshot: Snapshot, y: float, points: int) -> tuple[Floats, Floats, Flags]:
    """Return the x of a row, its numbers, and where training diverges; empty if computing it takes long."""
    plane = _plane(choice, snapshot, points)
    if plane is None:
        return np.empty(0), np.empty(0), np.empty(0, bool)
    x, _ = choice.x.grid(points)
    numbers = _numbers(choice, plane, x, y)
    return x, numbers, ~np.isnan(numbers) if COLORS[choice.color].shows_diverged else np.isinf(numbers)


def _is_quick(plane: Plane, choice: MapChoice, points: int) -> bool:
    """Whether this many points of a map can be computed without blocking the window."""
    color, config = COLORS[choice.color], plane.here.config
    if not is_quick(plane, color) or not color.is_trained:
        return is_quick(plane, color)
    highest = {axis.along: axis.high for axis in plane.axes}
    steps = max(config.training.stop_step, highest.get("training.stop_step", 0))
    neurons = max(config.network.hidden[0], highest.get(WIDTH, 0))
    samples = max(len(plane.here.dataset.x_train), highest.get("data.sample_count", 0))
    return max(points, AT_ONCE) * steps * neurons * samples <= MAX_WORK


def _plane(choice: MapChoice, snapshot: Snapshot, points: int) -> Plane | None:
    """Return the plane of the axes at a moment; None if they need more than it, or this many points take long.

    A map along a run, towards another, or through the run's start needs the states of runs.
    """
    try:
        plane = Plane(Standpoint(snapshot.config, snapshot.dataset, snapshot.state), choice.x, choice.y)
    except MapError:
        return None
    needs_run = choice.from_start and not plane.is_of_settings and snapshot.step
    return plane if not needs_run and _is_quick(plane, choice, points) else None


def _numbers(choice: MapChoice, plane: Plane, x: Floats, y: float) -> Floats:
    """Train at some x with the compiled loop, and return the numbers."""
    return numbers_at(plane, x, np.full(len(x), y), COLORS[choice.color], choice.limit, np.zeros(1, np.uint8))
