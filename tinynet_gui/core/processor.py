"""The processor's capabilities, on which the last bits of a result may depend."""

from functools import cache

import numpy as np


@cache
def instruction_sets() -> tuple[str, ...]:
    """Return NumPy's names for the processor's instruction sets, the widest last."""
    known = np.show_config(mode="dicts")["SIMD Extensions"]
    return (*known.get("baseline", ()), *known.get("found", ()))
