"""Commands for the runs that a session keeps, and for opening others."""

from typing import Any

from tinynet_gui.core.config import Config
from tinynet_gui.core.run.finished_experiment import FinishedExperiment, with_experiment
from tinynet_gui.core.run.history import RunChosen, RunDeleted
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.run.session import Session
from tinynet_gui.core.text.shortened import encodable
from tinynet_gui.core.training.engines import EngineName
from tinynet_gui.engine.session.current_run import CurrentRun
from tinynet_gui.engine.session.dispatcher import command
from tinynet_gui.engine.session.phases import standing


class KeepingRuns(CurrentRun):
    """The part of the session's controller for runs other than the current one."""

    @command
    def open_run(self, config: Config, engine: EngineName, *, trains: bool = True) -> None:
        """Train a run to its end, if so, with the engine that made it elsewhere; undo restores the current run."""
        self._open(self._state.session.with_new_run(config, engine, "opening a run"), trains=trains)

    @command
    def open_branch(self, branch: Run, *, trains: bool) -> None:
        """Go to a run made elsewhere, and train it to its end if so; undo restores the current run."""
        self._open(self._state.session.with_run_opened(branch, "opening a run"), trains=trains)

    def _open(self, session: Session, *, trains: bool) -> None:
        self._stand_still()
        self._put(session=session)
        self._put_status(phase=standing(self._state), steps_per_second=0.0)
        self._begin()
        if trains:
            self._run_until(self._next_stop(), is_fast_forward=True)

    @command
    def open_kept_run(self, run_id: int) -> None:
        """Pause, and go to another run at its latest step; undo goes back to the previous one."""
        session = self._state.session
        if run_id == session.cursor.run_id or not session.has(run_id):
            return
        entry = RunChosen(session.cursor.run_id, run_id, "opening a run", session.cursor.step)
        self._open(session.at_run(run_id, session.history.with_entry(entry)), trains=False)

    @command
    def keep(self) -> None:
        """Keep the current run, trained or not, and from now on draw it over others."""
        self._mark_run(self._state.run.id, is_kept=True, is_shown=True)

    def star(self, run_id: int, starred: bool) -> None:
        """Protect a run from automatic removal, or no longer."""
        self._mark_run(run_id, is_starred=starred)

    def show_run(self, run_id: int, shown: bool) -> None:
        """Draw a run over the current one, or no longer."""
        self._mark_run(run_id, is_shown=shown)

    def rename(self, run_id: int, name: str) -> None:
        """Name a run; with "" it is called by its differences from others."""
        self._mark_run(run_id, name=encodable(name.strip()))

    @command
    def delete_run(self, run_id: int) -> None:
        """Delete a run other than the current one. It can be undone."""
        session = self._state.session
        if run_id != session.cursor.run_id and session.has(run_id):
            self._remember(RunDeleted(run_id, "deleting a run"))
            self._mark_run(run_id, is_deleted=True)

    @command
    def set_baseline(self, run_id: int | None) -> None:
        """Compare with a run, or with none."""
        self._put_session(baseline=run_id)

    @command
    def keep_experiment(self, asked: FinishedExperiment) -> None:
        """Keep what an experiment was asked, and what it said."""
        self._put_session(experiments=with_experiment(self._state.session.experiments, asked))

    @command
    def _mark_run(self, run_id: int, **changes: Any) -> None:
        if self._state.session.has(run_id):
            self._put(session=self._state.session.with_run_as(run_id, **changes))
