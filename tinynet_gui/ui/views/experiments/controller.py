"""Connect the experiments' view with the session; show the runs' curves in the function plot."""

from collections.abc import Sequence
from dataclasses import astuple
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, QThread

from tinynet_gui.core.config import Config
from tinynet_gui.core.experiments.base import ExperimentResult, TrainedRun
from tinynet_gui.core.experiments.claim import Claim
from tinynet_gui.core.experiments.table import ExperimentRequest, changed_since, numbers_of, run_experiment
from tinynet_gui.core.export.tables import experiment_table
from tinynet_gui.core.function.reachable_lines import line_within_reach
from tinynet_gui.core.network.forward import Curves, output_curves
from tinynet_gui.core.run.run import TrainingStatus
from tinynet_gui.core.run.session import FinishedExperiment
from tinynet_gui.core.text.language import ENGLISH, gettext as _, speaking
from tinynet_gui.core.training.engines import engine_of_experiments
from tinynet_gui.core.training.start import make_dataset, plot_grid, points_of
from tinynet_gui.engine.jobs.jobs import with_report, with_stop
from tinynet_gui.engine.session.app_state import AppState
from tinynet_gui.qt import single_shot
from tinynet_gui.ui.views.experiments.drawing import ShownSamples
from tinynet_gui.ui.views.experiments.experiments_view import ExperimentsView
from tinynet_gui.ui.views.experiments.results import explain, run_label
from tinynet_gui.ui.views.experiments.table import SHOWN
from tinynet_gui.ui.widgets.dialogs import warn
from tinynet_gui.ui.window.context import SAVE_NUMBERS, Context, SaveTable

EXPERIMENT, CURVES, LINE = "experiment", "swarm's curves", "best line"  # the keys of its jobs
LINE_DELAY_MS = 200  # debounce after a change of settings
CURVE_STRIDE = 4  # every fourth point of a run's curve is drawn
VIEW_POINTS = 100  # of a curve across the visible range


def make(context: Context) -> ExperimentsView:
    return ExperimentsView()


def hindrance(status: TrainingStatus) -> str:
    """Return why no experiment can be run now, or ""."""
    match status.compiled:
        case "ready":
            return ""
        case "absent":
            return _("Experiments need the compiled engine; it is being made ready.")
        case "compiling":
            return _("Experiments need the compiled engine; it is being compiled, once.")
        case "failed":
            return _("Experiments need the compiled engine. {trouble}").format(trouble=status.trouble)


def hindrance_now(state: AppState) -> str:
    """Return why no experiment can be run now, or "": one could answer an open question of a lesson."""
    return _("Experiments wait for your guess.") if state.question_is_open else hindrance(state.status)


class ExperimentsController(QObject):
    """Runs experiments with the current settings, and opens their runs in the window."""

    def __init__(self, view: ExperimentsView, context: Context) -> None:
        session, plot = context.session, context.views.function_plot
        super().__init__(session)
        self._session, self._jobs, self._view, self._plot = session, context.jobs, view, plot
        self._layout = context.frame.layout
        self._result: ExperimentResult | None = None
        self._drawn: ExperimentResult | None = None  # the result in the function plot
        self._ends: Sequence[TrainedRun] = ()  # the runs drawn: those that kept their network
        self._samples: ShownSamples[Any] | None = None
        self._pointed: int | None = None
        self._asked: int | None = None  # the sample whose influence the user has asked for
        self._wanted: tuple[int, ExperimentRequest] | None = None  # the latest request, and its session's number
        view.run_wanted.connect(context.views.panel.commit_typing)
        view.run_wanted.connect(self._on_run_wanted)
        view.cancel_wanted.connect(lambda: self._jobs.stop(EXPERIMENT))  # the result so far is shown
        view.open_wanted.connect(self._on_open_wanted)
        view.result_changed.connect(self._on_result_changed)
        view.finished.connect(self._on_finished)
        view.run_pointed.connect(self._on_run_pointed)
        view.sample_pointed.connect(self._on_sample_pointed)
        plot.layers.samples.pointed.connect(self._on_sample_pointed)
        plot.layers.editor.difference_wanted.connect(self._on_difference_wanted)
        plot.x_range_changed.connect(self._draw_curves)
        plot.x_range_changed.connect(self._draw_without)
        session.watch(self, hindrance_now, view.show_hindrance)
        session.watch(self, lambda state: state.config, self._show_config)
        view.remember(session.state.session.experiments, shows_latest=True)
        self._line_delay = single_shot(self, LINE_DELAY_MS, self._find_line)
        view.shown.connect(self._line_delay.start)
        for signal in (view.shown, view.left):
            signal.connect(self._draw_samples)
            signal.connect(self._draw_chosen)
        session.watch(self, lambda state: (state.config, state.status.compiled), self._find_line_soon)
        session.changed.connect(self._follow)

    def _show_config(self, config: Config) -> None:
        self._view.show_config(config)
        self._draw()

    def _find_line_soon(self, _: object) -> None:
        if self._view.isVisible():
            self._line_delay.start()

    def _follow(self, old: AppState, new: AppState) -> None:
        if new.session.experiments is not old.session.experiments:
            is_lesson = new.suspended_session is not old.suspended_session
            is_another = new.session_number != old.session_number and not is_lesson
            self._view.remember(new.session.experiments, shows_latest=is_another)

    def _find_line(self) -> None:
        """Search in advance for the network's best line, which an experiment will need.

        Not before an experiment can run: that would compile the loop in this process.
        """
        if self._session.state.status.compiled == "ready" and not self._jobs.is_running(EXPERIMENT):
            low = QThread.Priority.LowPriority
            self._jobs.submit(
                LINE, with_stop(line_within_reach), self._session.config, on_result=lambda _: None, priority=low
            )

    def _on_run_wanted(self, kind: str, runs: int) -> None:
        wanted = ExperimentRequest(kind, self._session.config, runs, self._view.about)
        self._wanted = self._session.state.session_number, wanted
        self._view.begin()
        self._line_delay.stop()
        self._jobs.cancel(LINE)
        self._jobs.submit(
            EXPERIMENT,
            with_report(run_experiment),
            wanted,
            on_result=self._view.finish,
            on_progress=self._view.show_progress,
            on_error=self._view.fail,
            priority=QThread.Priority.LowPriority,
        )

    def _on_finished(self, result: ExperimentResult | None) -> None:
        state = self._session.state
        if result is None or self._wanted is None or state.suspended_session is not None:
            return
        number, wanted = self._wanted
        if number != state.session_number:
            return
        about = astuple(wanted.about) if isinstance(wanted.about, Claim) else ()
        with speaking(ENGLISH):
            found = explain(result), numbers_of(result)
        self._session.keep_experiment(FinishedExperiment(wanted.kind, wanted.config, wanted.runs, about, *found))

    def _on_open_wanted(self, config: Config) -> None:
        """Open a run exactly as listed: trained by the same engine, bit for bit."""
        samples = len(make_dataset(config.data).x_train)
        self._session.open_run(config, engine_of_experiments(config, max(1, samples)))

    def _on_result_changed(self, result: ExperimentResult | None) -> None:
        self._result = result
        self._draw()
        self._answer_difference()

    def _draw(self) -> None:
        """Show the runs' curves and the samples' influence while the result belongs to the current settings."""
        result = self._result
        if result is not None and changed_since(result, self._session.config):
            result = None
        if result is self._drawn:
            return
        self._drawn, shown = result, None if result is None else SHOWN[result.experiment]
        runs = () if shown is None else shown.curves(result)
        self._ends = [run for run in runs if len(run.output) and np.isfinite(run.output).all()]  # some kept none
        self._samples = None if shown is None else shown.samples
        self._draw_chosen()
        self._draw_curves()
        self._draw_samples()

    def _draw_samples(self) -> None:
        """Size the samples by their influence while the texts about them can be read."""
        samples = self._samples if self._view.isVisible() else None
        self._plot.layers.samples.show_influences(None if samples is None else samples.influences(self._drawn))
        if samples is None:
            self._on_sample_pointed(None)
        else:
            self._draw_without()

    def _draw_chosen(self) -> None:
        self._on_run_pointed(self._view.chosen if self._view.isVisible() else None)

    def _on_run_pointed(self, run: TrainedRun | None) -> None:
        if run is None or self._drawn is None or not len(run.output) or not np.isfinite(run.output).all():
            self._plot.layers.pointed.show_network(None)
        else:
            self._plot.layers.pointed.show_output(plot_grid(run.config.data), run.output, run_label(run))

    def _on_sample_pointed(self, place: int | None) -> None:
        if place != self._pointed:
            self._pointed = place
            self._view.show_sample(place)
            self._draw_without()

    def _on_difference_wanted(self, point: int) -> None:
        """Leave each sample out in turn, unless already done, then highlight this one: an index among all points."""
        held_out = points_of(self._session.config.data).held_out
        self._asked = int(np.count_nonzero(~held_out[:point]))
        self._layout.show(self._view)
        if self._samples is None:
            self._view.run(next(name for name, shown in SHOWN.items() if shown.samples is not None))
        else:
            self._answer_difference()

    def _answer_difference(self) -> None:
        if self._known_samples(self._asked) is not None:
            place, self._asked = self._asked, None
            self._on_sample_pointed(place)

    def _known_samples(self, place: int | None) -> ShownSamples[Any] | None:
        """Return the result on the samples if this one is already in it."""
        is_known = place is not None and self._samples is not None and self._samples.explain(self._drawn, place)
        return self._samples if is_known else None

    def _draw_without(self) -> None:
        """Draw the curve trained without the highlighted sample, across the visible range."""
        if (place := self._pointed) is None or (samples := self._known_samples(place)) is None:
            self._plot.layers.influence.clear()
        else:
            curves = samples.curves(self._drawn, place, self._plot.scene.x_range)
            self._plot.layers.influence.show_without(place, *curves)

    def _draw_curves(self) -> None:
        """Draw the runs across the visible range, computing missing curves in the background."""
        drawn, x_range = [run for run in self._ends if run.layers], self._plot.scene.x_range
        if x_range is None or not drawn:
            self._jobs.cancel(CURVES)
            grid = plot_grid(self._session.config.data)[::CURVE_STRIDE]
            self._plot.layers.swarm.show_outputs(grid, [run.output[::CURVE_STRIDE] for run in drawn], len(self._ends))
            return
        low, high = x_range
        margin = high - low  # the view can be moved by its width before curves end
        x = np.linspace(low - margin, high + margin, 3 * VIEW_POINTS + 1, dtype=np.float32)
        networks, draw = [(run.layers, run.config.network.activation) for run in drawn], with_stop(output_curves)
        self._jobs.submit(CURVES, draw, networks, x, on_result=self._show_curves, replaces="when slow")

    def _show_curves(self, found: Curves) -> None:
        self._plot.layers.swarm.show_outputs(found.x, found.outputs, len(self._ends))


def save_numbers(view: ExperimentsView, _context: Context, save: SaveTable) -> None:
    if view.result is None:
        warn(view.window(), SAVE_NUMBERS, _("There are none yet: run an experiment first."))
    else:
        save("experiment.csv", experiment_table(view.result))
