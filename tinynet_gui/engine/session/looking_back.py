"""What it means to look at the past of a run: nothing is changed by it, and the first change makes a branch."""

from collections.abc import Callable, Hashable
from dataclasses import replace

from tinynet_gui.core.run.history import Entry, RunDeleted, SwitchedOffEdit
from tinynet_gui.core.run.past import PastMoment
from tinynet_gui.core.run.snapshot import Snapshot
from tinynet_gui.engine.session.app_state import Playing
from tinynet_gui.engine.session.dispatcher import Dispatcher


class LookingBack(Dispatcher):
    """The part of the session's controller that is about the step that is looked at.

    A moment of the past is made again aside (`engine.past`) and handed in here. What is done to a run in its past
    waits until the moment is there to the bit; then it begins a branch, and the run that was there stays.
    """

    _waiting: tuple[Callable[[], None], ...] = ()

    # What the user wants

    def look_at(self, step: int | None) -> None:
        """Stand still and look at a step of the run's past, or at its latest with None; nothing is changed."""
        self._do(lambda: self._look_at(step))

    def play(self, playing: Playing) -> None:
        """Go through the steps that were recorded, at the pace of the training; from an end, begin at the other one."""
        self._do(lambda: self._play(playing))

    # What is heard from who makes the past again

    def advance(self, step: int | None) -> None:
        """The next step of what is played has come."""
        self._do(lambda: self._look_at(step, keeps_playing=True))

    def take_in_past(self, moment: PastMoment) -> None:
        """A moment of the past is there."""
        self._do(lambda: self._take_in_past(moment))

    def take_in_nearest(self, snapshot: Snapshot) -> None:
        """A moment is there that lies near the one that is looked at, which takes longer."""
        if self._state.looks_back and self._state.past is None and snapshot.run_id == self._state.run.id:
            self._do(lambda: self._put(snapshot=snapshot))

    # How it comes about

    def _look_at(self, step: int | None, *, keeps_playing: bool = False) -> None:
        session = self._state.session.looking_at(step)
        if not keeps_playing:
            self._put_playing(None)
        if session is self._state.session:
            return
        if session.looks_back:
            self._stand_still()
        self._waiting = ()
        self._put(session=session, past=None)
        if not session.looks_back:
            self._put(snapshot=self._state.latest)

    def _play(self, playing: Playing) -> None:
        if not self._state.looks_back and self._state.run.step > 0:
            self._look_at(0 if playing.direction > 0 else self._state.run.step - 1)
        if self._state.looks_back:
            self._put_playing(playing)

    def _put_playing(self, playing: Playing | None) -> None:
        if playing != self._state.playing:
            self._put(playing=playing)

    def _take_in_past(self, moment: PastMoment) -> None:
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
        for command in waiting:
            command()

    def _when_exact(self, command: Callable[[], None]) -> None:
        """Do something to the run: at once, unless the moment of the past to do it at is not there yet."""
        if self._state.looks_back and self._state.past is None:
            self._waiting = (*self._waiting, command)
        else:
            command()

    def _remember(self, entry: Entry, gesture: Hashable | None = None) -> None:
        if self._state.looks_back and not isinstance(entry, RunDeleted | SwitchedOffEdit):
            self._branch(entry.label, gesture)
        else:
            super()._remember(entry, gesture)

    def _branch(self, label: str, gesture: Hashable | None) -> None:
        """Go on from the moment of the past with a run of its own; one undo goes back to before the change."""
        moment = self._state.past
        assert moment is not None
        session = self._state.session.with_branch(moment, label, gesture)
        snapshot = replace(moment.snapshot, run_id=session.run.id)
        self._put(session=session, snapshot=snapshot, latest=snapshot, past=None, playing=None)
        self._take_up()

    def _stand_still(self) -> None:
        """Let the training pause, if it is running."""
        raise NotImplementedError

    def _take_up(self) -> None:
        """Let the worker take up the current run."""
        raise NotImplementedError
