"""The form of a benchmark's result."""

from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np

__all__ = ["Benchmarks", "Record", "beside_goal", "median", "percentile", "record"]
Record = dict[str, Any]
Benchmarks = dict[str, Callable[[], list[Record]]]


def record(name: str, value: float, unit: str, against: str, ratio: float) -> Record:
    """Return one result: the measured value, its unit, what it stands against and their ratio."""
    return {"name": name, "value": round(value, 4), "unit": unit, "against": against, "ratio": round(ratio, 4)}


def beside_goal(name: str, value: float, goal_ms: float) -> list[Record]:
    """Return the one result of a benchmark with a goal, both in ms."""
    return [record(name, value, "ms", f"the goal of {goal_ms:g} ms", value / goal_ms)]


def percentile(values: list[float], share: float) -> float:
    """Return the value below which a share of the values lies."""
    return float(np.percentile(values, 100 * share))
