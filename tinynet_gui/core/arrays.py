"""The one kind of array in this program: float32."""

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]


def owned(values: npt.ArrayLike) -> Array:
    """Return a read-only float32 copy that shares no memory with its source."""
    copy = np.array(values, dtype=np.float32, copy=True)
    copy.flags.writeable = False
    return copy
