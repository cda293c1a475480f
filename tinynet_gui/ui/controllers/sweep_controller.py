"""Connects the view that asks with many runs with the lab, and shows a swarm's curves in the function plot."""

import numpy as np
from PySide6.QtCore import QObject, Slot

from tinynet_gui.core.analysis.sweep_results import ExperimentResult, SwarmResult, changed_since
from tinynet_gui.engine.lab import Lab
from tinynet_gui.engine.run_state import RunState
from tinynet_gui.ui.views.experiments.experiments_view import ExperimentsView
from tinynet_gui.ui.views.plots.function_plot import FunctionPlot

HINDRANCES = {
    "absent": "Experiments need the compiled engine; it is being made ready.",
    "compiling": "Experiments need the compiled engine; it is being compiled, once.",
    "ready": "",
    "failed": "Experiments need the compiled engine, which could not be made ready: see what the terminal says.",
}


class SweepController(QObject):
    """Starts experiments with the settings of the moment, and opens one of their runs in the window."""

    def __init__(self, lab: Lab, *, view: ExperimentsView, plot: FunctionPlot) -> None:
        super().__init__(lab)
        self._lab, self._view, self._plot = lab, view, plot
        self._result: ExperimentResult | None = None
        self._drawn: SwarmResult | None = None
        lab.run_state_changed.connect(self._on_run_state_changed)
        lab.config_changed.connect(self._on_config_changed)
        lab.experimenter.progressed.connect(view.show_progress)
        lab.experimenter.finished.connect(view.finish)
        lab.experimenter.failed.connect(view.fail)
        view.run_wanted.connect(self._on_run_wanted)
        view.cancel_wanted.connect(lab.experimenter.cancel)
        view.open_wanted.connect(lab.open_run)
        view.result_changed.connect(self._on_result_changed)
        self._on_run_state_changed(lab.run_state)
        self._on_config_changed()

    @Slot(object)
    def _on_run_state_changed(self, state: RunState) -> None:
        self._view.show_hindrance(HINDRANCES[state.kernel])

    @Slot()
    def _on_config_changed(self) -> None:
        self._view.show_config(self._lab.config)
        self._draw_swarm()

    @Slot(str, int)
    def _on_run_wanted(self, kind: str, runs: int) -> None:
        self._view.begin()
        self._lab.experimenter.run(kind, self._lab.config, runs)

    @Slot(object)
    def _on_result_changed(self, result: ExperimentResult | None) -> None:
        self._result = result
        self._draw_swarm()

    def _draw_swarm(self) -> None:
        """Show a swarm's curves, as long as they are of the setting of the moment."""
        swarm = self._result if isinstance(self._result, SwarmResult) else None
        if swarm is not None and changed_since(swarm, self._lab.config):
            swarm = None
        if swarm is not self._drawn:
            self._drawn = swarm
            outputs = [run.output for run in swarm.runs] if swarm is not None else []
            self._plot.show_swarm([output for output in outputs if np.isfinite(output).all()])
