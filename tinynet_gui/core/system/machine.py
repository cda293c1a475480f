"""The machine: its processor, on which the last bits of a result may depend, its memory, and our folders on it."""

import ctypes
import os
import platform
import sys
from functools import cache
from pathlib import Path

import numpy as np

CHOSEN_PROCESSOR = ("NUMBA_CPU_NAME", "NUMBA_CPU_FEATURES")  # what numba compiles for, instead of this processor
X86_64_V3 = ({"X86_V3"}, {"AVX2", "FMA3"})  # as NumPy 2.4 says it, and earlier ones


def core_count() -> int:
    """Return how many cores this process may use: on a shared machine often fewer than there are."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def instruction_sets() -> tuple[str, ...]:
    """Return NumPy's names for the processor's instruction sets, the widest last."""
    known = np.show_config(mode="dicts")["SIMD Extensions"]
    return (*known.get("baseline", ()), *known.get("found", ()))


def choose_baseline() -> None:
    """Have numba compile for a portable baseline, so that its cache works on other machines.

    On x86 that is x86-64-v3 (AVX2, FMA), unless this processor is older. A target that the user has chosen stays.
    """
    if os.environ.keys() & {*CHOSEN_PROCESSOR}:
        return
    if platform.machine().lower() not in ("x86_64", "amd64"):
        os.environ |= dict(zip(CHOSEN_PROCESSOR, ("generic", ""), strict=True))
    elif any(names <= {*instruction_sets()} for names in X86_64_V3):
        os.environ |= dict(zip(CHOSEN_PROCESSOR, ("x86-64-v3", ""), strict=True))


def give_memory_back() -> None:
    """Return freed memory to the system: after a large job, glibc keeps tens of MB. Only on Linux."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # other C libraries have none
        if trim is not None:
            trim(0)


_PACKAGE = Path(__file__).parents[2]


def resource_path(name: str) -> Path:
    """Return the path of a file in ``resources/``, such as ``icons/play.svg``.

    `FileNotFoundError` if there is none.
    """
    for root in (_PACKAGE / "resources", _PACKAGE.parent / "resources"):
        if (root / name).is_file():
            return root / name
    raise FileNotFoundError(f"resource {name} is missing from the installation of tinynet_gui")


HOME = "TINYNET_HOME"


def users_home() -> Path | None:
    """Return the folder for settings, sessions and compiled code; None: use the system's locations."""
    named = os.environ.get(HOME)
    return Path(named) if named else None
