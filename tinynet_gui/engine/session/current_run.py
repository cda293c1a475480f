"""The run that is looked at, and the training that follows it: taken up, trained, let stand, branched off."""

from collections.abc import Callable, Hashable
from dataclasses import replace
from functools import partial, wraps
from typing import Any, cast

from PySide6.QtCore import QObject, Slot

from tinynet_gui.core.run.history import Entry, RunDeleted, SwitchedOffEdit
from tinynet_gui.core.training.engines import EngineName
from tinynet_gui.engine.session.app_state import AppState, Playing
from tinynet_gui.engine.session.dispatcher import Dispatcher, M, command
from tinynet_gui.engine.session.phases import can_train, standing, starts_early, stop_beyond, wanted_engine
from tinynet_gui.engine.training.interface import Training
from tinynet_gui.single_shot import single_shot

RESTART_DELAY_MS = 150  # a quick series of edits makes one new run


def when_exact(method: M) -> M:
    """Let what a method does to a run in its past wait until the moment to do it at is there to the bit."""

    @wraps(method)
    def waiting(self: "CurrentRun", *args: Any, **kwargs: Any) -> None:
        if self._state.looks_back and self._state.past is None:
            self._waiting = (*self._waiting, partial(method, self, *args, **kwargs))
        else:
            method(self, *args, **kwargs)

    return cast(M, waiting)


class CurrentRun(Dispatcher):
    """What the parts of the session's controller have in common: each can change what is looked at and trained.

    They are parts of one object, not objects that it has: views know one session, and each of its commands would
    otherwise be written twice.
    """

    def __init__(self, state: AppState, training: Training, parent: QObject | None = None) -> None:
        super().__init__(state, parent)
        self._training = training
        self._is_open = False
        self._waiting: tuple[Callable[[], None], ...] = ()  # for the exact moment
        self._restart = single_shot(self, RESTART_DELAY_MS, self._begin)

    # Which run it is

    @Slot()
    @command
    def _begin(self, stop_at: int | None = None) -> None:
        """Let the worker take up the current run, of which no moment is there yet."""
        self._waiting = ()  # for a moment of another run
        self._put(snapshot=None, latest=None, past=None, playing=None)
        self._take_up(stop_at)

    def _flush_restart(self) -> None:
        """Begin a run at once that is about to be begun."""
        if self._restart.isActive():
            self._begin()

    def _take_up(self, stop_at: int | None = None) -> None:
        """Let the worker take up the current run; a training that is running goes on with it."""
        self._restart.stop()
        run = self._state.run
        every = run.config.training.stop_step
        stop_at = stop_at or stop_beyond(run)
        self._training.begin(run)
        if self._state.is_running:
            stop_at = stop_at if stop_at > run.step else stop_at + every
            self._put_status(stop_at=stop_at)
            self._training.start(stop_at, self._state.status.is_fast_forward)
        else:
            self._put_status(phase=standing(self._state), stop_at=stop_at)

    def _remember(self, entry: Entry, gesture: Hashable | None = None) -> None:
        """Let undo know of a change that is about to be made; in the past, it is made to a branch."""
        if self._state.looks_back and not isinstance(entry, RunDeleted | SwitchedOffEdit):
            self._branch(entry.label, gesture)
        else:
            self._put(session=self._state.session.with_entry(entry, gesture))

    def _branch(self, label: str, gesture: Hashable | None) -> None:
        """Go on from the moment of the past with a run of its own; one undo goes back to before the change."""
        moment = self._state.past
        assert moment is not None
        session = self._state.session.with_branch(moment, label, gesture)
        snapshot = replace(moment.snapshot, run_id=session.run.id)
        self._put(session=session, snapshot=snapshot, latest=snapshot, past=None, playing=None)
        self._take_up()

    # How it is trained

    def _prepare_to_train(self) -> bool:
        """Take up the run of now, and say whether anything can train it.

        The compiled loop takes the steps of one that is begun before PyTorch is there, if Auto may choose.
        """
        self._flush_restart()
        if not can_train(self._state):
            self._put_status(phase="unusable")
            return False
        if starts_early(self._state):
            self._want_engine("Compiled")
        return True

    def _run_until(self, stop_at: int, is_fast_forward: bool = False) -> None:
        self._put_playing(None)
        if not self._prepare_to_train():
            return
        self._put_status(phase="running", stop_at=stop_at, is_fast_forward=is_fast_forward)
        self._training.start(stop_at, is_fast_forward)

    def _stand_still(self) -> None:
        """Let the training pause, if it is running."""
        self._training.pause()
        if self._state.is_running:
            self._put_status(phase="paused", steps_per_second=0.0)

    def _put_playing(self, playing: Playing | None) -> None:
        if playing != self._state.playing:
            self._put(playing=playing)

    def _next_stop(self) -> int:
        """The stop step; beyond it, as many steps again as often as it takes."""
        every = self.config.training.stop_step
        return (self._state.run.step // every + 1) * every

    def _engine_for_now(self) -> EngineName:
        goes_to_the_end = self._state.is_running and self._state.status.is_fast_forward
        return wanted_engine(self._state, to_the_end=goes_to_the_end)

    def _choose_first_engine(self) -> None:
        run, engine = self._state.run, self._engine_for_now()
        if not run.checkpoints:
            self._put_run(start=replace(run.start, engine=engine), wanted=replace(run.wanted, engine=engine))

    def _want_engine(self, engine: EngineName) -> None:
        run = self._state.run
        if engine != run.wanted.engine:
            self._put_run(wanted=replace(run.wanted, engine=engine))
            if self._is_open and not self._restart.isActive():
                self._training.set_engine(engine)
