"""What x and y are in the steps of a lesson, and their units."""

import re
from collections.abc import Sequence

from tinynet_gui.core.lessons.lesson import LessonStep

_UNIT = re.compile(r"\[([^\[\]]+)\]$|\(([^()]+)\)$|\s/\s*(\S+)$")  # at the end of a name: [°C], (°C), / °C


def axes_of(steps: Sequence[LessonStep]) -> tuple[str, str]:
    """Return what x and y are in the latest setting that steps have; "" if it does not say."""
    setting = next((step.setting for step in reversed(steps) if step.setting is not None), None)
    points = None if setting is None else setting.data.points
    return ("", "") if points is None else (points.x_name, points.y_name)


def unit_of(name: str) -> str:
    """Return the unit in the name of an axis, such as °C; "" if there is none."""
    return next(filter(None, found.groups())) if (found := _UNIT.search(name.strip())) else ""
