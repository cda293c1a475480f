"""Which pictures of a map lie over each other, and which of their points is where; no Qt."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tinynet_gui.core.config.active_settings import differing_paths
from tinynet_gui.core.maps.axes import Along, Axis, limits
from tinynet_gui.core.maps.choice import MapChoice
from tinynet_gui.core.maps.outcome_map import OutcomeMap, nearest
from tinynet_gui.core.maps.standpoint import is_same_map
from tinynet_gui.core.values import dataclass
from tinynet_gui.ui.widgets.plots.range_dialog import Range


class Point(NamedTuple):
    """A point of a map, and its number: NaN if it has none, None if that is not known yet."""

    x: float
    y: float
    number: float | None


@dataclass(frozen=True)
class Stack:
    """The newest picture, and an earlier one of the same map that shows what the newest does not yet."""

    newest: OutcomeMap | None = None
    older: OutcomeMap | None = None

    def with_picture(self, picture: OutcomeMap | None) -> "Stack":
        """Return the stack with another picture on it; the older one is left out as soon as it shows no more."""
        before = [other for other in (self.newest, self.older) if other is not None]
        before = [other for other in before if picture is None or other.x is not picture.x]  # less of the same one
        if picture is None or picture.spacing == 1 or not all(is_of_same_map(other, picture) for other in before):
            return Stack(picture)
        finer = [
            other
            for other in before
            if _overlap(other, picture) and (not picture.is_whole or cell_area(other) < cell_area(picture))
        ]
        return Stack(picture, min(finer, key=cell_area, default=None))

    @property
    def upwards(self) -> Sequence[OutcomeMap]:
        """The pictures, the topmost last: the finer one."""
        pictures = [picture for picture in (self.newest, self.older) if picture is not None]
        return sorted(pictures, key=cell_area, reverse=True)

    def point_at(self, x: float, y: float) -> Point | None:
        """Return the point whose colour is seen at a place of the axes, or None if there is no picture."""
        found = [_point_of(picture, x, y) for picture in reversed(self.upwards)]
        points = [point for point in found if point is not None]
        return next((point for point in points if point.number is not None), points[0] if points else None)


def is_of_same_map(one: OutcomeMap, other: OutcomeMap) -> bool:
    """Whether two pictures show the same numbers over the same quantities, from the same moment."""
    return is_of_same_kind(one, other) and is_same_map(one.plane.here, other.plane.here, *one.plane.axes)


def is_of_same_kind(one: OutcomeMap, other: OutcomeMap) -> bool:
    """Whether two pictures show the same quantities with the same settings, even from different moments of a run."""
    alike = (one.color, one.limit, *_alongs(one)) == (other.color, other.limit, *_alongs(other))
    differing = differing_paths(one.plane.here.config, other.plane.here.config)
    return alike and all(path in _alongs(one) for path in differing)


def is_blank(picture: OutcomeMap) -> bool:
    """Whether nothing is known of it yet."""
    return not picture.is_whole and picture.finer_rows == 0


def _alongs(picture: OutcomeMap) -> tuple[object, object]:
    x, y = picture.plane.axes
    return x.along, y.along


def alongs_of(choice: MapChoice) -> tuple[Along, Along]:
    """Return what changes along both axes."""
    return choice.x.along, choice.y.along


def place_of(axis: Axis, value: float) -> float:
    """Return the place of a value on an axis; 0 has none on a logarithmic one."""
    return float(axis.scaled(value)) if value > 0 or not axis.is_log else -np.inf


def axis_ends(axis: Axis) -> Range:
    """Return the ends of an axis, as places."""
    return Range(place_of(axis, axis.low), place_of(axis, axis.high))


def allowed_ends(axis: Axis) -> Range:
    """Return the ends, as places, beyond which an axis may not go."""
    low, high = limits(axis.along)
    return Range(place_of(axis, low), place_of(axis, high))


def ends_of(picture: OutcomeMap) -> tuple[Range, Range]:
    """Return the ends of a picture, as places on both axes."""
    x, y = map(axis_ends, picture.plane.axes)
    return x, y


def cell_area(picture: OutcomeMap) -> float:
    """Return the area, in units of the axes, that one known point stands for."""
    (left, right), (bottom, top) = ends_of(picture)
    pixels = len(picture.x_places) * len(picture.y_places)
    spacing = picture.spacing if picture.is_whole else picture.spacing // 2  # of the rows that are known
    return (right - left) * (top - bottom) / pixels * spacing**2


def _overlap(one: OutcomeMap, other: OutcomeMap) -> bool:
    pairs = zip(ends_of(one), ends_of(other), strict=True)
    return all(a.low < b.high and b.low < a.high for a, b in pairs)


def _point_of(picture: OutcomeMap, x: float, y: float) -> Point | None:
    """Return the known point that is drawn at a place of the axes, or None beside the picture."""
    places, indices = (picture.x_places, picture.y_places), []
    for axis, (at, ends) in enumerate(zip((x, y), ends_of(picture), strict=True)):
        pixel = int((at - ends.low) / (ends.high - ends.low) * len(places[axis]) // 1)
        if not 0 <= pixel < len(places[axis]):
            return None
        indices.append(int(places[axis][pixel]))
    column, row = indices
    rows, spacing = len(picture.y), picture.spacing
    if row < picture.finer_rows:
        rows, spacing = picture.finer_rows, spacing // 2
    row, column = _nearest(row, rows, spacing), _nearest(column, len(picture.x), spacing)
    number = float(picture.numbers[row, column])
    is_known = picture.is_whole or row < picture.finer_rows
    return Point(float(picture.x[column]), float(picture.y[row]), number if is_known else None)


def _nearest(place: int, count: int, spacing: int) -> int:
    """Return the index of the nearest known one of `count` values."""
    return int(nearest(np.array(place), count, spacing)) * spacing
