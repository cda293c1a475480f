"""Keep the table of samples and its selection in step with the session and the plot."""

import numpy as np
from PySide6.QtCore import QObject

from tinynet_gui.core.network.forward import Curves, output_curve, output_curves
from tinynet_gui.core.training.start import points_of
from tinynet_gui.core.values import Array
from tinynet_gui.engine.jobs.jobs import with_stop
from tinynet_gui.engine.session.app_state import AppState
from tinynet_gui.qt import single_shot
from tinynet_gui.ui.views.data_table.data_table import DataTable
from tinynet_gui.ui.window.context import Context

KEY = "predicted"
REFRESH_MS = 200  # between two updates of the network's predictions during a training
QUICK = 5_000_000  # weights times samples that take a few milliseconds


def make(context: Context) -> DataTable:
    return DataTable()


class DataTableController(QObject):
    """Shows samples and, while visible, the network's predictions; passes edits to the session.

    Each edit is one undo step: numbers typed in a row are not merged like a drag.
    """

    def __init__(self, table: DataTable, context: Context) -> None:
        session, samples = context.session, context.views.function_plot.layers.editor
        super().__init__(session)
        self._session, self._jobs, self._table = session, context.jobs, table
        self._refresh = single_shot(self, REFRESH_MS, self._predict, "dataRefresh")
        self._is_behind = False  # samples that changed while it was hidden are missing
        session.changed.connect(self._show_difference)
        table.points_edited.connect(lambda points: session.edit({"data.points": points}))
        table.shown.connect(self._on_shown)
        table.selection_changed.connect(samples.select)
        samples.selection_changed.connect(table.select)
        samples.in_hand_changed.connect(table.show_in_hand)
        table.show_points(points_of(session.config.data))
        table.select(samples.selected)

    def _show_difference(self, old: AppState, new: AppState) -> None:
        if new.config.data != old.config.data:
            self._is_behind = True
            if self._table.isVisible():
                self._on_shown()
        if new.snapshot is None and old.snapshot is not None:
            self._jobs.cancel(KEY)
            self._table.show_predicted(None)
        elif (old.is_moving and not new.is_moving) or (old.snapshot is None and new.snapshot is not None):
            self._predict()
        elif new.snapshot is not old.snapshot and self._table.isVisible() and not self._refresh.isActive():
            self._refresh.start()

    def _on_shown(self) -> None:
        if self._is_behind:
            self._is_behind = False
            self._table.show_points(points_of(self._session.config.data))
        self._predict()

    def _predict(self) -> None:
        """Predict synchronously if that is fast, else in the background."""
        snapshot, points = self._session.state.snapshot, self._table.points
        if snapshot is None or not self._table.isVisible():
            return
        x, activation = points.x.astype(np.float32), snapshot.config.network.activation
        if len(x) * sum(layer.weight.size for layer in snapshot.curve_layers) <= QUICK:
            self._jobs.cancel(KEY)
            self._show_predicted(output_curve(snapshot.curve_layers, activation, x))
        else:
            networks = ((snapshot.curve_layers, activation),)
            self._jobs.submit(KEY, with_stop(output_curves), networks, x, on_result=self._show, replaces="when slow")

    def _show(self, found: Curves) -> None:
        if np.array_equal(found.x, self._table.points.x.astype(np.float32)):
            self._show_predicted(found.outputs[0])

    def _show_predicted(self, predicted: Array) -> None:
        self._table.show_predicted(predicted, is_at_rest=not self._session.state.is_moving)
