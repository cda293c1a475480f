"""The axes of a map: their ticks have enough digits at any zoom."""

import html
import math
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetricsF

from tinynet_gui.core.text.numbers import MINUS
from tinynet_gui.ui.style.theme import small_font
from tinynet_gui.ui.style.zoom import px, whole_px, zoom
from tinynet_gui.ui.views.map.palette import round_step
from tinynet_gui.ui.widgets.plots.plot_parts import LABEL_MARGIN_PX, NumberAxis

FEWEST_TICKS = 3  # of powers of ten with 2 and 5 between them; else they are evenly spaced
WIDE = 2.0  # decades: evenly spaced ticks would crowd at the end
BELOW_PX = 6
BESIDE_NUMBERS_PX, STEP_PX = 28, 12  # the name of a vertical axis; of its width
TICK_WIDTH_PX, TICK_HEIGHT_PX = 80, 32  # of evenly spaced ones


class MapAxis(NumberAxis):
    """Evenly spaced ticks where a logarithmic axis is zoomed in, and whole ones where there are no others.

    Attributes
    ----------
    is_whole
        Whether it has whole numbers only.
    short
        A name for a vertical axis with little room; "" for its beginning.
    """

    def __init__(self, orientation: str) -> None:
        self.is_whole, self.short = False, ""
        self._wide = 0
        self._step = 0.0  # between evenly spaced ticks of a logarithmic axis
        super().__init__(orientation)

    def fit(self) -> None:
        """Follow the zoom; the numbers below leave room for the lowest one at the left."""
        super().fit()
        if self.orientation == "bottom":
            self.setStyle(tickTextOffset=whole_px(BELOW_PX))
            self.set_name(self.name)

    def set_name(self, name: str) -> None:
        """Name the axis, along it."""
        super().set_name(name)
        if self.orientation == "right":
            self.label.setRotation(-90)
            self.resizeEvent()

    def resizeEvent(self, ev: object = None) -> None:
        """Shorten the name of a vertical axis to its height."""
        if self.orientation != "bottom" and self.label is not None and self.name:
            metrics, room = QFontMetricsF(small_font()), max(0.0, self.size().height() - 2 * LABEL_MARGIN_PX)
            name = self.short if self.short and metrics.horizontalAdvance(self.name) > room else self.name
            shown = metrics.elidedText(name, Qt.TextElideMode.ElideRight, room)
            if self.labelText != html.escape(shown):
                self.setLabel(html.escape(shown))
                self.label.setFont(small_font())
        super().resizeEvent(ev)

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        """Choose the ticks."""
        self._step = 0.0  # already in use where the names of the ticks are measured
        ticks = super().tickValues(low, high, size)
        if self.logMode and high - low < WIDE and sum(len(values) for _, values in ticks) < FEWEST_TICKS:
            ticks = [(1.0, self._evenly_spaced(low, high, size))]
        if self.is_whole and not self.logMode:
            ticks = [(spacing, [v for v in values if abs(v - round(v)) < 1e-6]) for spacing, values in ticks]
        return ticks

    def _evenly_spaced(self, low: float, high: float, size: float) -> list[float]:
        first, last = 10.0**low, 10.0**high
        count = max(2.0, size / px(TICK_HEIGHT_PX if self.orientation in ("left", "right") else TICK_WIDTH_PX))
        self._step = max(round_step((last - first) / count), 1.0 * self.is_whole)
        values = np.arange(math.ceil(first / self._step), math.floor(last / self._step) + 1) * self._step
        return [float(place) for place in np.log10(values[values > 0])]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """Write the numbers at the ticks."""
        if not self._step:
            return super().tickStrings(values, scale, spacing)
        decimals = max(0, -math.floor(math.log10(self._step) + 1e-9))
        return [f"{10.0**value:.{decimals}f}".replace("-", MINUS) for value in values]

    def make_room(self, least: int) -> None:
        """Take the width that the numbers of a vertical axis need; in steps, so that it seldom changes."""
        low, high = self.range
        ticks = self.tickValues(low, high, self.size().height())
        texts = [text for spacing, values in ticks for text in self.tickStrings(values, self.scale, spacing)]
        needed = max(map(QFontMetricsF(self.style["tickFont"]).horizontalAdvance, texts), default=0.0)
        more = needed / zoom().scale + BESIDE_NUMBERS_PX - least
        room = least + STEP_PX * max(0, math.ceil(more / STEP_PX))
        if room != self._wide:
            self._wide = room
            self.set_room(room)
