"""The function plot: samples, the true function and the network's output."""

from collections.abc import Collection

from PySide6.QtCore import Signal

from tinynet_gui.core.config import Config
from tinynet_gui.core.function.linear_regions import LinearRegions
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.training.start import plot_range
from tinynet_gui.ui.views.function_plot import header, layers, scene
from tinynet_gui.ui.views.function_plot.view import FunctionView, PlotPointer
from tinynet_gui.ui.widgets import accessibility, cards, selection
from tinynet_gui.ui.widgets.plots.layer import AccessibleCurves, LegendLabel
from tinynet_gui.ui.widgets.plots.plot_parts import NumberAxis, make_plot, name_axes, style_plot


class FunctionPlot(cards.Card):
    """Shows a scene in layers, and passes them each new one; controllers give the `layers` what else to draw.

    Signals
    -------
    linear_regions_wanted : Snapshot
        The linear regions of this moment are needed; the answer, at once or later, is `show_linear_regions`.
    x_range_changed
        `scene.x_range` has changed: curves computed elsewhere need to be extended.
    """

    linear_regions_wanted = Signal(object)
    x_range_changed = Signal()

    def __init__(self, selection: selection.Selection) -> None:
        says = _("Plot of the samples, the true function and the network's output")
        super().__init__(_("What it computes"), "functionPlot", says)
        self.scene = scene.Scene()
        self._has_config = False
        self.plot = make_plot(NumberAxis("bottom"), left_width=58, names=("x", "y"))
        self.layers = layers.FunctionLayers(self.plot, selection)
        self.view = FunctionView(self.plot, self.layers)
        self._legend, self._found = LegendLabel("functionKey"), ""
        self._legend.setToolTip(accessibility.wrapped(layers.TOOLTIP))
        self._is_withheld = False
        self._a11y = AccessibleCurves(self, self.plot, self.layers, lambda: self._is_withheld)
        self.switches = header.FunctionSwitches(self)
        self._foot = header.PlotFoot(self.switches.seeds)
        cards.filled(self.body, self._legend, (self.plot, 1), self._foot)
        self.setToolTip("")

        self.plot.getViewBox().sigXRangeChanged.connect(self._on_x_range_changed)
        self.plot.getViewBox().sigRangeChanged.connect(self._write_legend)
        selection.hovered_changed.connect(self._write_legend)
        selection.pinned_changed.connect(self._write_legend)
        self.switches.edit.toggled.connect(self.layers.editor.set_on)
        self.switches.edit.toggled.connect(self._foot.show_editing)
        self.switches.edit.toggled.connect(self.view.follow)
        self.switches.probe.toggled.connect(self.layers.handles.set_probe_shown)
        self.switches.parts.toggled.connect(self.layers.parts.set_parts_shown)
        self.switches.stacked.toggled.connect(self.layers.parts.set_stacked)
        self._foot.field.number_typed.connect(self.layers.handles.move_probe)
        for layer in self.layers:
            layer.changed.connect(self._on_layer_changed)
        self._pointer = PlotPointer(self.plot, selection, self.layers)
        self.show_theme()

    def offer_editing(self, is_offered: bool) -> None:
        self.switches.offer("edit", is_offered)
        self.layers.editor.offers_changes = is_offered
        self.view.train_within.setVisible(is_offered)

    def show_introduced(self, names: Collection[str]) -> None:
        """Show only these switches, *kinks* and *errors*; the hidden ones keep their place."""
        self.switches.show_introduced(names)
        self.layers.kinks.show_introduced("kinks" in names)
        self._foot.show_introduced("errors" in names)

    def show_theme(self) -> None:
        style_plot(self.plot)
        for layer in self.layers:
            layer.show_theme()
        self._write_legend()
        self.switches.fit()

    def show_config(self, config: Config, *, keeps_view: bool = False) -> None:
        """Show a run's samples and the true function of its configuration; reset the view unless `keeps_view`."""
        rows = [max(1, len(c.network.hidden)) for c in (config, self.scene.config)]  # rows of kinks
        if self._has_config and rows[0] == rows[1] and config.data == self.scene.config.data:
            return
        self._has_config, before = True, self.scene
        in_view = self.plot.getViewBox().viewRange()[0] if keeps_view else plot_range(config.data)
        self._show(before.with_config(config).reaching(*in_view))
        name_axes(self.plot, *self.scene.points.axes)
        if self.scene.x_range != before.x_range:
            self.x_range_changed.emit()
        if not keeps_view:
            self.view.show_everything()
        elif not self.layers.editor.is_emitting:
            self.view.follow()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        self._foot.field.show_snapshot(snapshot)
        self._show_moment(self.scene.of_moment(snapshot))

    def _show_moment(self, scene: scene.Scene) -> None:
        """Draw at the kinks if the signal is answered synchronously, else on a grid."""
        if self.scene.snapshot is None:
            self.layers.no_data.start_over()
        self.scene = scene
        if scene.snapshot is not None and scene.regions is None:
            self.linear_regions_wanted.emit(scene.snapshot)
        if self.scene is scene:  # not answered synchronously
            self._show(scene)

    def show_linear_regions(self, snapshot: Snapshot, regions: LinearRegions) -> None:
        """Show the kinks and pieces of the current moment; those of another moment are ignored."""
        if snapshot is self.scene.snapshot:
            self._show(self.scene.of_moment(snapshot, regions))

    def show_loss(self, snapshot: Snapshot | None) -> None:
        """Write a moment's loss, throttled like the status bar; None while it could answer a question."""
        self._is_withheld = snapshot is None
        self.layers.kinks.set_withheld(snapshot is None)
        self._foot.field.set_withheld(snapshot is None)
        self.switches.show_loss(snapshot)
        self._foot.show_moment(snapshot)

    def clear_run(self) -> None:
        self._show(self.scene.of_moment(None))
        self._foot.show_moment(None)

    def _show(self, scene: scene.Scene) -> None:
        self.scene = scene
        self.view.show_scene(scene)
        for layer in self.layers:
            layer.show_scene(scene)
        self._keep_words_clear()
        self._write_legend()
        self.plot.follow()

    def _on_x_range_changed(self, _box: object, x_range: tuple[float, float]) -> None:
        scene = self.scene.reaching(*x_range)
        if self._has_config and scene is not self.scene:
            self._show_moment(scene.of_moment(scene.snapshot))
            self.x_range_changed.emit()

    def _on_layer_changed(self) -> None:
        self._keep_words_clear()
        self._write_legend()

    def _keep_words_clear(self) -> None:
        curves = [curve for layer in self.layers for curve in layer.drawn_curves()]
        if curves or self.scene.snapshot is not None:
            self.layers.no_data.keep_clear_of(self.layers.kinks.marks.height, curves)

    def _write_legend(self) -> None:
        if self._has_config:
            self._legend.show_layers(self.layers)
            if (found := self.layers.kinks.directions_text()) != self._found:
                self._found = found
                self._legend.setToolTip(accessibility.wrapped(f"{layers.TOOLTIP}\n{found}".rstrip()))
            self._a11y.notify_later()
