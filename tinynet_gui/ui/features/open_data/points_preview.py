"""A plot of samples before they are used, and whether they will be standardised."""

import pyqtgraph as pg
from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from tinynet_gui.core.data.points import Points
from tinynet_gui.core.data.scaling import is_better_standardised
from tinynet_gui.core.numerics.arrays import Floats
from tinynet_gui.ui.style.theme import Theme
from tinynet_gui.ui.style.zoom import px
from tinynet_gui.ui.widgets.layouts import filled
from tinynet_gui.ui.widgets.naming import caption, named, small
from tinynet_gui.ui.widgets.plots.plot_parts import NumberAxis, dress, line_pen, make_plot, name_axes

MARGIN = 0.06  # around the points, as a share of their range
STANDARDISE = (
    "The network then sees (x − μ)/σ and gives (y − μ)/σ: this is mostly learned better where x or y is large, tiny "
    "or far from 0"
)


class PointsPreview(QWidget):
    """Shows samples, the held-out ones hollow; below it stands what the network will see of them."""

    def __init__(self, theme: Theme, *, is_standardised: bool) -> None:
        super().__init__()
        self._is_chosen = is_standardised  # by the user, here or before
        self._plot = make_plot(NumberAxis("bottom"), left_width=58, names=("x", "y"))
        named(self._plot, "dataPlot", "Plot of the data")
        self._plot.setMouseEnabled(x=False, y=False)
        self._plot.setMinimumSize(240, 130)
        self.trained = pg.ScatterPlotItem(size=px(7), symbol="o", pxMode=True)
        self.held_out = pg.ScatterPlotItem(size=px(8), symbol="d", pxMode=True)
        for item in (self.trained, self.held_out):
            self._plot.addItem(item, ignoreBounds=True)
        words = "Data and curves stay in their own units."
        self._standardise = named(QCheckBox("Standardise x and y"), "dataStandardise", "Standardise x and y", words)
        self._what = small(named(caption(f"{STANDARDISE}."), "dataStandardiseWhat", "What standardising does"))
        self._what.setWordWrap(True)
        self._standardise.setChecked(is_standardised)
        filled(QVBoxLayout(self), (self._plot, 1), self._standardise, self._what, margins=(0, 0, 0, 0))
        self._standardise.clicked.connect(self._on_clicked)
        self.show_theme(theme)

    @property
    def is_standardised(self) -> bool:
        """Whether the samples are to be standardised."""
        return self._standardise.isChecked()

    def show_points(self, points: Points | None) -> None:
        """Show samples, and suggest whether to standardise them, until the user has said so."""
        self._plot.getPlotItem().setVisible(points is not None)
        self._standardise.setEnabled(points is not None)
        if points is None:
            self.trained.setData([], [])
            self.held_out.setData([], [])
            return
        is_better = is_better_standardised(points)
        self._what.setText(f"{STANDARDISE}, as here." if is_better else f"{STANDARDISE}.")
        if not self._is_chosen:
            self._standardise.setChecked(is_better)
        name_axes(self._plot, points.x_name or "x", points.y_name or "y")
        for item, which in ((self.trained, ~points.held_out), (self.held_out, points.held_out)):
            item.setData(points.x[which], points.y[which])
        self._plot.setXRange(*_with_margin(points.x), padding=0)
        self._plot.setYRange(*_with_margin(points.y), padding=0)

    def show_theme(self, theme: Theme) -> None:
        """Apply the colours of a theme."""
        dress(self._plot, theme)
        self.trained.setBrush(theme.color("data"))
        self.trained.setPen(line_pen(theme, "card", 1))
        self.held_out.setBrush(theme.color("card"))
        self.held_out.setPen(line_pen(theme, "data", 1.6))

    def _on_clicked(self) -> None:
        self._is_chosen = True


def _with_margin(values: Floats) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    margin = MARGIN * (high - low) or max(1.0, abs(low))
    return low - margin, high + margin
