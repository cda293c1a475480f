"""Memory that is free in this process, for others."""

import ctypes
import sys


def give_memory_back() -> None:
    """Return freed memory to the system: of a large job, glibc keeps tens of MB for the next. Only on Linux."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # other C libraries have none
        if trim is not None:
            trim(0)
