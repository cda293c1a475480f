"""The values that the panel's fields show, where they differ from the configuration's."""

from typing import Any

import numpy as np

from tinynet_gui.core.config import SETTINGS, Config
from tinynet_gui.core.config.setting_text import origin_text, source_text
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.data.real_data import REAL_DATA

SHOWN_EXACTLY = 1e-3  # as a share of its range, the precision of the shown x of points


def shown_values(config: Config) -> dict[str, Any]:
    """Return the values of the fields as shown, by path: the formula of a named target is shown too."""
    data, weights = config.data, config.network.first_weights
    values = {path: config.get(path) for path in SETTINGS}
    values["data.formula"] = data.true_formula or ""
    values["data.points"] = origin_text(data), source_text(data)
    given = ("", "") if weights is None else (weights.origin, f"weights and biases of {weights.origin}")
    values["network.first_weights"] = given
    if data.points is not None:
        values |= _shown_of_points(data.points)
        if data.true_formula is None:
            values["data.target"] = _real_data_of(data.points)
    return values


def _real_data_of(points: Points) -> str | None:
    """Return the name in `REAL_DATA` of these points; None for others."""
    return next((name for name, data in REAL_DATA.items() if data.label == points.origin), None)


def _shown_of_points(points: Points) -> dict[str, Any]:
    """Return what the fields for drawing samples show for the user's points."""
    low, high = points.x_range
    low, high = (_shortest(end, SHOWN_EXACTLY * (high - low)) for end in (low, high))
    share = round(float(np.mean(points.held_out)), 4)
    return {"data.sample_count": len(points), "data.x_min": low, "data.x_max": high, "data.held_out": share}


def _shortest(value: float, error: float) -> float:
    """Return a number with the fewest digits, but at least three, whose error is at most that."""
    rounded = (float(f"{value:.{digits}g}") for digits in range(3, 17))
    return next((number for number in rounded if abs(number - value) <= error), value)
