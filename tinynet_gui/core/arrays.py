"""The one kind of array in this program: float32."""

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]


def owned(values: npt.ArrayLike) -> Array:
    """Return a read-only float32 copy that shares no memory with its source."""
    copy = np.array(values, dtype=np.float32, copy=True)
    copy.flags.writeable = False
    return copy


def largest(values: Array, limit: int) -> list[int]:
    """Return the places of the `limit` largest values by size, in the order in which they stand; NaN is small."""
    if len(values) <= limit:
        return list(range(len(values)))
    size = np.nan_to_num(np.abs(values), nan=-1.0, posinf=np.inf)
    least = np.partition(size, -limit)[-limit]  # of a million weights it leaves a few to sort
    candidates = np.flatnonzero(size >= least)
    chosen = candidates[np.argsort(-size[candidates], kind="stable")[:limit]]
    return [int(place) for place in np.sort(chosen)]
