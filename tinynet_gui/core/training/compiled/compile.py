"""How functions are compiled: the flags, and a cache on disk.

The flags allow the compiler to reorder and fuse arithmetic, which vectorising needs, but not to
assume that there is no NaN and no infinity: a diverging run must be seen.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numba.extending
import numpy as np
from numba.core import config as numba_config

from tinynet_gui.core.training.compiled.cache import prepare_cache_directory

F = TypeVar("F", bound=Callable[..., Any])

FAST_MATH = ("reassoc", "contract", "arcp", "nsz")

numba_config.CACHE_DIR = str(prepare_cache_directory())


def compiled(function: F) -> F:
    """Compile a helper into the functions that call it."""
    return cast(F, numba.njit(fastmath=set(FAST_MATH), nogil=True, error_model="numpy")(function))


def inlined(function: F) -> F:
    """Compile a helper so that its body takes the place of each call, and its values stay in registers."""
    return cast(F, numba.njit(fastmath=set(FAST_MATH), nogil=True, error_model="numpy", forceinline=True)(function))


def entry_point(signature: str) -> Callable[[F], F]:
    """Compile a function for one signature at once, or load it from the cache; it releases the GIL."""
    decorator = numba.njit(signature, fastmath=set(FAST_MATH), nogil=True, error_model="numpy", cache=True)
    return cast(Callable[[F], F], decorator)


def shared(function: F) -> F:
    """Leave a function as it is for Python, and compile it where compiled functions call it."""
    return cast(F, numba.extending.register_jitable(function))


def int64(value: int) -> int:
    """Return a constant to call compiled functions with: for each bare number numba compiles them anew."""
    return cast(int, np.int64(value))
