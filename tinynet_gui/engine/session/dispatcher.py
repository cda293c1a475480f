"""The one owner of the state: commands come in one at a time, and for each one change goes out."""

from collections import deque
from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from tinynet_gui.core.config import Config
from tinynet_gui.core.run.history import Entry
from tinynet_gui.engine.session.app_state import AppState


class Dispatcher(QObject):
    """Holds the state, which only a command changes, by putting another value in its place.

    A command that comes while another is applied, or while its change is told, waits its turn: nothing re-enters,
    and what a slot sees does not depend on the order in which slots were connected.

    Signals
    -------
    changed : AppState, AppState
        Once for each command that changed anything: what was, and what is.
    """

    changed = Signal(object, object)

    def __init__(self, state: AppState, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._commands: deque[Callable[[], None]] = deque()
        self._is_busy = False
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

    def _do(self, command: Callable[[], None]) -> None:
        """Apply a command whole and tell the change, once those that came before it are through."""
        self._commands.append(command)
        if self._is_busy:
            return
        self._is_busy = True
        try:
            while self._commands:
                before = self._state
                try:
                    self._commands.popleft()()
                finally:
                    if self._state is not before and not self._is_silent:
                        self.changed.emit(before, self._state)
        finally:
            self._is_busy = False

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

    def _remember(self, entry: Entry, gesture: Hashable | None = None) -> None:
        self._put(session=self._state.session.with_entry(entry, gesture))
