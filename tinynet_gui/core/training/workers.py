"""Parallel trainings: in threads on this machine's cores, or through the caller's own `map`."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from tinynet_gui.core.config import ConfigError
from tinynet_gui.core.system.background import go_last
from tinynet_gui.core.system.machine import core_count
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.shortened import written

T = TypeVar("T")
R = TypeVar("R")
Workers = int | Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]

ALL_CORES = -1


def map_with(workers: Workers, function: Callable[[T], R], items: Sequence[T]) -> Iterator[R]:
    """Yield ``function(item)`` for each item, in order, several in parallel.

    Parameters
    ----------
    workers
        As in SciPy. A number of cores, -1 for all: threads of this process (compiled code releases the GIL). Or a
        callable ``workers(function, items)`` that returns the results in order, such as the ``map`` of a
        `ProcessPoolExecutor`, of an `MPIPoolExecutor` or of Dask's ``client.get_executor()``; it pickles both.

    Raises
    ------
    ConfigError
        If it is neither.
    """
    if callable(workers):
        yield from workers(function, items)
    elif (count := min(cores_of(workers), len(items))) < 2:
        yield from map(function, items)
    else:
        with ThreadPoolExecutor(count, initializer=go_last) as pool:
            yield from pool.map(function, items)


def threaded_map(workers: Workers) -> tuple[Callable[[Callable[[T], R], Iterable[T]], Iterable[R]], int]:
    """Return a map for items whose compiled code is threaded, and the number of threads for each.

    Here the items run one after another on `workers` cores, as their Python would contend for the GIL; through the
    caller's own map each has one thread. `workers` and errors are as in `map_with`.
    """
    return (workers, 1) if callable(workers) else (map, cores_of(workers))


def cores_of(workers: Workers) -> int:
    """Return the number of cores that `workers` means on this machine; ConfigError if it is not allowed."""
    if not isinstance(workers, int) or isinstance(workers, bool) or not (workers == ALL_CORES or workers >= 1):
        allowed = _("-1 for all cores, a number of cores from 1, or a function called as workers(function, items)")
        words = _("{value} is not allowed: {allowed}")
        raise ConfigError("workers", words.format(value=written(workers), allowed=allowed))
    return core_count() if workers == ALL_CORES else workers
