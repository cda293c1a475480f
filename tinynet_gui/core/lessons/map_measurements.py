"""What lessons can read from the map in sight."""

import math

import numpy as np

from tinynet_gui.core.config import ConfigError
from tinynet_gui.core.maps.axes import MapError
from tinynet_gui.core.maps.choice import MapChoice
from tinynet_gui.core.maps.colors import COLORS
from tinynet_gui.core.maps.networks import numbers_at
from tinynet_gui.core.maps.standpoint import Plane, Standpoint
from tinynet_gui.core.run.snapshot import Snapshot


def number_on_map(choice: MapChoice, snapshot: Snapshot, x: float, y: float) -> float:
    """Return the number that a map through a moment shows at a point; NaN if there is none.

    It is trained now, by the compiled loop. A map along a run, towards another, or through the run's start has none:
    the moment alone does not say where those are.
    """
    here = Standpoint(snapshot.config, snapshot.dataset, snapshot.state)
    try:
        plane = Plane(here, choice.x, choice.y)
        if choice.from_start and not plane.is_of_settings and snapshot.step:
            return math.nan
        point = np.array([x]), np.array([y])
        return float(numbers_at(plane, *point, COLORS[choice.color], choice.limit, np.zeros(1, np.uint8))[0])
    except (MapError, ConfigError):
        return math.nan
