"""Draggable handles in the function plot: a neuron's kink, its slope, and the probe."""

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QSignalBlocker, Qt, Signal

from tinynet_gui.core.function.neurons import kink_of
from tinynet_gui.core.network.refs import NeuronRef, ParameterRef
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.ui.style.theme import px, reach_px
from tinynet_gui.ui.views.function_plot.parts import CurveParts
from tinynet_gui.ui.views.function_plot.scene import FunctionLayer, Scene
from tinynet_gui.ui.widgets.plots.plot_parts import line_pen
from tinynet_gui.ui.widgets.selection import Selection

MIN_STOP_PX = 4.0  # between two round numbers to snap to
TOOLTIP = _("Drag it: it stops at round numbers, and with Shift anywhere.")


class ProbeLine(pg.InfiniteLine):  # type: ignore[misc]  # pyqtgraph has no types
    """Snaps to round numbers when dragged, unless Shift is held."""

    def __init__(self) -> None:
        super().__init__(pos=1.0, angle=90, movable=True)
        self._is_fine = False
        self.setToolTip(TOOLTIP)

    def mouseDragEvent(self, ev: Any) -> None:
        self._is_fine = bool(ev.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        super().mouseDragEvent(ev)

    def setPos(self, pos: Any) -> None:
        if self.moving and not self._is_fine:
            pos = nearest_stop(pos.x(), MIN_STOP_PX * self.getViewBox().viewPixelSize()[0])
        super().setPos(pos)


def nearest_stop(value: float, least: float) -> float:
    """Return the multiple of 1, 2 or 5 times a power of ten, at least `least`, that is nearest to a value."""
    exponent = math.floor(math.log10(least))
    factor, exponent = next(((f, exponent) for f in (1, 2, 5) if f * 10.0**exponent >= least), (1, exponent + 1))
    count = round(value / (factor * 10.0**exponent)) * factor
    return count * 10.0**exponent if exponent >= 0 else count / 10.0**-exponent  # the float that is typed as 2.3


ON_TOP = 60
SLOPE_SIZE = 12.0
REACH = 6.0  # pixels
SMALLEST_H = 1e-6  # a neuron with a smaller output has no slope handle


def _style(handle: Any) -> None:
    if isinstance(handle, pg.TargetItem):
        handle.scale = px(SLOPE_SIZE)
        handle.viewTransformChanged()
    else:
        handle.setHoverPen(line_pen("accent", 3) if isinstance(handle, ProbeLine) else line_pen("ink", 2.5))


class CurveHandles(FunctionLayer):
    """Handles for the selected neuron, and the probe: a line at the x whose forward pass is shown, if not hidden."""

    parameter_edited = Signal(object, float)
    probed = Signal(object)

    def __init__(self, plot: pg.PlotWidget, selection: Selection, parts: CurveParts) -> None:
        super().__init__(plot)
        self._selection, self._parts = selection, parts
        self._ref: NeuronRef | None = None
        self._slope_h = 0.0
        kink, slope = partial(pg.InfiniteLine, angle=90, movable=True), partial(pg.TargetItem, movable=True)
        self.kink = self._lazy(kink, "sigDragged", self._on_kink_dragged, "muted", 1, Qt.PenStyle.DotLine)
        self.slope = self._lazy(slope, "sigPositionChanged", self._on_slope_dragged, "ink", 1.5, fill=("card",))
        self.probe = self._lazy(ProbeLine, "sigPositionChanged", self._on_probe_moved, "accent", 1.6)
        selection.hovered_changed.connect(self._place)
        selection.pinned_changed.connect(self._place)
        parts.changed.connect(self._place)

    def _lazy(self, make: Callable[[], Any], signal: str, slot: Callable[..., None], *pen: Any, **fill: Any) -> Any:
        def made() -> Any:
            getattr(item := make(), signal).connect(slot)
            _style(item)
            return item

        return self.put_lazy(made, ON_TOP, *pen, **fill)

    def show_theme(self) -> None:
        super().show_theme()
        for handle in (self.kink, self.slope, self.probe):
            if handle.is_made:
                _style(handle.made)

    def _show_moment(self, scene: Scene) -> None:
        self._place()

    def _place(self) -> None:
        """Show the selected neuron's kink if it is in the first layer, its slope if in the last.

        The slope's handle lies on the contribution w′·h, and is hidden with it.
        """
        snapshot, ref = self._scene.snapshot, self._parts.selected_neuron
        self._ref = ref
        kink = None if snapshot is None or ref is None else kink_of(snapshot, ref.layer, ref.index)
        self.kink.setVisible(kink is not None)
        if kink is not None and not self.kink.moving:
            self.kink.setValue(kink)
        self._place_slope()

    def are_near(self, x: float, y: float) -> bool:
        """Whether a handle can be grabbed at a point of the plot, in its coordinates."""
        wide, high = self._plot.getViewBox().viewPixelSize()
        lines = [line.value() for line in (self.kink, self.probe) if line.isVisible()]
        if any(abs(value - x) <= reach_px(REACH) * wide for value in lines):
            return True
        if not self.slope.isVisible():
            return False
        return bool(np.hypot((self.slope.pos().x() - x) / wide, (self.slope.pos().y() - y) / high) <= reach_px(REACH))

    def move_probe(self, x: float) -> None:
        self.probe.setValue(x)

    def set_probe_shown(self, shown: bool) -> None:
        self.probe.setVisible(shown)
        self.probed.emit(float(self.probe.value()) if shown else None)

    def _place_slope(self) -> None:
        snapshot, ref = self._scene.snapshot, self._ref
        self._slope_h = 0.0
        in_a_stack = self._parts.is_shown and self._parts.is_stacked
        is_last = snapshot is not None and ref is not None and ref.layer == len(snapshot.activations) - 1
        is_last = is_last and not in_a_stack and self._selection.pinned == ref
        if is_last and snapshot is not None and ref is not None:
            data, grid = snapshot.config.data, snapshot.neuron_grid
            low, high = data.x_range
            inside = np.flatnonzero((grid >= low) & (grid <= high))
            if not len(inside):  # held-out samples are far away from the others
                inside = np.abs(grid - low).argmin(keepdims=True)
            h = snapshot.activations[ref.layer][ref.index][inside]
            best = int(np.argmax(np.abs(h)))
            if abs(float(h[best])) > SMALLEST_H:
                self._slope_h = float(h[best])
                if not self.slope.moving:
                    weight = float(snapshot.curve_layers[-1].weight[0, ref.index])
                    with QSignalBlocker(self.slope.made):
                        self.slope.setPos(float(grid[inside[best]]), weight * self._slope_h)
        self.slope.setVisible(self._slope_h != 0.0)

    def _on_kink_dragged(self) -> None:
        """Solve w·x + b = 0 at the kink: b = −w·x, for x as normalised for the network."""
        snapshot = self._scene.snapshot
        if snapshot is not None and self._ref is not None:
            weight = float(snapshot.layers[0].weight[self._ref.index, 0])
            self._selection.pin(self._ref)
            x = float(snapshot.dataset.scaling.x_seen(self.kink.value()))
            self.parameter_edited.emit(ParameterRef(0, "bias", (self._ref.index,)), -weight * x)

    def _on_slope_dragged(self) -> None:
        """The contribution is w′·h: where its handle has been dragged to y, w′ = y/h, in the units of y."""
        snapshot = self._scene.snapshot
        if snapshot is not None and self._ref is not None and self._slope_h != 0.0:
            value = float(self.slope.pos().y()) / self._slope_h / snapshot.dataset.scaling.y_deviation
            self.parameter_edited.emit(ParameterRef(len(snapshot.layers) - 1, "weight", (0, self._ref.index)), value)

    def _on_probe_moved(self) -> None:
        if self.probe.isVisible():
            self.probed.emit(float(self.probe.value()))
