"""Looking at the past of a run: this changes nothing, and the first change makes a branch."""

from tinynet_gui.core.run.past import PastMoment
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.engine.session.app_state import Playing
from tinynet_gui.engine.session.current_run import CurrentRun
from tinynet_gui.engine.session.dispatcher import command, heard


class LookingBack(CurrentRun):
    """The part of the session's controller for the current step.

    A past moment is recomputed in the background (`engine.session.past`) and handed in here. A change to a run in its
    past waits until the exact moment is there; then it begins a branch, and the original run stays.
    """

    @command
    def look_at(self, step: int | None) -> None:
        """Pause and look at a past step of the run, or at its latest with None; nothing is changed."""
        self._put_playing(None)
        self._move_to(step)

    @command
    def play(self, playing: Playing) -> None:
        """Play the recorded steps at the pace of the training; from an end, start at the other one."""
        if not self._state.looks_back and self._state.run.step > 0:
            self.look_at(0 if playing.direction > 0 else self._state.run.step - 1)
        if self._state.looks_back:
            self._put_playing(playing)

    # Called by those that recompute the past

    @heard
    def advance(self, step: int | None) -> None:
        """The next step to play is due."""
        self._move_to(step)

    @heard
    def take_in_past(self, moment: PastMoment) -> None:
        """A past moment has been recomputed."""
        cursor, snapshot = self._state.session.cursor, moment.snapshot
        if cursor.step is None or snapshot.run_id != cursor.run_id:
            return
        self._put(snapshot=snapshot)
        if moment.asked != cursor.step:
            return  # the user has moved on, and should see the view follow
        if snapshot.step != cursor.step:
            self._put(session=self._state.session.looking_at(snapshot.step))
        if self._state.looks_back:
            self._put(past=moment)
        waiting, self._waiting = self._waiting, ()
        for change in waiting:
            change()

    @heard
    def take_in_nearest(self, snapshot: Snapshot) -> None:
        """A moment near the current step is there, while the exact one takes longer."""
        if self._state.looks_back and self._state.past is None and snapshot.run_id == self._state.run.id:
            self._put(snapshot=snapshot)

    def _move_to(self, step: int | None) -> None:
        session = self._state.session.looking_at(step)
        if session is self._state.session:
            return
        if session.looks_back:
            self._stand_still()
        self._waiting = ()
        self._put(session=session, past=None)
        if not session.looks_back:
            self._put(snapshot=self._state.latest)
