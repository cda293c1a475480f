"""In which order samples are listed, and how the order goes on when some come or go."""

from typing import Any

import numpy as np
import numpy.typing as npt

from tinynet_gui.core.data.points import Points

Places = npt.NDArray[np.int64]


def sorted_places(values: npt.NDArray[Any], is_descending: bool) -> Places:
    """Return the places of values from the smallest on, or from the largest; equal ones stay in their order."""
    values = values.astype(np.float64)
    return np.argsort(-values if is_descending else values, kind="stable").astype(np.int64)


def order_after(order: Places, old: Points, new: Points) -> Places | None:
    """Return the order of the samples when some have come, which are the last then, or gone; else None."""
    if len(new) >= len(old):
        stayed = places_within(old, new)
        return None if stayed is None else np.concatenate([stayed[order], np.delete(np.arange(len(new)), stayed)])
    stayed = places_within(new, old)
    if stayed is None:
        return None
    renumbered = np.full(len(old), -1)
    renumbered[stayed] = np.arange(len(new))
    return renumbered[order][renumbered[order] >= 0]


def places_within(few: Points, many: Points) -> Places | None:
    """Return which of many samples the few are, in their order; None if they are not all among them."""
    head = _alike(few, many, slice(None, len(few)), slice(None, len(few)))
    tail = _alike(few, many, slice(None, None, -1), slice(None, -len(few) - 1, -1))
    if head + tail >= len(few):  # the others stand together, as is usual
        return np.concatenate([np.arange(head), np.arange(head, len(few)) + len(many) - len(few)])
    rows = _rows(many)
    found: list[int] = []
    place = 0
    for row in _rows(few):
        while place < len(rows) and rows[place] != row:
            place += 1
        if place == len(rows):
            return None
        found.append(place)
        place += 1
    return np.array(found, dtype=np.int64)


def _alike(few: Points, many: Points, ours: slice, theirs: slice) -> int:
    """How many of the first samples of two parts are the same."""
    same = (few.x[ours] == many.x[theirs]) & (few.y[ours] == many.y[theirs])
    differing = np.flatnonzero(~(same & (few.held_out[ours] == many.held_out[theirs])))
    return int(differing[0]) if len(differing) else len(few)


def _rows(points: Points) -> list[tuple[float, float, bool]]:
    return list(zip(points.x.tolist(), points.y.tolist(), points.held_out.tolist(), strict=True))
