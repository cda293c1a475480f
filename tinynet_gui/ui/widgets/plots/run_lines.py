"""The lines of other runs in a plot, and what the key says of them."""

import html
from collections.abc import Sequence
from typing import Any

import numpy.typing as npt
import pyqtgraph as pg

from tinynet_gui.core.text.words import first_few
from tinynet_gui.core.wording.run_names import short_names
from tinynet_gui.ui.style.theme import Theme
from tinynet_gui.ui.widgets.plots.layer import key_entry
from tinynet_gui.ui.widgets.plots.plot_parts import DashedCurve, run_dashes, run_pen

MOST_NAMED = 8  # in a key
MOST_CHARACTERS = 28  # of a name in a key


class RunLines:
    """One line for each of some runs."""

    def __init__(self, plot: pg.PlotWidget, z: float, width: float) -> None:
        self._plot, self._z, self._width = plot, z, width
        self._items: list[DashedCurve] = []
        self._theme: Theme | None = None
        self._colors: Sequence[int] = ()

    def show_theme(self, theme: Theme) -> None:
        """Apply the colours of a theme."""
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


def run_entries(theme: Theme, runs: Sequence[tuple[str, int, str]]) -> list[str]:
    """Name runs, each by its name, the number of its colour, and what is said of it; of many the first few."""
    names = short_names([name for name, _, _ in runs], MOST_CHARACTERS)
    entries = [
        key_entry(run_dashes(color)[0], theme.run_color(color).name(), html.escape(name) + end)
        for name, (_, color, end) in zip(names, runs, strict=True)
    ]
    return first_few(entries, MOST_NAMED, "run")
