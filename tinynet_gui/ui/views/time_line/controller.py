from dataclasses import replace

from PySide6.QtCore import QObject

from tinynet_gui.core.failures.symptoms import time_marks
from tinynet_gui.core.run.marks import Mark
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.wording.network_text import task_text
from tinynet_gui.engine.jobs.computations import RunDeaths, search_for_deaths
from tinynet_gui.engine.session.app_state import AppState, Playing
from tinynet_gui.ui.views.time_line.time_line import StepBar, TimeLine
from tinynet_gui.ui.window.context import Context

KEY = "deaths of the run"


class TimeLineController(QObject):
    """Shows the run's steps, and goes to any of them.

    Before the first step the task is described in place of the line.
    """

    def __init__(self, time_line: TimeLine, context: Context) -> None:
        session = context.session
        super().__init__(session)
        self._context, self._session, self._jobs, self._time_line = context, session, context.jobs, time_line
        self._asked: int | None = None  # the run whose deaths were requested
        self._deaths: RunDeaths | None = None
        self._marked: object = None  # the key of the present marks
        self._marks: tuple[Mark, ...] = ()
        self._has_started = False  # the first step
        session.watch(self, lambda state: state.session_number, self._forget)
        session.changed.connect(self._follow)
        time_line.steps_made.connect(self._begin)
        time_line.pauses_at_plateau_changed.connect(lambda pauses: session.set_view(pauses_at_plateau=pauses))
        session.watch(self, lambda state: state.session.view.pauses_at_plateau, time_line.pauses.setChecked)
        self._show_task(session.state)
        context.idle.add([self._make_steps])

    def _make_steps(self) -> StepBar:
        with self._context.gestures.suspended():
            return self._time_line.steps

    def _begin(self, steps: StepBar) -> None:
        session = self._session
        shown = self._context.frame.status.moment_shown
        shown.connect(lambda snapshot: steps.write_step(snapshot.step) if snapshot is not None else None)
        steps.step_wanted.connect(session.look_at)
        steps.play_wanted.connect(lambda way: session.play(Playing(way, steps.track.loop)))
        steps.pause_wanted.connect(session.pause)
        steps.latest_wanted.connect(lambda: session.look_at(None))
        steps.loop_changed.connect(self._on_loop_changed)
        steps.log_changed.connect(lambda log: session.set_view(dense_beginning=log))
        session.watch(self, lambda state: state.run.id, lambda _: steps.show_loop(None))
        session.watch(self, lambda state: state.is_running, steps.show_training)
        session.watch(self, lambda state: (state.run, state.is_running, state.session.cursor.step), self._show_run)
        session.watch(self, lambda state: state.playing.direction if state.playing else 0, steps.show_playing)
        session.watch(self, lambda state: state.session.view.dense_beginning, steps.log.setChecked)
        self._context.fit_lazy_part(steps)

    def show_deaths(self, deaths: RunDeaths) -> None:
        self._deaths, self._asked = deaths, deaths.run_id
        state = self._session.state
        self._show_run((state.run, state.is_running, state.session.cursor.step))

    def _forget(self, _: int) -> None:
        self._deaths = self._asked = self._marked = None
        self._has_started = False

    def _follow(self, _: AppState, new: AppState) -> None:
        if not self._has_started:
            self._show_task(new)
        self._look_for_deaths(new)

    def _show_task(self, state: AppState) -> None:
        self._has_started = state.run.step > 0
        said, is_own = task_text(state.config), state.suspended_session is None
        if self._has_started:
            self._make_steps()
        offer = _("{task} Press Start.").format(task=said)
        self._time_line.show_task(() if self._has_started else (offer, said) if is_own else (said,))

    def _look_for_deaths(self, state: AppState) -> None:
        """Search for deaths that training has not recorded: after a run was opened in its past."""
        latest, run = state.latest, state.run
        if state.looks_back and self._asked != run.id and latest is not None and state.status.compiled == "ready":
            self._asked = run.id
            self._jobs.submit(KEY, search_for_deaths, run, latest, on_result=self.show_deaths)

    def _show_run(self, shown: tuple[Run, bool, int | None]) -> None:
        run, is_running, past_step = shown
        marked = _marked(run, None if is_running else self._deaths, is_whole=not is_running)
        if marked != self._marked:
            self._marked = marked
            deaths = self._deaths if self._deaths is not None and self._deaths.run_id == run.id else None
            self._marks = time_marks(run, None if deaths is None else deaths.by_neuron)
        self._time_line.steps.show_run(run.step, self._marks)
        self._time_line.steps.show_past(past_step)

    def _on_loop_changed(self, loop: tuple[int, int] | None) -> None:
        playing = self._session.state.playing
        if playing is not None:
            self._session.play(replace(playing, loop=loop))


def _marked(run: Run, deaths: RunDeaths | None, *, is_whole: bool) -> object:
    """Return a cache key for a run's marks. During training, marks that need all losses are omitted."""
    done = run.id, len(run.events), run.events[-1:], run.diverged_at
    return (*done, run.step, deaths) if is_whole else done
