"""Connects the view that asks with many runs with the lab, and shows a swarm's curves in the function plot."""

import numpy as np
from PySide6.QtCore import QObject, Slot

from tinynet_gui.core.outcomes import ExperimentResult, SwarmResult
from tinynet_gui.engine.lab import Lab
from tinynet_gui.engine.run_state import RunState
from tinynet_gui.ui.experiments_view import ExperimentsView
from tinynet_gui.ui.function_plot import FunctionPlot

NOT_READY = "Experiments need the compiled engine; it is being made ready."


class ManyRuns(QObject):
    """Starts experiments with the settings of the moment, and opens one of their runs in the window."""

    def __init__(self, lab: Lab, *, view: ExperimentsView, plot: FunctionPlot) -> None:
        super().__init__(lab)
        self._lab, self._view, self._plot = lab, view, plot
        lab.run_state_changed.connect(self._on_run_state_changed)
        lab.experimenter.progressed.connect(view.show_progress)
        lab.experimenter.finished.connect(view.finish)
        view.run_wanted.connect(self._on_run_wanted)
        view.cancel_wanted.connect(lab.experimenter.cancel)
        view.open_wanted.connect(lab.open_run)
        view.result_changed.connect(self._on_result_changed)
        self._on_run_state_changed(lab.run_state)

    @Slot(object)
    def _on_run_state_changed(self, state: RunState) -> None:
        self._view.set_ready(state.kernel == "ready", NOT_READY)

    @Slot(str, int)
    def _on_run_wanted(self, kind: str, runs: int) -> None:
        self._view.begin()
        self._lab.experimenter.run(kind, self._lab.config, runs)

    @Slot(object)
    def _on_result_changed(self, result: ExperimentResult | None) -> None:
        """Show a swarm's curves, as long as they are of the data shown in the plot."""
        outcomes = result.outcomes if isinstance(result, SwarmResult) else ()
        data = self._lab.config.data
        self._plot.show_swarm([o.output for o in outcomes if o.config.data == data and np.isfinite(o.output).all()])
