"""What the key of a plot names, for screen readers: each entry, and how its line goes."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtGui import QTextDocumentFragment
from PySide6.QtWidgets import QWidget

from tinynet_gui.core.text.numbers import plain
from tinynet_gui.ui.style.theme import Theme
from tinynet_gui.ui.widgets.drawn_parts import DrawnPart, DrawnParts
from tinynet_gui.ui.widgets.plots.layer import XY, PlotLayer


class HeardCurves(DrawnParts):
    """Lists them; numbers are held back while they may be the answer to a question.

    Parameters
    ----------
    theme, is_held_back
        Return the theme of the key, and whether no number may be told now.
    """

    def __init__(
        self,
        view: QWidget,
        plot: pg.PlotWidget,
        layers: Iterable[PlotLayer],
        theme: Callable[[], Theme],
        is_held_back: Callable[[], bool],
    ) -> None:
        name = f"{view.objectName()}Curves"
        super().__init__(view, name, "What is drawn", lambda: len(self._parts()), lambda place: self._parts()[place])
        self._plot, self._layers, self._theme, self._is_held_back = plot, layers, theme, is_held_back

    def _parts(self) -> list[DrawnPart]:
        return [part for layer in self._layers for part in self._parts_of(layer)]

    def _parts_of(self, layer: PlotLayer) -> Iterator[DrawnPart]:
        entries, lines = layer.key_entries(self._theme()), layer.lines()
        place = self._plot.geometry()
        for at, entry in enumerate(entries):
            has_line = at < len(lines) and not self._is_held_back()
            name = " ".join(QTextDocumentFragment.fromHtml(entry).toPlainText().split())
            yield DrawnPart(name, self._course(lines[at]) if has_line else "", place)

    def _course(self, line: XY) -> str:
        """Say where a line begins and ends, and between which values it goes."""
        x, y = (np.asarray(values, dtype=np.float64) for values in line)
        is_log: Any = self._plot.getAxis("left").logMode
        x, y = x[np.isfinite(y)], 10 ** y[np.isfinite(y)] if is_log else y[np.isfinite(y)]
        if not len(y):
            return ""
        low, high = int(y.argmin()), int(y.argmax())
        ends = f"From {_at(x, y, 0)} to {_at(x, y, -1)}"
        return f"{ends}; lowest {_at(x, y, low)}, highest {_at(x, y, high)}"


def _at(x: np.ndarray, y: np.ndarray, place: int) -> str:
    return f"{plain(float(y[place]))} at {plain(float(x[place]))}"
