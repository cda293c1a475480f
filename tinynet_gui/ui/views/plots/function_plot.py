"""The samples, the true function and what the network makes of them."""

from collections.abc import Collection, Sequence
from typing import Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QWidget

from tinynet_gui.core.arrays import Array
from tinynet_gui.core.config import Config, DataConfig
from tinynet_gui.core.data.dataset import plot_range, points_of
from tinynet_gui.core.experiments.seed_band import SeedBand
from tinynet_gui.core.function.linear_regions import LinearRegions, find_linear_regions
from tinynet_gui.core.network.refs import NeuronRef, Ref
from tinynet_gui.core.run.snapshot import Snapshot
from tinynet_gui.core.text.numbers import loss_text
from tinynet_gui.core.timeline.preview import Preview
from tinynet_gui.core.wording.neuron_names import neuron_name
from tinynet_gui.ui.style.theme import Theme
from tinynet_gui.ui.style.zoom import whole_px
from tinynet_gui.ui.views.plots.curve_handles import CurveHandles
from tinynet_gui.ui.views.plots.curve_parts import CurveParts
from tinynet_gui.ui.views.plots.function_curves import RUNS_Z, FunctionCurves
from tinynet_gui.ui.views.plots.function_key import FunctionKey
from tinynet_gui.ui.views.plots.function_switches import FunctionSwitches
from tinynet_gui.ui.views.plots.function_view import FunctionView
from tinynet_gui.ui.views.plots.influence_marks import InfluenceMarks, Influences
from tinynet_gui.ui.views.plots.no_data import NoData
from tinynet_gui.ui.views.plots.plot_foot import PlotFoot
from tinynet_gui.ui.views.plots.plot_pointer import PlotPointer
from tinynet_gui.ui.views.plots.predicted_curve import PredictedCurve
from tinynet_gui.ui.views.plots.run_curves import RunCurve, RunCurves
from tinynet_gui.ui.views.plots.sample_editor import SampleEditor
from tinynet_gui.ui.views.plots.sample_errors import SampleErrors
from tinynet_gui.ui.views.plots.sample_marks import SampleMarks
from tinynet_gui.ui.views.plots.seed_band_item import SeedBandItem
from tinynet_gui.ui.widgets.buttons.stage_button import StageButton
from tinynet_gui.ui.widgets.card import Card
from tinynet_gui.ui.widgets.plots.plot_menu import PlotMenu
from tinynet_gui.ui.widgets.plots.plot_parts import NumberAxis, dress, make_plot
from tinynet_gui.ui.widgets.selection import Selection

SMALL = 3_000  # with so many weights kinks are found in less than a millisecond
WIDEST_LOSS = "loss = 9.999·10⁻⁴"


class FunctionPlot(Card):
    """Draws what `show_config` and `show_snapshot` tell it, and the selected neuron's share in it.

    Signals
    -------
    linear_regions_wanted : Snapshot
        A moment is shown: `show_linear_regions` is to tell its kinks and pieces, at once or later.
    x_range_changed
        `curves.x_range` is another one: `show_swarm` is to tell how its curves go on there.
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
        self._regions: LinearRegions | None = None
        self._config: Config | None = None
        self._shown: tuple[int, DataConfig] | None = None  # rows of kinks, samples

        self.plot = make_plot(NumberAxis("bottom"), left_width=58, names=("x", "y"))
        self.samples = SampleEditor(self.plot, self)
        self._no_data = NoData(self.plot)
        self.curves = FunctionCurves(self.plot)
        self.runs = RunCurves(self.plot, RUNS_Z)
        self.guess = PredictedCurve(self.plot, self)
        self.view = FunctionView(self.plot, self.runs, self.guess)
        self.menu = self._make_menu()
        self._marks = SampleMarks(self.plot)
        self.influence = InfluenceMarks(self.plot, self._marks.trained, self)
        self.errors = SampleErrors(self.plot)
        self.band = SeedBandItem(self.plot)
        self.handles = CurveHandles(self.plot, selection, theme)
        self.parts = CurveParts(self.plot, selection, theme)
        self._key = FunctionKey()
        self.switches = FunctionSwitches(self)
        self.title.setMinimumWidth(1)  # it does not keep the window wide
        for place, switch in enumerate(self.switches.all()):
            self.header.insertWidget(place + 1, switch)
        self._stage = StageButton(self, self.title)
        self.header.addWidget(self._stage)
        self.body.addWidget(self._key)
        self.body.addWidget(self.plot, 1)
        self._foot = PlotFoot(self.switches.seeds)
        self.body.addWidget(self._foot)
        self.setToolTip("")

        self.menu.everything_wanted.connect(self.view.show_everything)
        self.menu.range_chosen.connect(self.view.show_range)
        self.plot.getViewBox().sigXRangeChanged.connect(self._on_x_range_changed)
        selection.hovered_changed.connect(self._on_hovered_changed)
        selection.pinned_changed.connect(self._on_hovered_changed)
        self.switches.edit.toggled.connect(self.samples.set_on)
        self.switches.edit.toggled.connect(self._foot.show_editing)
        self.switches.probe.toggled.connect(self.handles.set_probe_shown)
        self.switches.parts.toggled.connect(self.parts.set_parts_shown)
        self.switches.stacked.toggled.connect(self.parts.set_stacked)
        for switch in (self.switches.parts, self.switches.stacked):
            switch.toggled.connect(self._on_parts_switched)
        self.guess.changed.connect(self._on_guess_changed)
        self.guess.reach_changed.connect(self.view.show_everything)
        self._foot.field.number_typed.connect(self.handles.probe.setValue)
        self._pointer = PlotPointer(self.plot, selection, self._ref_at, self)
        self.plot.scene().sigMouseClicked.connect(self._on_mouse_clicked)
        self.show_theme(theme)

    def _make_menu(self) -> PlotMenu:
        within = QAction("Train on a range of x only …", self)
        within.setObjectName("actionTrainWithin")
        within.triggered.connect(self.samples.ask_for_training_range)
        fit = QAction("Fit y to the networks", self)
        fit.setObjectName("actionFitNetworks")
        fit.triggered.connect(self.view.fit_to_networks)
        return PlotMenu(self.plot, ("x", "y"), (fit, within), self.samples.menu_at)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the loss out of the header where there is no room for it, and then the title."""
        super().resizeEvent(event)
        self._fit_header()

    @Slot()
    def _on_parts_switched(self) -> None:
        self._keep_words_clear()
        self._show_handles()
        self._write_key()
        self._fit_header()

    def _fit_header(self) -> None:
        switches = self.switches.all()
        self.title.setContentsMargins(0, 0, whole_px(8), 0)  # room before the switches
        margins, gaps = self.header.contentsMargins(), (len(switches) + 3) * self.header.spacing()
        needed = sum(w.sizeHint().width() for w in (*switches, self._stage)) + margins.left() + margins.right() + gaps
        needed += self.title.sizeHint().width()
        self.title.setVisible(needed <= self.width())
        loss = self.value.fontMetrics().horizontalAdvance(WIDEST_LOSS)
        self.value.setVisible(needed + loss <= self.width())

    def show_theme(self, theme: Theme) -> None:
        """Take on the colours of a theme."""
        self._theme = theme
        dress(self.plot, theme)
        self._no_data.show_theme(theme)
        self.curves.show_theme(theme)
        self.runs.show_theme(theme)
        self.influence.show_theme(theme)
        self.errors.show_theme(theme)
        self.samples.show_theme(theme)
        self.band.show_theme(theme)
        self.guess.show_theme(theme)
        self.parts.show_theme(theme)
        self.handles.show_theme(theme)
        self._marks.show_theme(theme)
        self._write_key()
        self._fit_header()

    def show_config(self, config: Config, *, keeps_view: bool = False) -> None:
        """Show the samples of a run and the true function of its configuration, all of them or what was in view."""
        self._config = config
        rows = max(1, len(config.network.hidden))
        if self._shown == (rows, config.data):
            return
        self._shown = (rows, config.data)
        points = points_of(config.data)
        self._marks.show_points(points)
        self.samples.show_points(points)
        self.influence.apply()
        truth = self.curves.show_config(config)
        in_view = self.plot.getViewBox().viewRange()[0] if keeps_view else plot_range(config.data)
        self._follow_range(*in_view)
        self._no_data.show_range(*points.x_range)
        self.view.show_config(config, points, truth)
        self._write_key()
        if not keeps_view:
            self.view.show_everything()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Show the network's output."""
        self._snapshot = snapshot
        self.view.show_snapshot(snapshot)
        self._foot.field.show_snapshot(snapshot)
        self._find_and_draw(snapshot)

    def _find_and_draw(self, snapshot: Snapshot) -> None:
        """Draw the network: by its kinks, if they are found at once, else by a grid."""
        self._regions, x_range = None, self.curves.x_range
        if x_range is not None and sum(layer.weight.size for layer in snapshot.layers) <= SMALL:
            self._regions = find_linear_regions(snapshot.curve_layers, snapshot.config.network.activation, *x_range)
            self._draw_network(snapshot)
        else:
            self.linear_regions_wanted.emit(snapshot)
        if self._regions is None:
            self._draw_network(snapshot)

    @Slot(object)
    def show_loss(self, snapshot: Snapshot) -> None:
        """Write a moment's loss. It is read, and changes more slowly than the curves: when the status bar's does."""
        self.value.setText(f"loss = {loss_text(snapshot.train_loss)}")
        self._foot.show_moment(snapshot)

    @Slot(object, object)
    def show_linear_regions(self, snapshot: Snapshot, regions: LinearRegions) -> None:
        """Show the kinks and pieces of the moment that is shown; those of another are not drawn."""
        if snapshot is self._snapshot:
            self._regions = regions
            self._draw_network(snapshot)

    def _draw_network(self, snapshot: Snapshot) -> None:
        """Draw the output and what it is made of; from kink to kink, where that is less than the grid."""
        self.curves.show_network(snapshot, self._regions)
        self.parts.show_snapshot(snapshot, self._regions, self.curves.x_range)
        self._write_key()
        self._show_handles()
        self._no_data.lift(self.parts.marks.height)
        self._keep_words_clear()

    def _keep_words_clear(self) -> None:
        drawn = (
            *self.curves.words_keep_clear_of(),
            *self.runs.drawn(),
            *self.guess.drawn(),
            *self.parts.drawn_curves(),
        )
        self._no_data.keep_clear_of(*drawn)

    @Slot(object, object)
    def _on_x_range_changed(self, _box: object, x_range: tuple[float, float]) -> None:
        if self._config is not None and self._follow_range(*x_range) and self._snapshot is not None:
            self._find_and_draw(self._snapshot)

    def _follow_range(self, low: float, high: float) -> bool:
        """Let the curves reach as far as the view does, and return whether that is news."""
        is_news = self.curves.show_range(low, high)
        if is_news:
            self.x_range_changed.emit()
        return is_news

    def show_preview(self, preview: Preview | None) -> None:
        """Show where the training would end as a ghost, or take it back."""
        self.curves.show_preview(preview)
        self._keep_words_clear()
        self._write_key()

    def show_without(self, refs: Collection[NeuronRef]) -> None:
        """Show what the output would be without these hidden neurons, to see what they are for."""
        self.curves.show_without(self._snapshot, refs)
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
        self.curves.show_swarm(x, outputs, seeds)
        self._write_key()

    def show_band(self, band: SeedBand | None) -> None:
        """Show between what the final curves of many seeds lie, or take it back."""
        self.band.show(band)
        self._write_key()

    def show_band_is_late(self) -> None:
        """Say that a band is being computed."""
        self.band.is_late = True
        self._write_key()

    def show_runs(self, curves: Sequence[RunCurve]) -> None:
        """Draw what the networks of other runs make of x, or none; a y axis that is not the user's fits them, too."""
        if self._config is None or not (curves or self.runs.curves):
            return
        is_own = self.view.is_own()
        self.runs.show(curves, self._config.data.x_range)
        if is_own:
            self.view.choose_y()
        self._keep_words_clear()
        self._write_key()

    def show_influences(self, influences: Influences | None) -> None:
        """Make the samples' marks as large as their influence, float64 of shape (samples,), or as usual."""
        self.influence.show_influences(influences)
        self._write_key()

    def show_without_sample(self, place: int, name: str, x: Array, with_all: Array, without: Array) -> None:
        """Mark a sample, and show the outputs of networks that were trained with all samples and without it."""
        self.influence.show_without(place, name, x, with_all, without)
        self._write_key()

    def clear_without_sample(self) -> None:
        """Show no such curves."""
        self.influence.clear_without()
        self._write_key()

    @Slot()
    def _on_guess_changed(self) -> None:
        self._keep_words_clear()
        self._write_key()

    def clear_run(self) -> None:
        """Forget the network of the run before."""
        self._snapshot, self._regions = None, None
        self.view.show_snapshot(None)
        self._no_data.begin_anew()
        self._foot.show_moment(None)
        self.parts.show_snapshot(None, None)
        self._show_handles()
        self._write_key()

    def sample_points(self) -> tuple[Any, Any]:
        """What is drawn as the samples of the training: x and y."""
        return self._marks.trained_points()

    def held_out_points(self) -> tuple[Any, Any]:
        """What is drawn as the held-out samples: x and y."""
        return self._marks.held_out_points()

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
            self.view.show_everything()

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
        off = () if snapshot is None else tuple(neuron_name(snapshot, ref) for ref in self.curves.switched_off)
        if self._config is not None:
            self._key.write(
                self._theme,
                snapshot,
                self.parts,
                self.influence,
                has_held_out=self._marks.has_held_out,
                is_in_view=self.view.holds_network(),
                swarm_sizes=self.curves.swarm_sizes,
                without=off,
                preview=self.curves.preview,
                has_errors=self.errors.is_shown,
                band=self.band,
                runs=self.runs,
                guess=self.guess,
                has_truth=self._config.data.true_formula is not None,
            )
