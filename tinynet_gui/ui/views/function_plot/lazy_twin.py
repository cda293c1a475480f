"""The lazy twin in the function plot: what the network would have become with its kinks held in place."""

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QPainterPath

from tinynet_gui.core.numerics.arrays import AnyFloats, Floats
from tinynet_gui.core.text.numbers import percent_text, plain
from tinynet_gui.core.values import dataclass
from tinynet_gui.ui.style.theme import Theme
from tinynet_gui.ui.views.function_plot.curves import OFF, CurveLayer
from tinynet_gui.ui.widgets.plots.layer import key_entry
from tinynet_gui.ui.widgets.plots.plot_parts import DashedCurve, line_pen

TWIN_Z = 9  # over the network, which hides it where both are one
LEAST, MOST = 0.01, 1e3  # shares that are written in whole per cent; others with two digits
MARK, DASHES = "╍", (9, 3)
LEAST_JUMP_PX = 1.0  # of a gap that is seen


@dataclass(frozen=True, eq=False)
class TwinShown:
    """What is to be seen of a lazy twin.

    Attributes
    ----------
    x, y
        Its curve, shape (points,), with a jump where two x are one; y may be infinite or NaN.
    moved
        How far the kernel has moved, as a share of what it was; None while it is not known.
    edge
        The learning rate above which it diverges, as it is written, if it does; else None.
    of_ghost
        Whether it is where the ghost is.
    """

    x: AnyFloats
    y: Floats
    moved: float | None
    edge: str | None
    of_ghost: bool


class TornCurve(DashedCurve):
    """A curve with a gap where it jumps from one point to another at the same x, if that can be seen."""

    def generatePath(self, x: AnyFloats, y: AnyFloats) -> QPainterPath:
        """Make the line, torn at its jumps."""
        view = self.getViewBox()
        if view is not None:
            with np.errstate(all="ignore"):
                is_jump = (np.diff(x) == 0) & (np.abs(np.diff(y)) > LEAST_JUMP_PX * view.viewPixelSize()[1])
            gaps = 1 + np.flatnonzero(is_jump)
            x, y = np.insert(x, gaps, np.nan), np.insert(y, gaps, np.nan)
        return super().generatePath(x, y)


class LazyTwinCurve(CurveLayer):
    """The twin's curve, and by how much the kernel has moved; or why there is no twin."""

    keeps_words_away = True
    has_own_line = True

    def __init__(self, plot: pg.PlotWidget) -> None:
        super().__init__(plot, TornCurve(antialias=True, connect="finite"), TWIN_Z)
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
                f"above a learning rate of {shown.edge}",
            ]
        entry = key_entry(MARK, theme.accent, whose if self.is_in_view() else whose + OFF)
        if shown.moved is None or not np.isfinite(shown.moved):
            return [entry]
        is_whole = LEAST <= shown.moved < MOST
        moved = percent_text(shown.moved) if is_whole else f"{plain(100 * shown.moved, 2)} %"
        return [entry, f"the kernel moved {moved}"]

    def show_twin(self, shown: TwinShown | str) -> None:
        """Draw a twin, or say why there is none; an empty text shows nothing."""
        if shown == "" == self._shown:
            return
        self._shown = shown
        self._item.setVisible(not isinstance(shown, str))
        if not isinstance(shown, str):
            self._item.setData(shown.x, np.where(np.isfinite(shown.y), shown.y, np.nan))
        self.changed.emit()
