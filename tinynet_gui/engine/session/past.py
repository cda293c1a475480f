"""Observes the session: recomputes past moments, plays them back, and pauses at plateaus."""

from collections.abc import Callable, Collection
from time import perf_counter

from PySide6.QtCore import QObject, Qt, QTimer, Slot

from tinynet_gui.core.failures.symptoms import find_plateau
from tinynet_gui.core.run.replay import PastMoment, engines_needed, nearest_moment, past_moment
from tinynet_gui.core.run.run import LoadPhase, TrainingStatus
from tinynet_gui.core.training.engines import FRAME_RATE, PACES, EngineName
from tinynet_gui.engine.jobs.jobs import Jobs, with_stop
from tinynet_gui.engine.session.app_state import AppState
from tinynet_gui.engine.session.session_controller import SessionController
from tinynet_gui.qt import single_shot

KEY = "past"
NEAREST_DELAY_MS = 20  # a moment that takes longer is preceded by the nearest known one


class Past(QObject):
    """Follows the current step, and hands the session its moment."""

    def __init__(self, session: SessionController, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._jobs = session, jobs
        self._asked: tuple[int, int, Collection[EngineName]] | None = None
        self._nearest_delay = single_shot(self, NEAREST_DELAY_MS, self._show_nearest, "pastPatience")
        session.changed.connect(self._follow)

    @Slot(object, object)
    def _follow(self, old: AppState, new: AppState) -> None:
        cursor = new.session.cursor
        if new.session_number != old.session_number:  # the request in progress belongs to another run with that number
            self._jobs.cancel(KEY)
            self._asked = None
        if cursor.step is None or new.past is not None or not new.run.checkpoints:
            self._nearest_delay.stop()
            if cursor.step is None and self._asked is not None:
                self._jobs.cancel(KEY)
            self._asked = None
            return
        usable = usable_engines(new.status)
        if self._asked != (cursor.run_id, cursor.step, usable):
            self._asked = cursor.run_id, cursor.step, usable
            if engines_needed(new.run, cursor.step) - usable - _engines_in(new.status, "failed"):  # one is loading
                self._show_nearest()
                return
            asked, then = (new.run, cursor.step, usable), self._on_found
            self._jobs.submit(KEY, with_stop(past_moment), *asked, on_result=then, replaces="when slow")
            if not self._nearest_delay.isActive():
                self._nearest_delay.start()

    def stop(self) -> None:
        self._nearest_delay.stop()

    def _on_found(self, moment: PastMoment | None) -> None:
        if moment is not None:
            self._session.accept_past(moment)

    @Slot()
    def _show_nearest(self) -> None:
        state = self._session.state
        if state.session.cursor.step is None or state.past is not None:
            return
        snapshot = nearest_moment(state.run, state.session.cursor.step, usable_engines(state.status))
        if snapshot is not None and (state.playing is None or _is_on_the_way(state, snapshot.step)):
            self._session.accept_nearest(snapshot)


def _is_on_the_way(state: AppState, step: int) -> bool:
    """Whether a step lies between the one shown and the one wanted, so that playback does not jump to and fro."""
    shown = step if state.snapshot is None else state.snapshot.step
    first, last = sorted((shown, state.session.cursor.step or 0))
    return first <= step <= last


def usable_engines(status: TrainingStatus) -> frozenset[EngineName]:
    return _engines_in(status, "ready")


def _engines_in(status: TrainingStatus, phase: LoadPhase) -> frozenset[EngineName]:
    by_torch: list[EngineName] = ["PyTorch"] if status.pytorch == phase else []
    compiled: list[EngineName] = ["Compiled", "Compiled ×16"] if status.compiled == phase else []
    return frozenset((*by_torch, *compiled))


WHOLE_S = 2.0  # for a whole run at full speed: the fastest that is visible
LONGEST_S = 0.1  # cap on the time of one tick, so that a stall of the window skips nothing


class Player(QObject):
    """During playback, advances to the next step as soon as the previous one is shown. `now` returns seconds."""

    def __init__(
        self, session: SessionController, parent: QObject | None = None, now: Callable[[], float] = perf_counter
    ) -> None:
        super().__init__(parent)
        self._session, self._now = session, now
        self._last = 0.0
        self._pending_steps = 0.0  # steps that are due but not taken yet
        self._timer = QTimer(self, interval=round(1000 / FRAME_RATE), timerType=Qt.TimerType.PreciseTimer)
        self._timer.setObjectName("player")
        self._timer.timeout.connect(self.tick)
        session.changed.connect(self._follow)

    @Slot(object, object)
    def _follow(self, old: AppState, new: AppState) -> None:
        if new.playing is None:
            self._timer.stop()
        elif old.playing is None:
            self._last, self._pending_steps = self._now(), 0.0
            self._timer.start()

    def stop(self) -> None:
        self._timer.stop()

    @Slot()
    def tick(self) -> None:
        """Advance by the steps that are due, unless the current step has not been shown yet."""
        state, now = self._session.state, self._now()
        playing, step = state.playing, state.session.cursor.step
        if playing is None or step is None or state.past is None:
            return
        self._pending_steps += min(now - self._last, LONGEST_S) * self._steps_per_second(state)
        self._last = now
        if (steps := int(self._pending_steps)) == 0:
            return
        self._pending_steps -= steps
        first, last = playing.loop or (0, state.run.step)
        wanted = step + steps * playing.direction
        if playing.loop is not None and not first <= wanted <= last:
            wanted = first if playing.direction > 0 else last
        is_over = playing.loop is None and not first < wanted < last
        self._session.advance(max(first, wanted))
        if is_over and playing.goes_on and playing.direction > 0:
            self._session.start()  # from the latest step on
        elif is_over:
            self._session.pause()

    def _steps_per_second(self, state: AppState) -> float:
        pace = PACES[state.session.pace]
        if pace.steps_per_second is not None:
            return pace.steps_per_second
        if pace.steps_per_frame is not None:
            return pace.steps_per_frame * FRAME_RATE
        return state.run.step / WHOLE_S


class PlateauWatch(QObject):
    """Pauses once at each plateau: starting again from there is deliberate."""

    def __init__(self, session: SessionController, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._is_known = False
        session.changed.connect(self._follow)

    @Slot(object, object)
    def _follow(self, old: AppState, new: AppState) -> None:
        if not new.is_running or not new.session.view.pauses_at_plateau or new.run.losses is old.run.losses:
            return
        is_there = find_plateau(new.run.losses) is not None
        if is_there and not self._is_known:
            self._session.pause()
        self._is_known = is_there
