"""The only owner of the state: commands come in one at a time, and each emits one change."""

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from functools import partial, wraps
from typing import Any, TypeVar, cast

from PySide6.QtCore import QObject, Signal

from tinynet_gui.core.config import Config
from tinynet_gui.engine.session.app_state import AppState

M = TypeVar("M", bound=Callable[..., None])


def command(method: M) -> M:
    """Make a method a command: within another command it runs at once as part of that; else it waits its turn."""

    @wraps(method)
    def commanded(self: "Dispatcher", *args: Any, **kwargs: Any) -> None:
        if self._turns.is_applying:
            method(self, *args, **kwargs)
        else:
            self._do(partial(method, self, *args, **kwargs))

    return cast(M, commanded)


def heard(method: M) -> M:
    """Make a method a command for callers below: it waits its turn, even while another command is being applied."""

    @wraps(method)
    def queued(self: "Dispatcher", *args: Any, **kwargs: Any) -> None:
        self._do(partial(method, self, *args, **kwargs))

    return cast(M, queued)


class _Turns:
    """The waiting commands and the current activity; separate, as setting an attribute of a QObject is 20× slower."""

    def __init__(self) -> None:
        self.waiting: deque[Callable[[], None]] = deque()
        self.is_busy = False
        self.is_applying = False


class Dispatcher(QObject):
    """Holds the state, which only a `command` changes, by replacing its value.

    A command that arrives while the change of another is being emitted waits its turn: nothing re-enters, and what a
    slot sees does not depend on the order of connections.

    Signals
    -------
    changed : AppState, AppState
        Once for each command that changed anything: the old state and the new.
    """

    changed = Signal(object, object)

    def __init__(self, state: AppState, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._turns = _Turns()
        self._is_silent = False  # once set, changes are no longer emitted

    @property
    def state(self) -> AppState:
        """The current state of the whole window."""
        return self._state

    @property
    def config(self) -> Config:
        """The current settings, as last set."""
        return self._state.config

    @property
    def _must_wait(self) -> bool:
        """Whether the change of a command is being emitted."""
        return self._turns.is_busy and not self._turns.is_applying

    def _do(self, command: Callable[[], None]) -> None:
        """Apply a command as a whole and emit the change, after the commands before it."""
        turns = self._turns
        turns.waiting.append(command)
        if turns.is_busy:
            return
        turns.is_busy = True
        try:
            while turns.waiting:
                before, turns.is_applying = self._state, True
                try:
                    turns.waiting.popleft()()
                finally:
                    turns.is_applying = False
                    if self._state is not before and not self._is_silent:
                        self.changed.emit(before, self._state)
        finally:
            turns.is_busy = False

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
