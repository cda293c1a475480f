"""The only owner of the state: commands come in one at a time, and each emits one change."""

from collections import deque
from collections.abc import Callable, Hashable
from dataclasses import replace
from functools import partial, wraps
from typing import Any, TypeVar, cast

from PySide6.QtCore import QObject, Signal, Slot

from tinynet_gui.core.config import Config
from tinynet_gui.core.run.history import AllShown, Entry, RunDeleted, SwitchedOffEdit
from tinynet_gui.core.run.train import next_stop
from tinynet_gui.core.training.engines import EngineName
from tinynet_gui.engine.session import app_state
from tinynet_gui.engine.training.training_thread import TrainingThread
from tinynet_gui.qt import single_shot

M = TypeVar("M", bound=Callable[..., None])
T = TypeVar("T")


def command(method: M) -> M:
    """Make a method a command. Within another command it runs as a part of that; during an emission it is queued."""

    @wraps(method)
    def commanded(self: "Dispatcher", *args: Any, **kwargs: Any) -> None:
        if self._queue.is_applying:
            method(self, *args, **kwargs)
        else:
            self._execute(partial(method, self, *args, **kwargs))

    return cast(M, commanded)


def queued(method: M) -> M:
    """Make a method a command for callers below: it is queued even while another command is being applied."""

    @wraps(method)
    def queued(self: "Dispatcher", *args: Any, **kwargs: Any) -> None:
        self._execute(partial(method, self, *args, **kwargs))

    return cast(M, queued)


class _Queue:
    """The pending commands and the current activity; separate, as setting an attribute of a QObject is 20× slower."""

    def __init__(self) -> None:
        self.waiting: deque[Callable[[], None]] = deque()
        self.is_busy = False
        self.is_applying = False


class _Watch(QObject):
    """Compares a part of the state before and after each change."""

    def __init__(
        self, parent: QObject, selector: Callable[[app_state.AppState], Any], slot: Callable[[Any], object]
    ) -> None:
        super().__init__(parent)
        self._selector, self._slot = selector, slot

    @Slot(object, object)
    def follow(self, old: app_state.AppState, new: app_state.AppState) -> None:
        before, now = self._selector(old), self._selector(new)
        if now is not before and now != before:
            self._slot(now)


class Dispatcher(QObject):
    """Holds the state, which only a `command` changes, by replacing its value.

    A command that arrives while the change of another is being emitted is queued: nothing re-enters, and what a slot
    sees does not depend on the order of connections. `changed` has the old state and the new, once for each command
    that changed anything.
    """

    changed = Signal(object, object)

    def __init__(self, state: app_state.AppState, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._queue = _Queue()
        self._is_silent = False  # once set, changes are no longer emitted

    @property
    def state(self) -> app_state.AppState:
        return self._state

    @property
    def config(self) -> Config:
        return self._state.config

    @property
    def _must_wait(self) -> bool:
        """Whether a command comes from a slot of `changed`: it waits until all slots have received that change."""
        return self._queue.is_busy and not self._queue.is_applying

    def _execute(self, command: Callable[[], None]) -> None:
        """Apply a command as a whole and emit the change, after the pending commands."""
        queue = self._queue
        queue.waiting.append(command)
        if queue.is_busy:
            return
        queue.is_busy = True
        try:
            while queue.waiting:
                before, queue.is_applying = self._state, True
                try:
                    queue.waiting.popleft()()
                finally:
                    queue.is_applying = False
                    if self._state is not before and not self._is_silent:
                        self.changed.emit(before, self._state)
        finally:
            queue.is_busy = False

    def watch(self, parent: QObject, selector: Callable[[app_state.AppState], T], slot: Callable[[T], object]) -> None:
        """Call a slot with a part of the state: now, and after each change of that part while the parent exists."""
        self.changed.connect(_Watch(parent, selector, slot).follow)
        slot(selector(self._state))

    def _put(self, **changes: Any) -> None:
        self._state = replace(self._state, **changes)

    def _put_session(self, **changes: Any) -> None:
        session = self._state.session
        if any(getattr(session, name) != value for name, value in changes.items()):
            self._put(session=replace(session, **changes))

    def _put_status(self, **changes: Any) -> None:
        status = replace(self._state.status, **changes)
        if status != self._state.status:
            self._put(status=status)

    def _put_run(self, **changes: Any) -> None:
        self._put(session=self._state.session.with_run(replace(self._state.run, **changes)))


RESTART_DELAY_MS = 150  # a quick series of edits makes one new run


def when_exact(method: M) -> M:
    """Delay a method that changes a run in its past until the exact moment is there."""

    @wraps(method)
    def waiting(self: "CurrentRun", *args: Any, **kwargs: Any) -> None:
        if self._state.looks_back and self._state.past is None:
            self._waiting = (*self._waiting, partial(method, self, *args, **kwargs))
        else:
            method(self, *args, **kwargs)

    return cast(M, waiting)


class CurrentRun(Dispatcher):
    """Commands shared by the parts of the session's controller, on the current run and its training.

    The parts are mixins rather than members: views know one session, and else each command would be written twice.
    """

    def __init__(self, state: app_state.AppState, training: TrainingThread, parent: QObject | None = None) -> None:
        super().__init__(state, parent)
        self._training = training
        self._is_open = False
        self._waiting: tuple[Callable[[], None], ...] = ()  # for the exact moment
        self._restart = single_shot(self, RESTART_DELAY_MS, self._begin)

    # The current run

    @Slot()
    @command
    def _begin(self, stop_at: int | None = None) -> None:
        self._waiting = ()  # for a moment of another run
        self._put(snapshot=None, latest=None, past=None, playing=None)
        self._hand_to_worker(stop_at)

    def _flush_restart(self) -> None:
        if self._restart.isActive():
            self._begin()

    def _hand_to_worker(self, stop_at: int | None = None) -> None:
        """Hand the current run to the worker; a running training continues with it."""
        self._restart.stop()
        run = self._state.run
        every = run.config.training.stop_step
        stop_at = stop_at or app_state.default_stop(run)
        self._training.begin(run)
        if self._state.is_running:
            stop_at = stop_at if stop_at > run.step else stop_at + every
            self._put_status(stop_at=stop_at)
            self._training.start(stop_at, self._state.status.is_fast_forward)
        else:
            self._put_status(phase=app_state.phase_at_rest(self._state), stop_at=stop_at)

    def _remember(self, entry: Entry, gesture: Hashable | None = None) -> None:
        """Push an undo entry before a change; in the past, the change begins a branch."""
        if self._state.looks_back and not isinstance(entry, RunDeleted | SwitchedOffEdit | AllShown):
            self._branch(entry.label, gesture)
        else:
            self._put(session=self._state.session.with_entry(entry, gesture))

    def _branch(self, label: str, gesture: Hashable | None) -> None:
        """Branch at the current moment of the past; one undo reverts branch and change."""
        moment = self._state.past
        assert moment is not None
        session = self._state.session.with_branch(moment, label, gesture)
        snapshot = replace(moment.snapshot, run_id=session.run.id)
        self._put(session=session, snapshot=snapshot, latest=snapshot, past=None, playing=None)
        self._hand_to_worker()

    # Training

    def _prepare_to_train(self) -> bool:
        """Hand the current run to the worker, and return whether any engine can train it.

        If Auto may choose, the compiled loop takes the steps of a run begun before PyTorch is there.
        """
        self._flush_restart()
        if not app_state.can_train(self._state):
            self._put_status(phase="unusable")
            return False
        if app_state.starts_early(self._state):
            self._want_engine("Compiled")
        return True

    def _run_until(self, stop_at: int, is_fast_forward: bool = False) -> None:
        self._put_playing(None)
        if not self._prepare_to_train():
            return
        self._put_status(phase="running", stop_at=stop_at, is_fast_forward=is_fast_forward)
        self._training.start(stop_at, is_fast_forward)

    def _pause_training(self) -> None:
        self._training.pause()
        if self._state.is_running:
            self._put_status(phase="paused", steps_per_second=0.0)

    def _put_playing(self, playing: app_state.Playing | None) -> None:
        if playing != self._state.playing:
            self._put(playing=playing)

    def _next_stop(self) -> int:
        """Return the stop step or, beyond it, its next multiple."""
        return next_stop(self.config, self._state.run.step)

    def _engine_for_now(self) -> EngineName:
        goes_to_the_end = self._state.is_running and self._state.status.is_fast_forward
        return app_state.wanted_engine(self._state, to_the_end=goes_to_the_end)

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
