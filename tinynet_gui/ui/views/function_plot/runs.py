"""Other runs over the one that is looked at: what their networks make of x."""

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg

from tinynet_gui.core.numerics.arrays import Array
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.core.values import dataclass
from tinynet_gui.ui.style.theme import Theme
from tinynet_gui.ui.views.function_plot.scene import FunctionLayer
from tinynet_gui.ui.widgets.plots.layer import XY
from tinynet_gui.ui.widgets.plots.run_lines import MOST_NAMED, RunLines, run_entries

RUNS_Z = 3.5  # over the true function, under the ghost


@dataclass(frozen=True, eq=False)
class RunCurve:
    """What a run's network makes of x at a step.

    Attributes
    ----------
    name, color
        How it is called, and the number of its colour, from 0.
    x, y
        float32 of shape (points,).
    step
        Of which of its steps; its last one, if `is_at_end`: it did not come as far as what is looked at.
    """

    name: str
    color: int
    x: Array
    y: Array
    step: int
    is_at_end: bool
    goes_on: bool = False  # after this step


class RunCurves(FunctionLayer):
    """What other networks make of x, under the curve of the one that is looked at."""

    keeps_words_away = True

    def __init__(self, plot: pg.PlotWidget) -> None:
        super().__init__(plot)
        self._lines = RunLines(plot, RUNS_Z, 1.8)
        self.curves: Sequence[RunCurve] = ()
        self._inside: list[Array] = []
        self._reach: tuple[float, float] | None = None

    def show_curves(self, curves: Sequence[RunCurve]) -> None:
        """Draw curves, and no others; they come into view where the network is trained."""
        if [(c.name, c.color) for c in curves] != [(c.name, c.color) for c in self.curves]:
            self._reach = None  # else what comes into view does not shrink, so that the axis has a rest
        self.curves = curves
        self._lines.draw([(curve.color, curve.x, curve.y) for curve in curves])
        low, high = self._scene.config.data.x_range
        self._inside = [curve.y[(curve.x >= low) & (curve.x <= high)] for curve in curves]
        if curves:
            self._reach = self.reach_with(np.array(self._reach or (), dtype=np.float32))

    def show_theme(self, theme: Theme) -> None:
        self._lines.show_theme(theme)

    def key_entries(self, theme: Theme) -> Sequence[str]:
        return run_entries(theme, [(c.name, c.color, _moment(c)) for c in self.curves])

    def passing_entries(self) -> Sequence[str]:
        return [_end(curve.step) for curve in self.curves[:MOST_NAMED] if not _moment(curve)]

    def lines(self) -> Sequence[XY]:
        return self._lines.drawn()

    @property
    def reach(self) -> tuple[float, float] | None:
        """Between which y they go; None if none are drawn."""
        return self._reach if self.curves else None

    def reach_with(self, more: Array) -> tuple[float, float]:
        """Between which y they go now, and some more y, of shape (points,); from 0 to 1 if there are none."""
        y = np.concatenate([more, *self._inside])
        y = y[np.isfinite(y)]
        return (float(y.min()), float(y.max())) if len(y) else (0.0, 1.0)


def _moment(curve: RunCurve) -> str:
    """Say where a curve is of a moment that one could take for another: not the run's last one, or not the current."""
    if curve.goes_on:
        return " (at this step)" if curve.step else " (at step 0)"
    return _end(curve.step) if curve.is_at_end else ""


def _end(step: int) -> str:
    return f" (ends at {count_text(step)})" if step else " (untrained)"
