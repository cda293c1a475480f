"""Medians and quartiles by the usual definition, also where some values are infinite."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from tinynet_gui.core.numerics.arrays import Floats


def quantiles(values: npt.ArrayLike, shares: Sequence[float]) -> Floats:
    """Return the quantiles of `values` over the first axis, as numpy's default has them: linear between neighbours.

    numpy's own gives NaN between two infinite values, and between a finite and an infinite one.
    """
    ordered = np.sort(np.asarray(values, dtype=np.float64), axis=0)
    rows = []
    for share in shares:
        place = share * (len(ordered) - 1)
        low, high = ordered[int(place)], ordered[int(np.ceil(place))]
        part = place - int(place)
        with np.errstate(invalid="ignore"):
            rows.append(np.where((low == high) | (part == 0), low, low + part * (high - low)))
    return np.stack(rows)
