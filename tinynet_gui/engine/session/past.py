"""Recomputes past moments in the background."""

from collections.abc import Collection

from PySide6.QtCore import QObject, Slot

from tinynet_gui.core.run.past import PastMoment, engines_needed, nearest_moment, past_moment
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.run.training_status import LoadPhase, TrainingStatus
from tinynet_gui.core.training.engines import EngineName
from tinynet_gui.engine.jobs.jobs import Job, Jobs
from tinynet_gui.engine.session.app_state import AppState
from tinynet_gui.engine.session.session_controller import SessionController
from tinynet_gui.single_shot import single_shot

KEY = "past"
PATIENCE_MS = 20  # longer than a frame: meanwhile the nearest known moment is shown


def make(run: Run, step: int, usable: frozenset[EngineName], job: Job) -> PastMoment | None:
    """Repeat a run's steps up to one of them; None if it was stopped."""
    return past_moment(run, step, usable, job.stop)


class Past(QObject):
    """Follows the current step, and hands the session its moment."""

    def __init__(self, session: SessionController, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._jobs = session, jobs
        self._asked: tuple[int, int, Collection[EngineName]] | None = None
        self._patience = single_shot(self, PATIENCE_MS, self._show_nearest, "pastPatience")
        session.changed.connect(self._follow)

    @Slot(object, object)
    def _follow(self, old: AppState, new: AppState) -> None:
        cursor = new.session.cursor
        if new.session_number != old.session_number:  # the request in progress belongs to another run with that number
            self._jobs.cancel(KEY)
            self._asked = None
        if cursor.step is None or new.past is not None or not new.run.checkpoints:
            self._patience.stop()
            if cursor.step is None and self._asked is not None:
                self._jobs.cancel(KEY)
            self._asked = None
            return
        usable = usable_engines(new.status)
        if self._asked != (cursor.run_id, cursor.step, usable):
            self._asked = cursor.run_id, cursor.step, usable
            if engines_needed(new.run, cursor.step) - usable - _engines_in(new.status, "failed"):  # one is to come
                self._show_nearest()
                return
            self._jobs.submit(KEY, make, new.run, cursor.step, usable, on_result=self._take, replaces="when slow")
            if not self._patience.isActive():
                self._patience.start()

    def stop(self) -> None:
        """Show nothing more."""
        self._patience.stop()

    def _take(self, moment: PastMoment | None) -> None:
        if moment is not None:
            self._session.take_in_past(moment)

    @Slot()
    def _show_nearest(self) -> None:
        state = self._session.state
        if state.session.cursor.step is None or state.past is not None:
            return
        snapshot = nearest_moment(state.run, state.session.cursor.step, usable_engines(state.status))
        if snapshot is not None and (state.playing is None or _is_on_the_way(state, snapshot.step)):
            self._session.take_in_nearest(snapshot)


def _is_on_the_way(state: AppState, step: int) -> bool:
    """Whether a step lies between the one shown and the one wanted: what is played does not jump to and fro."""
    shown = step if state.snapshot is None else state.snapshot.step
    first, last = sorted((shown, state.session.cursor.step or 0))
    return first <= step <= last


def usable_engines(status: TrainingStatus) -> frozenset[EngineName]:
    """Return which engines can take steps now."""
    return _engines_in(status, "ready")


def _engines_in(status: TrainingStatus, phase: LoadPhase) -> frozenset[EngineName]:
    by_torch: list[EngineName] = ["PyTorch"] if status.pytorch == phase else []
    compiled: list[EngineName] = ["Compiled", "Compiled ×16"] if status.compiled == phase else []
    return frozenset((*by_torch, *compiled))
