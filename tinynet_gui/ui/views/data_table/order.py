"""In which order samples are listed."""

from typing import Any

import numpy as np
import numpy.typing as npt

Places = npt.NDArray[np.int64]


def sorted_places(values: npt.NDArray[Any], is_descending: bool) -> Places:
    """Return the places of values from the smallest on, or from the largest; equal ones stay in their order."""
    values = values.astype(np.float64)
    return np.argsort(-values if is_descending else values, kind="stable").astype(np.int64)
