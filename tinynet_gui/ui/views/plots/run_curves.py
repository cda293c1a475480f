"""Other runs over the one that is looked at: their lines in both plots, and what the key says of them."""

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg

from tinynet_gui.core.arrays import Array
from tinynet_gui.core.run.loss_history import LossHistory
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.core.text.shortened import shortened
from tinynet_gui.ui.style.theme import RUN_COLORS, Theme
from tinynet_gui.ui.widgets.plots.plot_parts import DashedCurve, run_pen

MOST_NAMED = 8  # in a key
MOST_CHARACTERS = 28  # of a name in a key


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


@dataclass(frozen=True)
class RunLosses:
    """The losses of a run; a history is equal to itself alone."""

    name: str
    color: int
    history: LossHistory


class RunLines:
    """One line for each of some runs; from the ninth colour on they are dashed."""

    def __init__(self, plot: pg.PlotWidget, z: float, width: float) -> None:
        self._plot, self._z, self._width = plot, z, width
        self._items: list[DashedCurve] = []
        self._theme: Theme | None = None
        self._colors: Sequence[int] = ()

    def show_theme(self, theme: Theme) -> None:
        """Take on the colours of a theme."""
        self._theme = theme
        self._color()

    def draw(self, lines: Sequence[tuple[int, npt.NDArray[Any], npt.NDArray[Any]]]) -> None:
        """Draw lines and no others: the number of its colour, x and y of each."""
        while len(self._items) < len(lines):
            item = DashedCurve(antialias=True)
            item.setZValue(self._z)
            self._plot.addItem(item, ignoreBounds=True)
            self._items.append(item)
        for place, item in enumerate(self._items):
            item.setVisible(place < len(lines))
        for item, (_, x, y) in zip(self._items, lines, strict=False):
            item.setData(x, y, connect="finite")
        colors = [color for color, _, _ in lines]
        if colors != self._colors:
            self._colors = colors
            self._color()

    def drawn(self) -> list[tuple[Any, Any]]:
        """Return what is drawn: x and y of each line."""
        return [(item.xData, item.yData) for item in self._items if item.isVisible()]

    def _color(self) -> None:
        if self._theme is not None:
            for item, color in zip(self._items, self._colors, strict=False):
                item.setPen(run_pen(self._theme, color, self._width))


class RunCurves(RunLines):
    """What other networks make of x, under the curve of the one that is looked at."""

    def __init__(self, plot: pg.PlotWidget, z: float) -> None:
        super().__init__(plot, z, 1.8)
        self.curves: Sequence[RunCurve] = ()
        self._inside: list[Array] = []
        self._reach: tuple[float, float] | None = None

    def show(self, curves: Sequence[RunCurve], x_range: tuple[float, float]) -> None:
        """Draw curves, and no others; between these x they are to be in view."""
        if [(c.name, c.color) for c in curves] != [(c.name, c.color) for c in self.curves]:
            self._reach = None  # else what is to be in view does not shrink, so that the axis has a rest
        self.curves = curves
        self.draw([(curve.color, curve.x, curve.y) for curve in curves])
        low, high = x_range
        self._inside = [curve.y[(curve.x >= low) & (curve.x <= high)] for curve in curves]
        if curves:
            self._reach = self.reach_with(np.array(self._reach or (), dtype=np.float32))

    @property
    def reach(self) -> tuple[float, float] | None:
        """Between which y they go; None if none are drawn."""
        return self._reach if self.curves else None

    def reach_with(self, more: Array) -> tuple[float, float]:
        """Between which y they go now, and some more y, of shape (points,); from 0 to 1 if there are none."""
        y = np.concatenate([more, *self._inside])
        y = y[np.isfinite(y)]
        return (float(y.min()), float(y.max())) if len(y) else (0.0, 1.0)

    def key_entries(self, theme: Theme) -> list[str]:
        """Name them, and say of each that is at its end where that is."""
        ends = [_end(curve.step) if curve.is_at_end else "" for curve in self.curves]
        return key_entries(theme, self.curves, ends)

    def passing_entries(self) -> list[str]:
        """What is still to be said of those that are not at their end."""
        return [_end(curve.step) for curve in self.curves[:MOST_NAMED] if not curve.is_at_end]


class RunLossLines(RunLines):
    """The losses of other runs, under that of the one that is looked at."""

    def __init__(self, plot: pg.PlotWidget, z: float) -> None:
        super().__init__(plot, z, 1.3)
        self.losses: Sequence[RunLosses] = []
        self.curves: list[tuple[npt.NDArray[np.float64], Array]] = []  # steps and losses of each

    def show(self, losses: Sequence[RunLosses], max_points: int) -> None:
        """Take histories, each thinned to so many points; `draw` draws their curves."""
        self.losses = losses
        self.curves = [run.history.curve(max_points) for run in losses]

    def moments(self, step: int) -> list[tuple[int, float, float]]:
        """Return where each is at a step, or at its end before it: the number of its colour, the step and the loss."""
        found = []
        for run, (steps, losses) in zip(self.losses, self.curves, strict=True):
            if len(steps):
                place = int(np.abs(steps - step).argmin())  # of the points that are drawn the nearest
                found.append((run.color, float(steps[place]), float(losses[place])))
        return found

    def key_entries(self, theme: Theme) -> list[str]:
        """Name them."""
        return key_entries(theme, self.losses, [""] * len(self.losses))


def _end(step: int) -> str:
    return f" (ends at {count_text(step)})" if step else " (untrained)"


def key_entries(theme: Theme, runs: Sequence[RunCurve | RunLosses], ends: Sequence[str]) -> list[str]:
    """Name runs in their colours, with what is said of each; of many the first few."""
    entries = [
        f'<b style="color:{theme.run_color(run.color).name()}">{"—" if run.color < RUN_COLORS else "╌"}</b> '
        f"{html.escape(shortened(run.name, MOST_CHARACTERS))}{end}"
        for run, end in zip(runs[:MOST_NAMED], ends, strict=False)
    ]
    return entries + [f"{len(runs) - MOST_NAMED} more runs"] * (len(runs) > MOST_NAMED)
