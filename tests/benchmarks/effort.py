"""How much is measured: enough for a figure that holds, or only so much that everything has run once."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

T = TypeVar("T")
SMALL = 10  # neurons, samples, runs, drags
SHORT_S = 0.01
SOAK = "memory_growth_soak"  # takes twenty minutes: run only where it is asked for by its name


class Effort:
    """Whether everything is only run once, as `--quick` says before anything is measured."""

    is_quick = False


def so_many(count: int, at_least: int = 1) -> int:
    """Return how many to take of what is better taken often, or large."""
    return min(count, at_least) if Effort.is_quick else count


def lasting(seconds: float) -> float:
    """Return for how long to do what is better done for long."""
    return min(seconds, SHORT_S) if Effort.is_quick else seconds


def layers(hidden: tuple[int, ...]) -> tuple[int, ...]:
    """Return as many layers, of as many neurons."""
    return tuple(so_many(neurons, SMALL) for neurons in hidden)


def smaller(settings: Mapping[str, Any], steps: int = 50) -> dict[str, Any]:
    """Return settings of as large a network and as many steps."""
    cut: dict[str, Callable[[Any], Any]] = {
        "network.hidden": layers,
        "data.sample_count": lambda wanted: so_many(wanted, SMALL),
        "training.stop_step": lambda wanted: so_many(wanted, steps),
    }
    return {path: cut.get(path, lambda value: value)(value) for path, value in settings.items()}


def usual(names: Iterable[str]) -> list[str]:
    """Return what is run where nothing is asked for by its name."""
    return [name for name in names if name != SOAK]


def one_of_each(names: Iterable[str]) -> list[str]:
    """Return the first of all names that differ in numbers alone."""
    kinds: dict[str, str] = {}
    for name in usual(names):
        kinds.setdefault(re.sub(r"_\d+", "", name), name)
    return list(kinds.values())


def repeated(act: Callable[[], T], rounds: int) -> list[T]:
    """Do something so many times, after once that warms up; return what came of it."""
    if Effort.is_quick:
        return [act()]
    return [act() for _ in range(rounds + 1)][1:]
