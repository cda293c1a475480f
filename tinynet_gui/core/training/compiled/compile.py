"""How functions are compiled: the flags, and which code is saved.

The flags let the compiler reorder and fuse arithmetic, which vectorising needs, but not assume that there is no NaN or
infinity: a divergence must be seen.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from textwrap import indent
from types import MappingProxyType
from typing import Any, TypeVar, cast

import numba
import numpy as np

from tinynet_gui.core.training.compiled.cache import save_code, saved_code

F = TypeVar("F", bound=Callable[..., Any])

FAST_MATH = ("reassoc", "contract", "arcp", "nsz")
# Python calls no function by numba: skipping the code for such calls makes compiling ten times faster.
_OPTIONS: dict[str, Any] = {
    **{"fastmath": set(FAST_MATH), "error_model": "numpy"},
    **{"no_cpython_wrapper": True, "no_cfunc_wrapper": True},
}


def compiled(function: F) -> F:
    """Compile a helper, to be called by compiled functions only."""
    return cast(F, numba.njit(**_OPTIONS)(function))


def inlined(function: F) -> F:
    """Compile a helper that LLVM inlines at each call, so that its values stay in registers."""
    return cast(F, numba.njit(**_OPTIONS, forceinline=True)(function))


def spliced(function: F) -> F:
    """Inline a helper in numba's own representation before compiling: faster for many small ones."""
    return cast(F, numba.njit(**_OPTIONS, inline="always")(function))


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


def entry_point(signature: Any) -> Callable[[F], F]:
    """Compile a function for one signature, unless its code is saved, and save that for `cache.load_part`."""

    def compile_and_save(function: F) -> F:
        part = function.__module__.rpartition(".")[2]
        if saved_code(part) is None:
            ((types, result),) = numba.njit(signature, **_OPTIONS)(function).overloads.items()
            code = result.library.serialize_using_object_code()[2][0]
            save_code(part, result.fndesc.llvm_func_name, [*_kinds(types)], code)
        return function

    return compile_and_save


def _kinds(types: Iterable[Any]) -> Iterator[tuple[str, int]]:
    """Flatten the types of arguments as numba passes them: the name of each array's or number's, and its dimensions."""
    for each in types:
        if isinstance(each, numba.types.BaseTuple):
            yield from _kinds(each)
        else:
            yield str(getattr(each, "dtype", each)), getattr(each, "ndim", 0)


def int64(value: int) -> int:
    """Type a constant for compiled functions, which numba compiles again for each literal."""
    return cast(int, np.int64(value))
