"""The processor: how many cores, and its capabilities, on which the last bits of a result may depend."""

import os
import platform
from functools import cache

import numpy as np

CHOSEN_PROCESSOR = ("NUMBA_CPU_NAME", "NUMBA_CPU_FEATURES")  # what numba compiles for, instead of this processor
X86_64_V3 = ({"X86_V3"}, {"AVX2", "FMA3"})  # as NumPy 2.4 says it, and earlier ones


def core_count() -> int:
    """Return how many cores this process may use: on a shared machine it is often given fewer than there are."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def instruction_sets() -> tuple[str, ...]:
    """Return NumPy's names for the processor's instruction sets, the widest last."""
    known = np.show_config(mode="dicts")["SIMD Extensions"]
    return (*known.get("baseline", ()), *known.get("found", ()))


def choose_baseline() -> None:
    """Have numba compile for all processors of this kind that are not too old, unless this one is, or one is chosen.

    Code that was compiled on one of them then runs on the others: x86-64-v3 has AVX2 and FMA.
    """
    if os.environ.keys() & {*CHOSEN_PROCESSOR}:
        return
    if platform.machine().lower() not in ("x86_64", "amd64"):
        os.environ |= dict(zip(CHOSEN_PROCESSOR, ("generic", ""), strict=True))
    elif any(names <= {*instruction_sets()} for names in X86_64_V3):
        os.environ |= dict(zip(CHOSEN_PROCESSOR, ("x86-64-v3", ""), strict=True))
