"""The stage for a film's frames: separate views that are never on the screen."""

import numpy as np
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QLabel, QVBoxLayout, QWidget

from tinynet_gui.core.export.film import FilmFrame
from tinynet_gui.core.function.linear_regions import find_linear_regions
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.core.training.dataset import plot_range
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.ui.style.style_sheets import style_sheet
from tinynet_gui.ui.views.diagram.network_diagram import NetworkDiagram
from tinynet_gui.ui.views.function_plot.foot import PlotFoot
from tinynet_gui.ui.views.function_plot.function_plot import FunctionPlot
from tinynet_gui.ui.widgets.layouts import filled
from tinynet_gui.ui.widgets.naming import in_role

LARGEST = 3_000  # parameters of a network whose kinks are marked
PLOT_SHAPE, DIAGRAM_SHAPE = 0.5, 0.45  # height by width


class FilmStage(QWidget):
    """The fit, with the step and the loss above it and optionally the diagram below.

    Parameters
    ----------
    plot, diagram
        Views that nobody else uses, in the colours of the film.
    """

    def __init__(self, width: int, plot: FunctionPlot, diagram: NetworkDiagram | None) -> None:
        super().__init__()
        self.setObjectName("filmStage")
        self.setStyleSheet(style_sheet())
        self._words = in_role(QLabel(), "title")
        self._words.setContentsMargins(14, 8, 14, 4)
        self.plot, self.diagram = plot, diagram
        for switch in (*self.plot.switches.all(), self.plot.switches.seeds):
            switch.hide()
        for foot in self.plot.findChildren(PlotFoot):
            foot.hide()
        self.plot.linear_regions_wanted.connect(self._find_regions)
        layout = filled(QVBoxLayout(self), self._words, (self.plot, 1), margins=(0, 0, 0, 0), spacing=0)
        height = width * PLOT_SHAPE
        if self.diagram is not None:
            self.diagram.setFixedHeight(round(width * DIAGRAM_SHAPE))
            layout.addWidget(self.diagram)
            height += width * DIAGRAM_SHAPE
        self.resize(width, round(height))
        self.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
        self.show()

    def frame(self, snapshot: Snapshot) -> FilmFrame:
        """Paint a moment; red, green and blue of shape (height, width, 3)."""
        self._words.setText(f"step {count_text(snapshot.step)}")
        self.plot.show_config(snapshot.config)
        self.plot.show_snapshot(snapshot)
        self.plot.show_loss(snapshot)
        if self.diagram is not None:
            self.diagram.show_config(snapshot.config)
            self.diagram.show_snapshot(snapshot)
        QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)  # a longer number gets its space
        image = QImage(self.size(), QImage.Format.Format_RGB888)
        self.render(image)
        rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
        return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()

    def _find_regions(self, snapshot: Snapshot) -> None:
        """Find the kinks of a network small enough for this between two frames."""
        config = snapshot.config
        if config.network.parameter_count <= LARGEST:
            x_range = plot_range(config.data)
            regions = find_linear_regions(snapshot.curve_layers, config.network.activation, *x_range)
            self.plot.show_linear_regions(snapshot, regions)
