"""What can be done to the runs that a session keeps."""

from typing import Any

from tinynet_gui.core.run.history import RunChosen, RunDeleted
from tinynet_gui.core.text.shortened import encodable
from tinynet_gui.engine.session.current_run import CurrentRun
from tinynet_gui.engine.session.dispatcher import command
from tinynet_gui.engine.session.phases import standing


class KeepingRuns(CurrentRun):
    """The part of the session's controller that is about other runs than the one that is looked at."""

    @command
    def open_kept_run(self, run_id: int) -> None:
        """Stand still, and look at another run at its latest step; undo goes back to the one that was."""
        session = self._state.session
        if run_id == session.cursor.run_id or not session.has(run_id):
            return
        entry = RunChosen(session.cursor.run_id, run_id, "opening a run", session.cursor.step)
        self._stand_still()
        self._put(session=session.at_run(run_id, session.history.with_entry(entry)))
        self._put_status(phase=standing(self._state), steps_per_second=0.0)
        self._begin()

    @command
    def keep(self) -> None:
        """Keep the run that is looked at, trained or not, and draw it over others from now on."""
        self._mark_run(self._state.run.id, is_kept=True, is_shown=True)

    def star(self, run_id: int, starred: bool) -> None:
        """Keep a run whatever else comes, or no longer so."""
        self._mark_run(run_id, is_starred=starred)

    def show_run(self, run_id: int, shown: bool) -> None:
        """Draw a run over the one that is looked at, or no longer so."""
        self._mark_run(run_id, is_shown=shown)

    def rename(self, run_id: int, name: str) -> None:
        """Call a run by a name; by "" as what sets it apart."""
        self._mark_run(run_id, name=encodable(name.strip()))

    @command
    def delete_run(self, run_id: int) -> None:
        """Keep a run no more; not that which is looked at. It can be undone."""
        session = self._state.session
        if run_id != session.cursor.run_id and session.has(run_id):
            self._remember(RunDeleted(run_id, "deleting a run"))
            self._mark_run(run_id, is_deleted=True)

    @command
    def set_baseline(self, run_id: int | None) -> None:
        """Compare with a run, or with none."""
        self._put_session(baseline=run_id)

    @command
    def _mark_run(self, run_id: int, **changes: Any) -> None:
        if self._state.session.has(run_id):
            self._put(session=self._state.session.with_run_as(run_id, **changes))
