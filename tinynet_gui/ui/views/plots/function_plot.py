"""The samples, the true function and what the network makes of them."""

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QToolButton, QWidget

from tinynet_gui.core.analysis.linear_regions import LinearRegions, find_linear_regions
from tinynet_gui.core.analysis.preview import Preview
from tinynet_gui.core.arrays import Array
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.dataset import GRID_POINTS, Dataset, plot_grid, plot_range
from tinynet_gui.core.data.formula import parse_formula
from tinynet_gui.core.network.forward import Layer, output_curve, without_neurons
from tinynet_gui.core.network.refs import NeuronRef, Ref
from tinynet_gui.core.run.snapshot import Snapshot
from tinynet_gui.core.text.names import neuron_name
from tinynet_gui.core.text.numbers import loss_text
from tinynet_gui.ui.style.theme import Theme
from tinynet_gui.ui.views.plots.curve_handles import CurveHandles
from tinynet_gui.ui.views.plots.curve_parts import CurveParts
from tinynet_gui.ui.views.plots.function_field import FunctionField
from tinynet_gui.ui.views.plots.function_key import FunctionKey
from tinynet_gui.ui.views.plots.no_data import NoData
from tinynet_gui.ui.views.plots.plot_pointer import PlotPointer
from tinynet_gui.ui.views.plots.probe_line import TOOLTIP
from tinynet_gui.ui.views.plots.sample_errors import SampleErrors
from tinynet_gui.ui.widgets.card import Card
from tinynet_gui.ui.widgets.guard import guarded
from tinynet_gui.ui.widgets.naming import named
from tinynet_gui.ui.widgets.plot_menu import PlotMenu
from tinynet_gui.ui.widgets.plot_parts import NumberAxis, dress, line_pen, make_plot
from tinynet_gui.ui.widgets.range_dialog import LARGEST, Ends
from tinynet_gui.ui.widgets.selection import Selection

SMALL = 3_000  # with so many weights kinks are found in less than a millisecond
WORK, FEWEST_POINTS = 8_000_000, 49  # multiplications for a curve that is not the snapshot's, and its points at least
HIGHEST, LEAST_RANGE = 1e12, 1e-4  # of y; from one end of the view to the other
WIDEST_LOSS = "loss = 0.0001234"


@guarded
class FunctionPlot(Card):
    """Draws what `show_config` and `show_snapshot` tell it, and the selected neuron's share in it.

    Signals
    -------
    linear_regions_wanted : Snapshot
        A moment is shown: `show_linear_regions` is to tell its kinks and pieces, at once or later.
    x_range_changed
        `x_range` is another one: `show_swarm` is to tell how its curves go on there.
    """

    linear_regions_wanted = Signal(object)
    x_range_changed = Signal()

    def __init__(self, selection: Selection, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(
            "What it computes",
            "functionPlot",
            "Plot of the samples, the true function and the network's output",
            parent,
        )
        self._selection = selection
        self._snapshot: Snapshot | None = None
        self._pieces: LinearRegions | None = None
        self._config: Config | None = None
        self._shown: tuple[int, Dataset] | None = None  # rows of the key, samples
        self._x_range: tuple[float, float] | None = None
        self.preview: Preview | None = None
        self._swarm_sizes = (0, 0)
        self._switched_off: Collection[NeuronRef] = ()

        self.plot = make_plot(NumberAxis("bottom"), left_width=58, names=("x", "y"))
        self.plot.setLimits(xMin=-LARGEST, xMax=LARGEST, minXRange=LEAST_RANGE)
        self.plot.setLimits(yMin=-HIGHEST, yMax=HIGHEST, minYRange=LEAST_RANGE)
        self.menu = PlotMenu(self.plot, ("x", "y"))
        self._no_data = NoData(self.plot)
        self._target = pg.PlotCurveItem(antialias=True)
        self._output = pg.PlotCurveItem(antialias=True)
        self._swarm = pg.PlotCurveItem()
        self._ghost = pg.PlotCurveItem(antialias=True)
        self._without = pg.PlotCurveItem(antialias=True)
        self._samples = pg.ScatterPlotItem(size=8, symbol="o", pxMode=True)
        self._held_out = pg.ScatterPlotItem(size=9, symbol="d", pxMode=True)
        for z, item in enumerate(
            (
                self._swarm,
                self._target,
                self._ghost,
                self._without,
                self._samples,
                self._held_out,
                self._output,
            )
        ):
            item.setZValue(z + 2)
            self.plot.addItem(item, ignoreBounds=True)
        self.errors = SampleErrors(self.plot)
        self.handles = CurveHandles(self.plot, selection, theme)
        self.parts = CurveParts(self.plot, selection, theme)
        self._ghost.setVisible(False)
        self._swarm.setVisible(False)
        self._without.setVisible(False)
        self._key = FunctionKey()
        self._field = FunctionField()
        self._make_switches()
        self.body.addWidget(self._key)
        self.body.addWidget(self.plot, 1)
        self.body.addWidget(self._field)
        self.setToolTip("")

        self.menu.everything_wanted.connect(self.show_everything)
        self.menu.range_chosen.connect(self._on_range_chosen)
        self.plot.getViewBox().sigXRangeChanged.connect(self._on_x_range_changed)
        selection.hovered_changed.connect(self._on_hovered_changed)
        selection.pinned_changed.connect(self._on_hovered_changed)
        self._field.number_typed.connect(self.handles.probe.setValue)
        self._pointer = PlotPointer(self.plot, selection, self._ref_at, self)
        self.plot.scene().sigMouseClicked.connect(self._on_mouse_clicked)
        self.show_theme(theme)

    def _make_switches(self) -> None:
        """What can be drawn besides the curve, in the header."""
        self._parts_switch = _switch(
            "parts",
            "curveParts",
            "Draw each neuron's contribution w′·h(x) to the curve, in the colour that it has in the diagram: "
            "with the output's bias b′ they add up to the network's output.",
        )
        self._stack_switch = _switch(
            "stacked", "curveStacked", "Draw the parts on top of each other: the last one is the output."
        )
        self._stack_switch.setEnabled(False)  # there, so that the switch beside it stays where it is
        self._probe_switch = _switch(
            "probe",
            "probe",
            f"Look into the network at one x, the line's, and read the values in the diagram.\n{TOOLTIP}",
        )
        self.header.insertWidget(1, self._parts_switch)
        self.header.insertWidget(2, self._stack_switch)
        self.header.insertWidget(3, self._probe_switch)
        self._probe_switch.toggled.connect(self.handles.set_probe_shown)
        self._parts_switch.toggled.connect(self.parts.set_parts_shown)
        self._parts_switch.toggled.connect(self._stack_switch.setEnabled)
        self._stack_switch.toggled.connect(self.parts.set_stacked)
        for switch in (self._parts_switch, self._stack_switch):
            switch.toggled.connect(self._on_parts_switched)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the loss out of the header where there is no room for it; the status bar has it too."""
        super().resizeEvent(event)
        self._fit_header()

    @Slot()
    def _on_parts_switched(self) -> None:
        self._keep_words_clear()
        self._show_handles()
        self._write_key()
        self._fit_header()

    def _fit_header(self) -> None:
        shown = [
            w for w in (self.title, self._parts_switch, self._stack_switch, self._probe_switch) if not w.isHidden()
        ]
        margins, gaps = self.header.contentsMargins(), (len(shown) + 1) * self.header.spacing()
        needed = sum(w.sizeHint().width() for w in shown) + margins.left() + margins.right() + gaps
        loss = self.value.fontMetrics().horizontalAdvance(WIDEST_LOSS)
        self.value.setVisible(needed + loss <= self.width())

    def show_theme(self, theme: Theme) -> None:
        """Take on the colours of a theme."""
        self._theme = theme
        dress(self.plot, theme)
        self._no_data.show_theme(theme)
        self._target.setPen(line_pen(theme, "muted", 1.3, Qt.PenStyle.DashLine))
        self._output.setPen(line_pen(theme, "ink", 2.4))
        self.errors.show_theme(theme)
        self.parts.show_theme(theme)
        self.handles.show_theme(theme)
        self._without.setPen(line_pen(theme, "ghost", 2, Qt.PenStyle.DotLine))
        self._swarm.setPen(line_pen(theme, "ghost", 1, alpha=0.3))
        self._ghost.setPen(line_pen(theme, "ghost", 1.8, Qt.PenStyle.DashLine))
        self._samples.setBrush(theme.color("data"))
        self._samples.setPen(line_pen(theme, "card", 1))
        self._held_out.setBrush(theme.color("card"))
        self._held_out.setPen(line_pen(theme, "data", 1.6))
        self._write_key()

    def show_config(self, config: Config, dataset: Dataset) -> None:
        """Show the samples of a run and the true function of its configuration."""
        self._config = config
        rows = max(1, len(config.network.hidden))
        if self._shown == (rows, dataset):
            return
        self._shown = (rows, dataset)
        self._samples.setData(dataset.x_train[:, 0], dataset.y_train[:, 0])
        self._held_out.setData(dataset.x_held_out[:, 0], dataset.y_held_out[:, 0])
        self._set_x_range(None)
        grid = plot_grid(config.data)
        y = parse_formula(config.data.target_formula)(grid)
        self._target.setData(grid, y, connect="finite")
        self._no_data.show_range(config.data.x_min, config.data.x_max)
        inside = (grid >= config.data.x_min) & (grid <= config.data.x_max)
        self._y_range = _range_with_margin(np.concatenate([y[inside], dataset.y_train[:, 0]]), rows)
        self._has_held_out = len(dataset.x_held_out) > 0
        self._write_key()
        self.show_everything()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Show the network's output."""
        self._snapshot = snapshot
        self._field.show_snapshot(snapshot)
        self._find_and_draw(snapshot)

    def _find_and_draw(self, snapshot: Snapshot) -> None:
        """Draw the network: by its kinks, if they are found at once, else by a grid."""
        self._pieces = None
        if self._x_range is not None and sum(layer.weight.size for layer in snapshot.layers) <= SMALL:
            self._pieces = find_linear_regions(snapshot.layers, snapshot.config.network.activation, *self._x_range)
            self._draw_network(snapshot)
        else:
            self.linear_regions_wanted.emit(snapshot)
        if self._pieces is None:
            self._draw_network(snapshot)

    @Slot(object)
    def show_loss(self, snapshot: Snapshot) -> None:
        """Write a moment's loss. It is read, and changes more slowly than the curves: when the status bar's does."""
        self.value.setText(f"loss = {loss_text(snapshot.train_loss)}")

    @Slot(object, object)
    def show_linear_regions(self, snapshot: Snapshot, pieces: LinearRegions) -> None:
        """Show the kinks and pieces of the moment that is shown; those of another are not drawn."""
        if snapshot is self._snapshot:
            self._pieces = pieces
            self._draw_network(snapshot)

    def _draw_network(self, snapshot: Snapshot) -> None:
        """Draw the output and what it is made of; from kink to kink, where that is less than the grid."""
        pieces = self._pieces
        if pieces is not None and 0 < len(pieces.values) <= len(snapshot.grid) and pieces.reach(self._x_range):
            self._output.setData(pieces.breakpoints, pieces.values)
        elif self._x_range is not None:
            self._output.setData(*self._curve_in_view(snapshot.layers, snapshot.config))
        else:
            self._output.setData(snapshot.grid, snapshot.output)
        self.parts.show_snapshot(snapshot, pieces, self._x_range)
        self._draw_without()
        self._show_handles()
        self._no_data.lift(self.parts.marks.height)
        self._keep_words_clear()

    def _keep_words_clear(self) -> None:
        curves = [item.getData() for item in (self._target, self._output, self._ghost) if item.isVisible()]
        self._no_data.keep_clear_of(*curves, *self.parts.drawn_curves())

    def _curve_in_view(self, layers: Sequence[Layer], config: Config) -> tuple[Array, Array]:
        """A network's output over what is in view; of a large one at fewer points, for this is done for each frame."""
        weights = sum(layer.weight.size for layer in layers)
        x = self._grid_in_view(max(FEWEST_POINTS, min(GRID_POINTS, WORK // weights)))
        return x, output_curve(layers, config.network.activation, x)

    def _grid_in_view(self, points: int = GRID_POINTS) -> Array:
        assert self._config is not None
        return np.linspace(*(self._x_range or plot_range(self._config.data)), points, dtype=np.float32)

    @Slot(object, object)
    def _on_x_range_changed(self, _box: object, x_range: tuple[float, float]) -> None:
        """Let the curves reach as far as the view does."""
        if self._config is None:
            return
        usual = plot_range(self._config.data)
        wanted = (
            None if np.allclose(x_range, usual, rtol=0, atol=1e-6 * (usual[1] - usual[0])) else (x_range[0], x_range[1])
        )
        if not self._set_x_range(wanted):
            return
        x = self._grid_in_view()
        self._target.setData(x, parse_formula(self._config.data.target_formula)(x), connect="finite")
        self._draw_ghost()
        if self._snapshot is not None:
            self._find_and_draw(self._snapshot)

    @property
    def x_range(self) -> tuple[float, float] | None:
        """Which x are in view; None if it is those of which snapshots have curves."""
        return self._x_range

    def _set_x_range(self, x_range: tuple[float, float] | None) -> bool:
        """Take note of what is in view, and return whether it is anything else than before."""
        if x_range == self._x_range:
            return False
        self._x_range = x_range
        self.x_range_changed.emit()
        return True

    @Slot(object, object)
    def _on_range_chosen(self, x: Ends, y: Ends) -> None:
        self.plot.setRange(xRange=x, yRange=y, padding=0)

    def show_preview(self, preview: Preview | None) -> None:
        """Show where the training would end as a ghost, or take it back."""
        self.preview = preview
        self._draw_ghost()
        self._ghost.setVisible(preview is not None)
        self._write_key()

    def _draw_ghost(self) -> None:
        if self.preview is not None and self._x_range is not None:
            self._ghost.setData(*self._curve_in_view(self.preview.layers, self.preview.config))
        elif self.preview is not None:
            self._ghost.setData(self.preview.grid, self.preview.output)

    def show_without(self, refs: Collection[NeuronRef]) -> None:
        """Show what the output would be without these hidden neurons, to see what they are for."""
        self._switched_off = refs
        self._draw_without()

    def _draw_without(self) -> None:
        snapshot = self._snapshot
        self._without.setVisible(bool(self._switched_off) and snapshot is not None)
        if self._switched_off and snapshot is not None:
            off = [(ref.layer, ref.index) for ref in self._switched_off]
            layers = without_neurons(snapshot.layers, off)
            self._without.setData(*self._curve_in_view(layers, snapshot.config))
        self._write_key()

    def show_swarm(self, x: Array, outputs: Sequence[Array], seeds: int) -> None:
        """Show the ends of many runs as faint curves, or none.

        Parameters
        ----------
        x, outputs
            Of shape (points,): the outputs of each network that is drawn.
        seeds
            How many networks there are.
        """
        self._swarm.setVisible(bool(outputs))
        self._swarm_sizes = len(outputs), seeds
        if outputs:
            y = np.stack(outputs)
            connect = np.isfinite(y).astype(np.int32)
            connect[:, -1] = 0
            self._swarm.setData(np.tile(x, len(y)), y.ravel(), connect=connect.ravel())
        self._write_key()

    def swarm_curves(self) -> tuple[Any, Any] | None:
        """What is drawn as the ends of many runs, one after another: x and y, or None."""
        return (self._swarm.xData, self._swarm.yData) if self._swarm.isVisible() else None

    def ghost_curve(self) -> tuple[Any, Any] | None:
        """What is drawn as the end of the training: x and y, or None."""
        return (self._ghost.xData, self._ghost.yData) if self._ghost.isVisible() else None

    def clear_run(self) -> None:
        """Forget the network of the run before."""
        self._snapshot, self._pieces = None, None
        self.parts.show_snapshot(None, None)
        self._show_handles()
        self._write_key()

    def show_everything(self) -> None:
        """Bring the view back to the plotted range."""
        if self._config is not None:
            self.plot.setXRange(*plot_range(self._config.data), padding=0)
            self.plot.setYRange(*self._y_range, padding=0)

    def output_curve(self) -> tuple[Any, Any]:
        """What is drawn as the network's output: x and y."""
        return self._output.xData, self._output.yData

    def target_curve(self) -> tuple[Any, Any]:
        """What is drawn as the true function: x and y."""
        return self._target.xData, self._target.yData

    def without_curve(self) -> tuple[Any, Any] | None:
        """What is drawn as the output without the neurons that are switched off: x and y, or None."""
        return (self._without.xData, self._without.yData) if self._without.isVisible() else None

    def sample_points(self) -> tuple[Any, Any]:
        """What is drawn as the samples of the training: x and y."""
        x, y = self._samples.getData()
        return x, y

    def held_out_points(self) -> tuple[Any, Any]:
        """What is drawn as the held-out samples: x and y."""
        x, y = self._held_out.getData()
        return x, y

    def neuron_curve(self) -> tuple[Any, Any]:
        """What is drawn for the selected neuron: x and y, empty if there is none."""
        return self.parts.selected.xData, self.parts.selected.yData

    def _ref_at(self, x: float, y: float) -> Ref | None:
        """What is drawn at a point of the plot; on a handle the selection stays, so that it can be taken hold of."""
        mark = self.parts.marks.ref_at(x, y)
        if mark is None and self.handles.are_near(x, y):
            return self._selection.hovered
        return mark or self.parts.curve_at(x, y)

    @Slot(object)
    def _on_hovered_changed(self, ref: Ref | None) -> None:
        self._show_handles()
        self._write_key()

    def _on_mouse_clicked(self, event: Any) -> None:
        if event.double():
            self.show_everything()

    def _show_handles(self) -> None:
        in_a_stack = self.parts.is_shown and self.parts.is_stacked
        self.handles.show_neuron(self._snapshot, self.parts.selected_neuron, with_slope=not in_a_stack)

    @Slot()
    def show_errors(self, batch: tuple[Array, Array, Array] | None, chosen: int | None = None) -> None:
        """Draw the errors of a step's batch (x, y and ŷ, each of shape (samples,)), or of a chosen sample; or none."""
        if batch is None:
            self.errors.clear()
        else:
            self.errors.show(*batch, chosen)
        self._write_key()

    def _write_key(self) -> None:
        snapshot = self._snapshot
        off = () if snapshot is None else tuple(neuron_name(snapshot, ref) for ref in self._switched_off)
        if self._config is not None:
            self._key.write(
                self._theme,
                snapshot,
                self.parts,
                has_held_out=self._has_held_out,
                is_in_view=self._is_in_view(),
                swarm_sizes=self._swarm_sizes,
                without=off,
                preview=self.preview,
                has_errors=self.errors.is_shown,
            )

    def _is_in_view(self) -> bool:
        """Whether any of the network's output is within the plotted range of y."""
        if self._snapshot is None:
            return True
        low, high = self._y_range
        output = self._snapshot.output.astype(np.float64)  # the view may reach beyond float32
        return bool(((output >= low) & (output <= high)).any())


def _switch(text: str, name: str, tooltip: str) -> QToolButton:
    """A small switch for the header."""
    switch = named(QToolButton(), name, text, tooltip)
    switch.setText(text)
    switch.setCheckable(True)
    switch.setProperty("compact", True)
    return switch


def _range_with_margin(y: Array, rows: int) -> tuple[float, float]:
    """The range of y to show, with room for so many rows of kinks at its foot."""
    y = y[np.isfinite(y)]
    low, high = (float(np.min(y)), float(np.max(y))) if len(y) else (0.0, 1.0)
    span = (high - low) or 6.0
    return low - (0.1 + 0.05 * rows) * span, high + 0.24 * span
