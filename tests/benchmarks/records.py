"""The form of a benchmark's result."""

from typing import Any

Record = dict[str, Any]


def record(name: str, value: float, unit: str, against: str, ratio: float) -> Record:
    """Return one result: the measured value, its unit, what it stands against and their ratio."""
    return {"name": name, "value": round(value, 4), "unit": unit, "against": against, "ratio": round(ratio, 4)}


def percentile(values: list[float], share: float) -> float:
    """Return the value below which a share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def median(values: list[float]) -> float:
    """Return the middle value."""
    return percentile(values, 0.5)
