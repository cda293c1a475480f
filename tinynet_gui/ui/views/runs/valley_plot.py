"""The loss along the straight line from one run to another."""

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from tinynet_gui.core.landscape.valley import Valley
from tinynet_gui.core.wording.run_names import short_names
from tinynet_gui.ui.style.theme import Theme
from tinynet_gui.ui.style.zoom import whole_px
from tinynet_gui.ui.widgets.layouts import filled
from tinynet_gui.ui.widgets.naming import named
from tinynet_gui.ui.widgets.plots.key_label import KeyLabel
from tinynet_gui.ui.widgets.plots.layer import PlotLayer, key_entry
from tinynet_gui.ui.widgets.plots.plot_hand import PlotHand
from tinynet_gui.ui.widgets.plots.plot_menu import PlotMenu
from tinynet_gui.ui.widgets.plots.plot_parts import NumberAxis, dress, make_plot

WIDTH, HEIGHT, LEAST_WIDTH, LEAST_HEIGHT = 280, 320, 128, 40  # px
LEFT_WIDTH, MARGIN, MOST_CHARACTERS = 58, 0.04, 12
DESCRIPTION = "The training loss, from 0 up, along the straight line from the first run to the second"


class ValleyPlot(QWidget):
    """Two curves, from 0 at the bottom to the higher one's top: the networks as they are, dashed, and matched.

    Where a loss is not finite, its curve has a gap.

    Attributes
    ----------
    key
        What the curves are, to be placed beside it.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        named(
            self, "valleyPlot", DESCRIPTION, f"{DESCRIPTION}: as they are, and with the neurons of the second matched."
        )
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._theme, self.key = theme, KeyLabel()
        self.plot = make_plot(NumberAxis("bottom"), left_width=LEFT_WIDTH, names=("", "loss"))
        self.plot.setMouseEnabled(x=False, y=False)
        self._top = 1.0
        menu = PlotMenu(self.plot, ("between the runs", "loss"))
        menu.everything_wanted.connect(self._show_everything)
        menu.range_chosen.connect(lambda x, y: self.plot.setRange(xRange=x, yRange=y, padding=0))
        PlotHand(self.plot, menu, "Loss between the two runs")
        self._lines = [pg.PlotCurveItem(antialias=True, connect="finite") for _ in range(2)]
        self._drawn = PlotLayer(self.plot)
        self._drawn.put(self._lines[0], 0, "muted", 2.4, Qt.PenStyle.DashLine, visible=True)
        self._drawn.put(self._lines[1], 1, "accent", 2.4, visible=True)
        filled(QVBoxLayout(self), self.plot, margins=(0, 0, 0, 0))

    def show_theme(self, theme: Theme) -> None:
        """Apply the colours of a theme."""
        self._theme = theme
        dress(self.plot, theme)
        self._drawn.show_theme(theme)
        entries = key_entry("╌", theme.muted, "as they are"), key_entry("—", theme.accent, "matched")
        self.key.show_entries(theme.muted, [entries])
        self.updateGeometry()

    def show_valley(self, valley: Valley | None, names: Sequence[str] = ("", ""), *, has_matched: bool = True) -> None:
        """Draw what lies between two runs, also matched or only as they are; or nothing."""
        self.setVisible(valley is not None)
        self.key.setVisible(valley is not None and has_matched)
        if valley is None:
            return
        losses = np.array([valley.as_they_are.losses, valley.matched.losses], np.float64)
        if not has_matched:
            losses[1] = np.nan
        losses[~np.isfinite(losses)] = np.nan
        for line, row in zip(self._lines, losses, strict=True):
            line.setData(valley.t, row)
        self._top = max(float(np.nanmax(losses, initial=0.0)), float(np.finfo(np.float32).tiny))
        self._show_everything()
        ends = [(float(place), name) for place, name in enumerate(short_names(names, MOST_CHARACTERS))]
        self.plot.getAxis("bottom").setTicks([ends])

    def _show_everything(self) -> None:
        self.plot.setRange(xRange=(-MARGIN, 1 + MARGIN), yRange=(0, (1 + MARGIN) * self._top), padding=0)

    def curves(self) -> list[tuple[list[float], list[float]]]:
        """The curves as they are drawn, t and losses of each: as they are, and matched."""
        return [tuple(part.tolist() for part in line.getData()) for line in self._lines]

    def sizeHint(self) -> QSize:
        """The same for all runs."""
        return QSize(whole_px(WIDTH), whole_px(HEIGHT))

    def minimumSizeHint(self) -> QSize:
        """So low that it leaves the runs their room."""
        return QSize(whole_px(LEAST_WIDTH), whole_px(LEAST_HEIGHT))
