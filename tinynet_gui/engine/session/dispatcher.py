"""The one owner of the state: commands come in one at a time, and for each one change goes out."""

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
    """Make a method a command: called by another command it is a part of that, at once; else it waits its turn."""

    @wraps(method)
    def commanded(self: "Dispatcher", *args: Any, **kwargs: Any) -> None:
        if self._turns.is_applying:
            method(self, *args, **kwargs)
        else:
            self._do(partial(method, self, *args, **kwargs))

    return cast(M, commanded)


def heard(method: M) -> M:
    """Make a method the command of who works below: it waits its turn, even if it comes while another is applied."""

    @wraps(method)
    def queued(self: "Dispatcher", *args: Any, **kwargs: Any) -> None:
        self._do(partial(method, self, *args, **kwargs))

    return cast(M, queued)


class _Turns:
    """Which commands wait, and what is going on; aside, as to set an attribute of a QObject takes 20 times as long."""

    def __init__(self) -> None:
        self.waiting: deque[Callable[[], None]] = deque()
        self.is_busy = False
        self.is_applying = False


class Dispatcher(QObject):
    """Holds the state, which only a `command` changes, by putting another value in its place.

    A command that comes while the change of another is told waits its turn: nothing re-enters, and what a slot sees
    does not depend on the order in which slots were connected.

    Signals
    -------
    changed : AppState, AppState
        Once for each command that changed anything: what was, and what is.
    """

    changed = Signal(object, object)

    def __init__(self, state: AppState, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._turns = _Turns()
        self._is_silent = False

    @property
    def state(self) -> AppState:
        """All that the window shows."""
        return self._state

    @property
    def config(self) -> Config:
        """The current settings, as last set."""
        return self._state.config

    @property
    def is_silent(self) -> bool:
        """Whether nothing is told any more."""
        return self._is_silent

    def fall_silent(self) -> None:
        """Tell nothing any more."""
        self._is_silent = True

    @property
    def _must_wait(self) -> bool:
        """Whether the change of a command is being told."""
        return self._turns.is_busy and not self._turns.is_applying

    def _do(self, command: Callable[[], None]) -> None:
        """Apply a command whole and tell the change, once those that came before it are through."""
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
