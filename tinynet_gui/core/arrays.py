"""Array types, and helpers for them. Trained values, and what is computed from them, are float32."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]
AnyFloats = npt.NDArray[np.floating[Any]]  # of either size
Ints = npt.NDArray[np.int64]  # such as indices
Flags = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]
Stop = npt.NDArray[np.uint8]
"""One element. What takes it raises `StoppedError` soon after another thread has made it nonzero, or says what else."""

BLOCK = 1024


def as_python(value: Any) -> Any:
    """Return the numbers and arrays of NumPy, PyTorch or pandas as Python's; anything else as it is."""
    return value.tolist() if hasattr(value, "tolist") else value


def without_graph(values: Any) -> Any:
    """Return a PyTorch tensor's values as a NumPy array, though it requires a gradient; anything else as it is."""
    return values.numpy(force=True) if hasattr(values, "detach") else values


def owned(values: npt.ArrayLike) -> Array:
    """Return a read-only float32 copy that shares no memory with its source."""
    copy = np.array(values, dtype=np.float32, copy=True)
    copy.flags.writeable = False
    return copy


def as_table(columns: Mapping[str, npt.ArrayLike]) -> npt.NDArray[np.void]:
    """Return columns of equal length as a structured array, which pandas and polars take as it is."""
    arrays = {name: np.asarray(column) for name, column in columns.items()}
    table = np.empty(len(next(iter(arrays.values()))), [(name, array.dtype) for name, array in arrays.items()])
    for name, array in arrays.items():
        table[name] = array
    return table


def distinct(*arrays: npt.ArrayLike) -> npt.NDArray[Any]:
    """Return the distinct values in ascending order, without ``np.unique``, which takes 10 ms to load ``np.ma``."""
    ordered = np.sort(np.concatenate(arrays, axis=None))
    is_new = np.ones(len(ordered), dtype=bool)
    is_new[1:] = ordered[1:] != ordered[:-1]
    return ordered[is_new]


def largest(values: Array, limit: int) -> list[int]:
    """Return the indices of the `limit` largest absolute values, in ascending order; NaN counts as small."""
    if len(values) <= limit:
        return list(range(len(values)))
    size = np.abs(values)
    # At least `limit` values reach the limit-th largest of the blocks' maxima: of a million it leaves a few to sort.
    peaks = np.sort(np.nan_to_num(np.fmax.reduceat(size, np.arange(0, len(size), BLOCK)), nan=-1.0, posinf=np.inf))
    floor = peaks[-limit] if len(peaks) >= limit else -1.0
    candidates = np.flatnonzero(~(size < floor))
    order = np.argsort(-np.nan_to_num(size[candidates], nan=-1.0, posinf=np.inf), kind="stable")
    return [int(place) for place in np.sort(candidates[order[:limit]])]
