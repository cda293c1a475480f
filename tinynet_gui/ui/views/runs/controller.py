"""Shows the kept runs in their table and in the plots."""

from collections.abc import Sequence
from itertools import count

from PySide6.QtCore import QObject, Signal

from tinynet_gui.core.export.tables import runs_table
from tinynet_gui.core.run.comparison import RunResults, RunsAt, results_of, run_curves
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.run.session import Session
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.core.wording.runs import differences, result_texts, run_names
from tinynet_gui.engine.jobs.jobs import Jobs, with_stop
from tinynet_gui.engine.session.app_state import AppState
from tinynet_gui.engine.session.session_controller import SessionController
from tinynet_gui.qt import single_shot
from tinynet_gui.ui.views.function_plot.function_plot import FunctionPlot
from tinynet_gui.ui.views.function_plot.other_curves import RunCurve
from tinynet_gui.ui.views.loss_plot.layers import RunLosses
from tinynet_gui.ui.views.loss_plot.loss_plot import LossPlot
from tinynet_gui.ui.views.runs.runs_model import RunRow
from tinynet_gui.ui.views.runs.runs_view import RunsView
from tinynet_gui.ui.window.context import MIN_RUNS, Context, SaveTable

RESULTS, CURVES = "run results", "run curves"
REFRESH_MS = 200  # between two updates during a training


class RunsController(QObject):
    """Syncs the runs view, and the runs drawn in the plots, with the session; emits the number of listed runs."""

    runs_listed = Signal(int)

    def __init__(
        self, session: SessionController, jobs: Jobs, *, view: RunsView, plot: FunctionPlot, loss: LossPlot
    ) -> None:
        super().__init__(plot)
        self._session, self._jobs, self._view, self._plot, self._loss = session, jobs, view, plot, loss
        self._runs: Sequence[Run] = ()
        self._names: dict[int, str] = {}
        self._colors: dict[int, int] = {}
        self._results: dict[int, tuple[Run, RunResults]] = {}  # by id: results, and the run they are of
        self._refresh = single_shot(self, REFRESH_MS, self._show_progress, "runsRefresh")
        session.changed.connect(self._follow)
        plot.x_range_changed.connect(self._draw_curves)
        view.shown.connect(self._show)
        view.keep_pressed.connect(session.keep)
        view.table.opened.connect(session.open_kept_run)
        view.table.starred.connect(session.star)
        view.table.shown.connect(session.show_run)
        view.table.renamed.connect(session.rename)
        view.table.deleted.connect(session.delete_run)
        view.table.baseline_chosen.connect(session.set_baseline)
        self._show()

    def _follow(self, old: AppState, new: AppState) -> None:
        """Show new runs at once, and their results throttled."""
        if new.session_number != old.session_number:
            self._results = {}
        is_other = not _only_progressed(old.session, new.session) and _runs_key(new) != self._runs_key
        if is_other or (new.question_is_open, new.shows_runs) != (old.question_is_open, old.shows_runs):
            self._show()
            return
        if new.session.runs is not old.session.runs and not self._refresh.isActive():
            self._refresh.start()
        has_moved = new.snapshot is not old.snapshot and not new.is_running
        if has_moved or new.status.compiled != old.status.compiled:
            self._draw_curves()

    def _show(self) -> None:
        self._refresh.stop()
        before = len(self._runs)
        self._runs_key = _runs_key(self._session.state)
        self._runs = self._session.state.session.kept_runs
        self._names = run_names(self._runs)
        self._choose_colors()
        self._show_rows()
        self._show_drawn()
        if len(self._runs) != before:
            self.runs_listed.emit(len(self._runs))

    def _show_progress(self) -> None:
        runs = self._session.state.session.kept_runs
        if [run.id for run in runs] != [run.id for run in self._runs]:  # two runs that were alike no longer are
            self._show()
            return
        self._runs = runs
        self._show_rows()
        self._show_drawn()

    def _show_drawn(self) -> None:
        losses = [RunLosses(self._names[run.id], self._colors[run.id], run.losses) for run in self._drawn()]
        if losses != self._loss.layers.runs.losses:
            self._loss.layers.runs.show_losses(losses)
        self._draw_curves()

    def _choose_colors(self) -> None:
        """Give each newly drawn run the first free colour, kept as long as it is drawn."""
        drawn = [run.id for run in self._drawn()]
        self._colors = {run_id: color for run_id, color in self._colors.items() if run_id in drawn}
        for run_id in drawn:
            if run_id not in self._colors:
                self._colors[run_id] = next(color for color in count() if color not in self._colors.values())

    def _drawn(self) -> list[Run]:
        """Return the runs drawn over the current one, without any that could answer an open question."""
        state = self._session.state
        if state.question_is_open and not state.shows_runs:
            return []
        current = self._session.state.run.id
        return [run for run in self._runs if run.is_shown and run.id != current and run.checkpoints]

    def _show_rows(self) -> None:
        if not self._view.isVisible():
            return
        session = self._session.state.session
        self._results = {run.id: self._results[run.id] for run in self._runs if run.id in self._results}
        results = {run_id: found for run_id, (_, found) in self._results.items()}
        baseline = results.get(session.baseline) if session.baseline is not None else None
        rows = list[RunRow]()
        for run in self._runs:
            texts = count_text(run.step) if baseline is None else "", "", "", ""
            if run.id in results:
                texts = result_texts(results[run.id], baseline)
            flags = run.is_shown, run.is_starred, run.id == session.cursor.run_id, run.id == session.baseline
            drawn_as = self._names[run.id], self._colors.get(run.id)
            rows.append(RunRow(run.id, *drawn_as, *flags, self._branched_off(run), texts))
        self._view.show_runs(rows, differences(self._runs, results, baseline))
        missing = [run for run in self._runs if run.checkpoints and not self._is_known(run)]
        if missing:
            self._jobs.submit(RESULTS, with_stop(results_of), missing, on_result=self._on_results, replaces="when slow")

    def _branched_off(self, run: Run) -> str:
        if run.parent is None:
            return ""
        name = self._names.get(run.parent.run_id, _("a run that is gone"))
        return f"{name} · {count_text(run.parent.step)}"

    def _is_known(self, run: Run) -> bool:
        """Whether its known results are those of its last step."""
        if run.id not in self._results:
            return False
        then = self._results[run.id][0]
        return (then.step, then.events, then.diverged_at) == (run.step, run.events, run.diverged_at)

    def _on_results(self, found: list[tuple[Run, RunResults]]) -> None:
        self._results |= {run.id: (run, results) for run, results in found}
        if not self._refresh.isActive():  # else everything is about to be shown again
            self._show_progress()

    def _draw_curves(self) -> None:
        """Draw the shown runs at the current step, once computed; not if that would compile the loop."""
        drawn, step = self._drawn(), self._step()
        if not drawn:
            self._jobs.cancel(CURVES)
            self._plot.view.show_runs(())
        elif self._session.state.status.compiled == "ready":
            runs = [(run, min(step, run.step)) for run in drawn], self._plot.scene.grid()
            self._jobs.submit(CURVES, with_stop(run_curves), *runs, on_result=self._show_curves, replaces="when slow")

    def _step(self) -> int:
        state = self._session.state
        if state.snapshot is not None and state.snapshot.run_id == state.run.id:
            return state.snapshot.step
        cursor = state.session.cursor
        return state.run.step if cursor.step is None else cursor.step

    def _show_curves(self, found: RunsAt) -> None:
        step, curves = self._step(), list[RunCurve]()
        for (run, at), y in zip(found.moments, found.outputs, strict=True):
            if (color := self._colors.get(run.id)) is not None:
                curves.append(RunCurve(self._names[run.id], color, found.x, y, at, at < step, at < run.step))
        self._plot.view.show_runs(curves)


def _runs_key(state: AppState) -> tuple[object, ...]:
    """Return a key for the runs and their options, ignoring their progress."""
    session = state.session
    return session.cursor.run_id, session.baseline, list(map(_run_key, session.runs))


def _only_progressed(old: Session, new: Session) -> bool:
    """Whether nothing has changed but the progress of the current run, as in most frames of a training."""
    return new.other_runs is old.other_runs and new.baseline == old.baseline and _run_key(new.run) == _run_key(old.run)


def _run_key(run: Run) -> tuple[object, ...]:
    flags = run.is_starred, run.is_kept, run.is_shown, run.is_deleted
    return run.id, run.name, run.step > 0, *flags, run.config, run.parent


def make(context: Context) -> RunsView:
    return RunsView()


def connect(view: RunsView, context: Context) -> RunsController:
    """Show the runs' tab once a session has something to compare."""
    plot, loss = context.views.function_plot, context.views.loss_plot
    controller = RunsController(context.session, context.jobs, view=view, plot=plot, loss=loss)
    layout = context.frame.layout

    def offer(count: int) -> None:
        if count >= MIN_RUNS and layout.tabs.indexOf(view) < 0:  # the tab then stays
            layout.add_tab(view)

    def follow(old: AppState, new: AppState) -> None:
        if new.session_number != old.session_number and len(new.session.kept_runs) < MIN_RUNS:
            context.frame.arranger.leave(view)
            layout.remove_tab(view)

    controller.runs_listed.connect(offer)
    context.session.changed.connect(follow)
    offer(len(context.session.state.session.kept_runs))
    return controller


def save_numbers(_: RunsView, context: Context, save: SaveTable) -> None:
    """Save the list of runs, once all their results are known."""
    runs = context.session.state.session.kept_runs

    def on_results(found: list[tuple[Run, RunResults]]) -> None:
        save("runs.csv", runs_table(runs, {run.id: results for run, results in found}))

    known = [run for run in runs if run.checkpoints]
    context.jobs.submit("numbers of runs", with_stop(results_of), known, on_result=on_results)
