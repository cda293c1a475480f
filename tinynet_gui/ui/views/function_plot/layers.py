from collections.abc import Iterator

import pyqtgraph as pg

from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.ui.views.function_plot.curves import CurveGhost, Network, NoData, Pointed, Swarm, TrueFunction, Without
from tinynet_gui.ui.views.function_plot.guess import PredictedCurve
from tinynet_gui.ui.views.function_plot.handles import CurveHandles
from tinynet_gui.ui.views.function_plot.kinks import KinkLayer
from tinynet_gui.ui.views.function_plot.other_curves import LazyTwinCurve, RunCurves, SeedBandLayer
from tinynet_gui.ui.views.function_plot.parts import CurveParts
from tinynet_gui.ui.views.function_plot.sample_editor import SampleEditor
from tinynet_gui.ui.views.function_plot.samples import Influence, SampleErrors, Samples
from tinynet_gui.ui.views.function_plot.scene import FunctionLayer
from tinynet_gui.ui.widgets.selection import Selection

TOOLTIP = _(
    "▲ ▼ a kink: a neuron switches on or off there, in the colour of the dot at its box; ▲ the slope grows, ▼ falls; "
    "faint: the output does not bend. Point at one to see its neuron, click to pin it.\n"
    "Directions: different kinks that carry 99 % of the bend between the first and the last sample.\n"
    "▒ at each x, the middle eight in ten of the final curves of many seeds, and their median.\n"
    "≋ the swarm: at most a hundred of its curves. –·· where training would end.\n"
    "╍ the same network, made linear in its weights around its start: its kinks stay, and it is torn there.\n"
    "Drag to move the view, wheel to zoom, double-click to see all; a right-click offers more."
)


class FunctionLayers:
    """One line per layer of the function plot, in the order of the legend; their z decides which lies on top."""

    def __init__(self, plot: pg.PlotWidget, selection: Selection) -> None:
        self.no_data = NoData(plot)
        self.samples = Samples(plot)
        self.truth = TrueFunction(plot)
        self.network = Network(plot)
        self.guess = PredictedCurve(plot)
        self.runs = RunCurves(plot)
        self.errors = SampleErrors(plot)
        self.kinks = KinkLayer(plot)
        self.swarm = Swarm(plot)
        self.band = SeedBandLayer(plot)
        self.without = Without(plot)
        self.ghost = CurveGhost(plot)
        self.lazy_twin = LazyTwinCurve(plot)
        self.pointed = Pointed(plot)
        self.influence = Influence(plot, self.samples)
        self.parts = CurveParts(plot, selection, self.kinks)
        self.handles = CurveHandles(plot, selection, self.parts)
        self.editor = SampleEditor(plot)

    def __iter__(self) -> Iterator[FunctionLayer]:
        return iter(vars(self).values())
