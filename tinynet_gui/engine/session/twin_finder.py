"""Finds the lazy twin of the run in sight, once for all that show it: the twin in the function plot, and its modes."""

from PySide6.QtCore import QObject, Signal

from tinynet_gui.core.lazy_twin.of_run import twin_at, twin_start
from tinynet_gui.core.lazy_twin.twin import LazyTwin, NoTwinError
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.values import dataclass
from tinynet_gui.engine.jobs.jobs import Job, Jobs
from tinynet_gui.engine.session.app_state import AppState
from tinynet_gui.engine.session.session_controller import SessionController

KEY = "twin"


@dataclass(frozen=True, eq=False)
class FoundTwin:
    """The twin of a run from one of its steps on, or why there is none.

    Attributes
    ----------
    of
        What it depends on.
    first
        The step of the run with which it begins.
    """

    of: tuple[object, ...]
    first: int
    twin: LazyTwin | None = None
    why: str = ""


class TwinFinder(QObject):
    """Searches while the session shows the twin or its modes, and no question is open.

    Signals
    -------
    found
        There is another one; not emitted while that of the same start is known.
    """

    found = Signal()

    def __init__(self, session: SessionController, jobs: Jobs) -> None:
        super().__init__(session)
        self._session, self._jobs = session, jobs
        self._latest: FoundTwin | None = None
        self._asked: tuple[object, ...] = ()
        session.changed.connect(self._follow)

    @property
    def latest(self) -> FoundTwin | None:
        """The twin of the moment in sight; None while it is searched for."""
        of, _ = _start(self._session.state)
        return self._latest if self._latest is not None and self._latest.of == of else None

    def _follow(self, _: AppState, new: AppState) -> None:
        if not (new.shows_twin or new.shows_modes):
            self._jobs.cancel(KEY)
            self._latest, self._asked = None, ()
        elif new.run.checkpoints and (start := _start(new))[0] != self._asked:
            self._asked = start[0]
            self._jobs.submit(KEY, _find, new.run, *start, on_result=self._take, replaces="when slow")

    def _take(self, found: FoundTwin | None) -> None:
        if found is not None:
            self._latest = found
            self.found.emit()


def _start(state: AppState) -> tuple[tuple[object, ...], int]:
    """Return what the twin of the moment in sight depends on, and the step with which it begins."""
    run, step = state.run, state.session.cursor.step
    first = twin_start(run, run.step if step is None else step)
    before = sum(event.step <= first for event in run.events)
    return (state.session_number, run.id, run.start, before, first), first


def _find(run: Run, of: tuple[object, ...], first: int, job: Job) -> FoundTwin:
    try:
        return FoundTwin(of, first, twin_at(run, first, job.stop))
    except NoTwinError as error:
        return FoundTwin(of, first, why=str(error))
