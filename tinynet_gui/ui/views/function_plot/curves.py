"""The curves of the function plot across the visible range: the true function and what networks compute."""

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph as pg
from PySide6 import QtWidgets
from PySide6.QtCore import Qt

from tinynet_gui.core.config import DataConfig
from tinynet_gui.core.network.forward import Layer, without_neurons
from tinynet_gui.core.network.refs import NeuronRef
from tinynet_gui.core.run.train import Preview
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.core.values import Array
from tinynet_gui.core.wording.neurons import neuron_name
from tinynet_gui.ui.style.theme import px, theme
from tinynet_gui.ui.views.function_plot.scene import FunctionLayer, Scene, truth_at
from tinynet_gui.ui.widgets.plots.layer import DASHED, LIVE, XY, legend_entry, no_pen
from tinynet_gui.ui.widgets.plots.plot_parts import ON_TOP

if TYPE_CHECKING:
    from tinynet_gui.core.maps.colors import Networks


OFF = " " + _("(off the plot)")
SWARM_Z, TARGET_Z, GHOST_Z, WITHOUT_Z, OUTPUT_Z = 2, 3, 4, 5, 8  # other runs lie between the second and the third


class CurveLayer(FunctionLayer):
    def __init__(self, plot: pg.PlotWidget, make: Callable[[], pg.PlotCurveItem], z: float, *pen: Any) -> None:
        super().__init__(plot)
        self._item = self.put_lazy(make, z, *pen)

    def curve(self) -> XY:
        return self._item.xData, self._item.yData

    def drawn(self) -> XY | None:
        return self.curve() if self._item.isVisible() else None

    def is_in_view(self) -> bool:
        (left, right), (low, high) = self._plot.getViewBox().viewRange()
        x, y = (values.astype(np.float64) for values in self.curve())  # the view may reach beyond float32
        crosses = (x[1:] >= left) & (x[:-1] <= right)
        crosses &= (np.maximum(y[1:], y[:-1]) >= low) & (np.minimum(y[1:], y[:-1]) <= high)
        return bool(crosses.any())


class TrueFunction(CurveLayer):
    keeps_words_away = True

    def __init__(self, plot: pg.PlotWidget) -> None:
        super().__init__(plot, DASHED, TARGET_Z, "muted", 1.3, Qt.PenStyle.DashLine)
        self._drawn: tuple[DataConfig, tuple[float, float] | None] | None = None  # the data and the range of x
        self._is_withheld = False

    def set_withheld(self, is_withheld: bool) -> None:
        if is_withheld != self._is_withheld:
            self._is_withheld, self._drawn = is_withheld, None
            self.show_scene(self._scene)
            self.changed.emit()

    def legend_entries(self) -> Sequence[str]:
        has_truth = self._scene.config.data.true_formula is not None and not self._is_withheld
        return [legend_entry("┄", theme().muted, _("true function"), "span")] if has_truth else ()

    def _follow(self, scene: Scene, before: Scene) -> None:
        if self._drawn != (scene.config.data, scene.x_range):
            self._drawn = scene.config.data, scene.x_range
            x = scene.grid()
            y = truth_at(scene.config, x)
            self._item.setVisible(len(y) > 0 and not self._is_withheld)
            self._item.setData(x[: len(y)], y, connect="finite")


class Network(CurveLayer):
    keeps_words_away = True

    def __init__(self, plot: pg.PlotWidget) -> None:
        super().__init__(plot, LIVE, OUTPUT_Z, "ink", 2.4)

    def legend_entries(self) -> Sequence[str]:
        is_off = self._scene.snapshot is not None and not self.is_in_view()
        return [legend_entry("—", theme().ink, _("network") + (OFF if is_off else ""))]

    def _show_moment(self, scene: Scene) -> None:
        snapshot, regions = scene.snapshot, scene.regions
        if snapshot is None:
            return
        self._item.setVisible(True)
        if regions is not None and 0 < len(regions.values) <= len(snapshot.grid) and regions.covers(scene.x_range):
            self._item.show_points(regions.breakpoints, regions.values)
        elif scene.x_range is not None:
            self._item.show_points(*scene.output_of(snapshot.curve_layers, snapshot.config))
        else:
            self._item.show_points(snapshot.grid, snapshot.output)


class Swarm(CurveLayer):
    def __init__(self, plot: pg.PlotWidget) -> None:
        super().__init__(plot, pg.PlotCurveItem, SWARM_Z, "muted", 1, Qt.PenStyle.SolidLine, 0.3)
        self._sizes = 0, 0  # how many are drawn, and how many there are

    def legend_entries(self) -> Sequence[str]:
        drawn, seeds = self._sizes
        text = _("swarm: {count} seeds") if drawn == seeds else _("swarm: {drawn} of {count} seeds")
        text = text.format(drawn=drawn, count=count_text(seeds))
        return [legend_entry("≋", theme().muted, text, "span")] if seeds else ()

    def show_outputs(self, x: Array, outputs: Sequence[Array], seeds: int) -> None:
        """Draw outputs of shape (points,), or none; `seeds` is the number of runs that these were selected from."""
        self._item.setVisible(bool(outputs))
        self._sizes = len(outputs), seeds
        if outputs:
            y = np.stack(outputs)
            connect = np.isfinite(y).astype(np.int32)
            connect[:, -1] = 0
            self._item.setData(np.tile(x, len(y)), y.ravel(), connect=connect.ravel())
        self.changed.emit()


class Without(CurveLayer):
    """The output without some hidden neurons, to show what they contribute."""

    def __init__(self, plot: pg.PlotWidget) -> None:
        super().__init__(plot, DASHED, WITHOUT_Z, "ghost", 2, Qt.PenStyle.DotLine)
        self._refs: Collection[NeuronRef] = ()

    def legend_entries(self) -> Sequence[str]:
        snapshot = self._scene.snapshot
        names = [] if snapshot is None else [neuron_name(snapshot, ref) for ref in self._refs]
        text = _("without {names}").format(names=", ".join(names))
        return [legend_entry("┈", theme().ghost, text)] if names else ()

    def _show_moment(self, scene: Scene) -> None:
        if scene.snapshot is not None:
            self._draw()

    def show_refs(self, refs: Collection[NeuronRef]) -> None:
        self._refs = refs
        self._draw()
        self.changed.emit()

    def _draw(self) -> None:
        snapshot = self._scene.snapshot
        self._item.setVisible(bool(self._refs) and snapshot is not None)
        if self._refs and snapshot is not None:
            layers = without_neurons(snapshot.curve_layers, [(ref.layer, ref.index) for ref in self._refs])
            self._item.setData(*self._scene.output_of(layers, snapshot.config))


class Pointed(CurveLayer):
    """The curve of the hovered network: a point of a map, or a run of an experiment."""

    keeps_words_away = True

    def __init__(self, plot: pg.PlotWidget) -> None:
        super().__init__(plot, DASHED, GHOST_Z + 0.5, "accent", 2.2, Qt.PenStyle.DashDotLine)
        self._words, self._has_diverged = "", False

    def legend_entries(self) -> Sequence[str]:
        if not self._item.isVisible():
            return ()
        off = "" if self._has_diverged or self.is_in_view() else OFF
        return [legend_entry("–·", theme().accent, self._words + off)]

    def show_output(self, x: Array, y: Array, words: str) -> None:
        self._words, self._has_diverged = words, False
        self._item.setData(x, y)
        self._item.setVisible(True)
        self.changed.emit()

    def show_network(self, networks: "Networks | None") -> None:
        if networks is None:
            if self._item.isVisible():
                self._item.setVisible(False)
                self.changed.emit()
        else:
            first = tuple(Layer(layer.weight[0], layer.bias[0]) for layer in networks.layers)
            layers = networks.dataset.scaling.in_units_of_data(first)
            self.show_output(*self._scene.output_of(layers, networks.config), _("at this point of the map"))
            if networks.diverged_at[0] >= 0:
                self._words, self._has_diverged = _("diverged at this point of the map"), True
                self.changed.emit()


class CurveGhost(CurveLayer):
    keeps_words_away = True

    def __init__(self, plot: pg.PlotWidget) -> None:
        super().__init__(plot, DASHED, GHOST_Z, "ghost", 1.8, Qt.PenStyle.DashDotDotLine)
        self.preview: Preview | None = None

    def legend_entries(self) -> Sequence[str]:
        if self.preview is None:
            return ()
        text, end = _("ghost: if trained from step {start} to {end}"), self.preview.end_step
        if self.preview.diverged_at is not None:
            text, end = _("ghost: if trained from step {start}, diverges at step {end}"), self.preview.diverged_at
        text = text.format(start=count_text(self.preview.start_step), end=count_text(end))
        return [legend_entry("–··", theme().ghost, text)]

    def _follow(self, scene: Scene, before: Scene) -> None:
        if before.x_range != scene.x_range:
            self._draw()

    def show_preview(self, preview: Preview | None) -> None:
        self.preview = preview
        self._draw()
        self._item.setVisible(preview is not None)
        self.changed.emit()

    def _draw(self) -> None:
        preview = self.preview
        if preview is not None and self._scene.x_range is not None:
            self._item.setData(*self._scene.output_of(preview.layers, preview.config))
        elif preview is not None:
            self._item.setData(preview.grid, preview.output)


MARK_PX = 5  # half of a sample's mark: the shading begins beside the marks of the training samples
WORD_MARGIN = 4  # px: the empty margin of a label
ACROSS = 9  # points across a label at which curves are sampled


class NoData(FunctionLayer):
    """Shades the plot left and right of the training samples; a side without held-out samples says "no data here"."""

    def __init__(self, plot: pg.PlotWidget) -> None:
        super().__init__(plot)
        self._box = plot.getViewBox()
        self._lift_px = 0.0
        self._curves: Sequence[XY] = ()
        self._rows = [0, 0]  # each label's row above the bottom
        self._shades = [QtWidgets.QGraphicsRectItem() for _side in range(2)]
        self._words = [pg.TextItem(_("no data here"), anchor=(0.5, 1)) for _side in range(2)]
        for shade, word in zip(self._shades, self._words, strict=True):
            self.put(shade, 0, no_pen, fill=("no_data",), visible=True)
            self.put(word, ON_TOP, words="muted", visible=True)
        self._box.sigRangeChanged.connect(self._place)
        self._box.sigResized.connect(self._place)

    def show_theme(self) -> None:
        super().show_theme()
        self._place()

    def _follow(self, scene: Scene, before: Scene) -> None:
        if scene.points is not before.points:
            self._place()

    def start_over(self) -> None:
        """Put the label of a new run back at the bottom."""
        self._rows, self._curves = [0, 0], ()
        self._place()

    def keep_clear_of(self, foot: float, curves: Sequence[XY]) -> None:
        """Place the label clear of these curves, x ascending and y, and of the lowest `foot` pixels."""
        self._lift_px, self._curves = foot, curves
        self._place()

    def _place(self) -> None:
        """Shade what is in view, and centre the label where there is room; it moves only if it must."""
        if self._box.rect().isEmpty():
            return
        (left, right), (bottom, top) = self._box.viewRange()
        wide, high = self._box.viewPixelSize()
        beside = px(MARK_PX) * wide
        x, (first, last) = self._scene.points.x, self._scene.points.x_range
        edges = ((left, first - beside), (last + beside, right))
        for place, (shade, word, edge) in enumerate(zip(self._shades, self._words, edges, strict=True)):
            shade.setVisible(edge[0] < edge[1])
            shade.setRect(edge[0], bottom, edge[1] - edge[0], top - bottom)
            start, end = max(edge[0], left), min(edge[1], right)
            size = word.boundingRect()
            row = None
            is_empty = not ((x > edge[0]) & (x < edge[1])).any()
            if is_empty and (end - start) / wide > size.width() - px(WORD_MARGIN):
                middle, half, line = (start + end) / 2, size.width() / 2 * wide, size.height() * high
                foot = bottom + self._lift_px * high
                rows = range(max(1, int((top - foot) / line)))
                row = self._free_row((middle - half, middle + half), foot, line, (self._rows[place], *rows))
            word.setVisible(row is not None)
            if row is not None:
                self._rows[place] = row
                word.setPos(middle, foot + row * line)

    def _free_row(self, ends: tuple[float, float], foot: float, line: float, rows: Sequence[int]) -> int | None:
        """Return the first of some rows that no curve crosses between two x."""
        x = np.linspace(*ends, ACROSS)
        heights = [np.interp(x, *curve) for curve in self._curves if len(curve[0])]
        for row in rows:
            low = foot + row * line
            with np.errstate(invalid="ignore"):
                if row <= max(rows[1:]) and not any(y.min() < low + line and y.max() > low for y in heights):
                    return row
        return None
