"""The line in the function plot at the x at which the network is looked into."""

import math
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import Qt

LEAST_STOP_PX = 4.0  # from one round number to the next: finer ones could not be told apart by hand
TOOLTIP = "Drag it: it stops at round numbers, and with Shift anywhere."


class ProbeLine(pg.InfiniteLine):  # type: ignore[misc]  # pyqtgraph has no types
    """Dragged, it goes from round number to round number; with Shift it goes wherever the mouse is."""

    def __init__(self) -> None:
        super().__init__(pos=1.0, angle=90, movable=True)
        self._is_fine = False
        self.setToolTip(TOOLTIP)

    def mouseDragEvent(self, ev: Any) -> None:
        """Look at the key that is held down, then move."""
        self._is_fine = bool(ev.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        super().mouseDragEvent(ev)

    def setPos(self, pos: Any) -> None:
        """Go to a place: while it is dragged, to the nearest round number."""
        if self.moving and not self._is_fine:
            pos = nearest_stop(pos.x(), LEAST_STOP_PX * self.getViewBox().viewPixelSize()[0])
        super().setPos(pos)


def nearest_stop(value: float, least: float) -> float:
    """Return the multiple of 1, 2 or 5 times a power of ten, at least `least`, that is nearest to a value."""
    exponent = math.floor(math.log10(least))
    factor, exponent = next(((f, exponent) for f in (1, 2, 5) if f * 10.0**exponent >= least), (1, exponent + 1))
    count = round(value / (factor * 10.0**exponent)) * factor
    return count * 10.0**exponent if exponent >= 0 else count / 10.0**-exponent  # the float that is typed as 2.3
