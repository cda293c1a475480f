"""The lazy twin in the function plot: what the network would have become with its kinks held in place."""

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt

from tinynet_gui.core.numerics.arrays import Array, Floats
from tinynet_gui.core.text.numbers import count_text, plain
from tinynet_gui.core.values import dataclass
from tinynet_gui.ui.style.theme import Theme
from tinynet_gui.ui.views.function_plot.curves import OFF, CurveLayer
from tinynet_gui.ui.widgets.plots.layer import key_entry
from tinynet_gui.ui.widgets.plots.plot_parts import DashedCurve, line_pen

TWIN_Z = 9  # over the network, which hides it where both are one
MANY = 1e6  # per cent: written as a power
MARK, DASHES = "╍", (9, 3)


@dataclass(frozen=True, eq=False)
class TwinShown:
    """What is to be seen of a lazy twin.

    Attributes
    ----------
    x, y
        Its curve, shape (points,); y may be infinite or NaN.
    moved
        How far the kernel has moved, as a share of what it was; None while it is not known.
    edge
        The learning rate above which it diverges, if it does; else None.
    of_ghost
        Whether it is where the ghost is.
    """

    x: Array
    y: Floats
    moved: float | None
    edge: float | None
    of_ghost: bool


class LazyTwinCurve(CurveLayer):
    """The twin's curve, and by how much the kernel has moved; or why there is no twin."""

    keeps_words_away = True
    has_own_line = True

    def __init__(self, plot: pg.PlotWidget) -> None:
        super().__init__(plot, DashedCurve(antialias=True), TWIN_Z)
        self._shown: TwinShown | str = ""

    def show_theme(self, theme: Theme) -> None:
        super().show_theme(theme)
        pen = line_pen(theme, "accent", 1.8)
        pen.setDashPattern(DASHES)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        self._item.setPen(pen)

    def key_entries(self, theme: Theme) -> Sequence[str]:
        shown = self._shown
        if isinstance(shown, str):
            first, *rest = shown.split(": ")
            return [key_entry(MARK, theme.muted, first), *rest] if shown else ()
        whose = "the ghost’s lazy twin" if shown.of_ghost else "its lazy twin"
        if shown.edge is not None:
            return [
                key_entry(MARK, theme.accent, f"{whose} diverges"),
                f"above a learning rate of {plain(shown.edge, 3)}",
            ]
        entry = key_entry(MARK, theme.accent, whose if self.is_in_view() else whose + OFF)
        if shown.moved is None:
            return [entry]
        percent = 100 * shown.moved
        moved = count_text(round(percent)) if 100 <= percent < MANY else plain(percent, 2)
        return [entry, f"the kernel moved {moved} %"]

    def show_twin(self, shown: TwinShown | str) -> None:
        """Draw a twin, or say why there is none; an empty text shows nothing."""
        if shown == "" == self._shown:
            return
        self._shown = shown
        self._item.setVisible(not isinstance(shown, str))
        if not isinstance(shown, str):
            self._item.setData(shown.x, np.where(np.isfinite(shown.y), shown.y, np.nan), connect="finite")
        self.changed.emit()
