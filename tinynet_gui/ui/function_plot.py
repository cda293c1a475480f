"""The samples, the true function and what the network makes of them."""

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QLabel, QToolButton, QWidget

from tinynet_gui.core.arrays import Array
from tinynet_gui.core.config import Config
from tinynet_gui.core.data import make_dataset, plot_grid, plot_range
from tinynet_gui.core.formula import parse_formula
from tinynet_gui.core.network import output_curve, without_neurons
from tinynet_gui.core.outcomes import Preview
from tinynet_gui.core.snapshot import Snapshot
from tinynet_gui.ui.card import Card
from tinynet_gui.ui.curve_handles import CurveHandles
from tinynet_gui.ui.curve_parts import CurveParts
from tinynet_gui.ui.function_field import FunctionField
from tinynet_gui.ui.naming import named
from tinynet_gui.ui.numbers import count_text, loss_text
from tinynet_gui.ui.plot_parts import NumberAxis, dress, line_pen, make_plot
from tinynet_gui.ui.ref_names import neuron_name
from tinynet_gui.ui.selection import EdgeRef, NeuronRef, Ref, Selection
from tinynet_gui.ui.theme import Theme, small_font

SWARM_CURVES, SWARM_STRIDE = 100, 4  # curves drawn at most, and every which of their points
FAR = 1e6  # the shading of "no data" reaches out to here


class FunctionPlot(Card):
    """Draws what `show_config` and `show_snapshot` tell it, and the selected neuron's share in it."""

    def __init__(self, selection: Selection, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(
            "What it computes",
            "functionPlot",
            "Plot of the samples, the true function and the network's output",
            parent,
        )
        self._selection = selection
        self._snapshot: Snapshot | None = None
        self._config: Config | None = None
        self._data_shown: object = None
        self.preview: Preview | None = None
        self._swarm_size = 0
        self._switched_off: Collection[NeuronRef] = ()

        self.plot = make_plot(NumberAxis("bottom"), left_width=52)
        self._shades = [pg.LinearRegionItem(movable=False, pen=pg.mkPen(None)) for _ in range(2)]
        self._target = pg.PlotCurveItem(antialias=True)
        self._output = pg.PlotCurveItem(antialias=True)
        self._swarm = pg.PlotCurveItem()
        self._ghost = pg.PlotCurveItem(antialias=True)
        self._without = pg.PlotCurveItem(antialias=True)
        self._neuron = pg.PlotCurveItem(antialias=True)
        self._samples = pg.ScatterPlotItem(size=8, symbol="o", pxMode=True)
        self._held_out = pg.ScatterPlotItem(size=9, symbol="d", pxMode=True)
        self._words = [pg.TextItem("no data here", anchor=(0.5, 1)) for _ in range(2)]
        for z, item in enumerate(
            (
                *self._shades,
                self._swarm,
                self._target,
                self._ghost,
                self._without,
                self._neuron,
                self._samples,
                self._held_out,
                self._output,
            )
        ):
            item.setZValue(z)
            self.plot.addItem(item, ignoreBounds=True)
        self.handles = CurveHandles(self.plot, selection, theme)
        self.parts = CurveParts(self.plot, selection, theme)
        for word in self._words:
            word.setFont(small_font())
            word.setZValue(100)
            self.plot.addItem(word, ignoreBounds=True)
        self._ghost.setVisible(False)
        self._swarm.setVisible(False)
        self._without.setVisible(False)
        self._key = QLabel()
        self._key.setFont(small_font())
        self._key.setContentsMargins(14, 0, 14, 0)
        self._key.setToolTip("Drag to move the view, wheel to zoom, double-click to see everything again.")

        self._field = FunctionField()
        self._make_switches()
        self.body.addWidget(self._key)
        self.body.addWidget(self.plot, 1)
        self.body.addWidget(self._field)
        self.setToolTip("")

        selection.hovered_changed.connect(self._on_hovered_changed)
        selection.pinned_changed.connect(self._on_hovered_changed)
        self.plot.scene().sigMouseClicked.connect(self._on_mouse_clicked)
        self.plot.getViewBox().sigRangeChanged.connect(self._place_words)
        self.plot.getViewBox().sigResized.connect(self._place_words)
        self.show_theme(theme)

    def _make_switches(self) -> None:
        """What can be drawn besides the curve, in the header."""
        self._parts_switch = _switch("parts", "curveParts", "Draw each neuron's contribution w′·h(x) to the curve.")
        self._stack_switch = _switch(
            "stacked", "curveStacked", "Draw the contributions on top of each other: the last one is the output."
        )
        self._stack_switch.setVisible(False)
        self._probe_switch = _switch(
            "probe", "probe", "Look into the network at one x: drag the line, read the values in the diagram."
        )
        self.header.insertWidget(1, self._parts_switch)
        self.header.insertWidget(2, self._stack_switch)
        self.header.insertWidget(3, self._probe_switch)
        self._probe_switch.toggled.connect(self.handles.set_probe_shown)
        self._parts_switch.toggled.connect(self.parts.set_parts_shown)
        self._parts_switch.toggled.connect(self._stack_switch.setVisible)
        self._stack_switch.toggled.connect(self.parts.set_stacked)

    def show_theme(self, theme: Theme) -> None:
        """Take on the colours of a theme."""
        self._theme = theme
        dress(self.plot, theme)
        for shade in self._shades:
            shade.setBrush(theme.color("no_data"))
        self._target.setPen(line_pen(theme, "muted", 1.3, Qt.PenStyle.DashLine))
        self._output.setPen(line_pen(theme, "ink", 2.4))
        self.parts.show_theme(theme)
        self.handles.show_theme(theme)
        self._without.setPen(line_pen(theme, "ghost", 2, Qt.PenStyle.DotLine))
        self._swarm.setPen(line_pen(theme, "ghost", 1, alpha=0.3))
        self._ghost.setPen(line_pen(theme, "ghost", 1.8, Qt.PenStyle.DashLine))
        self._samples.setBrush(theme.color("data"))
        self._samples.setPen(line_pen(theme, "card", 1))
        self._held_out.setBrush(theme.color("card"))
        self._held_out.setPen(line_pen(theme, "data", 1.6))
        for word in self._words:
            word.setColor(theme.color("muted"))
        self._write_key()
        self._show_neuron()

    def show_config(self, config: Config) -> None:
        """Show the samples and the true function of a configuration."""
        self._config = config
        if config.data == self._data_shown:
            return
        self._data_shown = config.data
        dataset = make_dataset(config.data)
        self._samples.setData(dataset.x_train[:, 0], dataset.y_train[:, 0])
        self._held_out.setData(dataset.x_held_out[:, 0], dataset.y_held_out[:, 0])
        grid = plot_grid(config.data)
        y = parse_formula(config.data.target_formula)(grid)
        self._target.setData(grid, y, connect="finite")
        self._shades[0].setRegion((config.data.x_min - FAR, config.data.x_min))
        self._shades[1].setRegion((config.data.x_max, config.data.x_max + FAR))
        inside = (grid >= config.data.x_min) & (grid <= config.data.x_max)
        self._y_range = _range_with_margin(np.concatenate([y[inside], dataset.y_train[:, 0]]))
        self._has_held_out = len(dataset.x_held_out) > 0
        self._write_key()
        self.show_everything()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Show the network's output and its loss."""
        self._snapshot = snapshot
        self._output.setData(snapshot.grid, snapshot.output)
        self.value.setText(f"loss = {loss_text(snapshot.train_loss)}")
        self.parts.show_snapshot(snapshot)
        self._field.show_snapshot(snapshot)
        self._draw_without()
        self._show_neuron()
        self._write_key()

    def show_preview(self, preview: Preview | None) -> None:
        """Show where the training would end as a ghost, or take it back."""
        if preview is not None:
            self._ghost.setData(preview.grid, preview.output)
        self.preview = preview
        self._ghost.setVisible(preview is not None)
        self._write_key()

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
            y = output_curve(layers, snapshot.config.network.activation, snapshot.grid)
            self._without.setData(snapshot.grid, y)
        self._write_key()

    def show_swarm(self, outputs: Sequence[Array]) -> None:
        """Show the ends of many runs as faint curves; of more than a hundred, every so many."""
        self._swarm.setVisible(bool(outputs))
        self._swarm_size = len(outputs)
        if outputs and self._config is not None:
            chosen = np.stack(outputs[:: -(-len(outputs) // SWARM_CURVES)])[:, ::SWARM_STRIDE]
            grid = plot_grid(self._config.data)[::SWARM_STRIDE]
            connect = np.ones(chosen.shape, dtype=np.int32)
            connect[:, -1] = 0
            self._swarm.setData(np.tile(grid, len(chosen)), chosen.ravel(), connect=connect.ravel())
        self._write_key()

    def ghost_curve(self) -> tuple[Any, Any] | None:
        """What is drawn as the end of the training: x and y, or None."""
        return (self._ghost.xData, self._ghost.yData) if self._ghost.isVisible() else None

    def clear_run(self) -> None:
        """Forget the network of the run before."""
        self._snapshot = None
        self.parts.show_snapshot(None)
        self._show_neuron()

    def show_everything(self) -> None:
        """Bring the view back to the plotted range."""
        if self._config is not None:
            self.plot.setXRange(*plot_range(self._config.data), padding=0)
            self.plot.setYRange(*self._y_range, padding=0)

    def output_curve(self) -> tuple[Any, Any]:
        """What is drawn as the network's output: x and y."""
        return self._output.xData, self._output.yData

    def neuron_curve(self) -> tuple[Any, Any]:
        """What is drawn for the selected neuron: x and y, empty if there is none."""
        return self._neuron.xData, self._neuron.yData

    def _selected(self) -> Ref | None:
        """What is pointed at, or else what is pinned."""
        return self._selection.hovered or self._selection.pinned

    @Slot(object)
    def _on_hovered_changed(self, ref: Ref | None) -> None:
        self._show_neuron()

    def _on_mouse_clicked(self, event: Any) -> None:
        if event.double():
            self.show_everything()

    def _show_neuron(self) -> None:
        """Draw the selected neuron's contribution to the output, or its activation in an earlier layer."""
        snapshot, ref = self._snapshot, _neuron_of(self._selected(), self._snapshot)
        if snapshot is None or ref is None:
            if self._neuron.isVisible():
                self._neuron.setData([], [])
                self._neuron.setVisible(False)
                self._write_key()
            self.handles.show_neuron(None, None)
            return
        curve = snapshot.activations[ref.layer][ref.index]
        sign = "muted"
        if ref.layer == len(snapshot.activations) - 1:
            weight = snapshot.layers[-1].weight[0, ref.index]
            curve = weight * curve
            sign = "positive" if weight >= 0 else "negative"
        self._neuron.setPen(line_pen(self._theme, sign, 2))
        self._neuron.setData(snapshot.neuron_grid, curve)
        self.handles.show_neuron(snapshot, ref)
        if not self._neuron.isVisible():
            self._neuron.setVisible(True)
        self._write_key()

    def _write_key(self) -> None:
        if self._config is None:
            return
        t = self._theme
        parts = [f'<span style="color:{t.data}">●</span> samples']
        if self._has_held_out:
            parts.append(f'<span style="color:{t.data}">◇</span> held out')
        parts.append(f'<span style="color:{t.muted}">┄</span> true function')
        parts.append(f'<b style="color:{t.ink}">—</b> network{"" if self._is_in_view() else " (off the plot)"}')
        if self._swarm_size:
            parts.append(f'<span style="color:{t.ghost}">≋</span> {count_text(self._swarm_size)} seeds')
        if self._switched_off and self._snapshot is not None:
            names = ", ".join(neuron_name(self._snapshot, ref) for ref in self._switched_off)
            parts.append(f'<b style="color:{t.ghost}">┈</b> without {names}')
        if self.preview is not None:
            parts.append(f'<b style="color:{t.ghost}">╌</b> at step {count_text(self.preview.end_step)}')
        ref = _neuron_of(self._selected(), self._snapshot)
        if ref is not None and self._snapshot is not None:
            name = neuron_name(self._snapshot, ref)
            last = ref.layer == len(self._snapshot.activations) - 1
            if last:
                weight = self._snapshot.layers[-1].weight[0, ref.index]
                color = t.positive if weight >= 0 else t.negative
                parts.append(f'<b style="color:{color}">—</b> w′·{name}(x)')
            else:
                parts.append(f"<b>—</b> {name}(x)")
        text = f'<span style="color:{t.muted}">{" &nbsp; ".join(parts)}</span>'
        if text != self._key.text():
            self._key.setText(text)

    def _is_in_view(self) -> bool:
        """Whether any of the network's output is within the plotted range of y."""
        if self._snapshot is None:
            return True
        low, high = self._y_range
        return bool(((self._snapshot.output >= low) & (self._snapshot.output <= high)).any())

    def _place_words(self) -> None:
        """Write "no data here" at the foot of each shaded region, where there is room."""
        if self._config is None:
            return
        (left, right), (bottom, _) = self.plot.getViewBox().viewRange()
        pixel, _ = self.plot.getViewBox().viewPixelSize()
        edges = ((left, self._config.data.x_min), (self._config.data.x_max, right))
        for word, edge in zip(self._words, edges, strict=True):
            start, end = max(edge[0], left), min(edge[1], right)
            word.setVisible((end - start) / pixel > word.boundingRect().width() - 4)
            word.setPos((start + end) / 2, bottom)


def _switch(text: str, name: str, tooltip: str) -> QToolButton:
    """A small switch for the header."""
    switch = named(QToolButton(), name, text, tooltip)
    switch.setText(text)
    switch.setCheckable(True)
    switch.setProperty("compact", True)
    return switch


def _neuron_of(ref: Ref | None, snapshot: Snapshot | None) -> NeuronRef | None:
    """The hidden neuron to light up for a selection: itself, or the one that an edge leads to or from."""
    if snapshot is None or not snapshot.activations:
        return None
    if isinstance(ref, EdgeRef):
        last = ref.layer == len(snapshot.activations)
        ref = NeuronRef(ref.layer - 1, ref.input) if last else NeuronRef(ref.layer, ref.output)
    if not isinstance(ref, NeuronRef) or ref.layer >= len(snapshot.activations):
        return None
    return ref if ref.index < len(snapshot.activations[ref.layer]) else None


def _range_with_margin(y: Array) -> tuple[float, float]:
    y = y[np.isfinite(y)]
    low, high = (float(np.min(y)), float(np.max(y))) if len(y) else (0.0, 1.0)
    margin = 0.15 * (high - low) or 1.0
    return low - margin, high + 1.6 * margin
