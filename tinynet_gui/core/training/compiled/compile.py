"""How functions are compiled: the flags, and numba's cache on disk.

The flags let the compiler reorder and fuse arithmetic, which vectorising needs, but not assume that there is no NaN or
infinity: a divergence must be seen.
"""

import pickle
import re
from collections.abc import Callable, Mapping, Sequence
from textwrap import indent
from types import MappingProxyType
from typing import Any, TypeVar, cast

import numba
import numba.extending
import numpy as np
from numba.core import caching

from tinynet_gui.core.training.compiled.cache import prepare_cache_directory, sources_digest

F = TypeVar("F", bound=Callable[..., Any])

FAST_MATH = ("reassoc", "contract", "arcp", "nsz")
_OPTIONS: dict[str, Any] = {"fastmath": set(FAST_MATH), "nogil": True, "error_model": "numpy"}
# Python and C never call a helper: skipping the code for such calls makes compiling ten times faster.
_HELPER: dict[str, Any] = {**_OPTIONS, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}

DIRECTORY = prepare_cache_directory()


class _Locator(caching._CacheLocator):  # type: ignore[misc]  # numba has no public one
    """Locates numba's cache for this package by the content of all sources.

    numba's own locators go by a file's path and, up to 0.61, its time, or by the executable of a bundled program; and
    they do not load from a directory that is not writable.
    """

    def __init__(self, function: Callable[..., Any], file: str) -> None:
        self._py_file = file  # numba's warnings name it
        self._part = function.__module__.rpartition(".")[2]

    @classmethod
    def from_function(cls, py_func: Callable[..., Any], py_file: str) -> "_Locator | None":
        return cls(py_func, py_file) if py_func.__module__.startswith(f"{__package__}.") else None

    def get_cache_path(self) -> str:
        return str(DIRECTORY)

    def get_source_stamp(self) -> str:
        return sources_digest(self._part)

    def get_disambiguator(self) -> str:
        return ""  # function names are unique within a part


caching.CacheImpl._locator_classes.insert(0, _Locator)


def compiled(function: F) -> F:
    """Compile a helper, to be called by compiled functions only."""
    return cast(F, numba.njit(**_HELPER)(function))


def inlined(function: F) -> F:
    """Compile a helper that LLVM inlines at each call, so that its values stay in registers."""
    return cast(F, numba.njit(**_HELPER, forceinline=True)(function))


def spliced(function: F) -> F:
    """Inline a helper in numba's own representation before compiling: faster for many small ones."""
    return cast(F, numba.njit(**_HELPER, inline="always")(function))


def by_code(
    header: str,
    lines: str | Sequence[str],
    functions: Sequence[Mapping[str, Any]],
    others: Mapping[str, Any] = MappingProxyType({}),
) -> Callable[..., Any]:
    """Return a function that does the same with different functions for each value of its argument `code`.

    numba compiles no tables of functions, so the source has one branch for each code, counted from 0.

    Parameters
    ----------
    header
        Its name and arguments.
    lines
        The body, as source; one for each code if they differ.
    functions
        For each code the functions that the lines call, by name.
    others
        Other names that they use.
    """
    source, names = [f"def {header}:"], {"__name__": __name__, **others}
    for code, own in enumerate(functions):
        text = lines if isinstance(lines, str) else lines[code]
        for name, function in own.items():
            text = re.sub(rf"\b{name}\b", f"{name}_{code}", text)
            names[f"{name}_{code}"] = function
        is_last = code == len(functions) - 1
        source += [indent(text, "    ") if is_last else f"    if code == {code}:\n{indent(text, '        ')}"]
    exec("\n".join(source), names)
    return cast(Callable[..., Any], names[header.partition("(")[0]])


def entry_point(signature: str) -> Callable[[F], F]:
    """Compile a function at once for one signature, or load it from the cache; it releases the GIL."""
    decorator = numba.njit(signature, **_OPTIONS, cache=True)

    def compile_or_load(function: F) -> F:
        try:
            return cast(F, decorator(function))
        except (ImportError, AttributeError, EOFError, pickle.UnpicklingError):
            # The index, copied from the cache of other sources, names a module or a class that is no longer there.
            for index in DIRECTORY.glob(f"*.{function.__name__}-*.nbi"):
                index.unlink(missing_ok=True)
            return cast(F, decorator(function))

    return compile_or_load


def shared(function: F) -> F:
    """Keep a function as it is for Python, and compile it for compiled callers."""
    return cast(F, numba.extending.register_jitable(function))


def int64(value: int) -> int:
    """Type a constant for compiled functions, which numba compiles again for each literal."""
    return cast(int, np.int64(value))
