"""Plays the recorded part of a run: from one step to another, at the pace of the training."""

from collections.abc import Callable
from time import perf_counter

from PySide6.QtCore import QObject, Qt, QTimer, Slot

from tinynet_gui.core.training.pace import FRAME_RATE, PACES
from tinynet_gui.engine.session.app_state import AppState
from tinynet_gui.engine.session.session_controller import SessionController

WHOLE_S = 2.0  # for a whole run at full speed: faster could not be seen
LONGEST_S = 0.1  # the longest time that one tick counts for, so that a pause of the window skips nothing


class Player(QObject):
    """While the past is played, moves on to the next step as soon as the previous one is there.

    Parameters
    ----------
    now
        Returns seconds, from any origin.
    """

    def __init__(
        self, session: SessionController, parent: QObject | None = None, now: Callable[[], float] = perf_counter
    ) -> None:
        super().__init__(parent)
        self._session, self._now = session, now
        self._last = 0.0
        self._owed = 0.0  # steps that are due but not taken yet
        self._timer = QTimer(self)
        self._timer.setObjectName("player")
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(round(1000 / FRAME_RATE))
        self._timer.timeout.connect(self.tick)
        session.changed.connect(self._follow)

    @Slot(object, object)
    def _follow(self, old: AppState, new: AppState) -> None:
        if new.playing is None:
            self._timer.stop()
        elif old.playing is None:
            self._last, self._owed = self._now(), 0.0
            self._timer.start()

    def stop(self) -> None:
        """Stop playing."""
        self._timer.stop()

    @Slot()
    def tick(self) -> None:
        """Move on by the steps that are due, once the current step is on its way to the screen."""
        state, now = self._session.state, self._now()
        playing, step = state.playing, state.session.cursor.step
        if playing is None or step is None or state.past is None:
            return
        self._owed += min(now - self._last, LONGEST_S) * self._steps_per_second(state)
        self._last = now
        if (steps := int(self._owed)) == 0:
            return
        self._owed -= steps
        first, last = playing.loop or (0, state.run.step)
        wanted = step + steps * playing.direction
        if playing.loop is not None and not first <= wanted <= last:
            wanted = first if playing.direction > 0 else last
        is_over = playing.loop is None and not first < wanted < last
        self._session.advance(max(first, wanted))
        if is_over:
            self._end(goes_on=playing.goes_on and playing.direction > 0)

    def _end(self, *, goes_on: bool) -> None:
        if goes_on:
            self._session.start()  # from the latest step on
        else:
            self._session.pause()

    def _steps_per_second(self, state: AppState) -> float:
        pace = PACES[state.session.pace]
        if pace.steps_per_second is not None:
            return pace.steps_per_second
        if pace.steps_per_frame is not None:
            return pace.steps_per_frame * FRAME_RATE
        return state.run.step / WHOLE_S
