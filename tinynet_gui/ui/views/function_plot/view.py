"""The visible range of the function plot, and selecting by mouse."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication

from tinynet_gui.core.network.refs import Ref
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.training.start import plot_range
from tinynet_gui.core.values import Array, Floats
from tinynet_gui.ui.views.function_plot.layers import FunctionLayers
from tinynet_gui.ui.views.function_plot.other_curves import RunCurve
from tinynet_gui.ui.views.function_plot.scene import Scene, padded
from tinynet_gui.ui.widgets.plots.plot_menu import LARGEST, PlotMenu, PlotNavigator, Range
from tinynet_gui.ui.widgets.plots.plot_parts import Plot
from tinynet_gui.ui.widgets.selection import Selection

HIGHEST, MIN_RANGE = 1e12, 1e-4  # the largest y in view; the least width and height of the view
FIT_MARGIN = 0.2  # above and below the networks, as a share of their range
GUESS_ROOM = 0.75  # above and below, as a share of the range of y, if a guess is asked for beyond the samples
MIN_SHARE = 0.5  # the least share of the view that the content should fill
CURVES_MARGIN = 0.05  # above and below other runs and a run's first curve, as a share of the range without them


class FunctionView(QObject):
    """The only owner of the ranges of x and y: a range that it did not set was set by the user.

    Its own ranges follow the content, including a run's first curve where it would leave the plot; the user's stay
    until the run ends, or `show_everything`. Its action `train_within` holds samples out.
    """

    def __init__(self, plot: Plot, layers: FunctionLayers) -> None:
        super().__init__(plot)
        self._plot, self._runs, self._guess = plot, layers.runs, layers.guess
        self._scene: Scene | None = None
        self._first_curve: Floats | None = None  # the current run's output at its first moment
        self._own: list[list[float]] = [[], []]  # the ranges of x and y that were last chosen here
        plot.setLimits(xMin=-LARGEST, xMax=LARGEST, minXRange=MIN_RANGE)
        plot.setLimits(yMin=-HIGHEST, yMax=HIGHEST, minYRange=MIN_RANGE)
        fit = QAction(_("Fit y to the networks"), self)
        self.train_within = QAction(_("Train on a range of x only …"), self)
        fit.setObjectName("actionFitNetworks")
        self.train_within.setObjectName("actionTrainWithin")
        fit.triggered.connect(self.fit_to_networks)
        self.train_within.triggered.connect(layers.editor.ask_for_training_range)
        self.menu = PlotMenu(plot, ("x", "y"), (fit, self.train_within), layers.editor.menu_at)
        self.menu.everything_wanted.connect(self.show_everything)
        self.menu.range_chosen.connect(self.show_range)
        PlotNavigator(plot, self.menu, _("Function plot"))
        self._guess.reach_changed.connect(self.show_everything)

    def show_scene(self, scene: Scene) -> None:
        """Show a scene; the view stays, but where the samples give no range it follows the network."""
        before, self._scene, snapshot = None if self._scene is None else self._scene.snapshot, scene, scene.snapshot
        if snapshot is None:
            self._first_curve = None
        elif before is None or before.run_id != snapshot.run_id:
            self._first_curve = snapshot.output[np.isfinite(snapshot.output)].astype(np.float64)
            if self._is_own(1):
                self._show(1, *self._whole_y_range(scene))
        if scene.answer is not None:
            self.follow()

    def follow(self) -> None:
        """Refit unless zoomed by hand: the samples left the view, or fill only a small part of it."""
        if self._scene is None:
            return
        points, (x, y) = self._scene.points, self._plot.getViewBox().viewRange()
        for axis, in_view, samples, whole in (
            (0, x, points.x, self._whole_x_range),
            (1, y, points.y if self._scene.answer is None else self._scene.answer, self._whole_y_range),
        ):
            low, high = whole(self._scene)
            has_left = samples.min() < in_view[0] or samples.max() > in_view[1]
            if self._is_own(axis) and (has_left or high - low < MIN_SHARE * (in_view[1] - in_view[0])):
                self._show(axis, low, high)

    def show_runs(self, curves: Sequence[RunCurve]) -> None:
        """Draw the outputs of other runs, or none; a y axis that the user has not set fits them, too."""
        if self._scene is None or not (curves or self._runs.curves):
            return
        self._runs.show_curves(curves)
        if self._is_own(1):
            self._show(1, *self._whole_y_range(self._scene))
        self._runs.changed.emit()

    def zoomed(self) -> tuple[Range | None, Range | None]:
        """Return the ranges of x and y that the user has zoomed to, for `show_range`; None for the others."""
        x, y = (Range(*ends) for ends in self._plot.getViewBox().viewRange())
        return None if self._is_own(0) else x, None if self._is_own(1) else y

    def _is_own(self, axis: int) -> bool:
        return bool(self._plot.getViewBox().viewRange()[axis] == self._own[axis])

    def _show(self, axis: int, low: float, high: float) -> None:
        (self._plot.setXRange, self._plot.setYRange)[axis](low, high, padding=0)
        self._own[axis] = self._plot.getViewBox().viewRange()[axis]

    def fit_to_networks(self) -> None:
        """Fit the y axis to the networks' outputs over the training range."""
        if self._scene is not None and self._scene.snapshot is not None:
            low, high = self._runs.reach_with(_inside(self._scene.snapshot))
            margin = FIT_MARGIN * (high - low)
            self.show_range(None, Range(low - margin, high + margin))

    def show_everything(self) -> None:
        """Reset the view, and let it follow the content again."""
        if self._scene is not None:
            x, y = self._whole_x_range(self._scene), self._whole_y_range(self._scene)
            self._plot.setRange(xRange=x, yRange=y, padding=0)  # both at once: each change is drawn
            self._own = self._plot.getViewBox().viewRange()

    def show_range(self, x: Range | None, y: Range | None) -> None:
        """Restore the user's ranges; None leaves one unchanged."""
        for axis, ends in enumerate((x, y)):
            if ends is not None and list(ends) != self._plot.getViewBox().viewRange()[axis]:
                self._show(axis, *ends)
                self._own[axis] = []

    def _whole_x_range(self, scene: Scene) -> tuple[float, float]:
        return self._guess.x_with(*plot_range(scene.config.data))

    def _whole_y_range(self, scene: Scene) -> tuple[float, float]:
        low, high = scene.y_range if scene.answer is None else padded(scene.config, scene.answer)
        margin = CURVES_MARGIN * (high - low)
        for lowest, highest in filter(None, (self._first_reach(low, high), self._runs.reach)):
            low, high = min(low, lowest - margin), max(high, highest + margin)
        if self._guess.reaches_beyond(*scene.config.data.x_range):
            margin = GUESS_ROOM * (high - low)
            low, high = low - margin, high + margin
        return self._guess.y_with(low, high)

    def _first_reach(self, low: float, high: float) -> tuple[float, float] | None:
        """Return the range of y of the run's first curve; None if including it would squash the rest."""
        y = np.empty(0) if self._first_curve is None else self._first_curve
        if not len(y) or high - low < MIN_SHARE * (max(high, y.max()) - min(low, y.min())):
            return None
        return float(y.min()), float(y.max())


def _inside(snapshot: Snapshot) -> Array:
    low, high = snapshot.config.data.x_range
    return snapshot.output[(snapshot.grid >= low) & (snapshot.grid <= high)]


class PlotPointer(QObject):
    """Selects what is drawn under the mouse, and clears only selections that it made itself."""

    def __init__(self, plot: pg.PlotWidget, selection: Selection, layers: FunctionLayers) -> None:
        super().__init__(plot)
        self._plot, self._selection, self._layers = plot, selection, layers
        self._own_hover: Ref | None = None
        plot.scene().sigMouseMoved.connect(self._on_mouse_moved)
        plot.scene().sigMouseClicked.connect(self._on_mouse_clicked)
        plot.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._point_at(None)
        return False

    def _on_mouse_moved(self, position: QPointF) -> None:
        if QApplication.mouseButtons() == Qt.MouseButton.NoButton:  # while something is dragged nothing else lights up
            self._point_at(self._ref_at(position))

    def _on_mouse_clicked(self, event: Any) -> None:
        if event.double() or event.button() != Qt.MouseButton.LeftButton:
            return
        ref = self._ref_at(event.scenePos())
        if ref is not None:
            self._selection.pin(None if ref == self._selection.pinned else ref)

    def _ref_at(self, position: QPointF) -> Ref | None:
        box = self._plot.getViewBox()
        if not box.sceneBoundingRect().contains(position):
            return None
        point = box.mapSceneToView(position)
        return self._drawn_at(point.x(), point.y())

    def _drawn_at(self, x: float, y: float) -> Ref | None:
        """What is drawn at a point of the plot; over a handle the selection stays, so that it can be grabbed."""
        mark = self._layers.kinks.marks.ref_at(x, y)
        if mark is None and self._layers.handles.are_near(x, y):
            return self._selection.hovered
        return mark or self._layers.parts.curve_at(x, y)

    def _point_at(self, ref: Ref | None) -> None:
        if ref is not None or self._selection.hovered == self._own_hover:
            self._selection.hover(ref)
            self._own_hover = ref
