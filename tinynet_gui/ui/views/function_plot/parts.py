"""The output curve decomposed into the neurons' contributions, and the points where it bends."""

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QGraphicsPolygonItem, QStyleOptionGraphicsItem, QWidget

from tinynet_gui.core.function.neurons import evenly_chosen, largest_parts, stacked, weighted_activations
from tinynet_gui.core.network.forward import forward
from tinynet_gui.core.network.refs import NeuronRef, Ref, WeightRef
from tinynet_gui.core.text.language import gettext as _, ngettext
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.values import Array, Floats, Ints, distinct
from tinynet_gui.core.wording.neurons import neuron_name
from tinynet_gui.ui.style.theme import line_px, px, reach_px, theme
from tinynet_gui.ui.views.function_plot.kinks import KinkLayer, ramp
from tinynet_gui.ui.views.function_plot.scene import FunctionLayer, Scene
from tinynet_gui.ui.widgets.pictures import pixel_scale
from tinynet_gui.ui.widgets.plots.layer import RING, SOLID, ViewItem, legend_entry, no_pen
from tinynet_gui.ui.widgets.plots.plot_parts import curve_pen
from tinynet_gui.ui.widgets.selection import Selection


class NeuronCurves(ViewItem):
    """Draws hairlines without antialiasing: a hundred of a hundred points in 2 ms, where one item each took 15."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[QPolygonF] = []
        self.colors: list[QColor] = []

    def set_curves(self, x: Floats, y: Floats, colors: Sequence[QColor]) -> None:
        """Replace the curves: x of shape (points,), y (curves, points); those with non-finite values are not drawn."""
        finite = np.flatnonzero(np.isfinite(y).all(axis=1))
        self.lines = [pg.functions.arrayToQPolygonF(x, y[row]) for row in finite.tolist()]
        self.colors = [colors[row] for row in finite.tolist()]
        self.update()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        pen = QPen()
        pen.setCosmetic(True)
        pen.setWidthF(line_px(1) * pixel_scale())
        for line, color in zip(self.lines, self.colors, strict=True):
            pen.setColor(color)
            painter.setPen(pen)
            painter.drawPolyline(line)


MAX_CURVES = 100  # more would be a solid block
MAX_EXACT = 130  # with more breakpoints curves are drawn on the grid, not from kink to kink
MAX_DOTS, FEW_DOTS = 100, 30  # more would hide the curve; up to FEW_DOTS are drawn larger
GRID_POINTS = 97  # outside the range of the snapshot's own curves
REACH = 5.0  # px: the tolerance of the hit test
WIDEST_NAME = "h₁₀"  # reserves space for the name of the hovered neuron
OFF = 1e-6  # a neuron that adds less than this share of the largest contribution adds nothing here


class CurveParts(FunctionLayer):
    """Draws contributions w′·h(x) and breakpoints into a plot, each neuron's in its own colour."""

    def __init__(self, plot: pg.PlotWidget, selection: Selection, kinks: KinkLayer) -> None:
        super().__init__(plot)
        self._selection, self._kinks = selection, kinks
        self.is_shown = False  # whether the contributions are drawn, and not only the kinks
        self.is_stacked = False  # whether they are drawn on top of each other
        self._forget()
        self.curves = self.put_lazy(NeuronCurves, 1.5)
        self.selected = self.put_lazy(SOLID, 5.6)
        self.dots = self.put_lazy(RING, 8.5, "card", 1, fill=("ink",))
        # Between the selected neuron's running sum and the one before it.
        self.band = self.put_lazy(QGraphicsPolygonItem, 1.4, no_pen)
        selection.hovered_changed.connect(self._show_selected)
        selection.pinned_changed.connect(self._show_selected)

    def drawn_curves(self) -> list[tuple[Floats, Floats]]:
        rows = self._sums[self.drawn + 1] if len(self._sums) else self._shares[self.drawn]
        return [(self._x, row) for row in rows]

    @property
    def selected_neuron(self) -> NeuronRef | None:
        return neuron_of(self._selection.hovered or self._selection.pinned, self._scene.snapshot)

    def show_theme(self) -> None:
        super().show_theme()
        self._draw_curves()
        self._draw_dots()
        self._show_selected()

    def legend_entries(self) -> Sequence[str]:
        snapshot, ref = self._scene.snapshot, self.selected_neuron
        if ref is None or snapshot is None:
            return ()
        color = theme().neuron_colors(snapshot.config.network.hidden[ref.layer])[ref.index].name()
        name = neuron_name(snapshot, ref)
        in_a_stack = self.is_shown and self.is_stacked
        what = _("up to {name}").format(name=name) if in_a_stack else f"w′·{name}(x)"
        return [legend_entry("—", color, what if ref.layer == len(snapshot.activations) - 1 else f"{name}(x)")]

    def legend_line(self) -> Sequence[str]:
        snapshot, regions = self._scene.snapshot, self._scene.regions
        if snapshot is None or not self.is_shown:
            return ()
        if not snapshot.activations:
            return [_("no hidden neurons")]
        count, drawn = snapshot.config.network.hidden[-1], len(self.drawn)
        if self.is_stacked:
            text = _("{drawn} of {count} sums, colours as in the diagram")
            text = _("running sums, colours as in the diagram") if drawn == count else text
        else:
            text = _("the {drawn} largest of {count} w′·h(x), colours as in the diagram")
            text = _("w′·h(x), colours as in the diagram") if drawn == count else text
        text = text.format(drawn=count_text(drawn), count=count_text(count))
        entries = [f"{ramp('▪', 5)} {text}"]
        if regions is not None and regions.count:
            text = ngettext("{count} piece", "{count} pieces", regions.count)
            entries.append(text.format(count=count_text(regions.count)))
        return entries

    def longest_entries(self) -> Sequence[str]:
        return self.legend_entries() or ([f"— w′·{WIDEST_NAME}(x)"] if self._scene.snapshot is not None else ())

    def set_parts_shown(self, shown: bool) -> None:
        self.is_shown = shown
        self._draw()
        self.changed.emit()

    def set_stacked(self, stacked: bool) -> None:
        """Draw running sums of the contributions, from the output's bias up to the output."""
        self.is_stacked = stacked
        self._draw()
        self.changed.emit()

    def _show_moment(self, scene: Scene) -> None:
        self._draw()

    def _forget(self) -> None:
        self._x: Floats = np.empty(0)
        self._activations: tuple[Array, ...] = ()
        self._shares: Floats = np.empty((0, 0))  # (neurons, points): what each adds to the output
        self._sums: Floats = np.empty((0, 0))  # (neurons + 1, points): the same on top of each other, bias first
        self.drawn: Ints = np.empty(0, np.int64)  # neurons of the last hidden layer

    def _draw(self) -> None:
        snapshot = self._scene.snapshot
        self._forget()
        if snapshot is not None and snapshot.activations and self.is_shown:
            self._place_points(snapshot)
            with np.errstate(all="ignore"):  # diverging: non-finite values are not drawn
                self._shares = weighted_activations(snapshot.curve_layers, self._activations[-1])
                if self.is_stacked:
                    self._sums = stacked(self._shares, float(snapshot.curve_layers[-1].bias[0]))
                    self.drawn = evenly_chosen(len(self._shares), MAX_CURVES)
                else:
                    self.drawn = largest_parts(self._shares, MAX_CURVES)
        self._draw_curves()
        self._draw_dots()
        self._show_selected()

    def _place_points(self, snapshot: Snapshot) -> None:
        """Choose the x to draw at: all kinks if the curve is linear between them, else the grid."""
        if len(self._x):
            return
        regions, x_range = self._scene.regions, self._scene.x_range
        if regions is not None and 0 < len(regions.values) <= MAX_EXACT and regions.covers(x_range):
            self._x = regions.breakpoints
        elif x_range is not None:
            self._x = np.linspace(*x_range, GRID_POINTS)
        if len(self._x):
            activation = snapshot.config.network.activation
            self._activations = forward(snapshot.curve_layers, activation, self._x.astype(np.float32)).activations
        else:
            self._x = snapshot.neuron_grid.astype(np.float64)
            self._activations = snapshot.activations

    def _draw_curves(self) -> None:
        self.curves.setVisible(len(self.drawn) > 0)
        if len(self.drawn):
            colors = theme().neuron_colors(len(self._shares))
            rows = np.stack([y for _, y in self.drawn_curves()])
            self.curves.set_curves(self._x, rows, [colors[index] for index in self.drawn])

    def _draw_dots(self) -> None:
        regions = self._scene.regions
        heard = np.empty(0) if regions is None else distinct(regions.kinks.x[regions.bends_output])
        shown = self.is_shown and regions is not None and 0 < len(heard) <= MAX_DOTS
        self.dots.setVisible(shown)
        if shown and regions is not None:
            y = regions.values[np.searchsorted(regions.breakpoints, heard)]
            self.dots.setData(heard, y, size=px(6 if len(heard) <= FEW_DOTS else 5))

    def _show_selected(self) -> None:
        """Draw the selected neuron's contribution, or its activation in an earlier layer, and highlight its kinks."""
        snapshot, ref = self._scene.snapshot, self.selected_neuron
        self._kinks.marks.select(ref)
        self.selected.setVisible(ref is not None)
        self.band.setVisible(False)
        if snapshot is None or ref is None:
            return
        color = theme().neuron_colors(snapshot.config.network.hidden[ref.layer])[ref.index]
        self._place_points(snapshot)
        curve: Floats = self._activations[ref.layer][ref.index].astype(np.float64)
        if ref.layer == len(snapshot.activations) - 1:
            with np.errstate(all="ignore"):  # 0 · infinity
                curve = float(snapshot.curve_layers[-1].weight[0, ref.index]) * curve
            if len(self._sums):
                curve = self._sums[ref.index + 1]
                self._show_band(self._sums[ref.index], curve, color)
        self.selected.setPen(curve_pen(color, 2))
        self.selected.setData(self._x, curve)

    def _show_band(self, low: Floats, high: Floats, color: QColor) -> None:
        if not (np.isfinite(low).all() and np.isfinite(high).all()):
            return
        fill = QColor(color)
        fill.setAlphaF(0.25)
        around = np.append(self._x, self._x[::-1]), np.append(low, high[::-1])
        self.band.setPolygon(pg.functions.arrayToQPolygonF(*around))
        self.band.setBrush(fill)
        self.band.setVisible(True)

    def curve_at(self, x: float, y: float) -> NeuronRef | None:
        """The neuron whose curve passes near a point in plot coordinates, unless it contributes nothing there."""
        snapshot = self._scene.snapshot
        if snapshot is None or not len(self.drawn) or not self._x[0] <= x <= self._x[-1]:
            return None
        wide, high = self._plot.getViewBox().viewPixelSize()
        right = int(np.clip(np.searchsorted(self._x, x), 1, len(self._x) - 1))
        run = float(self._x[right] - self._x[right - 1])
        along = (x - float(self._x[right - 1])) / run
        # in stacked mode areas count, not lines: include the sums between the drawn ones
        chosen = np.arange(len(self._shares)) if self.is_stacked else self.drawn
        ends = (self._sums[1:] if self.is_stacked else self._shares)[:, right - 1 : right + 1][chosen]
        share = self._shares[chosen, right - 1] * (1 - along) + self._shares[chosen, right] * along
        with np.errstate(all="ignore"):
            rise = (ends[:, 1] - ends[:, 0]) / run * wide / high  # its slope on the screen
            distance = np.abs(ends[:, 0] + along * (ends[:, 1] - ends[:, 0]) - y) / high / np.hypot(1.0, rise)
            distance[~(np.abs(share) > OFF * np.max(np.abs(share)))] = np.inf
        nearest = int(np.argmin(np.nan_to_num(distance, nan=np.inf)))
        if not distance[nearest] <= reach_px(REACH):
            return None
        return NeuronRef(len(snapshot.activations) - 1, int(chosen[nearest]))


def neuron_of(ref: Ref | None, snapshot: Snapshot | None) -> NeuronRef | None:
    """The hidden neuron to highlight for a selection: itself, or the one at an edge's end."""
    if snapshot is None or not snapshot.activations:
        return None
    if isinstance(ref, WeightRef):
        last = ref.layer == len(snapshot.activations)
        ref = NeuronRef(ref.layer - 1, ref.input) if last else NeuronRef(ref.layer, ref.output)
    if not isinstance(ref, NeuronRef) or ref.layer >= len(snapshot.activations):
        return None
    return ref if ref.index < len(snapshot.activations[ref.layer]) else None
