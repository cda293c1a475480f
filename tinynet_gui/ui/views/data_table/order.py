"""The order of listed samples."""

from typing import Any

import numpy as np
import numpy.typing as npt

from tinynet_gui.core.numerics.arrays import Ints


def sorted_places(values: npt.NDArray[Any], is_descending: bool) -> Ints:
    """Return the indices of values in ascending or descending order; equal ones keep their order."""
    values = values.astype(np.float64)
    return np.argsort(-values if is_descending else values, kind="stable").astype(np.int64)
