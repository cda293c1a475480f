"""What it means to look at the past of a run: nothing is changed by it, and the first change makes a branch."""

from tinynet_gui.core.run.past import PastMoment
from tinynet_gui.core.run.snapshot import Snapshot
from tinynet_gui.engine.session.app_state import Playing
from tinynet_gui.engine.session.current_run import CurrentRun
from tinynet_gui.engine.session.dispatcher import command, heard


class LookingBack(CurrentRun):
    """The part of the session's controller that is about the step that is looked at.

    A moment of the past is made again aside (`engine.session.past`) and handed in here. What is done to a run in its
    past waits until the moment is there to the bit; then it begins a branch, and the run that was there stays.
    """

    @command
    def look_at(self, step: int | None) -> None:
        """Stand still and look at a step of the run's past, or at its latest with None; nothing is changed."""
        self._put_playing(None)
        self._move_to(step)

    @command
    def play(self, playing: Playing) -> None:
        """Go through the steps that were recorded, at the pace of the training; from an end, begin at the other one."""
        if not self._state.looks_back and self._state.run.step > 0:
            self.look_at(0 if playing.direction > 0 else self._state.run.step - 1)
        if self._state.looks_back:
            self._put_playing(playing)

    # What is heard from who makes the past again

    @heard
    def advance(self, step: int | None) -> None:
        """The next step of what is played has come."""
        self._move_to(step)

    @heard
    def take_in_past(self, moment: PastMoment) -> None:
        """A moment of the past is there."""
        cursor, snapshot = self._state.session.cursor, moment.snapshot
        if cursor.step is None or snapshot.run_id != cursor.run_id:
            return
        self._put(snapshot=snapshot)
        if moment.asked != cursor.step:
            return  # the hand has gone on, and sees that it is followed
        if snapshot.step != cursor.step:
            self._put(session=self._state.session.looking_at(snapshot.step))
        if self._state.looks_back:
            self._put(past=moment)
        waiting, self._waiting = self._waiting, ()
        for change in waiting:
            change()

    @heard
    def take_in_nearest(self, snapshot: Snapshot) -> None:
        """A moment is there that lies near the one that is looked at, which takes longer."""
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
