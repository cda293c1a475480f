"""The form of a benchmark's result."""

from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np

from tests.benchmarks.goals import goal_of

__all__ = ["Benchmarks", "Record", "beside", "median", "percentile", "record", "skipped"]
Record = dict[str, Any]
Benchmarks = dict[str, Callable[[], list[Record]]]

MS = {"s": 1e3, "ms": 1.0, "ns a step": 1e-6}


def record(name: str, value: float, unit: str, against: str, ratio: float) -> Record:
    """Return one result: a value, in ms too if it is a time; what it stands against, their ratio; whether that will do.

    The goal is that of the ratio.
    """
    goal = goal_of(name)
    return {
        "name": name,
        "value": round(value, 4),
        "unit": unit,
        "ms": float(f"{value * MS[unit]:.4g}") if unit in MS else None,
        "against": against,
        "ratio": round(ratio, 4),
        "goal": str(goal),
        "met": goal.is_met(ratio),
    }


def beside(name: str, value: float, unit: str, what: str, yardstick: float) -> Record:
    """Return the result of what stands against something of the same unit, measured in the same run."""
    if not yardstick:
        return skipped(name, f"{what} took less time than this clock can measure")
    return record(name, value, unit, f"{what}, {yardstick:.4g} {unit}", value / yardstick)


def skipped(name: str, why: str) -> Record:
    """Return the result of what cannot be measured here."""
    empty = dict.fromkeys(("value", "ms", "ratio", "met"))
    return {**record(name, 0.0, "", f"skipped: {why}", 0.0), **empty}


def percentile(values: list[float], share: float) -> float:
    """Return the value below which a share of the values lies."""
    return float(np.percentile(values, 100 * share))
